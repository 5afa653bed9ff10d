"""Who is where: in a segment, and in an event by the sum of its segments.

Equal totals: in a segment by the segment's own rule (ISU rule 353: the technical score in a short
programme, the presentation in a free skating); in the event by the last segment's total.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Definition
from scoreboard.facts.instant import to_us
from scoreboard.sports.exact import shown
from scoreboard.sports.groups import NO_GROUP, counts_for, homes
from scoreboard.sports.judged.panel import JudgedParams
from scoreboard.sports.judged.performance import Performance, Score, has_score, score
from scoreboard.sports.sport import Row, States
from scoreboard.sports.ties import Criterion, Placing, by_entrant, place


class Event(Struct):
    """An entrant's scores by segment, in the segments' order; nothing where it has none."""

    scores: dict[str, Score] = {}

    def total(self) -> int:
        """All segments' points, in thousandths."""
        return sum(score.total for score in self.scores.values())


def scores(states: States) -> dict[str, Score]:
    """The scores of a segment's performances that have one."""
    return {e: score(p) for e, p in states.items() if has_score(p)}


def segment(states: States) -> list[Placing]:
    """A segment's order, best first; who has no score is not in it."""
    made = scores(states)
    chain = [by_entrant("total", lambda e: -made[e].total)]
    first: Performance | None = next(iter(states.values()), None)
    tie = first.rules.segment_tie if first else "none"
    if tie == "elements":
        chain.append(by_entrant("elements", lambda e: -made[e].technical))
    elif tie == "components":
        chain.append(by_entrant("components", lambda e: -made[e].presented))
    return place(made, chain)


def standings(
    params: JudgedParams, competition: Definition, contests: Mapping[str, States]
) -> list[Row]:
    """Every group by the sum of its segments; one field of all segments if there are no groups.

    An entrant is ranked in the group that names it, else in that of its first segment of one. A
    segment of no group (two categories on the ice at once) is each entrant's own group's.
    """
    segments = sorted(
        (contest for contest in competition.contests.values() if contest.id in contests),
        key=lambda c: (to_us(c.start) if c.start else 0, c.id),
    )
    events: dict[str, dict[str, Event]] = {group: {} for group in (*competition.groups, NO_GROUP)}
    home = homes(competition, {contest.id: contests[contest.id] for contest in segments})
    for contest in segments:
        for entrant, made in scores(contests[contest.id]).items():
            if counts_for(contest, home[entrant], competition):
                events[home[entrant]].setdefault(entrant, Event()).scores[contest.id] = made
    rows: list[Row] = []
    for group, of_group in events.items():
        rows += _event(params, group, of_group, [contest.id for contest in segments])
    return rows


def _event(
    params: JudgedParams, group: str, events: Mapping[str, Event], segments: Sequence[str]
) -> list[Row]:
    chain = _chain(params, events, segments)
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(events[placing.entrant]),
            group=group,
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in place(events, chain)
    ]


def _chain(
    params: JudgedParams, events: Mapping[str, Event], segments: Sequence[str]
) -> list[Criterion]:
    """The event's tie-breaks; its last segment is the last that anybody in it performed."""
    performed = [id_ for id_ in segments if any(id_ in event.scores for event in events.values())]
    last = performed[-1] if performed else ""
    known = {
        "total": lambda e: -events[e].total(),
        "last_segment": lambda e: -_in(events[e], last),
        "elements": lambda e: -sum(s.technical for s in events[e].scores.values()),
        "components": lambda e: -sum(s.presented for s in events[e].scores.values()),
    }
    return [by_entrant(tie, known[tie]) for tie in params.ties]


def _in(event: Event, segment: str) -> int:
    made = event.scores.get(segment)
    return made.total if made else 0


def _figures(event: Event) -> dict[str, Any]:
    made = event.scores.values()
    return {
        "total": shown(event.total()),
        "elements": shown(sum(s.technical for s in made)),
        "components": shown(sum(s.presented for s in made)),
        "deductions": shown(sum(s.deducted for s in made)),
        "segments": len(made),
    }
