"""The hash chain: what ties every entry to all before it.

    digest = SHA-256(salt + data)
    leaf   = SHA-256(msgpack array of the fields below, in this order)
    hash   = SHA-256(previous hash + leaf), beginning with 32 zero bytes

The leaf's fields: position, competition, contest, source, id, type, schema, action, record,
version, actor, received, time, sent, subject, place, reason, flags, extensions, digest,
origin_ledger, origin_position, origin_hash. The payload and its salt (16 random bytes) enter by
their digest alone, so both can be erased while the chain still verifies, and without the salt a
digest tells nothing even of a payload that could be guessed. A bundle of one competition needs
only the leaves of the others. Msgpack prefixes every field with its type and length, so no two
entries share an encoding.
"""

import os
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from scoreboard.facts.entry import Draft, Entry, Head

SALT_BYTES = 16
NO_ORIGIN = (None, None, None)
_encode = msgspec.msgpack.Encoder().encode
Row = tuple[Any, ...]
"""The fields of an Entry in their order, as they stand in the table."""
Planned = tuple[Draft, str, str, int]
"""A draft with the action, record and version that it was given."""


def digest_of(salt: bytes, data: bytes) -> bytes:
    """The salted digest of a payload."""
    return sha256(salt + data).digest()


def leaf_of(entry: Entry) -> bytes:
    """The leaf of an entry; the payload enters by the digest that is stored."""
    fields = [getattr(entry, name) for name in LEAF_FIELDS]
    return sha256(_encode(fields)).digest()


def hash_of(previous: bytes, leaf: bytes) -> bytes:
    """The hash that ties a leaf to all before it."""
    return sha256(previous + leaf).digest()


def link(head: Head, planned: Sequence[Planned], received: int) -> tuple[list[Row], bytes]:
    """Rows for the planned entries after `head`, and the hash of the last one."""
    salts = os.urandom(SALT_BYTES * len(planned))
    rows: list[Row] = []
    previous = head.hash
    position = head.position
    start = 0
    for draft, action, record, version in planned:
        position += 1
        salt = salts[start : start + SALT_BYTES]
        start += SALT_BYTES
        data = draft.data
        digest = sha256(salt + data).digest()
        front = (
            position,
            draft.competition,
            draft.contest,
            draft.source,
            draft.id,
            draft.type,
            draft.schema,
            action,
            record,
            version,
            draft.actor,
            received,
            draft.time,
            draft.sent,
            draft.subject,
            draft.place,
            draft.reason,
            draft.flags,
            draft.extensions,
        )
        leaf = sha256(_encode((*front, digest, None, None, None))).digest()
        previous = sha256(previous + leaf).digest()
        rows.append((*front, data, salt, digest, previous, None, None, None))
    return rows, previous


def entry_of(row: Sequence[Any]) -> Entry:
    """The entry of a row of the table."""
    return Entry(*row)


def entries_of(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """The entries of many rows."""
    return [Entry(*row) for row in rows]


FIELDS = Entry.__struct_fields__
LEAF_FIELDS = tuple(name for name in FIELDS if name not in ("data", "salt", "hash"))
