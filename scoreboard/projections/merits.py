"""How many of a field hold each merit, in order.

Only merits that somebody holds are kept, each once, in leaves of some hundreds; beside every leaf
stands how many it counts, and beside every span of leaves as well. How many are better than a merit
is then three short sums, whatever the range of merits: no more than their number decides what it
costs. A leaf that grows is cut in two; one that empties is taken out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import islice

from scoreboard.sports.sport import Merit

LEAF = 128  # merits of a new leaf; at twice as many it is cut
SPAN = 64  # leaves that are summed together


class MeritCounts:
    """How many hold each merit."""

    def __init__(self, counts: Mapping[Merit, int] | None = None) -> None:
        counts = counts or {}
        order = sorted(counts)
        starts = range(0, len(order), LEAF) or (0,)
        self._merits: list[list[Merit]] = [order[at : at + LEAF] for at in starts]
        self._counts = [[counts[merit] for merit in leaf] for leaf in self._merits]
        # From which merit on the next leaf has them.
        self._bounds: list[Merit] = [leaf[0] for leaf in self._merits[1:]]
        self._totals = [sum(leaf) for leaf in self._counts]
        self._sum_spans()

    def _sum_spans(self) -> None:
        totals = self._totals
        self._spans = [sum(totals[at : at + SPAN]) for at in range(0, len(totals), SPAN)]

    def add(self, merit: Merit) -> Merit:
        """One more holds the merit; gives the merit as the others have it, to share its memory."""
        at = bisect_right(self._bounds, merit)
        merits, counts = self._merits[at], self._counts[at]
        self._totals[at] += 1
        self._spans[at // SPAN] += 1
        place = bisect_left(merits, merit)
        if place < len(merits) and merits[place] == merit:
            counts[place] += 1
            return merits[place]
        merits.insert(place, merit)
        counts.insert(place, 1)
        if len(merits) == 2 * LEAF:
            self._cut(at)
        return merit

    def remove(self, merit: Merit) -> None:
        """One that held the merit does not any more."""
        at = bisect_right(self._bounds, merit)
        merits, counts = self._merits[at], self._counts[at]
        self._totals[at] -= 1
        self._spans[at // SPAN] -= 1
        place = bisect_left(merits, merit)
        if counts[place] > 1:
            counts[place] -= 1
            return
        del merits[place], counts[place]
        if not merits and self._bounds:
            self._take_out(at)

    def _cut(self, at: int) -> None:
        merits, counts = self._merits[at], self._counts[at]
        self._merits[at : at + 1] = merits[:LEAF], merits[LEAF:]
        self._counts[at : at + 1] = counts[:LEAF], counts[LEAF:]
        self._totals[at : at + 1] = sum(counts[:LEAF]), sum(counts[LEAF:])
        self._bounds.insert(at, merits[LEAF])
        self._sum_spans()

    def _take_out(self, at: int) -> None:
        # Its merits fall to the leaf before it, those of the first leaf to the one after.
        del self._merits[at], self._counts[at], self._totals[at], self._bounds[max(0, at - 1)]
        self._sum_spans()

    def better(self, merit: Merit) -> int:
        """How many hold a strictly better merit."""
        at = bisect_right(self._bounds, merit)
        span = at // SPAN
        place = bisect_left(self._merits[at], merit)
        return (
            sum(self._spans[:span])
            + sum(self._totals[span * SPAN : at])
            + sum(self._counts[at][:place])
        )

    def from_place(self, better: int) -> Iterator[tuple[Merit, int]]:
        """Merits from the one with the holder who stands after so many; with how many are better.

        Best first; not to be gone on with after a change.
        """
        span, before = _past(self._spans, 0, better)
        leaf, before = _past(self._totals, before, better, span * SPAN)
        if leaf == len(self._totals):
            return
        place, before = _past(self._counts[leaf], before, better)
        for at in range(leaf, len(self._merits)):
            for merit, count in islice(self._leaf(at), place, None):
                yield merit, before
                before += count
            place = 0

    def _leaf(self, at: int) -> Iterator[tuple[Merit, int]]:
        return zip(self._merits[at], self._counts[at], strict=True)


def _past(counts: list[int], before: int, better: int, start: int = 0) -> tuple[int, int]:
    """The first count, from a start, that reaches past so many; and the sum before it."""
    for at in range(start, len(counts)):
        if before + counts[at] > better:
            return at, before
        before += counts[at]
    return len(counts), before
