"""The read store keeps what it is given and no more."""

from pathlib import Path

import msgspec
import pytest

from scoreboard.errors import Fenced
from scoreboard.projections.store import Batch, Checkpoint, ReadStore
from scoreboard.settings import Settings

DOCUMENT_BYTES = 1_000_000
SAVES = 30


async def nothing_fits(_checkpoint: Checkpoint) -> bool:
    return False


async def test_what_is_saved_again_and_again_does_not_grow_the_files(tmp_path: Path) -> None:
    store = ReadStore(Settings(data=str(tmp_path)))
    own = Checkpoint(ledger="l", position=0, hash=b"", format="f", epoch=1, save=1)
    await store.open(own, nothing_fits)
    document = {
        "competition": "cup",
        "audience": "public",
        "board": "x",
        "document": b"x" * DOCUMENT_BYTES,
    }
    for position in range(1, SAVES + 1):
        checkpoint = msgspec.structs.replace(own, position=position)
        await store.save(Batch(checkpoint=checkpoint, documents=[document]), 0)
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    await store.close()
    assert size < SAVES * DOCUMENT_BYTES / 2


async def test_one_that_was_replaced_saves_no_more(settings: Settings) -> None:
    async def all_fits(_checkpoint: Checkpoint) -> bool:
        return True

    Path(settings.data).mkdir(exist_ok=True)
    first, second = ReadStore(settings), ReadStore(settings)
    own = Checkpoint(ledger="l", position=0, hash=b"", format="f", epoch=1, save=1)
    await first.open(own, all_fits)
    at_seven = msgspec.structs.replace(own, position=7)
    await first.save(Batch(checkpoint=at_seven), 0)
    taken = await second.open(msgspec.structs.replace(own, epoch=2), all_fits)
    assert taken == msgspec.structs.replace(at_seven, epoch=2, save=3)
    with pytest.raises(Fenced):
        await first.save(Batch(checkpoint=msgspec.structs.replace(own, position=8)), 0)
    await second.save(Batch(checkpoint=msgspec.structs.replace(taken, position=9)), 0)
    await first.close()
    await second.close()


async def test_a_store_of_another_format_is_made_anew(settings: Settings) -> None:
    async def all_fits(_checkpoint: Checkpoint) -> bool:
        return True

    Path(settings.data).mkdir(exist_ok=True)
    store = ReadStore(settings)
    own = Checkpoint(ledger="l", position=0, hash=b"", format="old", epoch=1, save=1)
    await store.open(own, all_fits)
    await store.save(Batch(checkpoint=msgspec.structs.replace(own, position=7)), 0)
    other = msgspec.structs.replace(own, format="new")
    assert await store.open(other, all_fits) == other
    await store.close()
