"""Every board folded again from the ledger alone, to be compared with the live ones."""

from pathlib import Path
from typing import Any

from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.shelf import Shelf
from scoreboard.projections.store import ReadStore
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports

Contents = dict[tuple[str, str], dict[str, Any]]


def contents(shelf: Shelf) -> Contents:
    """The content of every board on a shelf, by competition and board."""
    found: Contents = {}
    for slug in list(shelf._names):
        for name in shelf.names(slug):
            document = shelf.get(slug, name)
            assert document is not None
            found[slug, name] = document.content
    return found


async def made_anew(
    ledger: LedgerReader, folder: Path, *, after: int = 0, batch: int = 1_000
) -> Contents:
    """The boards of all entries after a position, by a projection with an empty store."""
    settings = Settings(data=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    projection = BoardsProjection(settings, ledger, Sports.installed(), ReadStore(settings))
    await projection.open()
    projection.position = after
    head = (await ledger.refresh_head()).position
    while projection.position < head:
        await projection.handle(await ledger.read(projection.position, limit=batch, upto=head))
    await projection.close()
    return contents(projection.shelf)
