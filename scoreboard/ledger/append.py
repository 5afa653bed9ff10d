"""The append, written once for both databases: scripts of one transaction.

    advance   plain drafts on the head that this process knows: one guarded step, nothing looked up
    append    everything else: the head is locked first, then what the drafts speak of is looked up

The head row changes in the transaction of its entries, so positions follow the order of commits
without gaps. A writer that was replaced is stopped here by its `Fence`: one that writes alone by
the head's epoch, which must be the one that it was given; one of many by its lease. `advance` does
nothing if the head is not the known one, and a unique key stops it if one of its drafts was there
before; `append` then finds out what is what, with `look`. Drafts that name a record, and requests
with a basis, are always looked up, all of a commit at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.database.leases import held
from scoreboard.database.script import (
    Advance,
    Fetch,
    Filing,
    Insert,
    InsertAll,
    Lookup,
    Script,
    Statement,
    both,
)
from scoreboard.errors import Fenced
from scoreboard.facts.entry import GENESIS, Accepted, Draft, Fate, Head
from scoreboard.ledger import chain
from scoreboard.ledger.plan import (
    Identity,
    Latest,
    Planner,
    RecordKey,
    Request,
    Said,
    has_zero,
    is_plain,
    plan_plain,
    record_of,
)
from scoreboard.ledger.schema import BYTES, FILED_ENTRIES, NUMBERS

_NAMES = ", ".join(f'"{name}"' for name in chain.FIELDS)
_SAID = ", ".join(f'e."{name}"' for name in Said.__struct_fields__)


def _array_type(name: str) -> str:
    if name in NUMBERS or name == "origin_position":
        return "bigint[]"
    return "bytea[]" if name in BYTES else "text[]"


def _insert_arrays(first: int, from_: str = "") -> str:
    arrays = ", ".join(f"${n}::{_array_type(name)}" for n, name in enumerate(chain.FIELDS, first))
    return f"INSERT INTO entries ({_NAMES}) SELECT u.* FROM unnest({arrays}) u{from_}"  # noqa: S608


READ_HEAD = both("SELECT ledger, position, hash, epoch, received FROM head WHERE id = 1")
LOCK_HEAD = both(READ_HEAD.sqlite, postgres_suffix=" FOR UPDATE")
SAVE_HEAD = both("UPDATE head SET position = ?, hash = ?, received = ? WHERE id = 1")
FIRST_HEAD = both(
    "INSERT INTO head (id, ledger, position, hash, epoch, received) VALUES (1, ?, 0, ?, 0, 0) "
    "ON CONFLICT (id) DO NOTHING"
)
NEXT_EPOCH = both("UPDATE head SET epoch = epoch + 1 WHERE id = 1")
FILING = Filing(
    FILED_ENTRIES,
    "INSERT OR IGNORE INTO filed SELECT competition, contest, position FROM entries "
    "WHERE position > ? AND position <= ? AND contest IS NOT NULL",
)
INSERT = Insert("entries", chain.FIELDS, _insert_arrays(1), FILING)
MOVE_HEAD = both(
    "UPDATE head SET position = ?, hash = ?, received = ? "
    "WHERE id = 1 AND position = ? AND epoch = ?"
)
MOVE_HEAD_OF_MANY = (
    "UPDATE head SET position = $1, hash = $2, received = $3 "  # noqa: S608 - ours
    f"WHERE id = 1 AND position = $4 AND {held('$5', '$6')}"
)
LEASE_HELD = Statement("SELECT 0 WHERE ? <> ?", f"SELECT 1 WHERE {held('$1', '$2')}")


def _advance(move_head: str, first: int) -> Insert:
    return Insert(
        INSERT.table,
        INSERT.names,
        f"WITH moved AS ({move_head} RETURNING 1), "  # noqa: S608
        f"done AS ({_insert_arrays(first, ', moved')}) SELECT 1 FROM moved",
        INSERT.filing,
    )


ADVANCE, ADVANCE_OF_MANY = _advance(MOVE_HEAD.postgres, 6), _advance(MOVE_HEAD_OF_MANY, 7)
_ON_IDENTITY = "e.competition = k.c AND e.source = k.s AND e.id = k.i"
_SQLITE_KEYS = (
    "FROM (SELECT value ->> 0 AS c, value ->> 1 AS {}, value ->> 2 AS i FROM json_each(?)) k"
)
FIND_IDENTITIES = Statement(
    f"SELECT e.competition, e.source, e.id, {_SAID} "
    f"{_SQLITE_KEYS.format('s')} CROSS JOIN entries e ON {_ON_IDENTITY}",
    f"SELECT e.competition, e.source, e.id, {_SAID} "  # noqa: S608
    f"FROM unnest($1::text[], $2::text[], $3::text[]) k (c, s, i) JOIN entries e ON {_ON_IDENTITY}",
)
_LATEST = (
    "SELECT e.competition, e.record, (SELECT max(v.version) FROM entries v "
    "WHERE v.competition = e.competition AND v.record = e.record), e.actor, e.contest "
)
_ON_RECORD = "e.competition = k.c AND e.record = k.r AND e.version = 1"
FIND_RECORDS = Statement(
    f"{_LATEST}{_SQLITE_KEYS.format('r')} CROSS JOIN entries e ON {_ON_RECORD}",
    f"{_LATEST}FROM unnest($1::text[], $2::text[]) k (c, r) JOIN entries e ON {_ON_RECORD}",
)
LAST_POSITION = both(
    "SELECT position FROM entries WHERE competition = ? ORDER BY position DESC LIMIT 1"
)
ERASE = both("UPDATE entries SET data = NULL, salt = NULL WHERE competition = ? AND position = ?")


class Fence(Struct, frozen=True):
    """What stops a writer that was replaced: the epoch, or a lease's name and token."""

    epoch: int
    lease: tuple[str, int] | None = None


class Committed(Struct, frozen=True):
    """What a commit did: the fates of each request, the new rows and the head after them."""

    fates: list[list[Fate]]
    rows: list[chain.Row]
    head: Head


def read_head() -> Script[Head]:
    """The head as it is."""
    rows = yield Fetch(READ_HEAD)
    return Head(*rows[0])


def begin(ledger: str) -> Script[Head]:
    """Begin the ledger if it is new."""
    from_nothing = (ledger, GENESIS)
    yield Fetch(FIRST_HEAD, from_nothing)
    return (yield from read_head())


def take_over(ledger: str) -> Script[Head]:
    """Begin the ledger if it is new, and raise the epoch, which fences whoever had it before."""
    yield from begin(ledger)
    yield Fetch(NEXT_EPOCH)
    return (yield from read_head())


def advance(
    requests: Sequence[Request], *, head: Head, fence: Fence, clock: Callable[[], int]
) -> Script[Committed | None]:
    """Append plain drafts after a known head; None, and nothing done, if it has moved."""
    planned, fates = plan_plain(_drafts(requests), head.position)
    received = max(clock(), head.received)
    rows, last_hash = chain.link(head, planned, received)
    position = head.position + len(planned)
    moved_from = (position, last_hash, received, head.position)
    if fence.lease is None:
        done = yield Advance(MOVE_HEAD.sqlite, (*moved_from, fence.epoch), ADVANCE, rows)
    else:
        done = yield Advance("", (*moved_from, *fence.lease), ADVANCE_OF_MANY, rows)
    if not done:
        return None
    moved = Head(head.ledger, position, last_hash, head.epoch, received)
    return Committed(_split(requests, fates), rows, moved)


def is_plain_all(requests: Sequence[Request]) -> bool:
    """Whether nothing must be looked up for any of the requests."""
    return all(
        request.basis is None and request.erases is None and all(map(is_plain, request.drafts))
        for request in requests
    )


def append(
    requests: Sequence[Request], *, fence: Fence, clock: Callable[[], int], look: bool
) -> Script[Committed]:
    """Append what the requests ask for; raises Fenced if this writer was replaced."""
    rows = yield Fetch(LOCK_HEAD)
    head = Head(*rows[0])
    yield from _ensure_ours(head, fence)
    planner = yield from _planner(requests, head, look)
    fates = [planner.decide(request) for request in requests]
    planned = planner.planned
    if not planned:
        return Committed(fates, [], head)
    received = max(clock(), head.received)
    new_rows, last_hash = chain.link(head, planned, received)
    yield InsertAll(INSERT, new_rows)
    for request, (fate, *_) in zip(requests, fates, strict=True):
        if request.erases is not None and isinstance(fate, Accepted):
            yield Fetch(ERASE, (request.drafts[0].competition, request.erases))
    position = head.position + len(planned)
    yield Fetch(SAVE_HEAD, (position, last_hash, received))
    moved = Head(head.ledger, position, last_hash, head.epoch, received)
    return Committed(fates, new_rows, moved)


def _ensure_ours(head: Head, fence: Fence) -> Script[None]:
    if fence.lease is None:
        if head.epoch != fence.epoch:
            raise Fenced("another server took over this ledger", hint="stop this one")
    elif not (yield Fetch(LEASE_HELD, fence.lease)):
        raise Fenced("this process was away for too long: it counts as gone", hint="start it anew")


def _drafts(requests: Sequence[Request]) -> Sequence[Draft]:
    if len(requests) == 1:
        return requests[0].drafts
    return [draft for request in requests for draft in request.drafts]


def _split(requests: Sequence[Request], fates: list[Fate]) -> list[list[Fate]]:
    if len(requests) == 1:
        return [fates]
    start = 0
    parts = []
    for request in requests:
        parts.append(fates[start : start + len(request.drafts)])
        start += len(request.drafts)
    return parts


def _planner(requests: Sequence[Request], head: Head, look: bool) -> Script[Planner]:
    identities: set[Identity] = set()
    records: set[RecordKey] = set()
    competitions: set[str] = set()
    for request in requests:
        if request.basis is not None:
            competitions.add(request.drafts[0].competition)
        for draft in request.drafts:
            explicit = look or request.basis is not None or not is_plain(draft)
            if explicit and not has_zero(draft):
                identities.add((draft.competition, draft.source, draft.id))
                records.add((draft.competition, record_of(draft)))
    said: dict[Identity, Said] = {}
    latest: dict[RecordKey, Latest] = {}
    last: dict[str, int] = {}
    if identities:
        found: Sequence[Any] = yield Lookup(FIND_IDENTITIES, sorted(identities))
        said = {(row[0], row[1], row[2]): Said(*row[3:]) for row in found}
        found = yield Lookup(FIND_RECORDS, sorted(records))
        latest = {(row[0], row[1]): Latest(row[2], row[3], row[4]) for row in found}
    for competition in competitions:
        found = yield Fetch(LAST_POSITION, (competition,))
        last[competition] = found[0][0] if found else 0
    return Planner(head.position, said, latest, last)
