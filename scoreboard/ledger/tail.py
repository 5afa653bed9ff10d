"""The newest entries in memory, so that readers who keep up never ask the database."""

from collections.abc import Sequence
from typing import cast

from scoreboard.facts.entry import Entry
from scoreboard.ledger.chain import FIELDS, Row, entry_of

DATA = FIELDS.index("data")
ROW_BYTES = 400  # about what an entry weighs beside its payload
KEPT_SHARE = 0.75  # of a bound that was passed: moving the list costs its length, so in steps


class Tail:
    """The newest entries, contiguous; rows become entries when first read.

    At most `entries_max` and at most `bytes_max`; the oldest go first.
    """

    def __init__(self, entries_max: int, bytes_max: int) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._first = 0
        self._items: list[Row | Entry] = []

    def __len__(self) -> int:
        return len(self._items)

    def clear(self) -> None:
        """Forget all; readers ask the database until new entries come."""
        self._items = []
        self._bytes = 0

    def extend(self, rows: Sequence[Row]) -> None:
        """Add committed rows; the oldest go when there are too many."""
        if not rows:
            return
        if not self._items or rows[0][0] != self._first + len(self._items):
            self.clear()
            self._first = rows[0][0]
        self._items.extend(rows)
        self._bytes += sum(map(_weight, rows))
        if len(self._items) > self._entries_max or self._bytes > self._bytes_max:
            self._shrink()

    def _shrink(self) -> None:
        surplus = max(0, len(self._items) - int(self._entries_max * KEPT_SHARE))
        self._bytes -= sum(map(_weight, self._items[:surplus]))
        while self._bytes > self._bytes_max * KEPT_SHARE:
            self._bytes -= _weight(self._items[surplus])
            surplus += 1
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


def _weight(item: Row | Entry) -> int:
    data = item.data if isinstance(item, Entry) else item[DATA]
    return ROW_BYTES + len(data or b"")
