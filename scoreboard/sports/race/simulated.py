"""A race as it might go: a gun, reads at every point, what judges count at stations, who stops."""

from scoreboard.facts.competition import Definition
from scoreboard.sports.race.course import Course, Leg, Station
from scoreboard.sports.race.facts import Gun, Read, Reps, Status
from scoreboard.sports.simulating import Chance, Sayings, in_order

GUN_MS = 3_600_000  # on the race's clock
LINE_MS = 40_000  # within which all of a wave are over the start line
LEG_MS = 240_000.0
STOPS = 0.01  # at a leg


def race(competition: Definition, field: list[str], course: Course, chance: Chance) -> Sayings:
    """From the gun to the last who comes in."""
    yield 0.0, Gun(at=GUN_MS)
    runners = (one for entrant in field for one in _run(competition, entrant, course, chance))
    yield from in_order(runners)


def _run(competition: Definition, entrant: str, course: Course, chance: Chance) -> Sayings:
    said = competition.entrants[entrant].attributes if entrant in competition.entrants else {}
    who = {"chip": str(said["chip"])} if "chip" in said else {"entrant": entrant}
    wave = course.params.waves.get(str(said.get("wave", "")), 0)
    begun = at = GUN_MS + wave
    pace = chance.uniform(0.85, 1.3)
    by_point = {one.point: one for one in course.params.stations if one.point is not None}
    for number, leg in enumerate(course.legs):
        if number == 0 and course.params.start_line:
            begun = at = at + chance.randint(0, min(LINE_MS, leg.point.latest))
        else:
            at = _reached(leg, at, begun, pace * chance.uniform(0.9, 1.1))
            if chance.random() < STOPS:
                yield _seconds(at), Status(entrant=entrant, status="dnf")
                return
        reader = (leg.point.readers or [leg.point.id])[0]
        yield _seconds(at), Read(reader=reader, at=at, **who)
        if station := by_point.pop(leg.point.id, None):
            yield _counted(entrant, station, at, chance)


def _reached(leg: Leg, at: int, begun: int, slowness: float) -> int:
    """When somebody is at the end of a leg: not within the last passing, nor before anybody can."""
    walked = at + max(LEG_MS * slowness, leg.point.window + 2_000)
    return round(max(walked, begun + leg.point.earliest * (1 + 0.25 * slowness)))


def _counted(entrant: str, station: Station, at: int, chance: Chance) -> tuple[float, Reps]:
    no_reps = chance.choices((0, 1, 2), (8, 2, 1))[0]
    reps = Reps(entrant=entrant, station=station.id, good=station.reps, no_reps=no_reps, at=at)
    return _seconds(at), reps


def _seconds(at: int) -> float:
    return (at - GUN_MS) / 1_000
