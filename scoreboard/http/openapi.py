"""The OpenAPI 3.1 document, made from the table of endpoints and the structs themselves."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.errors import (
    BadInput,
    Forbidden,
    NotFound,
    ScoreboardError,
    TooFast,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import PROBLEM, Content, Endpoint, json_answer
from scoreboard.http.problem import Problem, title_of

Schema = dict[str, Any]
PATH = "/openapi.json"
REFERENCE = "#/components/schemas/{name}"
_PATH_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
SECURITY_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `sb_...`, made by `scoreboard key create`; or, in a browser, "
        "the cookie of a session begun with one (`POST /api/v1/sessions`).",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A user's token, from where the user signed in.",
    },
}


def document(
    endpoints: Iterable[Endpoint], *, title: str, version: str, description: str = ""
) -> Schema:
    """The OpenAPI 3.1 document of the endpoints, ready to be encoded as JSON."""
    table = list(endpoints)
    types = _Types([Problem, *_schemas(table)])
    paths: dict[str, Schema] = {}
    for endpoint in table:
        path = paths.setdefault(_PATH_PARAMETER.sub(r"{\1}", endpoint.path), {})
        path[endpoint.method.lower()] = _operation(endpoint, types)
    named = {"token" if endpoint.role == "player" else "key" for endpoint in table if endpoint.role}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "components": {
            "schemas": types.components,
            "securitySchemes": {name: SECURITY_SCHEMES[name] for name in sorted(named)},
        },
    }


def with_document(endpoints: Iterable[Endpoint], *, title: str, version: str) -> list[Endpoint]:
    """The same table and one endpoint more: the document of what this listener answers."""
    table = list(endpoints)

    @cache
    def made() -> Schema:  # when it is asked for: a start waits for nothing that few read
        return document([*table, shown], title=title, version=version)

    async def show(request: Request) -> Response:
        return cacheable(request, made())

    described = json_answer({"type": "object"}, "OpenAPI 3.1")
    shown = Endpoint(
        method="GET",
        path=PATH,
        handler=show,
        summary="This document",
        tag="watching",
        answers=(described, UNCHANGED),
    )
    return [*table, shown]


def sse_item(data: Any, *events: str) -> Schema:
    """The schema of one item of an event stream: an object of event, id and data."""
    [schema], components = msgspec.json.schema_components([data], ref_template=REFERENCE)
    if components:
        raise ValueError("an item of a stream is described in place: give a plain type")
    return {
        "type": "object",
        "required": ["data"],
        "properties": {
            "event": {"type": "string", "enum": list(events)},
            "id": {"type": "string"},
            "retry": {"type": "integer"},
            "data": schema,
        },
    }


class _Types:
    """The schemas of all types in the table, with shared components."""

    def __init__(self, types: Sequence[Any]) -> None:
        schemas, self.components = msgspec.json.schema_components(types, ref_template=REFERENCE)
        self._by_type = [*zip(types, schemas, strict=True)]

    def of(self, schema: Any) -> Schema:
        if isinstance(schema, dict):
            return schema
        if isinstance(schema, tuple):
            return {"anyOf": [self.of(one) for one in schema]}
        return next(found for type_, found in self._by_type if type_ is schema)


def _schemas(table: list[Endpoint]) -> list[Any]:
    contents = [c for e in table for c in e.request]
    contents += [c for e in table for a in e.answers for c in a.contents]
    schemas = [c.schema for c in contents] + [p.schema for e in table for p in e.parameters]
    flat = [one for s in schemas for one in (s if isinstance(s, tuple) else (s,))]
    return [schema for schema in flat if not isinstance(schema, dict)]


def _operation(endpoint: Endpoint, types: _Types) -> Schema:
    operation: Schema = {
        "operationId": operation_id(endpoint),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "responses": _responses(endpoint, types),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.role is not None:
        operation["security"] = [{"token" if endpoint.role == "player" else "key": []}]
        operation["x-role"] = endpoint.role
    elif endpoint.key_shows_more:
        operation["security"] = [{}, {"key": []}]
    if parameters := _parameters(endpoint, types):
        operation["parameters"] = parameters
    if endpoint.request:
        operation["requestBody"] = {"required": True, "content": _contents(endpoint.request, types)}
    return operation


def operation_id(endpoint: Endpoint) -> str:
    """A stable name for generated clients, such as `post_competitions_competition_events`."""
    path = _PATH_PARAMETER.sub(r"\1", endpoint.path).removeprefix("/api/v1")
    return endpoint.method.lower() + re.sub(r"[^a-z0-9]+", "_", path.lower()).rstrip("_")


def _parameters(endpoint: Endpoint, types: _Types) -> list[Schema]:
    described = {p.name: p for p in endpoint.parameters}
    found: list[Schema] = []
    for name in _PATH_PARAMETER.findall(endpoint.path):
        parameter = described.pop(name, None)
        found.append(
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": types.of(parameter.schema) if parameter else {"type": "string"},
            }
        )
    found.extend(
        {
            "name": parameter.name,
            "in": parameter.where,
            "required": parameter.required,
            "description": parameter.description,
            "schema": types.of(parameter.schema),
        }
        for parameter in described.values()
    )
    return found


def _contents(contents: Iterable[Content], types: _Types) -> Schema:
    return {
        content.media: {
            "schema": types.of(content.schema),
            **({} if content.example is None else {"example": content.example}),
        }
        for content in contents
    }


def _responses(endpoint: Endpoint, types: _Types) -> Schema:
    responses: Schema = {}
    for answer in endpoint.answers:
        response: Schema = {"description": answer.description}
        if answer.contents:
            response["content"] = _contents(answer.contents, types)
        if answer.headers:
            response["headers"] = {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in answer.headers.items()
            }
        responses[str(answer.status)] = response
    for error in refusals_of(endpoint):
        refusal = _refusal(error, types)
        answered = responses.setdefault(str(error.status), refusal)
        answered["content"] = answered.get("content", {}) | refusal["content"]
    return dict(sorted(responses.items()))


def refusals_of(endpoint: Endpoint) -> list[type[ScoreboardError]]:
    """What an endpoint may refuse with: its own list, and what follows from its shape."""
    found = list(endpoint.refusals)
    if endpoint.role is not None:
        found += [Unauthenticated, Forbidden, TooFast, Unavailable]
    elif endpoint.key_shows_more:
        found += [Unauthenticated, TooFast, Unavailable]
    if any(parameter.where == "query" for parameter in endpoint.parameters):
        found.append(BadInput)
    if endpoint.request:
        found += [BadInput, TooLarge, TooSlow, UnsupportedMedia]
    if "{" in endpoint.path:
        found.append(NotFound)
    return found


def _refusal(error: type[ScoreboardError], types: _Types) -> Schema:
    response: Schema = {
        "description": (error.__doc__ or title_of(error.code)).splitlines()[0],
        "content": {PROBLEM: {"schema": types.of(Problem)}},
    }
    if error.status in (429, 503):
        response["headers"] = {
            "Retry-After": {"description": "whole seconds", "schema": {"type": "integer"}}
        }
    return response
