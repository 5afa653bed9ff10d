"""One round as its facts have made it, and the points that it gives."""

from fractions import Fraction
from typing import Any

from msgspec import Struct

from scoreboard.sports.season.facts import Adjusted, FastestLap, Final, Result, Shortened
from scoreboard.sports.season.rules import SeasonParams
from scoreboard.sports.sport import OK, Fact, Flags

SECOND_RESULT = "second-result"
PLACE_SHARED = "place-shared"
NO_PLACE = "no-place"
SECOND_FASTEST_LAP = "second-fastest-lap"
SECOND_SHARE = "second-share"
AFTER_FINAL = "after-final"


class Round(Struct, omit_defaults=True):
    """A round's state. `share`: of its points, if not all are given. `adjusted`: by record.

    `sharing`: how many were classified at each place.
    """

    results: dict[str, Result] = {}
    sharing: dict[int, int] = {}
    fastest_lap: str = ""
    share: tuple[int, int] | None = None
    adjusted: dict[str, Adjusted] = {}
    final: bool = False


def apply(state: Round, fact: Fact) -> Flags:
    """Put a fact into the round: a later word on the same thing stands, and is flagged."""
    flags = _taken(state, fact.record, fact.payload)
    late = state.final and not isinstance(fact.payload, Final | Adjusted)
    if isinstance(fact.payload, Final):
        state.final = True
    return (*flags, AFTER_FINAL) if late else flags


def _taken(state: Round, record: str, payload: Any) -> Flags:
    match payload:
        case Result():
            return _result(state, payload)
        case FastestLap(entrant=entrant):
            again, state.fastest_lap = bool(state.fastest_lap), entrant
            return (SECOND_FASTEST_LAP,) if again else OK
        case Shortened(share=share):
            again, state.share = state.share is not None, share
            return (SECOND_SHARE,) if again else OK
        case Adjusted():
            state.adjusted[record] = payload
    return OK


def _result(state: Round, result: Result) -> Flags:
    before = state.results.get(result.entrant)
    if before is not None and (left := place_of(before)) is not None:
        state.sharing[left] -= 1
    place = place_of(result)
    shared = place is not None and state.sharing.get(place, 0) > 0
    if place is not None:
        state.sharing[place] = state.sharing.get(place, 0) + 1
    state.results[result.entrant] = result
    checks = (
        (before is not None, SECOND_RESULT),
        (result.status == "classified" and place is None, NO_PLACE),
        (shared, PLACE_SHARED),
    )
    return tuple(flag for surprising, flag in checks if surprising)


def place_of(result: Result) -> int | None:
    """The place that scores and counts for ties; None if the entrant was not classified."""
    return result.place if result.status == "classified" else None


def points(state: Round, params: SeasonParams) -> dict[str, Fraction]:
    """What the round gives each entrant: for the place, and for the fastest lap."""
    share = Fraction(*state.share) if state.share else Fraction(1)
    given = {}
    for entrant, result in state.results.items():
        place = place_of(result)
        scored = Fraction(0) if place is None else _for_place(place, state.sharing[place], params)
        lap = params.fastest_lap if entrant == state.fastest_lap else 0
        if lap and (place is None or place > params.fastest_lap_within):
            lap = 0
        given[entrant] = (scored + lap) * share
    return given


def _for_place(place: int, sharing: int, params: SeasonParams) -> Fraction:
    """Points for a place that so many share: those of all the places that they take, divided."""
    if params.dead_heat == "full":
        return Fraction(_listed(place, params))
    taken = sum(_listed(place + n, params) for n in range(sharing))
    return Fraction(taken, sharing)


def _listed(place: int, params: SeasonParams) -> int:
    return params.points[place - 1] if place <= len(params.points) else 0
