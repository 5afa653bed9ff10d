"""How fast keys may send and addresses may be wrong, by the `limits` library in memory.

Fixed windows: a second for events, a minute for refused keys. They are kept per process. An IPv6
network of 64 bits counts as one address, for whoever has one has all of it (RFC 4291, section
2.5.4; RFC 6177).
"""

from ipaddress import IPv6Address, ip_address
from time import time

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.strategies import FixedWindowRateLimiter

from scoreboard.access.counters import Counters
from scoreboard.errors import TooFast
from scoreboard.settings import Limits

NETWORK_BITS = 64


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
        network = network_of(address)
        if not await self._limiter.test(self._refusals, network):
            what = "refused keys from this address"
            raise await too_fast(self._limiter, what, self._refusals, network)

    async def distrust(self, address: str) -> None:
        """Count a refused key against an address."""
        await self._limiter.hit(self._refusals, network_of(address))


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


def network_of(address: str) -> str:
    """What an address counts as: itself, or of IPv6 its network of 64 bits."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return f"{IPv6Address(int(ip) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"
