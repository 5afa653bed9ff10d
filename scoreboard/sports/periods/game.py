"""One game as its facts have made it: points and fouls by period, players, time-outs, the clock."""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports.clock import Clock
from scoreboard.sports.periods.facts import (
    Ended,
    Forfeited,
    Foul,
    FoulKind,
    GameClock,
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


class PeriodsParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Periods and their length, fouls, time-outs, and how a table is made. FIBA's unless given.

    `bonus_fouls`: team fouls of a period from which on the others shoot; overtimes count to the
    last period if `overtime_fouls` is "continue". `player_fouls`: with which a player is out, 0 for
    no limit. `team_foul_kinds`, `player_foul_kinds`: which fouls of players count to either.
    `time_outs` in the game and `overtime_time_outs` more in each overtime. `points`: what
    a score may be worth. `win`, `draw`, `loss`, `forfeit` (a loss by forfeit): points for the
    table; `ties`: its chain.
    """

    periods: Annotated[int, Meta(ge=1, le=20)] = 4
    period_s: Seconds = 600
    overtime_s: Seconds = 300
    bonus_fouls: Count = 5
    overtime_fouls: Literal["continue", "anew"] = "continue"
    player_fouls: Count = 5
    team_foul_kinds: list[FoulKind] = field(default_factory=lambda: list(get_args(FoulKind)))
    player_foul_kinds: list[FoulKind] = field(default_factory=lambda: list(get_args(FoulKind)))
    time_outs: Count = 5
    overtime_time_outs: Count = 1
    points: Annotated[list[int], Meta(max_length=20)] = field(default_factory=lambda: [1, 2, 3])
    win: Count = 2
    draw: Count = 1
    loss: Count = 1
    forfeit: Count = 0
    live_counts: bool = False
    ties: list[Tie] = field(
        default_factory=lambda: ["points", "head_to_head", "difference", "scored"]
    )

    def length_ms(self, period: int) -> int:
        """How long a period is."""
        return (self.period_s if period <= self.periods else self.overtime_s) * 1_000

    def time_outs_until(self, period: int) -> int:
        """How many time-outs a team may have taken by a period."""
        return self.time_outs + max(0, period - self.periods) * self.overtime_time_outs


class Player(Struct):
    """A player's points, and fouls that count."""

    points: int = 0
    fouls: int = 0


class Team(Struct):
    """One side: points and team fouls by period, players by name, time-outs taken."""

    points: dict[int, int] = {}
    fouls: dict[int, int] = {}
    players: dict[str, Player] = {}
    time_outs: int = 0

    def score(self) -> int:
        """All points."""
        return sum(self.points.values())


class Game(Struct):
    """The state. `sides`: home, then away. `end_us`: when the game ended, 0 if unknown."""

    rules: PeriodsParams
    sides: dict[str, Team] = {}
    began: list[int] = []
    ended_periods: list[int] = []
    ended: bool = False
    end_us: int = 0
    forfeit: Forfeited | None = None
    clock: Clock | None = None
    clock_period: int = 0

    def scores(self) -> list[int]:
        """Home's and away's points, or the ruled ones of a forfeit."""
        if self.forfeit is not None:
            won, lost = self.forfeit.score
            return [won if name == self.forfeit.winner else lost for name in self.sides]
        return [side.score() for side in self.sides.values()]

    def period(self) -> int:
        """The latest period of which anything is known, 0 before the first."""
        played = [p for side in self.sides.values() for p in (*side.points, *side.fouls)]
        return max([*self.began, *self.ended_periods, *played, self.clock_period], default=0)

    def is_over(self) -> bool:
        """Whether the result stands."""
        return self.ended or self.forfeit is not None

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
        case Forfeited() as forfeit:
            if forfeit.winner not in game.sides:
                return (UNKNOWN_TEAM,)
            if game.forfeit is not None:
                return (SECOND_FORFEIT,)
            game.forfeit = forfeit
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
            team.time_outs += 1
            used_up = team.time_outs > game.rules.time_outs_until(payload.period)
            return (*flags, NO_TIME_OUT) if used_up else flags
    return flags


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
