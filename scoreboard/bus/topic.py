"""The newest number of something, and waiting for it to rise.

Conflated by design: a reader that was slow sees the newest number, not each one in between.
"""

import asyncio


class Topic:
    """A number that only rises, and any number of waiters for the next one."""

    def __init__(self, value: int = 0) -> None:
        self.value = value
        self._risen: asyncio.Future[None] | None = None

    def publish(self, value: int) -> None:
        """Say that there is more, up to `value`; smaller values change nothing."""
        if value <= self.value:
            return
        self.value = value
        self.wake()

    def wake(self) -> None:
        """Let all waiters look again, though the number is as it was."""
        risen, self._risen = self._risen, None
        if risen is not None and not risen.done():
            risen.set_result(None)

    async def beyond(self, value: int, timeout_s: float | None = None) -> int:
        """The number, as soon as it is above `value`, something woke us, or time is up."""
        if self.value <= value:
            if self._risen is None:
                self._risen = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._risen], timeout=timeout_s)
        return self.value

    async def reach(self, value: int, timeout_s: float) -> bool:
        """Wait until the number is at least `value`; False if time was up before."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while self.value < value:
            left = deadline - loop.time()
            if left <= 0:
                return False
            await self.beyond(self.value, left)
        return True
