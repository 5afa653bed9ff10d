"""A walk along the chain, entry by entry; pure, whether entries come from a database or a file."""

from collections.abc import Sequence

import msgspec

from scoreboard.facts.entry import GENESIS, Entry
from scoreboard.ledger.chain import digest_of, hash_of, leaf_of
from scoreboard.ledger.kinds import ERASED


class BadError(Exception):
    """The first position that does not verify, and why."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


class Walk:
    """How far a walk has come; every step raises BadError where it does not verify."""

    def __init__(self) -> None:
        self.position = 0
        self.hash = GENESIS
        self.received = 0
        self.records = 0
        self.erased: set[int] = set()
        self.erasures: set[int] = set()

    def page(self, entries: Sequence[Entry]) -> None:
        """Go on over entries in full."""
        for entry in entries:
            self.entry(entry)

    def entry(self, entry: Entry) -> None:
        """Go on over one entry."""
        position = self.position + 1
        if entry.position != position:
            raise BadError(position, "the entry is missing")
        if entry.data is None or entry.salt is None:
            self.erased.add(position)
        elif digest_of(entry.salt, entry.data) != entry.digest:
            raise BadError(position, "the payload is not the one that was written")
        if hash_of(self.hash, leaf_of(entry)) != entry.hash:
            raise BadError(position, "the entry or its hash is not the one that was written")
        if entry.received < self.received:
            raise BadError(position, "it was received before the entry ahead of it")
        if entry.type == ERASED and entry.data is not None:
            self.erasures.add(int(msgspec.json.decode(entry.data)["position"]))
        self.position, self.hash, self.received = position, entry.hash, entry.received
        self.records += entry.version == 1

    def leaf(self, position: int, leaf: bytes) -> None:
        """Go on over an entry of which only the leaf is known."""
        if position != self.position + 1:
            raise BadError(self.position + 1, "the entry is missing")
        self.position, self.hash = position, hash_of(self.hash, leaf)

    def end(self, expected: bytes) -> None:
        """Check what only the whole can tell; `expected` is the hash of the head."""
        unexplained = min(self.erased - self.erasures, default=None)
        if unexplained is not None:
            raise BadError(unexplained, "the payload is gone and no entry says why")
        if self.hash != expected:
            raise BadError(self.position, "the head has another hash than the last entry")
