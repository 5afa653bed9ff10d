"""A made-up road race of 3,000 with every quirk of a real one, and what must come of it.

The truth comes first: when everybody crossed every line. From it follow two things by separate
ways: what devices and officials told (`events`), and the results (`results`), computed plainly from
the truth and from what readers happened to see, without any of the sport's code.

Quirks: mats that miss, chips read twice and by two mats, people lingering behind the start line and
strolling over it before the gun, a reader whose clock is ahead, a chip that nobody wears, bibs
written down by hand, waves with a planned offset and one with a gun of its own, late penalties and
time given back, non-starters, drop-outs, disqualified and reinstated, equal times, two divisions.
"""

import random
from bisect import bisect_left
from functools import cache
from typing import Any

from msgspec import Struct

FIELD = 3_000
GUN = 36_000_000  # ten o'clock, in milliseconds of the day
OWN_GUN = GUN + 612_345  # of wave c
OFFSETS = {"a": 0, "b": 300_000}
AHEAD = 12_345  # milliseconds that the second mat at ten kilometres is ahead
POINTS = ("start", "k5", "k10", "finish")
MATS = {p: (f"{p}-left", f"{p}-right") for p in POINTS}
MISSED = 0.04


class Runner(Struct):
    """One entrant's truth. `seen`: by point, what was read of it there, by reader."""

    id: str
    wave: str
    division: str
    chip: str | None
    seen: dict[str, list[tuple[int, str]]] = {}
    early: list[tuple[int, str]] = []
    penalty: int = 0
    penalties: list[int] = []
    decisions: list[str] = []


def gun_of(runner: Runner) -> int:
    return OWN_GUN if runner.wave == "c" else GUN + OFFSETS[runner.wave]


@cache
def field() -> tuple[Runner, ...]:
    """Everybody's truth; always the same."""
    chance = random.Random(3_000)
    return tuple(_runner(number, chance) for number in range(1, FIELD + 1))


def _runner(number: int, chance: random.Random) -> Runner:
    runner = Runner(
        id=f"n{number}",
        wave="abc"[number % 3],
        division="women" if number % 2 else "men",
        chip=None if number % 100 == 7 else f"chip{number}",
        seen={},
    )
    runner.decisions = _decisions(chance)
    if runner.decisions[-1:] == ["dns"]:
        return runner
    at = gun_of(runner) + chance.randrange(0, 240_000)
    pace = chance.randrange(900_000, 2_400_000) // 1_000 * 1_000  # of five kilometres
    last = chance.choice(POINTS[1:3]) if runner.decisions[-1:] == ["dnf"] else "finish"
    for point in POINTS:
        if chance.random() > MISSED or point == "start":
            runner.seen[point] = _reads(point, at, chance)
        if point == last:
            break
        at += pace + chance.randrange(0, 60) * 1_000
    if chance.random() < 0.1:
        before = gun_of(runner) - chance.randrange(1_000, 900_000)
        runner.early = [(before, MATS["start"][0])]
    if chance.random() < 0.05:
        runner.penalties = [chance.choice([30_000, 60_000, -15_000]) for _ in range(2)]
    if chance.random() < MISSED:
        runner.seen.pop("start")
    return runner


def _decisions(chance: random.Random) -> list[str]:
    return chance.choices(
        [[], ["dns"], ["dnf"], ["dsq"], ["dsq", "reinstated"], ["dnf", "reinstated", "dsq"]],
        weights=[90, 2, 3, 2, 2, 1],
    )[0]


def _reads(point: str, at: int, chance: random.Random) -> list[tuple[int, str]]:
    """The true crossing, and more reads of it: before it at the start, after it elsewhere."""
    left, right = MATS[point]
    reads = [(at, chance.choice((left, right)))]
    for _ in range(chance.choice((0, 0, 1, 3))):
        away = chance.randrange(1, 8_000)
        other = max(at - away, 0) if point == "start" else at + away
        reads.append((other, chance.choice((left, right))))
    return reads


# what was told ---------------------------------------------------------------------------------


def competition(time: str = "chip") -> dict[str, Any]:
    """The competition as an organiser would post it."""
    window = {"window": 20_000}
    return {
        "slug": "field-race",
        "name": "Field race",
        "sport": "race",
        "params": {
            "points": [
                {"id": "start", "readers": MATS["start"], "take": "last", "latest": 600_000}
                | window,
                *({"id": p, "readers": MATS[p], "earliest": 600_000} | window for p in POINTS[1:]),
            ],
            "waves": OFFSETS,
            "time": time,
            "resolution": 1000,
        },
        "entrants": [_entrant(runner) for runner in field()],
        "contests": [{"id": "race"}],
    }


def _entrant(runner: Runner) -> dict[str, Any]:
    worn = {"chip": runner.chip} if runner.chip else {}
    attributes = {"wave": runner.wave, "division": runner.division} | worn
    return {"id": runner.id, "name": f"Runner {runner.id}", "attributes": attributes}


@cache
def events() -> list[dict[str, Any]]:
    """What devices and officials told of the race, in no order that means anything."""
    told: list[dict[str, Any]] = []

    def tell(source: str, type_: str, **data: Any) -> None:
        told.append(
            {
                "id": f"{len(told):06}",
                "source": source,
                "type": f"race.{type_}",
                "contest": "race",
                "time": f"2027-05-01T10:{len(told) // 60 % 60:02}:{len(told) % 60:02}Z",
                "data": data,
            }
        )

    tell("pistol", "gun", at=GUN)
    tell("pistol", "gun", at=OWN_GUN, wave="c")
    tell("official", "clock", reader="k10-right", ahead=AHEAD)
    tell("mat-finish", "read", reader="finish-left", at=GUN + 4_000_000, chip="chip-of-nobody")
    for runner in field():
        who = {"chip": runner.chip} if runner.chip else {"entrant": runner.id}
        for at, reader in [*runner.early, *(r for p in POINTS for r in runner.seen.get(p, ()))]:
            shown = at + AHEAD if reader == "k10-right" else at
            tell(f"mat-{reader}", "read", reader=reader, at=shown, **who)
        for ms in runner.penalties:
            tell("official", "penalty", entrant=runner.id, time=ms, reason="late decision")
    for place in range(3):  # decisions in the order in which they were made
        for runner in field():
            if place < len(runner.decisions):
                status = runner.decisions[place]
                told_before = len(told)
                tell("official", "status", entrant=runner.id, status=status)
                told[told_before]["time"] = f"2027-05-01T1{2 + place}:00:00Z"
    return told


# what must come of it --------------------------------------------------------------------------


def results(by_chip: bool) -> dict[str, dict[str, Any]]:
    """By entrant: status, time in milliseconds, splits by leg, rank over all and in division."""
    made = {runner.id: _result(runner, by_chip) for runner in field()}
    made = {id_: result for id_, result in made.items() if result is not None}
    everybody = sorted(result["order"] for result in made.values())
    for division in ("women", "men"):
        some = [result for result in made.values() if result["division"] == division]
        orders = sorted(result["order"] for result in some)
        for result in some:
            result["rank"] = 1 + bisect_left(everybody, result["order"])
            result["group_rank"] = 1 + bisect_left(orders, result["order"])
    return made


def _result(runner: Runner, by_chip: bool) -> dict[str, Any] | None:
    decided = runner.decisions[-1] if runner.decisions else ""
    out = "" if decided == "reinstated" else decided
    if not out and not runner.seen and not runner.penalties and not runner.early:
        return None
    gun = gun_of(runner)
    crossed = {p: min(at for at, _ in reads) for p, reads in runner.seen.items() if p != "start"}
    if "start" in runner.seen:
        crossed["start"] = max(at for at, _ in runner.seen["start"])
    since = crossed.get("start", gun) if by_chip else gun
    come = [number for number, point in enumerate(POINTS) if point in crossed]
    result = {
        "division": runner.division,
        "status": out or ("finished" if 3 in come else "racing" if come else "waiting"),
        "splits": {n: crossed[POINTS[n]] - since for n in come if n},
    }
    penalty = sum(runner.penalties)
    time_ms = 0
    if come:
        whole_s = -((since - crossed[POINTS[come[-1]]]) // 1_000)
        time_ms = result["time_ms"] = whole_s * 1_000 + penalty
    reached = max(come, default=-1)
    place = {"dnf": 1, "dsq": 2, "dns": 3}.get(out, 0)
    result["order"] = (place,) if place else (0, reached != 3, -reached, time_ms)
    return result
