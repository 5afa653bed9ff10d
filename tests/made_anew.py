"""Every board folded again from the ledger alone, to be compared with the live ones."""

from pathlib import Path
from typing import Any

from scoreboard.ledger.reading import LedgerReader
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.store import ReadStore
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports

Contents = dict[tuple[str, str], dict[str, Any]]


async def contents(projection: BoardsProjection) -> Contents:
    """The content of every board that officials see, by competition and board."""
    found: Contents = {}
    for slug in projection.shelving.known():
        await projection.shelving.bring(slug)
        for name in projection.shelf.names(slug):
            document = projection.shelf.get(slug, name)
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
    projection.folds.position = after
    head = (await ledger.refresh_head()).position
    while projection.position < head:
        await projection.handle(await ledger.read(projection.position, limit=batch, upto=head))
    projection.render_pending(everything=True)
    found = await contents(projection)
    await projection.close()
    return found
