"""The table of endpoints: routes and the OpenAPI document are both made from it.

A room offers `endpoints() -> list[Endpoint]`; `app` decides which stand on which listener. What is
not in the table does not exist, and what is in the table is in the document.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from scoreboard.errors import ScoreboardError
from scoreboard.facts.names import Slug

Handler = Callable[[Request], Awaitable[Response]]
JSON = "application/json"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
PRINCIPAL = "scoreboard.principal"
"""In the scope of a request that was let in by its key: who makes it."""


class Content(Struct, frozen=True):
    """A body: its media type, and its schema.

    The schema is a type that msgspec knows, a tuple of types (any of them), or JSON Schema itself.
    """

    media: str
    schema: Any
    example: Any = None


class Answer(Struct, frozen=True, kw_only=True):
    """One way in which an endpoint answers; refusals are documented by `Endpoint.refusals`."""

    status: int
    description: str
    contents: tuple[Content, ...] = ()
    headers: dict[str, str] = {}


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter in the query, a header or the path; `schema` as in `Content`."""

    name: str
    schema: Any
    description: str
    where: Literal["query", "header", "path"] = "query"
    required: bool = False


COMPETITION = Parameter(name="competition", where="path", schema=Slug, description="the slug")
"""What a key must reach, see `Endpoint`."""


class Endpoint(Struct, frozen=True, kw_only=True):
    """One method on one path.

    `path` is spelled as Starlette spells it (`{record:path}` takes slashes). `handler` takes a
    request and returns a response; with `raw` it is an ASGI application of its own (streams).
    `websocket`: what answers a WebSocket's handshake at the same address.
    `role`: the least role that the guard lets in, None for everybody. `key_shows_more`: everybody
    is let in, an official's key shows more, and a bad one is refused. Where the path names a
    `COMPETITION`, a key must reach that.
    """

    method: str
    path: str
    handler: Handler | ASGIApp
    summary: str
    tag: str
    role: str | None = None
    key_shows_more: bool = False
    raw: bool = False
    websocket: ASGIApp | None = None
    description: str = ""
    request: tuple[Content, ...] = ()
    answers: tuple[Answer, ...]
    refusals: tuple[type[ScoreboardError], ...] = ()
    parameters: tuple[Parameter, ...] = ()


def json_answer(schema: Any, description: str, *, status: int = 200) -> Answer:
    """The usual answer: JSON of the given type."""
    return Answer(status=status, description=description, contents=(Content(JSON, schema),))
