"""One client's connection, as streams tell it things: an event stream or a WebSocket.

Bytes go straight to uvicorn's transport, which the listeners put into the scope. Under another
server they go through ASGI's `send`, which is slower and holds to the same bound.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Any, Literal, Protocol

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


Form = Literal["sse", "chunk", "zipped", "zipped_chunk", "frames"]
"""How a client reads what is told: the names that `Told` has for it."""


class Direct:
    """Prepared bytes straight to the transport, in the form that the client reads."""

    def __init__(self, transport: Any, form: Form, send_buffer_bytes: int) -> None:
        self._transport = transport
        self._form = attrgetter(form)
        kernel = transport.get_extra_info("socket")
        self.aborted = False
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)

    def tell(self, told: Told) -> None:
        """Write what is told, as this client reads it."""
        self.write(self._form(told))

    def write(self, data: bytes) -> None:
        """Hand bytes to the transport; a client that has just gone gets none."""
        if self._transport.is_closing():
            return  # uvloop raises where asyncio only warns; the request ends by itself
        self._transport.write(data)
        _sent.inc(len(data))

    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return int(self._transport.get_write_buffer_size())

    def abort(self) -> None:
        """Cut the client off."""
        self.aborted = True
        self._transport.abort()


class Relayed:
    """Bytes through ASGI's `send`, by a task of the request's own."""

    def __init__(self, send: Send, form: Form) -> None:
        self._send = send
        self._framed = form == "frames"
        self._form = attrgetter(form)
        self._waiting = bytearray()
        self._sending = 0
        self._news = asyncio.Event()
        self._closing = False
        self.aborted = False

    def tell(self, told: Told) -> None:
        """Keep what is told until the server takes it."""
        self._waiting += self._form(told)
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
    scope: Scope, send: Send, send_buffer_bytes: int, *, zipped: bool = False
) -> AsyncIterator[Direct | Relayed]:
    """The connection of a request whose response has begun, until the block ends."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is not None:
        yield Direct(transport, _form(scope, zipped, direct=True), send_buffer_bytes)
        return
    relayed = Relayed(send, _form(scope, zipped, direct=False))
    running = asyncio.create_task(relayed.run())
    try:
        yield relayed
    finally:
        relayed.close()
        patience_s = 0.0 if relayed.aborted else GOODBYE_S
        await asyncio.wait([running], timeout=patience_s)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _form(scope: Scope, zipped: bool, *, direct: bool) -> Form:
    if scope["type"] == "websocket":
        return "frames"
    if direct and scope["http_version"] == "1.1":
        return "zipped_chunk" if zipped else "chunk"
    return "zipped" if zipped else "sse"
