"""Gzip for what is sent to many: made once, and only for those who say that they take it.

An event stream is one gzip member (RFC 1952) that begins with `HEAD` and has no end of its own;
each part is deflated by itself and flushed to a byte (RFC 1951, section 3.2.4), so that the same
bytes fit into every client's stream, wherever it is.
"""

import zlib
from collections.abc import Iterable

LEVEL = 6
RAW, GZIP = -15, 31  # zlib's names for the two wrappings
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
BYTES_MIN = 512  # smaller answers fit a packet as they are
VARY = {"Vary": "Accept-Encoding"}


def accepts_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request takes gzip (RFC 9110, section 12.5.3)."""
    return any(name == b"accept-encoding" and takes_gzip(value) for name, value in headers)


def takes_gzip(accepted: bytes) -> bool:
    """Whether the value of Accept-Encoding names gzip, and not with the weight 0."""
    value = accepted.lower()
    for part in value.split(b",") if b"gzip" in value else ():
        coding, _, weight = part.partition(b";")
        if coding.strip() == b"gzip":
            _, _, number = weight.partition(b"=")
            return not weight or bool(number.strip(b" \t0."))
    return False


def gzipped(body: bytes) -> bytes:
    """A whole answer."""
    return _compressed(body, GZIP, zlib.Z_FINISH)


def deflated(part: bytes) -> bytes:
    """A part of a stream, which depends on none before it."""
    return _compressed(part, RAW, zlib.Z_FULL_FLUSH)


def _compressed(data: bytes, wrapping: int, end: int) -> bytes:
    work = zlib.compressobj(LEVEL, zlib.DEFLATED, wrapping)
    return work.compress(data) + work.flush(end)
