"""Officials at the office's pages: each with a key and a session of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from venue import Venue
from watching import Opener, Watched


@asynccontextmanager
async def official(
    venue: Venue, opened: Opener, name: str, path: str, *, of: str | None = None, **context: Any
) -> AsyncIterator[Watched]:
    """The page at a path of the private listener, as an official of this name sees it.

    `of`: the one competition for which the official's key is.
    """
    own = venue.server.private_url
    made, key = await venue.server.app.access.create(
        name=name, role="official", by="test", competition=of
    )
    async with opened(f"{own}/login", **context) as watched:
        entered = await watched.page.request.post(
            f"{own}/api/v1/sessions", data={"key": key}, headers={"Origin": own}
        )
        assert entered.ok
        await watched.page.goto(f"{own}{path}")
        yield watched
    await venue.server.app.access.revoke(made.id, by="test")
