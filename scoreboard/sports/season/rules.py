"""How a season counts."""

from typing import Annotated, Literal

from msgspec import Meta, field

from scoreboard.facts.names import Id
from scoreboard.sports.sport import Params

Listed = Annotated[int, Meta(ge=0, le=100_000)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class SeasonParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a place is worth, what counts, what parts equals. A round may have its own (a sprint).

    `points`: for place 1, 2, 3 and so on. `fastest_lap`: points for it, if classified within the
    first `fastest_lap_within`. `dead_heat`: whether those who share a place share the points of
    all the places they take, or have each the full ones. `count_back`: whether a round's places
    count for ties. `count_back_within`: the places that are counted back, 0 for all.
    `best`: how many results of an entrant count, 0 for all; of each `part` of the season by itself.
    `ties`: by points, then by most first places, most second places and so on.
    `teams`: the group in which teams are ranked, none if they are not; `team_best`: how many of a
    team's entrants score in each round, 0 for all.
    """

    points: Annotated[list[Listed], Meta(max_length=200)] = field(
        default_factory=lambda: [25, 18, 15, 12, 10, 8, 6, 4, 2, 1]
    )
    fastest_lap: Listed = 0
    fastest_lap_within: Count = 10
    dead_heat: Literal["shared", "full"] = "shared"
    count_back: bool = True
    count_back_within: Count = 0
    best: Count = 0
    part: Id | None = None
    ties: list[Literal["points", "count_back"]] = field(
        default_factory=lambda: ["points", "count_back"]
    )
    teams: Id | None = None
    team_best: Count = 0
