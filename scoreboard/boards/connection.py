"""One client's connection, as streams tell it things: an event stream or a WebSocket.

Bytes go straight to uvicorn's transport, which the listeners put into the scope. Under another
server an event stream goes through ASGI's `send`, which is slower and holds to the same bound.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from operator import attrgetter
from typing import Any, Literal, Protocol, get_args

from starlette.types import Scope, Send

from scoreboard.boards.told import Told, chunked
from scoreboard.http.scope import HANDED_OVER, TRANSPORT
from scoreboard.telemetry import SENT_BYTES

_sent = SENT_BYTES.labels("stream")  # what goes through `send` is counted there
GOODBYE_S = 1.0  # how long the last words of a stream may take


class Connection(Protocol):
    """What a stream needs of a connection."""

    def tell(self, told: Told) -> None:
        """Take what is told; it is sent as fast as the client reads."""

    def offer(self, told: Told, unsent_max: int) -> bool:
        """The same, unless more than so many bytes are unsent: False, and nothing is taken."""

    def unsent(self) -> int:
        """Bytes that the client, or the kernel for it, has not taken yet."""

    def abort(self) -> None:
        """Cut the client off."""

    @property
    def aborted(self) -> bool:
        """Whether the client was cut off, so that the response cannot end well."""


Form = Literal["sse", "chunk", "zipped", "zipped_chunk", "frames", "zipped_frames"]
"""How a client reads what is told: the names that `Told` has for it."""
FORMS = {form: attrgetter(form) for form in get_args(Form)}
LAST_CHUNK = b"0\r\n\r\n"


class Offered:
    """Bytes that were offered and written, by all, since they were counted."""

    __slots__ = ("bytes",)

    def __init__(self) -> None:
        self.bytes = 0

    def count(self) -> None:
        """Add them to the metric, once for all."""
        offered, self.bytes = self.bytes, 0
        _sent.inc(offered)


OFFERED = Offered()


class Direct:
    """Prepared bytes straight to the transport, in the form that the client reads."""

    __slots__ = ("_chunked", "_form", "_gathered", "_transport", "aborted")

    def __init__(self, transport: Any, form: Form, send_buffer_bytes: int) -> None:
        self._transport = transport
        self._form = FORMS[form]
        self._chunked = form in ("chunk", "zipped_chunk")
        self._gathered: list[bytes] | None = None
        kernel = transport.get_extra_info("socket")
        self.aborted = False
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)

    def tell(self, told: Told) -> None:
        """Write what is told, as this client reads it."""
        self.write(self._form(told))

    def offer(self, told: Told, unsent_max: int) -> bool:
        """Write what is told, unless too much waits. Called for each client at each change."""
        transport = self._transport
        if transport.get_write_buffer_size() > unsent_max:
            return False
        if not transport.is_closing():
            data = self._form(told)
            transport.write(data)
            OFFERED.bytes += len(data)
        return True

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Write what is told in the block at once, at its end: each write is a call of the kernel.

        Nothing is awaited in it.
        """
        self._gathered = []
        try:
            yield
        finally:
            self.flush()

    def flush(self) -> None:
        """Write now what was gathered, if anything was."""
        gathered, self._gathered = self._gathered, None
        if gathered:
            self.write(b"".join(gathered))

    def begin(self, first: bytes) -> None:
        """Write the first bytes of an event stream, framed as all that follows."""
        self.write(chunked(first) if self._chunked else first)

    def write(self, data: bytes) -> None:
        """Hand bytes to the transport; a client that has just gone gets none."""
        if self._gathered is not None:
            self._gathered.append(data)
            return
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

    def finish(self) -> None:
        """End the response and the connection, once the client has read what it was told."""
        if not self.aborted:
            self.write(LAST_CHUNK if self._chunked else b"")
            self.flush()
            self._transport.close()


class Relayed:
    """Bytes through ASGI's `send`, by a task of the request's own."""

    def __init__(self, send: Send, form: Form) -> None:
        self._send = send
        self._form = FORMS[form]
        self._waiting = bytearray()
        self._sending = 0
        self._news = asyncio.Event()
        self._closing = False
        self.aborted = False

    def tell(self, told: Told) -> None:
        """Keep what is told until the server takes it."""
        self._waiting += self._form(told)
        self._news.set()

    def offer(self, told: Told, unsent_max: int) -> bool:
        """Keep it, unless too much waits."""
        if self.unsent() > unsent_max:
            return False
        self.tell(told)
        return True

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
    direct = directly(scope, send_buffer_bytes, zipped=zipped)
    if direct is not None:
        yield direct
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


def directly(scope: Scope, send_buffer_bytes: int, *, zipped: bool) -> Direct | None:
    """The same where the server has told its transport; None elsewhere."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None or transport.is_closing():
        return None
    return Direct(transport, _form(scope, zipped, direct=True), send_buffer_bytes)


def _form(scope: Scope, zipped: bool, *, direct: bool) -> Form:
    # httptools' protocol chunks whatever the version, h11's only where the client knows chunks
    chunked = scope["http_version"] == "1.1" or HANDED_OVER in scope.get("extensions", {})
    if direct and chunked:
        return "zipped_chunk" if zipped else "chunk"
    return "zipped" if zipped else "sse"
