"""How fast keys may send and addresses may be wrong, by the `limits` library in memory.

Fixed windows: a second for events, a minute for refused keys. They are kept per process.
"""

from time import time

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from scoreboard.errors import TooFast
from scoreboard.settings import Limits


class Pace:
    """Counts events by key and refused keys by address."""

    def __init__(self, limits: Limits) -> None:
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._events = RateLimitItemPerSecond(limits.key_events_per_second)
        self._refusals = RateLimitItemPerMinute(limits.login_failures_per_minute)

    async def spend(self, key: str, events: int) -> None:
        """Count events by a key; TooFast past the limit, and then nothing was counted for good.

        More at once than the limit itself costs one whole window: it could never pass otherwise.
        """
        cost = min(events, self._events.amount)
        if cost and not await self._limiter.hit(self._events, key, cost=cost):
            raise await self._too_fast("events by this key", self._events, key)

    async def ensure_trusted(self, address: str) -> None:
        """TooFast for an address that sent too many refused keys."""
        if not await self._limiter.test(self._refusals, address):
            raise await self._too_fast("refused keys from this address", self._refusals, address)

    async def distrust(self, address: str) -> None:
        """Count a refused key against an address."""
        await self._limiter.hit(self._refusals, address)

    async def close(self) -> None:
        """End the task that the library's storage leaves running."""
        if self._storage.timer is not None:
            self._storage.timer.cancel()

    async def _too_fast(self, what: str, item: RateLimitItem, name: str) -> TooFast:
        stats = await self._limiter.get_window_stats(item, name)
        return TooFast(
            f"more than {item.amount} {what} in {item.get_expiry()} s",
            hint="wait as Retry-After says and repeat",
            retry_after_s=max(0.001, stats.reset_time - time()),
        )
