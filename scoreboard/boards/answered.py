"""Board reads answered in front of routing: the bytes that were sent last, while they are right.

An answer to a read of a live board is kept as it went out, headers and all, under the address as
it was asked. It is given again as long as the shelf of its audience still has the very document
that it was made from, so a change, a freeze or an erasure takes it out of use at once. Only the
listener where everybody is the public has such a table; whatever else is asked goes on to routing.
"""

from collections.abc import Sequence
from http import HTTPStatus

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoreboard.facts.document import Document
from scoreboard.http.cached import none_match
from scoreboard.http.zipped import takes_gzip
from scoreboard.projections.shelf import Shelf
from scoreboard.telemetry import SENT_BYTES

MADE_FROM = "scoreboard.made_from"
"""In the scope: the document that a handler has made its whole answer from."""
OF_A_BODY = (b"content-type", b"content-length", b"content-encoding")
Headers = Sequence[tuple[bytes, bytes]]
Address = tuple[bytes, bytes, bool]
"""Path, query, and whether the client takes gzip."""
_sent = SENT_BYTES.labels("http")


class Whole(Struct, frozen=True):
    """An answer as the bytes of HTTP/1.1: what comes before its Date, and what comes after."""

    status: int
    headers: Headers
    status_line: bytes
    rest: bytes
    body_bytes: int

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes) -> "Whole":
        """An answer whose headers say how long it is, if it has a body."""
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        status_line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        return cls(status, headers, status_line, lines + b"\r\n" + body, len(body))

    async def send(self, send: Send) -> None:
        """The same by messages."""
        body = self.rest[len(self.rest) - self.body_bytes :]
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})


class Kept(Struct, frozen=True):
    """An answer as it went out: in full, and for whoever has it already."""

    document: Document
    etag: bytes
    full: Whole
    unchanged: Whole

    @property
    def bytes(self) -> int:
        """What it weighs."""
        return len(self.full.rest) + len(self.unchanged.rest)


class Answered:
    """ASGI: the table before a listener's application; `bytes_max` bounds the bodies in it."""

    def __init__(self, app: ASGIApp, shelf: Shelf, bytes_max: int) -> None:
        self._app = app
        self._shelf = shelf
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: dict[Address, Kept] = {}  # those kept first go first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the table or let the application answer."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        address, known = _asked(scope)
        answer = self._answer(address, known)
        if answer is None:
            await self._app(scope, receive, self._watching(scope, address, send))
        else:
            await answer.send(send)

    def at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """An answer from the table; see `http.scope.Prepared`."""
        if scope["method"] != "GET":
            return None
        answer = self._answer(*_asked(scope))
        return None if answer is None else (answer.status_line, answer.rest)

    def _answer(self, address: Address, known: bytes) -> Whole | None:
        kept = self._kept.get(address)
        if kept is None or not self._stands(kept.document):
            return None
        if known and (
            known == kept.etag or not none_match(known.decode("latin-1"), kept.etag.decode())
        ):
            return kept.unchanged
        _sent.inc(kept.full.body_bytes)
        return kept.full

    def _stands(self, document: Document) -> bool:
        return self._shelf.get(document.competition, document.board) is document

    def _watching(self, scope: Scope, address: Address, send: Send) -> Send:
        """`send`, that keeps an answer which was made from one document alone."""
        start: Message = {}

        async def watched(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif MADE_FROM in scope and start["status"] == 200 and not message.get("more_body"):
                self._keep(address, scope[MADE_FROM], start["headers"], message["body"])
            await send(message)

        return watched

    def _keep(self, address: Address, document: Document, headers: Headers, body: bytes) -> None:
        unchanged = [(name, value) for name, value in headers if name not in OF_A_BODY]
        self._drop(address)
        self._kept[address] = Kept(
            document=document,
            etag=dict(headers)[b"etag"],
            full=Whole.of(200, headers, body),
            unchanged=Whole.of(304, unchanged, b""),
        )
        self._bytes += _weight(address, self._kept[address])
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._kept)))

    def _drop(self, address: Address) -> None:
        kept = self._kept.pop(address, None)
        if kept is not None:
            self._bytes -= _weight(address, kept)


def _asked(scope: Scope) -> tuple[Address, bytes]:
    """Where a board is asked for, and which one the client has (If-None-Match, or nothing)."""
    zipped, known = False, b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            zipped = zipped or takes_gzip(value)
        elif name == b"if-none-match":
            known = known or value
    return (scope["raw_path"], scope["query_string"], zipped), known


def _weight(address: Address, kept: Kept) -> int:
    path, query, _zipped = address
    return len(path) + len(query) + kept.bytes
