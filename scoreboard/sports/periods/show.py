"""A game as it is shown: in a line, in a box, as a timeline. JSON without nulls."""

from collections.abc import Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports import clock as clock_
from scoreboard.sports.periods.facts import (
    Defaulted,
    Forfeited,
    Foul,
    GameClock,
    PeriodBegan,
    PeriodEnded,
    Score,
    Timed,
    TimeOut,
    place,
)
from scoreboard.sports.periods.game import Game, PeriodsParams, Team, apply
from scoreboard.sports.players import called
from scoreboard.sports.sport import Fact, Happening


def status(contest: Contest, game: Game | None) -> ContestStatus:
    """An official's word first; then live from the first fact, finished with the end."""
    if contest.status in ("delayed", "abandoned", "finished") or game is None:
        return contest.status
    if game.is_over():
        return "finished"
    return "live" if game.has_begun() else contest.status


def period_name(rules: PeriodsParams, period: int) -> str:
    """`1` to `4`, then `OT1`, `OT2`."""
    return str(period) if period <= rules.periods else f"OT{period - rules.periods}"


def line(game: Game, status: ContestStatus) -> dict[str, Any]:
    """Teams, score, period and clock; points by period once there are any."""
    made: dict[str, Any] = {"teams": list(game.sides)}
    if not game.has_begun():
        return made
    made["score"] = game.scores()
    period = game.period()
    if period:
        made["period"] = period_name(game.rules, period)
        made["by_period"] = {
            period_name(game.rules, number): [s.points.get(number, 0) for s in game.sides.values()]
            for number in range(1, period + 1)
        }
    if game.forfeit is not None:
        made["forfeit"] = True
    elif game.default is not None:
        made["default"] = True
    if game.clock is not None and not game.is_over():
        limit_ms = game.rules.length_ms(max(1, game.clock_period))
        made["clock"] = clock_.shown_down(game.clock, limit_ms=limit_ms)
    if winner := game.winner(status):
        made["winner"] = winner
    return made


def box(game: Game, status: ContestStatus) -> dict[str, Any]:
    """The line, and each team's fouls, bonus, time-outs and players."""
    period = max(game.period(), 1)
    return line(game, status) | {
        "sides": {name: _side(game, name, side, period) for name, side in game.sides.items()}
    }


def _side(game: Game, name: str, side: Team, period: int) -> dict[str, Any]:
    others = [other for other in game.sides if other != name]
    return {
        "fouls": game.team_fouls(name, period),
        "bonus": any(game.team_fouls(o, period) >= game.rules.bonus_fouls for o in others),
        "time_outs_left": max(0, game.time_outs_left(name, period)),
        "players": {
            player: {"points": made.points, "fouls": made.fouls}
            for player, made in sorted(side.players.items())
        },
    }


# the timeline ----------------------------------------------------------------------------------


def timeline(whole: Game, running: Game, facts: Sequence[Fact]) -> list[Happening]:
    """What happened in the game's order, with the running score after it; not the clock itself."""
    flags = {fact.record: list(apply(whole, fact)) for fact in facts}
    happenings = []
    for fact in sorted(facts, key=lambda f: (*place(f.payload), *f.in_time)):
        apply(running, fact)
        if not isinstance(fact.payload, GameClock):
            happenings.append(_happening(running, fact, flags[fact.record]))
    return happenings


def _happening(game: Game, fact: Fact, flags: list[str]) -> Happening:
    payload = fact.payload
    return Happening(
        record=fact.record,
        type=fact.type,
        text=_text(game.rules, payload),
        clock=_clock(game.rules, payload),
        entrant=getattr(payload, "team", getattr(payload, "winner", "")),
        score="-".join(map(str, game.scores())),
        flags=flags,
    )


def _clock(rules: PeriodsParams, payload: Any) -> str:
    if not isinstance(payload, Timed):
        return ""
    period = period_name(rules, payload.period)
    name = f"P{period}" if period.isdecimal() else period
    return f"{name} {clock_.minutes_seconds(payload.clock_ms)}"


def _text(rules: PeriodsParams, payload: Any) -> str:
    match payload:
        case Score(points=points, player=player):
            return f"+{points}" + (f": {called(player)}" if player else "")
        case Foul(kind=kind, player=player):
            return f"{kind.capitalize()} foul" + (f": {called(player)}" if player else "")
        case TimeOut():
            return "Time-out"
        case PeriodBegan(period=period):
            return f"Period {period_name(rules, period)} begins"
        case PeriodEnded(period=period):
            return f"Period {period_name(rules, period)} ends"
        case Forfeited():
            return "Forfeit"
        case Defaulted():
            return "Lost by default"
    return "End"
