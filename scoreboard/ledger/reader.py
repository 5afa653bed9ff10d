"""Reads of the ledger: by keyset, never by offset."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.faults import translated
from scoreboard.facts.entry import Entry, Head
from scoreboard.ledger.chain import entries_of
from scoreboard.ledger.schema import ABOUT_PROJECTIONS, IS_DEFINITION, tables
from scoreboard.telemetry import QUERY_SECONDS

RECORDS_A_QUERY_MAX = 1_000


class Reader:
    """Reads over the engine's pool; raises Unavailable if the database cannot be reached."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._tables = tables(engine.dialect.name)
        self._entries = self._tables.entries
        self._seconds = QUERY_SECONDS.labels("ledger")

    async def head(self) -> Head:
        """The committed head."""
        h = self._tables.head.c
        rows = await self._fetch(select(h.ledger, h.position, h.hash, h.epoch, h.received))
        return Head(*rows[0])

    async def page(
        self,
        after: int,
        *,
        limit: int,
        upto: int | None = None,
        definitions: bool = False,
        outside: bool = False,
        **equal: str | None,
    ) -> list[Entry]:
        """At most `limit` entries after a position in order; `equal` filters by columns."""
        c = self._entries.c
        query = select(self._entries).where(c.position > after).order_by(c.position).limit(limit)
        if upto is not None:
            query = query.where(c.position <= upto)
        if definitions:
            query = query.where(IS_DEFINITION)
        if outside:
            query = query.where(c.contest.is_(None))
        if (equal.get("type") or "").startswith("projection."):
            query = query.where(ABOUT_PROJECTIONS)
        for name, value in equal.items():
            if value is not None:
                query = query.where(c[name] == value)
        return entries_of(await self._fetch(query))

    async def versions(
        self, competition: str, records: Collection[str], upto: int | None
    ) -> dict[str, list[Entry]]:
        """All versions of each record, in order; records that do not exist are left out."""
        c = self._entries.c
        found: dict[str, list[Entry]] = {}
        wanted = list(dict.fromkeys(records))
        for start in range(0, len(wanted), RECORDS_A_QUERY_MAX):
            some = wanted[start : start + RECORDS_A_QUERY_MAX]
            query = (
                select(self._entries)
                .where(c.competition == competition, c.record.in_(some))
                .order_by(c.record, c.version)
            )
            # A bound on the position here would make SQLite walk the whole competition up to it.
            for entry in entries_of(await self._fetch(query)):
                if upto is None or entry.position <= upto:
                    found.setdefault(entry.record, []).append(entry)
        return found

    async def last_position(self, competition: str, upto: int | None) -> int:
        """The position of a competition's newest entry, none beyond `upto`; 0 if it has none."""
        c = self._entries.c
        query = select(c.position).where(c.competition == competition)
        if upto is not None:
            query = query.where(c.position <= upto)
        rows = await self._fetch(query.order_by(c.position.desc()).limit(1))
        return int(rows[0][0]) if rows else 0

    async def position_at(self, us: int, last: int) -> int:
        """The last position received at or before an instant, by bisection; 0 if none."""
        c = self._entries.c
        low, high = 0, last
        while low < high:
            middle = (low + high + 1) // 2
            rows = await self._fetch(select(c.received).where(c.position == middle))
            if rows and rows[0][0] <= us:
                low = middle
            else:
                high = middle - 1
        return low

    async def _fetch(self, query: Select[Any]) -> Sequence[Any]:
        with self._seconds.time(), translated():
            async with self._engine.connect() as connection:
                rows: Sequence[Any] = (await connection.execute(query)).all()
                return rows
