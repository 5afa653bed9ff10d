"""Boards as they stood at a position, made as the live ones are: loaded, folded, rendered.

A board that was asked for is made once however many ask, and kept for a while: what stood at a
position never changes, except that an erased payload is gone from the past as well. A board that
still is what it was then has the version that it has: one content, one version.
"""

import asyncio
from collections import OrderedDict

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.errors import BadInput, NotFound
from scoreboard.facts.advancing import Premise
from scoreboard.facts.competition import Definition, cutoff_of
from scoreboard.facts.document import Document
from scoreboard.facts.rules import Rules
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.loading import Loading
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.public import seen_by_public
from scoreboard.projections.turns import Turns
from scoreboard.projections.whole import document_of, fold_whole


class Moment(Struct, frozen=True):
    """A board as of the last entry of its competition that is not after a position."""

    competition: str
    board: str
    position: int
    around: str | None = None
    rules: int | None = None  # a version of the rules; None: those in force then
    frozen: tuple[tuple[str, int | None], ...] = ()

    def cutoff(self, contest: str) -> int | None:
        """The last position of a contest that is shown, if something came after it; else None."""
        cutoff = cutoff_of(dict(self.frozen), contest)
        return cutoff if cutoff is not None and cutoff < self.position else None

    def upto(self, contest: str) -> int:
        """The last position of a contest that is shown."""
        cutoff = self.cutoff(contest)
        return self.position if cutoff is None else cutoff


class History:
    """Boards of the past over one projection; `neighbours` rows stand on each side of `around`."""

    def __init__(
        self, projection: BoardsProjection, neighbours: int, past: LedgerReader | None = None
    ) -> None:
        """`past`: where the ledger's past is read, if not where the projection reads."""
        self._projection = projection
        self.past = past or projection.ledger
        self.loading = Loading(self.past, projection.loading.sports, projection.loading.store)
        self._neighbours = neighbours
        limits = projection.settings.limits
        self._kept: OrderedDict[Moment, asyncio.Task[Document]] = OrderedDict()
        self._kept_max = limits.history_boards_max
        self._turns = Turns(
            "boards of the past", limits.history_turns_max, limits.history_waiting_max
        )
        self._erasures = 0

    async def document(
        self,
        competition: str,
        board: str,
        position: int,
        around: str | None,
        rules: int | None = None,
        *,
        public: bool,
    ) -> Document:
        """The board as it stood; NotFound if there was none, Unavailable if too many ask.

        `rules`: by which version of the rules the facts are read instead of those in force then;
        NotFound if there is none, BadInput if it is of another sport. The public sees nothing
        beyond the cut-off of a contest that is frozen now.
        """
        moment = await self.moment(competition, board, position, around, rules, public=public)
        if self._erasures != self._projection.folds.erasures:
            self._erasures = self._projection.folds.erasures
            self._kept.clear()
        making = self._kept.get(moment)
        if making is None:
            making = self._kept[moment] = asyncio.create_task(self._make(moment))
            making.add_done_callback(lambda task: self._made(moment, task))
        self._kept.move_to_end(moment)
        return await asyncio.shield(making)

    async def moment(
        self,
        competition: str,
        board: str,
        position: int,
        around: str | None = None,
        rules: int | None = None,
        *,
        public: bool,
    ) -> Moment:
        """The moment of a competition's own that a position stands for."""
        upto = min(position, self._projection.ledger.head.position)
        await self._projection.until_shown(upto)
        upto = await self.past.last_position(competition, upto=upto)
        frozen = await self._frozen(competition) if public else ()
        return Moment(competition, board, upto, around, rules, frozen)

    async def definition(
        self, competition: str, position: int, *, public: bool
    ) -> Definition | None:
        """The competition as it was defined at a position, as far as an audience may know of it."""
        moment = await self.moment(competition, "", position, public=public)
        fold = await self.loading.competition(competition, moment.position)
        if moment.frozen:
            fold = seen_by_public(fold, dict(moment.frozen))
        return fold.definition

    async def moments(self, competition: str, count: int, *, public: bool) -> list[tuple[int, int]]:
        """At most `count` positions at which the competition stood, and when each was received.

        Of a competition of which anything is frozen the public is told of none after the earliest
        cut-off, in whatever contest.
        """
        ledger = self._projection.ledger
        cutoffs = [ledger.head.position]
        if public:
            cutoffs += [cut for _, cut in await self._frozen(competition) if cut is not None]
        return await ledger.moments(competition, upto=min(cutoffs), count=count)

    def _made(self, moment: Moment, task: "asyncio.Task[Document]") -> None:
        failed = task.cancelled() or task.exception() is not None
        if failed and self._kept.get(moment) is task:
            del self._kept[moment]
        while len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)

    async def _make(self, moment: Moment) -> Document:
        async with self._turns.turn():
            fold = await self.fold(moment)
            # Large fields take a while to rank: not in the loop that serves everybody.
            return await asyncio.to_thread(self._render, fold, moment)

    async def fold(self, moment: Moment) -> CompetitionFold:
        """The competition as it was, with the contests that the board is made from."""
        loading = self.loading
        fold = await loading.competition(moment.competition, moment.position)
        if fold.sport is None or fold.definition is None:
            raise NotFound(f"{moment.competition} was not defined at {moment.position}")
        if moment.frozen:
            fold = seen_by_public(fold, dict(moment.frozen))
        if moment.rules is not None:
            fold = fold.under(await self._rules(fold, moment.rules, public=bool(moment.frozen)))
        assert fold.definition is not None
        if moment.board not in render.board_names(fold.definition, fold):
            raise NotFound(f"there was no board {moment.board} of {moment.competition} then")
        fold.cutoffs = dict(moment.frozen)
        contest = moment.board.partition(":")[2]
        live, premises = await self._live(moment.competition)
        contests = [contest] if contest else live
        fold.advancement.premises = premises
        for id_ in contests:
            await loading.stand(fold, id_, moment.upto, whence=True)
        for id_ in list(contests):
            cutoff = moment.cutoff(id_)
            if cutoff is not None:  # what officials have revealed since is seen as well
                seen = await loading.seen(fold, id_, cutoff, moment.position)
                if seen.position:
                    fold.contests[id_] = seen
        return fold

    async def _rules(self, fold: CompetitionFold, version: int, *, public: bool) -> Rules:
        """A version of the rules as far as an audience may know of it, for the fold's sport."""
        async with self._projection.folding:
            live = (await self._projection.folds.competition(fold.slug)).definitions
            known = (live.seen() if public else live).rules
        rules = next((one for one in known if one.version == version), None)
        if rules is None:
            raise NotFound(
                f"{fold.slug} has no version {version} of its rules",
                pointer="/rules",
                hint=f"there are 1 to {len(known)}",
            )
        assert fold.definition is not None
        if rules.sport != fold.definition.sport:
            raise BadInput(
                f"version {version} of the rules is of the sport {rules.sport}",
                pointer="/rules",
                hint=f"what happened was said in the words of {fold.definition.sport}",
            )
        return rules

    async def _frozen(self, competition: str) -> tuple[tuple[str, int | None], ...]:
        async with self._projection.folding:
            definition = (await self._projection.folds.competition(competition)).definition
            return tuple(sorted(definition.frozen.items())) if definition else ()

    async def _live(self, competition: str) -> tuple[list[str], dict[str, Premise]]:
        """All contests that something was ever said of, and what is known of who met in them."""
        async with self._projection.folding:
            live = await self._projection.folds.competition(competition)
            return list(live.contests), dict(live.advancement.premises)

    def _render(self, fold: CompetitionFold, moment: Moment) -> Document:
        fold.rank_anew()
        fold.advance()
        document = document_of(
            fold,
            moment.board,
            self._projection.settings.limits.board_rows_max,
            generation=self._projection.showing.generation(fold, dict(moment.frozen)),
            frozen=bool(moment.frozen),
        )
        if moment.around is None:
            return document
        rows = render.around(fold, moment.board, moment.around, self._neighbours)
        return (
            document
            if rows is None
            else replace(document, content=document.content | {"rows": rows})
        )

    async def whole(self, competition: str, position: int) -> CompetitionFold:
        """All of a competition as it stood at a position, for officials; takes its turn."""
        await self._projection.until_shown(position)  # so that it knows of all contests
        async with self._projection.folding:
            contests = list((await self._projection.folds.competition(competition)).contests)
        async with self._turns.turn():
            return await fold_whole(self.loading, competition, position, contests)

    def document_in(self, fold: CompetitionFold, name: str) -> Document:
        """A board of such a competition."""
        return document_of(
            fold,
            name,
            self._projection.settings.limits.board_rows_max,
            generation=self._projection.showing.generation(fold),
        )
