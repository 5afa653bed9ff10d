"""A match as it is shown: in a line, in a box, as a timeline. JSON without nulls or empty text.

Pairs such as `score` are home, away: the order of `teams`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from scoreboard.facts.competition import Contest
from scoreboard.sports import clock as clock_
from scoreboard.sports.football.facts import (
    PERIODS,
    SHOOTOUT,
    Card,
    FullTime,
    Goal,
    KickOff,
    MatchClock,
    PeriodEnd,
    ShootoutKick,
    Substitution,
    Timed,
    Walkover,
    clock,
    ends_ms,
    identity,
    moment,
    period_of,
)
from scoreboard.sports.football.match import (
    Match,
    apply,
    fold_place,
    is_over,
    new_match,
    reached,
    score,
    shootout,
    winner,
)
from scoreboard.sports.players import called
from scoreboard.sports.sport import Fact, Happening

BREAKS = ("half_time", "end_of_normal_time", "extra_half_time", "end_of_extra_time")
GOAL_TEXT = {"open": "Goal", "penalty": "Penalty", "own": "Own goal"}
CARD_TEXT = {"yellow": "Yellow card", "second_yellow": "Second yellow card", "red": "Red card"}
START_TEXT = ("Kick-off", "Second half", "Extra time", "Second half of extra time")
END_TEXT = ("Half-time", "End of normal time", "Half-time of extra time", "End of extra time")


def play(match: Match | None) -> str:
    """The state of play: `scheduled`, a period's name, a break's, `shootout` or `finished`."""
    if match is None:
        return "scheduled"
    if is_over(match):
        return "finished"
    period = reached(match)
    if period == 0:
        return "scheduled"
    if period == SHOOTOUT:
        return "shootout"
    return BREAKS[period - 1] if period in match.ended else PERIODS[period - 1]


def line(contest: Contest, match: Match | None) -> dict[str, Any]:
    """Teams and state of play; score, scores by period and winner as soon as there are any.

    `clock` while a period is played, if anybody said when it began or what the clock showed.
    """
    teams = match.teams if match else list(contest.entrants[:2])
    shown: dict[str, Any] = {"teams": list(teams), "play": play(match)}
    if match is None or shown["play"] == "scheduled":
        return shown
    shown["score"] = list(score(match))
    periods = {name: list(pair) for name, pair in _by_period(match)}
    if periods:
        shown["periods"] = periods
    if match.clock is not None and shown["play"] == PERIODS[match.clock_period - 1]:
        limit_ms = ends_ms(match.clock_period)
        shown["clock"] = clock_.shown(match.clock, limit_ms=limit_ms)
    if match.walkover is not None:
        shown["walkover"] = True
    if first := winner(contest, match):
        shown["winner"] = first
    return shown


def _by_period(match: Match) -> Iterator[tuple[str, tuple[int, int]]]:
    """Scores at half-time, after 90 minutes, after extra time, and of the shoot-out."""
    if match.walkover is not None:
        return
    period = reached(match)
    for last, name in ((1, "half_time"), (2, "full_time"), (4, "extra_time")):
        over = match.finished or last in match.ended or period > last
        if over and (last != 4 or _had_extra_time(match)):
            yield name, score(match, last)
    if match.kicks:
        yield "shootout", shootout(match)


def _had_extra_time(match: Match) -> bool:
    """Whether extra time was played: a shoot-out may follow the ninety minutes at once."""
    periods = [*match.kicked_off, *match.ended, *(period_of(g) for g in match.goals.values())]
    return max(periods, default=0) > 2


def box(contest: Contest, match: Match | None) -> dict[str, Any]:
    """The line, and goals, cards, substitutions and shoot-out kicks by record."""
    shown = line(contest, match)
    if match is None:
        return shown
    parts = {
        "goals": {record: _goal(goal) for record, goal in match.goals.items()},
        "cards": {record: _card(card) for record, card in match.cards.items()},
        "substitutions": {record: _substitution(s) for record, s in match.substitutions.items()},
        "kicks": {r: _kick(kick, n) for n, (r, kick) in enumerate(match.kicks.items(), 1)},
    }
    shown.update({name: rows for name, rows in parts.items() if rows})
    return shown


def _timed(timed: Timed, **more: str) -> dict[str, Any]:
    row = {
        "period": PERIODS[period_of(timed) - 1],
        "minute": timed.minute,
        "stoppage": timed.stoppage,
        "clock": clock(timed),
    }
    return row | {name: text for name, text in more.items() if text}


def _goal(goal: Goal) -> dict[str, Any]:
    return _timed(goal, team=goal.team, kind=goal.kind, player=goal.player)


def _card(card: Card) -> dict[str, Any]:
    return _timed(card, team=card.team, colour=card.colour, player=card.player)


def _substitution(substitution: Substitution) -> dict[str, Any]:
    return _timed(substitution, team=substitution.team, off=substitution.off, on=substitution.on)


def _kick(kick: ShootoutKick, order: int) -> dict[str, Any]:
    row: dict[str, Any] = {"order": order, "team": kick.team, "scored": kick.scored}
    return row | ({"player": kick.player} if kick.player else {})


# the timeline ----------------------------------------------------------------------------------


def timeline(contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
    """What happened in the match's order, with the running score and flags; without the clock."""
    whole = new_match(contest)
    folded = sorted(facts, key=lambda fact: (fold_place(fact), identity(fact)))
    flags = {fact.record: list(apply(whole, fact)) for fact in folded}
    running = new_match(contest)
    running.teams = whole.teams
    happenings = []
    for fact in sorted(facts, key=lambda fact: (moment(fact.payload), identity(fact))):
        apply(running, fact)
        if not isinstance(fact.payload, MatchClock):
            happenings.append(_happening(running, fact, flags[fact.record]))
    return happenings


def _happening(match: Match, fact: Fact, flags: list[str]) -> Happening:
    payload = fact.payload
    return Happening(
        record=fact.record,
        type=fact.type,
        text=_text(payload),
        clock=clock(payload) if isinstance(payload, Timed) else "",
        entrant=getattr(payload, "team", getattr(payload, "winner", "")),
        score=_running_score(match, payload),
        flags=flags,
    )


def _running_score(match: Match, payload: Any) -> str:
    goals = "{}-{}".format(*score(match))
    match payload:
        case ShootoutKick():
            return "{} ({}-{})".format(goals, *shootout(match))
        case FullTime() if match.kicks:
            return "{} ({}-{})".format(goals, *shootout(match))
        case Goal() | PeriodEnd() | FullTime() | Walkover():
            return goals
    return ""


def _text(payload: Any) -> str:
    match payload:
        case KickOff(period=period):
            return START_TEXT[PERIODS.index(period)]
        case PeriodEnd(period=period):
            return END_TEXT[PERIODS.index(period)]
        case Goal(kind=kind, player=player):
            return _of(GOAL_TEXT[kind], called(player))
        case Card(colour=colour, player=player):
            return _of(CARD_TEXT[colour], called(player))
        case Substitution(off=off, on=on):
            return _of("Substitution", ", ".join(_named("on", on) + _named("off", off)))
        case ShootoutKick(scored=scored, player=player):
            return _of("Penalty scored" if scored else "Penalty missed", called(player))
        case Walkover():
            return "Walkover"
        case FullTime():
            return "Full time"
    return "Lots drawn"


def _named(word: str, player: str) -> list[str]:
    return [f"{word} {called(player)}"] if player else []


def _of(what: str, who: str) -> str:
    return f"{what}: {who}" if who else what
