"""One game as its facts have made it: points and fouls by period, players, time-outs, the clock."""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports.clock import Clock
from scoreboard.sports.periods.facts import (
    Defaulted,
    Ended,
    Forfeited,
    Foul,
    FoulKind,
    GameClock,
    Pair,
    PeriodBegan,
    PeriodEnded,
    Score,
    Timed,
    TimeOut,
)
from scoreboard.sports.sport import OK, Fact, Flags, Params

UNKNOWN_TEAM = "unknown-team"
AFTER_END = "after-end"
SECOND_END = "second-end"
SECOND_BEGINNING = "second-beginning-of-period"
SECOND_PERIOD_END = "second-end-of-period"
OUTSIDE_PERIOD = "clock-outside-period"
ODD_POINTS = "points-not-in-rules"
NOT_LEVEL = "overtime-not-level"
FOULED_OUT = "player-fouled-out"
NO_TIME_OUT = "no-time-out-left"
SECOND_FORFEIT = "second-forfeit"

Tie = Literal["points", "head_to_head", "difference", "scored", "wins"]
Seconds = Annotated[int, Meta(ge=1, le=7_200)]
Count = Annotated[int, Meta(ge=0, le=1_000)]


class TimeOuts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time-outs that a team may take in a span of periods; unused ones are lost with its end.

    `until`: the span's last period; it begins after the span before. At most `late` of the `count`
    when `late_s` seconds or fewer remain of its last period.
    """

    until: Annotated[int, Meta(ge=1, le=20)]
    count: Count
    late: Count = 1_000
    late_s: Annotated[int, Meta(ge=0, le=7_200)] = 0


HALVES = (TimeOuts(until=2, count=2), TimeOuts(until=4, count=3, late=2, late_s=120))
"""FIBA rule 18.2: two in the first half, three in the second, two of them in its last 2:00."""


class PeriodsParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Periods and their length, fouls, time-outs, and how a table is made. FIBA's unless given.

    `bonus_fouls`: team fouls of a period from which on the others shoot; overtimes count to the
    last period if `overtime_fouls` is "continue". `player_fouls`: with which a player is out, 0 for
    no limit. `team_foul_kinds`, `player_foul_kinds`: which fouls of players count to either.
    `time_outs`: by spans of periods, such as halves, the last of which goes on to the last period;
    `overtime_time_outs` in each overtime. `points`: what a score may be worth. `forfeit_score`,
    `default_score`: of games that end so, the winner's first (FIBA rules 20 and 21). `win`, `draw`,
    `loss`, `forfeit` and `default` (a loss by either): points for the table; `ties`: its chain.
    """

    periods: Annotated[int, Meta(ge=1, le=20)] = 4
    period_s: Seconds = 600
    overtime_s: Seconds = 300
    bonus_fouls: Count = 5
    overtime_fouls: Literal["continue", "anew"] = "continue"
    player_fouls: Count = 5
    team_foul_kinds: list[FoulKind] = field(default_factory=lambda: list(get_args(FoulKind)))
    player_foul_kinds: list[FoulKind] = field(default_factory=lambda: list(get_args(FoulKind)))
    time_outs: Annotated[list[TimeOuts], Meta(min_length=1, max_length=20)] = field(
        default_factory=lambda: list(HALVES)
    )
    overtime_time_outs: Count = 1
    points: Annotated[list[int], Meta(max_length=20)] = field(default_factory=lambda: [1, 2, 3])
    win: Count = 2
    draw: Count = 1
    loss: Count = 1
    forfeit: Count = 0
    default: Count = 1
    forfeit_score: Pair = (20, 0)
    default_score: Pair = (2, 0)
    live_counts: bool = False
    ties: list[Tie] = field(
        default_factory=lambda: ["points", "head_to_head", "difference", "scored"]
    )

    def length_ms(self, period: int) -> int:
        """How long a period is."""
        return (self.period_s if period <= self.periods else self.overtime_s) * 1_000

    def __post_init__(self) -> None:
        """Spans of time-outs out of their order, or a given game that nobody wins: ValueError."""
        ends = [span.until for span in self.time_outs]
        if ends != sorted(set(ends)):
            raise ValueError("each span of time_outs ends after the one before")
        for name in ("forfeit_score", "default_score"):
            won, lost = getattr(self, name)
            if won <= lost:
                raise ValueError(f"{name} is the winner's score first, and the higher")

    def time_outs_in(self, period: int) -> tuple[TimeOuts, range]:
        """The time-outs that a team may take in a period, and the periods that it has them for."""
        if period > self.periods:
            return TimeOuts(until=period, count=self.overtime_time_outs), range(period, period + 1)
        before = 0
        for span in self.time_outs[:-1]:
            if period <= span.until:
                return span, range(before + 1, span.until + 1)
            before = span.until
        return self.time_outs[-1], range(before + 1, self.periods + 1)

    def is_late(self, period: int, clock_ms: int) -> bool:
        """Whether a place in the game is so late that only `late` time-outs may be taken."""
        span, periods = self.time_outs_in(period)
        return period == periods[-1] and clock_ms <= span.late_s * 1_000


class Player(Struct):
    """A player's points, and fouls that count."""

    points: int = 0
    fouls: int = 0


class Team(Struct):
    """One side: points, team fouls and time-outs by period, players by name.

    `late_time_outs`: those of the time-outs that were taken late (see `TimeOuts`).
    """

    points: dict[int, int] = {}
    fouls: dict[int, int] = {}
    players: dict[str, Player] = {}
    time_outs: dict[int, int] = {}
    late_time_outs: dict[int, int] = {}

    def score(self) -> int:
        """All points."""
        return sum(self.points.values())


class Game(Struct):
    """The state. `sides`: home, then away. `end_us`: when the game ended, 0 if unknown.

    `reached_ms`: by period, the least that anything was said to happen at on the game clock.
    """

    rules: PeriodsParams
    sides: dict[str, Team] = {}
    began: list[int] = []
    ended_periods: list[int] = []
    ended: bool = False
    end_us: int = 0
    forfeit: Forfeited | None = None
    default: Defaulted | None = None
    reached_ms: dict[int, int] = {}
    clock: Clock | None = None
    clock_period: int = 0

    def scores(self) -> list[int]:
        """Home's and away's points, or those of a game that was given to one of them.

        A team that wins by default keeps the score if it was ahead (FIBA rule 21.2).
        """
        scores = [side.score() for side in self.sides.values()]
        if self.forfeit is not None:
            return self._given(self.forfeit.winner, self.forfeit.score or self.rules.forfeit_score)
        if self.default is not None:
            mine = self.sides[self.default.winner].score()
            if any(
                score >= mine
                for name, score in zip(self.sides, scores, strict=True)
                if name != self.default.winner
            ):
                return self._given(self.default.winner, self.rules.default_score)
        return scores

    def _given(self, winner: str, score: Pair) -> list[int]:
        return [score[0] if name == winner else score[1] for name in self.sides]

    def period(self) -> int:
        """The latest period of which anything is known, 0 before the first."""
        played = [p for side in self.sides.values() for p in (*side.points, *side.fouls)]
        return max([*self.began, *self.ended_periods, *played, self.clock_period], default=0)

    def is_over(self) -> bool:
        """Whether the result stands."""
        return self.ended or self.forfeit is not None or self.default is not None

    def has_begun(self) -> bool:
        """Whether anything of the game is known."""
        return self.is_over() or self.period() > 0

    def winner(self, status: ContestStatus) -> str:
        """The winner once the game is over or officials call it so, "" before and after a draw."""
        scores = self.scores()
        over = self.is_over() or status == "finished"
        if not over or len(scores) != 2 or scores[0] == scores[1]:
            return ""
        return list(self.sides)[scores.index(max(scores))]

    def team_fouls(self, name: str, period: int) -> int:
        """A team's fouls that count for the bonus of a period."""
        fouls, last = self.sides[name].fouls, self.rules.periods
        if self.rules.overtime_fouls == "continue" and period >= last:
            return sum(count for number, count in fouls.items() if last <= number <= period)
        return fouls.get(period, 0)

    def time_outs_left(self, name: str, period: int) -> int:
        """How many time-outs a team may still take in a period; below zero if it took too many."""
        span, periods = self.rules.time_outs_in(period)
        side = self.sides[name]
        left = span.count - sum(side.time_outs.get(number, 0) for number in periods)
        reached_ms = self.reached_ms.get(period)
        if reached_ms is not None and self.rules.is_late(period, reached_ms):
            left = min(left, span.late - side.late_time_outs.get(period, 0))
        return left


def new_game(rules: PeriodsParams, contest: Contest) -> Game:
    """A game that has not begun; home and away are the contest's first two entrants."""
    return Game(rules=rules, sides={name: Team() for name in contest.entrants[:2]})


def apply(game: Game, fact: Fact) -> Flags:
    """Put a fact into the game; returns what is surprising about it."""
    match fact.payload:
        case GameClock() as told:
            _clock(game, fact, told)
            return _place_flags(game, fact, told)
        case Score() | Foul() | TimeOut():
            return _of_team(game, fact)
        case PeriodBegan(period=period):
            return _once(game.began, period, SECOND_BEGINNING)
        case PeriodEnded(period=period):
            return _once(game.ended_periods, period, SECOND_PERIOD_END)
        case Ended():
            if game.ended:
                return (SECOND_END,)
            game.ended, game.end_us = True, fact.time or 0
        case Forfeited() | Defaulted() as given:
            return _given(game, fact, given)
    return OK


def _given(game: Game, fact: Fact, given: Forfeited | Defaulted) -> Flags:
    if given.winner not in game.sides:
        return (UNKNOWN_TEAM,)
    if game.forfeit is not None or game.default is not None:
        return (SECOND_FORFEIT,)
    if isinstance(given, Forfeited):
        game.forfeit = given
    else:
        game.default, game.end_us = given, game.end_us or fact.time or 0
    return OK


def _once(seen: list[int], period: int, flag: str) -> Flags:
    if period in seen:
        return (flag,)
    seen.append(period)
    return OK


def _clock(game: Game, fact: Fact, told: GameClock) -> None:
    """The clock goes by when it was said: officials may put time back on it."""
    clock = Clock(told.clock_ms, told.running, fact.time or 0, fact.source, fact.id)
    if clock.after(game.clock):
        game.clock, game.clock_period = clock, told.period


def _place_flags(game: Game, fact: Fact, timed: Timed) -> Flags:
    reached_ms = game.reached_ms.get(timed.period, timed.clock_ms)
    game.reached_ms[timed.period] = min(reached_ms, timed.clock_ms)
    late = bool(game.end_us) and (fact.time or 0) > game.end_us
    outside = timed.clock_ms > game.rules.length_ms(timed.period)
    flags = (AFTER_END,) if late else OK
    return (*flags, OUTSIDE_PERIOD) if outside else flags


def _of_team(game: Game, fact: Fact) -> Flags:
    payload: Score | Foul | TimeOut = fact.payload
    team = game.sides.get(payload.team)
    if team is None:
        return (UNKNOWN_TEAM,)
    flags = _place_flags(game, fact, payload)
    match payload:
        case Score():
            return flags + _score(game, team, payload)
        case Foul():
            return flags + _foul(game, team, payload)
        case TimeOut():
            return flags + _time_out(game, team, payload)
    return flags


def _time_out(game: Game, team: Team, taken: TimeOut) -> Flags:
    period = taken.period
    team.time_outs[period] = team.time_outs.get(period, 0) + 1
    if game.rules.is_late(period, taken.clock_ms):
        team.late_time_outs[period] = team.late_time_outs.get(period, 0) + 1
    return (NO_TIME_OUT,) if game.time_outs_left(taken.team, period) < 0 else OK


def _score(game: Game, team: Team, score: Score) -> Flags:
    flags = [] if score.points in game.rules.points else [ODD_POINTS]
    if _is_first_of_overtime(game, score.period) and len(set(game.scores())) > 1:
        flags.append(NOT_LEVEL)
    team.points[score.period] = team.points.get(score.period, 0) + score.points
    if score.player:
        player = team.players.setdefault(score.player, Player())
        player.points += score.points
        if _is_out(game, player):
            flags.append(FOULED_OUT)
    return tuple(flags)


def _is_first_of_overtime(game: Game, period: int) -> bool:
    """Whether nobody has scored yet in an overtime, so that the game had to be level before."""
    return period > game.rules.periods and not any(
        side.points.get(period) for side in game.sides.values()
    )


def _foul(game: Game, team: Team, foul: Foul) -> Flags:
    rules = game.rules
    if foul.kind in rules.team_foul_kinds and (foul.player or foul.kind != "technical"):
        team.fouls[foul.period] = team.fouls.get(foul.period, 0) + 1
    if not foul.player:
        return OK
    player = team.players.setdefault(foul.player, Player())
    out = _is_out(game, player)
    player.fouls += foul.kind in rules.player_foul_kinds
    return (FOULED_OUT,) if out else OK


def _is_out(game: Game, player: Player) -> bool:
    return bool(game.rules.player_fouls) and player.fouls >= game.rules.player_fouls
