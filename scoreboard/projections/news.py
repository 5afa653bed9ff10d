"""What another process has saved since this one looked: the other half of `following.py`."""

import contextlib
from collections.abc import Collection, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Select, Table, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from scoreboard.database.faults import translated
from scoreboard.facts.document import Document, Patch
from scoreboard.projections.store import OFFICIALS, PUBLIC, Parked

_document = msgspec.msgpack.Decoder(Document).decode
_patch = msgspec.msgpack.Decoder(Patch).decode
_parked = msgspec.msgpack.Decoder(Parked).decode
ONE_MOMENT = {"isolation_level": "REPEATABLE READ"}


class News(Struct, frozen=True, kw_only=True):
    """What changed by one save or more, as of the last of them.

    `position`: how far the boards have come. `documents` and `patches` by audience, of the
    competitions that were asked for; patches in order, slim. `begun`: competitions with boards that
    are new or changed. `folded`: those of which contests changed. `erased`: those of which
    something was erased. `frozen`: of all, those of which the public has boards of its own.
    """

    save: int
    position: int
    documents: dict[str, list[Document]]
    patches: dict[str, list[Patch]]
    begun: set[str]
    folded: set[str]
    erased: set[str]
    frozen: set[str]
    parked: list[Parked]


class Saved(Struct, frozen=True):
    """A save by its number, and how far the boards had come."""

    save: int
    position: int


class Reading(Struct, frozen=True):
    """Where news are read: the store's engine, tables by name, and the format they must be of."""

    engine: AsyncEngine
    tables: dict[str, Table]
    format: str

    async def saved(self) -> Saved | None:
        """The last save; None if there is none, or none that this program can read."""
        with translated(), contextlib.suppress(ProgrammingError):  # no tables yet, or older ones
            async with self.engine.connect() as connection:
                return await self._saved(connection)
        return None

    async def news(self, since: int, shelved: Collection[str]) -> News | None:
        """What was saved after a save, all as of one moment; None as above. Raises Unavailable."""
        with translated(), contextlib.suppress(ProgrammingError):
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(**ONE_MOMENT)
                saved = await self._saved(connection)
                if saved is not None:
                    return await self._since(connection, since, sorted(shelved), saved)
        return None

    async def _saved(self, connection: AsyncConnection) -> Saved | None:
        checkpoint = self.tables["checkpoint"].c
        found = select(checkpoint.save, checkpoint.position, checkpoint.format)
        row = (await connection.execute(found)).one_or_none()
        return None if row is None or row.format != self.format else Saved(row.save, row.position)

    async def _since(
        self,
        connection: AsyncConnection,
        since: int,
        shelved: Sequence[str],
        saved: Saved,
    ) -> News:
        documents, patches, parked = (self.tables[n] for n in ("documents", "patches", "parked"))
        news = News(
            save=saved.save,
            position=saved.position,
            documents={OFFICIALS: [], PUBLIC: []},
            patches={OFFICIALS: [], PUBLIC: []},
            begun=await self._changed(connection, "documents", since),
            folded=await self._changed(connection, "contests", since),
            erased=await self._changed(connection, "erasures", since),
            frozen=set(
                (
                    await connection.execute(
                        select(documents.c.competition)
                        .where(documents.c.audience == PUBLIC)
                        .distinct()
                    )
                ).scalars()
            ),
            parked=[
                _parked(row.parked) for row in await connection.execute(select(parked.c.parked))
            ],
        )
        changed = select(documents.c.audience, documents.c.document)
        for row in await connection.execute(_of(changed, documents, since, shelved)):
            news.documents[row.audience].append(_document(row.document))
        led = select(patches.c.audience, patches.c.patch).order_by(
            patches.c.position, patches.c.revision
        )
        for row in await connection.execute(_of(led, patches, since, shelved)):
            news.patches[row.audience].append(_patch(row.patch))
        return news

    async def _changed(self, connection: AsyncConnection, name: str, since: int) -> set[str]:
        table = self.tables[name]
        query = select(table.c.competition).where(table.c.save > since).distinct()
        return set((await connection.execute(query)).scalars())


def _of(
    query: Select[tuple[str, bytes]], table: Table, since: int, shelved: Sequence[str]
) -> Select[tuple[str, bytes]]:
    return query.where(table.c.save > since, table.c.competition.in_(shelved))
