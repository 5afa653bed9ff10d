"""What can be said about a match of alliances, pairs or teams that change from round to round."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload

SIDE_MAX = 16

Points = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Members = Annotated[list[Id], Meta(max_length=SIDE_MAX)]


class Lineup(Payload, frozen=True, kw_only=True):
    """Who plays for a side, in place of whom the schedule put there.

    `surrogates` of them play, but the match does not count for their ranking.
    """

    side: Id
    entrants: Annotated[list[Id], Meta(min_length=1, max_length=SIDE_MAX)]
    surrogates: Members = []


class Scored(Payload, frozen=True, kw_only=True):
    """Points of a side, as they fall, in a category of the game's own."""

    side: Id
    points: Points
    category: Id = "points"


class Result(Payload, frozen=True, kw_only=True):
    """A side's official score by category; it stands above what was counted as it fell."""

    side: Id
    points: Annotated[dict[Id, Points], Meta(min_length=1, max_length=32)]


class Barred(Payload, frozen=True, kw_only=True):
    """An entrant that gets nothing from the match: it did not show up or was disqualified."""

    entrant: Id
    kind: Literal["absent", "disqualified"] = "absent"
    reason: Line = ""


class Ended(Payload, frozen=True, kw_only=True):
    """The match is over."""


def _lineup(payload: Any) -> list[str]:
    return [*payload.entrants, *payload.surrogates]


KINDS = (
    Kind("rounds.lineup", Lineup, entrants=_lineup),
    Kind("rounds.scored", Scored),
    Kind("rounds.result", Result),
    Kind("rounds.barred", Barred, entrants=lambda p: (p.entrant,)),
    Kind("rounds.ended", Ended),
)
