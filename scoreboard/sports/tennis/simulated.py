"""A match as it might go, point by point."""

from typing import Literal

from scoreboard.facts.competition import Contest
from scoreboard.sports.simulating import Chance, Sayings
from scoreboard.sports.sport import Fact
from scoreboard.sports.tennis import match as match_
from scoreboard.sports.tennis.facts import POINT, Point, Server
from scoreboard.sports.tennis.rules import TennisParams

POINT_S = 25.0
POINTS_MAX = 5_000
HOW: tuple[Literal["", "winner", "error"], ...] = ("", "winner", "error")


def match(contest: Contest, rules: TennisParams, chance: Chance) -> Sayings:
    """Until a side has won by the rules."""
    sides = contest.entrants[:2]
    state = match_.new_match(contest)
    better = chance.uniform(0.44, 0.56)  # how many of its points the first side wins
    yield 0.0, Server(entrant=chance.choice(sides))
    for number in range(1, POINTS_MAX + 1):
        winner = sides[chance.random() >= better]
        point = Point(number=number, winner=winner, how=chance.choice(HOW))
        yield number * POINT_S, point
        match_.apply(state, _fact(contest.id, number, point), rules)
        if state.winner != match_.NOBODY:
            return


def _fact(contest: str, number: int, point: Point) -> Fact:
    return Fact(
        record=str(number),
        type=POINT.type,
        payload=point,
        contest=contest,
        position=number,
        time=None,
        source="",
        id=str(number),
    )
