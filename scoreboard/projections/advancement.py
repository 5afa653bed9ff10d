"""Who goes on in a competition as it is folded; the rules of it are in `facts/advancing`."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

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
from scoreboard.projections.contest import OUTSIDE
from scoreboard.sports.sport import FieldSport, Row

if TYPE_CHECKING:
    from scoreboard.projections.competition import CompetitionFold

OVER = ("finished", "abandoned")


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

    def define(self, written: Definition | None) -> None:
        """Take the competition as it is defined now; nobody has come from anywhere yet."""
        self._written = self.definition = written
        self.slots, self.overturned = {}, {}
        if written is None:
            return
        self.slots = {
            id_: list(contest.entrants)
            for id_, contest in written.contests.items()
            if any(map(is_reference, contest.entrants))
        }
        if self.slots:
            self._fill_in(written)

    def sources(self, contest: str) -> Iterator[str]:
        """The contests that the entrants of a contest come from."""
        assert self._written is not None
        groups = self._written.groups
        for ref in references(self._written.contests[contest].entrants):
            if ref.group(groups):
                yield OUTSIDE
                yield from (c.id for c in self._written.contests.values() if c.group == ref.of)
            elif ref.of in self._written.contests:
                yield ref.of

    def again(self, fold: "CompetitionFold") -> set[str]:
        """Say anew who goes on; the contests of which something else is to be shown now."""
        written = self._written
        if written is None or not self.slots:
            return set()
        entrants = {id_: contest.entrants for id_, contest in written.contests.items()}
        premises = {id_: one for id_, one in self.premises.items() if holds(fold, id_, one)}
        going_on = resolved(entrants, written.groups, premises, places(fold))
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

    def _fill_in(self, written: Definition) -> None:
        self.definition = written.with_entrants(
            {id_: known(slots) for id_, slots in self.slots.items()}
        )


def holds(fold: "CompetitionFold", contest: str, premise: Premise | None) -> bool:
    """Whether a premise is that of the contest as it is folded, where voided facts are not."""
    folded = fold.contests.get(contest)
    return folded is not None and premise is not None and folded.began == premise.began


def contest_status(fold: "CompetitionFold", contest: Contest) -> str:
    """An official's word (delayed, abandoned, finished) first, then what the facts say."""
    if contest.status in ("delayed", "abandoned", "finished"):
        return contest.status
    folded = fold.contests.get(contest.id)
    if folded is None or fold.sport is None:
        return contest.status
    return fold.sport.status(contest, folded.states)


def places(fold: "CompetitionFold") -> Callable[[str, bool, Sequence[str]], Sequence[str]]:
    """Who came out of the contests and groups of a competition."""
    tables: dict[str, list[Row]] = {}

    def came_out(of: str, is_group: bool, entrants: Sequence[str]) -> Sequence[str]:
        assert fold.definition is not None
        if not is_group:
            return placings(fold, of, entrants)
        behind = [c for c in fold.definition.contests.values() if c.group == of]
        if not behind or any(contest_status(fold, c) not in OVER for c in behind):
            return ()
        if not tables:
            for row in ranked(fold):
                tables.setdefault(row.group, []).append(row)
        rows = tables.get(of, [])
        ranks = [row.group_rank or row.rank for row in rows]
        return [
            row.entrant if ranks.count(rank) == 1 else UNKNOWN
            for rank, row in sorted(zip(ranks, rows, strict=True), key=lambda pair: pair[0])
        ]

    return came_out


def placings(fold: "CompetitionFold", contest: str, entrants: Sequence[str]) -> Sequence[str]:
    """Who came out of a contest, best first; nobody before it is over."""
    folded = fold.contests.get(contest)
    assert fold.definition is not None
    defined = fold.definition.contests.get(contest)
    if folded is None or defined is None or fold.sport is None:
        return ()
    meeting = replace(defined, entrants=list(entrants))
    if contest_status(fold, meeting) not in OVER:
        return ()
    return fold.sport.placings(meeting, folded.states)


def ranked(fold: "CompetitionFold") -> list[Row]:
    """The rows of the standings, best first."""
    assert fold.sport is not None
    assert fold.definition is not None
    if isinstance(fold.sport, FieldSport):
        ranking = fold.ranking()
        return list(fold.field_rows(ranking.top(len(ranking))))
    return fold.sport.standings(fold.definition, fold.states())
