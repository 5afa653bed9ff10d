"""The ledger's door: everything that other rooms may ask of it.

A process that writes alone knows the head without asking. One of many knows it as of its own last
commit or `refresh_head`; what it appends goes where the head really is.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any, Unpack

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard import telemetry
from scoreboard.database.engine import WRITE
from scoreboard.database.faults import translated
from scoreboard.database.leases import Lease
from scoreboard.database.upsert import upsert
from scoreboard.errors import Fenced, Unavailable
from scoreboard.facts.entry import Draft, Entry, Fate, Head, Refused
from scoreboard.facts.names import SYSTEM
from scoreboard.ledger.append import Committed, take_over
from scoreboard.ledger.clock import now_us
from scoreboard.ledger.kinds import ERASED
from scoreboard.ledger.open import Store, open_store
from scoreboard.ledger.plan import Request
from scoreboard.ledger.reader import Reader
from scoreboard.ledger.schema import tables
from scoreboard.ledger.signing import InstallationKey, SignedHead
from scoreboard.ledger.tail import Tail
from scoreboard.ledger.wanted import Filters, Wanted
from scoreboard.ledger.writer import Writer
from scoreboard.settings import Settings

TROUBLE_S = 10.0
SCRUB_AGAIN_S = 1.0
EVERYTHING = Wanted()
LOOKED_THROUGH_MAX = 1_000  # newest entries, in memory, for those that a filter lets through


class Ledger:
    """An open ledger: a writer of its store (the only one, unless shared), and a reader of it."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], int]) -> None:
        self.on_commit: list[Callable[[int], None]] = []  # a new head, whoever wrote
        self.on_append: list[Callable[[int], None]] = []  # a commit of this process
        self.engine: AsyncEngine = store.engine
        self._settings = settings
        self._store = store
        self._clock = clock
        self._head = store.head
        self._fault: tuple[Unavailable, float] | None = None
        self._sure = True  # whether the head in memory is the committed one
        self._reader = Reader(store.engine)
        self._tail = Tail(settings.limits.tail_entries_max, settings.limits.tail_bytes_max)
        self._key: InstallationKey | None = None
        self._scrub_due = False
        self._scrubbing: asyncio.Task[None] | None = None
        self._writer = Writer(
            store.runner,
            settings.limits,
            clock=clock,
            fence=store.fence,
            known=self._known,
            ready=self._ready,
            committed=self._committed,
            failed=self._failed,
        )
        telemetry.POSITION.set(store.head.position)

    @classmethod
    async def open(cls, settings: Settings, *, clock: Callable[[], int] = now_us) -> "Ledger":
        """Open or begin the ledger as its one writer; raises CannotStart."""
        return cls(settings, await open_store(settings), clock)

    @property
    def head(self) -> Head:
        """The last known committed head."""
        return self._head

    @property
    def trouble(self) -> str | None:
        """Why the last append could not be written, for TROUBLE_S after it; None if all is well.

        It ends by itself because nothing may be appended as long as somebody relies on it; that
        another server took over does not end.
        """
        if self._fault is None:
            return None
        error, failed_s = self._fault
        lasting = isinstance(error, Fenced) or monotonic() - failed_s < TROUBLE_S
        return error.message if lasting else None

    async def append(
        self, drafts: Sequence[Draft], *, atomic: bool = False, basis: int | None = None
    ) -> list[Fate]:
        """Append drafts and answer, in order, after the durable commit.

        `atomic`: one refusal refuses all. `basis`: refuse all as stale if anything newer than this
        position stands in the drafts' one competition. Raises Unavailable (nothing half done;
        `retry_after_s` says when to come back) or Fenced. A batch above the bound of one commit
        that is cut off in the middle answers "unavailable" for the drafts that were not written.
        """
        if not drafts:
            return []
        if basis is not None and len({draft.competition for draft in drafts}) > 1:
            raise ValueError("drafts with a basis share one competition")
        return await self._writer.submit(Request(drafts, atomic=atomic, basis=basis))

    @property
    def presence(self) -> Lease | None:
        """The lease by which this process counts as there; None if it writes alone."""
        return self._store.presence

    async def refresh_head(self) -> Head:
        """The committed head, read unless it is known: nobody else writes. Raises Unavailable."""
        if self.presence is None and self._known() is not None:
            return self._head
        return await self.read_head()

    async def read_head(self) -> Head:
        """The committed head from the database; raises Unavailable if it does not answer."""
        head = await self._reader.head()
        if head.position > self._head.position:
            self._tail.clear()  # another process wrote: it may have erased something
        self._learn(head)
        return self._head

    async def lead(self) -> Head:
        """Raise the epoch, by which this process alone makes the boards from now on."""
        self._learn(await self._store.runner.run(lambda: take_over("")))
        return self._head

    async def read(
        self,
        after: int,
        *,
        limit: int = 1000,
        upto: int | None = None,
        **filters: Unpack[Filters],
    ) -> list[Entry]:
        """At most `limit` entries after a position, in order, by any of the filters.

        `upto`: none beyond this position.
        """
        if self._sure and after >= self._head.position:
            return []
        wanted = Wanted(**filters)
        if wanted == EVERYTHING:
            newest = self._tail.read(after, limit, upto)
        elif newest := self._newest(after, upto):
            newest = list(islice(filter(wanted.takes, newest), limit))
        if newest is not None:
            return newest
        return await self._reader.page(after, wanted, limit=limit, upto=upto)

    def _newest(self, after: int, upto: int | None) -> list[Entry] | None:
        """All entries after a position, if they are few and in memory: cheaper than a query."""
        last = self._head.position if upto is None else upto
        if last > self._head.position or last - after > LOOKED_THROUGH_MAX:
            return None
        newest = self._tail.read(after, LOOKED_THROUGH_MAX, last)
        return newest if newest and newest[-1].position == last else None

    async def looked_through(
        self, after: int, before: int, **wanted: Any
    ) -> tuple[list[Entry], int | None]:
        """Entries between two positions by filters, a bounded piece at a time (see `Reader`)."""
        return await self._reader.looked_through(after, before, **wanted)

    async def versions(
        self, competition: str, records: Collection[str], *, upto: int | None = None
    ) -> dict[str, list[Entry]]:
        """All versions of each record in order, none beyond `upto`; unknown records are absent."""
        return await self._reader.versions(competition, records, upto)

    async def entry(self, position: int) -> Entry | None:
        """The entry at a position."""
        found = await self.read(position - 1, limit=1, upto=position)
        return found[0] if found else None

    async def position_at(self, us: int) -> int:
        """The last position received at or before an instant; 0 if there is none."""
        if us >= self._head.received:
            return self._head.position
        return await self._reader.position_at(us, self._head.position)

    async def last_position(self, competition: str, *, upto: int | None = None) -> int:
        """The position of a competition's newest entry, none beyond `upto`; 0 if it has none."""
        return await self._reader.last_position(competition, upto)

    async def moments(
        self, competition: str, *, upto: int | None = None, count: int
    ) -> list[tuple[int, int]]:
        """At most `count` positions of a competition's entries, evenly, with when received."""
        return await self._reader.moments(competition, upto, count)

    async def erase(self, competition: str, position: int, *, reason: str, actor: str) -> Fate:
        """Erase an entry's payload and salt, and say so by an entry in the same transaction.

        What the database's log holds of it goes as soon as nobody reads there (`SCRUB_AGAIN_S`).
        """
        entry = await self.entry(position)
        if entry is None or entry.competition != competition:
            return Refused("not-found", f"{competition} has no entry {position}")
        draft = Draft(
            competition=competition,
            contest=entry.contest,
            source=SYSTEM,
            id=f"erased-{position}",
            type=ERASED,
            actor=actor,
            reason=reason,
            data=msgspec.json.encode({"position": position, "reason": reason}),
        )
        (fate,) = await self._writer.submit(Request([draft], erases=position))
        self._tail.clear()
        self._scrub_due = True
        if self._scrubbing is None or self._scrubbing.done():
            self._scrubbing = asyncio.create_task(self._scrub(), name="scrub")
        return fate

    async def _scrub(self) -> None:
        while self._scrub_due:
            self._scrub_due = False  # an erasure that comes meanwhile sets it again
            if not await self._store.runner.scrub():
                self._scrub_due = True
                await asyncio.sleep(SCRUB_AGAIN_S)

    @property
    def key(self) -> InstallationKey:
        """The installation's key, made with the first use."""
        if self._key is None:
            self._key = InstallationKey.load_or_make(Path(self._settings.data))
        return self._key

    async def sign_head(self) -> Head:
        """Sign the committed head with the installation's key, keep the signature; the head."""
        head = await self.refresh_head()
        dialect = self.engine.dialect.name
        statement = upsert(tables(dialect).signed_heads, dialect)
        with translated():
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(**WRITE)
                async with connection.begin():
                    await connection.execute(statement, [self.key.sign(head, self._clock())])
        return head

    async def signed_heads(self, after: int, *, upto: int, limit: int = 1000) -> list[SignedHead]:
        """At most `limit` signed heads after a position, in order."""
        return await self._reader.signed_heads(after, upto, limit)

    async def close(self) -> None:
        """Write what is queued, then let the store go."""
        await self._writer.close()
        if self._scrubbing is not None:
            self._scrubbing.cancel()  # the last connection that is closed removes the log
            await asyncio.gather(self._scrubbing, return_exceptions=True)
        await self._store.close()

    def _known(self) -> Head | None:
        """The head, if it is sure and the lock is ours."""
        return self._head if self._sure and self._store.lock.held else None

    async def _ready(self) -> Head:
        """Before a commit: the lock is ours and the head known, or the reason why not."""
        known = self._known()
        if known is not None:
            return known
        taken = await self._store.lock.take()
        self._learn(await self._reader.head())
        if self.presence is None and self._head.epoch != self._store.head.epoch:
            raise Fenced("another server took over this ledger", hint="stop this one")
        if not taken:
            raise Unavailable("the writer's lock is not free yet", retry_after_s=1.0)
        return self._head

    def _committed(self, commit: Committed) -> None:
        self._fault = None
        self._tail.extend(commit.rows)
        self._learn(commit.head)
        for told in self.on_append:
            told(commit.head.position)

    def _failed(self, error: Exception) -> None:
        telemetry.COMMIT_FAILURES.inc()
        if isinstance(error, Unavailable):
            self._fault = (error, monotonic())
        if isinstance(error, Fenced) and self.presence is not None:
            self.presence.lost.set()
        self._sure = False
        self._tail.clear()

    def _learn(self, head: Head) -> None:
        moved = head.position > self._head.position
        if head.position >= self._head.position:
            self._head = head
        self._sure = self.presence is not None or self._head.epoch == self._store.head.epoch
        if not moved:
            return
        telemetry.POSITION.set(head.position)
        for told in self.on_commit:
            try:
                told(head.position)
            except Exception:
                telemetry.log.exception("a listener to commits failed")
