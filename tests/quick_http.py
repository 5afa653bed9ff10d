"""What clients of tests speak HTTP/1.1 by: httptools and a protocol of asyncio.

httpx's own, h11 and a pool above anyio, takes longer to ask than most servers here to answer.
"""

import asyncio
import contextlib
import select
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Self

import httptools
import httpx2

UNREAD_BYTES_MAX = 65_536  # past it nothing more is read from the server until somebody takes it
IDLE_S = 5.0  # for how long a connection is used again


class Transport(httpx2.AsyncHTTPTransport):
    """As httpx's own, whose place it takes; what is behind TLS or a proxy is left to that."""

    def __init__(self, *, proxy: Any = None, **options: Any) -> None:
        super().__init__(proxy=proxy, **options)
        self._direct = proxy is None
        self._idle: dict[tuple[str, int], list[Connection]] = {}
        self._open: set[Connection] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask and return once the answer's head is there."""
        if not self._direct or request.url.scheme != "http":
            return await super().handle_async_request(request)
        place = (request.url.host, request.url.port or 80)
        limits = request.extensions.get("timeout", {})
        connection = self._taken(place) or await self._connected(place, limits.get("connect"))
        try:
            await connection.ask(request, limits.get("read"))
        except BaseException:
            self._end(connection)
            raise
        return httpx2.Response(
            connection.status,
            headers=connection.headers,
            stream=Body(self, place, connection, limits.get("read")),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": connection.reason},
        )

    def _taken(self, place: tuple[str, int]) -> "Connection | None":
        idle = self._idle.get(place, [])
        while idle:
            connection = idle.pop()
            if connection.usable():
                return connection
            self._end(connection)
        return None

    async def _connected(self, place: tuple[str, int], limit_s: float | None) -> "Connection":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limit_s):
                _, connection = await loop.create_connection(Connection, *place)
        except TimeoutError:
            raise httpx2.ConnectTimeout("") from None
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        self._open.add(connection)
        return connection

    def done(self, place: tuple[str, int], connection: "Connection") -> None:
        """Take a connection back, once its answer is read or nobody wants more of it."""
        if connection not in self._open:
            return
        if connection.complete and connection.lasts:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.setdefault(place, []).append(connection)
        else:
            self._end(connection)

    def _end(self, connection: "Connection") -> None:
        self._open.discard(connection)
        connection.transport.close()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            self._end(connection)
        self._idle.clear()
        await super().aclose()


class Connection(asyncio.Protocol):
    """One connection, which asks and is answered by turns."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.complete = True
        self.lasts = True
        self._lost = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._news: asyncio.Future[None] | None = None
        self._begin()

    def _begin(self, method: str = "GET") -> None:
        self._method = method
        self._parser = httptools.HttpResponseParser(self)
        self._head = False
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self._parts: deque[bytes] = deque()
        self._unread = 0
        self._paused = False
        self._failure = ""

    def usable(self) -> bool:
        """Whether it can be asked again: nothing came meanwhile, not even an end."""
        if self._lost or self.transport.is_closing():
            return False
        if asyncio.get_running_loop().time() - self.idle_since > IDLE_S:
            return False
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    async def ask(self, request: httpx2.Request, limit_s: float | None) -> None:
        """Send a request; returns when the head of its answer is there."""
        self._begin(request.method)
        self.complete = False
        lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
        lines += [b"%s: %s" % header for header in request.headers.raw]
        head = b"\r\n".join([*lines, b"", b""])
        if isinstance(request.stream, httpx2.SyncByteStream):
            self.transport.write(head + b"".join(request.stream))
        else:
            self.transport.write(head)
            await self._send(request)
        while not self._head:
            await self._something(limit_s)

    async def _send(self, request: httpx2.Request) -> None:
        """Send a body whose parts come one by one, until an answer comes before its end."""
        assert isinstance(request.stream, httpx2.AsyncByteStream)
        chunked = request.headers.get("transfer-encoding") == "chunked"
        async for part in request.stream:
            if self._head or self._lost:
                self.lasts = False
                return
            self.transport.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
            await self._writable.wait()
        if chunked:
            self.transport.write(b"0\r\n\r\n")

    async def _something(self, limit_s: float | None) -> None:
        """Return when more of the answer is there; RemoteProtocolError if it never will be."""
        if self._failure or self._lost:
            raise httpx2.RemoteProtocolError(self._failure or "the server ended the connection")
        self._news = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(limit_s):
                await self._news
        except TimeoutError:
            raise httpx2.ReadTimeout("") from None

    async def parts(self, limit_s: float | None) -> AsyncIterator[bytes]:
        """The answer's body, as it comes."""
        while self._parts or not self.complete:
            while self._parts:
                part = self._parts.popleft()
                self._unread -= len(part)
                yield part
            if self._paused:
                self._paused = False
                self.transport.resume_reading()
            if not self.complete:
                await self._something(limit_s)

    # asyncio.Protocol ---------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._failure = str(error)
        if self._unread > UNREAD_BYTES_MAX and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._tell()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._head and not self.complete and self._ends_with_connection():
            self.complete = True
        self._lost = True
        self._writable.set()
        self._tell()

    def _ends_with_connection(self) -> bool:
        names = {name.lower() for name, _value in self.headers}
        return not names & {b"content-length", b"transfer-encoding"}

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    # httptools ----------------------------------------------------------------------------------

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # another answer follows
            self.headers, self.reason = [], b""
            return
        self._head = True
        self.lasts = self._parser.should_keep_alive()
        if self._method == "HEAD":
            self.complete = True

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)
        self._unread += len(part)

    def on_message_complete(self) -> None:
        if self._head:
            self.complete = True


class Body(httpx2.AsyncByteStream):
    """What is left to read of an answer."""

    def __init__(
        self,
        transport: Transport,
        place: tuple[str, int],
        connection: Connection,
        limit_s: float | None,
    ) -> None:
        self._back = (transport, place)
        self._connection = connection
        self._limit_s = limit_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with contextlib.aclosing(self._connection.parts(self._limit_s)) as parts:
            async for part in parts:
                yield part

    async def aclose(self) -> None:
        """Let the connection go."""
        transport, place = self._back
        transport.done(place, self._connection)
