"""Reads of the ledger: by keyset, never by offset."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

from sqlalchemy import FromClause, Select, column, func, not_, or_, select, values
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.faults import translated
from scoreboard.facts.entry import Entry, Head
from scoreboard.ledger.chain import entries_of
from scoreboard.ledger.schema import ABOUT_PROJECTIONS, IS_DEFINITION, tables
from scoreboard.ledger.signing import SignedHead
from scoreboard.ledger.wanted import Wanted
from scoreboard.telemetry import QUERY_SECONDS

RECORDS_A_QUERY_MAX = 1_000
Kind = Literal["access", "correction", "decision"]
"""What people do: keys and logins; a further version of a record; everything else."""


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
        wanted: Wanted,
        *,
        limit: int,
        upto: int | None,
    ) -> list[Entry]:
        """At most `limit` of the wanted entries after a position in order, none beyond `upto`."""
        named = wanted.columns
        about_projections = named.get("type", "").startswith("projection.")
        source = self._source(named)
        c = source.c
        query = select(source).where(c.position > after).order_by(c.position).limit(limit)
        if upto is not None:
            query = query.where(c.position <= upto)
        if wanted.definitions:
            query = query.where(IS_DEFINITION)
        if wanted.outside:
            query = query.where(c.contest.is_(None))
        if about_projections:
            query = query.where(ABOUT_PROJECTIONS)
        query = query.where(*(c[name] == value for name, value in named.items()))
        return entries_of(await self._fetch(query))

    async def looked_through(
        self,
        after: int,
        before: int,
        *,
        limit: int,
        looked_max: int,
        newest_first: bool,
        by_officials: bool = False,
        kind: Kind | None = None,
        **equal: str | None,
    ) -> tuple[list[Entry], int | None]:
        """At most `limit` entries between two positions, and from where to go on; None at the end.

        `by_officials`: what people and the program itself have said, not devices and users.
        Of what no index finds (`equal`, `by_officials`, `kind`) so many entries are looked through
        at once, so that what is rare costs many answers and no long one.
        """
        named = {name: value for name, value in equal.items() if value is not None}
        source = self._source(named)
        c = source.c
        span = select(source).where(c.position > after, c.position < before)
        competition = named.pop("competition", None)
        if competition is not None:
            span = span.where(c.competition == competition)
        filtered = bool(named) or by_officials or kind is not None
        looked = looked_max if filtered else limit
        span = span.order_by(c.position.desc() if newest_first else c.position).limit(looked)
        within = span.subquery()
        i = within.c
        query = select(within).order_by(i.position.desc() if newest_first else i.position)
        query = query.where(*(i[name] == value for name, value in named.items())).limit(limit)
        if by_officials:
            said = (i.actor.startswith(f"{who}:") for who in ("official", "admin", "system"))
            query = query.where(or_(*said))
        if kind is not None:
            access, correction = i.type.startswith("access."), i.action != "record"
            decision = not_(or_(access, correction))
            query = query.where(
                {"access": access, "correction": correction, "decision": decision}[kind]
            )
        entries = entries_of(await self._fetch(query))
        if len(entries) == limit:
            return entries, entries[-1].position
        if not filtered:
            return entries, None
        last = func.min(i.position) if newest_first else func.max(i.position)
        [(count, at)] = await self._fetch(select(func.count(), last).select_from(within))
        return entries, at if count == looked else None

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

    async def moments(
        self, competition: str, upto: int | None, count: int
    ) -> list[tuple[int, int]]:
        """Positions of a competition's entries and when these were received, in order.

        All of them, or, if there are more than `count` (2 or more), so many or fewer evenly by
        position, the first and the last among them. Each is one look into an index.
        """
        c = self._entries.c
        own = select(c.position, c.received).where(c.competition == competition)
        if upto is not None:
            own = own.where(c.position <= upto)
        rows = await self._fetch(own.order_by(c.position).limit(count + 1))
        if len(rows) <= count:
            return [(row[0], row[1]) for row in rows]
        first, last = rows[0][0], await self.last_position(competition, upto)
        even = [first + (last - first) * n // (count - 1) for n in range(count)]
        rows_asked = values(column("position", c.position.type)).data([(p,) for p in even])
        asked = rows_asked.cte("asked")  # SQLite names columns of VALUES there alone
        nearest = (
            select(func.max(c.position))
            .where(c.competition == competition, c.position <= asked.c.position)
            .scalar_subquery()
        )
        query = own.where(c.position.in_(select(nearest).select_from(asked)))
        return [(row[0], row[1]) for row in await self._fetch(query.order_by(c.position))]

    async def signed_heads(self, after: int, upto: int, limit: int) -> list[SignedHead]:
        """At most `limit` signed heads after a position, in order."""
        s = self._tables.signed_heads.c
        query = (
            select(s.position, s.hash, s.signed_us, s.public_key, s.signature)
            .where(s.position > after, s.position <= upto)
            .order_by(s.position)
            .limit(limit)
        )
        return [SignedHead(*row) for row in await self._fetch(query)]

    def _source(self, named: dict[str, str]) -> FromClause:
        """What to read from: a contest, which is taken out of what is named, or all entries."""
        if named.keys() >= {"competition", "contest"}:
            return self._tables.entries_of_contest(named.pop("competition"), named.pop("contest"))
        return self._entries

    async def _fetch(self, query: Select[Any]) -> Sequence[Any]:
        with self._seconds.time(), translated():
            async with self._engine.connect() as connection:
                rows: Sequence[Any] = (await connection.execute(query)).all()
                return rows
