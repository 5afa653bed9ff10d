"""HTTP/1.1 by h11, which is slower and runs everywhere: where httptools is missing."""

from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from scoreboard.http.handshake import upgrade
from scoreboard.http.scope import TRANSPORT


class H11WithTransport(H11Protocol):
    """h11 (which bounds a request's head itself) with the transport in the scope."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner: Any = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = self.transport
            await inner(scope, receive, send)

        self.app = app

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A handshake comes."""
        upgrade(self, event.target)
