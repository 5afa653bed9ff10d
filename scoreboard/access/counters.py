"""Counters of the `limits` library's fixed windows in this process's memory, bounded.

The library's own memory storage looks through every name it has at each hit, and leaves a task
running; with a hundred thousand users in a minute that is most of the work. Here windows stand in
the order in which they began, so that the ones that are over are let go from the front, two at a
hit; past the bound the oldest goes although it is not over, and its name starts anew.
"""

from collections import OrderedDict
from time import time
from typing import Any

from limits.aio.storage import Storage
from msgspec import Struct


class Window(Struct, gc=False):
    """What was counted under a name, and when that ends (seconds since the epoch)."""

    count: int
    ends_s: float


class Counters(Storage):
    """Counts by name; all methods run to their end without waiting."""

    STORAGE_SCHEME = None  # no address leads here

    def __init__(self, names_max: int) -> None:
        super().__init__()
        self._names_max = names_max
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a store that fails would raise; this one has nothing that can fail."""
        return OSError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count so many more under a name, in a window of `expiry` seconds; how many it has now."""
        now_s = time()
        window = self._windows.get(key)
        if window is None or window.ends_s <= now_s:
            self._windows.pop(key, None)
            self._let_go(now_s)
            window = self._windows[key] = Window(0, now_s + expiry)
        window.count += amount
        return window.count

    async def get(self, key: str) -> int:
        """What is counted under a name now."""
        window = self._windows.get(key)
        return window.count if window and window.ends_s > time() else 0

    async def get_expiry(self, key: str) -> float:
        """When a name's window ends (seconds since the epoch); now, if it has none."""
        window = self._windows.get(key)
        return window.ends_s if window else time()

    async def clear(self, key: str) -> None:
        """Let one name start anew."""
        self._windows.pop(key, None)

    async def reset(self) -> int | None:
        """Let every name start anew; how many there were."""
        count = len(self._windows)
        self._windows.clear()
        return count

    async def check(self) -> bool:
        """Whether the store answers."""
        return True

    def _let_go(self, now_s: float) -> None:
        for _ in range(2):
            oldest: Any = next(iter(self._windows.values()), None)
            full = len(self._windows) >= self._names_max
            if oldest is None or (oldest.ends_s > now_s and not full):
                return
            self._windows.popitem(last=False)
