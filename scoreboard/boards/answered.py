"""Board reads answered in front of routing: the bytes that were sent last, while they are right.

An answer to a read of a live board is kept as it went out, headers and all, under the address as
it was asked. It is given again as long as the shelf of its audience still has the very document
that it was made from, so a change, a freeze or an erasure takes it out of use at once. Only the
listener where everybody is the public has such a table; whatever else is asked goes on to routing.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoreboard.facts.document import Document
from scoreboard.http.cached import none_match
from scoreboard.http.zipped import accepts_gzip
from scoreboard.projections.shelf import Shelf
from scoreboard.telemetry import SENT_BYTES

MADE_FROM = "scoreboard.made_from"
"""In the scope: the document that a handler has made its whole answer from."""
OF_A_BODY = (b"content-type", b"content-length", b"content-encoding")
NOTHING: Message = {"type": "http.response.body", "body": b""}
Headers = Sequence[tuple[bytes, bytes]]
Address = tuple[bytes, bytes, bool]
"""Path, query, and whether the client takes gzip."""
_sent = SENT_BYTES.labels("http")


class Kept(Struct, frozen=True):
    """An answer as it went out: in full, and for whoever has it already."""

    document: Document
    etag: str
    start: Message
    body: Message
    unchanged: Message


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
        zipped = accepts_gzip(scope["headers"])
        address = (scope["raw_path"], scope["query_string"], zipped)
        kept = self._kept.get(address)
        if kept is None or not self._stands(kept.document):
            await self._app(scope, receive, self._watching(scope, address, send))
            return
        known = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        if none_match(known.decode("latin-1"), kept.etag):
            _sent.inc(len(kept.body["body"]))
            await send(kept.start)
            await send(kept.body)
        else:
            await send(kept.unchanged)
            await send(NOTHING)

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
                self._keep(address, scope[MADE_FROM], start, message)
            await send(message)

        return watched

    def _keep(self, address: Address, document: Document, start: Message, body: Message) -> None:
        headers: Headers = start["headers"]
        unchanged = [(name, value) for name, value in headers if name not in OF_A_BODY]
        self._drop(address)
        self._kept[address] = Kept(
            document=document,
            etag=dict(headers)[b"etag"].decode(),
            start=start,
            body=body,
            unchanged={**start, "status": 304, "headers": unchanged},
        )
        self._bytes += _weight(address, body)
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._kept)))

    def _drop(self, address: Address) -> None:
        kept = self._kept.pop(address, None)
        if kept is not None:
            self._bytes -= _weight(address, kept.body)


def _weight(address: Address, body: Any) -> int:
    path, query, _zipped = address
    return len(path) + len(query) + len(body["body"])
