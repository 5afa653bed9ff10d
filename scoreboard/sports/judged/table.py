"""Who is where: in a segment, and in an event by the sum of its segments.

Equal totals: in a segment by the segment's own rule (ISU rule 353: the technical score in a short
programme, the presentation in a free skating); in the event by the last segment's total. Who
retires from a segment, or withdraws before one that it was to perform, has no place in the event's
result (ISU results: WD); who did not qualify for a segment has one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Definition
from scoreboard.facts.instant import to_us
from scoreboard.sports.exact import shown
from scoreboard.sports.groups import NO_GROUP, counts_for, homes
from scoreboard.sports.judged.panel import JudgedParams
from scoreboard.sports.judged.performance import (
    Performance,
    Score,
    has_score,
    is_over,
    score,
)
from scoreboard.sports.sport import Row, States
from scoreboard.sports.ties import Criterion, Placing, by_entrant, place


class Event(Struct):
    """An entrant's scores by segment, in the segments' order; nothing where it has none.

    `out`: how it came to have no place, "" as long as it has one.
    """

    scores: dict[str, Score] = {}
    out: str = ""

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
        for entrant, performance in contests[contest.id].items():
            if counts_for(contest, home[entrant], competition):
                _add(params, events[home[entrant]], contest.id, entrant, performance)
    for entrant in competition.withdrawn & home.keys():
        event = events[home[entrant]].get(entrant)
        if event is not None and not event.out and _misses(competition, contests, entrant, home):
            event.out = "withdrawn"
    rows: list[Row] = []
    for group, of_group in events.items():
        rows += _event(params, group, of_group, [contest.id for contest in segments])
    return rows


def _add(
    params: JudgedParams,
    events: dict[str, Event],
    segment: str,
    entrant: str,
    performance: Performance,
) -> None:
    """Put an entrant's part in a segment into its event; who has not begun is not in it."""
    if has_score(performance):
        events.setdefault(entrant, Event()).scores[segment] = score(performance)
    elif performance.retired and params.retired == "unplaced":
        events.setdefault(entrant, Event()).out = "retired"


def _misses(
    competition: Definition,
    contests: Mapping[str, States],
    entrant: str,
    home: Mapping[str, str],
) -> bool:
    """Whether there is a segment that an entrant was to perform and has no final score in."""
    for contest in competition.contests.values():
        awaited = contest.status != "abandoned" and entrant in (contest.entrants or [entrant])
        if awaited and counts_for(contest, home[entrant], competition):
            performance = contests.get(contest.id, {}).get(entrant)
            if performance is None or not (has_score(performance) and is_over(performance)):
                return True
    return False


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
            tied=placing.tied and not events[placing.entrant].out,
            unplaced=bool(events[placing.entrant].out),
        )
        for placing in place(events, chain)
    ]


def _chain(
    params: JudgedParams, events: Mapping[str, Event], segments: Sequence[str]
) -> list[Criterion]:
    """The event's tie-breaks; those who are out come last and share that.

    The last segment is the last that anybody of the event performed.
    """
    performed = [id_ for id_ in segments if any(id_ in event.scores for event in events.values())]
    last = performed[-1] if performed else ""
    known: dict[str, Callable[[Event], int]] = {
        "total": lambda event: -event.total(),
        "last_segment": lambda event: -_in(event, last),
        "elements": lambda event: -sum(s.technical for s in event.scores.values()),
        "components": lambda event: -sum(s.presented for s in event.scores.values()),
    }

    def unless_out(tie: str) -> Criterion:
        key = known[tie]
        return by_entrant(tie, lambda e: (1, 0) if events[e].out else (0, key(events[e])))

    return [unless_out(tie) for tie in params.ties]


def _in(event: Event, segment: str) -> int:
    made = event.scores.get(segment)
    return made.total if made else 0


def _figures(event: Event) -> dict[str, Any]:
    made = event.scores.values()
    shown_out = {"out": event.out} if event.out else {}
    return shown_out | {
        "total": shown(event.total()),
        "elements": shown(sum(s.technical for s in made)),
        "components": shown(sum(s.presented for s in made)),
        "deductions": shown(sum(s.deducted for s in made)),
        "segments": len(made),
    }
