"""How a golf competition is played and counted."""

from typing import Annotated, Literal

from msgspec import Meta, field

from scoreboard.facts.competition import Contest
from scoreboard.sports.golf.facts import HOLES_MAX
from scoreboard.sports.joining import JoinParams
from scoreboard.sports.sport import Params

Par = Annotated[int, Meta(ge=1, le=10)]
Count = Annotated[int, Meta(ge=0, le=100)]


class GolfParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`play`: strokes over rounds (Rule 3.3), or matches of two sides by holes (Rule 3.2).

    `pars`: of the holes, in the order of play; a contest may have others.
    Stroke play: `ties`: what parts equals after strokes: a play-off, or the better last 9, 6, 3 and
    1 holes of the last round (card back).
    Match play: `balls`: `one` of each side (singles, foursomes), or the `best` of several
    (four-ball). `count`: the match is won by holes `up` and ends when no more can be gained, or by
    all the `points` that holes are worth. `raise_max`: how often a hole's worth may be raised.
    `halved`: whether a match may end level; if not, it goes on until a hole is won.
    `win`, `half`: half points for a team from a match. `join`: how simulators' shots are joined
    with scorers' strokes, by the devices' clocks.
    """

    play: Literal["stroke", "match"] = "stroke"
    pars: Annotated[list[Par], Meta(min_length=1, max_length=HOLES_MAX)] = field(
        default_factory=lambda: [4] * 18
    )
    ties: list[Literal["play_off", "card_back"]] = field(default_factory=lambda: ["play_off"])
    balls: Literal["one", "best"] = "one"
    count: Literal["up", "points"] = "up"
    raise_max: Count = 0
    halved: bool = True
    win: Count = 2
    half: Count = 1
    join: JoinParams = JoinParams()


class Course:
    """The parameters of one contest, with the contest that they hold for."""

    def __init__(self, contest: Contest, params: GolfParams) -> None:
        self.contest = contest
        self.params = params
        self.holes = len(params.pars)
        self.sides = tuple(contest.entrants[:2])

    def par(self, hole: int) -> int:
        """Par of a hole; extra holes are played from the first on again."""
        return self.params.pars[(hole - 1) % self.holes]
