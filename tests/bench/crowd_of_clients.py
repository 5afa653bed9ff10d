"""Many clients that follow one address, as cheaply as can be: they count bytes.

One of them reads what it is told; all others are told the same, byte for byte, and have been told
when they have as many bytes.
"""

import asyncio
import base64
import contextlib
import json
import os
import socket
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

AT_ONCE = 250  # connections being opened
QUIET_S = 0.3
LOOK_EVERY_S = 0.002
PATIENCE_S = 60.0
MARKS = (b"event: patch", b'"event":"patch"')
BOARD = {"action": "subscribe", "competition": "quiz", "board": "standings"}


class Client(asyncio.Protocol):
    """One connection and how many bytes came; it begins with what answers its last request."""

    def __init__(self, crowd: "Crowd", request: bytes, then: bytes = b"") -> None:
        self.crowd = crowd
        self.then = then
        self.bytes = 0
        self.base = 0
        self.began = asyncio.get_running_loop().create_future()
        self._request = request

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        self.crowd.last_s = time.monotonic()
        if self.then:
            self.transport.write(self.then)
            self.then = b""
        elif not self.began.done():
            self.began.set_result(None)


class Reader(Client):
    """The one that counts changes."""

    def __init__(self, crowd: "Crowd", request: bytes, then: bytes = b"") -> None:
        super().__init__(crowd, request, then)
        self.told = 0
        self._rest = b""
        self._zipped = zlib.decompressobj(31) if b"Accept-Encoding: gzip" in request else None
        self._in_head = True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._zipped is None:
            self._count(data)
            return
        self._rest += data
        if self._in_head:
            _, end, self._rest = self._rest.partition(b"\r\n\r\n")
            self._in_head = not end
        while b"\r\n" in self._rest:
            size, _, rest = self._rest.partition(b"\r\n")
            length = int(size, 16)
            if len(rest) < length + 2:
                return
            self._rest = rest[length + 2 :]
            self.told += sum(map(self._zipped.decompress(rest[:length]).count, MARKS))

    def _count(self, data: bytes) -> None:
        data = self._rest + data
        self.told += sum(map(data.count, MARKS))
        self._rest = data[-min(len(data), 14) :]  # a mark may be cut in two, never counted twice
        self.told -= sum(map(self._rest.count, MARKS))


class Crowd:
    """So many clients of one address."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.reader: Reader
        self.last_s = 0.0
        self.open_s = 0.0

    @classmethod
    @contextlib.asynccontextmanager
    async def of(
        cls, url: str, path: str, count: int, websocket: bool, zipped: bool
    ) -> AsyncIterator["Crowd"]:
        """All of them connected and told what there is; they go at the end."""
        crowd = cls()
        request = _upgrade(path) if websocket else _get(path, zipped)
        then = _frame(json.dumps(BOARD).encode()) if websocket else b""
        gate = asyncio.Semaphore(AT_ONCE)
        parts = urlsplit(url)

        async def connect(kind: type[Client]) -> None:
            async with gate:
                _, client = await asyncio.get_running_loop().create_connection(
                    lambda: kind(crowd, request, then), parts.hostname, parts.port
                )
                await client.began
                crowd.clients.append(client)
                if isinstance(client, Reader):
                    crowd.reader = client

        started_s = time.monotonic()
        await asyncio.gather(connect(Reader), *(connect(Client) for _ in range(count - 1)))
        crowd.open_s = time.monotonic() - started_s
        await crowd._until_quiet()
        for client in crowd.clients:
            client.base = client.bytes
        try:
            yield crowd
        finally:
            for client in crowd.clients:
                client.transport.abort()

    async def until_told(self, changes: int) -> float:
        """When the last client had been told so many changes, by the monotonic clock."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                reader = self.reader
                if reader.told >= changes:
                    wanted = reader.bytes - reader.base
                    if all(one.bytes - one.base == wanted for one in self.clients):
                        return self.last_s
                await asyncio.sleep(LOOK_EVERY_S)

    async def _until_quiet(self) -> None:
        while time.monotonic() - self.last_s < QUIET_S:
            await asyncio.sleep(QUIET_S / 3)

    @staticmethod
    async def silent(url: str, path: str) -> socket.socket:
        """A client that asks and then reads nothing, with as small a buffer as it may have."""
        parts = urlsplit(url)
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        one.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(one, (parts.hostname, parts.port))
        await loop.sock_sendall(one, _get(path, zipped=False))
        return one


def _get(path: str, zipped: bool) -> bytes:
    more = "Accept-Encoding: gzip\r\n" if zipped else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n{more}\r\n"
    ).encode()


def _upgrade(path: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Protocol: scoreboard.v1\r\n\r\n"
    ).encode()


def _frame(text: bytes) -> bytes:
    """A client's text frame of fewer than 126 bytes, masked with zeros."""
    assert len(text) < 126
    return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text
