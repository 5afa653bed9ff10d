"""A session as it might go: weigh-ins, then lift by lift and round by round, the lightest first."""

from typing import Any, Literal, get_args

from scoreboard.sports.lifting.facts import Attempt, Light, WeighIn
from scoreboard.sports.lifting.lifter import LiftingParams
from scoreboard.sports.simulating import Chance, Sayings

Referee = Literal["left", "centre", "right"]
ATTEMPT_S, LIGHT_S = 75.0, 12.0
BODY_G = (52_000, 118_000)  # within the class's bounds
TIMES = {"squat": 1.7, "bench": 1.1, "deadlift": 2.0, "snatch": 1.0, "clean_and_jerk": 1.25}
GOOD = 0.72  # a light is white, where the attempt is
RAISED_STEPS = 3


def session(field: list[str], rules: LiftingParams, chance: Chance) -> Sayings:
    """Everybody's attempts."""
    low = max(rules.body_weight_min_g + 1, min(BODY_G[0], rules.body_weight_max_g))
    high = max(low, min(BODY_G[1], rules.body_weight_max_g))
    bodies = {entrant: chance.randint(low, high) // 100 * 100 or low for entrant in field}
    bodies = {entrant: max(low, body) for entrant, body in bodies.items()}
    lots = chance.sample(range(1, len(field) + 1), len(field))
    for number, entrant in enumerate(field):
        weighed = WeighIn(entrant=entrant, body_weight_g=bodies[entrant], lot=lots[number])
        yield number * 5.0, weighed
    at_s = len(field) * 5.0
    for lift in rules.lifts:
        steps = {
            entrant: round(body * TIMES.get(lift, 1.2) * chance.uniform(0.8, 1.1) / rules.step_g)
            for entrant, body in bodies.items()
        }
        for attempt in range(1, rules.attempts + 1):
            for entrant in sorted(field, key=lambda one: (steps[one], one)):
                at_s += ATTEMPT_S
                weight = max(1, steps[entrant]) * rules.step_g
                on: dict[str, Any] = {"entrant": entrant, "lift": lift, "attempt": attempt}
                yield at_s, Attempt(**on, weight_g=weight)
                good = chance.random() < GOOD
                for number, referee in enumerate(get_args(Referee)):
                    white = good if number else good or chance.random() < GOOD / 2
                    yield at_s + LIGHT_S + number, Light(**on, referee=referee, good=white)
                steps[entrant] += chance.randint(1, RAISED_STEPS) if good else 0
