"""Strong ETags, conditional requests (RFC 9110, section 13) and the choice of a representation."""

from collections.abc import Sequence
from hashlib import blake2b


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
