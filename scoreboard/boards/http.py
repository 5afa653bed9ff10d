"""The endpoints of boards: listed, read, followed."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scoreboard.boards.bodies import Bodies
from scoreboard.boards.select import View
from scoreboard.boards.streams import Streams, split_version
from scoreboard.errors import BadInput, NotFound, Unavailable
from scoreboard.facts.document import Document
from scoreboard.http.body import whole_number
from scoreboard.http.cached import none_match
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, Parameter, json_answer
from scoreboard.http.openapi import sse_item
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import OFFICIALS_ONLY

Guard = Callable[[Scope, str, str | None], Awaitable[None]]
TOP_MAX = 500
ITEM = sse_item(dict[str, Any], "snapshot", "patch", "reset", "heartbeat", "bye")
VIEW = (
    Parameter(
        name="top",
        schema=Annotated[int, Meta(ge=1, le=TOP_MAX)],
        description="only the first so many rows",
    ),
    Parameter(name="group", schema=str, description="only the rows of one group"),
    Parameter(name="around", schema=str, description="an entrant with its neighbours"),
)
AFTER = Parameter(
    name="after",
    schema=Annotated[int, Meta(ge=0)],
    description="wait (bounded) until the board has come so far: the position of one's own write",
)


class Boards:
    """Boards on one listener; `public` leaves out what is for officials."""

    def __init__(
        self, projection: BoardsProjection, streams: Streams, guard: Guard, *, public: bool
    ) -> None:
        self._projection = projection
        self._streams = streams
        self._guard = guard
        self._public = public
        self._bodies = Bodies(projection.settings.limits.cached_bodies_max)

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        base = "/api/v1/competitions/{competition}/boards"
        board = dict[str, Any]
        return [
            Endpoint(
                method="GET",
                path=base,
                handler=self.listed,
                summary="The boards of a competition",
                tag="boards",
                answers=(json_answer(dict[str, Any], "names, versions and addresses"),),
            ),
            Endpoint(
                method="GET",
                path=base + "/{board}",
                handler=self.read,
                summary="A board as it stands",
                tag="boards",
                parameters=(*VIEW, AFTER),
                answers=(
                    json_answer(board, "the board"),
                    Answer(status=304, description="what you have is what it is"),
                ),
                refusals=(BadInput, Unavailable),
            ),
            Endpoint(
                method="GET",
                path=base + "/{board}/stream",
                handler=self.stream,
                raw=True,
                summary="A board followed live (server-sent events)",
                tag="boards",
                parameters=VIEW,
                answers=(
                    Answer(
                        status=200,
                        description="snapshot, patch, reset, heartbeat, bye",
                        contents=(Content("text/event-stream", ITEM),),
                    ),
                ),
                refusals=(BadInput, Unavailable),
            ),
        ]

    async def listed(self, request: Request) -> Response:
        """The boards of a competition."""
        slug = request.path_params["competition"]
        shelf = self._projection.shelf
        found = []
        for name in shelf.names(slug):
            document = shelf.get(slug, name)
            if document is None or name in OFFICIALS_ONLY:
                continue
            href = f"/api/v1/competitions/{slug}/boards/{name}"
            found.append({**document.envelope(), "href": href})
        if not found:
            raise NotFound(f"there is no competition {slug} with boards")
        return Response(msgspec.json.encode({"boards": found}), media_type=JSON)

    async def read(self, request: Request) -> Response:
        """A board as it stands."""
        await self._wait(request.query_params.get("after"))
        document = await self._document(request.scope)
        body = self._bodies.get(document, view_of(request.query_params))
        headers = {"ETag": body.etag, "Cache-Control": "no-cache"}
        if not none_match(request.headers.get("if-none-match"), body.etag):
            return Response(status_code=304, headers=headers)
        return Response(body.body, headers=headers, media_type=JSON)

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A board followed live."""
        request = Request(scope)
        document = await self._document(scope)
        view = view_of(request.query_params)
        if view.around is not None:
            raise BadInput(
                "there is no stream around an entrant",
                pointer="/around",
                hint="follow the board or its top, and read ?around= when it changes",
            )
        last_id = request.headers.get("last-event-id")
        if last_id and (position := split_version(last_id)[1]) > document.position:
            # After a restart the boards may be behind what was shown before it.
            await self._made(min(position, self._projection.ledger.head.position))
            document = await self._document(scope)
        await self._streams.follow(document, view, last_id, scope, receive, send)

    async def _document(self, scope: Scope) -> Document:
        slug, name = scope["path_params"]["competition"], scope["path_params"]["board"]
        shelf = self._projection.shelf
        document = shelf.get(slug, name)
        if document is None:
            # Defined a moment ago, or the server was: the boards may be on their way.
            if not await self._made(self._projection.ledger.head.position):
                raise Unavailable("the boards are still being made", retry_after_s=1.0)
            document = shelf.get(slug, name)
        if document is not None and name in OFFICIALS_ONLY:
            if self._public:
                document = None
            else:
                await self._guard(scope, "official", slug)
        if document is None:
            raise NotFound(
                f"there is no board {name} of {slug}",
                hint=f"/api/v1/competitions/{slug}/boards lists them",
            )
        return document

    async def _wait(self, after: str | None) -> None:
        if after is None:
            return
        if not await self._made(whole_number(after, "after", 2**62)):
            raise Unavailable("the boards have not come so far yet", retry_after_s=1.0)

    async def _made(self, position: int) -> bool:
        """Wait (bounded) until all boards are made up to a position; False if they are not."""
        wait_s = self._projection.settings.limits.wait_after_s
        return await self._projection.rendered.reach(position, wait_s)


def view_of(query: Any) -> View:
    """The view that a query asks for; BadInput for a number that is none."""
    top = query.get("top")
    return View(
        top=None if top is None else max(1, whole_number(top, "top", TOP_MAX)),
        group=query.get("group"),
        around=query.get("around"),
    )
