"""The read store keeps what it is given and no more."""

from pathlib import Path

from scoreboard.projections.store import Batch, Checkpoint, ReadStore
from scoreboard.settings import Settings

DOCUMENT_BYTES = 1_000_000
SAVES = 30


async def nothing_fits(_checkpoint: Checkpoint) -> bool:
    return False


async def test_what_is_saved_again_and_again_does_not_grow_the_files(tmp_path: Path) -> None:
    store = ReadStore(Settings(data=str(tmp_path)))
    await store.open(nothing_fits)
    document = {"competition": "cup", "board": "standings", "document": b"x" * DOCUMENT_BYTES}
    for position in range(1, SAVES + 1):
        checkpoint = Checkpoint(ledger="l", position=position, hash=b"", format="f")
        await store.save(Batch(checkpoint=checkpoint, documents=[document]), 0)
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    await store.close()
    assert size < SAVES * DOCUMENT_BYTES / 2
