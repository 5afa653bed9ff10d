"""Reads of the past from a streaming replica of the database, never from one that is behind.

    read of the past ─▶ replica: has it what this process knows of? ─▶ asked there
                                 ├─ not yet: waits, at most `read_wait_s`
                                 └─ still not, or away ─▶ asked of the primary, for `REST_S` at once

Order is by position, so the check is one: the replica's own head, read by the connection that then
asks, is not before the last one that this process knows. Nobody can have been told by it of
anything newer. What a replica replays is never taken back, so the answer is at least as new; and an
erasure that this process knows of is in it, too. What this process folds is always read from the
primary.
"""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from scoreboard.database.engine import make_engine
from scoreboard.database.faults import translated
from scoreboard.errors import CannotStart, Unavailable
from scoreboard.facts.entry import Head
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.reader import Reader
from scoreboard.ledger.reading import LedgerReader
from scoreboard.ledger.viewing import LedgerView
from scoreboard.settings import Settings
from scoreboard.telemetry import REPLICA_READS, log

REST_S = 1.0  # how long the primary is asked at once, after the replica was behind or away
CONNECT_S = 1.0  # one that does not even answer is away
LOOK_EVERY_S = 0.01


class _NotThere(Exception):
    """The replica has not what is asked for: `outcome` says why, as the metric has it."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class ReplicaReader(Reader):
    """Queries of a replica that has all that the ledger knows of, else of the primary."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.engine = make_engine(
            settings.read_database, pool_size=settings.database_connections, read_only=True
        )
        super().__init__(self.engine)
        self._ledger = ledger
        self._primary = Reader(ledger.engine)
        self._wait_s = settings.read_wait_s
        self._rests_until_s = 0.0

    async def _fetch(self, query: Select[Any]) -> Sequence[Any]:
        if monotonic() >= self._rests_until_s:
            try:
                rows = await self._from_replica(query)
            except (_NotThere, Unavailable) as error:
                outcome = error.outcome if isinstance(error, _NotThere) else "away"
                REPLICA_READS.labels(outcome).inc()
                log.warning("a read goes to the primary", replica=outcome)
                self._rests_until_s = monotonic() + REST_S
            else:
                REPLICA_READS.labels("answered").inc()
                return rows
        return await self._primary._fetch(query)

    async def _from_replica(self, query: Select[Any]) -> Sequence[Any]:
        head = self._ledger.head
        with self._seconds.time(), translated():
            async with (
                asyncio.timeout(self._wait_s + CONNECT_S) as waiting,
                self.engine.connect() as connection,
            ):
                await self._until_at(connection, head)
                waiting.reschedule(None)  # what is asked may take its time
                rows: Sequence[Any] = (await connection.execute(query)).all()
                return rows

    async def _until_at(self, connection: AsyncConnection, known: Head) -> None:
        h = self._tables.head.c
        until_s = monotonic() + self._wait_s
        while True:
            try:
                found = (await connection.execute(select(h.ledger, h.position))).first()
            except ProgrammingError as error:  # there is no such table
                raise _NotThere("of another ledger") from error
            if found is None or found.ledger != known.ledger:
                raise _NotThere("of another ledger")
            if found.position >= known.position:
                return
            if monotonic() >= until_s:
                raise _NotThere("behind")
            await connection.rollback()  # a new look, and nothing held that replay waits for
            await asyncio.sleep(LOOK_EVERY_S)


class ReplicaView(LedgerView):
    """A ledger whose head this process knows, with its past read from a replica."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        reader = ReplicaReader(ledger, settings)
        super().__init__(reader.engine, reader)
        self._ledger = ledger

    @property
    def head(self) -> Head:
        """The last known committed head."""
        return self._ledger.head

    async def refresh_head(self) -> Head:
        """The head, read from the primary."""
        return await self._ledger.refresh_head()

    async def position_at(self, us: int) -> int:
        """The last position received at or before an instant."""
        head = self.head
        return head.position if us >= head.received else await super().position_at(us)


def past_of(ledger: Ledger, settings: Settings) -> LedgerReader:
    """Where reads of the past go: to the replica, if there is one, else to the ledger itself."""
    if not settings.read_database:
        return ledger
    if not (settings.database and settings.read_database.startswith("postgresql://")):
        raise CannotStart(
            "read_database is a replica of `database`, and both are on Postgres",
            hint="set both to Postgres URLs, or leave read_database out",
        )
    return ReplicaView(ledger, settings)
