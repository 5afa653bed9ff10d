"""Points that add up: quizzes, games, top tens; fields of a million entrants.

Every entrant has a tally in every contest, and tallies are commutative: the order of arrival does
not matter, and a fact can be taken out again without folding the others. Sums and counts always
can; the best or newest of many can as long as it is among the marks that the tally remembers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.facts.names import Ref
from scoreboard.facts.payload import Kind, Payload
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import (
    OK,
    Column,
    Fact,
    Feat,
    FieldSport,
    Flags,
    Measure,
    Milestone,
    Own,
    Params,
    Row,
    States,
)
from scoreboard.sports.times import SECOND_MS, text

POINTS_MAX = 1_000_000_000  # of one fact, either sign: sums of billions of facts stay in 64 bits
MARKS_MAX = 16  # best or newest facts that a tally remembers; the others are only counted
TOP_MAX = 10_000
ROUND_LEAST = 100  # the smallest round number of points that is worth saying

POINTS_SIMULATED, TIMES_SIMULATED, EVERY_S = 10, 4, 20.0

OUT_OF_BOUNDS = "out-of-bounds"


class Scored(Payload, frozen=True, kw_only=True):
    """An entrant's points, positive or negative."""

    entrant: Ref
    points: Annotated[int, Meta(ge=-POINTS_MAX, le=POINTS_MAX)]


SCORED = Kind("points.scored", Scored, entrants=lambda payload: (payload.entrant,))


class PointsParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts of an entrant's facts, and which way round.

    `mode`: within a contest the sum, the best, the newest (`last`) or the number of facts.
    `rounds`: the sum or the best over contests. `tops`: the first N that
    have a view (and a stream) of their own.
    `increment_min`, `increment_max`: a fact outside them is kept, flagged and not counted.
    `unit`: what points are: `ms` are shown as times (`38.929`, `1:02.500`).
    `open_entry`: users add to their own score by the players' listener, and whoever scores takes
    part, without having been entered.
    """

    mode: Literal["sum", "best", "last", "count"] = "sum"
    order: Literal["descending", "ascending"] = "descending"
    rounds: Literal["sum", "best"] = "sum"
    unit: Literal["points", "ms"] = "points"
    increment_min: int | None = None
    increment_max: int | None = None
    open_entry: bool = False
    tops: Annotated[list[Annotated[int, Meta(ge=1, le=TOP_MAX)]], Meta(max_length=8)] = field(
        default_factory=lambda: [10]
    )

    def __post_init__(self) -> None:
        """Bounds the wrong way round would count nothing: ValueError."""
        low, high = self.increment_min, self.increment_max
        if low is not None and high is not None and low > high:
            raise ValueError("increment_min is above increment_max")


class Mark(Struct, frozen=True, array_like=True, order=True, gc=False):
    """A remembered fact; marks are ordered from the worst or oldest to the best or newest.

    `merit`, `order`: of the newest, where it stands in time (`Fact.in_time`); else points and 0.
    """

    merit: int
    order: int
    source: str
    id: str
    points: int


class Tally(Struct, gc=False):
    """An entrant's facts in one contest.

    `marks` (for best and last) are the last MARKS_MAX in order; each of the `dropped` comes before
    the first of them.
    """

    facts: int = 0
    total: int = 0
    dropped: int = 0
    marks: list[Mark] = []


class Points(FieldSport[Tally]):
    """Points per entrant: sum, best, last or count, descending or ascending."""

    name = "points"
    version = 2
    title = "Points"
    rulebook = "House rules: what counts is what `mode`, `order` and `rounds` say; equals share."
    Params = PointsParams
    State = Tally
    fact_kinds = (SCORED,)
    commutative = True
    takes_users = True
    columns = (
        Column(key="points", label="Pts", title="Points", main=True),
        Column(key="facts", label="N", title="Times scored"),
    )
    params: PointsParams

    def __init__(self, params: PointsParams) -> None:
        super().__init__(params)
        least = params.order == "ascending"
        self._timed = params.unit == "ms"
        what, unit = ("Time", "s") if self._timed else ("Points", "points")
        self.measures = (
            Measure(key="points", title=f"{what} in a contest", unit=unit, least=least),
            Measure(key="total", title=what, unit=unit, least=least),
        )
        if self._timed:
            time = Column(key="time", label="Time", title="Time", main=True)
            self.columns = (time, *self.columns[1:])
        self._remembers = params.mode in ("best", "last")
        self._low = -POINTS_MAX if params.increment_min is None else params.increment_min
        self._high = POINTS_MAX if params.increment_max is None else params.increment_max
        if params.open_entry:
            bounds = {"least": params.increment_min, "most": params.increment_max}
            self.own = {SCORED.type: Own(user="entrant", amount="points", **bounds)}

    def fold_key(self, fact: Fact) -> str:
        """The entrant."""
        entrant: str = fact.payload.entrant
        return entrant

    def start(self, contest: Contest) -> Tally:
        """Nothing scored."""
        return Tally()

    def apply(self, state: Tally, fact: Fact) -> Flags:
        """Count the fact; one outside the increment's bounds is flagged and left out."""
        points = fact.payload.points
        if not self._low <= points <= self._high:
            return (OUT_OF_BOUNDS,)
        state.facts += 1
        state.total += points
        if self._remembers:
            self._remember(state, self._mark(fact))
        return OK

    def retract(self, state: Tally, fact: Fact) -> bool:
        """Take the fact out; False (and nothing done) if the new best or newest is forgotten."""
        points = fact.payload.points
        if not self._low <= points <= self._high:
            return True
        if state.facts == 0 or (self._remembers and not self._forget(state, self._mark(fact))):
            return False
        state.facts -= 1
        state.total -= points
        return True

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """Points within the bounds, for everybody several times."""
        low = max(0, self._low)
        high = max(low, min(self._high, low + max(POINTS_SIMULATED, low // 2)))
        field = starters(competition, contest) * TIMES_SIMULATED
        for number, entrant in enumerate(chance.sample(field, len(field)), 1):
            yield number * EVERY_S, Scored(entrant=entrant, points=chance.randint(low, high))

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first fact on; otherwise what the officials said."""
        if contest.status == "scheduled" and any(tally.facts for tally in states.values()):
            return "live"
        return contest.status

    def merit(self, resolved: Sequence[Tally]) -> int | None:
        """The entrant's points as the order wants them, smaller first; None if nothing counts."""
        value = self._combined(resolved)
        if value is None:
            return None
        return -value if self.params.order == "descending" else value

    def figures(self, resolved: Sequence[Tally]) -> dict[str, Any]:
        """Points as they rank, also as a `time`, and how many facts stand behind them."""
        points = self._combined(resolved) or 0
        shown: dict[str, Any] = {
            "points": points,
            "facts": sum(tally.facts for tally in resolved),
        }
        return shown | {"time": text(points)} if self._timed else shown

    def feats_of(self, row: Row, contest: str) -> Iterable[Feat]:
        """The points of a contest, or those over all."""
        measure = "points" if contest else "total"
        value = row.figures["points"] / SECOND_MS if self._timed else row.figures["points"]
        return [Feat(measure=measure, value=value, entrant=row.entrant)]

    def milestones_of(
        self, competition: Definition, rows: Sequence[Row], contest: str
    ) -> Iterator[Milestone]:
        """The greatest round number (1, 2, 5, 10, ... hundreds) that the lead over all is past."""
        points = rows[0].figures["points"] if rows and not contest else 0
        if points >= ROUND_LEAST and self.params.order == "descending" and not self._timed:
            step = 10 ** (len(str(points)) - 1)
            number = step * max(times for times in (1, 2, 5) if points >= times * step)
            yield Milestone(key=f"past.{number}", text=f"The lead is past {number:,} points")

    # what counts --------------------------------------------------------------------------------

    def _combined(self, states: Sequence[Tally]) -> int | None:
        values = [self._value(tally) for tally in states if tally.facts]
        if not values:
            return None
        if self.params.rounds == "sum":
            return sum(values)
        return max(values) if self.params.order == "descending" else min(values)

    def _value(self, tally: Tally) -> int:
        match self.params.mode:
            case "sum":
                return tally.total
            case "count":
                return tally.facts
            case _:
                return tally.marks[-1].points

    # marks --------------------------------------------------------------------------------------

    def _mark(self, fact: Fact) -> Mark:
        points: int = fact.payload.points
        if self.params.mode == "last":
            return Mark(*fact.in_time, points)
        merit = points if self.params.order == "descending" else -points
        return Mark(merit, 0, fact.source, fact.id, points)

    def _remember(self, tally: Tally, mark: Mark) -> None:
        """Insert the mark, unless it comes before marks that were dropped."""
        if tally.dropped and mark < tally.marks[0]:
            tally.dropped += 1
            return
        insort(tally.marks, mark)
        if len(tally.marks) > MARKS_MAX:
            del tally.marks[0]
            tally.dropped += 1

    def _forget(self, tally: Tally, mark: Mark) -> bool:
        at = bisect_left(tally.marks, mark)
        if at < len(tally.marks) and tally.marks[at] == mark:
            if len(tally.marks) == 1 and tally.dropped:
                return False
            del tally.marks[at]
            return True
        if at > 0 or not tally.dropped:
            return False
        tally.dropped -= 1
        return True


__all__ = ["SCORED", "Points", "PointsParams", "Scored", "Tally"]
