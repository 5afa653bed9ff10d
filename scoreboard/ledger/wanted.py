"""Which entries a reader wants, decided in memory as the database decides it."""

from msgspec import Struct

from scoreboard.facts.entry import Entry
from scoreboard.ledger.kinds import ERASED

DEFINES = "competition."


class Wanted(Struct, frozen=True, kw_only=True):
    """Filters of a read: None and False let everything through. See `Ledger.read`."""

    competition: str | None = None
    contest: str | None = None
    source: str | None = None
    type_: str | None = None
    definitions: bool = False
    outside: bool = False

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
