"""What the ledger's own stream says of one matter, read once however often it is asked for."""

import asyncio
from collections.abc import Callable

from scoreboard.facts.entry import Entry
from scoreboard.facts.names import SYSTEM
from scoreboard.ledger.reading import LedgerReader

PAGE_ENTRIES = 1_000


class SystemEntries:
    """The entries of one type in the ledger's own stream, each told once to `take`, in order.

    `position`: up to here all of them are told. It moves on though none came, so that what was
    looked through is not looked through again; and never beyond the head that was known before
    the read, so that an entry committed meanwhile is found the next time.
    """

    def __init__(self, ledger: LedgerReader, type_: str, take: Callable[[Entry], None]) -> None:
        self.position = 0
        self._ledger = ledger
        self._type = type_
        self._take = take
        self._lock = asyncio.Lock()

    async def catch_up(self) -> None:
        """Read on to the ledger's head, asked for anew; raises Unavailable."""
        head = (await self._ledger.refresh_head()).position
        async with self._lock:
            while self.position < head:
                entries = await self._ledger.read(
                    self.position,
                    limit=PAGE_ENTRIES,
                    upto=head,
                    competition=SYSTEM,
                    type_=self._type,
                )
                for entry in entries:
                    self._take(entry)
                    self.position = entry.position
                if len(entries) < PAGE_ENTRIES:
                    self.position = head
