"""Finding the board that somebody asks for: as they may see it, as it stands or stood."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace
from starlette.types import Scope

from scoreboard.boards.audience import Audience
from scoreboard.boards.channel import split_version
from scoreboard.boards.queries import POSITION_MAX, view_of
from scoreboard.boards.select import NEIGHBOURS, WHOLE, View, shown
from scoreboard.catalogue import Standing, over
from scoreboard.errors import BadInput, NotFound, Unavailable
from scoreboard.facts.document import Document
from scoreboard.facts.instant import from_text
from scoreboard.http.body import whole_number
from scoreboard.predictions.showing import LEADERBOARD
from scoreboard.projections.history import History
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import is_for_officials

Guard = Callable[[Scope, str, str | None], Awaitable[None]]
IsOfficial = Callable[[Scope, str], Awaitable[bool]]


class Finding:
    """Boards of one listener: `officials` is None where there are none, as on the public one."""

    def __init__(
        self,
        projection: BoardsProjection,
        history: History,
        guard: Guard,
        is_official: IsOfficial,
        public: Audience,
        officials: Audience | None,
        until_published: Callable[[str, int], Awaitable[None]],
        standing: Callable[[str], Standing],
    ) -> None:
        """`until_published` waits for what the worker has to say of a competition's leaderboard.

        `standing`: what there is of a competition; of one that is over no board is shown.
        """
        self._projection = projection
        self._history = history
        self._guard = guard
        self._is_official = is_official
        self._public = public
        self._officials = officials
        self._until_published = until_published
        self._standing = standing

    @property
    def public(self) -> bool:
        """Whether nobody sees more here than the public does."""
        return self._officials is None

    @property
    def newest(self) -> int:
        """The last position that there is; not for everybody to know."""
        return self._projection.ledger.head.position

    async def audience(self, scope: Scope) -> Audience:
        """Who asks; officials' own boards exist for nobody else, and of what is over none."""
        slug = scope["path_params"]["competition"]
        if self._standing(slug) == "over":
            raise over(slug)
        name = scope["path_params"].get("board", "")
        if self._officials is None:
            if is_for_officials(name):
                raise no_board(slug, name)
            return self._public
        if is_for_officials(name):
            await self._guard(scope, "official", slug)
            return self._officials
        return self._officials if await self._is_official(scope, slug) else self._public

    async def listed(self, scope: Scope, slug: str) -> list[Document]:
        """The boards of a competition that everybody in the audience may see."""
        audience = await self.audience(scope)
        await self._projection.shelving.bring(slug)
        found = _all_of(audience, slug)
        if not found:
            await self._until_all_shown(slug)
            found = _all_of(audience, slug)
        if not found:
            raise NotFound(f"there is no competition {slug} with boards")
        return found

    async def document(self, scope: Scope, audience: Audience) -> Document:
        """The board that a path names, as an audience sees it; NotFound if there is none."""
        slug, name = named(scope)
        await self._projection.shelving.bring(slug)
        document = audience.shelf.get(slug, name)
        if document is None:
            await self._until_all_shown(slug)
            document = audience.shelf.get(slug, name)
        if document is None:
            raise no_board(slug, name)
        return document

    async def _until_all_shown(self, slug: str) -> None:
        """Wait for boards that may be on their way: defined a moment ago, or the server was begun.

        Bounded; Unavailable if they do not come so far.
        """
        await self._projection.until_shown(self._projection.ledger.head.position)
        await self._projection.shelving.bring(slug)

    async def as_public(self, slug: str, name: str, after: int | None = None) -> Document:
        """A board as the public sees it, once it has come to a position (see `wait`)."""
        scope = {"path_params": {"competition": slug, "board": name}}
        await self.wait(scope, self._public, None if after is None else str(after))
        return await self.document(scope, self._public)

    async def wait(self, scope: Scope, audience: Audience, after: str | None) -> None:
        """Wait (bounded) for `?after=`; Unavailable if the boards do not come so far."""
        if after is None:
            return
        position = whole_number(after, "after", POSITION_MAX)
        slug, name = named(scope)
        await self._projection.shelving.bring(slug)
        document = audience.shelf.get(slug, name)
        if document is not None and document.frozen:
            return  # how far the ledger has come is not for everybody
        await self._projection.until_shown(position)
        if name == LEADERBOARD:
            await self._until_published(slug, position)

    async def with_neighbours(self, document: Document, entrant: str) -> Document | None:
        """A board of a large field with an entrant's rows and its neighbours'; else None."""
        rows = await self._projection.around(document, entrant, NEIGHBOURS)
        if rows is None:
            return None
        return replace(document, content=document.content | {"rows": rows})

    async def stood(
        self, scope: Scope, audience: Audience, view: View, at: str | None, rules: int | None
    ) -> Document:
        """The board as it stood (now, if `at` is None), by a version of the rules if it says."""
        slug, name = named(scope)
        head = self._projection.ledger.head.position
        position = head if at is None else await self.position(at)
        document = await self._history.document(
            slug, name, position, view.around, rules, public=audience.public
        )
        refuse_unknown_group(view, document)
        whole = document
        if view.around is not None:
            whole = await self._history.document(
                slug, name, position, None, rules, public=audience.public
            )
        await self._projection.shelving.bring(slug)
        live = audience.shelf.get(slug, name)
        if live is not None and live.position <= position and live.same_board(whole):
            document = replace(live, content=document.content)
        return shown(document, view)

    async def asked(self, scope: Scope, name: str, at: str | None) -> Document:
        """A board as whoever asks may see it, as it stands or as it stood (`?at=`)."""
        inside = {**scope, "path_params": {**scope["path_params"], "board": name}}
        audience = await self.audience(inside)
        if at is None:
            return await self.document(inside, audience)
        return await self.stood(inside, audience, WHOLE, at, None)

    async def position(self, at: str) -> int:
        """The position that `?at=` means; BadInput if it means none."""
        if at.isascii() and at.isdigit():
            return whole_number(at, "at", POSITION_MAX)
        try:
            us = from_text(at.replace(" ", "+"))
        except ValueError as error:
            raise BadInput(
                "at is a position or a time",
                pointer="/at",
                hint="such as 120 or 2026-11-21T14:05:00Z",
            ) from error
        return await self._history.past.position_at(us)

    async def followed(
        self, scope: Scope, query: Mapping[str, str], last_id: str | None
    ) -> tuple[Audience, Document, View]:
        """One board to be followed in a view, as whoever asks may see it."""
        audience = await self.audience(scope)
        document = await self.document(scope, audience)
        view = view_of(query)
        self._refuse_unnamed(view, document)
        return audience, await self.as_new_as(scope, audience, document, last_id), view

    async def as_new_as(
        self, scope: Scope, audience: Audience, document: Document, held: str | None
    ) -> Document:
        """The board once it is as new as the version that a client holds, or was waited for."""
        position = split_version(held)[1] if held else 0
        if position <= document.position or document.frozen:
            return document
        # After a restart the boards may be behind what was shown before it.
        with contextlib.suppress(Unavailable):  # then it is told where the boards are
            head = self._projection.ledger.head.position
            await self._projection.until_shown(min(position, head))
        return await self.document(scope, audience)

    def _refuse_unnamed(self, view: View, document: Document) -> None:
        if view.around is not None:
            raise BadInput(
                "there is no stream around an entrant",
                pointer="/around",
                hint="follow the board or its top, and read ?around= when it changes",
            )
        tops = self._projection.settings.stream_tops
        if view.top is not None and view.top not in tops:
            raise BadInput(
                f"there is no stream of the top {view.top}",
                pointer="/top",
                hint=f"follow one of {', '.join(map(str, tops))}, or the whole board",
            )
        refuse_unknown_group(view, document)


def _all_of(audience: Audience, slug: str) -> list[Document]:
    found = (audience.shelf.get(slug, name) for name in audience.shelf.names(slug))
    return [one for one in found if one is not None and not is_for_officials(one.board)]


def refuse_unknown_group(view: View, document: Document) -> None:
    """NotFound for a group that the board does not have."""
    if view.group is not None and view.group not in document.content.get("groups", {}):
        raise NotFound(f"{document.board} has no group {view.group}", pointer="/group")


def named(scope: Scope) -> tuple[str, str]:
    """The competition and the board that a path names."""
    return scope["path_params"]["competition"], scope["path_params"]["board"]


def no_board(slug: str, name: str) -> NotFound:
    """What is said of a board that there is not, or that is not for the one who asks."""
    return NotFound(
        f"there is no board {name} of {slug}",
        hint=f"/api/v1/competitions/{slug}/boards lists them",
    )
