"""The writer's lock: of all processes only one appends to a ledger, or only those of one kind.

SQLite: a small file of its own with an exclusive transaction held open; the operating system lets
it go when the process dies. Postgres: an advisory lock of a session that does nothing else. A
session that is cut off loses its lock; the ledger's epoch, checked in every append, decides then.
"""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.engine import URL

from scoreboard.database.engine import COMMAND_TIMEOUT_S
from scoreboard.database.faults import translated
from scoreboard.database.postgres_runner import connect

ADVISORY_KEY = 0x5C04EB0A4D  # any number that no other program on this database uses
MIGRATION_KEY = ADVISORY_KEY + 1
WORKER_KEY = ADVISORY_KEY + 2


class WriterLock(Protocol):
    """Held from start to stop."""

    @property
    def held(self) -> bool:
        """Whether it is ours as far as we know."""
        ...

    async def take(self) -> bool:
        """Take it now, or False if another process has it. Raises Unavailable."""
        ...

    async def release(self) -> None:
        """Let it go."""
        ...


class FileLock:
    """An SQLite file in an exclusive transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._connection is not None

    async def take(self) -> bool:
        """Take it without waiting."""
        if self._connection is not None:
            return True
        with translated():
            connection = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            with translated():
                raise
        self._connection = connection
        return True

    async def release(self) -> None:
        """Let it go; the file stays, empty."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class SessionLock:
    """A Postgres advisory lock on a connection of its own.

    `shared`: held by many at once, and never while one holds it alone.
    """

    def __init__(self, url: URL, key: int = ADVISORY_KEY, *, shared: bool = False) -> None:
        self._url = url
        self._key = key
        self._take = f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}($1)"
        self._connection: Any = None

    @property
    def held(self) -> bool:
        """Whether the session that took it is still connected."""
        return self._connection is not None and not self._connection.is_closed()

    async def take(self) -> bool:
        """Take it without waiting."""
        if self.held:
            return True
        with translated():
            connection = await connect(self._url)
            taken = False
            try:
                taken = await connection.fetchval(self._take, self._key)
            finally:
                if not taken:
                    connection.terminate()
        if taken:
            self._connection = connection
        return bool(taken)

    async def release(self) -> None:
        """End the session, and with it the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):  # already cut off: the lock is gone as well
                await connection.close(timeout=COMMAND_TIMEOUT_S)
