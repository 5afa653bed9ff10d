"""Who is where: by total or by points, equals by body weight, by who was first, by lot."""

from collections.abc import Callable, Mapping
from typing import Any

from scoreboard.facts.competition import Definition
from scoreboard.sports.exact import shown
from scoreboard.sports.groups import NO_GROUP, counts_for, homes
from scoreboard.sports.lifting.lifter import Lifter, LiftingParams, as_they_stand
from scoreboard.sports.sport import Column, Row, States
from scoreboard.sports.ties import Criterion, Placing, by_entrant, place

LAST = float("inf")


def columns(params: LiftingParams) -> tuple[Column, ...]:
    """Body weight, a column for each lift, the total and, if there is a formula, points."""
    by_points = params.rank_by == "points"
    bests = [
        Column(key=lift, label=lift.capitalize(), title=f"Best {lift}, kg") for lift in params.lifts
    ]
    points = Column(key="points", label="Pts", title="Points by body weight", main=by_points)
    return (
        Column(key="body_weight", label="BW", title="Body weight, kg"),
        *bests,
        Column(key="total", label="Total", title="Total, kg", main=not by_points, brief=True),
        *((points,) if params.points else ()),
    )


def ranked(rules: LiftingParams, lifters: States) -> list[Placing]:
    """Lifters of one table; those who are out come last and share their place."""
    out = {entrant for entrant, lifter in lifters.items() if lifter.is_out()}

    def unless_out(name: str, key: Callable[[Lifter], Any]) -> Criterion:
        return by_entrant(name, lambda e: 0 if e in out else key(lifters[e]))

    known: dict[str, Callable[[Lifter], float]] = {
        "body_weight": lambda lifter: lifter.body_weight_g or LAST,
        "first": lambda lifter: lifter.reached_at() or LAST,
        "lot": lambda lifter: lifter.lot or LAST,
    }
    by_points = rules.rank_by == "points"
    chain = [
        by_entrant("out", lambda e: e in out),
        unless_out(rules.rank_by, lambda x: -(x.points() or 0) if by_points else -x.total_g()),
        *(unless_out(tie, known[tie]) for tie in rules.ties),
    ]
    return place(lifters, chain)


def standings(
    rules: LiftingParams, competition: Definition, contests: Mapping[str, States]
) -> list[Row]:
    """A table a group (a weight class), or one of all without groups.

    A lifter is in the table of the group that names it, else of its first contest's; in several
    contests of it, the one with the better total counts. A contest of no group (a session of
    several classes) is each lifter's own group's.
    """
    tables: dict[str, dict[str, Lifter]] = {group: {} for group in (*competition.groups, NO_GROUP)}
    defined = [contest for contest in competition.contests.values() if contest.id in contests]
    home = homes(competition, {contest.id: contests[contest.id] for contest in defined})
    for contest in defined:
        standing = as_they_stand(contest, contests[contest.id], competition.withdrawn)
        for entrant, lifter in standing.items():
            table = tables[home[entrant]]
            known = table.get(entrant)
            if counts_for(contest, home[entrant], competition) and (
                known is None or lifter.total_g() > known.total_g()
            ):
                table[entrant] = lifter
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(table[placing.entrant]),
            group=group,
            decided=_decided(placing),
            tied=placing.tied and not table[placing.entrant].is_out(),
            unplaced=table[placing.entrant].is_out(),
        )
        for group, table in tables.items()
        for placing in ranked(rules, table)
    ]


def _decided(placing: Placing) -> str:
    """What parted equals; the order of totals itself parts none."""
    return "" if placing.decided in ("total", "points") else placing.decided


def _figures(lifter: Lifter) -> dict[str, Any]:
    made: dict[str, Any] = {lift: shown(best.weight_g) for lift, best in lifter.bests().items()}
    made["total"] = shown(lifter.total_g())
    if lifter.body_weight_g:
        made["body_weight"] = shown(lifter.body_weight_g)
    points = lifter.points()
    if points is not None:
        made["points"] = points
    if lifter.is_out():
        made["out"] = lifter.out()
    return made
