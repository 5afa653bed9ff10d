"""Saving behind: what changed since the last save, in one transaction with the checkpoint."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic

from scoreboard import telemetry
from scoreboard.facts.document import Patch
from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.competition import CompetitionFold
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
)
from scoreboard.settings import Settings

SNAPSHOT_STATES_SHARE = 4  # a snapshot of a large field waits until this much of it has changed


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
        self.thawed: set[str] = set()  # those that had, since the last save
        self._shelves = shelves
        self._parking = parking
        self._settings = settings
        self._clock = clock
        self._saved_at = monotonic()
        self._put_off = False
        self._unsaved: dict[tuple[str, str], set[str]] = {}

    def fits(self, ledger: LedgerReader) -> Callable[[Checkpoint], Awaitable[bool]]:
        """Whether a read store was made from this ledger, in this format."""

        async def check(checkpoint: Checkpoint) -> bool:
            if (checkpoint.ledger, checkpoint.format) != (ledger.head.ledger, self._format):
                return False
            if checkpoint.position == 0:
                return True
            entry = await ledger.entry(checkpoint.position)
            return entry is not None and entry.hash == checkpoint.hash

        return check

    def note(self, fold: CompetitionFold) -> None:
        """Remember what changed in a competition, and start counting anew."""
        for id_ in fold.dirty:
            contest = fold.contests[id_]
            self._unsaved.setdefault((fold.slug, id_), set()).update(contest.dirty_keys)
            contest.dirty_keys = set()

    def due(self) -> bool:
        """Whether it is time to save."""
        if not self.entries and not self._parking.changed and not self._shelves[OFFICIALS].unsaved:
            return False
        projection = self._settings.projection
        many = self.entries >= projection.save_entries_max and not self._put_off
        return many or monotonic() - self._saved_at >= projection.save_every_s

    def put_off(self, error: Exception) -> None:
        """Saving failed and everything stays to be saved: try again when it is due anew."""
        telemetry.SAVE_FAILURES.inc()
        telemetry.log.warning("boards not saved yet", error=str(error), entries=self.entries)
        self._saved_at = monotonic()
        self._put_off = True

    async def save(
        self, folds: dict[str, CompetitionFold], hash_: bytes, position: int, ledger: LedgerReader
    ) -> None:
        """Write everything that changed; on failure it all stays to be written."""
        batch = Batch(
            checkpoint=Checkpoint(
                ledger=ledger.head.ledger, position=position, hash=hash_, format=self._format
            )
        )
        unsaved, parked, thawed = dict(self._unsaved), set(self._parking.changed), set(self.thawed)
        boards = {name: dict(shelf.unsaved) for name, shelf in self._shelves.items()}
        batch.thawed = sorted(thawed)
        for (slug, id_), keys in unsaved.items():
            if slug in folds:
                self._contest(batch, slug, id_, folds[slug].contests[id_], keys)
        for audience, changed in boards.items():
            self._boards(batch, audience, changed)
        self._parked(batch)
        oldest_us = self._clock() - int(self._settings.limits.window_seconds * 1e6)
        with telemetry.SAVE_SECONDS.time():
            await self._store.save(batch, oldest_us)
        self._unsaved = {k: v for k, v in self._unsaved.items() if k not in unsaved}
        for name, shelf in self._shelves.items():
            for board in boards[name]:
                shelf.unsaved.pop(board, None)
        self._parking.changed -= parked
        self.thawed -= thawed
        self.entries, self._put_off = 0, False
        self._saved_at = monotonic()

    def _contest(
        self, batch: Batch, slug: str, id_: str, contest: ContestFold, keys: set[str]
    ) -> None:
        at = {"competition": slug, "contest": id_}
        saved = SavedContest(
            position=contest.position,
            received=contest.received,
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
            states={key: encode_state(state) for key, state in contest.states.items()},
            flags=contest.flags,
            flags_left_out=contest.flags_left_out,
        )
        at = {"competition": id_[0], "contest": id_[1], "position": contest.position}
        batch.snapshots.append(at | {"states": encode(kept)})

    def _boards(
        self, batch: Batch, audience: str, changed: Mapping[Board, Sequence[Patch]]
    ) -> None:
        now = self._clock()
        for (slug, board), patches in changed.items():
            if audience == PUBLIC and slug not in self.frozen:
                continue  # the same as the officials'
            at = {"competition": slug, "audience": audience, "board": board}
            batch.documents.append(at | {"document": encode(patches[-1].after)})
            for patch in patches[-self._settings.limits.window_patches_max :]:
                version = {"position": patch.after.position, "revision": patch.after.revision}
                batch.patches.append(at | version | {"made_us": now, "patch": encode(slim(patch))})

    def _parked(self, batch: Batch) -> None:
        for id_ in self._parking.changed:
            parked = self._parking.waiting.get(id_)
            if parked is None:
                batch.released.append(id_)
            else:
                at = {"competition": id_[0], "contest": id_[1]}
                batch.parked.append(at | {"parked": encode(parked)})
