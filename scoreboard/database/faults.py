"""Which of the drivers' errors mean "not now", so that callers hear Unavailable and try again."""

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import cache

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scoreboard.errors import Unavailable

RETRY_AFTER_S = 1.0
SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
    }
)


@cache
def _postgres_errors() -> tuple[type[BaseException], ...]:
    """Those of asyncpg, which is imported where something failed, not at every start."""
    import asyncpg

    return (
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.ReadOnlySQLTransactionError,
        asyncpg.TransactionRollbackError,
        asyncpg.LockNotAvailableError,
        asyncpg.InterfaceError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InternalClientError,
        asyncpg.exceptions.PostgresIOError,
    )


def is_unavailable(error: BaseException) -> bool:
    """Whether the store may take the same work later: full, locked, cut off, read-only."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        cause = error.orig.__cause__ or error.orig if error.orig is not None else None
        return cause is not None and is_unavailable(cause)
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return code is not None and (code & 0xFF) in SQLITE_CODES
    return isinstance(error, (OSError, TimeoutError, *_postgres_errors()))


def unavailable(error: BaseException) -> Unavailable:
    """What the caller hears; the driver's words are for the operator's log alone."""
    return Unavailable(
        "the store cannot be reached or written now",
        hint="nothing was half done: send the same again after a while",
        retry_after_s=RETRY_AFTER_S,
    )


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise Unavailable for errors of the drivers that mean "not now"."""
    try:
        yield
    except Exception as error:
        if is_unavailable(error):
            raise unavailable(error) from error
        raise
