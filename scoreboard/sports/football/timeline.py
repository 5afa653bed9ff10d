"""What happened in a match, in words and in order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scoreboard.sports.football.clock import Clock, clock_text
from scoreboard.sports.football.facts import (
    Card,
    Goal,
    KickOff,
    Lots,
    PeriodEnd,
    ShootoutKick,
    Substitution,
    Timed,
    Walkover,
)
from scoreboard.sports.football.match import Match
from scoreboard.sports.sport import Fact, Flags, Happening

KICK_OFFS = {
    "first": "Kick-off",
    "second": "Second half begins",
    "extra_first": "Extra time begins",
    "extra_second": "Second half of extra time begins",
}
ENDS = {
    "first": "Half-time",
    "second": "End of regular time",
    "extra_first": "Half-time of extra time",
    "extra_second": "End of extra time",
}
GOALS = {"open": "Goal", "penalty": "Goal from a penalty", "own": "Own goal"}
CARDS = {
    "yellow": "Yellow card",
    "second_yellow": "Second yellow card: sent off",
    "red": "Red card: sent off",
}


def happenings(
    clock: Clock,
    teams: Sequence[str],
    match: Match,
    facts: Sequence[Fact],
    flags: Mapping[str, Flags],
) -> Iterator[Happening]:
    """The facts in the order of the match's clock, with the score after each that changes it.

    `match` is the fold of the same facts: it knows the minutes that the devices' clocks told.
    """
    known: dict[str, Any] = {**match.goals, **match.cards, **match.substitutions}

    def shown(fact: Fact) -> tuple[Any, ...]:
        payload = known.get(fact.record, fact.payload)
        return (*clock.moment(payload), fact.time or 0, fact.source, fact.id)

    score = dict.fromkeys(teams, 0)
    shootout = dict.fromkeys(teams, 0)
    for fact in sorted(facts, key=shown):
        payload = known.get(fact.record, fact.payload)
        running = ""
        if isinstance(payload, Goal) and payload.team in score:
            score[payload.team] += 1
            running = "-".join(map(str, score.values()))
        elif isinstance(payload, ShootoutKick) and payload.team in shootout:
            shootout[payload.team] += payload.scored
            running = "-".join(map(str, shootout.values()))
        yield Happening(
            record=fact.record,
            type=fact.type,
            text=_text(payload),
            clock=clock_text(payload) if isinstance(payload, Timed) else "",
            entrant=_entrant(payload),
            score=running,
            flags=list(flags.get(fact.record, ())),
        )


def _entrant(payload: Any) -> str:
    if isinstance(payload, Walkover):
        return payload.winner
    team: str = getattr(payload, "team", "")
    return team


def _text(payload: Any) -> str:
    match payload:
        case Goal():
            return _named(GOALS[payload.kind], payload.player)
        case Card():
            return _named(CARDS[payload.colour], payload.player)
        case Substitution(off=off, on=on):
            who = [f"on: {on}"] * bool(on) + [f"off: {off}"] * bool(off)
            return _named("Substitution", ", ".join(who))
        case ShootoutKick():
            return _named("Penalty scored" if payload.scored else "Penalty missed", payload.player)
        case KickOff(period=period):
            return KICK_OFFS[period]
        case PeriodEnd(period=period):
            return ENDS[period]
        case Walkover(score=score):
            return f"Match awarded {score[0]}-{score[1]}"
        case Lots(order=order):
            return f"Lots drawn: {', '.join(order)}"
        case _:
            return "Final whistle"


def _named(what: str, who: str) -> str:
    return f"{what}, {who}" if who else what
