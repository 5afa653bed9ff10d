"""The order of a large field, kept as it changes.

Entrants are ordered by merit (smaller is better), equals by id. A shared rank depends only on how
many have a strictly better merit: 1, 2, 2, 4. So merits are counted, and who holds one is kept
beside it without order until somebody looks: at the first few, or around an entrant. The first few
are kept as they were seen until one of them, or one who comes among them, changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sortedcontainers import SortedList

from scoreboard.projections.merits import MeritCounts
from scoreboard.sports.sport import Merit

RECOUNT_SHARE = 4  # above a quarter of all merits, counting anew beats single changes
UNSORTED_MAX = 256  # equals beyond these are kept sorted once they were looked at

Holders = Any  # an entrant, a set of them, or a SortedList


class Ranking:
    """Entrants in order of merit."""

    def __init__(self) -> None:
        self._merits: dict[str, Merit] = {}
        self._holders: dict[Merit, Holders] = {}
        self._counts = MeritCounts()
        self._first: list[tuple[str, int]] = []  # as they were seen last
        self._last_of_first: Any = None  # none of those who are worse is among them

    def __len__(self) -> int:
        return len(self._merits)

    def __contains__(self, entrant: str) -> bool:
        return entrant in self._merits

    def update(self, changes: Mapping[str, Merit | None]) -> None:
        """Give entrants new merits; None takes an entrant out."""
        if len(changes) * RECOUNT_SHARE > len(self._holders):
            self._update_many(changes)
            return
        merits, counts = self._merits, self._counts
        for entrant, merit in changes.items():
            before = merits.get(entrant)
            if before == merit:
                continue
            if before is not None:
                counts.remove(before)
                self._let_go(before, entrant)
            if merit is None:
                del merits[entrant]
            else:
                merits[entrant] = counts.add(merit)
                self._hold(merit, entrant)
            if self._first:
                last = self._last_of_first
                if (before is not None and before <= last) or (merit is not None and merit <= last):
                    self._first = []

    def _update_many(self, changes: Mapping[str, Merit | None]) -> None:
        merits = self._merits
        known = {merit: merit for merit in self._holders}  # so that equals share its memory
        for entrant, merit in changes.items():
            before = merits.pop(entrant, None)
            if before is not None:
                self._let_go(before, entrant)
            if merit is not None:
                merits[entrant] = known.setdefault(merit, merit)
                self._hold(merit, entrant)
        self._counts = MeritCounts(
            {merit: 1 if type(held) is str else len(held) for merit, held in self._holders.items()}
        )
        self._first = []

    def _hold(self, merit: Merit, entrant: str) -> None:
        held = self._holders.get(merit)
        if held is None:
            self._holders[merit] = entrant
        elif isinstance(held, str):
            self._holders[merit] = {held, entrant}
        else:
            held.add(entrant)

    def _let_go(self, merit: Merit, entrant: str) -> None:
        held = self._holders[merit]
        if isinstance(held, str) or len(held) == 1:
            del self._holders[merit]
        else:
            held.remove(entrant)

    def rank(self, entrant: str) -> int:
        """1 + how many have a strictly better merit; KeyError for one who is not ranked."""
        return self._counts.better(self._merits[entrant]) + 1

    def top(self, count: int) -> Iterator[tuple[str, int]]:
        """The first `count` entrants, best first, with their ranks."""
        if len(self._first) < min(count, len(self._merits)):
            self._first = list(self._ranked(0, count))
            self._last_of_first = self._merits[self._first[-1][0]] if self._first else None
        return iter(self._first[:count])

    def around(self, entrant: str, each_side: int) -> Iterator[tuple[str, int]]:
        """An entrant with its neighbours; nothing if it is not ranked."""
        merit = self._merits.get(entrant)
        if merit is None:
            return iter(())
        place = self._counts.better(merit) + self._equals(merit).index(entrant)
        return self._ranked(max(0, place - each_side), place + each_side + 1)

    def among(self, entrants: Iterable[str]) -> list[tuple[str, int]]:
        """Only these entrants, ranked among themselves."""
        order = sorted((self._merits[e], e) for e in entrants if e in self._merits)
        ranked: list[tuple[str, int]] = []
        for place, (merit, entrant) in enumerate(order, 1):
            shared = place > 1 and order[place - 2][0] == merit
            ranked.append((entrant, ranked[-1][1] if shared else place))
        return ranked

    def _ranked(self, first: int, stop: int) -> Iterator[tuple[str, int]]:
        for merit, better in self._counts.from_place(first):
            if better >= stop:
                return
            equals = self._equals(merit)
            for entrant in equals[max(0, first - better) : stop - better]:
                yield entrant, better + 1

    def _equals(self, merit: Merit) -> Sequence[str]:
        """Who holds a merit, by id."""
        held = self._holders[merit]
        if isinstance(held, str):
            return [held]
        if isinstance(held, set) and len(held) <= UNSORTED_MAX:
            return sorted(held)
        kept: Sequence[str] = held if isinstance(held, SortedList) else SortedList(held)
        self._holders[merit] = kept
        return kept
