"""What officials rule about observations and decisions: joined, kept apart, or to be passed over.

Each is a record of the contest like any other, so that it can be undone; what counts follows from
all that are in force, a later one above an earlier about the same records: in the order in which
the ledger has them, since a ruling, like an official's version of a record, is a lock.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from scoreboard.facts.names import Text500
from scoreboard.facts.payload import Kind, Payload


class Linked(Payload, frozen=True, kw_only=True):
    """An observation and a decision belong together, whatever their keys and times are."""

    observed: Text500
    decided: Text500


class Unlinked(Payload, frozen=True, kw_only=True):
    """An observation and a decision do not belong together."""

    observed: Text500
    decided: Text500


class Dismissed(Payload, frozen=True, kw_only=True):
    """A record is joined with nothing and waits for nothing, such as a practice swing."""

    record: Text500


LINKED = Kind("ruling.linked", Linked)
UNLINKED = Kind("ruling.unlinked", Unlinked)
DISMISSED = Kind("ruling.dismissed", Dismissed)

RULINGS = {kind.type: kind for kind in (LINKED, UNLINKED, DISMISSED)}
"""The events by which officials rule about pairs, by type."""

Ruling = Linked | Unlinked | Dismissed
First = Callable[[str], str]
"""The observation that one repeats, else itself."""


def named_by(ruling: Ruling) -> tuple[str, ...]:
    """The records that a ruling speaks of."""
    match ruling:
        case Dismissed(record=record):
            return (record,)
        case Linked() | Unlinked():
            return (ruling.observed, ruling.decided)


class Ruled(Struct):
    """What rulings come to, each with the record of the ruling that says so.

    `links`: observations by decision. `apart`: pairs (observed, decided). `dismissed`: records.
    """

    links: dict[str, tuple[str, str]] = {}
    apart: dict[tuple[str, str], str] = {}
    dismissed: dict[str, str] = {}

    def take(self, record: str, ruling: Ruling, first: First, *, several: bool) -> None:
        """Put a ruling above the earlier ones."""
        match ruling:
            case Linked(observed=observed, decided=decided):
                pair = (first(observed), decided)
                self.apart.pop(pair, None)
                if not several:
                    self._loose(pair[0])
                for one in pair:
                    self.dismissed.pop(one, None)
                self.links[decided] = (pair[0], record)
            case Unlinked(observed=observed, decided=decided):
                pair = (first(observed), decided)
                if self.links.get(decided, ("", ""))[0] == pair[0]:
                    del self.links[decided]
                self.apart[pair] = record
            case Dismissed(record=dismissed):
                dismissed = first(dismissed)
                self._loose(dismissed)
                self.dismissed[dismissed] = record

    def _loose(self, record: str) -> None:
        """Take back the links of a record."""
        for decided in [d for d, (o, _) in self.links.items() if record in (o, d)]:
            del self.links[decided]


def ruled(rulings: Iterable[tuple[str, Ruling]], first: First, *, several: bool) -> Ruled:
    """What rulings come to, in their order, each with its record.

    `several`: an observation may have several decisions.
    """
    made = Ruled({}, {}, {})
    for record, ruling in rulings:
        made.take(record, ruling, first, several=several)
    return made
