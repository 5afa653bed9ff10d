"""What can be said about a race: raw reads, guns, penalties, decisions; nothing interpreted.

All `at` are whole milliseconds on one clock of the race (time of day, or since the timing system
was set to zero). A reader whose clock was off is put right by `race.clock`, not by changing reads.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload

AT_MS_MAX = 10 * 24 * 3_600_000  # ten days: the longest races, on one clock
PENALTY_MS_MAX = 24 * 3_600_000

At = Annotated[int, Meta(ge=0, le=AT_MS_MAX, description="milliseconds on the race's clock")]


class Gun(Payload, frozen=True, kw_only=True):
    """The start signal of a wave; without `wave`, of all whose wave has none of its own."""

    at: At
    wave: Id | None = None


class Read(Payload, frozen=True, kw_only=True):
    """A chip or a bib seen by a reader: a mat, a camera, a person with a watch.

    `reader`: the device, or the point itself if it has no device of its own. Exactly one of `chip`
    and `entrant` is given; whose chip it is, entrants' attribute `chip` says.
    """

    reader: Id
    at: At
    chip: Id | None = None
    entrant: Id | None = None

    def __post_init__(self) -> None:
        """A read of nobody, or of two, is refused: ValueError."""
        if (self.chip is None) == (self.entrant is None):
            raise ValueError("give either chip or entrant")


class Clock(Payload, frozen=True, kw_only=True):
    """A reader's clock was off: `ahead` milliseconds are taken off everything that it saw."""

    reader: Id
    ahead: Annotated[int, Meta(ge=-AT_MS_MAX, le=AT_MS_MAX)]


class Penalty(Payload, frozen=True, kw_only=True):
    """Milliseconds added to an entrant's time (below zero: given back), or laps taken off.

    `station`: where it was given, if at one, and `at` when.
    """

    entrant: Id
    time: Annotated[int, Meta(ge=-PENALTY_MS_MAX, le=PENALTY_MS_MAX)] = 0
    laps: Annotated[int, Meta(ge=0, le=1_000)] = 0
    reason: Line = ""
    station: Id | None = None
    at: At | None = None


class Status(Payload, frozen=True, kw_only=True):
    """An entrant did not start, did not finish, was disqualified, or is back in the race."""

    entrant: Id
    status: Literal["dns", "dnf", "dsq", "reinstated"]
    reason: Line = ""


class Reps(Payload, frozen=True, kw_only=True):
    """What a judge at a station counted: repetitions that were good, and no-reps; `at`: when."""

    entrant: Id
    station: Id
    good: Annotated[int, Meta(ge=0, le=1_000)] = 0
    no_reps: Annotated[int, Meta(ge=0, le=1_000)] = 0
    at: At | None = None


def _entrant(payload: Any) -> tuple[str, ...]:
    return (payload.entrant,) if payload.entrant is not None else ()


GUN = Kind("race.gun", Gun)
READ = Kind("race.read", Read, entrants=_entrant)
CLOCK = Kind("race.clock", Clock)
PENALTY = Kind("race.penalty", Penalty, entrants=_entrant)
STATUS = Kind("race.status", Status, entrants=_entrant)
REPS = Kind("race.reps", Reps, entrants=_entrant)

KINDS = (GUN, READ, CLOCK, PENALTY, STATUS, REPS)
