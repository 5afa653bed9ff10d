"""What can be said about a game played in timed periods, such as basketball.

A place in the game is a period (overtimes count on: 5 is the first after four quarters) and what
the game clock showed, in milliseconds that remain. `sequence` is the scorer's own count: it orders
what happened while the clock stood.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload

Period = Annotated[int, Meta(ge=1, le=40)]
FoulKind = Literal["personal", "offensive", "technical"]
Points = Annotated[int, Meta(ge=0, le=1_000)]
Pair = tuple[Points, Points]
Remaining = Annotated[int, Meta(ge=0, le=7_200_000)]


class Timed(Payload, frozen=True, kw_only=True):
    """Something with a place in the game."""

    period: Period
    clock_ms: Remaining
    sequence: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Score(Timed, frozen=True, kw_only=True):
    """Points of a team (FIBA rule 16: 1 for a free throw, 2 or 3 for a field goal)."""

    team: Id
    points: Annotated[int, Meta(ge=1, le=100)]
    player: Line = ""


class Foul(Timed, frozen=True, kw_only=True):
    """A foul; a technical one without a player is the bench's, no foul of the team (FIBA 36)."""

    team: Id
    player: Line = ""
    kind: FoulKind = "personal"


class TimeOut(Timed, frozen=True, kw_only=True):
    """A time-out that a team takes."""

    team: Id


class GameClock(Timed, frozen=True, kw_only=True):
    """The game clock starts or stops at `clock_ms`; the event's time says when."""

    running: bool


class PeriodBegan(Payload, frozen=True, kw_only=True):
    """A period begins."""

    period: Period


class PeriodEnded(Payload, frozen=True, kw_only=True):
    """A period's time is up."""

    period: Period


class Ended(Payload, frozen=True, kw_only=True):
    """The game is over."""


class Forfeited(Payload, frozen=True, kw_only=True):
    """The game is given to a team (FIBA rule 20), with the rules' score unless one is ruled."""

    winner: Id
    score: Pair | None = None


class Defaulted(Payload, frozen=True, kw_only=True):
    """The other team is down to fewer than two players: the game stops (FIBA rule 21).

    If the winner is ahead, the score stands; else it is the rules' one.
    """

    winner: Id


def _team(payload: Any) -> Iterable[str]:
    return (payload.team,)


KINDS = (
    Kind("periods.score", Score, entrants=_team),
    Kind("periods.foul", Foul, entrants=_team),
    Kind("periods.time_out", TimeOut, entrants=_team),
    Kind("periods.clock", GameClock),
    Kind("periods.period_began", PeriodBegan),
    Kind("periods.period_ended", PeriodEnded),
    Kind("periods.ended", Ended),
    Kind("periods.forfeited", Forfeited, entrants=lambda p: (p.winner,)),
    Kind("periods.defaulted", Defaulted, entrants=lambda p: (p.winner,)),
)


def place(payload: Any) -> tuple[int, int, int]:
    """Where something stands in the game: the period, how far it had gone, the scorer's count."""
    match payload:
        case Timed():
            return (payload.period, -payload.clock_ms, payload.sequence)
        case PeriodBegan(period=period):
            return (period, -(10**9), 0)
        case PeriodEnded(period=period):
            return (period, 1, 0)
        case _:
            return (1_000, 0, 0)
