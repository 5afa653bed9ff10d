"""A TCP proxy on the way to the server that lets no WebSocket through, as some venues' have it."""

import asyncio
import contextlib
from types import TracebackType
from urllib.parse import urlsplit

REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Narrow:
    """Stands before the server of a URL; `url` leads through it; `refused` counts upgrades."""

    def __init__(self, url: str) -> None:
        self._behind = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self.refused = 0
        self.url = ""

    async def __aenter__(self) -> "Narrow":
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection; new ones are let through."""
        for writer in self._writers:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                self.refused += 1
                writer.write(REFUSED)
                await writer.drain()
                writer.close()
                return
            there, to = await asyncio.open_connection(self._behind.hostname, self._behind.port)
            self._writers |= {writer, to}
            to.write(head)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(reader, to))
                tasks.create_task(_pump(there, writer))
            self._writers -= {writer, to}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
