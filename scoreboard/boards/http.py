"""The endpoints of boards: listed, read as they stand or stood, followed.

Every combination of `top`, `group` and `around` can be read; streams exist for named views alone
(the board, its groups, its tops as configured), so that what is encoded for them stays bounded.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scoreboard.boards.answered import MADE_FROM
from scoreboard.boards.audience import Audience
from scoreboard.boards.bodies import Body, body_of
from scoreboard.boards.finding import Finding, refuse_unknown_group
from scoreboard.boards.queries import (
    AFTER,
    AT,
    BOARDS,
    RULES,
    VIEW,
    names_in,
    refuse_past,
    rules_of,
    view_of,
)
from scoreboard.boards.select import BESIDE_OTHERS, View, shown
from scoreboard.errors import BadInput, Forbidden, Unavailable
from scoreboard.facts.correction import CORRECTIONS_MAX
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, json_answer
from scoreboard.http.openapi import sse_item

ITEM = sse_item(dict[str, Any], "snapshot", "patch", "correction", "reset", "heartbeat", "bye")


class Corrected(Struct, frozen=True, kw_only=True):
    """A board's notices of corrections, the newest first; `version`: the board's own."""

    competition: str
    board: str
    version: str
    corrections: Annotated[list[dict[str, Any]], Meta(max_length=CORRECTIONS_MAX)]


class Boards:
    """Boards on one listener."""

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        base = "/api/v1/competitions/{competition}/boards"
        board = dict[str, Any]
        live = Answer(
            status=200,
            description="snapshot, patch, correction, reset, heartbeat, bye",
            contents=(Content("text/event-stream", ITEM),),
        )
        public = self._finding.public
        refusals = (BadInput, Unavailable) if public else (BadInput, Forbidden, Unavailable)
        return [
            Endpoint(
                method="GET",
                path=base,
                handler=self.listed,
                summary="The boards of a competition",
                tag="boards",
                key_shows_more=not public,
                answers=(json_answer(dict[str, Any], "names, versions and addresses"),),
                refusals=(Unavailable,),
            ),
            Endpoint(
                method="GET",
                path=base + "/{board}",
                handler=self.read,
                summary="A board as it stands, or as it stood",
                tag="boards",
                key_shows_more=not public,
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
                key_shows_more=not public,
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
                key_shows_more=not public,
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
                key_shows_more=not public,
                parameters=(BOARDS,),
                answers=(live,),
                refusals=refusals,
            ),
        ]

    async def listed(self, request: Request) -> Response:
        """The boards of a competition."""
        slug = request.path_params["competition"]
        found = [
            {**one.envelope(), "href": f"/api/v1/competitions/{slug}/boards/{one.board}"}
            for one in await self._finding.listed(request.scope, slug)
        ]
        return Response(msgspec.json.encode({"boards": found}), media_type=JSON)

    async def read(self, request: Request) -> Response:
        """A board as it stands, or as it stood."""
        query = request.query_params
        view = view_of(query)
        audience = await self._finding.audience(request.scope)
        if "at" not in query:
            await self._finding.wait(request.scope, audience, query.get("after"))
        if "at" in query or "rules" in query:
            rules = rules_of(query)
            body = body_of(
                await self._finding.stood(request.scope, audience, view, query.get("at"), rules)
            )
        else:
            body = await self._stands(request, audience, view)
        return body.response(request)

    async def _stands(self, request: Request, audience: Audience, view: View) -> Body:
        document = await self._finding.document(request.scope, audience)
        refuse_unknown_group(view, document)
        if view.around is not None:
            near = await self._finding.with_neighbours(document, view.around)
            if near is not None:  # rows that the document may not have
                return body_of(shown(near, view))
        if "after" not in request.query_params:
            request.scope[MADE_FROM] = document
        return audience.bodies.get(document, view)

    async def corrections(self, request: Request) -> Response:
        """The notices that a board has kept."""
        audience = await self._finding.audience(request.scope)
        await self._finding.wait(request.scope, audience, request.query_params.get("after"))
        document = await self._finding.document(request.scope, audience)
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
        audience, document, view = await self._finding.followed(
            scope, request.query_params, last_id
        )
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
            audience = await self._finding.audience(scope)
            document = await self._finding.document(scope, audience)
            documents.append(
                await self._finding.as_new_as(
                    scope, audience, document, version if name == held else None
                )
            )
        await audience.streams.follow(documents, BESIDE_OTHERS, last_id, scope, receive, send)
