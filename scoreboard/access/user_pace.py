"""How fast users may write, each and by address, by the `limits` library.

Fixed windows of a minute, counted by each process or in Redis by all of them. Behind one address
may be a whole school, so its limit is the larger.
"""

from limits import RateLimitItemPerMinute
from limits.aio.strategies import FixedWindowRateLimiter

from scoreboard.access.counters import Counters
from scoreboard.access.pace import network_of, too_fast
from scoreboard.access.shared_counters import SharedCounters
from scoreboard.settings import Limits, Players

USER, ADDRESS, REFUSED = "user", "address", "refused"


class UserPace:
    """Counts events by user and by address, and refused tokens by address."""

    def __init__(self, players: Players, limits: Limits) -> None:
        here = Counters(limits.limited_names_max)
        url = players.rate_storage
        self._shared = SharedCounters(url, here) if url else None
        self._limiter = FixedWindowRateLimiter(self._shared or here)
        self._by_user = RateLimitItemPerMinute(players.user_events_per_minute)
        self._by_address = RateLimitItemPerMinute(players.address_events_per_minute)
        self._refused = RateLimitItemPerMinute(limits.login_failures_per_minute)

    async def spend(self, user: str, address: str) -> None:
        """Count an event of a user at an address; TooFast past the limit of either.

        The user's comes first: whoever is past it takes nothing from others at the address.
        """
        for item, kind, name in (
            (self._by_user, USER, user),
            (self._by_address, ADDRESS, network_of(address)),
        ):
            if not await self._limiter.hit(item, kind, name):
                raise await too_fast(self._limiter, f"events by this {kind}", item, kind, name)

    async def close(self) -> None:
        """Let go of Redis."""
        if self._shared is not None:
            await self._shared.close()

    async def distrust(self, address: str) -> None:
        """Count a refused token against an address; TooFast past the limit."""
        network = network_of(address)
        if not await self._limiter.hit(self._refused, REFUSED, network):
            what = "refused tokens from this address"
            raise await too_fast(self._limiter, what, self._refused, REFUSED, network)
