"""A record with all its versions: who said what, when and why, and which one counts."""

from typing import Any

from msgspec import Raw, Struct

from scoreboard.errors import NotFound
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_text
from scoreboard.facts.ruling import in_force, overruled
from scoreboard.ledger.reading import LedgerReader


class Version(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a record.

    `in_force`: whether its payload counts now. `overruled`: a device's word after an official's.
    `skew_s`: how far the device's clock was behind the server's, where it said when it sent.
    `erased`: the payload was taken away; the rest, its hash included, stays.
    """

    version: int
    position: int
    action: str
    type: str
    actor: str
    source: str
    id: str
    received: str
    hash: str
    in_force: bool = False
    overruled: bool = False
    erased: bool = False
    contest: str | None = None
    time: str | None = None
    senttime: str | None = None
    skew_s: float | None = None
    subject: str | None = None
    place: str | None = None
    reason: str | None = None
    flags: list[str] = []
    dataversion: int = 1
    data: Raw | None = None
    extensions: Raw | None = None


class Record(Struct, frozen=True, kw_only=True):
    """One data point; `in_force` is the version that counts, null if it is voided."""

    competition: str
    record: str
    in_force: int | None
    versions: list[Version]


async def versions_of(ledger: LedgerReader, competition: str, record: str) -> list[Entry]:
    """All versions of a record, oldest first; NotFound if there is none."""
    versions = (await ledger.versions(competition, [record])).get(record)
    if not versions:
        raise NotFound(f"{competition} has no record {record}")
    return versions


def describe(versions: list[Entry]) -> Record:
    """The record that these entries are the versions of."""
    standing = in_force(versions)
    late = {entry.position for entry in overruled(versions)}
    return Record(
        competition=versions[0].competition,
        record=versions[0].record,
        in_force=standing.version if standing else None,
        versions=[_version(entry, standing is entry, entry.position in late) for entry in versions],
    )


def _version(entry: Entry, counts: bool, late: bool) -> Version:
    return Version(**said_in(entry), in_force=counts, overruled=late)


def said_in(entry: Entry) -> dict[str, Any]:
    """What an entry says by itself, by the names of `Version`."""
    return {
        "version": entry.version,
        "position": entry.position,
        "action": entry.action,
        "type": entry.type,
        "actor": entry.actor,
        "source": entry.source,
        "id": entry.id,
        "received": to_text(entry.received),
        "hash": entry.hash.hex(),
        "erased": entry.data is None,
        "contest": entry.contest,
        "time": _text(entry.time),
        "senttime": _text(entry.sent),
        "skew_s": None if entry.skew_us is None else entry.skew_us / 1e6,
        "subject": entry.subject,
        "place": entry.place,
        "reason": entry.reason,
        "flags": entry.flags.split() if entry.flags else [],
        "dataversion": entry.schema,
        "data": None if entry.data is None else Raw(entry.data),
        "extensions": None if entry.extensions is None else Raw(entry.extensions.encode()),
    }


def _text(us: int | None) -> Any:
    return None if us is None else to_text(us)
