"""Why a row shows what it shows: its figures, told fact by fact from the ledger.

Rows are explained of the standings and of a contest's box, live or as they stood, for every sport:
`attribution` folds the facts again, in a thread, on states of its own. Of a field only the facts of
the entrant (and of the whole field) are told; elsewhere those of the contests in which the entrant
has a part: all of them where a few meet, those that name the entrant where many do. The public is
told nothing that it is not shown: of a frozen contest the same entries as its boards are made from.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scoreboard import telemetry
from scoreboard.errors import NotFound, TooLarge, Unavailable
from scoreboard.facts.competition import Contest, Definition
from scoreboard.facts.document import Content
from scoreboard.facts.entry import Entry
from scoreboard.facts.payload import Kind
from scoreboard.facts.reconciling import RULINGS
from scoreboard.facts.ruling import in_force
from scoreboard.projections import render
from scoreboard.projections.attribution import Change, Told, attribute, fold_into
from scoreboard.projections.competition import CompetitionFold, places_of
from scoreboard.projections.contest import (
    ContestFold,
    decode_state,
    encode_state,
    fact_of,
    reconciliation_of,
)
from scoreboard.projections.history import History
from scoreboard.projections.looking import Looking
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.public import Sight, sight
from scoreboard.projections.turns import Turns
from scoreboard.sports.sport import WHOLE_FIELD, Column, Fact, FieldSport, Row, Sport, States

FEW = 8  # so many meet in a contest whose facts are all told, whomever they name


class Source(Struct, frozen=True):
    """A contest that is told: its entries up to `upto` that `sees` lets through."""

    contest: Contest
    id: str
    upto: int
    skipped: frozenset[int]
    sees: Sight | None


class Basis(Struct, frozen=True):
    """All that an explanation is made from but the ledger's entries; shares no state with a fold.

    `rank` and `group_rank` are those of a field; elsewhere they come from the sport.
    """

    entrant: str
    board: str
    definition: Definition
    fold: CompetitionFold
    sources: list[Source]
    others: dict[str, dict[str, bytes]]
    rank: int = 0
    group_rank: int = 0


class Explanation(Struct, frozen=True):
    """A row, and every change of each of its figures; `versions`: the entries of each record.

    The row's rank is 0 where the board ranks nobody. `texts`: what the timeline
    says of a record. `joined`: what a record is combined with, and why (see `reconciliation`).
    `position`: the last entry that was told. `rules`: the version of the rules that told it.
    """

    row: Row
    columns: Sequence[Column]
    changes: list[Change]
    versions: Mapping[str, list[Entry]]
    texts: Mapping[str, str]
    joined: Mapping[str, Mapping[str, Content]]
    position: int
    rules: int


class Explaining:
    """Explanations of the boards of one projection."""

    def __init__(self, projection: BoardsProjection, history: History) -> None:
        limits = projection.settings.limits
        self._projection = projection
        self._history = history
        self._entries_max = limits.explained_entries_max
        self._turns = Turns(
            "explanations", limits.explained_turns_max, limits.explained_waiting_max
        )

    async def row(
        self,
        slug: str,
        board: str,
        entrant: str,
        at: int | None = None,
        rules: int | None = None,
        *,
        public: bool,
    ) -> Explanation:
        """An entrant's row of a board that there is, as an audience sees it; `at` a position.

        `rules`: by which version of the rules, as in `History.document`. NotFound if the board has
        no such row, TooLarge if more entries stand behind it than are read for one row, Unavailable
        if too many ask or the contest waits for an official.
        """
        async with self._turns.turn():
            basis = await self._basis(slug, board, entrant, at, rules, public=public)
            versions: dict[str, dict[str, list[Entry]]] = {}
            left = self._entries_max
            for source in basis.sources:
                found: list[Entry] = []
                async for page in self._pages(basis.fold, source):
                    left -= len(page)
                    if left < 0:
                        raise self._too_many()
                    found += page if source.sees is None else filter(source.sees, page)
                versions[source.id] = by_record(found)
            try:
                return await asyncio.to_thread(explain, basis, versions)
            except NotFound:
                raise
            except Exception as error:
                telemetry.log.warning("row not explained", board=board, error=repr(error))
                raise Unavailable(
                    f"{board} of {slug} waits for an official and cannot be explained",
                    retry_after_s=5.0,
                ) from error

    # what it is made from -----------------------------------------------------------------------

    async def _basis(
        self,
        slug: str,
        board: str,
        entrant: str,
        at: int | None,
        rules: int | None,
        *,
        public: bool,
    ) -> Basis:
        contest_of(board)
        projection = self._projection
        if at is not None or rules is not None:
            position = projection.ledger.head.position if at is None else at
            moment = await self._history.moment(slug, board, position, rules=rules, public=public)
            fold = await self._history.fold(moment)
            await asyncio.to_thread(fold.rank_anew)
            return basis_of(fold, board, entrant, moment.position)
        async with projection.folding:
            fold = await projection.folds.competition(slug)
            seen = projection.folds.publics.get(slug) if public else None
            if seen is None:
                fold.rerank()
                return basis_of(fold, board, entrant, projection.position)
            seen.catch_up()
            return basis_of(seen.fold, board, entrant, projection.position)

    def _pages(self, fold: CompetitionFold, source: Source) -> AsyncIterator[list[Entry]]:
        return self._history.loading.pages(fold, source.id, 0, source.upto)

    def _too_many(self) -> TooLarge:
        return TooLarge(
            f"more than {self._entries_max} entries stand behind this row",
            hint="ask for the box of one contest, or read the competition's export",
        )


def contest_of(board: str) -> str | None:
    """The contest whose box a board is, None for the standings; NotFound for any other board."""
    if board.startswith(render.BOX):
        return board.removeprefix(render.BOX)
    if board == render.STANDINGS:
        return None
    raise no_figures(board)


def no_figures(board: str) -> NotFound:
    """The refusal of a board whose rows have nothing to be explained."""
    return NotFound(
        f"rows of {board} have no figures to explain", hint="ask for standings or a box"
    )


def basis_of(fold: CompetitionFold, board: str, entrant: str, position: int) -> Basis:
    """Take down what a fold says as of a position.

    NotFound if the board's rows have no figures, or there is none of this entrant.
    """
    definition, sport = fold.definition, fold.sport
    contest = contest_of(board)
    if definition is None or sport is None:
        raise no_figures(board)
    scope = {id_: one for id_, one in fold.contests.items() if contest is None or id_ == contest}
    own = own_names(sport, definition, entrant)
    part = {id_ for id_, one in scope.items() if has_part(sport, one, own)}
    sights = {id_: seen for id_ in part if (seen := sight(fold, id_)) is not None}
    rank, group_rank = field_rank(fold, sport, entrant, contest)
    return Basis(
        entrant=entrant,
        board=board,
        definition=Definition(definition.as_competition()),
        fold=fold,
        sources=[
            Source(
                contest=scope[id_].contest,
                id=id_,
                upto=position if id_ in sights else scope[id_].position,
                skipped=frozenset(scope[id_].skipped),
                sees=sights.get(id_),
            )
            for id_ in in_order(definition, part)
        ],
        others={}
        if isinstance(sport, FieldSport)
        else {
            id_: {key: encode_state(state) for key, state in one.states.items()}
            for id_, one in scope.items()
            if id_ not in part
        },
        rank=rank,
        group_rank=group_rank,
    )


def field_rank(
    fold: CompetitionFold, sport: Sport[Any], entrant: str, contest: str | None
) -> tuple[int, int]:
    """An entrant's rank in a field and in its division; zeros where the sport itself ranks."""
    if not isinstance(sport, FieldSport):
        return 0, 0
    if (contest is not None and contest not in fold.contests) or (
        entrant not in (ranking := fold.ranking(contest))
    ):
        raise no_row(entrant)
    return ranking.rank(entrant), fold.division_rank(entrant, contest)


def own_names(sport: Sport[Any], definition: Definition, entrant: str) -> frozenset[str]:
    """The entrant, and those that score for it if it is a team; a field's have a row each."""
    if isinstance(sport, FieldSport):
        return frozenset({entrant})
    return frozenset({entrant} | {e.id for e in definition.entrants.values() if e.team == entrant})


def has_part(sport: Sport[Any], contest: ContestFold, own: frozenset[str]) -> bool:
    """Whether one of these entrants is planned in a contest, or its states speak of one."""
    if isinstance(sport, FieldSport):
        return not own.isdisjoint(contest.states)
    if not own.isdisjoint(contest.contest.entrants) or not own.isdisjoint(contest.states):
        return True
    needles = [encode_state(name) for name in own]
    blobs = [encode_state(state) for state in contest.states.values()]
    return any(needle in blob for needle in needles for blob in blobs)


def in_order(definition: Definition, contests: set[str]) -> list[str]:
    """Contests as the schedule has them, then those that nobody planned."""
    planned = [id_ for id_ in places_of(definition) if id_ in contests]
    return planned + sorted(contests - set(planned))


def by_record(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Entries told apart by the record that they speak of, oldest version first."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.record, []).append(entry)
    return found


# the explanation itself, in a thread -------------------------------------------------------------


def explain(basis: Basis, versions: Mapping[str, dict[str, list[Entry]]]) -> Explanation:
    """The row from a basis and the versions of all records by contest."""
    definition = basis.definition
    sport = basis.fold.sports.configured(definition.sport, definition.params)
    sport.enrol(definition)
    kinds = basis.fold.sports.kinds(definition.sport)
    own = own_names(sport, definition, basis.entrant)
    told = [told_of(sport, kinds, one, versions[one.id], own) for one in basis.sources]
    others = {
        id_: {key: decode_state(blob, sport.State) for key, blob in states.items()}
        for id_, states in basis.others.items()
    }
    contests = {one.id: one.contest for one in basis.sources}
    look = Looking(sport, definition, contests, basis.board, basis.entrant)
    figures, changes = attribute(sport, others, told, look)
    row = look.row
    if row is None or not figures:
        raise no_row(basis.entrant)
    if basis.rank:
        row = replace(row, rank=basis.rank, group_rank=basis.group_rank)
    records = {change.fact.record for change in changes if change.fact is not None}
    return Explanation(
        row=row,
        columns=sport.columns,
        changes=[change for change in changes if change.figure in figures],
        versions={r: e for some in versions.values() for r, e in some.items() if r in records},
        texts={} if isinstance(sport, FieldSport) else dict(texts(sport, told)),
        joined=joined_with(sport, kinds, basis.sources, told, versions, records),
        position=max(
            (entries[-1].position for some in versions.values() for entries in some.values()),
            default=0,
        ),
        rules=basis.fold.rules_version,
    )


def told_of(
    sport: Sport[Any],
    kinds: Mapping[str, Kind],
    source: Source,
    versions: Mapping[str, list[Entry]],
    own: frozenset[str],
) -> Told:
    """A contest's facts in force; of a field those of the entrant and of the whole field."""
    facts = [
        fact_of(entry, entries[0], kinds[entry.type])
        for entries in versions.values()
        if (entry := in_force(entries, source.skipped)) is not None and entry.type in kinds
    ]
    if isinstance(sport, FieldSport):
        facts = [fact for fact in facts if sport.fold_key(fact) in own | {WHOLE_FIELD}]
        records = frozenset(fact.record for fact in facts)
    else:
        records = told_one_by_one(kinds, source.contest, facts, own)
    return Told(source.contest, source.id, sorted(facts, key=sport.sort_key), records)


def joined_with(
    sport: Sport[Any],
    kinds: Mapping[str, Kind],
    sources: Sequence[Source],
    told: Sequence[Told],
    versions: Mapping[str, Mapping[str, list[Entry]]],
    records: Collection[str],
) -> dict[str, dict[str, Content]]:
    """What some records are combined with, among observations and decisions of all entrants."""
    found: dict[str, dict[str, Content]] = {}
    for source, one in zip(sources, told, strict=True):
        made = reconciliation_of(sport, source.contest)
        if made is None:
            continue
        for entries in versions[source.id].values():
            entry = in_force(entries, source.skipped)
            if entry is not None and entry.type in RULINGS:
                made.rule(fact_of(entry, entries[0], RULINGS[entry.type]))
            elif entry is not None and made.side(entry.type) is not None:
                made.put(fact_of(entry, entries[0], kinds[entry.type]))
        made.settle(folded(sport, one))
        found |= {record: partners for record in records if (partners := made.partners(record))}
    return found


def folded(sport: Sport[Any], told: Told) -> States:
    """The states that the told facts of a contest make."""
    states: dict[str, Any] = {}
    for fact in told.facts:
        fold_into(states, sport, told.contest, fact)
    return states


def told_one_by_one(
    kinds: Mapping[str, Kind], contest: Contest, facts: Sequence[Fact], own: frozenset[str]
) -> frozenset[str]:
    """The records that name one of these entrants, or nobody; all where only a few meet."""
    named = {fact.record: set(kinds[fact.type].entrants(fact.payload)) for fact in facts}
    if len(set(contest.entrants).union(*named.values())) <= FEW:
        return frozenset(named)
    return frozenset(record for record, names in named.items() if not names or names & own)


def texts(sport: Sport[Any], told: Sequence[Told]) -> Iterator[tuple[str, str]]:
    """What the timelines say of records."""
    for one in told:
        for happening in sport.timeline(one.contest, one.facts):
            yield happening.record, happening.text


def no_row(entrant: str) -> NotFound:
    """What is said where there is nothing to explain."""
    return NotFound(
        f"the board has no row of {entrant}", pointer="/entrant", hint="rows are named by entrant"
    )
