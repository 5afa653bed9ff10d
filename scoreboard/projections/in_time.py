"""Things in order of time, found by their record."""

from collections.abc import Iterator
from heapq import merge
from typing import Any

from sortedcontainers import SortedList

TIMELESS = -(2**62)
"""In place of a time that is not known."""


class InTime:
    """Things by record, in order of time; those without a time come first."""

    def __init__(self) -> None:
        self._things: dict[str, tuple[int, Any]] = {}
        self._order: SortedList = SortedList()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, record: str) -> Any:
        """The thing of a record; None if there is none."""
        return self._things.get(record, (0, None))[1]

    def put(self, record: str, at: int | None, thing: Any) -> None:
        """Take a thing that is not there yet."""
        when = TIMELESS if at is None else at
        self._things[record] = (when, thing)
        self._order.add((when, record))

    def drop(self, record: str) -> None:
        """Let a thing go, if it is there."""
        if record in self._things:
            self._order.remove((self._things.pop(record)[0], record))

    def first(self, count: int) -> list[str]:
        """The records of the first so many."""
        return [record for _, record in self._order[:count]]

    def last(self, count: int) -> list[str]:
        """The records of the last so many, the last of them last."""
        return [record for _, record in self._order[-count:]]

    def near(self, at: int, within_ms: int) -> Iterator[tuple[int, str]]:
        """Distances and records of what is near a time, nearest first."""
        before = self._order.irange((at - within_ms,), (at,), reverse=True)
        after = self._order.irange((at,), (at + within_ms + 1,))
        for when, record in merge(before, after, key=lambda one: abs(one[0] - at)):
            yield abs(when - at), record
