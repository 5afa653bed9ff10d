"""What becomes of drafts: pure decisions about identity, records and versions.

The planner sees what the database knows about the drafts' identities and records and decides in
order, each draft after those before it in the same commit. It changes nothing but its own
dictionaries; an atomic request that fails is taken back from them.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.entry import Accepted, Draft, Fate, Refused
from scoreboard.ledger.chain import Planned

Identity = tuple[str, str, str]
RecordKey = tuple[str, str]


class Said(Struct, frozen=True, gc=False):
    """What an identity said first: its content, in which a repetition must agree.

    Content is everything that the sender stated of the event and that is kept: type, schema,
    action, record, contest, time, subject, place, reason, extension attributes and data. `sent`
    is not, for it differs with every try; nor is the version that the sender saw, which is a
    condition; nor what the server adds (actor, flags, received). Data is compared by its values,
    extension attributes by their text, for in a header 3 and "3" are one.
    """

    position: int
    version: int
    type: str
    contest: str | None
    action: str
    record: str
    time: int | None
    subject: str | None
    place: str | None
    reason: str | None
    extensions: str | None
    schema: int
    data: bytes | None


class Latest(Struct, frozen=True, gc=False):
    """A record: its last version, the actor that began it, and the contest it belongs to."""

    version: int
    actor: str
    contest: str | None


class Request(Struct, frozen=True):
    """One caller's drafts, decided together.

    `atomic`: all or nothing. `basis`: the last position of the drafts' competition that the
    caller has seen; anything newer refuses all. `erases`: the position whose payload goes.
    """

    drafts: Sequence[Draft]
    atomic: bool = False
    basis: int | None = None
    erases: int | None = None


def is_plain(draft: Draft) -> bool:
    """Whether the draft speaks of a new record, so that nothing must be looked up first."""
    return (
        draft.record is None
        and draft.action == "record"
        and draft.expected is None
        and not has_zero(draft)
    )


def has_zero(draft: Draft) -> bool:
    """Whether a text holds a zero character, which Postgres does not take."""
    return (
        "\0" in draft.id
        or "\0" in draft.source
        or "\0" in (draft.record or "")
        or "\0" in (draft.subject or "")
        or "\0" in (draft.place or "")
        or "\0" in (draft.reason or "")
        or "\0" in (draft.extensions or "")
    )


def record_of(draft: Draft) -> str:
    """The record that the draft speaks of."""
    return f"{draft.source}/{draft.id}" if draft.record is None else draft.record


def plan_plain(drafts: Sequence[Draft], position: int) -> tuple[list[Planned], list[Fate]]:
    """Plan plain drafts, trusting the database's unique keys to find repetitions."""
    planned: list[Planned] = []
    fates: list[Fate] = []
    for draft in drafts:
        position += 1
        record = f"{draft.source}/{draft.id}"
        planned.append((draft, "record", record, 1))
        fates.append(Accepted(position, record, 1))
    return planned, fates


class Planner:
    """Decides drafts one after another.

    `said` and `records` hold what was looked up; `last` the last position of each competition
    that some request gave a basis for.
    """

    def __init__(
        self,
        position: int,
        said: dict[Identity, Said],
        records: dict[RecordKey, Latest],
        last: dict[str, int],
    ) -> None:
        self.planned: list[Planned] = []
        self._start = position
        self._said = said
        self._records = records
        self._last = last
        self._undo: list[tuple[Identity, RecordKey, Latest | None]] = []

    def decide(self, request: Request) -> list[Fate]:
        """The fate of each draft of one request, in order."""
        mark = len(self.planned)
        self._undo.clear()
        fates = [self._fate(draft) for draft in request.drafts]
        if request.basis is not None and len(self.planned) > mark and self._moved(request):
            self._take_back(mark)
            return [Refused("stale", "the competition moved on since it was looked at")] * len(
                fates
            )
        refused = next((fate for fate in fates if isinstance(fate, Refused)), None)
        if request.atomic and refused is not None:
            self._take_back(mark)
            rest = Refused("not-done", f"another event of this batch was refused: {refused.code}")
            return [fate if isinstance(fate, Refused) else rest for fate in fates]
        if len(self.planned) > mark:
            for draft in request.drafts:
                self._last[draft.competition] = self._start + len(self.planned)
        return fates

    def _moved(self, request: Request) -> bool:
        last = self._last.get(request.drafts[0].competition, 0)
        return request.basis is not None and last > request.basis

    def _take_back(self, mark: int) -> None:
        del self.planned[mark:]
        for identity, key, before in reversed(self._undo):
            del self._said[identity]
            if before is None:
                del self._records[key]
            else:
                self._records[key] = before

    def _fate(self, draft: Draft) -> Fate:
        identity = (draft.competition, draft.source, draft.id)
        first = self._said.get(identity)
        if first is not None:
            return _repetition(draft, first)
        record = record_of(draft)
        known = self._records.get((draft.competition, record))
        refusal = _refusal(draft, record, known)
        if refusal is not None:
            return refusal
        if known is not None and draft.contest is None:
            draft = replace(draft, contest=known.contest)  # where the record is, it stays
        version = known.version + 1 if known else 1
        action = "amend" if known and draft.action == "record" else draft.action
        return self._accept(draft, identity, action, record, version, known)

    def _accept(
        self,
        draft: Draft,
        identity: Identity,
        action: str,
        record: str,
        version: int,
        known: Latest | None,
    ) -> Accepted:
        self.planned.append((draft, action, record, version))
        position = self._start + len(self.planned)
        key = (draft.competition, record)
        self._undo.append((identity, key, known))
        self._records[key] = (
            replace(known, version=version)
            if known
            else Latest(version, draft.actor, draft.contest)
        )
        self._said[identity] = Said(
            position,
            version,
            draft.type,
            draft.contest,
            action,
            record,
            draft.time,
            draft.subject,
            draft.place,
            draft.reason,
            draft.extensions,
            draft.schema,
            draft.data,
        )
        return Accepted(position, record, version)


def _refusal(draft: Draft, record: str, known: Latest | None) -> Refused | None:
    if has_zero(draft):
        return Refused("bad-input", "a text contains a zero character")
    if known is None:
        if draft.action != "record":
            return Refused("not-found", f"there is no record {record} to {draft.action}")
        if draft.expected not in (None, 0):
            return Refused("stale", f"there is no record {record} yet")
        return None
    if draft.record is None:
        return Refused("conflict", f"the record {record} was begun by another event")
    if draft.contest is not None and draft.contest != known.contest:
        return Refused(
            "conflict",
            f"the record {record} belongs to {known.contest or 'no contest'}",
            "void it there, and say it anew where it belongs",
        )
    if draft.own_only and known.actor != draft.actor:
        return Refused("forbidden", f"the record {record} was begun by another key")
    if draft.expected is not None and draft.expected != known.version:
        return Refused(
            "stale",
            f"the record {record} is at version {known.version}, not {draft.expected}",
            "look at its versions and decide again",
        )
    return None


def _repetition(draft: Draft, first: Said) -> Fate:
    same = (
        draft.type == first.type
        and (draft.contest == first.contest or (draft.contest is None and draft.record is not None))
        and (draft.action == first.action or (draft.action, first.action) == ("record", "amend"))
        and record_of(draft) == first.record
        and draft.time == first.time
        and draft.subject == first.subject
        and draft.place == first.place
        and draft.reason == first.reason
        and draft.schema == first.schema
        and _texts(draft.extensions) == _texts(first.extensions)
        and (first.data is None or _same_json(draft.data, first.data))  # None: erased
    )
    if same:
        return Accepted(first.position, first.record, first.version, repeated=True)
    return Refused(
        "conflict",
        f"the event {draft.id} of {draft.source} was sent before with other content",
        "correct it by a new event that names the record",
    )


def _texts(extensions: str | None) -> dict[str, str]:
    """Extension attributes as canonical text (CloudEvents 1.0.2, section 3: type system)."""
    values = msgspec.json.decode(extensions or "{}", type=dict[str, Any])
    return {
        name: one if isinstance(one, str) else msgspec.json.encode(one).decode()
        for name, one in values.items()
    }


def _same_json(data: bytes, before: bytes) -> bool:
    if data == before:
        return True
    try:
        return _same_value(msgspec.json.decode(data), msgspec.json.decode(before))
    except (msgspec.DecodeError, RecursionError):
        return False


def _same_value(value: Any, before: Any) -> bool:
    """Whether two JSON values are one: the order of members does not count, and true is not 1."""
    if isinstance(value, dict) and isinstance(before, dict):
        return value.keys() == before.keys() and all(
            _same_value(one, before[name]) for name, one in value.items()
        )
    if isinstance(value, list) and isinstance(before, list):
        return len(value) == len(before) and all(map(_same_value, value, before))
    return isinstance(value, bool) == isinstance(before, bool) and bool(value == before)
