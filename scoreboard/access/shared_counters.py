"""Windows that several processes count in together, in Redis; while it fails, each counts alone.

Limits protect the game: they must neither vanish with Redis nor stop the game with it. After a
failure a process counts in its own memory for a while, so that a limit is at most as many times too
high as there are processes, and then tries Redis again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, TypeVar

from limits.aio.storage import Storage
from limits.aio.storage.redis import RedisStorage
from limits.errors import ConfigurationError, StorageError

from scoreboard import telemetry
from scoreboard.access.counters import Counters
from scoreboard.errors import CannotStart
from scoreboard.telemetry import log

T = TypeVar("T")
PREFIX = "scoreboard"
SCHEMES = ("redis://", "rediss://", "redis+unix://")
ANSWER_S = 0.25  # past it a count is made here
AGAIN_S = 5.0  # how long after a failure this process counts alone
CONNECTIONS_MAX = 16  # past it counts wait, within ANSWER_S


class SharedCounters(Storage):
    """Counts by name in Redis, or in `here` while Redis does not answer."""

    STORAGE_SCHEME = None  # no address leads here

    def __init__(self, url: str, here: Counters, *, clock: Callable[[], float] = monotonic) -> None:
        """CannotStart for an address that is none of Redis, or where its client is missing."""
        super().__init__()
        self._redis = _redis_at(url)
        self._here = here
        self._clock = clock
        self._alone_until_s = 0.0
        self._turns = asyncio.Semaphore(CONNECTIONS_MAX)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a store that fails would raise; here a failure is made up for."""
        return OSError

    @property
    def alone(self) -> bool:
        """Whether this process counts by itself now."""
        return self._clock() < self._alone_until_s

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count so many more under a name, in a window of `expiry` seconds; how many it has now."""
        return await self._asked(lambda store: store.incr(key, int(expiry), amount))

    async def get(self, key: str) -> int:
        """What is counted under a name now."""
        return await self._asked(lambda store: store.get(key))

    async def get_expiry(self, key: str) -> float:
        """When a name's window ends (seconds since the epoch)."""
        return await self._asked(lambda store: store.get_expiry(key))

    async def clear(self, key: str) -> None:
        """Let one name start anew."""
        await self._asked(lambda store: store.clear(key))

    async def reset(self) -> int | None:
        """Nothing: the names of other processes are not ours to forget."""
        return None

    async def check(self) -> bool:
        """Whether Redis answers."""
        return await self._redis.check()

    async def close(self) -> None:
        """Let go of the connections."""
        bridge: Any = self._redis.bridge
        await bridge.storage.aclose()

    async def _asked(self, ask: Callable[[Storage], Awaitable[T]]) -> T:
        """What Redis answers in time; else what this process has counted itself."""
        if not self.alone:
            try:
                async with asyncio.timeout(ANSWER_S), self._turns:
                    return await ask(self._redis)
            except (StorageError, OSError, TimeoutError) as error:
                telemetry.RATE_STORE_FAILURES.inc()
                if not self.alone:  # the first of those who waited
                    log.warning("limits are counted by this process alone", error=str(error))
                self._alone_until_s = self._clock() + AGAIN_S
        return await ask(self._here)


def _redis_at(url: str) -> RedisStorage:
    if not url.startswith(SCHEMES):
        raise CannotStart(
            "players.rate_storage is no address of Redis", hint="such as redis://127.0.0.1:6379"
        )
    try:
        return RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=PREFIX,
            max_connections=CONNECTIONS_MAX,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
        )
    except ConfigurationError as error:
        raise CannotStart(
            "players.rate_storage needs Redis's client", hint="pip install 'scoreboard[redis]'"
        ) from error
    except ValueError as error:
        raise CannotStart("players.rate_storage cannot be read as an address") from error
