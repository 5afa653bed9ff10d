"""Splits at stations, and what judges say there: what joins them, and the combined record.

An entrant's passing of the point where a station is left is one observation, however often it was
read. A judge may have spoken several times before: all of it belongs to that passing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from scoreboard.sports.joining import Join, Key
from scoreboard.sports.race.course import Course, Point, Station
from scoreboard.sports.race.facts import PENALTY, READ, REPS, Read, Reps
from scoreboard.sports.race.runner import Said
from scoreboard.sports.sport import WHOLE_FIELD, Fact, States


def join(course: Course, entrant_of: Callable[[Fact], str], known: Callable[[str], bool]) -> Join:
    """How a course's splits are joined with its judges' words.

    `entrant_of`: whom a fact speaks of; `known`: whether that is an entrant and no stray chip.
    """
    judged = Judged(course)
    return Join(
        observed=frozenset({READ.type}),
        decided=frozenset({REPS.type, PENALTY.type}),
        params=course.params.join,
        scope=lambda fact: entrant_of(fact) if judged.joins(fact.payload) else None,
        key=lambda fact: judged.key(fact.payload),
        at=judged.at,
        combined=judged.combined,
        subject=lambda fact: who if known(who := entrant_of(fact)) else "",
        several=True,
        repeat_ms=judged.repeat_ms,
    )


class Judged:
    """The stations of a course that are left over a point, by the readers there."""

    def __init__(self, course: Course) -> None:
        self._params = course.params
        self._stations = course.stations
        points = {point.id: point for point in course.params.points}
        self._left_over = {one.id: points[one.point] for one in course.params.stations if one.point}
        self._at_reader: dict[str, list[tuple[Station, Point]]] = {}
        for id_, point in self._left_over.items():
            for reader in dict.fromkeys((point.id, *point.readers)):
                self._at_reader.setdefault(reader, []).append((self._stations[id_], point))

    def joins(self, payload: Any) -> bool:
        """Whether a fact is about leaving such a station; stations unknown are somebody's error."""
        if isinstance(payload, Read):
            return payload.reader in self._at_reader
        station = payload.station
        return station in self._left_over or (station is not None and station not in self._stations)

    def key(self, payload: Any) -> Key:
        """The station, as far as it is known; one that is passed in each lap says nothing alone."""
        if isinstance(payload, Read):
            stations = [station.id for station, _ in self._at_reader[payload.reader]]
            station = stations[0] if len(stations) == 1 else None
        else:
            station = payload.station
        point = self._left_over.get(station) if station is not None else None
        again = point is not None and point.lapped and self._params.laps > 1
        return (station, None if again else 1)

    def at(self, fact: Fact, states: States) -> int | None:
        """When it was, by the race's clock (put right where a reader's was off) or the device's."""
        payload = fact.payload
        if self._params.join.clock == "device":
            return None if fact.time is None else fact.time // 1_000
        if not isinstance(payload, Read):
            at: int | None = payload.at
            return at
        field: Said | None = states.get(WHOLE_FIELD)
        return payload.at - (field.ahead.get(payload.reader, 0) if field else 0)

    def repeat_ms(self, fact: Fact) -> int | None:
        """How long a passing of the point lasts."""
        return max(point.window for _, point in self._at_reader[fact.payload.reader])

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
        station = self._stations.get(made["station"])
        cost_ms = sum(one.time for one in given) + no_reps * (station.no_rep if station else 0)
        if cost_ms:
            made["penalty_ms"] = cost_ms
        if laps := sum(one.laps for one in given):
            made["lost_laps"] = laps
        return made
