"""Boards encoded once for each version, with ETags made from their content."""

from collections import OrderedDict

import msgspec
from msgspec import Struct

from scoreboard.boards.select import View, shown
from scoreboard.facts.document import Document, encode_content
from scoreboard.http.cached import etag_of

encode = msgspec.json.Encoder().encode


class Body(Struct, frozen=True, gc=False):
    """A board ready to be sent."""

    version: str
    etag: str
    body: bytes


def body_of(document: Document) -> Body:
    """A document as JSON: the envelope and the content."""
    content = encode_content(document.content)
    whole = {**document.envelope(), "content": msgspec.Raw(content)}
    etag = etag_of(content + document.status.encode())
    return Body(document.version, etag, encode(whole))


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
