"""Figures of one row, and which fact changed each of them by how much. Pure, for every sport.

Facts are folded one by one in the sport's order, and after each the row is looked at again: what
changed is that fact's doing. The changes of a number add up to it exactly, because each begins
where the one before ended. What no single fact of the row is told for stands as a remainder:

    START    what the row shows before anything was said
    OTHERS   facts about others, and contests in which the entrant has no part
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Contest
from scoreboard.sports.sport import Fact, Sport, States

Figures = Mapping[str, Any]
Look = Callable[[Mapping[str, States]], Figures]
START, OTHERS = "start", "others"


class Told(Struct, frozen=True):
    """A contest with its facts in force in the sport's order.

    `own`: the records that are told one by one; others are folded, and make a remainder.
    """

    contest: Contest
    id: str
    facts: Sequence[Fact]
    own: frozenset[str]


class Change(Struct, frozen=True):
    """One figure before and after a fact, or (`fact` None) after a remainder; None: not there."""

    figure: str
    before: Any
    after: Any
    contest: str
    fact: Fact | None = None
    remainder: str = ""

    @property
    def by(self) -> int | float | None:
        """The difference of two numbers, exact to their last decimal; None for other figures."""
        if not (is_number(self.before) and is_number(self.after)):
            return None
        exact = Decimal(str(self.after or 0)) - Decimal(str(self.before or 0))
        return int(exact) if exact == exact.to_integral_value() else float(exact)


def is_number(value: Any) -> bool:
    """Whether changes of a value can be added up; a figure that is not there counts as zero."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def attribute(
    sport: Sport[Any], others: Mapping[str, States], told: Sequence[Told], look: Look
) -> tuple[Figures, list[Change]]:
    """The row's figures, and every change that led to them, in order.

    `others`: the states of contests that are not told. Raises what the sport raises on a fact.
    """
    return _Telling(sport, told, look).tell(others)


def fold_into(states: dict[str, Any], sport: Sport[Any], contest: Contest, fact: Fact) -> None:
    """Put one more fact of a contest into its states."""
    key = sport.fold_key(fact)
    if key not in states:
        states[key] = sport.start(contest)
    sport.apply(states[key], fact)


class _Telling:
    def __init__(self, sport: Sport[Any], told: Sequence[Told], look: Look) -> None:
        self._sport = sport
        self._told = told
        self._look = look
        self._states: dict[str, dict[str, Any]] = {one.id: {} for one in told}
        self._shown: Figures = {}
        self._changes: list[Change] = []

    def tell(self, others: Mapping[str, States]) -> tuple[Figures, list[Change]]:
        self._note("", remainder=START)
        if others:
            self._states.update({id_: dict(states) for id_, states in others.items()})
            self._note("", remainder=OTHERS)
        for one in self._told:
            self._tell_contest(one)
        return self._shown, self._changes

    def _tell_contest(self, one: Told) -> None:
        waiting = False  # whether facts about others were folded since the last look
        for fact in one.facts:
            own = fact.record in one.own
            if own and waiting:
                self._note(one.id, remainder=OTHERS)
            fold_into(self._states[one.id], self._sport, one.contest, fact)
            if own:
                self._note(one.id, fact)
            waiting = not own
        if waiting:
            self._note(one.id, remainder=OTHERS)

    def _note(self, contest: str, fact: Fact | None = None, remainder: str = "") -> None:
        before, self._shown = self._shown, self._look(self._states)
        for figure in dict.fromkeys((*before, *self._shown)):
            old, new = before.get(figure), self._shown.get(figure)
            if old != new or type(old) is not type(new):
                self._changes.append(Change(figure, old, new, contest, fact, remainder))
