"""An event once it is in the ledger: never changed afterwards.

An entry's payload alone can be erased (`data` and `salt` become None, with an entry that says why);
everything else, its hash included, stays.
"""

import msgspec
from msgspec import Struct

from scoreboard.facts.event import Action

# Flags that ingest sets; each means "kept, and an official should look".
UNKNOWN_CONTEST = "unknown-contest"
UNKNOWN_ENTRANT = "unknown-entrant"


class Draft(Struct, frozen=True, gc=False):
    """A checked event, ready to become an entry.

    `record` None: the event names no record, so it speaks of the new one `source/id`.
    `expected`: the version that the caller saw; None if it does not care.
    `own_only`: the author may only version records that it began itself, whatever source it names.
    Times are microseconds since the epoch; `data` is the payload's JSON as it was sent.
    """

    competition: str
    source: str
    id: str
    type: str
    actor: str
    data: bytes
    contest: str | None = None
    record: str | None = None
    action: Action = "record"
    expected: int | None = None
    own_only: bool = False
    schema: int = 1
    time: int | None = None
    sent: int | None = None
    subject: str | None = None
    place: str | None = None
    reason: str | None = None
    flags: str | None = None
    extensions: str | None = None

    @property
    def bytes(self) -> int:
        """About what the entry will weigh, for the bounds of queues and batches."""
        return 400 + len(self.data)


class Entry(Struct, frozen=True, gc=False):
    """A line of the ledger; its fields stand in the order of the table's columns.

    `position`: 1, 2, 3, without gaps, in commit order. `record` and `version`: which data point
    and which version of it. `action`: record (version 1), amend, void or restore. `actor`: the key
    that sent it, such as `device:pad-7`. `official`: whether the actor's word outranks devices.
    `received`: the server's clock in microseconds, never decreasing. `hash` is
    SHA-256(previous hash, leaf). `flags` and `reason` are plain text, flags separated by spaces.
    """

    position: int
    competition: str
    contest: str | None
    source: str
    id: str
    type: str
    schema: int
    action: Action
    record: str
    version: int
    actor: str
    received: int
    time: int | None
    sent: int | None
    subject: str | None
    place: str | None
    reason: str | None
    flags: str | None
    extensions: str | None
    data: bytes | None
    salt: bytes | None
    digest: bytes
    hash: bytes
    origin_ledger: str | None = None
    origin_position: int | None = None
    origin_hash: bytes | None = None

    @property
    def official(self) -> bool:
        """Whether an official (or admin) said it: its word outranks a device's."""
        return self.actor.startswith(("official:", "admin:"))

    @property
    def by_user(self) -> bool:
        """Whether a user said it for itself, by the players' listener: at once and in order."""
        return self.actor.startswith("player:")

    @property
    def skew_us(self) -> int | None:
        """How far the device's clock is behind the server's, from `sent`; None if unknown."""
        return None if self.sent is None else self.received - self.sent

    @property
    def happened(self) -> int | None:
        """The device's time corrected by its measured skew; None if it gave no time."""
        if self.time is None:
            return None
        return self.time if self.sent is None else self.time + self.received - self.sent


class Accepted(Struct, frozen=True, gc=False):
    """The fate of a draft that is in the ledger; `repeated` if it was there already."""

    position: int
    record: str
    version: int
    repeated: bool = False


class Refused(Struct, frozen=True, gc=False):
    """The fate of a draft that is not: a code of `scoreboard.errors` and why."""

    code: str
    message: str
    hint: str | None = None


Fate = Accepted | Refused


class Head(Struct, frozen=True, gc=False):
    """How far the ledger has come: the last position, its hash, and who may write (`epoch`)."""

    ledger: str
    position: int
    hash: bytes
    epoch: int
    received: int


GENESIS = bytes(32)
"""The hash before the first entry."""

encode_entry = msgspec.msgpack.Encoder().encode
decode_entry = msgspec.msgpack.Decoder(Entry).decode
