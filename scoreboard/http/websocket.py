"""uvicorn's WebSocket protocol, with the transport in the scope and bounds that it lacks.

A client that pings and does not read, or sends a message in endless pieces, is cut off. At a stop
the application is told first, so that its last words come before the close.
"""

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from scoreboard.http.scope import DRAINED, TRANSPORT

UNSENT_PONG_BYTES_MAX = 65_536
PIECES_MAX = 64
STOPPING = 1012  # RFC 6455, section 7.4: the service restarts
TOO_BIG = 1009


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection that was upgraded."""

    def handle_connect(self, event: Request) -> None:
        """A handshake comes: its scope gets the transport."""
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:  # else it was refused already
            given = {TRANSPORT: self.transport, DRAINED: self.writable.wait}
            scope["extensions"] |= cast("dict[str, dict[object, object]]", given)

    def handle_ping(self) -> None:
        """Answer a ping, unless the answers before are not read."""
        if self.transport.get_write_buffer_size() > UNSENT_PONG_BYTES_MAX:
            self.transport.abort()
            return
        super().handle_ping()

    def handle_cont(self, event: Frame) -> None:
        """Take a further piece of a message, of so many."""
        if len(self.frames) >= PIECES_MAX:
            self.conn.send_close(TOO_BIG, "too many pieces")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def shutdown(self) -> None:
        """The server stops: let the application say good-bye and close."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": STOPPING})
            return
        super().shutdown()
