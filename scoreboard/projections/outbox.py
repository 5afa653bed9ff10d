"""The outbox: computed messages that wait for brokers, committed with the boards they tell of.

    save ─▶ outbox (numbered) ─▶ read by each destination after its mark ─▶ taken by all: gone

A destination's mark stands in the read store beside the messages. A destination without one takes
up boards as they are (`boards`), then the messages that came since. Dropping the read store takes
the marks with it: then all destinations begin so.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoreboard.database.upsert import upsert
from scoreboard.facts.document import Document
from scoreboard.projections.computed import Message
from scoreboard.projections.news import ONE_MOMENT
from scoreboard.projections.shelving import for_the_public
from scoreboard.projections.store import OFFICIALS, PUBLIC, ReadStore

_document = msgspec.msgpack.Decoder(Document).decode


class Mark(Struct, frozen=True, order=True):
    """A place in the outbox: so many messages ever, of so many bytes, lie up to here."""

    sequence: int = 0
    octets: int = 0


class Waiting(Struct, frozen=True):
    """A message in the outbox, and the mark of who has taken it and all before."""

    mark: Mark
    message: Message


class Taken(Struct, frozen=True):
    """What was read: messages in order, and the mark of who has taken them all."""

    messages: list[Waiting]
    mark: Mark


class Outbox:
    """The messages in a read store, and how far each destination has come."""

    def __init__(self, store: ReadStore) -> None:
        self._store = store
        self._messages = store.tables["outbox"]
        self._deliveries = store.tables["deliveries"]

    async def marks(self) -> dict[str, tuple[str, Mark]]:
        """The audience and the mark of each destination that has one."""
        async with self._store.reading() as connection:
            rows = (await connection.execute(select(self._deliveries))).all()
        return {row.destination: (row.audience, Mark(row.sequence, row.octets)) for row in rows}

    async def end(self) -> Mark:
        """The mark of who has taken everything."""
        async with self._store.reading() as connection:
            return await self._end(connection)

    async def _end(self, connection: AsyncConnection) -> Mark:
        checkpoint = self._store.tables["checkpoint"].c
        row = (await connection.execute(select(checkpoint.messages, checkpoint.octets))).one()
        return Mark(row.messages, row.octets)

    async def read(self, audience: str, after: Mark, limit: int) -> Taken:
        """The next messages for an audience, at most so many.

        What a save adds between the two queries is read too, and the mark goes as far.
        """
        table = self._messages
        query = (
            select(table)
            .where(table.c.sequence > after.sequence, table.c.audience == audience)
            .order_by(table.c.sequence)
            .limit(limit)
        )
        async with self._store.reading() as connection:
            end = await self._end(connection)
            rows = (await connection.execute(query)).mappings().all()
        found = [
            Waiting(
                Mark(row["sequence"], row["octets"]),
                Message(**{name: row[name] for name in Message.__struct_fields__}),
            )
            for row in rows
        ]
        if len(found) == limit:
            return Taken(found, found[-1].mark)
        return Taken(found, max([end, after, *(one.mark for one in found[-1:])]))

    async def keep(self, marks: Mapping[str, tuple[str, Mark]], needed: int) -> None:
        """Keep these marks and no others, and of the messages those after `needed`."""
        rows = [
            {"destination": name, "audience": audience, **_columns(mark)}
            for name, (audience, mark) in marks.items()
        ]
        kept, messages = self._deliveries, self._messages
        async with self._store.writing() as connection:
            await connection.execute(delete(kept).where(kept.c.destination.not_in(list(marks))))
            if rows:
                await connection.execute(upsert(kept, self._store.dialect), rows)
            await connection.execute(delete(messages).where(messages.c.sequence <= needed))

    async def competitions(self) -> list[str]:
        """All that have boards."""
        return sorted(await self._store.competitions(OFFICIALS))

    async def boards(
        self, competition: str, audience: str, *, hidden: bool
    ) -> tuple[list[Document], Mark]:
        """A competition's boards as an audience is shown them, and the mark that they stand at.

        `hidden`: the public is shown nothing but what is kept for it alone. Else, where nothing is,
        it is shown what officials are: as of one save, a frozen competition has boards for both.
        """
        moment = ONE_MOMENT if self._store.dialect == "postgresql" else {}
        async with self._store.reading() as plain:
            connection = await plain.execution_options(**moment)
            mark = await self._end(connection)
            documents = await self._documents(connection, competition, audience)
            if audience == PUBLIC and not documents and not hidden:
                shown = await self._documents(connection, competition, OFFICIALS)
                documents, _ = for_the_public(shown, ())
        return documents, mark

    async def _documents(
        self, connection: AsyncConnection, competition: str, audience: str
    ) -> list[Document]:
        table = self._store.tables["documents"]
        query = (
            select(table.c.document)
            .where(table.c.competition == competition, table.c.audience == audience)
            .order_by(table.c.board)
        )
        return [_document(blob) for blob in (await connection.execute(query)).scalars()]


def _columns(mark: Mark) -> dict[str, int]:
    return {"sequence": mark.sequence, "octets": mark.octets}
