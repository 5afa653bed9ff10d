"""What guesses are worth: results, locks and the scheme as of a position. Pure.

`Terms` are all that points depend on beside the guesses themselves. Between two terms, points move
by difference; the rule runs once for each distinct guess of a contest, however many made it.
"""

from collections.abc import Callable, Mapping
from operator import getitem, itemgetter

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.predictions.guesses import JOKER, score_of
from scoreboard.sports.predictions import Scheme, worth


class Outcome(Struct, frozen=True, array_like=True):
    """A final result, home and away, how many times the contest counts, and its last entry."""

    home: int
    away: int
    times: int
    position: int = 0

    def same(self, other: "Outcome | None") -> bool:
        """Whether guesses are worth the same by another."""
        return other is not None and (self.home, self.away, self.times) == (
            other.home,
            other.away,
            other.times,
        )


class Terms(Struct, frozen=True, kw_only=True):
    """What decides about points: final results and locks by slot, and the scheme.

    `locks`: the position from which on guesses of a contest are late. `jokers`: the allowance.
    """

    scheme: Scheme = Scheme()
    joker_factor: int = 2
    jokers: int = 0
    outcomes: dict[int, Outcome] = {}
    locks: dict[int, int] = {}

    def same_rule(self, other: "Terms") -> bool:
        """Whether a guess of the same result is worth the same."""
        return (self.scheme, self.joker_factor) == (other.scheme, other.joker_factor)


Rule = Callable[[Terms, int, int], int]
"""Points of a guess by terms: of a slot with an outcome, and the guess as a number."""


def points_of(terms: Terms, slot: int, guess: int) -> int:
    """The points of a guess."""
    outcome = terms.outcomes[slot]
    points = worth(terms.scheme, (outcome.home, outcome.away), score_of(guess)) * outcome.times
    return points * terms.joker_factor if guess & JOKER else points


def moved(before: Terms, after: Terms) -> list[int]:
    """The slots whose guesses may be worth something else."""
    if not before.same_rule(after):
        return sorted(before.outcomes.keys() | after.outcomes.keys())
    return [
        slot
        for slot in sorted(before.outcomes.keys() | after.outcomes.keys())
        if not same(before.outcomes.get(slot), after.outcomes.get(slot))
    ]


def same(one: Outcome | None, other: Outcome | None) -> bool:
    """Whether guesses are worth the same by two results, either of which may be missing."""
    return other is None if one is None else one.same(other)


def relocks(before: Terms, after: Terms, taken: int) -> bool:
    """Whether guesses up to a position may be in time by one terms and late by the other."""
    if before.jokers != after.jokers:
        return True
    return any(
        before.locks.get(slot) != after.locks.get(slot)
        and min(t.locks.get(slot, taken + 1) for t in (before, after)) <= taken
        for slot in before.locks.keys() | after.locks.keys()
    )


class Failed(Exception):
    """The rule failed on a contest; `slot` says on which."""

    def __init__(self, slot: int, why: str) -> None:
        super().__init__(why)
        self.slot = slot


class Worth(dict[int, int]):
    """Points by guess of one slot, each computed when it is first asked for."""

    def __init__(self, slot: int, terms: Terms, minus: Terms | None, rule: Rule) -> None:
        super().__init__({0: 0})
        self._slot = slot
        self._terms = terms
        self._minus = minus
        self._rule = rule

    def __missing__(self, guess: int) -> int:
        points = self._by(self._terms, guess)
        if self._minus is not None:
            points -= self._by(self._minus, guess)
        self[guess] = points
        return points

    def _by(self, terms: Terms, guess: int) -> int:
        if self._slot not in terms.outcomes:
            return 0
        try:
            return self._rule(terms, self._slot, guess)
        except MemoryError:
            raise
        except Exception as error:
            raise Failed(self._slot, f"{type(error).__name__}: {error}") from error


class Settlement:
    """Points by terms, or what they move from one terms to another."""

    def __init__(self, after: Terms, before: Terms | None, rule: Rule) -> None:
        slots = sorted(moved(before, after) if before is not None else after.outcomes)
        self.any = bool(slots)
        self._width = slots[-1] + 1 if slots else 0
        self._tables = [Worth(slot, after, before, rule) for slot in slots]
        self._pick = itemgetter(*slots, 0) if slots else tuple  # always a tuple: the last is unused

    def of(self, slots: tuple[int, ...]) -> int:
        """Points of a user with these guesses in force."""
        if not self.any:
            return 0
        if len(slots) < self._width:
            slots += (0,) * (self._width - len(slots))
        return sum(map(getitem, self._tables, self._pick(slots)))


def without(terms: Terms, slot: int, as_in: Terms | None) -> Terms:
    """The same terms, but one contest's outcome as it is in others (None: without one)."""
    outcomes: Mapping[int, Outcome] = as_in.outcomes if as_in is not None else {}
    others = {s: o for s, o in terms.outcomes.items() if s != slot}
    if slot in outcomes:
        others[slot] = outcomes[slot]
    return replace(terms, outcomes=others)
