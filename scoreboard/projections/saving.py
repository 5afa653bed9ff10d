"""Saving behind: what changed since the last save, in one transaction with the checkpoint.

States, which change, are gathered at once, as bytes; boards, which never do, are encoded one by
one while the fold goes on.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from scoreboard import telemetry
from scoreboard.errors import Fenced, Unavailable
from scoreboard.facts.document import Patch
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.computed import in_order, messages
from scoreboard.projections.contest import ContestFold, encode_state
from scoreboard.projections.parking import Parking
from scoreboard.projections.shelf import Board, Shelf, slim
from scoreboard.projections.store import (
    OFFICIALS,
    PUBLIC,
    Batch,
    Checkpoint,
    KeptStates,
    ReadStore,
    SavedContest,
    encode,
    rules_of,
)
from scoreboard.settings import Settings

SNAPSHOT_STATES_SHARE = 4  # a snapshot of a large field waits until this much of it has changed


class Taken(Struct, frozen=True):
    """What is being written: entries counted, keys by contest, patches by audience and board,
    contests that began or ceased to wait, competitions that were thawed or had something erased,
    competitions of which the public has documents of its own.
    """

    entries: int
    contests: dict[tuple[str, str], set[str]]
    boards: dict[str, dict[Board, list[Patch]]]
    parked: set[tuple[str, str]]
    thawed: set[str]
    erased: set[str]
    frozen: frozenset[str]


class Saving:
    """Collects what changed and writes it."""

    def __init__(
        self,
        store: ReadStore,
        shelves: Mapping[str, Shelf],
        parking: Parking,
        settings: Settings,
        clock: Callable[[], int],
        format_: str,
    ) -> None:
        self.entries = 0
        self._format = format_
        self._store = store
        self.frozen: set[str] = set()  # competitions of which the public has documents of its own
        self.erased: set[str] = set()  # competitions whose old patches must not be kept
        self._thawed: set[str] = set()  # those that had, since the last save
        self.audiences: set[str] = set()  # those for whom messages are put into the outbox
        self._shelves = shelves
        self._parking = parking
        self._settings = settings
        self._clock = clock
        projection = settings.projection
        self.every_s = (
            projection.shared_save_every_s if settings.shared else projection.save_every_s
        )
        self.on_save: list[Callable[[int], None]] = []
        self.on_fenced: list[Callable[[], None]] = []  # another process folds now
        self._saved_at = monotonic()
        self._failed = False
        self._scrub_due = False  # something erased may still stand in the store's log
        self._own: Checkpoint | None = None
        self._writing: asyncio.Task[bool] | None = None
        self._unsaved: dict[tuple[str, str], set[str]] = {}

    async def open(self, ledger: LedgerReader, *, anew: bool) -> int:
        """Take the read store over; the position to go on from."""
        head = ledger.head
        own = Checkpoint(
            ledger=head.ledger,
            position=0,
            hash=b"",
            format=self._format,
            epoch=head.epoch,
            save=self._clock(),  # higher than any before, as nobody saves once a microsecond
        )

        async def fits(found: Checkpoint) -> bool:
            if anew or found.position == 0:
                return not anew
            entry = await ledger.entry(found.position)
            return entry is not None and entry.hash == found.hash

        self._own = await self._store.open(own, fits)
        return self._own.position

    def note(self, fold: CompetitionFold) -> None:
        """Remember what changed in a competition, and start counting anew."""
        for id_ in fold.dirty:
            contest = fold.contests[id_]
            self._unsaved.setdefault((fold.slug, id_), set()).update(contest.dirty_keys)
            contest.dirty_keys = set()

    def due(self) -> bool:
        """Whether it is time to save, and nothing is being saved."""
        if self._writing is not None and not self._writing.done():
            return False
        changed = self.entries or self._parking.changed or self._shelves[OFFICIALS].unsaved
        if not changed and not self._scrub_due:
            return False
        projection = self._settings.projection
        many = self.entries >= projection.save_entries_max and not self._failed
        return many or monotonic() - self._saved_at >= self.every_s

    def held(self) -> set[str]:
        """Competitions of which something is not saved yet (while nothing is being written)."""
        boards = (board for shelf in self._shelves.values() for board in shelf.unsaved)
        changed = {of for of, _board in boards} | {of for of, _contest in self._unsaved}
        return changed | self.erased | self._thawed

    def froze(self, slug: str) -> None:
        """The public has documents of its own of a competition."""
        self.frozen.add(slug)
        self._thawed.discard(slug)

    def thawed(self, slug: str) -> None:
        """The public sees what officials see of a competition."""
        self.frozen.discard(slug)
        self._thawed.add(slug)

    def begin(self, folds: dict[str, CompetitionFold], hash_: bytes, position: int) -> None:
        """Gather all that changed and write it beside the fold, which goes on.

        If it cannot be written, it stays to be written.
        """
        taken = Taken(
            entries=self.entries,
            contests=self._unsaved,
            boards={name: shelf.unsaved for name, shelf in self._shelves.items()},
            parked=self._parking.changed,
            thawed=self._thawed,
            erased=self.erased,
            frozen=frozenset(self.frozen),
        )
        batch = self._batch(taken, folds, hash_, position)
        self.entries, self._unsaved, self._thawed = 0, {}, set()
        self.erased = set()
        self._parking.changed = set()
        for shelf in self._shelves.values():
            shelf.unsaved = {}
        self._saved_at = monotonic()
        self._writing = asyncio.create_task(self._write(batch, taken))

    async def finish(self) -> bool:
        """Wait until what is being written is; False if it could not be."""
        return self._writing is None or await self._writing

    async def _write(self, batch: Batch, taken: "Taken") -> bool:
        oldest_us = self._clock() - int(self._settings.limits.window_seconds * 1e6)
        try:
            await self._boards(batch, taken)
            await self._messages(batch, taken)
            with telemetry.SAVE_SECONDS.time():
                await self._store.save(batch, oldest_us)
        except Exception as error:
            telemetry.SAVE_FAILURES.inc()
            telemetry.log.warning("boards not saved yet", error=str(error), entries=taken.entries)
            self._put_back(taken)
            self._failed = True
            for fenced in self.on_fenced if isinstance(error, Fenced) else ():
                fenced()
            return False
        self._failed = False
        for told in self.on_save:
            told(batch.checkpoint.position)
        self._scrub_due |= bool(taken.erased)
        if self._scrub_due:
            await self._scrub()
        return True

    async def _scrub(self) -> None:
        try:
            self._scrub_due = not await self._store.scrub()
        except Unavailable as error:
            telemetry.log.warning("erased boards stay in the log yet", error=str(error))

    def _put_back(self, taken: "Taken") -> None:
        """What could not be written is to be written with what came since."""
        self.entries += taken.entries
        for id_, keys in taken.contests.items():
            self._unsaved.setdefault(id_, set()).update(keys)
        for name, shelf in self._shelves.items():
            for board, patches in taken.boards.get(name, {}).items():
                both = patches + shelf.unsaved.get(board, [])
                shelf.unsaved[board] = both[-self._settings.limits.window_patches_max :]
        self._parking.changed |= taken.parked
        self._thawed |= taken.thawed
        self.erased |= taken.erased

    def _batch(
        self, taken: "Taken", folds: dict[str, CompetitionFold], hash_: bytes, position: int
    ) -> Batch:
        assert self._own is not None
        batch = Batch(
            checkpoint=replace(self._own, position=position, hash=hash_),
            thawed=sorted(taken.thawed),
            erased=sorted(taken.erased),
        )
        for (slug, id_), keys in taken.contests.items():
            if slug in folds:
                self._contest(batch, slug, id_, folds[slug].contests[id_], keys)
        self._parked(batch, taken.parked)
        return batch

    def _contest(
        self, batch: Batch, slug: str, id_: str, contest: ContestFold, keys: set[str]
    ) -> None:
        at = {"competition": slug, "contest": id_}
        saved = SavedContest(
            position=contest.position,
            received=contest.received,
            began=contest.began,
            flags=contest.flags,
            flags_left_out=contest.flags_left_out,
            skipped=sorted(contest.skipped),
        )
        batch.contests.append(at | {"position": contest.position, "saved": encode(saved)})
        for key in keys:
            state = contest.states.get(key)
            blob = encode_state(state) if state is not None else b""
            batch.states.append(at | {"key": key, "state": blob})
        self._snapshot(batch, (slug, id_), contest)

    def _snapshot(self, batch: Batch, id_: tuple[str, str], contest: ContestFold) -> None:
        """Keep all states now and then, so that a board as it stood need not fold everything."""
        if not contest.sport.commutative:
            return
        enough = max(
            self._settings.projection.snapshot_entries,
            SNAPSHOT_STATES_SHARE * len(contest.states),
        )
        if contest.taken < enough:
            return
        contest.taken = 0
        kept = KeptStates(
            received=contest.received,
            rules=rules_of(contest.sport),
            states={key: encode_state(state) for key, state in contest.states.items()},
            began=contest.began,
            flags=contest.flags,
            flags_left_out=contest.flags_left_out,
        )
        at = {"competition": id_[0], "contest": id_[1], "position": contest.position}
        batch.snapshots.append(at | {"states": encode(kept)})

    async def _boards(self, batch: Batch, taken: Taken) -> None:
        """Encode what changed, a board at a time, so that nobody waits for all of them."""
        for audience, changed in taken.boards.items():
            for (slug, board), patches in changed.items():
                if audience == PUBLIC and slug not in taken.frozen:
                    continue  # elsewhere the public sees the officials' boards
                at = {"competition": slug, "audience": audience, "board": board}
                self._board(batch, at, patches)
                await asyncio.sleep(0)

    async def _messages(self, batch: Batch, taken: Taken) -> None:
        """Say outside what changed, where anybody takes it."""
        most = self._settings.limits.window_patches_max  # of a board: maybe there were more
        for audience in sorted(self.audiences):
            boards = taken.boards[audience]
            for patch, place in in_order(boards):
                of = (patch.after.competition, patch.after.board)
                whole = place == 0 and len(boards[of]) == most
                try:
                    made = messages(batch.checkpoint.ledger, audience, patch, whole=whole)
                except Exception as error:  # boards are saved whatever is wrong with what they say
                    telemetry.log.error("message not made", board=of, exc_info=error)
                else:
                    batch.messages += made
                await asyncio.sleep(0)

    def _board(self, batch: Batch, at: dict[str, str], patches: Sequence[Patch]) -> None:
        now = self._clock()
        batch.documents.append(at | {"document": encode(patches[-1].after)})
        for patch in patches[-self._settings.limits.window_patches_max :]:
            version = {"position": patch.after.position, "revision": patch.after.revision}
            batch.patches.append(at | version | {"made_us": now, "patch": encode(slim(patch))})

    def _parked(self, batch: Batch, changed: Collection[tuple[str, str]]) -> None:
        for id_ in changed:
            parked = self._parking.waiting.get(id_)
            if parked is None:
                batch.released.append(id_)
            else:
                at = {"competition": id_[0], "contest": id_[1]}
                batch.parked.append(at | {"parked": encode(parked)})
