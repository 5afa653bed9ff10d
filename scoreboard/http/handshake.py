"""A WebSocket's handshake (RFC 6455, section 4.2): from a parsed request to an open connection.

    uvicorn's protocol parses the head ─▶ `upgrade`: is it a handshake, what is agreed upon
                                       ─▶ the application: accepts, or refuses with an answer
                                       ─▶ `Upgraded`, when the application takes it over

The library of websockets decides what a handshake is. It keeps nothing for a connection, and no
head is parsed twice: when a hall's doors open, all come at once. permessage-deflate is agreed upon
without context (RFC 7692), so that a message is deflated once for all.
"""

import asyncio
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from starlette.types import Message, Scope
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from scoreboard.http.scope import HANDED_OVER
from scoreboard.http.websocket import Answering, Upgraded
from scoreboard.telemetry import log

OF_A_HANDSHAKE = (b"connection", b"upgrade", b"origin")  # and all that begin as follows
PREFIX = b"sec-websocket-"
SUBPROTOCOLS = b"sec-websocket-protocol"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
NEGOTIATION = ServerProtocol(
    extensions=[
        ServerPerMessageDeflateFactory(
            server_no_context_takeover=True, client_no_context_takeover=True
        )
    ]
)
"""What is said of each handshake; it answers at once, and the next may be of another connection."""


class Agreed(Struct, frozen=True):
    """What a handshake comes to: the answer but for its end, and how messages are deflated."""

    head: bytes
    deflate: PerMessageDeflate | None


def upgrade(http: Any, target: bytes) -> None:
    """Take a connection over from uvicorn's protocol, whose request for `target` wants to go on
    as a WebSocket.
    """
    http.connections.discard(http)
    agreed = negotiated(http.scope["method"], _said(http.headers))
    if isinstance(agreed, Response):
        http.transport.write(agreed.serialize())
        http.transport.close()
    else:
        Handshake(http, agreed).begin(_scope(http, target))


def negotiated(method: str, headers: Headers) -> Agreed | Response:
    """What is agreed upon with a client, or why nothing is."""
    if method != "GET":
        return NEGOTIATION.reject(HTTPStatus.METHOD_NOT_ALLOWED, "a handshake is a GET\n")
    request = Request("", headers)  # of the path nothing depends
    try:
        key, extensions, _ = NEGOTIATION.process_request(request)
    except InvalidHandshake:
        return NEGOTIATION.accept(request)  # it says the same as an answer
    head = b"%bSec-WebSocket-Accept: %b\r\n" % (SWITCHING, key.encode())
    if extensions is None:
        return Agreed(head, None)
    [deflate] = NEGOTIATION.extensions
    assert isinstance(deflate, PerMessageDeflate)
    return Agreed(head + b"Sec-WebSocket-Extensions: %b\r\n" % extensions.encode(), deflate)


def _said(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """What of a request's headers the handshake depends on."""
    return _decoded(one for one in headers if one[0] in OF_A_HANDSHAKE or one[0].startswith(PREFIX))


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _scope(http: Any, target: bytes) -> Scope:
    path, _, query = target.partition(b"?")
    return {
        "type": "websocket",
        "asgi": {"version": http.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if http.scheme == "https" else "ws",
        "server": http.server,
        "client": http.client,
        "root_path": http.root_path,
        "path": http.root_path + unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": http.root_path.encode() + path,
        "query_string": query,
        "headers": http.headers,
        "subprotocols": [
            one.strip().decode("latin-1")
            for name, value in http.headers
            if name == SUBPROTOCOLS
            for one in value.split(b",")
        ],
        "state": http.app_state.copy(),
        "extensions": {"websocket.http.response": {}},
    }


def _last_lines(subprotocol: str | None) -> bytes:
    return f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n".encode() if subprotocol else b"\r\n"


class Handshake(asyncio.Protocol):
    """A connection whose handshake the application accepts or refuses.

    What its client says before that is not heard: the connection is cut off.
    """

    def __init__(self, http: Any, agreed: Agreed) -> None:
        self._transport = http.transport
        self._state = http.server_state
        self._app = http.app
        self._bytes_max = int(http.config.ws_max_size)
        self._agreed = agreed
        self._spoke = False
        self._answered = False
        self._refusal: Message = {}
        http.connections.add(self)
        http.transport.set_protocol(self)

    def begin(self, scope: Scope) -> None:
        """Let the application answer, in a task of its own."""
        scope["extensions"][HANDED_OVER] = self._hand_over
        task = asyncio.get_running_loop().create_task(self._run(scope))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _run(self, scope: Scope) -> None:
        try:
            await self._app(scope, self._receive, self._send)
        except Exception:
            log.exception("handshake failed", path=scope["path"])
        if not self._answered:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, Headers(), b"")

    async def _receive(self) -> Message:
        return {"type": "websocket.connect"}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._answer(self._agreed.head + _last_lines(message.get("subprotocol")))
            case "websocket.close":
                self._refuse(HTTPStatus.FORBIDDEN, Headers(), b"")
            case "websocket.http.response.start":
                self._refusal = message
            case "websocket.http.response.body":
                said = Headers(
                    (n.decode(), v.decode("latin-1")) for n, v in self._refusal["headers"]
                )
                self._refuse(HTTPStatus(self._refusal["status"]), said, message["body"])

    def _refuse(self, status: HTTPStatus, headers: Headers, body: bytes) -> None:
        """Answer as HTTP does, and close."""
        headers.setdefault("Date", formatdate(usegmt=True))
        headers.setdefault("Connection", "close")
        headers.setdefault("Content-Length", str(len(body)))
        self._answer(Response(status.value, status.phrase, headers, body).serialize())
        self._transport.close()

    def _answer(self, answer: bytes) -> None:
        self._answered = True
        if not self._transport.is_closing():
            self._transport.write(answer)

    def _hand_over(self, answering: Answering) -> Upgraded | None:
        """See `scope.HANDED_OVER`."""
        if self._transport.is_closing() or self._spoke:
            self._transport.abort()  # it has gone, or spoke before it was answered
            return None
        deflate = self._agreed.deflate
        return Upgraded(self._transport, self._state, answering, self._bytes_max, deflate)

    def data_received(self, data: bytes) -> None:
        """The client speaks before it was answered."""
        self._spoke = True
        self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone before it was answered."""
        self._state.connections.discard(self)

    def shutdown(self) -> None:
        """The server stops."""
        self._transport.close()
