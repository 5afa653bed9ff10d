"""A child process, supervised: started when it is wanted, started again when it ends.

The child says what it does in lines of JSON; each is handed on, and counted. Its standard input is
held open as long as this process lives: when it ends, the child knows that it is alone. A child
that ends by itself is started again after a pause that doubles, until it has done what it should.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from scoreboard import telemetry
from scoreboard.bus.subscription import Backoff

Line = dict[str, Any]
LINE_BYTES_MAX = 1_048_576
LOOK_EVERY_S = 0.25  # how often it is asked whether the child is wanted
STOP_S = 10.0
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Child:
    """One supervised child; `wanted` says whether there is anything for it to do.

    `heard` takes its lines, and says whether one shows that the child has done all that it should.
    `greeting` is its standard input's first line: no secret of it stands in a list of processes.
    `files`: open descriptors that it is to have, too (not on Windows).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        greeting: bytes,
        wanted: Callable[[], bool],
        heard: Callable[[Line], bool],
        files: Sequence[int] = (),
        backoff: Backoff | None = None,
    ) -> None:
        self.name = name
        self.restarts = 0
        self.pid: int | None = None
        self._failures = 0
        self._command = command
        self._greeting = greeting
        self._wanted = wanted
        self._heard = heard
        self._files = files
        self._backoff = backoff or Backoff(first_s=0.5, most_s=30.0)
        self._up = telemetry.CHILD_UP.labels(name)
        self._ends = telemetry.CHILD_RESTARTS.labels(name)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the child running until `stop` is set."""
        while not stop.is_set():
            if not self._wanted():
                await _pause(stop, LOOK_EVERY_S)
                continue
            code = await self._once(stop)
            if stop.is_set():
                return
            self._failures += 1
            self.restarts += 1
            self._ends.inc()
            pause_s = self._backoff.pause_s(self._failures)
            telemetry.log.error(
                "child ended",
                child=self.name,
                code=code,
                again_in_s=pause_s,
                failures=self._failures,
            )
            await _pause(stop, pause_s)

    async def _once(self, stop: asyncio.Event) -> int | None:
        """Run the child to its end; its exit code, None if it could not be started."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=self._files,
                limit=LINE_BYTES_MAX,
            )
        except OSError as error:
            telemetry.log.error("child not started", child=self.name, error=str(error))
            return None
        self.pid = process.pid
        self._up.set(1)
        assert process.stdin is not None
        process.stdin.write(self._greeting + b"\n")
        stopping = asyncio.create_task(stop.wait())
        reading = asyncio.create_task(self._read(process))
        try:
            await asyncio.wait([stopping, reading], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await _end(process)
            reading.cancel()
            await asyncio.gather(stopping, reading, return_exceptions=True)
            self._up.set(0)
            self.pid = None
        return process.returncode

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than any line that it says
                continue
            if not line:
                return
            with contextlib.suppress(msgspec.DecodeError):
                if self._heard(_decode(line)):
                    self._failures = 0


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let the child finish its step; end it if it does not."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
