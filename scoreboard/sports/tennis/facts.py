"""What can be said of a match played for points: points, lets, penalties, serve, retirement."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.sport import Fact

Number = Annotated[int, Meta(ge=1, le=100_000)]


class Numbered(Payload, frozen=True, kw_only=True):
    """Something in its place in the match.

    `number`: counted by the umpire's device from 1, lets and penalties included. `part`: above 0
    for what is put in afterwards, behind that number.
    """

    number: Number
    part: Annotated[int, Meta(ge=0, le=1_000)] = 0


class Point(Numbered, frozen=True, kw_only=True):
    """A point won by a side; `how` it was won, as far as anybody noted it."""

    winner: Id
    how: Literal["", "ace", "double_fault", "winner", "error"] = ""
    player: Line = ""


class Let(Numbered, frozen=True, kw_only=True):
    """A let, or a point that is replayed: nobody's (ITF Rule 22 and 23)."""

    reason: Line = ""


class Penalty(Numbered, frozen=True, kw_only=True):
    """A side loses a point, or a game, by the code of conduct."""

    entrant: Id
    lost: Literal["point", "game"] = "point"
    reason: Line = ""


class Server(Payload, frozen=True, kw_only=True):
    """Who serves first in a set; in later sets only where the rules do not say it already."""

    entrant: Id
    set: Annotated[int, Meta(ge=1, le=99)] = 1


class Ended(Payload, frozen=True, kw_only=True):
    """A side does not go on, or did not begin: the other one wins."""

    entrant: Id
    how: Literal["retired", "defaulted", "walkover"] = "retired"
    reason: Line = ""


def _entrant(payload: Any) -> tuple[str]:
    return (payload.entrant,)


POINT = Kind("tennis.point", Point, entrants=lambda p: (p.winner,))
LET = Kind("tennis.let", Let)
PENALTY = Kind("tennis.penalty", Penalty, entrants=_entrant)
SERVER = Kind("tennis.server", Server, entrants=_entrant)
ENDED = Kind("tennis.ended", Ended, entrants=_entrant)

KINDS = (POINT, LET, PENALTY, SERVER, ENDED)


def place_in_match(fact: Fact) -> tuple[Any, ...]:
    """Who serves first, then what is numbered, then how it ended; ends in the fact's identity."""
    payload = fact.payload
    identity = fact.in_time
    if isinstance(payload, Numbered):
        return (1, payload.number, payload.part, *identity)
    return (0 if isinstance(payload, Server) else 2, 0, 0, *identity)
