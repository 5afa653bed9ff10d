"""Splits at stations, and what judges say there: what joins them, and the combined record.

An entrant's passing of the point where a station is left is one observation, however often it was
read; which passing a read belongs to, the course says, as it does for splits. A judge may have
spoken several times before: all of it belongs to that passing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.sports.joining import Join, Key
from scoreboard.sports.race.course import Course
from scoreboard.sports.race.facts import PENALTY, READ, REPS, Read, Reps
from scoreboard.sports.race.runner import NOBODY, Said, in_time
from scoreboard.sports.sport import WHOLE_FIELD, Fact, States


class Names(Struct, frozen=True):
    """Who is who: whom a fact speaks of, whether that is an entrant and no stray chip, waves."""

    key: Callable[[Fact], str]
    known: Callable[[str], bool]
    wave: Callable[[str], str]


def join(course: Course, names: Names) -> Join:
    """How a course's splits are joined with its judges' words."""
    judged = Judged(course, names)
    return Join(
        observed=frozenset({READ.type}),
        decided=frozenset({REPS.type, PENALTY.type}),
        params=course.params.join,
        scope=lambda fact: names.key(fact) if judged.joins(fact.payload) else None,
        keys=judged.keys,
        at=judged.at,
        combined=judged.combined,
        subject=lambda fact: who if names.known(who := names.key(fact)) else "",
        several=True,
        repeat_ms=judged.repeat_ms,
    )


class Judged:
    """The stations of a course that are left over a point."""

    def __init__(self, course: Course, names: Names) -> None:
        self._course = course
        self._names = names
        points = {point.id: point for point in course.params.points}
        self._left_over = {one.id: points[one.point] for one in course.params.stations if one.point}
        self._stations_at: dict[str, list[str]] = {}
        self._lasts_ms: dict[str, int] = {}
        for station, point in self._left_over.items():
            self._stations_at.setdefault(point.id, []).append(station)
            for reader in (point.id, *point.readers):
                self._lasts_ms[reader] = max(point.window, self._lasts_ms.get(reader, 0))

    def joins(self, payload: Any) -> bool:
        """Whether a fact may be about such a station; unknown stations are somebody's error."""
        if isinstance(payload, Read):
            return payload.reader in self._lasts_ms
        station: str | None = payload.station
        return station in self._left_over or (
            station is not None and station not in self._course.stations
        )

    def keys(self, facts: Sequence[Fact], states: States) -> dict[str, Key]:
        """The station and its lap; a judge does not say which lap it was."""
        field: Said = states.get(WHOLE_FIELD) or NOBODY
        walked = self._walked(self._names.key(facts[0]), field, states) if facts else {}
        found: dict[str, Key] = {}
        for fact in facts:
            payload = fact.payload
            if not isinstance(payload, Read):
                found[fact.record] = self._judges_key(payload.station)
            elif key := walked.get(
                (payload.at - field.ahead.get(payload.reader, 0), payload.reader)
            ):
                found[fact.record] = key
        return found

    def _walked(self, entrant: str, field: Said, states: States) -> dict[tuple[int, str], Key]:
        """The keys of an entrant's reads that ended a leg at a station."""
        course, reads = self._course, in_time(states.get(entrant) or NOBODY, field)
        gun = course.gun(self._names.wave(entrant), field.guns)
        found: dict[tuple[int, str], Key] = {}
        for number, read in course.walked(reads, gun):
            leg = course.legs[number]
            stations = self._stations_at.get(leg.point.id)
            if stations is not None:
                found[read] = (stations[0] if len(stations) == 1 else None, leg.lap)
        return found

    def _judges_key(self, station: str) -> Key:
        point = self._left_over.get(station)
        return (station, None if point is not None and point.lapped else 0)

    def at(self, fact: Fact, states: States) -> int | None:
        """When it was, by the race's clock (put right where a reader's was off) or the device's."""
        payload = fact.payload
        if self._course.params.join.clock == "device":
            return None if fact.time is None else fact.time // 1_000
        if not isinstance(payload, Read):
            at: int | None = payload.at
            return at
        field: Said = states.get(WHOLE_FIELD) or NOBODY
        return payload.at - field.ahead.get(payload.reader, 0)

    def repeat_ms(self, fact: Fact) -> int | None:
        """How long a passing lasts at a read's reader."""
        return self._lasts_ms[fact.payload.reader]

    def combined(self, read: Fact, judged: Sequence[Fact]) -> dict[str, Any]:
        """The split with everything that was said of the station: counts, and what it costs."""
        counts = [fact.payload for fact in judged if isinstance(fact.payload, Reps)]
        given = [fact.payload for fact in judged if not isinstance(fact.payload, Reps)]
        no_reps = sum(one.no_reps for one in counts)
        made: dict[str, Any] = {
            "station": judged[0].payload.station,
            "read_ms": read.payload.at,
            "good": sum(one.good for one in counts),
            "no_reps": no_reps,
        }
        station = self._course.stations.get(made["station"])
        cost_ms = sum(one.time for one in given) + no_reps * (station.no_rep if station else 0)
        if cost_ms:
            made["penalty_ms"] = cost_ms
        if laps := sum(one.laps for one in given):
            made["lost_laps"] = laps
        return made
