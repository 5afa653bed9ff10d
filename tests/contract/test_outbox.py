"""Messages that wait for brokers are read once each, in order, while others are put in."""

import asyncio
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from scoreboard.projections.computed import Message
from scoreboard.projections.outbox import Mark, Outbox
from scoreboard.projections.store import PUBLIC, Batch, Checkpoint, ReadStore
from scoreboard.settings import Settings

SAVES = 5
READ_MAX = 100


async def nothing_fits(_checkpoint: Checkpoint) -> bool:
    return False


def message(n: int) -> Message:
    return Message(audience=PUBLIC, competition="cup", contest="", type="t", id=str(n), event=b"{}")


class OneMoreEachTime(Outbox):
    """Whenever its end has been asked for, one more save is committed before anything else."""

    def __init__(self, store: ReadStore, own: Checkpoint) -> None:
        super().__init__(store)
        self._own = own
        self._behind = store
        self.saved = 0

    async def save(self) -> None:
        self.saved += 1
        checkpoint = msgspec.structs.replace(self._own, position=self.saved)
        await self._behind.save(Batch(checkpoint=checkpoint, messages=[message(self.saved)]), 0)

    async def _end(self, connection: AsyncConnection) -> Mark:
        end = await super()._end(connection)
        if self.saved < SAVES:
            await asyncio.create_task(self.save())
        return end


async def test_what_a_save_adds_while_it_is_read_is_read_once(settings: Settings) -> None:
    Path(settings.data).mkdir(exist_ok=True)
    store = ReadStore(settings)
    own = Checkpoint(ledger="l", position=0, hash=b"", format="f", epoch=1, save=1)
    await store.open(own, nothing_fits)
    outbox = OneMoreEachTime(store, own)
    mark, found = Mark(), []
    for _ in range(SAVES + 1):
        taken = await outbox.read(PUBLIC, mark, READ_MAX)
        found += [one.message.id for one in taken.messages]
        mark = taken.mark
    await store.close()
    assert found == [str(n + 1) for n in range(SAVES)]
