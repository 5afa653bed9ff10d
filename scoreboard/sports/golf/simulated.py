"""A round of the field, or a match, as it might go."""

from scoreboard.sports.golf.facts import HOLES_MAX, Holed
from scoreboard.sports.golf.rules import Course
from scoreboard.sports.simulating import Chance, Sayings, in_order

HOLE_S, TEE_S, FLIGHT = 840.0, 600.0, 3
TO_PAR, OFTEN = (-2, -1, 0, 1, 2, 3), (0.5, 15, 52, 24, 7, 1.5)


def strokes(par: int, chance: Chance) -> int:
    """Strokes that somebody takes at a hole."""
    return max(1, par + chance.choices(TO_PAR, OFTEN)[0])


def round_of(field: list[str], course: Course, chance: Chance) -> Sayings:
    """Everybody's card, in flights that begin one after the other."""

    def play() -> Sayings:
        for place, entrant in enumerate(field):
            at_s = place // FLIGHT * TEE_S
            for hole in range(1, course.holes + 1):
                at_s += chance.uniform(0.85, 1.15) * HOLE_S
                taken = strokes(course.par(hole), chance)
                yield at_s, Holed(entrant=entrant, hole=hole, strokes=taken)

    return in_order(play())


def match(course: Course, chance: Chance) -> Sayings:
    """Hole by hole until a side has won, or all is played and may end level."""
    up, holes = 0, course.holes
    for hole in range(1, HOLES_MAX + 1):
        left = holes - hole + 1
        if left <= 0 and (course.params.halved or up):
            return
        if left > 0 and course.params.count == "up" and abs(up) > left:
            return
        taken = [strokes(course.par(hole), chance) for _ in course.sides]
        for side, count in zip(course.sides, taken, strict=True):
            yield hole * HOLE_S, Holed(entrant=side, hole=hole, strokes=count)
        up += (taken[0] < taken[1]) - (taken[0] > taken[1])
