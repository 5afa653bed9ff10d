"""What is worth telling of a competition: marks that may be records, and milestones."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from scoreboard.sports.times import SECOND_MS, text

WORDS = frozenset({"points", "goals"})
"""Units that titles say already."""


class Measure(Struct, frozen=True, kw_only=True):
    """Something of which there can be a record: `key` is the figure that definitions name.

    `unit`: `s` for times, in seconds. `least`: the smaller value is the better one.
    """

    key: str
    title: str
    unit: str
    least: bool = False

    def beats(self, one: float, other: float) -> bool:
        """Whether a value is better than another."""
        return one < other if self.least else one > other

    def shown(self, value: float) -> str:
        """A value as it is said: `212.5 kg`, `1:02:03`; goals and points as bare numbers."""
        if self.unit == "s":
            ms = round(value * SECOND_MS)
            return text(ms, next(step for step in (1_000, 100, 10, 1) if ms % step == 0))
        number = f"{value:,.15g}"
        return number if self.unit in WORDS else f"{number} {self.unit}"

    def said(self, value: float) -> str:
        """A value with what it is of: `squat 212.5 kg`, `goals of a team in a match: 6`."""
        return f"{self.title.lower()}{':' * (self.unit in WORDS)} {self.shown(value)}"


class Feat(Struct, frozen=True, kw_only=True):
    """What an entrant achieved by a measure; `by`: the player, where a team is the entrant."""

    measure: str
    value: float
    entrant: str
    by: str = ""


class Milestone(Struct, frozen=True, kw_only=True):
    """Something worth saying: `key` is its own among all of the competition's."""

    key: str
    text: str
    entrant: str = ""
    contest: str = ""


class Told(Struct, frozen=True):
    """What one contest has to tell: its feats, and what milestones need of it.

    `summary`: as `Sport.summary` gives it; of a field the milestones of its first rows.
    """

    feats: Sequence[Feat]
    summary: Any
