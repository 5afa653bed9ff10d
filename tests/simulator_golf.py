"""A made-up round of golf before simulators: thirty golfers, what was seen and counted.

Every stroke is known as it was. Of some the simulator saw nothing, some it told twice, some under
the name of another golfer (whose own stroke it knew), and often it did not know which stroke it
was; scorers missed some too.
Golfers play a stroke at most every 45 seconds and scorers are at most 6 seconds late, so that with
a window of 20 seconds a plain look at each stroke by itself says what must come of it.
"""

import datetime
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

GOLFERS = [f"g{n:02}" for n in range(30)]
HOLES = 9
START = datetime.datetime(2026, 5, 2, 8, tzinfo=datetime.UTC)
WITHIN_MS, DOUBT_MS = 20_000, 5_000

COMPETITION = {
    "slug": "bays",
    "name": "Bays",
    "sport": "golf",
    "params": {
        "pars": [4] * HOLES,
        "join": {"within_ms": WITHIN_MS, "doubt_ms": DOUBT_MS},
    },
    "entrants": [{"id": id_, "name": id_.upper()} for id_ in GOLFERS],
    "contests": [{"id": "r1", "name": "Round 1", "entrants": GOLFERS}],
}


class Played(NamedTuple):
    """One stroke as it was, with the records that speak of it: shots seen, and the one counted."""

    golfer: str
    shots: list[dict[str, Any]]
    stroke: dict[str, Any] | None

    @property
    def mistaken(self) -> bool:
        """Whether the simulator took the golfer for another."""
        return bool(self.shots) and self.shots[0]["data"]["entrant"] != self.golfer


def field(seed: int) -> list[Played]:
    """All strokes of the round, each with what was said of it."""
    chance = random.Random(seed)
    played = [one for place, golfer in enumerate(GOLFERS) for one in _round(golfer, place, chance)]
    sound = [one for one in played if one.stroke and len(one.shots) == 1]
    known = [one for one in sound if "number" in one.shots[0]["data"]]
    chance.shuffle(known)
    mistaken = known[: len(known) // 30]
    for one in mistaken:
        seen = one.shots[0]["data"]
        others = [other for other in known[len(mistaken) :] if which(other) == which(one)]
        seen["entrant"] = chance.choice(others).golfer
    return played


def which(played: Played) -> tuple[int, int]:
    """Which stroke of which hole the first shot was, as the simulator said."""
    seen = played.shots[0]["data"]
    return seen["hole"], seen["number"]


def _round(golfer: str, place: int, chance: random.Random) -> Iterator[Played]:
    now_s = place * 600.0
    for hole in range(1, HOLES + 1):
        taken = chance.choice([3, 4, 4, 5])
        for number in range(1, taken + 1):
            now_s += chance.uniform(45, 90)
            yield _stroke(golfer, hole, number, number == taken, now_s, chance)


def _stroke(
    golfer: str, hole: int, number: int, holed: bool, now_s: float, chance: random.Random
) -> Played:
    name = f"{golfer}-{hole}-{number}"
    seen: dict[str, Any] = {"entrant": golfer, "carry": round(chance.uniform(1, 280), 1)}
    if chance.random() < 0.7:
        seen |= {"hole": hole, "number": number}
    shots = [] if chance.random() < 0.04 else [said(name, "sim", "golf.shot", now_s, seen)]
    if shots and chance.random() < 0.03:
        again_s = now_s + chance.uniform(0.2, 0.9)
        shots.append(said(f"{name}-again", "sim", "golf.shot", again_s, seen))
    counted = {"entrant": golfer, "hole": hole, "number": number, "holed": holed}
    late_s = now_s + chance.uniform(0.5, 6)
    stroke = said(name, "scorer", "golf.stroke", late_s, counted)
    return Played(golfer, shots, None if chance.random() < 0.03 else stroke)


def said(id_: str, source: str, type_: str, at_s: float, data: dict[str, Any]) -> dict[str, Any]:
    """One event."""
    time = START + datetime.timedelta(milliseconds=round(at_s * 1_000))
    return {
        "id": id_,
        "source": source,
        "type": type_,
        "time": time.isoformat(),
        "contest": "r1",
        "data": data,
    }


def events(played: list[Played], seed: int) -> list[dict[str, Any]]:
    """Everything that was said, in some order of arrival."""
    found = [event for one in played for event in (*one.shots, one.stroke) if event is not None]
    random.Random(seed).shuffle(found)
    return found


def record(event: dict[str, Any]) -> str:
    """The record of an event."""
    return f"{event['source']}/{event['id']}"


def expected(played: list[Played]) -> tuple[dict[str, str], dict[str, str]]:
    """What must be combined (the stroke of each shot), and what must wait, and why."""
    combined: dict[str, str] = {}
    waiting: dict[str, str] = {}
    for one in played:
        heard = [*map(record, one.shots), *([record(one.stroke)] if one.stroke else [])]
        if len(one.shots) == 1 and one.stroke and not one.mistaken:
            combined[heard[0]] = heard[1]
        elif len(one.shots) == 2 and one.stroke:
            waiting |= dict.fromkeys(heard, "doubtful")
        else:
            waiting |= dict.fromkeys(heard, "unmatched")
    return combined, waiting
