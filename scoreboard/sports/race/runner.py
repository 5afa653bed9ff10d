"""One entrant's race: everything that was said of it, and the result that it makes.

`Said` is the fold's state: raw reads and decisions, nothing interpreted. The state of the key ""
holds what concerns the whole field: guns, and clocks that were off. `result` reads both by the
course; change the course, a gun or a clock and every result follows.
"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from scoreboard.sports.clock import Clock as RaceClock
from scoreboard.sports.race.course import Course
from scoreboard.sports.race.facts import Clock, Gun, Penalty, Read, Reps, Status
from scoreboard.sports.sport import OK, Fact, Flags
from scoreboard.sports.times import rounded_up, text

READS_MAX = 5_000  # of one entrant in one contest; further ones stay in the ledger alone

UNKNOWN_CHIP = "unknown-chip"
UNKNOWN_READER = "unknown-reader"
UNKNOWN_STATION = "unknown-station"
NOT_IN_THE_RACE = "read-of-one-not-in-the-race"
TOO_MANY_READS = "too-many-reads"
SECOND_GUN = "second-gun"
SECOND_CLOCK = "second-clock"
UNKNOWN_WAVE = "unknown-wave"
STATUS_REPEATED = "status-repeated"
CONTRADICTS = "contradicts-status"
NOTHING_TO_REINSTATE = "nothing-to-reinstate"
TOO_MANY_REPS = "more-reps-than-asked"
GIVEN_BACK = "more-time-given-back-than-raced"
LAPS_BEYOND = "more-laps-taken-off-than-there-are"

Out = Literal["", "dnf", "dsq", "dns"]
OUT_ORDER: dict[str, int] = {"": 0, "dnf": 1, "dsq": 2, "dns": 3}


class Said(Struct, omit_defaults=True):
    """What was said of one entrant, or (key "") of the whole field.

    `reads`: (at, reader) in order of time. `penalty_ms`, `penalty_laps`: sums. `reps`: good ones
    and no-reps by station. `guns`: by wave, "" for all. `ahead`: milliseconds by reader. `fired`:
    by wave, when its gun went by the server's clock, in microseconds.
    """

    reads: list[tuple[int, str]] = []
    penalty_ms: int = 0
    penalty_laps: int = 0
    penalties: int = 0
    out: Out = ""
    reps: dict[str, tuple[int, int]] = {}
    guns: dict[str, int] = {}
    ahead: dict[str, int] = {}
    fired: dict[str, int] = {}


NOBODY = Said()
"""Of whom nothing was said."""


class Result(Struct, frozen=True):
    """What comes of it, in milliseconds.

    `reached`: the last leg that ended, -1 before the first. `gun_ms`, `chip_ms`: from either start
    to there. `time_ms`: the one that ranks, rounded up, with penalties; None as long as there is no
    start to count from. `lost_laps`: taken off by penalties. Neither time nor laps go below zero:
    `uncounted_ms` and `uncounted_laps` are what was given back or taken off beyond that.
    """

    out: Out
    reached: int
    at: str
    finished: bool
    gun_ms: int | None
    chip_ms: int | None
    time_ms: int | None
    penalty_ms: int
    lost_laps: int
    laps: int
    uncounted_ms: int
    uncounted_laps: int
    no_reps: int
    splits: tuple[int | None, ...]
    reads: int
    resolution: int


def apply(said: Said, course: Course, fact: Fact, known: bool) -> Flags:
    """Put a fact into what was said; `known` is false for a chip that is nobody's."""
    payload = fact.payload
    match payload:
        case Read():
            return _read(said, course, payload, known)
        case Status():
            return _status(said, payload)
        case Penalty():
            said.penalty_ms += payload.time
            said.penalty_laps += payload.laps
            said.penalties += 1
            return _beyond(said, course, payload)
        case Reps():
            return _reps(said, course, payload)
        case Gun(at=at, wave=wave):
            again = (wave or "") in said.guns
            said.guns[wave or ""] = at
            said.fired[wave or ""] = fact.time or 0
            return (SECOND_GUN,) if again else OK
        case Clock(reader=reader, ahead=ahead):
            again = reader in said.ahead
            said.ahead[reader] = ahead
            flags = (SECOND_CLOCK,) if again else OK
            return flags if reader in course.by_reader else (*flags, UNKNOWN_READER)
    return OK


def _beyond(said: Said, course: Course, penalty: Penalty) -> Flags:
    """What of a penalty cannot count, as far as the course and the entrant's own reads tell."""
    flags: Flags = OK
    if penalty.time < 0 and said.reads:
        ended = [at for at in course.passings(said.reads, None) if at is not None]
        raced_ms = ended[-1] - (ended[0] if len(ended) > 1 else 0) if ended else 0
        flags = (GIVEN_BACK,) if said.penalty_ms + raced_ms < 0 else OK
    beyond = penalty.laps > 0 and said.penalty_laps > course.laps_of(len(course.legs) - 1)
    return (*flags, LAPS_BEYOND) if beyond else flags


def gun_clock(field: Said) -> RaceClock | None:
    """The race's clock from its first gun; None if nobody knows when that went."""
    first = min(field.guns, key=lambda wave: field.guns[wave])
    fired = field.fired.get(first, 0)
    return RaceClock(0, True, fired, "", "") if fired else None


def _read(said: Said, course: Course, read: Read, known: bool) -> Flags:
    if len(said.reads) >= READS_MAX:
        return (TOO_MANY_READS,)
    said.reads.append((read.at, read.reader))
    if not known:
        return (UNKNOWN_CHIP,)
    if read.reader not in course.by_reader:
        return (UNKNOWN_READER,)
    return (NOT_IN_THE_RACE,) if said.out == "dns" else OK


def _status(said: Said, decision: Status) -> Flags:
    before = said.out
    if decision.status == "reinstated":
        said.out = ""
        return OK if before else (NOTHING_TO_REINSTATE,)
    said.out = decision.status
    if before == decision.status:
        return (STATUS_REPEATED,)
    contradiction = "dns" in (before, decision.status) and before
    return (CONTRADICTS,) if contradiction else OK


def _reps(said: Said, course: Course, judged: Reps) -> Flags:
    good, no_reps = said.reps.get(judged.station, (0, 0))
    said.reps[judged.station] = (good + judged.good, no_reps + judged.no_reps)
    station = course.stations.get(judged.station)
    if station is None:
        return (UNKNOWN_STATION,)
    return (TOO_MANY_REPS,) if station.reps and good + judged.good > station.reps else OK


# the result ------------------------------------------------------------------------------------


def result(said: Said, field: Said, course: Course, wave: str) -> Result:
    """An entrant's result; `field` is what was said of the whole field."""
    params = course.params
    reads = in_time(said, field)
    gun = course.gun(wave, field.guns)
    ended = course.passings(reads, gun)
    reached = max((n for n, at in enumerate(ended) if at is not None), default=-1)
    at = ended[reached] if reached >= 0 else None
    crossed = ended[0] if params.start_line else None
    gun_ms = None if at is None or gun is None else at - gun
    chip_ms = None if at is None or crossed is None else at - crossed
    start = crossed if params.time == "chip" and crossed is not None else gun
    start = crossed if start is None else start
    penalty_ms = said.penalty_ms + _station_ms(said, course, reached)
    time_ms, uncounted_ms = None, 0
    if at is not None and start is not None:
        made_ms = rounded_up(at - start, params.resolution) + penalty_ms
        time_ms, uncounted_ms = max(0, made_ms), max(0, -made_ms)
    laps = course.laps_of(reached) - said.penalty_laps
    return Result(
        out=said.out,
        reached=reached,
        at=course.legs[reached].label if reached >= 0 else "",
        finished=reached + 1 == len(ended),
        gun_ms=gun_ms,
        chip_ms=chip_ms,
        time_ms=time_ms,
        penalty_ms=penalty_ms,
        lost_laps=said.penalty_laps,
        laps=max(0, laps),
        uncounted_ms=uncounted_ms,
        uncounted_laps=max(0, -laps) if course.is_lapped else 0,
        no_reps=sum(no_reps for _, no_reps in said.reps.values()),
        splits=tuple(None if e is None or start is None else e - start for e in ended),
        reads=len(said.reads),
        resolution=params.resolution,
    )


def in_time(said: Said, field: Said) -> list[tuple[int, str]]:
    """An entrant's reads by the race's clock, those of readers put right whose clock was off."""
    if not field.ahead:
        return said.reads
    return sorted((at - field.ahead.get(reader, 0), reader) for at, reader in said.reads)


def _station_ms(said: Said, course: Course, reached: int) -> int:
    """Milliseconds for no-reps, and at the finish for repetitions that a judge found missing."""
    total = 0
    for id_, (good, no_reps) in said.reps.items():
        station = course.stations.get(id_)
        if station is None:
            continue
        total += no_reps * station.no_rep
        if reached + 1 == len(course.legs):
            total += max(0, station.reps - good) * station.missing
    return total


def merit(results: Sequence[Result], by_laps: bool) -> tuple[int, ...] | None:
    """What ranks an entrant over its contests, smaller first; None if nothing is known of it.

    Those who are out come last, by kind. Before them, by time: who has finished more contests, lost
    fewer laps, come further, needed less. By laps: who has more laps and needed less for them.
    """
    if not any(one.reads or one.out or one.penalty_ms or one.lost_laps for one in results):
        return None
    out = max(OUT_ORDER[one.out] for one in results)
    if out:
        return (out,)
    time_ms = sum(one.time_ms or 0 for one in results)
    reached = sum(one.reached + 1 for one in results)
    if by_laps:
        return (0, -sum(one.laps for one in results), -reached, time_ms)
    finished = sum(one.finished for one in results)
    return (0, -finished, sum(one.lost_laps for one in results), -reached, time_ms)


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """The columns: numbers in milliseconds (`_ms`), the others as people write them."""
    last = max(results, key=lambda one: (one.reached, one.reads))
    out = max((one.out for one in results), key=OUT_ORDER.__getitem__)
    times = [one.time_ms for one in results if one.time_ms is not None]
    shown: dict[str, Any] = {
        "status": out or _progress(results),
        "reads": sum(one.reads for one in results),
    }
    if times:
        shown["time_ms"] = sum(times)
        if sum(times) or last.reached > 0:  # nothing to tell of who has but left the start
            shown["time"] = text(sum(times), last.resolution)
    if len(results) == 1:
        shown |= _of_one(last)
    penalty_ms = sum(one.penalty_ms for one in results)
    if penalty_ms:
        shown["penalty"] = text(penalty_ms, last.resolution)
    for name, total in (
        ("penalty_ms", penalty_ms),
        ("lost_laps", sum(one.lost_laps for one in results)),
        ("uncounted_ms", sum(one.uncounted_ms for one in results)),
        ("uncounted_laps", sum(one.uncounted_laps for one in results)),
        ("no_reps", sum(one.no_reps for one in results)),
        ("laps", sum(one.laps for one in results)),
    ):
        if total:
            shown[name] = total
    return shown


def _progress(results: Sequence[Result]) -> str:
    if all(one.finished for one in results):
        return "finished"
    return "racing" if any(one.reached >= 0 for one in results) else "waiting"


def _of_one(one: Result) -> dict[str, Any]:
    """What only makes sense of a single contest: where it has come to, either clock, splits."""
    shown: dict[str, Any] = {}
    if one.at:
        shown["at"] = one.at
    if one.gun_ms is not None:
        shown["gun_ms"] = one.gun_ms
    if one.chip_ms is not None:
        shown["chip_ms"] = one.chip_ms
    for number, split in enumerate(one.splits):
        if split is not None and number:
            shown[f"leg{number}_ms"] = split
            shown[f"leg{number}"] = text(rounded_up(split, one.resolution), one.resolution)
    return shown
