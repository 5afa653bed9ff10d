"""What streams tell, in the bytes of each door: made once for all who are told.

    event stream   id: 7-120-0 ⏎ event: patch ⏎ data: {...} ⏎⏎     WHATWG HTML, section 9.2.6
                   plain or in gzip, in a chunk where HTTP/1.1 wants one
    WebSocket      {"event":"patch","channel":"cup/standings","id":"7-120-0","data":{...}}
                   as a frame, ready for the wire                 RFC 6455, section 5.2
                   plain or deflated without context              RFC 7692, section 7.2.1

Both say the same. A WebSocket's client may follow several views, so each message names its channel.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.http.zipped import BYTES_MIN, deflated

encode = msgspec.json.Encoder().encode
TEXT_FRAME, DEFLATED, LENGTH_16, LENGTH_64 = 0x81, 0x40, 126, 127
FLUSHED = b"\x00\x00\xff\xff"  # how a flush ends; a WebSocket's message leaves it out
ENVELOPE_BYTES = 100  # about what stands round the data


class Message(Struct, frozen=True):
    """One thing that is told: its name, its data as JSON, and the version that it leads to."""

    event: str
    data: bytes
    id: str | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it keeps."""
        return len(self.data) + ENVELOPE_BYTES

    @property
    def sse(self) -> bytes:
        """As it stands in an event stream; JSON has no line breaks."""
        named = f"id: {self.id}\n" if self.id else ""
        return f"{named}event: {self.event}\ndata: ".encode() + self.data + b"\n\n"

    def json(self, channel: str) -> bytes:
        """As a WebSocket's client reads it."""
        head = b'{"event":' + encode(self.event)
        if channel:
            head += b',"channel":' + encode(channel)
        if self.id:
            head += b',"id":' + encode(self.id)
        return head + b',"data":' + self.data + b"}"


def message(event: str, data: dict[str, Any], id_: str | None = None) -> Message:
    """A message, encoded."""
    return Message(event, encode(data), id_)


class Told:
    """Messages that belong together, of one channel ("": of none)."""

    def __init__(self, messages: Iterable[Message], channel: str = "") -> None:
        self.messages = tuple(messages)
        self.channel = channel

    def __bool__(self) -> bool:
        return bool(self.messages)

    @cached_property
    def sse(self) -> bytes:
        """For an event stream."""
        return b"".join(one.sse for one in self.messages)

    @cached_property
    def chunk(self) -> bytes:
        """The same as a chunk (RFC 9112, section 7.1)."""
        return chunked(self.sse)

    @cached_property
    def zipped(self) -> bytes:
        """For an event stream in gzip."""
        return deflated(self.sse)

    @cached_property
    def zipped_chunk(self) -> bytes:
        """The same as a chunk."""
        return chunked(self.zipped)

    @cached_property
    def frames(self) -> bytes:
        """For a WebSocket."""
        return b"".join(frame(one.json(self.channel)) for one in self.messages)

    @cached_property
    def zipped_frames(self) -> bytes:
        """For a WebSocket that takes permessage-deflate."""
        return b"".join(zipped_frame(one.json(self.channel)) for one in self.messages)


def chunked(data: bytes) -> bytes:
    """One chunk of a response whose length nobody knows."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def frame(data: bytes, head: int = TEXT_FRAME) -> bytes:
    """A server's frame: whole, not masked."""
    size = len(data)
    if size < LENGTH_16:
        return bytes((head, size)) + data
    if size < 1 << 16:
        return bytes((head, LENGTH_16)) + size.to_bytes(2, "big") + data
    return bytes((head, LENGTH_64)) + size.to_bytes(8, "big") + data


def zipped_frame(text: bytes) -> bytes:
    """The same deflated, unless it is small."""
    if len(text) < BYTES_MIN:
        return frame(text)
    return frame(deflated(text).removesuffix(FLUSHED), TEXT_FRAME | DEFLATED)
