"""HTTP/1.1 by httptools, with what those who write to a connection themselves need."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from scoreboard.http.handed import HandedOver
from scoreboard.http.handshake import upgrade
from scoreboard.http.scope import HANDED_OVER, TRANSPORT

# Twice what a transport reads at once, so that a request's end and the next one's beginning in one
# read never count as an endless head. Past it the connection gets a 400 and is closed.
HEAD_BYTES_MAX = 524_288


@lru_cache(maxsize=1)  # the date of this second
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


class HttpToolsWithTransport(HttpToolsProtocol):
    """httptools with the transport in the scope, a bound on a request's head, and responses
    that go on without their request.
    """

    _head_bytes = 0
    _in_head = True
    _unwritten = b""  # an answer that is ready, at most one: those after it wait for their turn

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has no end."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        """A request begins: its scope gets the transport."""
        super().on_message_begin()
        extensions: Any = {TRANSPORT: self.transport, HANDED_OVER: self._hand_over}
        self.scope["extensions"] = extensions
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """The head is complete; what follows is bounded by the handler."""
        self._in_head = False
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """A handshake comes: the parser and the request are done with."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()  # it has asked for more than one answer
            return
        self.write_ready()
        upgrade(self, self.url)
        self._let_go()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        if not self._answer_at_once(cycle, app):
            super()._start_asgi_task(cycle, app)

    def _answer_at_once(self, cycle: Any, app: Any) -> bool:
        """Write what the application has ready; see `scope.Prepared`."""
        if self._unwritten or self.pipeline or not cycle.keep_alive or self.flow.write_paused:
            return False
        ready = app.at_once(cycle.scope)
        if ready is None:
            return False
        start, rest = ready
        self._unwritten = b"".join((start, _lines(tuple(cycle.default_headers)), rest))
        app.write_soon(self.write_ready)
        cycle.response_started = cycle.response_complete = True
        cycle.on_response()
        return True

    def write_ready(self) -> None:
        """Write what was answered at once, before anything else of this connection."""
        ready, self._unwritten = self._unwritten, b""
        if ready and not self.transport.is_closing():
            self.transport.write(ready)

    def send_400_response(self, msg: str) -> None:
        """A request that is none: the answers before it come first."""
        self.write_ready()
        super().send_400_response(msg)

    def shutdown(self) -> None:
        """The server stops: what is answered is written before the connection closes."""
        self.write_ready()
        super().shutdown()

    def _hand_over(self, scope: Scope, gone: Callable[[], None]) -> None:
        cycle: Any = self.cycle
        newest = cycle.scope["extensions"] is scope["extensions"]
        if self.transport.is_closing() or not newest:
            self.transport.abort()  # it has gone, or has asked for more than one answer
            gone()
            return
        HandedOver(self.transport, self.server_state, gone)
        cycle.response_complete = True  # for uvicorn, which would end it with the request
        self._let_go()

    def _let_go(self) -> None:
        """Of the parser and the request: they and this protocol hold each other."""
        nothing: Any = None
        self.parser = self.scope = self.cycle = nothing
