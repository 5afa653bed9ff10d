"""The endpoints of boards: listed, read as they stand or stood, followed.

Every combination of `top`, `group` and `around` can be read; streams exist for named views alone
(the board, its groups, its tops as configured), so that what is encoded for them stays bounded.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scoreboard.boards.answered import MADE_FROM
from scoreboard.boards.audience import Audience
from scoreboard.boards.bodies import Body, body_of
from scoreboard.boards.channel import split_version
from scoreboard.boards.queries import (
    AFTER,
    AT,
    BOARDS,
    POSITION_MAX,
    RULES,
    VIEW,
    names_in,
    refuse_past,
    rules_of,
    view_of,
)
from scoreboard.boards.select import BESIDE_OTHERS, NEIGHBOURS, WHOLE, View, shown
from scoreboard.catalogue import Standing, over
from scoreboard.errors import BadInput, Forbidden, NotFound, Unavailable
from scoreboard.facts.correction import CORRECTIONS_MAX
from scoreboard.facts.document import Document
from scoreboard.facts.instant import from_text
from scoreboard.http.body import whole_number
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, json_answer
from scoreboard.http.openapi import sse_item
from scoreboard.predictions.showing import LEADERBOARD
from scoreboard.projections.history import History
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import is_for_officials

Guard = Callable[[Scope, str, str | None], Awaitable[None]]
IsOfficial = Callable[[Scope, str], Awaitable[bool]]
ITEM = sse_item(dict[str, Any], "snapshot", "patch", "correction", "reset", "heartbeat", "bye")


class Corrected(Struct, frozen=True, kw_only=True):
    """A board's notices of corrections, the newest first; `version`: the board's own."""

    competition: str
    board: str
    version: str
    corrections: Annotated[list[dict[str, Any]], Meta(max_length=CORRECTIONS_MAX)]


class Boards:
    """Boards on one listener: `officials` is None where there are none, as on the public one."""

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

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        base = "/api/v1/competitions/{competition}/boards"
        board = dict[str, Any]
        live = Answer(
            status=200,
            description="snapshot, patch, correction, reset, heartbeat, bye",
            contents=(Content("text/event-stream", ITEM),),
        )
        refusals = (BadInput, Unavailable) if self.public else (BadInput, Forbidden, Unavailable)
        return [
            Endpoint(
                method="GET",
                path=base,
                handler=self.listed,
                summary="The boards of a competition",
                tag="boards",
                key_shows_more=not self.public,
                answers=(json_answer(dict[str, Any], "names, versions and addresses"),),
                refusals=(Unavailable,),
            ),
            Endpoint(
                method="GET",
                path=base + "/{board}",
                handler=self.read,
                summary="A board as it stands, or as it stood",
                tag="boards",
                key_shows_more=not self.public,
                parameters=(*VIEW, AT, RULES, AFTER),
                answers=(
                    json_answer(board, "the board"),
                    Answer(status=304, description="what you have is what it is"),
                ),
                refusals=refusals,
            ),
            Endpoint(
                method="GET",
                path=base + "/{board}/corrections",
                handler=self.corrections,
                summary="What was wrong on a board, what it is now, which versions showed it",
                tag="boards",
                key_shows_more=not self.public,
                parameters=(AFTER,),
                answers=(json_answer(Corrected, "the newest first"), UNCHANGED),
                refusals=refusals,
            ),
            Endpoint(
                method="GET",
                path=base + "/{board}/stream",
                handler=self.stream,
                raw=True,
                summary="A board followed live (server-sent events)",
                tag="boards",
                key_shows_more=not self.public,
                parameters=VIEW,
                answers=(live,),
                refusals=refusals,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/competitions/{competition}/stream",
                handler=self.streams,
                raw=True,
                summary="Several boards followed live over one connection",
                description="Snapshots, patches, corrections and resets name their `board`; "
                "ids are `board@version`. "
                "Who returns with one takes that board up there, and gets snapshots of the others.",
                tag="boards",
                key_shows_more=not self.public,
                parameters=(BOARDS,),
                answers=(live,),
                refusals=refusals,
            ),
        ]

    async def listed(self, request: Request) -> Response:
        """The boards of a competition."""
        slug = request.path_params["competition"]
        audience = await self.audience(request.scope)
        await self._projection.shelving.bring(slug)
        found = _listed(audience, slug)
        if not found:
            await self._until_all_shown(slug)
            found = _listed(audience, slug)
        if not found:
            raise NotFound(f"there is no competition {slug} with boards")
        return Response(msgspec.json.encode({"boards": found}), media_type=JSON)

    async def read(self, request: Request) -> Response:
        """A board as it stands, or as it stood."""
        query = request.query_params
        view = view_of(query)
        audience = await self.audience(request.scope)
        if "at" not in query:
            await self.wait(request.scope, audience, query.get("after"))
        if "at" in query or "rules" in query:
            stood = await self._stood(
                request.scope, audience, view, query.get("at"), rules_of(query)
            )
            body = body_of(stood)
        else:
            body = await self._stands(request, audience, view)
        return body.response(request)

    async def _stands(self, request: Request, audience: Audience, view: View) -> Body:
        document = await self.document(request.scope, audience)
        refuse_unknown_group(view, document)
        if view.around is not None:
            rows = await self._projection.around(document, view.around, NEIGHBOURS)
            if rows is not None:  # a large field: rows that the document may not have
                content = document.content | {"rows": rows}
                return body_of(shown(replace(document, content=content), view))
        if "after" not in request.query_params:
            request.scope[MADE_FROM] = document
        return audience.bodies.get(document, view)

    async def _stood(
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
        return await self._stood(inside, audience, WHOLE, at, None)

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

    async def corrections(self, request: Request) -> Response:
        """The notices that a board has kept."""
        audience = await self.audience(request.scope)
        await self.wait(request.scope, audience, request.query_params.get("after"))
        document = await self.document(request.scope, audience)
        seen = document.seen_by(public=audience.public)
        found = Corrected(
            competition=document.competition,
            board=document.board,
            version=document.version,
            corrections=[notice.shown() for notice in seen.corrections],
        )
        return cacheable(request, found)

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A board followed live."""
        request = Request(scope)
        refuse_past(request.query_params)
        last_id = request.headers.get("last-event-id")
        audience, document, view = await self.followed(scope, request.query_params, last_id)
        await audience.streams.follow([document], view, last_id, scope, receive, send)

    async def streams(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Several boards followed live over one connection."""
        request = Request(scope)
        refuse_past(request.query_params)
        last_id = request.headers.get("last-event-id") or ""
        held, _, version = last_id.rpartition("@")
        documents = []
        for name in names_in(request.query_params.get("boards", "")):
            # What is found out about who asks stays in the scope that goes on.
            scope = {**scope, "path_params": {**scope["path_params"], "board": name}}
            audience = await self.audience(scope)
            document = await self.document(scope, audience)
            documents.append(
                await self._newest(scope, audience, document, version if name == held else None)
            )
        await audience.streams.follow(documents, BESIDE_OTHERS, last_id, scope, receive, send)

    async def followed(
        self, scope: Scope, query: Mapping[str, str], last_id: str | None
    ) -> tuple[Audience, Document, View]:
        """One board to be followed in a view, as whoever asks may see it."""
        audience = await self.audience(scope)
        document = await self.document(scope, audience)
        view = view_of(query)
        self._refuse_unnamed(view, document)
        return audience, await self._newest(scope, audience, document, last_id), view

    async def _newest(
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


def refuse_unknown_group(view: View, document: Document) -> None:
    """NotFound for a group that the board does not have."""
    if view.group is not None and view.group not in document.content.get("groups", {}):
        raise NotFound(f"{document.board} has no group {view.group}", pointer="/group")


def _listed(audience: Audience, slug: str) -> list[dict[str, Any]]:
    """What the list says of each board that everybody in an audience may see."""
    found = []
    for name in audience.shelf.names(slug):
        document = audience.shelf.get(slug, name)
        if document is None or is_for_officials(name):
            continue
        href = f"/api/v1/competitions/{slug}/boards/{name}"
        found.append({**document.envelope(), "href": href})
    return found


def named(scope: Scope) -> tuple[str, str]:
    """The competition and the board that a path names."""
    return scope["path_params"]["competition"], scope["path_params"]["board"]


def no_board(slug: str, name: str) -> NotFound:
    """What is said of a board that there is not, or that is not for the one who asks."""
    return NotFound(
        f"there is no board {name} of {slug}",
        hint=f"/api/v1/competitions/{slug}/boards lists them",
    )
