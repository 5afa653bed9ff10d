"""Work with a broker, begun again for ever when it fails, and ended in time.

Libraries of brokers swallow cancellations now and then: whoever works here also looks at `stop`.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from prometheus_client import Counter

from scoreboard.bus.subscription import Backoff
from scoreboard.telemetry import log

BACKOFF = Backoff(first_s=0.1, most_s=10.0)
STOP_S = 2.0  # how long a broker's library may take to let go


class Endless:
    """Attempts at one broker; `failed` counts those that did not work."""

    def __init__(self, name: str, failed: Counter) -> None:
        self._name = name
        self._failed = failed
        self._failures = 0

    def works(self) -> None:
        """The broker answers: the next pause is a short one again."""
        if self._failures:
            log.info("broker reached again", broker=self._name, failures=self._failures)
            self._failures = 0

    async def run(self, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        """Work until `stop` is set, with pauses after failures that double, and some chance."""
        while not stop.is_set():
            try:
                await work()
            except Exception as error:
                if not stop.is_set():
                    await self._failure(error, stop)

    async def _failure(self, error: Exception, stop: asyncio.Event) -> None:
        self._failures += 1
        self._failed.inc()
        pause_s = BACKOFF.pause_s(self._failures) * random.uniform(0.5, 1.0)
        said = log.warning if self._failures == 1 else log.debug
        said(
            "broker not reached: messages wait",
            broker=self._name,
            error=f"{type(error).__name__}: {error}",
            again_in_s=round(pause_s, 2),
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s)


async def until_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Run something until `stop` is set, and then for `STOP_S` at most; its errors are logged."""
    task = asyncio.create_task(work)
    task.add_done_callback(_tell)
    try:
        await stop.wait()
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=STOP_S)
        if not task.done():
            log.warning("a broker does not let go: left behind")


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("work with brokers ended", error=str(error), exc_info=error)
