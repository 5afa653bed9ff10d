"""The ledger for readers in another process: it is never opened for writing, nor locked.

A reader may start before the ledger does, or find it cut off: it hears Unavailable and asks again.
"""

from collections.abc import Collection
from typing import Unpack

from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import make_engine
from scoreboard.facts.entry import Entry, Head
from scoreboard.ledger.reader import Reader
from scoreboard.ledger.wanted import Filters, Wanted
from scoreboard.settings import Settings

CONNECTIONS = 1


class LedgerView:
    """Reads of a ledger that another process writes; see `LedgerReader`."""

    def __init__(self, engine: AsyncEngine, reader: Reader) -> None:
        self._engine = engine
        self._reader = reader
        self._head = Head("", 0, b"", 0, 0)

    @classmethod
    def of(cls, settings: Settings) -> "LedgerView":
        """The ledger of these settings, over a connection of its own."""
        engine = make_engine(settings.ledger_url, pool_size=CONNECTIONS, read_only=True)
        return cls(engine, Reader(engine))

    @property
    def head(self) -> Head:
        """The head as it was read last."""
        return self._head

    async def refresh_head(self) -> Head:
        """Read the committed head."""
        self._head = await self._reader.head()
        return self._head

    async def read(
        self,
        after: int,
        *,
        limit: int = 1000,
        upto: int | None = None,
        **filters: Unpack[Filters],
    ) -> list[Entry]:
        """Entries after a position, in order."""
        return await self._reader.page(after, Wanted(**filters), limit=limit, upto=upto)

    async def versions(
        self, competition: str, records: Collection[str], *, upto: int | None = None
    ) -> dict[str, list[Entry]]:
        """All versions of records, oldest first."""
        return await self._reader.versions(competition, records, upto)

    async def entry(self, position: int) -> Entry | None:
        """One entry."""
        found = await self.read(position - 1, limit=1, upto=position)
        return found[0] if found else None

    async def position_at(self, us: int) -> int:
        """The last position received at or before an instant."""
        return await self._reader.position_at(us, self.head.position)

    async def last_position(self, competition: str, *, upto: int | None = None) -> int:
        """The position of a competition's newest entry."""
        return await self._reader.last_position(competition, upto)

    async def moments(
        self, competition: str, *, upto: int | None = None, count: int
    ) -> list[tuple[int, int]]:
        """At most `count` positions of a competition's entries, evenly, with when received."""
        return await self._reader.moments(competition, upto, count)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._engine.dispose()
