"""Request bodies, bounded, and what the request says about them."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from scoreboard.errors import BadInput, TooLarge, TooSlow, UnsupportedMedia
from scoreboard.http.endpoint import JSON
from scoreboard.http.problem import UNREADABLE, from_validation

T = TypeVar("T")
BODY_S = 60.0  # so long a body may take that is read whole; past it 408


def media_of(headers: Headers) -> str:
    """The content type without its parameters, in lower case; "" if none is given.

    Raises UnsupportedMedia for a character set other than UTF-8 or a content encoding.
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia("compressed bodies are not read here", hint="send it as it is")
    media, *parameters = headers.get("content-type", "").split(";")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('" ').lower() not in ("utf-8", "us-ascii"):
            raise UnsupportedMedia(f"the character set {value} is not read here", hint="send UTF-8")
    return media.strip().lower()


def too_large(bytes_max: int) -> TooLarge:
    """The refusal of a body over its bound."""
    return TooLarge(
        f"more than {bytes_max} bytes",
        hint="send several smaller requests, or a stream of NDJSON",
    )


async def read_body(scope: Scope, receive: Receive, bytes_max: int) -> bytes:
    """The whole body; TooLarge as soon as it is certain, without reading on, or TooSlow."""
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdigit() and int(declared) > bytes_max:
        raise too_large(bytes_max)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            async for part in stream(receive):
                size += len(part)
                if size > bytes_max:
                    raise too_large(bytes_max)
                parts.append(part)
    except TimeoutError as error:
        hint = "send several smaller requests, or a stream of NDJSON, which may take its time"
        raise TooSlow(f"the body took more than {BODY_S:g} seconds", hint=hint) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def stream(receive: Receive) -> AsyncIterator[bytes]:
    """The body's parts as they come; raises ClientDisconnect if the sender goes away."""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        if part := message.get("body", b""):
            yield part
        if not message.get("more_body", False):
            return


async def lines(
    parts: AsyncIterator[bytes], *, line_bytes_max: int, lines_max: int
) -> AsyncIterator[list[bytes]]:
    """Complete lines as they come, at most `lines_max` at a time; empty lines are left out.

    Lines end in LF or CRLF; the last may lack it. TooLarge for a line over its bound.
    """
    rest = bytearray()
    async for part in parts:
        end = part.rfind(b"\n") + 1
        if end:
            complete = bytes(rest + part[:end]).split(b"\n")
            rest = bytearray(part[end:])
            found = [line for line in complete if line.strip()]
            if any(len(line) > line_bytes_max for line in found):
                raise too_large(line_bytes_max)
            for first in range(0, len(found), lines_max):
                yield found[first : first + lines_max]
        else:
            rest += part
        if len(rest) > line_bytes_max:
            raise too_large(line_bytes_max)
    if rest.strip():
        yield [bytes(rest)]


def flag_of(text: str | None, name: str) -> bool:
    """A yes-or-no parameter of the query: true, false, or not given."""
    if text not in (None, "", "true", "false", "1", "0"):
        raise BadInput(f"{name} is true or false", pointer=f"/{name}")
    return text in ("true", "1")


def whole_number(text: str, name: str, most: int) -> int:
    """A whole number from a query; BadInput names the parameter."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not digits or int(text) > most:
        raise BadInput(f"{name} is a whole number up to {most}", pointer=f"/{name}")
    return int(text)


def page_size(text: str | None, usual: int, most: int) -> int:
    """How many items a page is asked to have; BadInput for none, or more than there are."""
    size = usual if text is None else whole_number(text, "limit", most)
    if not size:
        raise BadInput("a page of nothing", pointer="/limit", hint=f"1 to {most}")
    return size


async def read_struct(request: Request, kind: type[T], bytes_max: int) -> T:
    """A JSON body as a struct; UnsupportedMedia, TooLarge, TooSlow or BadInput with a pointer."""
    media = media_of(request.headers)
    if media != JSON:
        raise UnsupportedMedia(
            f"{media or 'no content type'} is not read here", hint=f"send {JSON}"
        )
    body = await read_body(request.scope, request.receive, bytes_max)
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise from_validation(error) from error
