"""Runs scripts on Postgres: one asyncpg connection of its own, opened again after a failure."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import URL

from scoreboard.database.engine import COMMAND_TIMEOUT_S
from scoreboard.database.faults import is_unavailable, unavailable
from scoreboard.database.script import (
    Advance,
    Done,
    Duplicate,
    Fetch,
    InsertAll,
    Operation,
    Row,
    Script,
    T,
)

# A process that is frozen in the middle of a transaction must not hold the head's row for long.
IDLE_IN_TRANSACTION_MS = "2000"


async def connect(url: URL) -> Any:
    """A plain asyncpg connection with the settings that durability rests on."""
    import asyncpg  # SQLite's starts do not wait for it

    return await asyncpg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        timeout=COMMAND_TIMEOUT_S,
        command_timeout=COMMAND_TIMEOUT_S,
        server_settings={
            "synchronous_commit": "on",
            "application_name": "scoreboard-ledger",
            "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS,
        },
    )


class PostgresRunner:
    """One connection, one script at a time."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: Any = None
        self._task: asyncio.Task[None] | None = None  # the loop itself keeps none alive
        self._one = asyncio.Lock()

    async def run(self, script: Callable[[], Script[T]]) -> T:
        """Run one script; see `Runner.run`."""
        from asyncpg import UniqueViolationError

        async with self._one:
            try:
                return await self._transact(script)
            except UniqueViolationError as error:
                raise Duplicate(str(error)) from error
            except asyncio.CancelledError:
                self._drop()
                raise
            except Exception as error:
                if not is_unavailable(error):
                    raise
                # Whether a commit that was cut off happened is found out by reading the head.
                self._drop()
                raise unavailable(error) from error

    def start(self, script: Callable[[], Script[T]], done: Done[T]) -> None:
        """Run one script in a task of its own; see `Runner.start`."""

        async def run() -> None:
            try:
                result = await self.run(script)
            except BaseException as error:
                done(None, error)
                if not isinstance(error, Exception):
                    raise
            else:
                done(result, None)

        self._task = asyncio.get_running_loop().create_task(run(), name="ledger-commit")

    async def scrub(self) -> bool:
        """Nothing is done: see `Runner.scrub`; autovacuum overwrites what no transaction sees."""
        return True

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close(timeout=COMMAND_TIMEOUT_S)

    async def _transact(self, script: Callable[[], Script[T]]) -> T:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url)
        started = script()
        first = next(started)
        if isinstance(first, Advance):
            return await _drive(self._connection, started, first)
        async with self._connection.transaction():
            return await _drive(self._connection, started, first)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


async def _drive(connection: Any, script: Script[T], operation: Operation) -> T:
    try:
        while True:
            operation = script.send(await _perform(connection, operation))
    except StopIteration as stop:
        result: T = stop.value
        return result


async def _perform(connection: Any, operation: Operation) -> Any:
    if isinstance(operation, InsertAll):
        return await connection.fetch(operation.insert.postgres, *columns(operation.rows))
    if isinstance(operation, Advance):
        sql = operation.insert.postgres
        return bool(await connection.fetch(sql, *operation.params, *columns(operation.rows)))
    sql = operation.statement.postgres
    if isinstance(operation, Fetch):
        return await connection.fetch(sql, *operation.params)
    return await connection.fetch(sql, *columns(operation.keys))


def columns(rows: Sequence[Row]) -> list[list[Any]]:
    """Rows as one array for each column."""
    return [list(column) for column in zip(*rows, strict=True)]
