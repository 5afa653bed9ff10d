"""The real server as a process of its own, to be killed and started again on the same ports."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import httpx2

ADDRESS = re.compile(r"^(private|public)\s+(http://\S+)")


class Server:
    """`scoreboard serve` on a data folder; `key` is the first admin's.

    `up` is set while it answers. Its errors are appended to a file in the data folder's parent.
    """

    def __init__(
        self,
        data: Path,
        database: str = "",
        *,
        processes: int = 1,
        config: Path | None = None,
        **environ: str,
    ) -> None:
        self.data = data
        self.database = database
        self.key = ""
        self.private_url = self.public_url = ""
        self.up = asyncio.Event()
        self.log = data.parent / f"{data.name}.log"
        self._environ = environ
        self._processes = processes
        self._config = [] if config is None else ["--config", str(config)]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> "Server":
        """Start it and wait until it says where it answers; RuntimeError if it ends instead."""
        options = ["--data", str(self.data)]
        if self.database:
            options += ["--database", self.database]
        if self._processes > 1:
            options += ["--processes", str(self._processes)]
        for name, url in (("private", self.private_url), ("public", self.public_url)):
            options += [f"--{name}-port", url.rpartition(":")[2] or "0"]
        with self.log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "scoreboard", *self._config, "serve", *options),
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "COLUMNS": "200", **self._environ},
            )
        first = not self.private_url
        await self._read_addresses()
        if first:
            await self._read_key()
        self.up.set()
        return self

    async def _read_addresses(self) -> None:
        found: dict[str, str] = {}
        while len(found) < 2:
            if match := ADDRESS.match(await self._line()):
                found[match[1]] = match[2]
        self.private_url, self.public_url = found["private"], found["public"]

    async def _read_key(self) -> None:
        while not (line := await self._line()).startswith("sb_"):
            pass
        self.key = line.strip()

    async def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            await self._process.wait()
            raise RuntimeError(self.log.read_text("utf-8").strip().rpartition("\n\n")[2])
        return line.decode()

    async def kill(self) -> None:
        """End it at once, as a power cut does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it as an operator does; returns its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: int) -> int:
        self.up.clear()
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(number)
        return await process.wait()

    def client(self) -> httpx2.AsyncClient:
        """A client of the private listener with the admin's key."""
        return httpx2.AsyncClient(
            base_url=self.private_url,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=30,
            verify=False,
        )
