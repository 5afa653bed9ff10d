"""A lifting contest as it is shown: in a line, in a box, as a timeline. Weights in kilograms.

Lights are shown to nobody before all three are in, so that no referee sees another's first.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports.exact import shown
from scoreboard.sports.lifting.facts import Attempt, Declined, Excluded, Jury, Light, WeighIn
from scoreboard.sports.lifting.lifter import Lifter, LiftingParams, Try, apply
from scoreboard.sports.lifting.table import ranked
from scoreboard.sports.sport import Fact, Happening, States


def status(contest: Contest, states: States) -> ContestStatus:
    """Live from the first attempt; finished when nobody planned (or heard of) has one left."""
    if contest.status in ("delayed", "abandoned", "finished") or not states:
        return contest.status
    awaited = contest.entrants or list(states)
    if all(entrant in states and states[entrant].is_over() for entrant in awaited):
        return "finished"
    return "live" if any(lifter.tries for lifter in states.values()) else contest.status


def line(rules: LiftingParams, contest: Contest, states: States) -> dict[str, Any]:
    """Who leads with what, and how many are done."""
    made: dict[str, Any] = {
        "lifters": len({*contest.entrants, *states}),
        "done": sum(lifter.is_over() for lifter in states.values()),
    }
    first = next(iter(ranked(rules, states)), None)
    if first is not None and states[first.entrant].total_g():
        made |= {"leader": first.entrant, "total": shown(states[first.entrant].total_g())}
    if (current := on(rules, states)) is not None:
        made["on"] = current
    return made


def on(rules: LiftingParams, states: States) -> dict[str, Any] | None:
    """The attempt that is to be decided, the one loaded last if there are several."""
    waiting = [
        (try_.loaded, rules.lifts.index(lift), number, entrant, try_)
        for entrant, lifter in states.items()
        for lift, tries in lifter.tries.items()
        for number, try_ in tries.items()
        if try_.is_open() and not lifter.is_over()
    ]
    if not waiting:
        return None
    _, place, number, entrant, try_ = max(waiting, key=lambda one: one[:4])
    lift, weight = rules.lifts[place], shown(try_.weight_g)
    return {"entrant": entrant, "lift": lift, "attempt": number, "weight": weight}


def box(rules: LiftingParams, contest: Contest, states: States) -> dict[str, Any]:
    """The line, and every lifter's attempts."""
    places = {placing.entrant: placing for placing in ranked(rules, states)}
    lifters = {}
    for entrant in sorted(states):
        row = _lifter(states[entrant])
        if not states[entrant].is_out():
            row["rank"] = places[entrant].rank
        lifters[entrant] = row
    return line(rules, contest, states) | {"lifters": lifters}


def _lifter(lifter: Lifter) -> dict[str, Any]:
    row: dict[str, Any] = {
        "lifts": {
            lift: {str(number): _try(try_) for number, try_ in sorted(tries.items())}
            for lift, tries in lifter.tries.items()
        },
        "bests": {lift: shown(best.weight_g) for lift, best in lifter.bests().items()},
        "total": shown(lifter.total_g()),
    }
    if lifter.body_weight_g:
        row["body_weight"] = shown(lifter.body_weight_g)
    points = lifter.points()
    if points is not None:
        row["points"] = points
    if lifter.is_out():
        row["out"] = lifter.out()
    return row


def _try(try_: Try) -> dict[str, Any]:
    made: dict[str, Any] = {"weight": shown(try_.weight_g)}
    good = try_.good()
    if good is not None:
        made["good"] = good
    if try_.lights and try_.lit():
        made["lights"] = dict(sorted(try_.lights.items()))
        if try_.reasons:
            made["reasons"] = dict(sorted(try_.reasons.items()))
    elif try_.lights:
        made["lights_in"] = sorted(try_.lights)
    if try_.jury is not None:
        made["jury"] = try_.jury
    if try_.declined:
        made["declined"] = True
    return made


# the timeline ----------------------------------------------------------------------------------


def timeline(start: Lifter, facts: Sequence[Fact]) -> list[Happening]:
    """Attempts, the light that decides each, the jury's word, declined attempts, exclusions."""
    lifters: dict[str, Lifter] = {}
    happenings = []
    for fact in facts:
        entrant = fact.payload.entrant
        lifter = lifters.setdefault(entrant, replace(start, tries={}))
        flags = list(apply(lifter, fact))
        if text := _text(lifter, fact.payload):
            happening = Happening(
                record=fact.record,
                type=fact.type,
                text=text,
                entrant=entrant,
                score=f"{shown(lifter.total_g())} kg" if lifter.total_g() else "",
                flags=flags,
            )
            happenings.append(happening)
    return happenings


def _text(lifter: Lifter, payload: Any) -> str:
    """What the timeline says; nothing for a light that decides nothing yet."""
    match payload:
        case WeighIn(body_weight_g=weight):
            return f"Weigh-in: {shown(weight)} kg"
        case Attempt(lift=lift, attempt=number, weight_g=weight):
            return f"{lift.capitalize()} {number}: {shown(weight)} kg"
        case Light(lift=lift, attempt=number):
            try_ = lifter.tries.get(lift, {}).get(number)
            return _decision(lift, number, try_.good()) if try_ and len(try_.lights) == 3 else ""
        case Jury(lift=lift, attempt=number, good=good):
            return "Jury: " + _decision(lift, number, good)
        case Declined(lift=lift, attempt=number):
            return f"{lift.capitalize()} {number} declined"
        case Excluded(kind=kind, reason=reason):
            return kind.capitalize() + (f": {reason}" if reason else "")
    return ""


def _decision(lift: str, number: int, good: bool | None) -> str:
    return f"{lift.capitalize()} {number}: " + ("good lift" if good else "no lift")
