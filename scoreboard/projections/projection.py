"""The projection that makes boards: follows the ledger, folds, renders, saves behind.

One batch of entries at a time: entries are told apart by competition and contest, folded, and the
boards that they touch made once for all of them: the first change at once, the next after
`render_every_ms`, or later if boards are so large that making them would take more than its share
of the time. A correction is a batch of its own, with boards made before and after it, so that
the patch it causes is the one that its preview showed, and boards can say what was corrected; so
are rulings. Only devices' own corrections and new rulings are folded with the rest while the fold
is far behind, and are not told.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import groupby, takewhile

from scoreboard import telemetry
from scoreboard.bus.topic import Topic
from scoreboard.errors import Unavailable
from scoreboard.facts.document import Content, Document
from scoreboard.facts.entry import Entry
from scoreboard.facts.names import SYSTEM
from scoreboard.facts.proposing import PROPOSED
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections import flagging, render
from scoreboard.projections.acts import Act, act_of, correction_of, corrects, known_of
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.contest import OUTSIDE, ContestFold, ForgottenTooMuch, Prior
from scoreboard.projections.loading import ADMINISTRATIVE, Loading, is_definition
from scoreboard.projections.parking import ContestId, Parking, releases
from scoreboard.projections.public import PublicFold, is_frozen
from scoreboard.projections.saving import Saving
from scoreboard.projections.shelf import Shelf, generation_of
from scoreboard.projections.shelving import Shelving
from scoreboard.projections.showing import Corrected, Showing
from scoreboard.projections.store import FORMAT, OFFICIALS, PUBLIC, ReadStore
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports

# So many entries wait, or came since boards were made: folding comes before showing each change,
# and boards are made at most a tenth of the time.
BUSY_ENTRIES = 500
BUSY_PAUSE = 9
PAUSE = 3  # else those of one competition at most a quarter of it


def now_us() -> int:
    """The wall clock in microseconds."""
    return time.time_ns() // 1000


class BoardsProjection:
    """The live fold of every competition, and its boards on the shelf."""

    def __init__(
        self,
        settings: Settings,
        ledger: LedgerReader,
        sports: Sports,
        store: ReadStore,
        *,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self.loading = Loading(ledger, sports, store)
        self.shelf = Shelf(settings.limits)
        self.public_shelf = Shelf(settings.limits)
        self.parking = Parking(settings.projection.retry_s, settings.limits.parked_contests_max)
        self.saving = Saving(
            store,
            {OFFICIALS: self.shelf, PUBLIC: self.public_shelf},
            self.parking,
            settings,
            clock,
            format_of(sports),
        )
        self.showing = Showing(settings, ledger, self.shelf, self.public_shelf, self.saving)
        self.shelving = Shelving(
            store, self.shelf, self.public_shelf, self.saving, settings.limits.shelved_boards_max
        )
        self.folds: dict[str, CompetitionFold] = {}
        self.publics: dict[str, PublicFold] = {}  # the frozen ones among them
        self.rendered = Topic()
        self.position = 0
        self.erasures = 0  # how many payloads were erased since the start
        self._erased: set[str] = set()  # competitions of which something was, to be shown anew
        self._corrected: dict[str, list[Corrected]] = {}  # what the next boards correct
        self.folding = asyncio.Lock()
        self._clock = clock
        self.store = store
        self._pending: set[str] = set()
        self._render_at: dict[str, float] = {}  # not before, by the monotonic clock

    async def open(self, *, anew: bool = False) -> int:
        """Take up the read store where it fits the ledger; returns the position to go on from.

        `anew`: nothing that is saved is believed, so that all is made from the ledger again.
        """
        self.folds, self.publics = {}, {}
        self.position = await self.saving.open(self.ledger, anew=anew)
        self.parking.put_back(await self.store.parked())
        await self.shelving.open()
        self.rendered.publish(self.position)
        return self.position

    async def close(self, *, save: bool = True) -> None:
        """Save what is not saved yet, if it is this process that folds, and let the store go."""
        if save:
            self.render_pending(everything=True)
            await self.saving.finish()
            self.saving.begin(self.folds, await self._hash(), self.position)
            await self.saving.finish()
        await self.store.close()

    # folding ------------------------------------------------------------------------------------

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Take a batch of entries; they count as taken when this returns."""
        fresh = [entry for entry in entries if entry.position > self.position]
        async with self.folding:
            behind = self.ledger.head.position - self.position > BUSY_ENTRIES
            for act, run in groupby(fresh, act_of if behind else correction_of):
                group = list(run)
                if act is not None:
                    self.render_pending(everything=True)
                    if act == act_of(group[0]):
                        group += await self._rest_of(act, group[-1].position)
                group = [entry for entry in group if entry.position > self.position]
                if not group:
                    continue
                known = None
                if act is not None:
                    known = await known_of(self.ledger, group)
                    self._corrected[act[0]] = corrects(group, known)
                with telemetry.FOLD_SECONDS.time():
                    await self._fold(group, known)
                self.position = group[-1].position
                self.saving.entries += len(group)
                self.render_pending(everything=act is not None)
                self._corrected.clear()
            await self._save_if_due()

    async def idle(self) -> float | None:
        """Make and save what is due while nothing comes in; seconds until the next thing is."""
        async with self.folding:
            for id_ in self.parking.due(self._clock()):
                fold = await self.competition(id_[0])
                await self.refold(fold, id_, self.position)
                await self._advance(fold, self.position)
            self.render_pending(everything=False)
            await self._save_if_due()
        if self._pending:
            due_s = min(self._render_at.get(slug, 0.0) for slug in self._pending)
            return max(0.001, due_s - time.monotonic())
        return self.saving.every_s if self.saving.entries else None

    async def _rest_of(self, act: Act, position: int) -> list[Entry]:
        """Corrections that were signed together but came in two batches of entries."""
        following = await self.ledger.read(
            position, limit=self.settings.limits.corrections_signed_max
        )
        return list(takewhile(lambda entry: act_of(entry) == act, following))

    async def _fold(self, entries: Sequence[Entry], known: Prior | None) -> None:
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
                self._erased.add(slug)
                fold.advancement.premises = {}
            for definitional, run in groupby(group, is_definition):
                if definitional:
                    await self._define(fold, list(run))
                else:
                    await self._fold_contests(fold, list(run), known)
            await self._advance(fold, group[-1].position)
            fold.position, fold.received = group[-1].position, group[-1].received
            self._pending.add(slug)

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
        if id_ in self.parking.waiting:
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
                known = await self.loading.prior(fold, entries)
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

    async def refold(self, fold: CompetitionFold, id_: ContestId, upto: int) -> None:
        """Fold a contest again from the ledger; on failure it waits as it was."""
        contest = id_[1]
        if id_ in self.parking.waiting:
            telemetry.RETRIES.inc()
        try:
            again = await self.loading.contest(fold, contest, upto)
        except Unavailable:
            raise
        except Exception as error:
            bad = await self.loading.first_bad(fold, contest, upto) or (upto, error)
            self.parking.park(id_, *bad, self._clock())
            return
        before = fold.contests.get(contest)
        again.dirty_keys |= set(before.states) if before else set()
        fold.contests[contest] = again
        fold.dirty.add(contest)
        self._pending.add(fold.slug)
        self.parking.release(id_)

    async def _refold_by_other_rules(self, fold: CompetitionFold, contest: str, upto: int) -> None:
        """Fold a contest again; one that waits is shown short of where it does, as ever.

        What the rules before made of it means nothing by these.
        """
        await self.refold(fold, (fold.slug, contest), upto)
        if (fold.slug, contest) in self.parking.waiting:
            before = fold.contests[contest]
            stood = await self.loading.stood(fold, contest, upto)
            stood.dirty_keys |= set(before.states)
            fold.contests[contest] = stood
            fold.dirty.add(contest)

    async def _find_the_bad_one(
        self, fold: CompetitionFold, id_: ContestId, entries: Sequence[Entry]
    ) -> None:
        """Fold one entry at a time up to the one that fails, and park the contest there."""
        good = await self.loading.contest(fold, id_[1], entries[0].position - 1)
        for entry in entries:
            prior = await self.loading.prior(fold, [entry])
            try:
                good.feed([entry], prior)
            except Exception as error:
                self.parking.park(id_, entry.position, error, self._clock())
                good = await self.loading.contest(fold, id_[1], entry.position - 1)
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
        for slug, contest in list(self.parking.waiting):
            if slug == fold.slug:
                self.parking.release((slug, contest))
                if contest in fold.contests:
                    fold.contests[contest].loaded = False

    async def _advance(self, fold: CompetitionFold, upto: int) -> None:
        """Say anew who goes on, and fold again where others meet now than were folded with."""
        for _round in range(len(fold.advancement.slots) + 1):
            await self.loading.premises(fold, fold.advancement.slots)
            fold.advance()
            misfits = fold.misfits()
            if not misfits:
                return
            for id_ in misfits:
                contest = fold.contests[id_]
                if contest.loaded:
                    self._redefine(fold, contest, id_)
                else:
                    await self.refold(fold, (fold.slug, id_), upto)

    async def _see(self, fold: CompetitionFold, upto: int) -> None:
        """Make what the public sees of a competition anew, as its definition says."""
        if is_frozen(fold):
            self.publics[fold.slug] = await PublicFold.of(self.loading, fold, upto)
        else:
            self.publics.pop(fold.slug, None)

    def _redefine(self, fold: CompetitionFold, contest: ContestFold, id_: str) -> None:
        contest.contest = fold.contest_defined(id_)
        if fold.sport is not None and not fold.sport.commutative:
            contest.refold_all(contest.contest)
        fold.dirty.add(id_)

    def doubt(self, id_: ContestId, *, doubted: bool) -> None:
        """Say to officials that a contest's fold is not what the ledger comes to, or is again."""
        slug, contest = id_
        fold, listed = self.folds.get(slug), self.shelf.get(slug, render.FLAGS)
        if fold is None or listed is None:
            return
        fold.doubted = fold.doubted | {contest} if doubted else fold.doubted - {contest}
        if doubted != (flagging.doubt_row(contest) in listed.content["rows"]):
            fold.doubts_changed = True
            self._pending.add(slug)
            self.render_pending(everything=False)

    async def competition(self, slug: str) -> CompetitionFold:
        """The live fold of a competition, loaded if it was let go."""
        await self.shelving.bring(slug)
        fold = self.folds.get(slug)
        if fold is None:
            fold = await self.loading.competition(slug, self.position)
            if fold.sport is not None:
                for id_, saved in (await self.store.contests(slug)).items():
                    fold.contests[id_] = await self.loading.saved_contest(fold, id_, saved)
                fold.rank_anew()
                await self.loading.premises(fold, fold.advancement.slots)
                fold.advance()
                for id_ in fold.misfits():  # folded with those who meet before it was saved
                    fold.contests[id_].contest = fold.contest_defined(id_)
                fold.dirty, fold.moved = set(), set()
                for contest in fold.contests.values():
                    contest.dirty_keys = set()
            fold.position = self.position
            await self._see(fold, self.position)
            self.folds[slug] = fold
        return fold

    # showing ------------------------------------------------------------------------------------

    def render_pending(self, *, everything: bool) -> None:
        """Make the boards of competitions that changed: all of them, or those that are due."""
        every_s = self.settings.projection.render_every_ms / 1000
        waiting = self.ledger.head.position - self.position
        busy = max(waiting, self.position - self.rendered.value) > BUSY_ENTRIES
        pause = BUSY_PAUSE * len(self._pending) if busy else PAUSE
        for slug in list(self._pending):
            started_s = time.monotonic()
            if everything or started_s >= self._render_at.get(slug, 0.0):
                self._pending.discard(slug)
                self._show(slug)
                took_s = time.monotonic() - started_s
                self._render_at[slug] = started_s + max(every_s, pause * took_s)
        if not self._pending:
            self.rendered.publish(self.position)

    def _show(self, slug: str) -> None:
        self.showing.show(
            self.folds[slug],
            self.publics.get(slug),
            erased=slug in self._erased,
            corrected=self._corrected.pop(slug, ()),
        )
        self._erased.discard(slug)

    async def until_shown(self, position: int) -> None:
        """Wait (bounded) until boards are made up to a position; Unavailable if they are not."""
        if not await self.rendered.reach(position, self.settings.limits.wait_after_s):
            raise Unavailable("the boards have not come so far yet", retry_after_s=1.0)

    async def around(
        self, document: Document, entrant: str, each_side: int
    ) -> dict[str, Content] | None:
        """An entrant's rows with its neighbours' on a board of a large field; else None."""
        async with self.folding:
            fold = await self.competition(document.competition)
            if document.frozen and fold.slug in self.publics:
                fold = self.publics[fold.slug].fold
            return render.around(fold, document.board, entrant, each_side)

    # saving -------------------------------------------------------------------------------------

    async def _save_if_due(self) -> None:
        if self.saving.due():
            self.render_pending(everything=True)
            self.let_go()
            self.saving.begin(self.folds, await self._hash(), self.position)

    async def _hash(self) -> bytes:
        entry = await self.ledger.entry(self.position) if self.position else None
        return entry.hash if entry else b""

    def let_go(self) -> None:
        """Keep memory bounded: unload the facts of contests that were quiet for longest.

        The one that moved last stays, however large: it would be loaded again at once.
        """
        loaded = [c for fold in self.folds.values() for c in fold.contests.values() if c.loaded]
        weight = sum(contest.weight for contest in loaded)
        for contest in sorted(loaded, key=lambda c: c.position)[:-1]:
            if weight <= self.settings.limits.loaded_facts_max:
                break
            weight -= contest.weight
            contest.unload()
        quiet = sorted(self.folds.values(), key=lambda fold: fold.position)
        surplus = quiet[: max(0, len(quiet) - self.settings.limits.loaded_competitions_max)]
        held = self.saving.held() | self._pending
        unloaded = [fold.slug for fold in surplus if fold.slug not in held]
        for slug in [*unloaded, *self.shelving.let_go(held)]:
            self.folds.pop(slug, None)
            self.publics.pop(slug, None)


def format_of(sports: Sports) -> str:
    """Everything in the code that read models depend on: another one makes them all anew."""
    versions = {name: sport.version for name, sport in sorted(sports.classes.items())}
    return generation_of(FORMAT, render.RENDER_VERSION, versions)
