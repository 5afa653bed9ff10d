"""The projection that makes boards: follows the ledger, folds, renders, saves behind.

One batch of entries at a time: they are folded, see `folds`, and the boards that they touch made
once for all of them: the first change at once, the next after `render_every_ms`, or later if boards
are so large that making them would take more than its share of the time. A correction is a batch
of its own, with boards made before and after it, so that the patch it causes is the one that its
preview showed, and boards can say what was corrected; so are rulings. Only devices' own corrections
and new rulings are folded with the rest while the fold is far behind, and are not told.
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
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections import flagging, render
from scoreboard.projections.acts import Act, act_of, correction_of, corrects, known_of
from scoreboard.projections.folds import Folds
from scoreboard.projections.loading import Loading
from scoreboard.projections.parking import ContestId, Parking
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
        self.folds = Folds(self.loading, self.parking, self.shelving, store, clock)
        self.rendered = Topic()
        self._corrected: dict[str, list[Corrected]] = {}  # what the next boards correct
        self.folding = asyncio.Lock()
        self._clock = clock
        self.store = store
        self._render_at: dict[str, float] = {}  # not before, by the monotonic clock

    @property
    def position(self) -> int:
        """The last entry that was taken."""
        return self.folds.position

    async def open(self, *, anew: bool = False) -> int:
        """Take up the read store where it fits the ledger; returns the position to go on from.

        `anew`: nothing that is saved is believed, so that all is made from the ledger again.
        """
        self.folds.live, self.folds.publics = {}, {}
        self.folds.position = await self.saving.open(self.ledger, anew=anew)
        self.parking.put_back(await self.store.parked())
        await self.shelving.open()
        self.rendered.publish(self.position)
        return self.position

    async def close(self, *, save: bool = True) -> None:
        """Save what is not saved yet, if it is this process that folds, and let the store go."""
        if save:
            self.render_pending(everything=True)
            await self.saving.finish()
            self.saving.begin(self.folds.live, await self._hash(), self.position)
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
                    await self.folds.fold(group, known)
                self.folds.position = group[-1].position
                self.saving.entries += len(group)
                self.render_pending(everything=act is not None)
                self._corrected.clear()
            await self._save_if_due()

    async def idle(self) -> float | None:
        """Make and save what is due while nothing comes in; seconds until the next thing is."""
        async with self.folding:
            for id_ in self.parking.due(self._clock()):
                await self.folds.retry(id_)
            self.render_pending(everything=False)
            await self._save_if_due()
        if self.folds.changed:
            due_s = min(self._render_at.get(slug, 0.0) for slug in self.folds.changed)
            return max(0.001, due_s - time.monotonic())
        return self.saving.every_s if self.saving.entries else None

    async def _rest_of(self, act: Act, position: int) -> list[Entry]:
        """Corrections that were signed together but came in two batches of entries."""
        following = await self.ledger.read(
            position, limit=self.settings.limits.corrections_signed_max
        )
        return list(takewhile(lambda entry: act_of(entry) == act, following))

    def doubt(self, id_: ContestId, *, doubted: bool) -> None:
        """Say to officials that a contest's fold is not what the ledger comes to, or is again."""
        slug, contest = id_
        fold, listed = self.folds.live.get(slug), self.shelf.get(slug, render.FLAGS)
        if fold is None or listed is None:
            return
        fold.doubted = fold.doubted | {contest} if doubted else fold.doubted - {contest}
        if doubted != (flagging.doubt_row(contest) in listed.content["rows"]):
            fold.doubts_changed = True
            self.folds.changed.add(slug)
            self.render_pending(everything=False)

    # showing ------------------------------------------------------------------------------------

    def render_pending(self, *, everything: bool) -> None:
        """Make the boards of competitions that changed: all of them, or those that are due."""
        every_s = self.settings.projection.render_every_ms / 1000
        waiting = self.ledger.head.position - self.position
        busy = max(waiting, self.position - self.rendered.value) > BUSY_ENTRIES
        pause = BUSY_PAUSE * len(self.folds.changed) if busy else PAUSE
        for slug in list(self.folds.changed):
            started_s = time.monotonic()
            if everything or started_s >= self._render_at.get(slug, 0.0):
                self.folds.changed.discard(slug)
                self._show(slug)
                took_s = time.monotonic() - started_s
                self._render_at[slug] = started_s + max(every_s, pause * took_s)
        if not self.folds.changed:
            self.rendered.publish(self.position)

    def _show(self, slug: str) -> None:
        self.showing.show(
            self.folds.live[slug],
            self.folds.publics.get(slug),
            erased=slug in self.folds.erased,
            corrected=self._corrected.pop(slug, ()),
        )
        self.folds.erased.discard(slug)

    async def until_shown(self, position: int) -> None:
        """Wait (bounded) until boards are made up to a position; Unavailable if they are not."""
        if not await self.rendered.reach(position, self.settings.limits.wait_after_s):
            raise Unavailable("the boards have not come so far yet", retry_after_s=1.0)

    async def around(
        self, document: Document, entrant: str, each_side: int
    ) -> dict[str, Content] | None:
        """An entrant's rows with its neighbours' on a board of a large field; else None."""
        async with self.folding:
            fold = await self.folds.competition(document.competition)
            if document.frozen and fold.slug in self.folds.publics:
                fold = self.folds.publics[fold.slug].fold
            return render.around(fold, document.board, entrant, each_side)

    # saving -------------------------------------------------------------------------------------

    async def _save_if_due(self) -> None:
        if self.saving.due():
            self.render_pending(everything=True)
            self.let_go()
            self.saving.begin(self.folds.live, await self._hash(), self.position)

    async def _hash(self) -> bytes:
        entry = await self.ledger.entry(self.position) if self.position else None
        return entry.hash if entry else b""

    def let_go(self) -> None:
        """Keep memory bounded: unload the facts of contests that were quiet for longest.

        The one that moved last stays, however large: it would be loaded again at once.
        """
        live = self.folds.live.values()
        loaded = [c for fold in live for c in fold.contests.values() if c.loaded]
        weight = sum(contest.weight for contest in loaded)
        for contest in sorted(loaded, key=lambda c: c.position)[:-1]:
            if weight <= self.settings.limits.loaded_facts_max:
                break
            weight -= contest.weight
            contest.unload()
        quiet = sorted(live, key=lambda fold: fold.position)
        surplus = quiet[: max(0, len(quiet) - self.settings.limits.loaded_competitions_max)]
        held = self.saving.held() | self.folds.changed
        unloaded = [fold.slug for fold in surplus if fold.slug not in held]
        for slug in [*unloaded, *self.shelving.let_go(held)]:
            self.folds.drop(slug)


def format_of(sports: Sports) -> str:
    """Everything in the code that read models depend on: another one makes them all anew."""
    versions = {name: sport.version for name, sport in sorted(sports.classes.items())}
    return generation_of(FORMAT, render.RENDER_VERSION, versions)
