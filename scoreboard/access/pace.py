"""How fast keys may send and addresses may be wrong, by the `limits` library in memory.

Fixed windows: a second for events, a minute for refused keys. They are kept per process.
"""

from time import time

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.strategies import FixedWindowRateLimiter

from scoreboard.access.counters import Counters
from scoreboard.errors import TooFast
from scoreboard.settings import Limits


class Pace:
    """Counts events by key and refused keys by address."""

    def __init__(self, limits: Limits) -> None:
        self._limiter = FixedWindowRateLimiter(Counters(limits.limited_names_max))
        self._events = RateLimitItemPerSecond(limits.key_events_per_second)
        self._refusals = RateLimitItemPerMinute(limits.login_failures_per_minute)

    async def spend(self, key: str, events: int) -> None:
        """Count events by a key; TooFast past the limit, and then nothing was counted for good.

        More at once than the limit itself costs one whole window: it could never pass otherwise.
        """
        cost = min(events, self._events.amount)
        if cost and not await self._limiter.hit(self._events, key, cost=cost):
            raise await too_fast(self._limiter, "events by this key", self._events, key)

    async def ensure_trusted(self, address: str) -> None:
        """TooFast for an address that sent too many refused keys."""
        if not await self._limiter.test(self._refusals, address):
            what = "refused keys from this address"
            raise await too_fast(self._limiter, what, self._refusals, address)

    async def distrust(self, address: str) -> None:
        """Count a refused key against an address."""
        await self._limiter.hit(self._refusals, address)


async def too_fast(
    limiter: FixedWindowRateLimiter, what: str, item: RateLimitItem, *names: str
) -> TooFast:
    """The refusal past a limit, with the end of its window."""
    stats = await limiter.get_window_stats(item, *names)
    return TooFast(
        f"more than {item.amount} {what} in {item.get_expiry()} s",
        hint="wait as Retry-After says and repeat",
        retry_after_s=max(0.001, stats.reset_time - time()),
    )
