"""The door for events: `POST /api/v1/competitions/{competition}/events`."""

from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scoreboard.access.access import Access, principal_of
from scoreboard.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotDone,
    NotFound,
    ScoreboardError,
    Stale,
    TooLarge,
    Unavailable,
)
from scoreboard.facts.entry import Accepted
from scoreboard.facts.event import Event
from scoreboard.http.body import flag_of, read_body
from scoreboard.http.endpoint import (
    COMPETITION,
    JSON,
    NDJSON,
    Answer,
    Content,
    Endpoint,
    Parameter,
    json_answer,
)
from scoreboard.http.scope import address_of
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import status_of
from scoreboard.settings import Limits
from scoreboard.sources.modes import BATCH, STRUCTURED, Message, is_stream, read_message
from scoreboard.sources.presence import Presence
from scoreboard.sources.replies import Result, Results, encode, location_of, result_of
from scoreboard.sources.stream import EventStream

PATH = "/api/v1/competitions/{competition}/events"

ATOMIC = (Forbidden, NotFound, Conflict, Stale, BadInput, Unavailable)
"""What an event may be refused with, and with it the atomic batch that it stands in."""


class Events:
    """The events door."""

    def __init__(self, gate: Gate, limits: Limits, access: Access, presence: Presence) -> None:
        self._gate = gate
        self._limits = limits
        self._access = access
        self._presence = presence

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        event, cloud = event_schema(), event_schema("specversion", "source")
        many, many_cloud = ({"type": "array", "items": one} for one in (event, cloud))
        return [
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._receive,
                raw=True,
                summary="Say what happened",
                description="One event, several, or a stream; each is answered in order. "
                "The same event again is answered as the first time, with 200.",
                tag="events",
                role="device",
                request=(
                    Content(JSON, {"oneOf": [event, many]}),
                    Content(STRUCTURED, cloud),
                    Content(BATCH, many_cloud),
                    Content(NDJSON, {"type": "string", "description": "one event a line"}),
                ),
                parameters=(
                    COMPETITION,
                    Parameter(name="atomic", schema=bool, description="all events or none"),
                ),
                answers=(
                    json_answer(Result, "the event is in the ledger", status=201),
                    Answer(
                        status=200,
                        description="it was there already; or the fates of several events",
                        contents=(
                            Content(JSON, (Result, Results)),
                            Content(NDJSON, {"type": "string", "description": "a result a line"}),
                        ),
                    ),
                    *(
                        json_answer(Results, "no event of an atomic batch", status=error.status)
                        for error in ATOMIC
                    ),
                ),
                refusals=ATOMIC,
            )
        ]

    async def _receive(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        competition: str = request.path_params["competition"]
        if is_stream(request.headers):
            await EventStream(
                self._gate, self._access, self._limits, principal_of(request), competition
            ).answer(scope, receive, send)
            return
        atomic = flag_of(request.query_params.get("atomic"), "atomic")
        body = await read_body(scope, receive, self._limits.body_bytes_max)
        message = read_message(Headers(scope=scope), body)
        response = await self._answer(request, competition, message, atomic)
        await response(scope, receive, send)

    async def _answer(
        self, request: Request, competition: str, message: Message, atomic: bool
    ) -> Response:
        principal = principal_of(request)
        if len(message.events) > self._limits.batch_events_max:
            raise TooLarge(
                f"more than {self._limits.batch_events_max} events", hint="send a stream of NDJSON"
            )
        source = principal.name if message.plain else None
        self._presence.said(
            principal, competition, message.events, source, address_of(request.scope)
        )
        await self._access.spend(principal, len(message.events))
        outcomes = await self._gate.submit(
            principal,
            competition,
            message.events,
            atomic=atomic,
            source=source,
        )
        if message.single:
            return _single(competition, outcomes[0])
        status = 200
        if atomic:
            refused = [o for o in outcomes if isinstance(o, ScoreboardError)]
            first = next((o for o in refused if not isinstance(o, NotDone)), None)
            status = 200 if first is None else first.status
        results = Results([result_of(outcome) for outcome in outcomes])
        return Response(encode(results), status, media_type=JSON)


def _single(competition: str, outcome: Accepted | ScoreboardError) -> Response:
    if isinstance(outcome, ScoreboardError):
        raise outcome
    return Response(
        encode(result_of(outcome)),
        status_of(outcome),
        {"Location": location_of(competition, outcome.record)},
        media_type=JSON,
    )


def event_schema(*stated: str) -> dict[str, Any]:
    """JSON Schema of an event as it is sent: unknown attributes are scalars and kept.

    `stated`: attributes that must be there beside those that no event lacks.
    """
    whole = msgspec.json.schema(Event)
    schema: dict[str, Any] = dict(whole["$defs"]["Event"])
    schema["properties"] = {k: v for k, v in schema["properties"].items() if k != "extensions"}
    schema["required"] = [*schema["required"], *stated]
    schema["properties"]["data"] = {"type": "object", "description": "what the type says"}
    schema["propertyNames"] = {"pattern": "^[a-z0-9]{1,64}$"}
    schema["additionalProperties"] = {"type": ["string", "integer", "boolean"]}
    return schema
