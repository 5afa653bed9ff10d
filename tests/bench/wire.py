"""A lean HTTP/1.1 client on bare sockets, so that measuring costs the measured machine little.

Requests are bytes made beforehand; of an answer only the status, the length and the body are read.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"


def post(path: str, key: str, body: bytes, media: str = "application/json") -> bytes:
    """A whole POST request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, key: str = "", etag: str = "") -> bytes:
    """A whole GET request; with an ETag, for whoever has that already."""
    more = f"Authorization: Bearer {key}\r\n" if key else ""
    more += f"If-None-Match: {etag}\r\n" if etag else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{more}\r\n".encode()


class Refused(Exception):
    """The server answered with an error: status and body."""


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its answer, the next request."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._awaited = -1  # bytes of the answer, -1 while its head is not complete
        self._head = 0
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: Any = None

    @classmethod
    async def to(cls, url: str) -> "Connection":
        """A connection to the server at the URL."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, parts.hostname, parts.port)
        return connection

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer; Refused for any status but 200, 201 and 304."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._awaited < 0:
            end = self._buffer.find(HEAD_END)
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            start = head.find(b"content-length: ") + 16  # 304 has none
            length = head[start : start + 20].split(b"\r", 1)[0] if start > 15 else b"0"
            self._head = end + len(HEAD_END)
            self._awaited = self._head + int(length)
        if len(self._buffer) >= self._awaited:
            self._settle()

    def _settle(self) -> None:
        answer = bytes(self._buffer[: self._awaited])
        self._buffer.clear()
        self._awaited = -1
        assert self._answer is not None
        if answer[9:12] in (b"200", b"201", b"304"):
            self._answer.set_result(answer[self._head :])
        else:
            self._answer.set_exception(Refused(answer.decode()))

    def close(self) -> None:
        self._transport.close()


async def ask_one(url: str, request: bytes) -> bytes:
    """One request on a connection of its own; the body of its answer."""
    connection = await Connection.to(url)
    try:
        return await connection.ask(request)
    finally:
        connection.close()


async def ask_all(url: str, requests: Sequence[Sequence[bytes]]) -> list[float]:
    """Send each list on a connection of its own, one after another; seconds of each answer."""
    connections = [await Connection.to(url) for _ in requests]
    taken_s: list[float] = []

    async def send(connection: Connection, mine: Sequence[bytes]) -> None:
        for request in mine:
            started_s = time.perf_counter()
            await connection.ask(request)
            taken_s.append(time.perf_counter() - started_s)

    try:
        await asyncio.gather(*map(send, connections, requests))
    finally:
        for connection in connections:
            connection.close()
    return taken_s
