"""The course and its clock: which reads are passings of which points, and what time they make.

A course is a row of legs, each ending at a point; what is lapped is repeated. An entrant's reads
are walked in order of time: a read belongs to the next leg that ends where its reader stands, so
that a missed read leaves a gap and no more. Reads at the same point within its window are one
passing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from scoreboard.facts.names import Id, Line
from scoreboard.sports.joining import JoinParams
from scoreboard.sports.race.facts import AT_MS_MAX
from scoreboard.sports.sport import Params

LEGS_MAX = 500
Ms = Annotated[int, Meta(ge=0, le=AT_MS_MAX)]


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where entrants are seen.

    `readers`: devices there, beside the point's own id; a device may stand at several points.
    `lapped`: part of the loop. `take`: which read of a passing counts (a start line's last, as
    people linger behind it; a finish line's first). `window`: milliseconds after its first read in
    which a passing lasts. `earliest`, `latest`: milliseconds after the start outside which nobody
    can be there.
    """

    id: Id
    name: Line = ""
    readers: list[Id] = []
    lapped: bool = False
    take: Literal["first", "last"] = "first"
    window: Ms = 10_000
    earliest: Ms = 0
    latest: Ms = AT_MS_MAX


class Station(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Work that a judge counts: `reps` to be done; milliseconds for each missing, each no-rep.

    `point`: where entrants are seen to leave it; what the judge says is joined with that split.
    """

    id: Id
    name: Line = ""
    reps: Annotated[int, Meta(ge=0, le=10_000)] = 0
    missing: Ms = 0
    no_rep: Ms = 0
    point: Id | None = None


class RaceJoin(JoinParams, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How splits at stations are joined with what judges say there.

    `within_ms`: how far apart in time two can be that are joined by time. `doubt_ms`: another
    candidate that is at most so much farther makes a match doubtful. `key_within_ms`: how far apart
    two with the same key can be without a doubt; however far if left out. `alone`: the sides on
    which nothing waits for want of the other. `clock`: what times are compared, the `race`'s own
    (`at`) or the `device`s' (the events' `time`).
    """

    within_ms: Ms = 300_000
    clock: Literal["race", "device"] = "race"


START = Point(id="start", name="Start", take="last", latest=3_600_000)
FINISH = Point(id="finish", name="Finish")


class RaceParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The course, and how its clock is read.

    `points`: in order; the first is the start line if `start_line`. Those that are `lapped` stand
    together and are passed `laps` times. `waves`: milliseconds that a wave starts after the gun,
    unless it has a gun of its own. `time`: from the `gun`, or from the `chip`'s own read at the
    start line where there is one. `order`: by `time` at the finish, or by most `laps`.
    `resolution`: milliseconds to whose multiple times are rounded up. `join`: how splits at
    stations are joined with judges' words.
    """

    points: Annotated[list[Point], Meta(min_length=1, max_length=100)] = field(
        default_factory=lambda: [START, FINISH]
    )
    start_line: bool = True
    laps: Annotated[int, Meta(ge=1, le=LEGS_MAX)] = 1
    waves: dict[Id, Ms] = {}
    time: Literal["gun", "chip"] = "gun"
    order: Literal["time", "laps"] = "time"
    resolution: Literal[1, 10, 100, 1000] = 1
    stations: Annotated[list[Station], Meta(max_length=50)] = []
    join: RaceJoin = RaceJoin()

    def __post_init__(self) -> None:
        """A course that cannot be walked is refused: ValueError."""
        ids = [point.id for point in self.points]
        if len(set(ids)) != len(ids):
            raise ValueError("a point is named twice")
        if any(one.point is not None and one.point not in ids for one in self.stations):
            raise ValueError("a station's point is none of the course")
        lapped = [point.lapped for point in self.points]
        if self.laps > 1 and not any(lapped):
            raise ValueError("laps need points that are lapped")
        if "".join("x" if one else " " for one in lapped).strip().count(" "):
            raise ValueError("lapped points must stand together")
        if self.start_line and lapped[0]:
            raise ValueError("the start line cannot be lapped")
        if len(self.points) + (self.laps - 1) * sum(lapped) > LEGS_MAX:
            raise ValueError(f"a course has at most {LEGS_MAX} legs")


class Leg(Struct, frozen=True):
    """One leg: the point at its end, a label for people, the lap (0 outside the loop)."""

    point: Point
    label: str
    lap: int = 0


class Course:
    """A course laid out; made once from the parameters."""

    def __init__(self, params: RaceParams) -> None:
        self.params = params
        self.legs = _legs(params)
        self.by_reader: dict[str, tuple[int, ...]] = {}
        for number, leg in enumerate(self.legs):
            for reader in {leg.point.id, *leg.point.readers}:
                self.by_reader[reader] = (*self.by_reader.get(reader, ()), number)
        self.is_lapped = any(leg.lap for leg in self.legs)
        self.stations = {station.id: station for station in params.stations}

    def gun(self, wave: str, guns: Mapping[str, int]) -> int | None:
        """When a wave started; None as long as no gun has gone that says so."""
        if wave in guns:
            return guns[wave]
        return guns[""] + self.params.waves.get(wave, 0) if "" in guns else None

    def walked(
        self, reads: Sequence[tuple[int, str]], gun: int | None
    ) -> Iterator[tuple[int, tuple[int, str]]]:
        """Reads, each with the leg at whose end it was; those that fit nowhere are left out.

        `reads` are (at, reader) in order of time.
        """
        start, reached, since = gun, -1, 0
        for at, reader in reads:
            legs = self.by_reader.get(reader)
            if legs is None or (gun is not None and at < gun):
                continue
            if reached in legs and at - since <= self.legs[reached].point.window:
                if reached == 0 and gun is None and self.legs[reached].point.take == "last":
                    start = at
                yield reached, (at, reader)
                continue
            for leg in legs:
                point = self.legs[leg].point
                if leg > reached and (
                    start is None or point.earliest <= at - start <= point.latest
                ):
                    reached, since = leg, at
                    start = at if start is None else start
                    yield leg, (at, reader)
                    break

    def passings(self, reads: Sequence[tuple[int, str]], gun: int | None) -> list[int | None]:
        """When each leg ended."""
        ended: list[int | None] = [None] * len(self.legs)
        for leg, (at, _) in self.walked(reads, gun):
            if ended[leg] is None or self.legs[leg].point.take == "last":
                ended[leg] = at
        return ended

    def laps_of(self, reached: int) -> int:
        """Whole laps behind an entrant who has come to the end of a leg (-1: none)."""
        done = 0
        for number, leg in enumerate(self.legs[: reached + 1]):
            last_of_lap = number + 1 == len(self.legs) or self.legs[number + 1].lap != leg.lap
            done += bool(leg.lap) and last_of_lap
        return done


def _legs(params: RaceParams) -> list[Leg]:
    """The course with its laps one after the other."""
    points = params.points
    loop = [point for point in points if point.lapped]
    if not loop:
        return [Leg(point, point.name or point.id) for point in points]
    first = points.index(loop[0])
    laps = [
        Leg(point, f"{lap}. {point.name or point.id}", lap)
        for lap in range(1, params.laps + 1)
        for point in loop
    ]
    before = [Leg(point, point.name or point.id) for point in points[:first]]
    after = [Leg(point, point.name or point.id) for point in points[first + len(loop) :]]
    return [*before, *laps, *after]
