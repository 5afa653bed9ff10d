"""Boards encoded once for each version, with ETags made from their content."""

from collections import OrderedDict
from functools import cached_property

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.boards.select import View, shown
from scoreboard.facts.document import Document, encode_content
from scoreboard.http.cached import none_match, tag_of
from scoreboard.http.endpoint import JSON
from scoreboard.http.zipped import BYTES_MIN, VARY, accepts_gzip, gzipped

encode = msgspec.json.Encoder().encode


class Body:
    """A board ready to be sent, as it is or zipped; each has an ETag of its own."""

    def __init__(self, version: str, tag: str, body: bytes) -> None:
        self.version = version
        self.body = body
        self.etag, self.zipped_etag = f'"{tag}"', f'"{tag}-gzip"'

    @cached_property
    def zipped(self) -> bytes:
        """The body in gzip."""
        return gzipped(self.body)

    def response(self, request: Request) -> Response:
        """The body, zipped for whoever takes that; 304 for whoever has it."""
        headers = {"ETag": self.etag, "Cache-Control": "no-cache", **VARY}
        body = self.body
        if len(body) >= BYTES_MIN and accepts_gzip(request.scope["headers"]):
            body = self.zipped
            headers |= {"ETag": self.zipped_etag, "Content-Encoding": "gzip"}
        if not none_match(request.headers.get("if-none-match"), headers["ETag"]):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=JSON)


def body_of(document: Document) -> Body:
    """A document as JSON: the envelope and the content."""
    content = encode_content(document.content)
    whole = {**document.envelope(), "content": msgspec.Raw(content)}
    return Body(document.version, tag_of(content + document.status.encode()), encode(whole))


class Bodies:
    """The newest body of every view that was asked for; unused ones are let go first."""

    def __init__(self, bodies_max: int) -> None:
        self._bodies_max = bodies_max
        self._kept: OrderedDict[tuple[str, str, View], Body] = OrderedDict()

    def get(self, document: Document, view: View) -> Body:
        """The body of a view of this version of the board."""
        if view.around is not None and view.around not in document.content.get("rows", {}):
            return body_of(shown(document, view))  # any text: not worth a place
        key = (document.competition, document.board, view)
        kept = self._kept.get(key)
        if kept is None or kept.version != document.version:
            kept = self._kept[key] = body_of(shown(document, view))
            while len(self._kept) > self._bodies_max:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept
