"""Who may keep an answer: strong ETags and conditional requests (RFC 9110, 13), or nobody."""

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
    return f'"{tag_of(content)}"'


def tag_of(content: bytes) -> str:
    """What stands in such an ETag."""
    return blake2b(content, digest_size=12).hexdigest()


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


def uncached(value: object, status: int = 200) -> Response:
    """A value as JSON that nobody keeps: it is of this moment, or for one reader's eyes."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), status, headers, media_type=JSON)
