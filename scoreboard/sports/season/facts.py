"""What can be said of a season's rounds: who came where, and what was decided about points."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload

Place = Annotated[int, Meta(ge=1, le=10_000)]
Points = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]


class Result(Payload, frozen=True, kw_only=True):
    """Where an entrant came in a round; only `classified` places score and count for ties.

    `team`: for whom it scored there, if not for its own team.
    """

    entrant: Id
    place: Place | None = None
    status: Literal["classified", "dnf", "dns", "dsq", "dnq"] = "classified"
    team: Id | None = None
    reason: Line = ""


class FastestLap(Payload, frozen=True, kw_only=True):
    """The entrant with the fastest lap of the round."""

    entrant: Id


class Shortened(Payload, frozen=True, kw_only=True):
    """The round gives this share of its points, such as 1 of 2 after a race that was stopped."""

    share: tuple[Annotated[int, Meta(ge=0, le=100)], Annotated[int, Meta(ge=1, le=100)]]
    reason: Line = ""


class Adjusted(Payload, frozen=True, kw_only=True):
    """Points given to an entrant (or a team), or taken below zero, by decision; never dropped."""

    entrant: Id
    points: Points
    reason: Line = ""


class Final(Payload, frozen=True, kw_only=True):
    """The round's results are final."""


def _entrant(payload: Any) -> tuple[str, ...]:
    return (payload.entrant,)


def _entrant_and_team(payload: Result) -> tuple[str, ...]:
    return (payload.entrant,) if payload.team is None else (payload.entrant, payload.team)


RESULT = Kind("season.result", Result, entrants=_entrant_and_team)
FASTEST_LAP = Kind("season.fastest_lap", FastestLap, entrants=_entrant)
SHORTENED = Kind("season.shortened", Shortened)
ADJUSTED = Kind("season.adjusted", Adjusted, entrants=_entrant)
FINAL = Kind("season.final", Final)

KINDS = (RESULT, FASTEST_LAP, SHORTENED, ADJUSTED, FINAL)
