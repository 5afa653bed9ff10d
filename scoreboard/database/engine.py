"""Engines for both databases, with every setting that durability rests on."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Durability = Literal["full", "rebuildable"]
BUSY_TIMEOUT_MS = 5_000
COMMAND_TIMEOUT_S = 10.0
REBUILDABLE_IDLE_MS = "2000"


def parse_url(text: str) -> URL:
    """A database URL with its asynchronous driver: `sqlite:///file` or `postgresql://...`."""
    url = make_url(text)
    match url.get_backend_name():
        case "sqlite":
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql":
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"{other} is not supported: use sqlite:/// or postgresql://")


def make_engine(
    url: str | URL,
    *,
    durability: Durability = "full",
    pool_size: int = 4,
    checkpoints: bool = False,
    read_only: bool = False,
    idle_ms: int = 0,
) -> AsyncEngine:
    """An engine whose pool never grows beyond `pool_size` connections.

    `checkpoints`: it makes SQLite's checkpoints, as one connection of every file must.
    `read_only`: the database refuses what it would write. `idle_ms`: Postgres ends a transaction in
    which nothing was asked for so long, such as that of a process that is frozen; 0: never.
    """
    assert pool_size == 1 or not checkpoints
    parsed = parse_url(url) if isinstance(url, str) else url
    if parsed.get_backend_name() == "sqlite":
        pragmas = sqlite_pragmas(durability, checkpoints=checkpoints)
        pragmas += ("PRAGMA query_only=ON",) if read_only else ()
        return _sqlite(parsed, pragmas, pool_size)
    only = {"default_transaction_read_only": "on"} if read_only else {}
    return create_async_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=COMMAND_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={
            "command_timeout": COMMAND_TIMEOUT_S,
            "timeout": COMMAND_TIMEOUT_S,
            "server_settings": {
                "synchronous_commit": "on",
                "application_name": "scoreboard",
                "idle_in_transaction_session_timeout": str(idle_ms),
                **only,
            },
        },
    )


def _sqlite(url: URL, pragmas: Sequence[str], pool_size: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, DDL included
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def sqlite_pragmas(durability: Durability, *, checkpoints: bool = False) -> tuple[str, ...]:
    """The settings of one SQLite connection; `checkpoints` for the one that may checkpoint."""
    # What is erased leaves the file too, by the connection that erases: the one with checkpoints.
    secure = "ON" if checkpoints else "FAST"
    return (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={'FULL' if durability == 'full' else 'NORMAL'}",
        f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
        f"PRAGMA wal_autocheckpoint={1000 if checkpoints else 0}",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA secure_delete={secure}",
        "PRAGMA temp_store=MEMORY",
    )


EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
"""Moves all of SQLite's write-ahead log to its file and cuts it off; answers first if it could not,
because a reader still needs the log."""


async def scrub(engine: AsyncEngine) -> bool:
    """Leave nothing in SQLite's log of what was erased; False if a reader still needs it.

    For the engine whose connection makes the checkpoints. Postgres forgets what no transaction
    sees by itself (VACUUM), sooner or later.
    """
    if engine.dialect.name != "sqlite":
        return True
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        async with raw.driver_connection.execute(EMPTY_LOG) as cursor:
            busy, _pages, _moved = await cursor.fetchone()
        return bool(busy == 0)


WRITE = {"begin": "BEGIN IMMEDIATE"}
"""Execution options of a connection that will write: SQLite's lock is taken at once."""
