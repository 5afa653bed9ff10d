"""What is joined among itself in a contest, such as all that was said of one entrant."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from sortedcontainers import SortedKeyList

from scoreboard.facts.document import Content
from scoreboard.sports.joining import Join, Part, Side, Waiting, repeated
from scoreboard.sports.sport import Fact, Sport, States

FACTS_MAX = 1_000  # of one scope, in the sport's order; further ones are only counted


class Lone(Struct, frozen=True):
    """What waits, on its side and in its place in time."""

    side: Side
    at: int | None
    waiting: Waiting


class Together(Struct, frozen=True):
    """What a combined record is made of: the facts, why they are together, what repeats them."""

    at: int | None
    observed: Fact
    decided: tuple[Fact, ...]
    why: dict[str, Content]
    repeats: Sequence[str]


class Scope:
    """Facts in the sport's order; what they are as parts to be joined; what is shown of them.

    `parts` by record, as of the last survey. `repeats`: of observations that repeat another, which.
    `repeated`: the other way round. `shown`: what comes of records that have a place somewhere.
    `moved`: since the last survey facts came or went, or were ruled on.
    """

    def __init__(self, sport: Sport[Any]) -> None:
        self.facts: dict[str, Fact] = {}
        self.parts: dict[str, Part] = {}
        self.repeats: Mapping[str, str] = {}
        self.repeated: dict[str, list[str]] = {}
        self.shown: dict[str, Together | Lone] = {}
        self._sport = sport
        self._order: SortedKeyList = SortedKeyList(key=sport.sort_key)
        self.moved = False

    def add(self, fact: Fact) -> None:
        """Take a fact that is not there."""
        self.facts[fact.record] = fact
        self._order.add(fact)
        self.moved = True

    def remove(self, record: str) -> None:
        """Let a fact go."""
        self._order.remove(self.facts.pop(record))
        self.moved = True

    @property
    def left_out(self) -> int:
        """How many facts are too many to be joined."""
        return max(0, len(self._order) - FACTS_MAX)

    def survey(self, join: Join, states: States) -> bool:
        """Look at all facts anew: what they name, when they were, what repeats what.

        False if nothing has changed.
        """
        facts = list(islice(self._order, FACTS_MAX))
        keys = join.keys(facts, states)
        parts = {
            fact.record: Part(
                record=fact.record,
                key=keys[fact.record],
                at=join.at(fact, states),
                order=self._sport.sort_key(fact),
                repeat_ms=join.repeat_ms(fact) if fact.type in join.observed else None,
            )
            for fact in facts
            if fact.record in keys
        }
        if not self.moved and parts == self.parts:
            return False
        self.parts, self.moved = parts, False
        self.repeats = repeated(
            part for part in self.parts.values() if self.facts[part.record].type in join.observed
        )
        self.repeated = {}
        for record, first in sorted(self.repeats.items()):
            self.repeated.setdefault(first, []).append(record)
        return True

    def about(self, record: str, subject: str) -> Content:
        """What is shown of any record: of whom it speaks, when that was, what repeats it."""
        made: Content = {"entrant": subject} if subject else {}
        if (at := self.parts[record].at) is not None:
            made["at_ms"] = at
        if record in self.repeated:
            made["repeats"] = self.repeated[record]
        return made
