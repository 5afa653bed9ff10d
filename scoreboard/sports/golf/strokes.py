"""A device's shot and a scorer's stroke: what joins them, and the combined stroke."""

from collections.abc import Sequence
from typing import Any

import msgspec

from scoreboard.sports.golf.facts import SHOT, STROKE
from scoreboard.sports.golf.rules import Course
from scoreboard.sports.joining import Join, Key
from scoreboard.sports.sport import Fact, States

MEASURED = ("club", "carry", "total", "offline", "speed", "launch", "spin")


def join(course: Course) -> Join:
    """Shots and strokes of an entrant: the same stroke of the same hole, or near in time.

    Where a side plays several balls, a stroke is a player's.
    """
    balls = course.params.balls == "best"
    return Join(
        observed=frozenset({SHOT.type}),
        decided=frozenset({STROKE.type}),
        params=course.params.join,
        scope=_entrant,
        keys=_strokes_of_players if balls else _strokes,
        at=_device_time,
        combined=combined,
        subject=_entrant,
    )


def combined(shot: Fact, strokes: Sequence[Fact]) -> dict[str, Any]:
    """What the scorer counted, with what the device measured."""
    [stroke] = strokes
    said = stroke.payload
    made: dict[str, Any] = {"hole": said.hole, "stroke": said.number, "holed": said.holed}
    if player := said.player or shot.payload.player:
        made["player"] = player
    if said.note:
        made["note"] = said.note
    measured = msgspec.to_builtins(shot.payload)
    return made | {name: measured[name] for name in MEASURED if measured.get(name) is not None}


def _entrant(fact: Fact) -> str:
    entrant: str = fact.payload.entrant
    return entrant


def _strokes(facts: Sequence[Fact], _states: States) -> dict[str, Key]:
    return {fact.record: (fact.payload.hole, fact.payload.number) for fact in facts}


def _strokes_of_players(facts: Sequence[Fact], _states: States) -> dict[str, Key]:
    said = ((fact.record, fact.payload) for fact in facts)
    return {record: (one.hole, one.number, one.player or None) for record, one in said}


def _device_time(fact: Fact, _states: States) -> int | None:
    return None if fact.time is None else fact.time // 1_000
