"""What can be said about a football match: the payloads, and where each stands in the match.

Minutes are written as the match's clock writes them (IFAB Laws of the Game, Law 7: the referee's
allowance for time lost): minute 90 and stoppage 4 is 90+4. A period may be named where the minute
alone misleads.
"""

from bisect import bisect_left
from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line, Ref
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.sport import Fact

Period = Literal["first", "second", "extra_first", "extra_second"]
PERIODS: tuple[Period, ...] = ("first", "second", "extra_first", "extra_second")
PERIOD_ENDS = (45, 90, 105, 120)
"""The last minute of each period (Law 7: two halves of 45; extra time: two of at most 15)."""

MINUTE_MAX = 150
Minute = Annotated[int, Meta(ge=0, le=MINUTE_MAX)]
Stoppage = Annotated[int, Meta(ge=0, le=60)]
Goals = Annotated[int, Meta(ge=0, le=200)]


class KickOff(Payload, frozen=True, kw_only=True):
    """The ball is in play: the match's kick-off, or a later period's (Law 8)."""

    period: Period = "first"


class Timed(Payload, frozen=True, kw_only=True):
    """Something that has a place on the match's clock."""

    minute: Minute
    stoppage: Stoppage = 0
    period: Period | None = None


class Goal(Timed, frozen=True, kw_only=True):
    """A goal (Law 10). `team` is the team credited with it, also for an own goal."""

    team: Ref
    kind: Literal["open", "penalty", "own"] = "open"
    player: Line = ""


class Card(Timed, frozen=True, kw_only=True):
    """A caution or sending-off (Law 12); a second caution is `second_yellow`, not two cards."""

    team: Ref
    colour: Literal["yellow", "second_yellow", "red"]
    player: Line = ""


class Substitution(Timed, frozen=True, kw_only=True):
    """A player comes `on` for one who goes `off` (Law 3)."""

    team: Ref
    off: Line = ""
    on: Line = ""


class MatchClock(Payload, frozen=True, kw_only=True):
    """The match's clock is started, stopped or put right at `elapsed_ms` since the match began.

    The event's time says when. A kick-off that says when it was starts the clock by itself.
    """

    period: Period
    elapsed_ms: Annotated[int, Meta(ge=0, le=MINUTE_MAX * 60_000)]
    running: bool


class PeriodEnd(Payload, frozen=True, kw_only=True):
    """The whistle that ends a period, half-time for the first."""

    period: Period


class ShootoutKick(Payload, frozen=True, kw_only=True):
    """A penalty of the shoot-out (Law 10.3). `number`: which kick of its team, from 1."""

    team: Ref
    scored: bool
    player: Line = ""
    number: Annotated[int, Meta(ge=1, le=200)] | None = None


class FullTime(Payload, frozen=True, kw_only=True):
    """The final whistle, after extra time and shoot-out if there are any."""


class Walkover(Payload, frozen=True, kw_only=True):
    """A match decided without (or against) play.

    `score`: the winner's goals, then the loser's; 3-0 unless ruled otherwise (FIFA Disciplinary
    Code, forfeit).
    """

    winner: Id
    score: tuple[Goals, Goals] = (3, 0)


class Lots(Payload, frozen=True, kw_only=True):
    """Lots drawn in a group: its entrants (or those who were equal) in the order drawn."""

    group: Id
    order: Annotated[list[Id], Meta(min_length=1, max_length=200)]


def _team(payload: Any) -> tuple[str]:
    return (payload.team,)


KICK_OFF = Kind("football.kick_off", KickOff)
GOAL = Kind("football.goal", Goal, entrants=_team)
CARD = Kind("football.card", Card, entrants=_team)
SUBSTITUTION = Kind("football.substitution", Substitution, entrants=_team)
CLOCK = Kind("football.clock", MatchClock)
PERIOD_END = Kind("football.period_end", PeriodEnd)
SHOOTOUT_KICK = Kind("football.shootout_kick", ShootoutKick, entrants=_team)
FULL_TIME = Kind("football.full_time", FullTime)
WALKOVER = Kind("football.walkover", Walkover, entrants=lambda p: (p.winner,))
LOTS = Kind("football.lots", Lots, entrants=lambda p: p.order)

KINDS = (
    *(KICK_OFF, GOAL, CARD, SUBSTITUTION, CLOCK, PERIOD_END),
    *(SHOOTOUT_KICK, FULL_TIME, WALKOVER, LOTS),
)


_PERIOD_OF = [
    min(bisect_left(PERIOD_ENDS, minute) + 1, len(PERIODS)) for minute in range(MINUTE_MAX + 1)
]


def period_of_minute(minute: int) -> int:
    """The period that a minute of the clock belongs to, from 1 to 4."""
    return _PERIOD_OF[minute]


def period_number(period: Period) -> int:
    """1 to 4."""
    return PERIODS.index(period) + 1


def period_of(timed: Timed) -> int:
    """The period that something happened in: as named, else by its minute."""
    return period_number(timed.period) if timed.period else period_of_minute(timed.minute)


def begins_ms(period: int) -> int:
    """What the match's clock shows at the start of a period (1 to 4)."""
    return (0, *PERIOD_ENDS)[period - 1] * 60_000


def ends_ms(period: int) -> int:
    """What it shows when a period's time is up, without the time that is added."""
    return PERIOD_ENDS[period - 1] * 60_000


def clock(timed: Timed) -> str:
    """The match's clock as it is written: `23'`, `90+4'`."""
    return f"{timed.minute}+{timed.stoppage}'" if timed.stoppage else f"{timed.minute}'"


SHOOTOUT, AFTER = 5, 6
LAST_MINUTE = 1_000


def moment(payload: Any) -> tuple[int, int, int]:
    """Where something stands in its match: period, minute, stoppage.

    A period's kick-off comes before all that happens in it, its end after.
    """
    match payload:
        case Timed():
            return (period_of(payload), payload.minute, payload.stoppage)
        case KickOff():
            return (period_number(payload.period), -1, 0)
        case MatchClock(period=period, elapsed_ms=elapsed_ms):
            return (period_number(period), elapsed_ms // 60_000, 0)
        case PeriodEnd():
            return (period_number(payload.period), LAST_MINUTE, 0)
        case ShootoutKick():
            return (SHOOTOUT, payload.number or 0, 0)
        case _:
            return (AFTER, 0, 0)


def identity(fact: Fact) -> tuple[int, int, str, str]:
    """What orders facts of the same minute: corrected device time, then identity."""
    return fact.in_time
