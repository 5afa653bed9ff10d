"""A segment as it is shown. JSON without nulls; points as decimals, marks by judge."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports.exact import shown
from scoreboard.sports.judged.facts import Deduction, Element, Marked, Released, Retired
from scoreboard.sports.judged.performance import (
    Performance,
    Score,
    apply,
    as_shown,
    has_score,
    is_over,
    score,
)
from scoreboard.sports.judged.table import segment
from scoreboard.sports.sport import Fact, Happening, States


def status(contest: Contest, states: States, withdrawn: frozenset[str]) -> ContestStatus:
    """Live from the first fact; finished when all planned (else all heard of) are done.

    Nobody waits for those who have withdrawn from the competition.
    """
    if contest.status in ("delayed", "abandoned", "finished") or not states:
        return contest.status
    awaited = [e for e in contest.entrants or states if e not in withdrawn]
    done = all(entrant in states and is_over(states[entrant]) for entrant in awaited)
    return "finished" if done else "live"


def line(contest: Contest, whole: States) -> dict[str, Any]:
    """How many have performed, who leads, and whose marks are coming in."""
    states = together(whole)
    order = segment(states)
    made: dict[str, Any] = {
        "performed": sum(is_over(performance) for performance in states.values()),
        "planned": len(contest.entrants or states),
    }
    if order:
        leader = order[0].entrant
        made |= {"leader": leader, "score": shown(score(states[leader]).total)}
    judged = sorted(e for e, p in whole.items() if has_score(p) and not is_over(p))
    if judged:
        made["judged"] = judged
    return made


def together(states: States) -> States:
    """All performances as they are shown (see `performance.as_shown`)."""
    return {entrant: as_shown(performance) for entrant, performance in states.items()}


def box(contest: Contest, whole: States) -> dict[str, Any]:
    """The line, and every performance by entrant."""
    states = together(whole)
    ranks = {placing.entrant: placing for placing in segment(states)}
    performances = {}
    for entrant in sorted(states):
        row = _performance(states[entrant], whole[entrant])
        if entrant in ranks:
            row["rank"] = ranks[entrant].rank
            if ranks[entrant].decided:
                row["decided"] = ranks[entrant].decided
        performances[entrant] = row
    return line(contest, whole) | {"performances": performances}


def _performance(performance: Performance, whole: Performance) -> dict[str, Any]:
    if performance.retired:
        return {"retired": True}
    made = score(performance)
    row: dict[str, Any] = {
        "total": shown(made.total),
        "elements_score": shown(made.technical),
        "components_score": shown(made.presented),
        "deducted": shown(made.deducted),
        "state": "released" if performance.released else "judged",
        "elements": {
            str(number): _element(performance, call, made)
            for number, call in sorted(performance.called.items())
        },
        "components": {
            name: {
                "panel": shown(panel),
                "factor": str(performance.rules.factors[name]),
                "points": shown(made.factored[name]),
                "marks": _marks(performance.components[name]),
            }
            for name, panel in made.panels.items()
        },
    }
    if performance.deductions:
        row["deductions"] = {
            record: {"points": shown(d.points)} | ({"reason": d.reason} if d.reason else {})
            for record, d in performance.deductions.items()
        }
    if not score(whole).whole:
        row["marks_missing"] = True
    if coming := _coming_in(performance, whole):
        row["marks_in"] = coming
    return row


def _coming_in(performance: Performance, whole: Performance) -> dict[str, int]:
    """How many judges have marked each part whose marks are not shown yet."""
    elements = {str(n): len(p) for n, p in whole.marks.items() if n not in performance.marks}
    components = {n: len(p) for n, p in whole.components.items() if n not in performance.components}
    return elements | components


def _element(performance: Performance, call: Element, made: Score) -> dict[str, Any]:
    return {
        "code": call.code,
        "base": shown(call.base),
        "points": shown(made.elements[call.element]),
        "marks": _marks(performance.marks.get(call.element, {})),
    }


def _marks(panel: dict[str, int]) -> dict[str, int | float]:
    return {judge: shown(mark) for judge, mark in sorted(panel.items())}


# the timeline ----------------------------------------------------------------------------------


def timeline(start: Performance, facts: Sequence[Fact]) -> list[Happening]:
    """All but single marks, with the entrant's running total."""
    performances: dict[str, Performance] = {}
    happenings = []
    for fact in facts:
        entrant = fact.payload.entrant
        if entrant not in performances:
            performances[entrant] = _copy(start)
        flags = list(apply(performances[entrant], fact))
        if not isinstance(fact.payload, Marked):
            happenings.append(_happening(performances[entrant], fact, flags))
    return happenings


def _copy(start: Performance) -> Performance:
    return replace(start, called={}, marks={}, components={}, deductions={})


def _happening(performance: Performance, fact: Fact, flags: list[str]) -> Happening:
    return Happening(
        record=fact.record,
        type=fact.type,
        text=_text(fact.payload),
        entrant=fact.payload.entrant,
        score=f"{score(as_shown(performance)).total / 1_000:.2f}",
        flags=flags,
    )


def _text(payload: Any) -> str:
    match payload:
        case Element(element=number, code=code):
            return f"Element {number}: {code}"
        case Deduction(points=points, reason=reason):
            return f"Deduction {shown(points)}" + (f": {reason}" if reason else "")
        case Released():
            return "Result"
        case Retired(reason=reason):
            return f"No result: {reason}" if reason else "No result"
    return "Mark"
