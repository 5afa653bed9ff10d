"""Strong ETags, conditional requests (RFC 9110, section 13) and the choice of a representation."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.http.endpoint import JSON, Answer

UNCHANGED = Answer(
    status=304, description="it is what If-None-Match names", headers={"ETag": "as it was sent"}
)
"""The other answer of every endpoint that answers with `cacheable`."""


def etag_of(content: bytes) -> str:
    """A strong ETag made from the content alone: equal content, equal tag."""
    return f'"{blake2b(content, digest_size=12).hexdigest()}"'


def none_match(header: str | None, etag: str) -> bool:
    """Whether If-None-Match is true for this tag, so that the content must be sent.

    Compared weakly, as RFC 9110 (section 13.1.2) wants it; a proxy may have weakened our tag.
    """
    if not header:
        return True
    if header.strip() == "*":
        return False
    return all(tag.strip().removeprefix("W/") != etag for tag in header.split(","))


def cacheable(request: Request, value: object) -> Response:
    """A value as JSON with its ETag, to be asked for anew each time; 304 if the client has it."""
    body = msgspec.json.encode(value)
    headers = {"ETag": etag_of(body), "Cache-Control": "no-cache"}
    if not none_match(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that the client likes best (RFC 9110, section 12.5.1).

    The first offered wins among equals, and if the client likes none: a client that can do
    nothing with an answer is better off with one that it can look at than with a 406.
    """
    if not accept:
        return offered[0]
    wishes = [_wish(part) for part in accept.split(",")]

    def liking(media: str) -> float:
        major = media.partition("/")[0] + "/*"
        for pattern in (media, major, "*/*"):
            for wished, quality in wishes:
                if wished == pattern:
                    return quality
        return 0.0

    return max(offered, key=liking)


def _wish(part: str) -> tuple[str, float]:
    media, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return media.strip().lower(), quality
