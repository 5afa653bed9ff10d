"""The order of a large field, kept as it changes.

Entrants are ordered by merit (smaller is better), equals by id. A shared rank depends only on how
many have a strictly better merit: 1, 2, 2, 4. Changing one entrant costs O(log n); when much of the
field changed at once, sorting it anew is cheaper.
"""

from collections.abc import Iterable, Iterator, Mapping

from sortedcontainers import SortedList

Merit = tuple[float, ...]
REBUILD_SHARE = 16  # above a sixteenth of the field, sorting it anew beats single changes


class Ranking:
    """Entrants in order of merit."""

    def __init__(self) -> None:
        self._merits: dict[str, Merit] = {}
        self._order: SortedList = SortedList()

    def __len__(self) -> int:
        return len(self._merits)

    def __contains__(self, entrant: str) -> bool:
        return entrant in self._merits

    def update(self, changes: Mapping[str, Merit | None]) -> None:
        """Give entrants new merits; None takes an entrant out."""
        changed = {e: m for e, m in changes.items() if self._merits.get(e) != m}
        if len(changed) * REBUILD_SHARE > len(self._merits):
            self._replace_all(changed)
            return
        for entrant, merit in changed.items():
            before = self._merits.pop(entrant, None)
            if before is not None:
                self._order.remove((before, entrant))
            if merit is not None:
                self._merits[entrant] = merit
                self._order.add((merit, entrant))

    def _replace_all(self, changed: Mapping[str, Merit | None]) -> None:
        for entrant, merit in changed.items():
            if merit is None:
                self._merits.pop(entrant, None)
            else:
                self._merits[entrant] = merit
        self._order = SortedList((merit, entrant) for entrant, merit in self._merits.items())

    def rank(self, entrant: str) -> int:
        """1 + how many have a strictly better merit; KeyError for one who is not ranked."""
        return int(self._order.bisect_left((self._merits[entrant],))) + 1

    def top(self, count: int) -> Iterator[tuple[str, int]]:
        """The first `count` entrants, best first, with their ranks."""
        return self._ranked(0, count)

    def around(self, entrant: str, each_side: int) -> Iterator[tuple[str, int]]:
        """An entrant with its neighbours; nothing if it is not ranked."""
        merit = self._merits.get(entrant)
        if merit is None:
            return iter(())
        place = int(self._order.bisect_left((merit, entrant)))
        first = max(0, place - each_side)
        return self._ranked(first, place + each_side + 1)

    def among(self, entrants: Iterable[str]) -> list[tuple[str, int]]:
        """Only these entrants, ranked among themselves."""
        order = sorted((self._merits[e], e) for e in entrants if e in self._merits)
        ranked: list[tuple[str, int]] = []
        for place, (merit, entrant) in enumerate(order, 1):
            shared = place > 1 and order[place - 2][0] == merit
            ranked.append((entrant, ranked[-1][1] if shared else place))
        return ranked

    def _ranked(self, first: int, stop: int) -> Iterator[tuple[str, int]]:
        before: Merit | None = None
        rank = 0
        for place, (merit, entrant) in enumerate(self._order.islice(first, stop), first + 1):
            if before is None:
                rank = self.rank(entrant)
            elif merit != before:
                rank = place
            before = merit
            yield entrant, rank
