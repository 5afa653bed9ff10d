"""What readers may ask of the ledger; they never see what writes it."""

from collections.abc import Collection
from typing import Protocol, Unpack

from scoreboard.facts.entry import Entry, Head
from scoreboard.ledger.wanted import Filters


class LedgerReader(Protocol):
    """The reading half of `Ledger`; see there for what each answers and raises."""

    @property
    def head(self) -> Head:
        """The last known committed head."""

    async def refresh_head(self) -> Head:
        """The head, read from the database."""

    async def read(
        self,
        after: int,
        *,
        limit: int = 1000,
        upto: int | None = None,
        **filters: Unpack[Filters],
    ) -> list[Entry]:
        """Entries after a position, in order."""

    async def versions(
        self, competition: str, records: Collection[str], *, upto: int | None = None
    ) -> dict[str, list[Entry]]:
        """All versions of records, oldest first."""

    async def entry(self, position: int) -> Entry | None:
        """One entry."""

    async def position_at(self, us: int) -> int:
        """The last position received at or before an instant."""

    async def last_position(self, competition: str, *, upto: int | None = None) -> int:
        """The position of a competition's newest entry."""

    async def moments(
        self, competition: str, *, upto: int | None = None, count: int
    ) -> list[tuple[int, int]]:
        """At most `count` positions of a competition's entries, evenly, with when received."""
