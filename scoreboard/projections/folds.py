"""The folds of all competitions, and what entries make of them.

Entries are told apart by competition and contest. Each contest is fed what is new of it; where
that does not do (a correction further back than it remembers, other rules, other sides) it is
folded again from the ledger. One that fails waits where it failed, see `parking`, and everything
else goes on.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from scoreboard import telemetry
from scoreboard.errors import Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.facts.names import SYSTEM
from scoreboard.facts.proposing import PROPOSED
from scoreboard.ledger.kinds import ERASED
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import OUTSIDE, ContestFold, ForgottenTooMuch, Prior
from scoreboard.projections.loading import ADMINISTRATIVE, Loading, is_definition
from scoreboard.projections.parking import ContestId, Parking, releases
from scoreboard.projections.public import PublicFold, is_frozen
from scoreboard.projections.shelving import Shelving
from scoreboard.projections.store import ReadStore


class Folds:
    """What is folded up to `position`, the last entry that was taken.

    `live`: the folds in memory. `publics`: those of the frozen ones, as the public sees them.
    `changed`: competitions whose boards are to be made anew; `erased`: those among them of which
    something was erased. `erasures`: how many payloads were, since the start.
    """

    def __init__(
        self,
        loading: Loading,
        parking: Parking,
        shelving: Shelving,
        store: ReadStore,
        clock: Callable[[], int],
    ) -> None:
        self._loading = loading
        self._parking = parking
        self.live: dict[str, CompetitionFold] = {}
        self.publics: dict[str, PublicFold] = {}
        self.changed: set[str] = set()
        self.erased: set[str] = set()
        self.erasures = 0
        self.position = 0
        self._shelving = shelving
        self._store = store
        self._clock = clock

    def drop(self, slug: str) -> None:
        """Let a competition's folds go; they are loaded again when somebody asks."""
        self.live.pop(slug, None)
        self.publics.pop(slug, None)

    async def competition(self, slug: str) -> CompetitionFold:
        """The live fold of a competition, loaded if it was let go."""
        await self._shelving.bring(slug)
        fold = self.live.get(slug)
        if fold is None:
            fold = await self._loading.competition(slug, self.position)
            if fold.sport is not None:
                for id_, saved in (await self._store.contests(slug)).items():
                    fold.contests[id_] = await self._loading.saved_contest(fold, id_, saved)
                fold.rank_anew()
                await self._loading.premises(fold, fold.advancement.slots)
                fold.advance()
                for id_ in fold.misfits():  # folded with those who meet before it was saved
                    fold.contests[id_].contest = fold.contest_defined(id_)
                fold.dirty, fold.moved = set(), set()
                for contest in fold.contests.values():
                    contest.dirty_keys = set()
            fold.position = self.position
            await self._see(fold, self.position)
            self.live[slug] = fold
        return fold

    async def fold(self, entries: Sequence[Entry], known: Prior | None) -> None:
        """Fold entries; `known`: what was before of the records that they correct, if it is."""
        by_competition: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.competition != SYSTEM and entry.type != PROPOSED:
                by_competition.setdefault(entry.competition, []).append(entry)
        for slug, group in by_competition.items():
            fold = await self.competition(slug)
            if fold.position >= group[-1].position:
                continue  # loaded just now, with these entries already in it
            erased = sum(entry.type == ERASED for entry in group)
            self.erasures += erased
            if erased:
                self.erased.add(slug)
                fold.advancement.premises = {}
            for definitional, run in groupby(group, is_definition):
                if definitional:
                    await self._define(fold, list(run))
                else:
                    await self._fold_contests(fold, list(run), known)
            await self._advance(fold, group[-1].position)
            fold.position, fold.received = group[-1].position, group[-1].received
            self.changed.add(slug)

    async def _fold_contests(
        self, fold: CompetitionFold, entries: list[Entry], known: Prior | None
    ) -> None:
        erased = [entry for entry in entries if entry.type == ERASED and entry.contest is None]
        if erased:  # of a definition, or of a fact outside contests: both look for it
            await self._define(fold, erased)
        by_contest: dict[str, list[Entry]] = {}
        for entry in entries:
            by_contest.setdefault(entry.contest or OUTSIDE, []).append(entry)
        if fold.sport is None or fold.sport.apart:
            return
        for contest, group in by_contest.items():
            await self._fold_contest(fold, contest, group, known)
        public = self.publics.get(fold.slug)
        if public is not None and (
            any(entry.type in ADMINISTRATIVE for entry in entries) or public.corrects(entries)
        ):
            await self._see(fold, entries[-1].position)
        elif public is not None:
            for contest, group in by_contest.items():
                public.feed(contest, group)

    async def _fold_contest(
        self, fold: CompetitionFold, contest: str, entries: list[Entry], known: Prior | None
    ) -> None:
        id_ = (fold.slug, contest)
        again = any(entry.type in ADMINISTRATIVE for entry in entries)
        if id_ in self._parking.waiting:
            if not any(releases(entry) for entry in entries):
                return
            again = True
        folded = fold.contests.get(contest)
        if folded is not None:  # a batch that failed half-way comes again, maybe with more in it
            fresh = [entry for entry in entries if entry.position > folded.position]
            if not fresh:
                return
            known = known if fresh == entries else None
            entries = fresh
        if again or (folded is not None and not folded.loaded):
            await self.refold(fold, id_, entries[-1].position)
            return
        if folded is None:
            folded = fold.contests[contest] = fold.new_contest(contest)
        try:
            if known is None:
                known = await self._loading.prior(fold, entries)
            folded.feed(entries, known)
        except ForgottenTooMuch:
            folded.loaded = False
            await self.refold(fold, id_, entries[-1].position)
        except Unavailable:
            raise
        except Exception:
            folded.loaded = False  # half fed: whatever comes now, it is folded again
            await self._find_the_bad_one(fold, id_, entries)
        fold.dirty.add(contest)

    async def retry(self, id_: ContestId) -> None:
        """Fold a contest that waits once more."""
        fold = await self.competition(id_[0])
        await self.refold(fold, id_, self.position)
        await self._advance(fold, self.position)

    async def refold(self, fold: CompetitionFold, id_: ContestId, upto: int) -> None:
        """Fold a contest again from the ledger; on failure it waits as it was."""
        contest = id_[1]
        if id_ in self._parking.waiting:
            telemetry.RETRIES.inc()
        try:
            again = await self._loading.contest(fold, contest, upto)
        except Unavailable:
            raise
        except Exception as error:
            bad = await self._loading.first_bad(fold, contest, upto) or (upto, error)
            self._parking.park(id_, *bad, self._clock())
            return
        before = fold.contests.get(contest)
        again.dirty_keys |= set(before.states) if before else set()
        fold.contests[contest] = again
        fold.dirty.add(contest)
        self.changed.add(fold.slug)
        self._parking.release(id_)

    async def _refold_by_other_rules(self, fold: CompetitionFold, contest: str, upto: int) -> None:
        """Fold a contest again; one that waits is shown short of where it does, as ever.

        What the rules before made of it means nothing by these.
        """
        await self.refold(fold, (fold.slug, contest), upto)
        if (fold.slug, contest) in self._parking.waiting:
            before = fold.contests[contest]
            stood = await self._loading.stood(fold, contest, upto)
            stood.dirty_keys |= set(before.states)
            fold.contests[contest] = stood
            fold.dirty.add(contest)

    async def _find_the_bad_one(
        self, fold: CompetitionFold, id_: ContestId, entries: Sequence[Entry]
    ) -> None:
        """Fold one entry at a time up to the one that fails, and park the contest there."""
        good = await self._loading.contest(fold, id_[1], entries[0].position - 1)
        for entry in entries:
            prior = await self._loading.prior(fold, [entry])
            try:
                good.feed([entry], prior)
            except Exception as error:
                self._parking.park(id_, entry.position, error, self._clock())
                good = await self._loading.contest(fold, id_[1], entry.position - 1)
                break
        before = fold.contests.get(id_[1])
        good.dirty_keys |= set(before.states) if before else set()
        fold.contests[id_[1]] = good

    async def _define(self, fold: CompetitionFold, entries: list[Entry]) -> None:
        before = dict(fold.definition.contests) if fold.definition else {}
        other_rules = fold.define(entries)
        if fold.definition is None:
            self._await_no_more(fold)
            return
        for id_, contest in list(fold.contests.items()):
            defined = fold.contest_defined(id_)
            if other_rules:
                await self._refold_by_other_rules(fold, id_, entries[-1].position)
            elif not contest.loaded and before.get(id_) != defined:
                await self.refold(fold, (fold.slug, id_), entries[-1].position)
            elif before.get(id_) != defined:
                self._redefine(fold, contest, id_)
        if other_rules:
            fold.rank_anew()
        await self._see(fold, entries[-1].position)

    def _await_no_more(self, fold: CompetitionFold) -> None:
        """Let contests wait for nobody in a competition that is over; it may be defined again."""
        for slug, contest in list(self._parking.waiting):
            if slug == fold.slug:
                self._parking.release((slug, contest))
                if contest in fold.contests:
                    fold.contests[contest].loaded = False

    async def _advance(self, fold: CompetitionFold, upto: int) -> None:
        async def fold_again(id_: str) -> None:
            contest = fold.contests[id_]
            if contest.loaded:
                self._redefine(fold, contest, id_)
            else:
                await self.refold(fold, (fold.slug, id_), upto)

        await self._loading.advance(fold, fold_again)

    async def _see(self, fold: CompetitionFold, upto: int) -> None:
        """Make what the public sees of a competition anew, as its definition says."""
        if is_frozen(fold):
            self.publics[fold.slug] = await PublicFold.of(self._loading, fold, upto)
        else:
            self.publics.pop(fold.slug, None)

    def _redefine(self, fold: CompetitionFold, contest: ContestFold, id_: str) -> None:
        contest.contest = fold.contest_defined(id_)
        if fold.sport is not None and not fold.sport.commutative:
            contest.refold_all(contest.contest)
        fold.dirty.add(id_)
