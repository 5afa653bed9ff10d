"""Whose boards are in memory: of the competitions folded or asked for lately, as many as fit.

All boards are in the read store; those of a competition that nobody has asked for are let go once
they are saved, and come back whole when somebody does. The boards of a folded competition are
always here, since what is made next is compared with them.
"""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from scoreboard.facts.document import Document, Patch
from scoreboard.projections.render import is_for_officials
from scoreboard.projections.saving import Saving
from scoreboard.projections.shelf import Shelf
from scoreboard.projections.store import OFFICIALS, PUBLIC, ReadStore


class Shelving:
    """Brings boards to both shelves and lets them go; at most `boards_max` for long."""

    def __init__(
        self, store: ReadStore, shelf: Shelf, public: Shelf, saving: Saving, boards_max: int
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._public = public
        self._saving = saving
        self._boards_max = boards_max
        self._away: set[str] = set()
        self.still = asyncio.Lock()  # while it is held, no boards are brought

    async def open(self) -> None:
        """Learn what is saved; nothing of it is read yet."""
        self._away = set(await self._store.competitions(OFFICIALS))
        self._away -= set(self._shelf.competitions())
        self._saving.frozen |= set(await self._store.competitions(PUBLIC))

    async def anew(self) -> None:
        """Forget all boards, for the store that they were taken from is no more; learn what is."""
        for shelf in (self._shelf, self._public):
            for slug in shelf.competitions():
                shelf.drop(slug)
            shelf.unsaved = {}
        self._saving.frozen = set()
        await self.open()

    def begun(self, slugs: set[str]) -> None:
        """Competitions of which another process has saved boards."""
        self._away |= slugs - set(self._shelf.competitions())

    def known(self) -> set[str]:
        """Competitions that have boards, in memory or not."""
        return self._away | set(self._shelf.competitions())

    async def bring(self, slug: str) -> None:
        """Have a competition's boards in memory; nothing happens if there are none."""
        if slug in self._away:
            async with self.still:
                if slug in self._away:
                    await self._load(slug)
        self._shelf.touch(slug)

    async def _load(self, slug: str) -> None:
        documents, patches = await self._store.shelf(slug, OFFICIALS)
        seen = await self._store.shelf(slug, PUBLIC)
        self._shelf.put_back(documents, patches)
        self._public.put_back(*(seen if seen[0] else for_the_public(documents, patches)))
        self._away.discard(slug)

    def drop(self, slug: str) -> None:
        """Let the boards of a competition go that nobody is shown any more."""
        if slug in self._shelf.competitions():
            self._shelf.drop(slug)
            self._public.drop(slug)
            self._away.add(slug)

    def let_go(self, busy: set[str]) -> list[str]:
        """Let boards go until no more are kept than may be; returns whose, none of the `busy`."""
        gone: list[str] = []
        for slug in self._shelf.competitions():
            if len(self._shelf) <= self._boards_max:
                break
            if slug not in busy:
                self._shelf.drop(slug)
                self._public.drop(slug)
                self._away.add(slug)
                gone.append(slug)
        return gone


def for_the_public(
    documents: Sequence[Document], patches: Sequence[Patch]
) -> tuple[list[Document], list[Patch]]:
    """What of a competition's boards is not for officials alone."""
    return (
        [one.seen_by(public=True) for one in documents if not is_for_officials(one.board)],
        [
            replace(one, after=one.after.seen_by(public=True))
            for one in patches
            if not is_for_officials(one.after.board)
        ],
    )
