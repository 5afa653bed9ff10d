"""Opening a ledger's store: folder, writer's lock, schema, epoch or lease, in this order.

One that writes alone raises the epoch, which fences whoever wrote before. One of many processes
takes a lease that says that it is there, and leaves the epoch to the one that makes the boards.
"""

import asyncio
from pathlib import Path
from uuid import uuid4

from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import make_engine, parse_url
from scoreboard.database.leases import Lease
from scoreboard.database.lock import FileLock, SessionLock, WriterLock
from scoreboard.database.migrate import upgrade
from scoreboard.database.postgres_runner import PostgresRunner
from scoreboard.database.script import Runner
from scoreboard.database.sqlite_runner import SqliteRunner
from scoreboard.errors import CannotStart, Unavailable
from scoreboard.facts.entry import Head
from scoreboard.ledger.append import Fence, begin, take_over
from scoreboard.settings import Settings


class Store(Struct, frozen=True):
    """An open store: the pool for readers and registers, and the writer's own connection."""

    engine: AsyncEngine
    runner: Runner
    lock: WriterLock
    head: Head
    presence: Lease | None = None

    @property
    def fence(self) -> Fence:
        """What stops this writer once it was replaced."""
        if self.presence is None:
            return Fence(self.head.epoch)
        return Fence(self.head.epoch, (self.presence.name, self.presence.token or 0))

    async def close(self) -> None:
        """Let all connections go, the lock last."""
        await self.runner.close()
        await self.engine.dispose()
        if self.presence is not None:
            await self.presence.release()
        await self.lock.release()


async def open_store(settings: Settings) -> Store:
    """Make what is missing and take the ledger over.

    Raises CannotStart if the folder or the database cannot be used, or another server has it.
    """
    lock, runner = _connections(settings)
    presence = _presence(settings)
    engine = make_engine(settings.ledger_url, pool_size=settings.database_connections)
    try:
        if not await lock.take():
            raise CannotStart(
                "another server is writing this ledger",
                hint="stop it first, or give this one a data folder or database of its own",
            )
        await upgrade(engine)
        if presence is None:
            head = await runner.run(lambda: take_over(str(uuid4())))
        else:
            await presence.take()
            head = await runner.run(lambda: begin(str(uuid4())))
        await runner.scrub()  # a crash may have come between an erasure and this
    except BaseException as error:
        await asyncio.shield(Store(engine, runner, lock, _NOBODY, presence).close())
        if isinstance(error, (Unavailable, SQLAlchemyError, OSError)):
            raise CannotStart(
                f"cannot open the ledger's store: {error.__cause__ or error}",
                hint="check the setting `database`, or that the folder `data` can be written",
            ) from error
        raise
    return Store(engine, runner, lock, head, presence)


_NOBODY = Head("", 0, b"", 0, 0)


def _presence(settings: Settings) -> Lease | None:
    """The lease by which this process counts as there, among many."""
    if not settings.shared:
        return None
    name = f"process/{uuid4()}"
    return Lease(parse_url(settings.ledger_url), name, unique=True)


def _connections(settings: Settings) -> tuple[WriterLock, Runner]:
    folder = Path(settings.data)
    try:
        url = parse_url(settings.ledger_url)
        folder.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        raise CannotStart(f"cannot open the ledger's store: {error}") from error
    if url.get_backend_name() == "postgresql":
        return SessionLock(url, shared=settings.shared), PostgresRunner(url)
    if settings.shared:
        raise CannotStart(
            "many processes need Postgres: on SQLite one process does all",
            hint="set `database` to a Postgres URL, or run one process",
        )
    return FileLock(folder / "ledger.lock"), SqliteRunner(Path(url.database or ""))
