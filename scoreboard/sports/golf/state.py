"""The state of a round or match: cards by entrant, and what was raised, declined, played off."""

from msgspec import Struct

from scoreboard.sports.golf.rules import Course


class Card(Struct, omit_defaults=True):
    """One entrant's round.

    `holes`: strokes by hole and ball ("" where there is one). `official`: the total that stands
    instead of the sum. `conceded`: holes given away. `out`: cut, wd, dq, conceded, or "".
    """

    holes: dict[int, dict[str, int]] = {}
    penalty: int = 0
    official: int | None = None
    conceded: list[int] = []
    out: str = ""

    def at(self, hole: int) -> int | None:
        """Strokes at a hole, of the best ball; None before it was played."""
        balls = self.holes.get(hole)
        return min(balls.values()) if balls else None

    def strokes(self, course: Course) -> int:
        """What the course's holes add up to, with penalty strokes; never below what was holed.

        No rule takes off strokes that were played; only penalties can be taken back.
        """
        played = (self.at(hole) for hole in range(1, course.holes + 1))
        return sum(strokes or 0 for strokes in played) + max(0, self.penalty)

    def total(self, course: Course) -> int:
        """The strokes that count: the official total where there is one."""
        return self.strokes(course) if self.official is None else self.official

    def thru(self, course: Course) -> int:
        """How many of the course's holes were played; all of them once there is a total."""
        if self.official is not None:
            return course.holes
        return sum(1 for hole in self.holes if hole <= course.holes)

    def to_par(self, course: Course) -> int:
        """Strokes above (below zero: under) the par of the holes played."""
        if self.official is not None:
            return self.official - sum(course.params.pars)
        par = sum(course.par(hole) for hole in self.holes if hole <= course.holes)
        return self.strokes(course) - par


class Play(Struct, omit_defaults=True):
    """`cards` by entrant; `raises`: by hole, who raised in turn; `declined`: by hole, by whom."""

    cards: dict[str, Card] = {}
    raises: dict[int, list[str]] = {}
    declined: dict[int, str] = {}
    play_offs: dict[str, list[str]] = {}
