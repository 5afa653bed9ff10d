"""What can be said of a round or match: strokes by hole, cards, penalties, concessions, raises.

Where strokes are followed one by one, a device says each shot that it saw and a scorer each stroke.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.sport import Fact

HOLES_MAX = 72
Hole = Annotated[int, Meta(ge=1, le=HOLES_MAX, description="in the order of play, from 1")]
Strokes = Annotated[int, Meta(ge=1, le=99)]


class Holed(Payload, frozen=True, kw_only=True):
    """Strokes (throws, in disc golf) that an entrant took at a hole.

    `player`: whose ball, where an entrant has several (Rule 23, four-ball) or its players take
    turns (Rule 22, foursomes).
    """

    entrant: Id
    hole: Hole
    strokes: Strokes
    player: Line = ""


class Stroke(Payload, frozen=True, kw_only=True):
    """A stroke as a scorer counts it: the so-many-th at a hole, penalty strokes counted before it.

    `holed`: the ball is in; the hole is then scored by `number`, as if that had been `golf.holed`.
    `player`: whose ball, as there. `note`: what the scorer saw, such as a provisional ball.
    """

    entrant: Id
    hole: Hole
    number: Strokes
    holed: bool = False
    player: Line = ""
    note: Line = ""


class Shot(Payload, frozen=True, kw_only=True):
    """What a launch monitor or a simulator measured of a shot; by itself it counts for nothing.

    `hole`, `number`: which stroke it was, as far as the device knows. `carry`, `total`, `offline`:
    metres, to the left below zero. `speed`: of the ball, metres a second. `launch`: degrees.
    `spin`: turns a minute.
    """

    entrant: Id
    hole: Hole | None = None
    number: Strokes | None = None
    player: Line = ""
    club: Line = ""
    carry: Annotated[float, Meta(ge=0, le=500)] | None = None
    total: Annotated[float, Meta(ge=0, le=600)] | None = None
    offline: Annotated[float, Meta(ge=-300, le=300)] | None = None
    speed: Annotated[float, Meta(ge=0, le=150)] | None = None
    launch: Annotated[float, Meta(ge=-90, le=90)] | None = None
    spin: Annotated[float, Meta(ge=0, le=20_000)] | None = None


class Carded(Payload, frozen=True, kw_only=True):
    """The official total of an entrant's round; it stands, whatever its holes add up to."""

    entrant: Id
    total: Annotated[int, Meta(ge=1, le=10_000)]
    reason: Line = ""


class Penalty(Payload, frozen=True, kw_only=True):
    """Strokes added to an entrant's round beside those at its holes; below zero: taken back."""

    entrant: Id
    strokes: Annotated[int, Meta(ge=-50, le=50)]
    reason: Line = ""


class Conceded(Payload, frozen=True, kw_only=True):
    """A side gives a hole to its opponent, or without `hole` the match (Rule 3.2b)."""

    entrant: Id
    hole: Hole | None = None


class Raised(Payload, frozen=True, kw_only=True):
    """A side raises what a hole is worth by one, while it is being played."""

    entrant: Id
    hole: Hole


class Declined(Payload, frozen=True, kw_only=True):
    """A side does not take the last raise of a hole: the other wins it as it was worth before."""

    entrant: Id
    hole: Hole


class Status(Payload, frozen=True, kw_only=True):
    """An entrant withdrew, was disqualified, missed the cut, or is back."""

    entrant: Id
    status: Literal["cut", "wd", "dq", "reinstated"]
    reason: Line = ""


class PlayOff(Payload, frozen=True, kw_only=True):
    """A play-off between equals, outside any round: its entrants, the winner first."""

    order: Annotated[list[Id], Meta(min_length=1, max_length=200)]


def _entrant(payload: Any) -> tuple[str]:
    return (payload.entrant,)


HOLED = Kind("golf.holed", Holed, entrants=_entrant)
STROKE = Kind("golf.stroke", Stroke, entrants=_entrant)
SHOT = Kind("golf.shot", Shot, entrants=_entrant)
CARDED = Kind("golf.carded", Carded, entrants=_entrant)
PENALTY = Kind("golf.penalty", Penalty, entrants=_entrant)
CONCEDED = Kind("golf.conceded", Conceded, entrants=_entrant)
RAISED = Kind("golf.raised", Raised, entrants=_entrant)
DECLINED = Kind("golf.declined", Declined, entrants=_entrant)
STATUS = Kind("golf.status", Status, entrants=_entrant)
PLAY_OFF = Kind("golf.play_off", PlayOff, entrants=lambda p: p.order)

KINDS = (HOLED, STROKE, SHOT, CARDED, PENALTY, CONCEDED, RAISED, DECLINED, STATUS, PLAY_OFF)

AFTER_HOLES = HOLES_MAX + 1


def place_in_play(fact: Fact) -> tuple[Any, ...]:
    """By hole, its raises before its strokes; then penalties before cards and decisions; then time.

    Ends in the fact's identity.
    """
    payload = fact.payload
    hole = getattr(payload, "hole", None) or AFTER_HOLES
    scored = isinstance(payload, Holed | Stroke | Conceded | Carded | Status)
    return (hole, scored, *fact.in_time)
