"""A match as it might go: points of the sides as they fall."""

from scoreboard.facts.competition import Contest
from scoreboard.sports.rounds.facts import Ended, Lineup, Scored
from scoreboard.sports.rounds.match import RoundsParams
from scoreboard.sports.simulating import Chance, Sayings

LENGTH_S, SCORES = 150.0, 14
POINTS = (2, 4, 5, 8, 10)


def match(contest: Contest, field: list[str], rules: RoundsParams, chance: Chance) -> Sayings:
    """Until the whistle; `field` is drawn from for sides that the contest does not name."""
    if not contest.entrants:
        size = max(1, min(rules.side_size, len(field) // len(rules.sides)))
        drawn = chance.sample(field, min(len(field), size * len(rules.sides)))
        for number, side in enumerate(rules.sides):
            members = drawn[number * size : (number + 1) * size]
            if members:
                yield 0.0, Lineup(side=side, entrants=members)
    categories = [name for name in rules.ties if name != "best"] + ["points"]
    for number in range(1, SCORES + 1):
        side, points = chance.choice(rules.sides), chance.choice(POINTS)
        at_s = LENGTH_S * number / (SCORES + 1)
        yield at_s, Scored(side=side, points=points, category=chance.choice(categories))
    yield LENGTH_S, Ended()
