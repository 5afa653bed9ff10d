"""Who goes on in a competition as it is folded; the rules of it are in `facts/advancing`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from msgspec.structs import replace

from scoreboard.facts.advancing import (
    UNKNOWN,
    Premise,
    is_overturned,
    is_reference,
    known,
    references,
    resolved,
    shown,
)
from scoreboard.facts.competition import Contest, Definition
from scoreboard.projections.contest import OUTSIDE, ContestFold
from scoreboard.projections.ranking import Ranking
from scoreboard.sports.sport import FieldSport, Row, Sport

Stamp = tuple[Any, ...]
OVER = ("finished", "abandoned")


class Folded(Protocol):
    """What is asked of a competition's fold."""

    contests: dict[str, ContestFold]
    sport: Sport[Any] | None

    @property
    def definition(self) -> Definition | None:
        """The competition as it is defined now."""
        ...

    def states(self) -> Mapping[str, Mapping[str, Any]]:
        """The states of all contests, by contest and key."""
        ...

    def ranking(self) -> Ranking:
        """The ranking of a whole field."""
        ...

    def field_rows(self, ranked: Iterable[tuple[str, int]]) -> Iterator[Row]:
        """Rows of a field for ranked entrants."""
        ...


class Advancement:
    """Who meets in contests whose entrants come from elsewhere.

    `slots`: their entrants by contest, references where nobody is known yet. `premises`: who was to
    meet when a contest began. `overturned`: who goes on now to contests that others have played.
    `definition`: the competition's, with the entrants that are known in place of references.
    """

    def __init__(self) -> None:
        self.slots: dict[str, list[str]] = {}
        self.premises: dict[str, Premise] = {}
        self.overturned: dict[str, list[str]] = {}
        self.definition: Definition | None = None
        self._written: Definition | None = None
        self._entrants: dict[str, list[str]] = {}
        # Who came out of what, by contest or group, as long as nothing below it has changed.
        self._came_out: dict[tuple[str, bool], tuple[Stamp, Sequence[str]]] = {}

    def define(self, written: Definition | None) -> None:
        """Take the competition as it is defined now; nobody has come from anywhere yet."""
        self._written = self.definition = written
        self.slots, self.overturned, self._came_out = {}, {}, {}
        if written is None:
            return
        self._entrants = {id_: contest.entrants for id_, contest in written.contests.items()}
        self.slots = {
            id_: list(entrants)
            for id_, entrants in self._entrants.items()
            if any(map(is_reference, entrants))
        }
        if self.slots:
            self._fill_in(written)

    def sources(self, contest: str) -> Iterator[str]:
        """The contests that the entrants of a contest come from."""
        assert self._written is not None
        groups = self._written.groups
        for ref in references(self._written.contests[contest].entrants):
            if ref.group(groups):
                yield from self._behind(ref.of)
            elif ref.of in self._written.contests:
                yield ref.of

    def again(self, fold: Folded) -> set[str]:
        """Say anew who goes on; the contests of which something else is to be shown now."""
        written = self._written
        if written is None or not self.slots:
            return set()
        premises = {id_: one for id_, one in self.premises.items() if holds(fold, id_, one)}
        places = partial(self._places, fold)
        going_on = resolved(self._entrants, written.groups, premises, places)
        before = (self.slots, self.overturned)
        self.slots = {id_: shown(they, premises.get(id_)) for id_, they in going_on.items()}
        self.overturned = {
            id_: they for id_, they in going_on.items() if is_overturned(they, premises.get(id_))
        }
        self._fill_in(written)
        return {
            id_
            for id_ in self.slots
            if (self.slots[id_], self.overturned.get(id_)) != tuple(b.get(id_) for b in before)
        }

    def _places(
        self, fold: Folded, of: str, is_group: bool, entrants: Sequence[str]
    ) -> Sequence[str]:
        behind: Iterable[str] = (of,)
        if is_group:
            behind = fold.contests if isinstance(fold.sport, FieldSport) else self._behind(of)
        folded = [fold.contests.get(id_) for id_ in behind]
        stamp = (tuple(entrants), [c and (c, c.position, c.contest) for c in folded])
        kept = self._came_out.get((of, is_group))
        if kept is None or kept[0] != stamp:
            order = group_places(fold, of) if is_group else placings(fold, of, entrants)
            kept = self._came_out[of, is_group] = (stamp, order)
        return kept[1]

    def _behind(self, group: str) -> list[str]:
        assert self._written is not None
        return [OUTSIDE, *(c.id for c in self._written.contests.values() if c.group == group)]

    def _fill_in(self, written: Definition) -> None:
        self.definition = written.with_entrants(
            {id_: known(slots) for id_, slots in self.slots.items()}
        )


def holds(fold: Folded, contest: str, premise: Premise | None) -> bool:
    """Whether a premise is that of the contest as it is folded, where voided facts are not."""
    folded = fold.contests.get(contest)
    return folded is not None and premise is not None and folded.began == premise.began


def contest_status(fold: Folded, contest: Contest) -> str:
    """An official's word (delayed, abandoned, finished) first, then what the facts say."""
    if contest.status in ("delayed", "abandoned", "finished"):
        return contest.status
    folded = fold.contests.get(contest.id)
    if folded is None or fold.sport is None:
        return contest.status
    return fold.sport.status(contest, folded.states)


def is_over(fold: Folded, contest: Contest) -> bool:
    """Whether nothing more is to come in a contest."""
    return contest_status(fold, contest) in OVER


def group_places(fold: Folded, group: str) -> list[str]:
    """Who came out of a group, best first, UNKNOWN where a place is shared or who has it has none.

    Nobody before all its contests are over.
    """
    assert fold.definition is not None
    behind = [c for c in fold.definition.contests.values() if c.group == group]
    if not behind or not all(is_over(fold, c) for c in behind):
        return []
    rows = [row for row in ranked(fold) if row.group == group]
    ranks = [row.group_rank or row.rank for row in rows]
    return [
        row.entrant if ranks.count(rank) == 1 and not row.unplaced else UNKNOWN
        for rank, row in sorted(zip(ranks, rows, strict=True), key=lambda pair: pair[0])
    ]


def placings(fold: Folded, contest: str, entrants: Sequence[str]) -> Sequence[str]:
    """Who came out of a contest, best first; nobody before it is over."""
    folded = fold.contests.get(contest)
    assert fold.definition is not None
    defined = fold.definition.contests.get(contest)
    if folded is None or defined is None or fold.sport is None:
        return ()
    meeting = replace(defined, entrants=list(entrants))
    if not is_over(fold, meeting):
        return ()
    return fold.sport.placings(meeting, folded.states)


def ranked(fold: Folded) -> list[Row]:
    """The rows of the standings, best first."""
    assert fold.sport is not None
    assert fold.definition is not None
    if isinstance(fold.sport, FieldSport):
        ranking = fold.ranking()
        return list(fold.field_rows(ranking.top(len(ranking))))
    return fold.sport.standings(fold.definition, fold.states())
