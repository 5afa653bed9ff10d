"""What a sport's `simulate` is written in: events as they might come, made up for a rehearsal.

Pure like all of a sport: chance is handed in, and the same chance says the same.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from scoreboard.facts.advancing import is_reference
from scoreboard.facts.competition import Contest, Definition
from scoreboard.facts.payload import Payload

T = TypeVar("T")
FIELD_MAX = 500
"""Of a larger field so many take part in a rehearsal."""
Saying = tuple[float, Payload]
"""Seconds since the contest began, and what is said then."""
Sayings = Iterator[Saying]


class Chance(Protocol):
    """Where chance comes from; `random.Random` is one."""

    def random(self) -> float:
        """From 0 up to 1."""

    def uniform(self, a: float, b: float, /) -> float:
        """From `a` to `b`."""

    def randint(self, a: int, b: int, /) -> int:
        """From `a` to `b`, both included."""

    def choice(self, seq: Sequence[T], /) -> T:
        """One of these."""

    def choices(self, population: Sequence[T], weights: Sequence[float], /) -> list[T]:
        """One of these, by their weights, in a list."""

    def sample(self, population: Sequence[T], k: int, /) -> list[T]:
        """So many of these in any order, each once."""


def starters(competition: Definition, contest: Contest) -> list[str]:
    """Who takes part: whom the contest names, else all who have not withdrawn."""
    gone = competition.withdrawn
    named = contest.entrants or list(competition.entrants)
    return [one for one in named if one not in gone][:FIELD_MAX]


def must_be_won(competition: Definition, contest: Contest) -> bool:
    """Whether a contest may not end level: a knock-out, where others are of groups or go on."""
    if contest.group is not None:
        return False
    return bool(competition.groups) or any(
        is_reference(entrant)
        for other in competition.contests.values()
        for entrant in other.entrants
    )


def in_order(sayings: Iterator[Saying]) -> Sayings:
    """What several say, as it comes."""
    yield from sorted(sayings, key=lambda saying: saying[0])
