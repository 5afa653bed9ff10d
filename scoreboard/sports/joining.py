"""Observations and decisions, joined: devices observe, officials decide. Pure, for every sport.

    observed ─┐  by key    both name the same thing: this stroke of this hole
              ├─ by time   the nearest within a window, on a clock that both have
    decided ──┘

A sport declares a `Join`. Facts that can be joined share a *scope*, such as the entrant. In it
those whose keys are equal and wholly known come first, however far apart in time; then those whose
keys do not contradict each other and that are near in time. Two are joined if each is clearly the
nearest that the other has left; where another is about as near, all of them are doubtful and wait
for an official. A pair that is clear stays clear whatever else is joined, so the outcome depends on
what is known and not on the order in which it came to be known.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from operator import attrgetter
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from scoreboard.sports.fact import Fact, States

Key = tuple[str | int | None, ...]
"""What a fact names, component by component; None: it does not say."""
Side = Literal["observed", "decided"]
By = Literal["key", "time", "ruling"]

NEAREST_MAX = 16  # candidates of one fact that are weighed against each other
LOOKED_AT_MAX = 256  # facts before and after one among which candidates are sought
FOREVER_MS = 2**62
Ms = Annotated[int, Meta(ge=0, le=86_400_000, description="milliseconds")]


class JoinParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How observations and decisions are joined.

    `within_ms`: how far apart in time two can be that are joined by time. `doubt_ms`: another
    candidate that is at most so much farther makes a match doubtful. `key_within_ms`: how far apart
    two with the same key can be without a doubt; however far if left out. `alone`: the sides on
    which nothing waits for want of the other.
    """

    within_ms: Ms = 30_000
    doubt_ms: Ms = 5_000
    key_within_ms: Ms | None = None
    alone: list[Side] = []


class Join(Struct, frozen=True, kw_only=True):
    """What a sport declares of a contest: which facts are joined, and how.

    `observed`, `decided`: types of events. `scope`: what both must share (in a field sport the fold
    key); None for a fact that is not to be joined. `keys`: what the facts of a scope name, by
    record; one that is left out is not joined. `at`: a fact's milliseconds on the clock by which
    distances are measured, None if unknown. Both are given the contest's states; in a field sport
    those of the scope and of the whole field say everything they need. `combined`: the combined
    record of an observation and its decisions, JSON without nulls. `several`: one observation may
    have several decisions. `repeat_ms`: observations with the same key that come at most so long
    after the first of them repeat it (None: none does). `subject`: the entrant, "" if unknown.
    """

    observed: frozenset[str]
    decided: frozenset[str]
    params: JoinParams
    scope: Callable[[Fact], str | None]
    keys: Callable[[Sequence[Fact], States], Mapping[str, Key]]
    at: Callable[[Fact, States], int | None]
    combined: Callable[[Fact, Sequence[Fact]], dict[str, Any]]
    subject: Callable[[Fact], str]
    several: bool = False
    repeat_ms: Callable[[Fact], int | None] = lambda fact: None


class Part(Struct, frozen=True):
    """A fact as far as joining goes; `order`, unique, stands for the sport's order.

    `repeat_ms`: how long after it an observation with the same key is the same once more.
    """

    record: str
    key: Key
    at: int | None
    order: tuple[Any, ...]
    repeat_ms: int | None = None


class Pair(Struct, frozen=True):
    """An observation and a decision that belong together, and why."""

    observed: str
    decided: str
    by: By
    distance_ms: int | None = None


class Candidate(Struct, frozen=True):
    """What a fact that waits could be joined with; `taken`: it is joined with another."""

    record: str
    distance_ms: int | None
    taken: bool = False


class Waiting(Struct, frozen=True):
    """A fact that is not joined: nothing fits, or (`doubtful`) more than one does."""

    record: str
    doubtful: bool
    candidates: tuple[Candidate, ...]


class Outcome(Struct, frozen=True):
    """What comes of a scope: pairs, and what waits."""

    pairs: list[Pair]
    waiting: list[Waiting]


Edge = tuple[int | None, str]
Edges = Mapping[str, Sequence[Edge]]
"""Candidates by record, nearest first: how far (None: unknown), and which record."""
Apart = Collection[tuple[str, str]]


def joined(
    observed: Iterable[Part],
    decided: Iterable[Part],
    params: JoinParams,
    *,
    several: bool = False,
    apart: Apart = (),
    linked: Collection[str] = (),
) -> Outcome:
    """Join the facts of one scope.

    `apart`: (observed, decided) that an official keeps apart. `linked`: records that an official
    has joined, here or with others; they are in no pair of the outcome on that account.
    """
    ours, theirs = sorted(observed, key=_in_time), sorted(decided, key=_in_time)
    joining = _Joining({part.record for part in theirs}, params.doubt_ms, several, linked)
    joining.go_on("key", _by_key(ours, theirs, apart), params.key_within_ms)
    joining.go_on("time", _by_time(ours, theirs, params.within_ms, apart, joining.joined))
    rest = [part.record for part in (*ours, *theirs)]
    in_order = {one: place for place, one in enumerate(rest)}
    pairs = sorted(
        joining.pairs, key=lambda pair: (in_order[pair.observed], in_order[pair.decided])
    )
    return Outcome(pairs, [joining.waiting(one) for one in rest if not joining.has(one)])


def repeated(observed: Iterable[Part]) -> dict[str, str]:
    """Observations that repeat an earlier one, by record: the record of the one they repeat."""
    first: dict[Key, Part] = {}
    repeats: dict[str, str] = {}
    for part in sorted(observed, key=_in_time):
        if part.at is None:
            continue
        known = first.get(part.key)
        lasts_ms = None if known is None else known.repeat_ms
        if known is not None and lasts_ms is not None and part.at - (known.at or 0) <= lasts_ms:
            repeats[part.record] = known.record
        else:
            first[part.key] = part
    return repeats


class _Joining:
    """Pairs found so far, and the records `joined`; `decided`: the records of that side."""

    def __init__(
        self, decided: set[str], doubt_ms: int, several: bool, linked: Collection[str]
    ) -> None:
        self.pairs: list[Pair] = []
        self._decided = decided
        self._doubt_ms = doubt_ms
        self._several = several
        self.joined: set[str] = set(linked)
        self._doubtful: set[str] = set()
        self._known: dict[str, dict[str, int | None]] = {}

    def has(self, record: str) -> bool:
        """Whether a record is joined."""
        return record in self.joined

    def go_on(self, by: By, edges: Edges, within_ms: int | None = None) -> None:
        """Join what is clear among further candidates; what is not is doubtful from now on.

        `within_ms`: what is farther apart is not clear.
        """
        for record, candidates in edges.items():
            known = self._known.setdefault(record, {})
            for distance, other in candidates:
                known.setdefault(other, distance)
        unclear = frozenset(self._doubtful)
        edges = {
            record: [edge for edge in candidates if edge[1] not in unclear]
            for record, candidates in edges.items()
            if record not in unclear
        }
        again = [record for record in edges if record in self._decided or not self._several]
        while again:
            record = again.pop()
            nearest = self._choice(record, edges)
            if nearest is None or record in self.joined:
                continue
            distance, other = nearest
            if within_ms is not None and distance is not None and distance > within_ms:
                continue
            if self._several or self._choice(other, edges) == (distance, record):
                self._join(by, distance, *sorted((record, other), key=self._decided.__contains__))
                if not self._several:
                    around = (near for _, near in (*edges[record], *edges[other]))
                    again += [near for near in around if near in edges]
        self._doubtful |= {
            record
            for record, candidates in edges.items()
            if record not in self.joined and self._free(candidates)
        }

    def waiting(self, record: str) -> Waiting:
        """What is to be said of a record that is not joined."""
        found = sorted(self._known.get(record, {}).items(), key=_nearest_first)
        shown = tuple(Candidate(other, far, other in self.joined) for other, far in found)
        return Waiting(record, record in self._doubtful, shown)

    def _join(self, by: By, distance: int | None, observed: str, decided: str) -> None:
        self.pairs.append(Pair(observed, decided, by, distance))
        self.joined |= {observed, decided}

    def _choice(self, record: str, edges: Edges) -> Edge | None:
        """The candidate that is clearly the nearest of those that are left.

        One whose distance is unknown, and stands last, could be the nearest.
        """
        free = self._free(edges[record])
        if len(free) < 2:
            return free[0] if free else None
        near, far, last = free[0][0], free[1][0], free[-1][0]
        if near is None or far is None or last is None:
            return None
        return free[0] if far - near > self._doubt_ms else None

    def _free(self, candidates: Sequence[Edge]) -> list[Edge]:
        """The candidates that can still be joined: of several decisions, each observation."""
        return [
            edge
            for edge in candidates
            if edge[1] not in self.joined or (self._several and edge[1] not in self._decided)
        ]


_at = attrgetter("at")


# candidates --------------------------------------------------------------------------------------


def _in_time(part: Part) -> tuple[bool, int, tuple[Any, ...]]:
    return (part.at is None, part.at or 0, part.order)


def _nearest_first(known: tuple[str, int | None]) -> tuple[bool, int, str]:
    record, distance = known
    return (distance is None, distance or 0, record)


def _by_key(observed: Sequence[Part], decided: Sequence[Part], apart: Apart) -> Edges:
    """Candidates that name the same thing, whole."""
    ours, theirs = _whole(observed), _whole(decided)
    near: dict[str, list[Edge]] = {}
    for one, other in ((ours, theirs), (theirs, ours)):
        for key in one.keys() & other.keys():
            for part in one[key]:
                near[part.record] = list(islice(_alike(part, other[key]), NEAREST_MAX))
    return _mutual(near, apart, {part.record for part in decided})


def _by_time(
    observed: Sequence[Part],
    decided: Sequence[Part],
    within_ms: int,
    apart: Apart,
    joined: Collection[str],
) -> Edges:
    """Candidates near in time that do not contradict each other, of those that are not joined."""
    near: dict[str, list[Edge]] = {}
    for ones, others in ((observed, decided), (decided, observed)):
        if all(part.record in joined for part in ones):
            continue
        timed = [part for part in others if part.at is not None]
        for part in ones:
            if part.at is not None and part.record not in joined:
                found = _around(part, timed, within_ms)
                near[part.record] = list(islice(found, NEAREST_MAX))
    return _mutual(near, apart, {part.record for part in decided})


def _whole(parts: Iterable[Part]) -> dict[Key, list[Part]]:
    """Parts by their keys, of those that say all of it."""
    found: dict[Key, list[Part]] = {}
    for part in parts:
        if None not in part.key:
            found.setdefault(part.key, []).append(part)
    return found


def _alike(part: Part, others: Sequence[Part]) -> Iterator[Edge]:
    """Others with the same key: nearest in time first, then those of which no distance is known."""
    timed = [one for one in others if one.at is not None] if part.at is not None else []
    yield from _around(part, timed, FOREVER_MS)
    yield from ((None, one.record) for one in others if part.at is None or one.at is None)


def _around(part: Part, others: Sequence[Part], within_ms: int) -> Iterator[Edge]:
    """Others, all in time, that do not contradict a part: how far, and which, nearest first."""
    at = part.at or 0
    middle = bisect_left(others, at, key=_at)
    first = bisect_left(others, at - within_ms, max(0, middle - LOOKED_AT_MAX), middle, key=_at)
    for other in sorted(
        takewhile(
            lambda one: (one.at or 0) - at <= within_ms, others[first : middle + LOOKED_AT_MAX]
        ),
        key=lambda one: abs((one.at or 0) - at),
    ):
        if not contradict(part.key, other.key):
            yield abs((other.at or 0) - at), other.record


def contradict(one: Key, other: Key) -> bool:
    """Whether two keys name different things."""
    return any(a is not None and b is not None and a != b for a, b in zip(one, other, strict=True))


def _mutual(near: Edges, apart: Apart, decided: Collection[str]) -> Edges:
    """Candidates that are among each other's nearest, as far as known, and are not kept apart."""
    among = {record: {other for _, other in candidates} for record, candidates in near.items()}

    def kept(record: str, other: str) -> bool:
        pair = (other, record) if record in decided else (record, other)
        return record in among.get(other, (record,)) and pair not in apart

    return {
        record: [edge for edge in candidates if kept(record, edge[1])]
        for record, candidates in near.items()
    }
