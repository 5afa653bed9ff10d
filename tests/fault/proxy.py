"""A TCP proxy before a database, that can be cut off: connections break, new ones are refused."""

import asyncio
import contextlib
from types import TracebackType

from sqlalchemy.engine import make_url


class Proxy:
    """Stands before the database of a URL; `url` leads through it; `open` is set while it lets
    connections through.
    """

    def __init__(self, url: str) -> None:
        self._behind = make_url(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self.open = asyncio.Event()

    @property
    def url(self) -> str:
        """The database by way of the proxy."""
        through = self._behind.set(host="127.0.0.1", port=self._port)
        return through.render_as_string(hide_password=False)

    async def restore(self) -> None:
        """Let connections through (again)."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.open.set()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self.open.clear()
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def __aenter__(self) -> "Proxy":
        await self.restore()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.cut()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to = await asyncio.open_connection(self._behind.host, self._behind.port)
        self._writers |= {writer, to}
        with contextlib.suppress(OSError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(reader, to))
                tasks.create_task(_pump(there, writer))
        self._writers -= {writer, to}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
