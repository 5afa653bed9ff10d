"""Entries of one competition in memory, read like a ledger: for whoever has no database."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Unpack

from scoreboard.facts.entry import GENESIS, Entry, Head
from scoreboard.ledger.wanted import Filters, Wanted

_position = attrgetter("position")


class HeldEntries:
    """Reads of entries that are given in order; see `LedgerReader`."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._all = entries
        self._by_contest: defaultdict[str | None, list[Entry]] = defaultdict(list)
        self._by_type: defaultdict[str, list[Entry]] = defaultdict(list)
        self._by_record: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._by_contest[entry.contest].append(entry)
            self._by_type[entry.type].append(entry)
            self._by_record[entry.record].append(entry)
        last = entries[-1] if entries else None
        self.head = Head(
            "", last.position if last else 0, last.hash if last else GENESIS, 0,
            last.received if last else 0,
        )  # fmt: skip

    @property
    def contests(self) -> list[str]:
        """The contests that anything was said of."""
        return [contest for contest in self._by_contest if contest is not None]

    async def refresh_head(self) -> Head:
        """The last entry: no more will come."""
        return self.head

    async def read(
        self,
        after: int,
        *,
        limit: int = 1000,
        upto: int | None = None,
        **filters: Unpack[Filters],
    ) -> list[Entry]:
        """Entries after a position, in order."""
        wanted = Wanted(**filters)
        found: list[Entry] = []
        own = self._all
        if wanted.contest is not None or wanted.outside or wanted.definitions:
            own = self._by_contest[wanted.contest]
        elif wanted.type_ is not None:
            own = self._by_type[wanted.type_]
        for entry in _between(own, after, upto):
            if wanted.takes(entry):
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    async def versions(
        self, competition: str, records: Collection[str], *, upto: int | None = None
    ) -> dict[str, list[Entry]]:
        """All versions of records, oldest first."""
        found = {
            record: [
                entry
                for entry in _between(self._by_record.get(record, []), 0, upto)
                if entry.competition == competition
            ]
            for record in records
        }
        return {record: versions for record, versions in found.items() if versions}

    async def entry(self, position: int) -> Entry | None:
        """One entry."""
        return next(_between(self._all, position - 1, position), None)

    async def position_at(self, us: int) -> int:
        """The last position received at or before an instant."""
        place = bisect_right(self._all, us, key=attrgetter("received"))
        return self._all[place - 1].position if place else 0

    async def last_position(self, competition: str, *, upto: int | None = None) -> int:
        """The position of the competition's newest entry."""
        own = [e.position for e in _between(self._all, 0, upto) if e.competition == competition]
        return own[-1] if own else 0

    async def moments(
        self, competition: str, *, upto: int | None = None, count: int
    ) -> list[tuple[int, int]]:
        """The first `count` positions, with when each was received."""
        own = [e for e in _between(self._all, 0, upto) if e.competition == competition]
        return [(entry.position, entry.received) for entry in own[:count]]


def _between(entries: Sequence[Entry], after: int, upto: int | None) -> Iterator[Entry]:
    for place in range(bisect_right(entries, after, key=_position), len(entries)):
        if upto is not None and entries[place].position > upto:
            return
        yield entries[place]
