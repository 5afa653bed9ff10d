"""The newest entries in memory, so that readers who keep up never ask the database."""

from collections.abc import Sequence
from typing import cast

from scoreboard.facts.entry import Entry
from scoreboard.ledger.chain import Row, entry_of


class Tail:
    """At most `entries_max` newest entries, contiguous; rows become entries when first read."""

    def __init__(self, entries_max: int) -> None:
        self._entries_max = entries_max
        self._slack = max(1, entries_max // 4)
        self._first = 0
        self._items: list[Row | Entry] = []

    def clear(self) -> None:
        """Forget all; readers ask the database until new entries come."""
        self._items = []

    def extend(self, rows: Sequence[Row]) -> None:
        """Add committed rows; the oldest go when there are too many."""
        if not rows:
            return
        if not self._items or rows[0][0] != self._first + len(self._items):
            self._first = rows[0][0]
            self._items = []
        self._items.extend(rows)
        surplus = len(self._items) - self._entries_max
        if surplus > self._slack:  # in steps, because moving the list costs its length
            del self._items[:surplus]
            self._first += surplus

    def read(self, after: int, limit: int, upto: int | None) -> list[Entry] | None:
        """Entries after a position, or None if the tail does not hold the next one."""
        start = after + 1 - self._first
        if start < 0 or start >= len(self._items):
            return None
        stop = min(start + limit, len(self._items))
        if upto is not None:
            stop = min(stop, upto + 1 - self._first)
        items = self._items
        for index in range(start, stop):
            item = items[index]
            if type(item) is tuple:
                items[index] = entry_of(item)
        return cast("list[Entry]", items[start : max(start, stop)])
