"""One match as its facts have made it: who was on which side, and what each side scored."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from scoreboard.facts.competition import Contest
from scoreboard.facts.names import Id
from scoreboard.sports.rounds.facts import SIDE_MAX, Barred, Ended, Lineup, Result, Scored
from scoreboard.sports.sport import OK, Fact, Flags, Params

UNKNOWN_SIDE = "unknown-side"
NOT_IN_LINEUP = "not-in-lineup"
ON_TWO_SIDES = "on-two-sides"
SECOND_LINEUP = "second-lineup"
SECOND_RESULT = "second-result"
DIFFERS = "differs-from-scored"
AFTER_END = "after-end"
SECOND_END = "second-end"


class RoundsParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How matches are set up and what ranks those who play in them.

    A contest's entrants fill the `sides` in order, `side_size` each. `rank`: the average or the sum
    of the scores of an entrant's matches, or the points for wins and ties. `ties`: in order, any of
    these, `best` (its highest score) or a category's sum. `decimals` of an average as it is shown;
    ranks go by the exact one. `counts`: false for a contest outside the ranking, such as a final.
    """

    sides: Annotated[list[Id], Meta(min_length=2, max_length=8)] = field(
        default_factory=lambda: ["red", "blue"]
    )
    side_size: Annotated[int, Meta(ge=1, le=SIDE_MAX)] = 3
    rank: Literal["average", "sum", "win_points"] = "average"
    win: Annotated[int, Meta(ge=0, le=1_000)] = 2
    tie: Annotated[int, Meta(ge=0, le=1_000)] = 1
    ties: Annotated[list[Id], Meta(max_length=16)] = []
    decimals: Annotated[int, Meta(ge=0, le=3)] = 1
    counts: bool = True
    live_counts: bool = False

    def __post_init__(self) -> None:
        """Two sides of one name would be one: ValueError."""
        if len(set(self.sides)) < len(self.sides):
            raise ValueError("a side is named twice in sides")


class Side(Struct):
    """A side: who plays, who of them as surrogates, points by category, the official ones."""

    entrants: list[str] = []
    surrogates: list[str] = []
    scored: dict[str, int] = {}
    result: dict[str, int] | None = None
    changed: bool = False

    def points(self) -> dict[str, int]:
        """What counts, by category."""
        return self.scored if self.result is None else self.result

    def score(self) -> int:
        """What counts in all."""
        return sum(self.points().values())


class Match(Struct):
    """The state. `barred`: why, by entrant; `end_us`: when the match ended, 0 if unknown."""

    sides: dict[str, Side] = {}
    barred: dict[str, str] = {}
    ended: bool = False
    end_us: int = 0

    def is_over(self) -> bool:
        """Whether the match ended or every side's result is official."""
        return self.ended or all(side.result is not None for side in self.sides.values())

    def has_begun(self) -> bool:
        """Whether there is anything of a score."""
        return self.is_over() or any(side.scored or side.result for side in self.sides.values())

    def winners(self) -> list[str]:
        """The sides with the best score, several after a draw; none before the match is over."""
        if not self.is_over():
            return []
        best = max(side.score() for side in self.sides.values())
        return [name for name, side in self.sides.items() if side.score() == best]

    def side_of(self, entrant: str) -> str:
        """The first side that the entrant plays for."""
        return next((name for name, side in self.sides.items() if entrant in side.entrants), "")


def new_match(rules: RoundsParams, contest: Contest) -> Match:
    """A match before anything happened, with the sides as scheduled."""
    size = rules.side_size
    return Match(
        sides={
            name: Side(entrants=list(contest.entrants[n * size : (n + 1) * size]))
            for n, name in enumerate(rules.sides)
        }
    )


def apply(match: Match, fact: Fact) -> Flags:
    """Put a fact into the match; returns what is surprising about it."""
    payload = fact.payload
    match payload:
        case Ended():
            if match.ended:
                return (SECOND_END,)
            match.ended, match.end_us = True, fact.time or 0
            return OK
        case Barred(entrant=entrant, kind=kind):
            match.barred[entrant] = kind
            return OK if match.side_of(entrant) else (NOT_IN_LINEUP,)
    side = match.sides.get(payload.side)
    if side is None:
        return (UNKNOWN_SIDE,)
    match payload:
        case Lineup():
            return _lineup(match, side, payload)
        case Scored(points=points, category=category):
            side.scored[category] = side.scored.get(category, 0) + points
            late = match.end_us and (fact.time or 0) > match.end_us
            return (AFTER_END,) if late else OK
        case Result():
            return _result(side, payload)
    return OK


def _lineup(match: Match, side: Side, lineup: Lineup) -> Flags:
    flags = [SECOND_LINEUP] if side.changed else []
    side.changed = True
    side.entrants = list(dict.fromkeys([*lineup.entrants, *lineup.surrogates]))
    side.surrogates = list(lineup.surrogates)
    others = [e for other in match.sides.values() if other is not side for e in other.entrants]
    if not set(side.entrants).isdisjoint(others):
        flags.append(ON_TWO_SIDES)
    return tuple(flags)


def _result(side: Side, result: Result) -> Flags:
    flags = [SECOND_RESULT] if side.result is not None else []
    side.result = dict(result.points)
    if side.scored and sum(side.scored.values()) != sum(result.points.values()):
        flags.append(DIFFERS)
    return tuple(flags)
