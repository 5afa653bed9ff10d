"""A NATS server with JetStream for tests: its own process, folder and port."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js import JetStreamContext

WAIT_S = 20


class NatsServer:
    """`nats-server` on a free port; what it keeps outlives `kill` and `start`."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it keeps streams."""
        options = ["-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self._folder)]
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            *options,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(WAIT_S):
            while True:
                with contextlib.suppress(OSError, nats.errors.Error, asyncio.TimeoutError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    async with self.client() as stream:
                        await stream.account_info()
                        return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End it at once."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[JetStreamContext]:
        """A client's connection while the block lasts."""

        async def quiet(_error: Exception) -> None:
            pass

        client = await nats.connect(self.url, allow_reconnect=False, error_cb=quiet)
        try:
            yield client.jetstream()
        finally:
            await client.close()

    async def kept(self, name: str = "SCOREBOARD") -> list[Any]:
        """All messages of a stream, in order; none if there is no such stream."""
        async with self.client() as stream:
            try:
                count = (await stream.stream_info(name)).state.messages
            except nats.js.errors.NotFoundError:
                return []
            if not count:
                return []
            reader = await stream.subscribe(">", stream=name, ordered_consumer=True)
            return [await reader.next_msg(timeout=WAIT_S) for _ in range(count)]


@contextlib.asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[NatsServer]:
    """A server that runs while the block lasts."""
    program = shutil.which("nats-server") or shutil.which("/usr/sbin/nats-server")
    if program is None:
        message = "nats-server is not installed (Debian's package is of that name)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    server = NatsServer(program, folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
