"""Runs scripts on SQLite: the standard library's connection on one thread of its own.

The thread, not a pool of them, is what makes a commit cheap: work goes there by a queue and comes
back by `call_soon_threadsafe`. This is the one connection of its file that makes checkpoints.
"""

import asyncio
import contextlib
import json
import queue
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from scoreboard.database.engine import BUSY_TIMEOUT_MS, EMPTY_LOG, Durability, sqlite_pragmas
from scoreboard.database.faults import is_unavailable, unavailable
from scoreboard.database.script import (
    Advance,
    Done,
    Duplicate,
    Fetch,
    InsertAll,
    Operation,
    Script,
    T,
)
from scoreboard.database.sqlite_insert import insert_all

DUPLICATES = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
Work = tuple[Callable[[], Any], Done[Any], asyncio.AbstractEventLoop]


class SqliteRunner:
    """One thread, one connection; opened with the first script and again after a failure."""

    def __init__(self, path: Path, durability: Durability = "full") -> None:
        self._path = path
        self._durability: Durability = durability
        self._connection: sqlite3.Connection | None = None
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="ledger-writer", daemon=True)
        self._thread.start()

    async def run(self, script: Callable[[], Script[T]]) -> T:
        """Run one script; see `Runner.run`."""
        return await self._do(lambda: self._transact(script))

    def start(self, script: Callable[[], Script[T]], done: Done[T]) -> None:
        """Run one script, without a future; see `Runner.start`."""
        self._work.put((lambda: self._transact(script), done, asyncio.get_running_loop()))

    async def scrub(self) -> bool:
        """Empty the write-ahead log; see `Runner.scrub`."""
        return await self._do(self._truncate)

    async def _do(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._work.put((work, partial(_settle, done), loop))
        return await done

    async def close(self) -> None:
        """Finish what was handed over, then close the connection and end the thread."""
        self._work.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            call, done, loop = work
            try:
                result, error = call(), None
            except BaseException as raised:
                result, error = None, raised
            with contextlib.suppress(RuntimeError):  # the loop has gone: nobody waits any more
                loop.call_soon_threadsafe(done, result, error)
        self._drop()

    def _transact(self, script: Callable[[], Script[T]]) -> T:
        try:
            connection = self._connection or self._open()
            connection.execute("BEGIN IMMEDIATE")
            result = _drive(connection, script())
            connection.execute("COMMIT")
        except Exception as error:
            self._roll_back()
            if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in DUPLICATES:
                raise Duplicate(str(error)) from error
            if is_unavailable(error):
                self._drop()
                raise unavailable(error) from error
            raise
        return result

    def _truncate(self) -> bool:
        try:
            connection = self._connection or self._open()
            connection.execute("PRAGMA busy_timeout=0")  # events wait behind this
            [(busy, _pages, _moved)] = connection.execute(EMPTY_LOG).fetchall()
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            return bool(busy == 0)
        except sqlite3.Error:
            self._drop()
            return False

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None
        )
        try:
            for pragma in sqlite_pragmas(self._durability, checkpoints=True):
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()


def _settle(done: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


def _drive(connection: sqlite3.Connection, script: Script[T]) -> T:
    try:
        operation = next(script)
        while True:
            operation = script.send(_perform(connection, operation))
    except StopIteration as stop:
        result: T = stop.value
        return result


def _perform(connection: sqlite3.Connection, operation: Operation) -> Any:
    if isinstance(operation, InsertAll):
        insert_all(connection, operation.insert, operation.rows)
        return None
    if isinstance(operation, Advance):
        if connection.execute(operation.guard, operation.params).rowcount == 0:
            return False
        insert_all(connection, operation.insert, operation.rows)
        return True
    sql = operation.statement.sqlite
    if isinstance(operation, Fetch):
        return connection.execute(sql, operation.params).fetchall()
    return connection.execute(sql, (json.dumps(operation.keys),)).fetchall()
