"""Which entries a reader wants, decided in memory as the database decides it."""

from typing import TypedDict

from msgspec import Struct

from scoreboard.facts.entry import Entry
from scoreboard.ledger.kinds import ERASED

DEFINES = "competition."


class Filters(TypedDict, total=False):
    """What a read may ask for by name; `outside`: only entries without a contest.

    `definitions`: of these, only those that define a competition, and erasures.
    """

    competition: str | None
    contest: str | None
    source: str | None
    type_: str | None
    definitions: bool
    outside: bool


class Wanted(Struct, frozen=True, kw_only=True):
    """`Filters`, all of them: None and False let everything through."""

    competition: str | None = None
    contest: str | None = None
    source: str | None = None
    type_: str | None = None
    definitions: bool = False
    outside: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the table that must have a value, with it."""
        named = {
            "competition": self.competition,
            "contest": self.contest,
            "source": self.source,
            "type": self.type_,
        }
        return {name: value for name, value in named.items() if value is not None}

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is wanted."""
        return (
            self.competition in (None, entry.competition)
            and self.contest in (None, entry.contest)
            and self.source in (None, entry.source)
            and self.type_ in (None, entry.type)
            and (entry.contest is None or not (self.outside or self.definitions))
            and (not self.definitions or defines(entry))
        )


def defines(entry: Entry) -> bool:
    """Whether an entry outside contests defines a competition, or is an erasure."""
    return entry.type.startswith(DEFINES) or entry.type == ERASED
