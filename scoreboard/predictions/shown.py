"""What doors show of a game: users with rank and neighbours, guesses, leagues. Pure."""

from bisect import bisect_left
from collections.abc import Iterable

from msgspec import Struct

from scoreboard.predictions.guesses import (
    JOKER,
    REFUSED,
    WITHDRAWN,
    is_late,
    score_of,
    unpack_history,
    unpack_slots,
)
from scoreboard.predictions.kept import Published, State
from scoreboard.predictions.settling import points_of

NEIGHBOURS = 3  # rows shown on each side of a user
LATE, JOKER_TOO_MANY = "late", "joker-too-many"


class Ranked(Struct, frozen=True, kw_only=True):
    """A user on a leaderboard; `rank` is shared by equals (1, 2, 2, 4)."""

    user: str
    points: int
    rank: int


class GuessShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A guess; `points` once the contest's result is final. `flags`: why it does not count, or not
    as it was meant.
    """

    contest: str
    home: int
    away: int
    joker: bool = False
    points: int | None = None
    flags: list[str] = []


class UserShown(Struct, frozen=True, kw_only=True):
    """A user's points and rank in the published run, among `users`; `sharing` have the same rank.

    `neighbours`: some users before and after, with those of the same rank, in order.
    `guesses`: in force; `left_out`: those that did not count, the newest last.
    """

    competition: str
    user: str
    points: int
    rank: int
    sharing: int
    users: int
    position: int
    neighbours: list[Ranked]
    guesses: list[GuessShown]
    left_out: list[GuessShown]


class LeagueShown(Struct, frozen=True, kw_only=True):
    """A league of friends, ranked among themselves; `rank` is that in the league."""

    competition: str
    league: str
    position: int
    rows: list[Ranked]


class Total(Struct, frozen=True):
    """How many users have a total, how many a better one, and some who have it."""

    total: int
    count: int
    above: int
    examples: list[str]


class Totals:
    """All totals of a published run, best first."""

    def __init__(self, owner: str, run: int, published: Published, rows: list[Total]) -> None:
        self.of = (owner, run)
        self.users = published.users
        self.position = published.position
        self._rows = rows
        self._worse = [-row.total for row in rows]

    def ranked(self, name: str, points: int) -> tuple[int, int, list[Ranked]]:
        """A user's rank, how many share it, and rows with neighbours."""
        place = bisect_left(self._worse, -points)
        rows = self._rows
        mine = rows[place] if place < len(rows) and rows[place].total == points else None
        if mine is not None:
            rank, sharing = mine.above + 1, mine.count
        else:  # came since, or nobody has so many
            rank = rows[place].above + 1 if place < len(rows) else self.users + 1
            sharing = 1
        equals = [user for user in mine.examples if user != name] if mine else []
        level = [Ranked(user=u, points=points, rank=rank) for u in sorted([name, *equals])]
        below = rows[place + 1 if mine else place :]
        before = _some(reversed(rows[:place]), upward=True)
        return rank, sharing, [*reversed(before), *level[: 1 + NEIGHBOURS], *_some(below)]


def _some(totals: Iterable[Total], *, upward: bool = False) -> list[Ranked]:
    """Some users of the nearest totals, the nearest first."""
    found: list[Ranked] = []
    for one in totals:
        names = reversed(one.examples) if upward else one.examples
        found += [Ranked(user=u, points=one.total, rank=one.above + 1) for u in names]
        if len(found) >= NEIGHBOURS:
            break
    return found[:NEIGHBOURS]


def shown_guesses(
    state: State, slots: bytes, history: bytes, *, public: bool
) -> tuple[list[GuessShown], list[GuessShown]]:
    """A user's guesses in force, and those that did not count."""
    contests = {slot: id_ for id_, slot in state.slots.items()}
    terms = state.applied
    force = []
    for slot, guess in enumerate(unpack_slots(slots)):
        if not guess or (public and slot not in terms.locks):
            continue
        home, away = score_of(guess)
        points = points_of(terms, slot, guess) if slot in terms.outcomes else None
        force.append(
            GuessShown(
                contest=contests[slot],
                home=home,
                away=away,
                joker=bool(guess & JOKER),
                points=points,
                flags=[JOKER_TOO_MANY] if guess & REFUSED else [],
            )
        )
    late = []
    for made in unpack_history(history):
        if is_late(made, terms.locks) and not made.guess & WITHDRAWN:
            home, away = score_of(made.guess)
            late.append(
                GuessShown(
                    contest=contests[made.slot],
                    home=home,
                    away=away,
                    joker=bool(made.guess & JOKER),
                    flags=[LATE],
                )
            )
    return force, late
