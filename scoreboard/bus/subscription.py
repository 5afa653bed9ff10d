"""A durable reader of the ledger.

It reads on from its own position, hands entries to its handler in order, and only then counts them
as read. A handler that fails is asked again with the same entries after a pause that doubles; what
is wrong with one contest alone the handler parks itself, so that the rest goes on.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from scoreboard.bus.topic import Topic
from scoreboard.errors import Unavailable
from scoreboard.telemetry import SUBSCRIPTION_FAILURES, SUBSCRIPTION_LAG, log


class Placed(Protocol):
    """What is read: something at a position, such as an entry."""

    @property
    def position(self) -> int:
        """Where it stands."""
        ...


T = TypeVar("T", bound=Placed)
Read = Callable[[int, int], Awaitable[list[T]]]
Handle = Callable[[Sequence[T]], Awaitable[None]]
BATCH_ENTRIES_MAX = 1_000


class Backoff(Struct, frozen=True, kw_only=True):
    """How long to wait before the nth repetition: doubling, never above `most_s`."""

    first_s: float = 0.05
    most_s: float = 5.0

    def pause_s(self, attempt: int) -> float:
        """Seconds before attempt 1, 2, 3, ..."""
        return float(min(self.most_s, self.first_s * 2 ** min(attempt - 1, 16)))


class Subscription(Generic[T]):
    """One durable reader; `position` is the last entry that its handler has taken."""

    def __init__(
        self,
        name: str,
        *,
        topic: Topic,
        read: Read[T],
        handle: Handle[T],
        position: int,
        poll_s: float,
        idle: Callable[[], Awaitable[float | None]] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """`idle` is called whenever nothing is left to read; it says when to be called again."""
        self.name = name
        self.topic = topic
        self.taken = Topic(position)
        self.failures = 0
        self.error: str | None = None
        self._read = read
        self._handle = handle
        self._idle = idle
        self._poll_s = poll_s
        self._backoff = backoff or Backoff()
        SUBSCRIPTION_LAG.labels(name).set_function(lambda: max(0, topic.value - self.position))
        self._failed = SUBSCRIPTION_FAILURES.labels(name)

    @property
    def position(self) -> int:
        """The last entry that the handler has taken."""
        return self.taken.value

    async def near(self, ahead: int, wait_s: float) -> None:
        """Wait (bounded) until no more than so many entries are left; never for one that fails."""
        if self.failures == 0:
            await self.taken.reach(self.topic.value - ahead, wait_s)

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self.topic.wake())
        try:
            while not stop.is_set():
                await self._turn(stop)
        finally:
            stopping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await stopping

    async def _turn(self, stop: asyncio.Event) -> None:
        try:
            entries = await self._read(self.position, BATCH_ENTRIES_MAX)
            if entries:
                await self._handle(entries)
                self.taken.publish(entries[-1].position)
            wait_s = self._poll_s
            if self._idle is not None:
                due_s = await self._idle()
                wait_s = wait_s if due_s is None else min(due_s, wait_s)
        except Exception as error:
            await self._failure(error, stop)
            return
        self.failures, self.error = 0, None
        if not entries and not stop.is_set():
            await self.topic.beyond(self.position, wait_s)

    async def _failure(self, error: Exception, stop: asyncio.Event) -> None:
        self.failures += 1
        self.error = f"{type(error).__name__}: {error}"
        self._failed.inc()
        pause_s = self._backoff.pause_s(self.failures)
        log.warning(
            "subscription failed", subscription=self.name, error=self.error, again_in_s=pause_s
        )
        if isinstance(error, Unavailable):
            # A commit shows that the store is back: no need to wait for the end of the pause.
            await self.topic.beyond(self.topic.value, 0 if stop.is_set() else pause_s)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s)
