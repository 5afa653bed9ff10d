"""The draw: who meets whom, in which order; contests made from entrants. Nothing here is stored.

    round-robin          everybody meets everybody once (or `legs` times), by the circle method
    single-elimination   who loses is out; the best seeds have the byes
    double-elimination   who loses twice is out; the grand final is one contest
    heats                fields of at most `lanes`, seeded by snake, the best in the middle lanes

Entrants stand best seed first, and may be references (`place:A:1`), so that a knock-out follows
groups before they are over. Contests stand round by round: no entrant meets twice in one round, and
none that waits for another stands in the same round or before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from scoreboard.errors import BadInput
from scoreboard.facts.advancing import EntrantOrReference
from scoreboard.facts.competition import CONTESTS_MAX, Contest
from scoreboard.facts.event import Instant
from scoreboard.facts.names import Id, Line, spelled

Form = Literal["round-robin", "single-elimination", "double-elimination", "heats"]
FIELD_MAX = 1_024
POOLS_MAX = 256
LEGS_MAX = 4
LANES_MAX = 100
PLACES_MAX = 200
MINUTES_MAX = 7 * 24 * 60
LAST_ROUNDS = {1: "Final", 2: "Semi-final", 4: "Quarter-final"}
"""By how many contests a round of a bracket has."""

Round = list[Contest]


class Pool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entrants who meet among themselves, best seed first; `group`: whose table it counts for."""

    entrants: Annotated[list[EntrantOrReference], Meta(min_length=2, max_length=FIELD_MAX)]
    group: Id | None = None


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What contests are wanted.

    `prefix`: how ids begin, where a pool has no group; `taken`: ids that are not to be used.
    `legs`: how often a pair meets in a round robin. `third`: a contest of the semi-finals' losers.
    `lanes`: the most in a heat; `through`: how many of each heat go on to a final.
    `places`: where contests are held at once; `minutes`: from one start to the next in a place.
    """

    form: Form
    pools: Annotated[list[Pool], Meta(min_length=1, max_length=POOLS_MAX)]
    prefix: Annotated[
        str,
        spelled(
            "[A-Za-z0-9][A-Za-z0-9._-]{0,39}",
            "letters, digits, dots, underscores and hyphens, at most 40",
        ),
    ] = "m"
    taken: Annotated[list[Id], Meta(max_length=CONTESTS_MAX)] = []
    legs: Annotated[int, Meta(ge=1, le=LEGS_MAX)] = 1
    third: bool = False
    lanes: Annotated[int, Meta(ge=2, le=LANES_MAX)] = 8
    through: Annotated[int, Meta(ge=0, le=LANES_MAX)] = 0
    places: Annotated[list[Line], Meta(max_length=PLACES_MAX)] = []
    start: Instant | None = None
    minutes: Annotated[int, Meta(ge=1, le=MINUTES_MAX)] = 30


def drawn(wanted: Wanted) -> list[Contest]:
    """The contests, in the order in which they are held.

    Raises BadInput for an entrant that stands twice, and for more contests than there may be.
    """
    _check(wanted)
    taken = set(wanted.taken)
    pools: list[list[Round]] = []
    for pool in wanted.pools:
        prefix = pool.group or wanted.prefix
        ids = (id_ for n in count(1) if (id_ := f"{prefix}-{n}") not in taken)
        pools.append(list(_rounds(wanted, pool, _noted(ids, taken))))
    depth = max(map(len, pools))
    rounds = [
        [contest for rounds in pools if n < len(rounds) for contest in rounds[n]]
        for n in range(depth)
    ]
    return list(_timed(rounds, wanted))


def _check(wanted: Wanted) -> None:
    seen: set[str] = set()
    contests = 0
    for number, pool in enumerate(wanted.pools):
        size = len(pool.entrants)
        for place, entrant in enumerate(pool.entrants):
            if entrant in seen:
                pointer = f"/pools/{number}/entrants/{place}"
                raise BadInput(f"the entrant {entrant} stands twice", pointer=pointer)
            seen.add(entrant)
        contests += size * (size - 1) // 2 * wanted.legs if wanted.form == "round-robin" else size
    if contests > CONTESTS_MAX:
        raise BadInput(
            f"{contests} contests are more than {CONTESTS_MAX}",
            pointer="/pools",
            hint="divide the field into groups",
        )


def _noted(ids: Iterator[str], taken: set[str]) -> Iterator[str]:
    for id_ in ids:
        taken.add(id_)
        yield id_


def _rounds(wanted: Wanted, pool: Pool, ids: Iterator[str]) -> Iterable[Round]:
    match wanted.form:
        case "round-robin":
            return _round_robin(pool, wanted.legs, ids)
        case "single-elimination":
            return single(pool.entrants, ids, third=wanted.third)
        case "double-elimination":
            return double(pool.entrants, ids)
    return _heats(pool, wanted, ids)


# round robin ------------------------------------------------------------------------------------


def circle(size: int) -> Iterator[list[tuple[int, int]]]:
    """Rounds in which each of 0..size-1 meets each other once, home first.

    The circle method: one stays, the others go round; with an odd number whoever meets the empty
    place rests. Nobody is home more than once oftener than away, or the other way round.
    """
    even = size + size % 2
    for number in range(even - 1):
        pairs = [(number, even - 1) if number % 2 else (even - 1, number)]
        for step in range(1, even // 2):
            ahead, behind = (number + step) % (even - 1), (number - step) % (even - 1)
            pairs.append((ahead, behind) if step % 2 else (behind, ahead))
        yield [pair for pair in pairs if max(pair) < size]


def _round_robin(pool: Pool, legs: int, ids: Iterator[str]) -> Iterator[Round]:
    number = 0
    for leg in range(legs):
        for pairs in circle(len(pool.entrants)):
            number += 1
            yield [
                Contest(
                    id=next(ids),
                    round=f"Round {number}",
                    group=pool.group,
                    entrants=[pool.entrants[one] for one in (pair[::-1] if leg % 2 else pair)],
                )
                for pair in pairs
            ]


# brackets ---------------------------------------------------------------------------------------


def seeding(size: int) -> list[int]:
    """The seeds (from 0) of a bracket of a power of two, top to bottom: 0 and 1 can meet last."""
    order = [0]
    while len(order) < size:
        both = 2 * len(order)
        order = [seed for one in order for seed in (one, both - 1 - one)]
    return order


class Bracket:
    """Contests that follow from each other; None in place of an entrant is a bye."""

    def __init__(self, ids: Iterator[str]) -> None:
        self.rounds: list[Round] = []
        self._ids = ids
        self._round_of: dict[str, int] = {}  # by reference: the round that it comes out of

    def play(
        self, meeting: Sequence[str | None], title: str
    ) -> tuple[list[str | None], list[str | None]]:
        """Pairs of neighbours meet: who wins, and who loses, of each pair."""
        winners: list[str | None] = []
        losers: list[str | None] = []
        pairs = list(zip(meeting[::2], meeting[1::2], strict=True))
        many = len(pairs) > 1
        for number, (one, other) in enumerate(pairs, 1):
            if one is None or other is None:
                winners.append(one or other)
                losers.append(None)
                continue
            id_ = next(self._ids)
            name = f"{title} {number}" if many else title
            self._add(Contest(id=id_, name=name, round=title, entrants=[one, other]))
            winners.append(f"winner:{id_}")
            losers.append(f"loser:{id_}")
        return winners, losers

    def _add(self, contest: Contest) -> None:
        after = max(self._round_of.get(entrant, -1) for entrant in contest.entrants) + 1
        if after == len(self.rounds):
            self.rounds.append([])
        self.rounds[after].append(contest)
        self._round_of |= {f"winner:{contest.id}": after, f"loser:{contest.id}": after}


def _seeded(entrants: Sequence[str]) -> list[str | None]:
    size = 1 << (len(entrants) - 1).bit_length()
    return [entrants[seed] if seed < len(entrants) else None for seed in seeding(size)]


def _title(pairs: int) -> str:
    return LAST_ROUNDS.get(pairs, f"Round of {2 * pairs}")


def single(entrants: Sequence[str], ids: Iterator[str], *, third: bool = False) -> list[Round]:
    """A knock-out; with `third` the semi-finals' losers meet before the final."""
    bracket = Bracket(ids)
    left = _seeded(entrants)
    out: list[str | None] = []
    while len(left) > 1:
        if len(left) == 2 and third and None not in out and len(out) == 2:
            bracket.play(out, "Third place")
        left, out = bracket.play(left, _title(len(left) // 2))
    return bracket.rounds


def double(entrants: Sequence[str], ids: Iterator[str]) -> list[Round]:
    """A knock-out with a second chance: losers meet losers, the last of both the grand final."""
    bracket = Bracket(ids)
    seeded = _seeded(entrants)
    left, down = bracket.play(seeded, _title(len(seeded) // 2))
    number = 0

    def second(meeting: Sequence[str | None]) -> list[str | None]:
        nonlocal number
        number += 1
        return bracket.play(meeting, f"Second chance {number}")[0]

    low = down
    while len(left) > 1:
        low = second(low) if len(low) > 1 else low
        left, down = bracket.play(left, _title(len(left) // 2))
        # From the other end, so that those who have met do not meet again soon.
        low = second([one for both in zip(low, reversed(down), strict=True) for one in both])
    bracket.play([*left, *low], "Grand final")
    return bracket.rounds


# heats ------------------------------------------------------------------------------------------


def snake(entrants: Sequence[str], heats: int) -> list[list[str]]:
    """Seeds dealt there and back (1..n, n..1, ...), so that heats are equally strong and large."""
    dealt: list[list[str]] = [[] for _ in range(heats)]
    for place, entrant in enumerate(entrants):
        turn, at = divmod(place, heats)
        dealt[heats - 1 - at if turn % 2 else at].append(entrant)
    return dealt


def in_lanes(heat: Sequence[str]) -> list[str]:
    """A heat from the first lane to the last: the best in the middle, the weakest outside."""
    return [*heat[1::2][::-1], *heat[::2]]


def _heats(pool: Pool, wanted: Wanted, ids: Iterator[str]) -> Iterator[Round]:
    heats = snake(pool.entrants, -(-len(pool.entrants) // wanted.lanes))
    first = [
        Contest(
            id=next(ids),
            name=f"Heat {number}",
            round="Heats",
            group=pool.group,
            entrants=[*in_lanes(heat)],
        )
        for number, heat in enumerate(heats, 1)
    ]
    yield first
    if wanted.through and len(first) > 1:
        best = [
            f"place:{heat.id}:{place}"
            for place in range(1, wanted.through + 1)
            for heat in first
            if place <= len(heat.entrants)
        ]
        yield [Contest(id=next(ids), name="Final", round="Final", entrants=[*in_lanes(best)])]


# when and where ---------------------------------------------------------------------------------


def _timed(rounds: Iterable[Round], wanted: Wanted) -> Iterator[Contest]:
    """As many contests at once as there are places; a round begins when that before it is over."""
    places = wanted.places or [""]
    slot = 0
    for contests in rounds:
        for number, contest in enumerate(contests):
            more, at = divmod(number, len(places))
            start = wanted.start
            if start is not None:
                start += timedelta(minutes=wanted.minutes * (slot + more))
            yield replace(contest, place=places[at], start=start)
        slot += -(-len(contests) // len(places))
