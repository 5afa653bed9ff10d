"""One lifter in one contest, as the facts have made it: attempts, bests, total, points."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from scoreboard.facts.competition import Contest
from scoreboard.facts.names import Id
from scoreboard.sports.exact import MILLI
from scoreboard.sports.formula import parsed
from scoreboard.sports.lifting.facts import (
    WEIGHT_MAX_G,
    Attempt,
    Declined,
    Excluded,
    Jury,
    Light,
    OfLift,
    WeighIn,
)
from scoreboard.sports.sport import OK, Fact, Flags, Params

UNKNOWN_LIFT = "unknown-lift"
TOO_MANY = "attempt-too-many"
SKIPPED = "attempt-skipped"
LOWERED = "weight-lowered"
NOT_RAISED = "weight-not-raised"
OFF_STEP = "weight-off-step"
SECOND_ATTEMPT = "second-weight"
SECOND_LIGHT = "second-light"
NO_ATTEMPT = "no-attempt"
DECLINED = "attempt-declined"
SECOND_WEIGH_IN = "second-weigh-in"
OFF_CLASS = "outside-weight-class"
SECOND_EXCLUSION = "second-exclusion"
NOT_IN_CONTEST = "not-in-contest"

REFEREES = 3
MAJORITY = 2
NAMES = frozenset({"total", "body_weight"})


class LiftingParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lifts, how many attempts, what parts equals; weights in grams.

    `step_g`: attempts are multiples of it (IPF: 2.5 kg). A contest that is a weight class gives the
    bounds of its body weights. `points`: a formula of `total` and `body_weight` in kilograms
    (Sinclair, Wilks, IPF GL), rounded to `points_decimals`. `rank_by`: what orders a table. `ties`:
    the lighter body weight, who reached the total first, the smaller lot.
    """

    lifts: Annotated[list[Id], Meta(min_length=1, max_length=8)] = field(
        default_factory=lambda: ["squat", "bench", "deadlift"]
    )
    attempts: Annotated[int, Meta(ge=1, le=6)] = 3
    step_g: Annotated[int, Meta(ge=1, le=50_000)] = 2_500
    body_weight_min_g: Annotated[int, Meta(ge=0, le=WEIGHT_MAX_G)] = 0
    body_weight_max_g: Annotated[int, Meta(ge=1, le=WEIGHT_MAX_G)] = WEIGHT_MAX_G
    rank_by: Literal["total", "points"] = "total"
    ties: list[Literal["body_weight", "first", "lot"]] = field(
        default_factory=lambda: ["body_weight", "first"]
    )
    points: Annotated[str, Meta(max_length=500)] = ""
    points_decimals: Annotated[int, Meta(ge=0, le=6)] = 2

    def __post_init__(self) -> None:
        """A formula that cannot be read, or a table by points without one: ValueError."""
        if len(set(self.lifts)) < len(self.lifts):
            raise ValueError("a lift is named twice in lifts")
        if self.points:
            parsed(self.points, NAMES)
        elif self.rank_by == "points":
            raise ValueError("rank_by points needs a formula in points")


class Try(Struct):
    """An attempt: the weight in grams, 0 if none is known; lights by referee; the jury's word.

    `reasons` of lights by referee, and of the `jury`. `loaded`: when the bar was, `at`: when the
    last light or the jury's word came; in microseconds, 0 if unknown.
    """

    weight_g: int = 0
    lights: dict[str, bool] = {}
    jury: bool | None = None
    declined: bool = False
    at: int = 0
    loaded: int = 0
    reasons: dict[str, str] = {}

    def lit(self) -> bool:
        """Whether the lights are shown: all at once when all are in (IPF), or the jury spoke."""
        return len(self.lights) == REFEREES or self.jury is not None

    def is_open(self) -> bool:
        """Whether it is to be decided yet: the bar is loaded, lights and jury are not in."""
        return bool(self.weight_g) and not self.declined and self.good() is None

    def good(self) -> bool | None:
        """Whether it counts: two of three lights, or the jury; None as long as that is open."""
        if self.jury is not None:
            return self.jury
        if self.declined and not self.lights:
            return False
        white = sum(self.lights.values())
        if white >= MAJORITY and len(self.lights) == REFEREES:
            return True
        return False if len(self.lights) == REFEREES else None


class Lifter(Struct):
    """The state. `tries` by lift, then by number of the attempt; `rules`: the contest's.

    `closed`: officials call the contest finished, or the lifter has `withdrawn` from the
    competition, so that no attempt is left.
    """

    rules: LiftingParams
    planned: list[str] = []
    body_weight_g: int = 0
    lot: int = 0
    tries: dict[str, dict[int, Try]] = {}
    excluded: Excluded | None = None
    closed: bool = False
    withdrawn: bool = False

    def best(self, lift: str) -> Try | None:
        """The heaviest good attempt, the first of equals; extra attempts for records are none."""
        counted = [
            try_
            for number, try_ in sorted(self.tries.get(lift, {}).items())
            if number <= self.rules.attempts and try_.weight_g and try_.good()
        ]
        return max(counted, key=lambda try_: try_.weight_g, default=None)

    def bests(self) -> dict[str, Try]:
        """The best good attempt of each lift that has one."""
        return {lift: best for lift in self.rules.lifts if (best := self.best(lift)) is not None}

    def is_lift_over(self, lift: str) -> bool:
        """Whether each attempt at the lift is decided or declined, or none will come any more."""
        if self.closed:
            return True
        tries = self.tries.get(lift, {})
        numbers = range(1, self.rules.attempts + 1)
        return all(number in tries and tries[number].good() is not None for number in numbers)

    def out(self) -> str:
        """Why there can be no total, "" while there can.

        Excluded, or no good attempt at a lift that is over (IPF: a total takes a good attempt at
        each); who withdraws with one at each keeps the total, as if it declined the other attempts.
        """
        if self.excluded is not None:
            return self.excluded.kind
        if all(not self.is_lift_over(x) or self.best(x) is not None for x in self.rules.lifts):
            return ""
        return "withdrawn" if self.withdrawn else "no good lift"

    def is_out(self) -> bool:
        """Whether there can be no total."""
        return bool(self.out())

    def is_over(self) -> bool:
        """Whether nothing more is awaited."""
        return self.excluded is not None or all(map(self.is_lift_over, self.rules.lifts))

    def total_g(self) -> int:
        """The sum of the bests so far, in grams; 0 for one who is out."""
        return 0 if self.is_out() else sum(best.weight_g for best in self.bests().values())

    def reached_at(self) -> int:
        """When the total was reached, in microseconds; 0 if that is not known."""
        return max((best.at for best in self.bests().values()), default=0)

    def points(self) -> float | None:
        """The total by the competition's formula; None without formula, total or body weight."""
        total = self.total_g()
        if not self.rules.points or not total or not self.body_weight_g:
            return None
        names = {"total": total / MILLI, "body_weight": self.body_weight_g / MILLI}
        made = parsed(self.rules.points, NAMES).value(names)
        return None if made is None else round(made, self.rules.points_decimals)


def as_they_stand(
    contest: Contest, lifters: Mapping[str, Lifter], withdrawn: frozenset[str]
) -> Mapping[str, Lifter]:
    """The lifters of a contest as it stands.

    Nobody has an attempt left once officials call it finished, nor has who withdrew.
    """
    over = contest.status == "finished"
    if not over and withdrawn.isdisjoint(lifters):
        return lifters
    return {
        entrant: replace(
            lifter, closed=over or entrant in withdrawn, withdrawn=entrant in withdrawn
        )
        for entrant, lifter in lifters.items()
    }


# facts into the state --------------------------------------------------------------------------


def apply(lifter: Lifter, fact: Fact) -> Flags:
    """Put a fact into the state; returns what is surprising about it."""
    payload = fact.payload
    flags: list[str] = []
    if lifter.planned and payload.entrant not in lifter.planned:
        flags.append(NOT_IN_CONTEST)
    match payload:
        case WeighIn():
            flags += _weigh_in(lifter, payload)
        case Excluded():
            flags += [SECOND_EXCLUSION] if lifter.excluded else []
            lifter.excluded = payload
        case OfLift():
            flags += _of_lift(lifter, payload, fact.time or 0)
    return tuple(flags) if flags else OK


def _weigh_in(lifter: Lifter, weighed: WeighIn) -> list[str]:
    rules = lifter.rules
    flags = [SECOND_WEIGH_IN] if lifter.body_weight_g else []
    if not rules.body_weight_min_g <= weighed.body_weight_g <= rules.body_weight_max_g:
        flags.append(OFF_CLASS)
    lifter.body_weight_g, lifter.lot = weighed.body_weight_g, weighed.lot or 0
    return flags


def _of_lift(lifter: Lifter, said: OfLift, at: int) -> list[str]:
    if said.lift not in lifter.rules.lifts:
        return [UNKNOWN_LIFT]
    tries = lifter.tries.setdefault(said.lift, {})
    try_ = tries.setdefault(said.attempt, Try())
    flags = [TOO_MANY] if said.attempt > lifter.rules.attempts else []
    match said:
        case Attempt():
            flags += _attempt(lifter, tries, said)
            try_.weight_g, try_.loaded = said.weight_g, at
        case Declined():
            try_.declined = True
            return flags
        case Light():
            flags += [SECOND_LIGHT] if said.referee in try_.lights else []
            try_.lights[said.referee] = said.good
            try_.reasons.pop(said.referee, None)
            if said.reason:
                try_.reasons[said.referee] = said.reason
            try_.at = at
        case Jury():
            try_.jury = said.good
            if said.reason:
                try_.reasons["jury"] = said.reason
            try_.at = at
    if not try_.weight_g:
        flags.append(NO_ATTEMPT)
    return flags


def _attempt(lifter: Lifter, tries: dict[int, Try], said: Attempt) -> list[str]:
    """What is against the rules about a weight (IPF: raised after a good lift, never lowered)."""
    before = tries.get(said.attempt - 1)
    checks = (
        (tries[said.attempt].weight_g > 0, SECOND_ATTEMPT),
        (tries[said.attempt].declined, DECLINED),
        (said.weight_g % lifter.rules.step_g != 0, OFF_STEP),
        (said.attempt > 1 and before is None, SKIPPED),
        (before is not None and said.weight_g < before.weight_g, LOWERED),
        (before is not None and said.weight_g == before.weight_g and before.good(), NOT_RAISED),
    )
    return [flag for surprising, flag in checks if surprising]
