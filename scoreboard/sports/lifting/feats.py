"""What may be a record in lifting, and who missed nothing."""

from collections.abc import Iterator

from scoreboard.facts.competition import Definition
from scoreboard.sports.exact import shown
from scoreboard.sports.feats import Feat, Measure, Milestone
from scoreboard.sports.lifting.lifter import Lifter, LiftingParams
from scoreboard.sports.sport import States

TOTAL, POINTS = "total", "points"


def measures(params: LiftingParams) -> tuple[Measure, ...]:
    """Each lift, the total and, if there is a formula, points."""
    lifts = [Measure(key=lift, title=lift.capitalize(), unit="kg") for lift in params.lifts]
    points = Measure(key=POINTS, title="Points", unit="points")
    total = Measure(key=TOTAL, title="Total", unit="kg")
    return (*lifts, total, *((points,) if params.points else ()))


def feats(lifters: States) -> Iterator[Feat]:
    """The heaviest good attempt of each lift, extra ones for records too; totals and points."""
    for entrant, lifter in lifters.items():
        for lift, tries in lifter.tries.items():
            good = [try_.weight_g for try_ in tries.values() if try_.weight_g and try_.good()]
            if good and lifter.excluded is None:
                yield Feat(measure=lift, value=shown(max(good)), entrant=entrant)
        if lifter.total_g() and len(lifter.bests()) == len(lifter.rules.lifts):
            yield Feat(measure=TOTAL, value=shown(lifter.total_g()), entrant=entrant)
            points = lifter.points()
            if points is not None:
                yield Feat(measure=POINTS, value=points, entrant=entrant)


def milestones(competition: Definition, contest: str, lifters: States) -> Iterator[Milestone]:
    """Who made every attempt of a contest good, once all are done."""
    for entrant, lifter in sorted(lifters.items()):
        if _missed_nothing(lifter):
            count = lifter.rules.attempts * len(lifter.rules.lifts)
            yield Milestone(
                key=f"all-good.{contest}.{entrant}",
                text=f"{competition.called(entrant)}: {count} good lifts of {count}",
                entrant=entrant,
                contest=contest,
            )


def _missed_nothing(lifter: Lifter) -> bool:
    numbers = range(1, lifter.rules.attempts + 1)
    return lifter.excluded is None and all(
        (try_ := lifter.tries.get(lift, {}).get(number)) is not None and try_.good() is True
        for lift in lifter.rules.lifts
        for number in numbers
    )
