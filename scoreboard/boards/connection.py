"""One client's connection, as streams tell it things: an event stream or a WebSocket.

Bytes go straight to uvicorn's transport, which the listeners put into the scope. Under another
server they go through ASGI's `send`, which is slower and holds to the same bound.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any, Protocol

from starlette.types import Scope, Send

from scoreboard.boards.told import Told, texts
from scoreboard.http.scope import TRANSPORT
from scoreboard.telemetry import SENT_BYTES

_sent = SENT_BYTES.labels("stream")  # what goes through `send` is counted there
GOODBYE_S = 1.0  # how long the last words of a stream may take


class Connection(Protocol):
    """What a stream needs of a connection."""

    def tell(self, told: Told) -> None:
        """Take what is told; it is sent as fast as the client reads."""

    def unsent(self) -> int:
        """Bytes that the client, or the kernel for it, has not taken yet."""

    def abort(self) -> None:
        """Cut the client off."""

    @property
    def aborted(self) -> bool:
        """Whether the client was cut off, so that the response cannot end well."""


class Direct:
    """Prepared bytes to the transport, `framed` for a WebSocket or as HTTP/1.1 wants them."""

    def __init__(
        self, transport: Any, *, chunked: bool, send_buffer_bytes: int, framed: bool = False
    ) -> None:
        self._transport = transport
        self._chunked = chunked
        self._framed = framed
        kernel = transport.get_extra_info("socket")
        self.aborted = False
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)

    def tell(self, told: Told) -> None:
        """Write what is told, as this client reads it."""
        self.write(told.frames if self._framed else told.sse)

    def write(self, data: bytes) -> None:
        """Hand bytes to the transport; a client that has just gone gets none."""
        if self._transport.is_closing():
            return  # uvloop raises where asyncio only warns; the request ends by itself
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
        _sent.inc(len(data))

    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return int(self._transport.get_write_buffer_size())

    def abort(self) -> None:
        """Cut the client off."""
        self.aborted = True
        self._transport.abort()


class Relayed:
    """Bytes through ASGI's `send`, by a task of the request's own; `framed` for a WebSocket."""

    def __init__(self, send: Send, *, framed: bool = False) -> None:
        self._send = send
        self._framed = framed
        self._waiting = bytearray()
        self._sending = 0
        self._news = asyncio.Event()
        self._closing = False
        self.aborted = False

    def tell(self, told: Told) -> None:
        """Keep what is told until the server takes it."""
        self._waiting += told.frames if self._framed else told.sse
        self._news.set()

    def unsent(self) -> int:
        """Bytes that the server has not taken yet."""
        return len(self._waiting) + self._sending

    def abort(self) -> None:
        """Send nothing more; the server closes a connection whose response did not end."""
        self.aborted = True

    async def run(self) -> None:
        """Send what is written, until `close`."""
        while self._waiting or not self._closing:
            await self._news.wait()
            self._news.clear()
            body, self._waiting = bytes(self._waiting), bytearray()
            self._sending = len(body)
            if self._framed:  # the server makes frames of its own
                for text in texts(body):
                    await self._send({"type": "websocket.send", "text": text})
            else:
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
            self._sending = 0

    def close(self) -> None:
        """Nothing more will be written."""
        self._closing = True
        self._news.set()


@contextlib.asynccontextmanager
async def connected(
    scope: Scope, send: Send, send_buffer_bytes: int
) -> AsyncIterator[Direct | Relayed]:
    """The connection of a request whose response has begun, until the block ends."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    framed = scope["type"] == "websocket"
    if transport is not None:
        chunked = scope["http_version"] == "1.1" and not framed
        yield Direct(transport, chunked=chunked, send_buffer_bytes=send_buffer_bytes, framed=framed)
        return
    relayed = Relayed(send, framed=framed)
    running = asyncio.create_task(relayed.run())
    try:
        yield relayed
    finally:
        relayed.close()
        patience_s = 0.0 if relayed.aborted else GOODBYE_S
        await asyncio.wait([running], timeout=patience_s)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
