"""Boards that another process makes, on the shelves of this one.

    the leader saves ─▶ word (may be lost) or poll ─▶ news since the last save seen ─▶ shelves

Of many processes one folds. The others take its documents and patches from the read store, with
the leader's versions, so that a client that comes back to any process is served from where it was.
What they are asked beyond boards (previews, explanations, boards as they stood) they fold
themselves from what is saved, and forget when it changes. They save nothing.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.correction import CORRECTIONS_MAX, Correction
from scoreboard.facts.document import Document, Patch, merge
from scoreboard.projections.news import News, Reading
from scoreboard.projections.projection import BoardsProjection, format_of
from scoreboard.projections.render import is_for_officials
from scoreboard.projections.shelf import Shelf
from scoreboard.projections.store import OFFICIALS, PUBLIC


class Step(Struct, frozen=True):
    """One step of a reader that follows saves instead of entries: there is more, up to here."""

    position: int


class Following:
    """Takes over what the leader has saved; `read` and `handle` are a subscription's."""

    def __init__(self, projection: BoardsProjection) -> None:
        self._projection = projection
        store = projection.store
        self._reading = Reading(store.engine, store.tables, format_of(projection.loading.sports))
        self._save = 0

    async def read(self, _after: int, _limit: int) -> list[Step]:
        """Whether there is anything new; raises Unavailable."""
        saved = await self._reading.saved()
        if saved is None or saved.save <= self._save:
            return []
        if saved.position < self._projection.position:
            return []  # made anew, and not yet so far as was shown already
        return [Step(saved.position)]

    async def handle(self, _steps: Sequence[Step]) -> None:
        """Put what is new on the shelves; no boards are brought from the store meanwhile."""
        projection = self._projection
        async with projection.folding, projection.shelving.still:
            news = await self._reading.news(self._save, projection.shelf.competitions())
            if news is not None and news.position >= projection.position:
                self._take(news)
                self._save = news.save

    def _take(self, news: News) -> None:
        projection = self._projection
        for slug in news.folded | news.begun | news.erased:
            projection.folds.drop(slug)
        projection.folds.erasures += len(news.erased)
        self._bring_up(projection.shelf, news, OFFICIALS)
        self._bring_up(projection.public_shelf, news, PUBLIC)
        before, projection.saving.frozen = projection.saving.frozen, news.frozen
        for slug in projection.shelf.competitions():
            if slug not in news.frozen:
                self._mirror(slug, news, thawed=slug in before)
        projection.shelving.begun(news.begun)
        projection.parking.put_back(news.parked)
        projection.folds.position = news.position
        projection.rendered.publish(news.position)
        for shelf in (projection.shelf, projection.public_shelf):
            shelf.unsaved = {}
        projection.let_go()

    def _bring_up(self, shelf: Shelf, news: News, audience: str) -> None:
        """Take each new version of each board, by its patches where they lead there."""
        by_board: dict[tuple[str, str], list[Patch]] = {}
        for patch in news.patches[audience]:
            by_board.setdefault((patch.after.competition, patch.after.board), []).append(patch)
        for slug in news.erased:
            shelf.forget(slug)
        for document in news.documents[audience]:
            board = (document.competition, document.board)
            for patch in by_board.get(board, ()):
                _step(shelf, patch)
            shelf.take(Patch(before="", after=document, merge=document.content))
            shelf.restate(document)

    def _mirror(self, slug: str, news: News, *, thawed: bool) -> None:
        """Show the public what officials see of a competition, but for what is theirs alone."""
        projection = self._projection
        changed = {one.board for one in news.documents[OFFICIALS] if one.competition == slug}
        for patch in news.patches[OFFICIALS]:
            after = patch.after
            if after.competition == slug and not thawed and not is_for_officials(after.board):
                _step(projection.public_shelf, replace(patch, after=after.seen_by(public=True)))
        for board in projection.shelf.names(slug) if thawed else sorted(changed):
            document = projection.shelf.get(slug, board)
            if document is not None and not is_for_officials(board):
                seen = document.seen_by(public=True)
                projection.public_shelf.take(Patch(before="", after=seen, merge=seen.content))
                projection.public_shelf.restate(seen)


def _step(shelf: Shelf, patch: Patch) -> None:
    """Take a slim patch if it leads on from the version that is on the shelf."""
    after = patch.after
    before = shelf.get(after.competition, after.board)
    if before is None or before.version != patch.before:
        return
    whole = replace(
        after,
        content=merge(before.content, patch.merge),
        corrections=_corrections(before, after),
    )
    shelf.take(Patch(before=patch.before, after=whole, merge=patch.merge))


def _corrections(before: Document, after: Document) -> tuple[Correction, ...]:
    return (*after.corrections, *before.corrections)[:CORRECTIONS_MAX]
