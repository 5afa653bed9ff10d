"""How a match is won: sets of games, or sets of points; who serves; what a table counts."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from scoreboard.sports.sport import Params

To = Annotated[int, Meta(ge=1, le=200)]
Tie = Literal[
    "wins",
    "points",
    "head_to_head",
    "set_difference",
    "set_ratio",
    "game_difference",
    "game_ratio",
]


class SetRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one set is won: by whoever first has `to` games (or points) and leads by two.

    `tie_break_at`: games of both at which a tie-break is played, to `tie_break_to` points and
    `tie_break_lead` ahead; none in an advantage set. `cap`: at so many points a set by points is
    won whatever the lead (badminton: 30), 0 for none.
    """

    by: Literal["games", "points"] = "games"
    to: To = 6
    tie_break_at: To | None = None
    tie_break_to: To = 7
    tie_break_lead: Literal[1, 2] = 2
    cap: Annotated[int, Meta(ge=0, le=200)] = 0

    def __post_init__(self) -> None:
        """A cap that comes before a set can be won is refused: ValueError."""
        if self.cap and self.cap < self.to:
            raise ValueError("cap is below to")


class TennisParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The format.

    `sets`: best of so many. `set`: the rules of a set, `final`: of the deciding one, if other.
    `advantage`: whether a game is won by two points from deuce, or by the next one (no-ad).
    `serve`: by `games` in turn (and one, two, two points in tie-breaks), the `winner` of the last
    point, or `two` points each in turn. `first_server` of a set by points: in turn (`alternate`)
    or who won the last set (`winner`).
    `ties`: the chain of a group's table. `win`, `narrow_win`, `narrow_loss`: points for a table; a
    win is narrow that took all the sets.
    """

    sets: Literal[1, 3, 5, 7] = 3
    set: SetRules = field(default_factory=lambda: SetRules(tie_break_at=6))
    final: SetRules | None = None
    advantage: bool = True
    serve: Literal["games", "winner", "two"] = "games"
    first_server: Literal["alternate", "winner"] = "alternate"
    ties: list[Tie] = field(
        default_factory=lambda: ["wins", "head_to_head", "set_difference", "game_difference"]
    )
    win: Annotated[int, Meta(ge=0, le=100)] = 1
    narrow_win: Annotated[int, Meta(ge=0, le=100)] = 1
    narrow_loss: Annotated[int, Meta(ge=0, le=100)] = 0

    def is_match_tie_break(self, number: int) -> bool:
        """Whether a set, from 1, is one tie-break game in its place (ITF, Appendix V)."""
        return self.set.by == "games" and self.rules_of(number).by == "points"

    def rules_of(self, number: int) -> SetRules:
        """The rules of a set, from 1."""
        return self.final if self.final is not None and number == self.sets else self.set


def has_won(mine: int, other: int, to: int, lead: int = 2, cap: int = 0) -> bool:
    """Whether so many points or games win: enough of them, and far enough ahead or at the cap."""
    return (mine >= to and mine - other >= lead) or (cap > 0 and mine >= cap and mine > other)


def wins_game(mine: int, other: int, advantage: bool) -> bool:
    """Whether so many points win a game (ITF Rule 5a; no-ad: Appendix V)."""
    return has_won(mine, other, 4, 2 if advantage else 1)
