"""Costly questions take turns: a few are answered at once, some wait, and the rest come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scoreboard.errors import Unavailable

COME_BACK_S = 2.0


class Turns:
    """At most `turns_max` at once and `waiting_max` in all; past it Unavailable."""

    def __init__(self, what: str, turns_max: int, waiting_max: int) -> None:
        self._what = what
        self._waiting_max = waiting_max
        self._waiting = 0
        self._free = asyncio.Semaphore(turns_max)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block lasts."""
        if self._waiting >= self._waiting_max:
            raise Unavailable(f"too many {self._what} are asked for", retry_after_s=COME_BACK_S)
        self._waiting += 1
        try:
            async with self._free:
                yield
        finally:
            self._waiting -= 1
