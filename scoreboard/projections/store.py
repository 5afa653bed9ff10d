"""The read store: what the projection has made, saved behind it in one transaction at a time.

On SQLite a file of its own (`boards.db`), on Postgres a schema of its own (`boards`). It carries
the ledger's id, its checkpoint and that entry's hash; if they do not fit the ledger, or the format
is another one, everything is dropped and made again. Nothing in here is the only copy of anything.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    Connection,
    delete,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateSchema

from scoreboard.database.engine import WRITE, make_engine, scrub
from scoreboard.database.faults import translated
from scoreboard.database.upsert import upsert
from scoreboard.errors import Fenced
from scoreboard.facts.document import Document, Patch
from scoreboard.projections.computed import Message
from scoreboard.projections.shelf import generation_of
from scoreboard.projections.tables import tables
from scoreboard.settings import Settings
from scoreboard.sports.sport import Sport
from scoreboard.telemetry import QUERY_SECONDS

OFFICIALS, PUBLIC = "officials", "public"
"""Audiences; the public has documents of its own only while a competition is frozen."""
FORMAT = 7  # rises when the tables or what stands in them change
ROWS_MAX = 5_000  # rows of one statement
IDLE_MS = 3_000  # for so long one that is frozen in the middle of a save can hold up the next
_query_seconds = QUERY_SECONDS.labels("boards")


class SavedContest(Struct, frozen=True, kw_only=True):
    """What is kept of a contest beside its states."""

    position: int
    received: int
    began: int | None = None
    flags: dict[str, list[str]] = {}
    flags_left_out: int = 0
    skipped: list[int] = []


class KeptStates(Struct, frozen=True, kw_only=True):
    """All states of a contest as they were after some entry, for boards as they stood.

    `rules`: what they were folded by; they mean nothing by others.
    """

    received: int
    rules: str
    states: dict[str, bytes]
    began: int | None = None
    flags: dict[str, list[str]] = {}
    flags_left_out: int = 0


class Parked(Struct, frozen=True, kw_only=True):
    """A contest that waits: the entry that could not be folded, why, and when it is tried again."""

    competition: str
    contest: str
    position: int
    error: str
    attempts: int
    since_us: int
    retry_us: int | None


class Checkpoint(Struct, frozen=True, kw_only=True):
    """How far the read store has come, by which ledger, and whose it is.

    `epoch`: of the ledger's writer that projects into it; a writer that was replaced finds a later
    one here and saves no more. `save` rises with every save, and when all is made anew: whatever a
    save has changed carries its number, by which other processes find it. `messages` and `octets`:
    how many messages the outbox has ever held, and how many bytes.
    """

    ledger: str
    position: int
    hash: bytes
    format: str
    epoch: int
    save: int
    messages: int = 0
    octets: int = 0


class Batch(Struct, kw_only=True):
    """Everything of one save: rows as the tables have them."""

    checkpoint: Checkpoint
    contests: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    snapshots: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    patches: list[dict[str, Any]] = []
    messages: list[Message] = []
    parked: list[dict[str, Any]] = []
    released: list[tuple[str, str]] = []
    thawed: list[str] = []
    erased: list[str] = []


encode = msgspec.msgpack.Encoder().encode
_document = msgspec.msgpack.Decoder(Document).decode
_patch = msgspec.msgpack.Decoder(Patch).decode
_contest = msgspec.msgpack.Decoder(SavedContest).decode
_parked = msgspec.msgpack.Decoder(Parked).decode
_kept = msgspec.msgpack.Decoder(KeptStates).decode


def rules_of(sport: Sport[Any]) -> str:
    """What a contest's states depend on beside its facts, in short."""
    return generation_of(sport.name, sport.params)


def row_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as its table has it."""
    return {"projection": "boards", **msgspec.structs.asdict(checkpoint)}


def numbered(messages: Sequence[Message], sequence: int, octets: int) -> list[dict[str, Any]]:
    """Messages as the outbox has them, after so many before them of so many bytes."""
    rows = []
    for message in messages:
        sequence, octets = sequence + 1, octets + len(message.event)
        place = {"sequence": sequence, "octets": octets}
        rows.append(msgspec.structs.asdict(message) | place)
    return rows


Fits = Callable[[Checkpoint], Awaitable[bool]]


class ReadStore:
    """The read models in a database; raises Unavailable if it cannot be reached or written."""

    def __init__(self, settings: Settings) -> None:
        url = settings.boards_url
        self.engine = make_engine(
            url, durability="rebuildable", pool_size=settings.board_connections
        )
        self._writer = make_engine(
            url, durability="rebuildable", pool_size=1, checkpoints=True, idle_ms=IDLE_MS
        )
        self.dialect = self.engine.dialect.name
        self.schema = "boards" if self.dialect == "postgresql" else None
        self.metadata = tables(self.schema)
        prefix = f"{self.schema}." if self.schema else ""
        self.tables = {n.removeprefix(prefix): t for n, t in self.metadata.tables.items()}

    async def open(self, own: Checkpoint, fits: Fits) -> Checkpoint:
        """Take the store over as `own` says, and say how far it has come.

        What is in it stays if it is of the same format and ledger and `fits(checkpoint)`; else all
        is dropped, tables included, and `own` is where it begins.
        """
        async with self.writing() as connection:
            if self.schema:
                await connection.execute(text("SELECT pg_advisory_xact_lock(7420001)"))
                await connection.execute(CreateSchema(self.schema, if_not_exists=True))
            found = await self._checkpoint(connection, own.format)
            stays = found is not None and found.ledger == own.ledger and await fits(found)
            if not stays:
                if await connection.run_sync(self._has_tables):
                    await connection.run_sync(self.metadata.drop_all)
                await connection.run_sync(self.metadata.create_all, checkfirst=False)
            kept = own
            if found is not None and stays:
                kept = replace(found, epoch=own.epoch, save=found.save + 1)
            await self._put(connection, "checkpoint", [row_of(kept)])
        await self.scrub()  # of what was dropped, or erased before a crash
        return kept

    def _has_tables(self, connection: Connection) -> bool:
        names = inspect(connection).get_table_names(self.schema)
        return not {table.name for table in self.tables.values()}.isdisjoint(names)

    async def _checkpoint(self, connection: AsyncConnection, format_: str) -> Checkpoint | None:
        """What is said of the store, if it is of this format: others may have other columns."""
        table = self.tables["checkpoint"]
        if not await connection.run_sync(
            lambda sync: inspect(sync).has_table(table.name, schema=self.schema)
        ):
            return None
        formats = (await connection.execute(select(table.c.format))).scalars().all()
        if list(formats) != [format_]:
            return None
        # Locked: somebody who is being replaced may be saving just now.
        row = (await connection.execute(select(table).with_for_update())).mappings().one()
        return Checkpoint(**{name: row[name] for name in Checkpoint.__struct_fields__})

    async def close(self) -> None:
        """Let go of all connections."""
        await self.engine.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; all that write wait for each other."""
        with translated():
            async with self._writer.execution_options(**WRITE).begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that reads."""
        with translated(), _query_seconds.time():
            async with self.engine.connect() as connection:
                yield connection

    async def save(self, batch: Batch, oldest_patch_us: int) -> None:
        """Everything of one batch, or nothing of it; Fenced if another has taken the store over."""
        async with self.writing() as connection:
            checkpoint = self.tables["checkpoint"].c
            columns = (checkpoint.epoch, checkpoint.save, checkpoint.messages, checkpoint.octets)
            held = (await connection.execute(select(*columns).with_for_update())).one()
            if held.epoch != batch.checkpoint.epoch:
                raise Fenced("another server makes the boards now", hint="stop this one")
            save = {"save": held.save + 1}
            for slug in batch.thawed:
                await self._forget_public(connection, slug)
            for slug, name in product(batch.erased, ("patches", "snapshots", "outbox")):
                old = self.tables[name]
                await connection.execute(delete(old).where(old.c.competition == slug))
            for name in ("states", "snapshots", "parked"):
                await self._put(connection, name, getattr(batch, name))
            for name in ("contests", "documents", "patches"):
                await self._put(connection, name, [row | save for row in getattr(batch, name)])
            erasures = [{"competition": slug} | save for slug in batch.erased]
            await self._put(connection, "erasures", erasures)
            parked = self.tables["parked"]
            for competition, contest in batch.released:
                await connection.execute(
                    delete(parked).where(
                        parked.c.competition == competition, parked.c.contest == contest
                    )
                )
            patches = self.tables["patches"]
            await connection.execute(delete(patches).where(patches.c.made_us < oldest_patch_us))
            states = self.tables["states"].c
            nothing = states.competition.in_(batch.erased) & (states.state == b"")
            await connection.execute(delete(self.tables["states"]).where(nothing))
            rows = numbered(batch.messages, held.messages, held.octets)
            await self._put(connection, "outbox", rows)
            last = rows[-1] if rows else {"sequence": held.messages, "octets": held.octets}
            total = {"messages": last["sequence"], "octets": last["octets"]}
            await self._put(connection, "checkpoint", [row_of(batch.checkpoint) | save | total])

    async def scrub(self) -> bool:
        """Leave nothing of what was erased in the store's log; False if it must be asked again."""
        with translated():
            return await scrub(self._writer)

    async def _forget_public(self, connection: AsyncConnection, competition: str) -> None:
        for name in ("documents", "patches"):
            table = self.tables[name]
            mine = (table.c.competition == competition, table.c.audience == PUBLIC)
            await connection.execute(delete(table).where(*mine))

    async def _put(
        self, connection: AsyncConnection, name: str, rows: Sequence[dict[str, Any]]
    ) -> None:
        statement = upsert(self.tables[name], self.dialect)
        for first in range(0, len(rows), ROWS_MAX):
            await connection.execute(statement, rows[first : first + ROWS_MAX])

    # reading ------------------------------------------------------------------------------------

    async def _rows(self, name: str, **where: Any) -> Iterable[Any]:
        table = self.tables[name]
        query = select(table).where(*(table.c[k] == v for k, v in where.items()))
        async with self.reading() as connection:
            return (await connection.execute(query)).all()

    async def contests(self, competition: str) -> dict[str, SavedContest]:
        """The contests of a competition."""
        rows = await self._rows("contests", competition=competition)
        return {row.contest: _contest(row.saved) for row in rows}

    async def states(self, competition: str, contest: str) -> dict[str, bytes]:
        """The encoded states of a contest by key."""
        rows = await self._rows("states", competition=competition, contest=contest)
        return {row.key: row.state for row in rows if row.state}

    async def snapshot(
        self, competition: str, contest: str, upto: int
    ) -> tuple[int, KeptStates] | None:
        """The newest kept states of a contest not after a position, and where they stood."""
        table = self.tables["snapshots"]
        query = (
            select(table.c.position, table.c.states)
            .where(
                table.c.competition == competition,
                table.c.contest == contest,
                table.c.position <= upto,
            )
            .order_by(table.c.position.desc())
            .limit(1)
        )
        async with self.reading() as connection:
            row = (await connection.execute(query)).first()
        return (row.position, _kept(row.states)) if row else None

    async def shelf(self, competition: str, audience: str) -> tuple[list[Document], list[Patch]]:
        """The documents of a competition for an audience, their recent patches in order."""
        of = {"competition": competition, "audience": audience}
        documents = await self._rows("documents", **of)
        patches = await self._rows("patches", **of)
        ordered = sorted(patches, key=lambda row: (row.position, row.revision))
        return [_document(r.document) for r in documents], [_patch(r.patch) for r in ordered]

    async def parked(self) -> list[Parked]:
        """All contests that wait."""
        return [_parked(row.parked) for row in await self._rows("parked")]

    async def competitions(self, audience: str) -> list[str]:
        """The competitions that have documents of an audience's own here."""
        table = self.tables["documents"]
        query = select(table.c.competition).where(table.c.audience == audience).distinct()
        async with self.reading() as connection:
            return list((await connection.execute(query)).scalars())

    async def counts(self) -> dict[str, int]:
        """Rows by table."""
        async with self.reading() as connection:
            return {
                name: int(
                    (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                )
                for name, table in self.tables.items()
            }
