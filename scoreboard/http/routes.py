"""An ASGI application from a table of endpoints.

    listener ─▶ AnswerHeaders ─▶ Problems ─▶ Router ─▶ Methods of one path ─▶ guard ─▶ handler

One route for each path with all its methods, so that a 405 names exactly what is offered. The guard
is passed in by `app`: this room does not know keys.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from scoreboard.http.endpoint import Endpoint
from scoreboard.http.headers import AnswerHeaders
from scoreboard.http.problem import MethodNotAllowed, Problems, no_such_path

Guard = Callable[[Scope, str, str | None], Awaitable[None]]
"""Lets a request pass that reaches a role (and a competition, if the path names one), or raises."""


def build(endpoints: Iterable[Endpoint], guard: Guard, *, cors: Sequence[str] = ()) -> ASGIApp:
    """The application for one listener; `cors`: the methods that pages from anywhere may use.

    Such a listener is not for those who run the competition: where it only reads, it does not tell
    that elsewhere there is something to be written.
    """
    found = routes(endpoints, guard, reads_only=bool(cors))
    router = Router(routes=found, redirect_slashes=False, default=_nothing)
    return AnswerHeaders(Problems(router), cors=cors)


def routes(
    endpoints: Iterable[Endpoint], guard: Guard, *, reads_only: bool = False
) -> list[BaseRoute]:
    """One route for each path; paths that end in a part with slashes stand last.

    Of several paths that match, the first that offers the method answers. Those for WebSockets
    stand first: routes are tried in order, and a crowd comes all at once.
    """
    by_path: dict[str, Methods] = {}
    sockets: list[BaseRoute] = []
    for endpoint in endpoints:
        if endpoint.websocket is not None:
            sockets.append(WebSocketRoute(endpoint.path, endpoint.websocket))
        by_path.setdefault(endpoint.path, Methods(guard, reads_only)).add(endpoint)
    ordered = sorted(by_path.items(), key=lambda item: item[0].endswith(":path}"))
    return [*sockets, *(_Path(path, methods) for path, methods in ordered)]


class _Path(Route):
    """A path that is fully matched only by the methods that it offers.

    So `GET .../records/x/corrections` finds the record `x/corrections`, though corrections are
    posted to an address of the same form.
    """

    def __init__(self, path: str, methods: "Methods") -> None:
        super().__init__(path, methods, methods=list(methods.endpoints))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this path; not with a number that Python would not read."""
        try:
            return super().matches(scope)
        except ValueError:  # more digits than it takes
            return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the methods answer, also for one that is not among them."""
        await self.app(scope, receive, send)


class Methods:
    """ASGI: the methods of one path."""

    def __init__(self, guard: Guard, reads_only: bool) -> None:
        self.guard = guard
        self.reads_only = reads_only
        self.endpoints: dict[str, Endpoint] = {}

    def add(self, endpoint: Endpoint) -> None:
        """Offer one more method; ValueError if the table has it twice."""
        if endpoint.method in self.endpoints:
            raise ValueError(f"{endpoint.method} {endpoint.path} stands twice in the table")
        self.endpoints[endpoint.method] = endpoint
        if endpoint.method == "GET" and not endpoint.raw:  # a stream has no end to be left out
            self.endpoints.setdefault("HEAD", endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        endpoint = self.endpoints.get(scope["method"])
        if endpoint is None:
            allowed = sorted([*self.endpoints, "OPTIONS"])
            if scope["method"] != "OPTIONS":
                if self.reads_only and self.endpoints.keys() <= {"GET", "HEAD"}:
                    raise no_such_path(scope)  # here there are no writes at all
                raise MethodNotAllowed(scope["method"], allowed)
            await Response(status_code=204, headers={"Allow": ", ".join(allowed)})(
                scope, receive, send
            )
            return
        if endpoint.role is not None:
            competition = scope["path_params"].get("competition")
            await self.guard(scope, endpoint.role, competition)
        handler: Any = endpoint.handler
        if endpoint.raw:
            await handler(scope, receive, send)
        else:
            response = await handler(Request(scope, receive))
            await response(scope, receive, send)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        return
    raise no_such_path(scope)
