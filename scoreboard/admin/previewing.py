"""Previews of what officials mean to correct: what every board would show, with a digest of it.

A preview says as of which position it was made (`basis`). Whoever signs sends basis and digest
back, so that what is done is what was shown.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from scoreboard.errors import BadInput, NotDone, ScoreboardError, Stale
from scoreboard.facts.entry import Draft, Entry
from scoreboard.facts.event import Event
from scoreboard.facts.roles import Principal
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.preview import Change, Previews
from scoreboard.projections.projection import BoardsProjection


class Preview(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would change, as of the ledger's position `basis`.

    `second_approval`: there if, signed, it waits for a second official before it takes effect.
    """

    basis: int
    digest: str
    boards: list[Change]
    second_approval: bool = False


class Previewing:
    """Makes previews of events that correct something."""

    def __init__(self, gate: Gate, ledger: Ledger, projection: BoardsProjection) -> None:
        self._gate = gate
        self._ledger = ledger
        self._projection = projection
        self._previews = Previews(projection)

    async def preview(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        basis: int,
        upto: int | None = None,
    ) -> Preview:
        """What events that correct something would change as of the last position.

        `meant`: what was asked for, as it goes into the digest, and so does `basis`, which is that
        position unless another is named (`upto`).
        """
        await self._projection.until_shown(basis if upto is None else upto)
        drafts = all_or_error(await self._gate.drafts(principal, competition, events))
        entries = await self.entries(competition, drafts)
        try:
            changes = await self._previews.changes(competition, entries)
        except ScoreboardError:
            raise
        except Exception as error:
            raise BadInput(
                f"the sport's rules cannot make sense of this: {error}",
                pointer="/corrections",
                hint="signed nevertheless, it would park its contest",
            ) from error
        return Preview(
            basis=basis,
            digest=digest_of(competition, basis, meant, changes),
            boards=changes,
            second_approval=await self._gate.must_be_approved(principal, competition, drafts),
        )

    async def entries(self, competition: str, drafts: Sequence[Draft]) -> list[Entry]:
        """The entries that drafts would become; Stale if a version is not the newest."""
        records = [draft.record or "" for draft in drafts]
        known = await self._ledger.versions(competition, set(records))
        count = Counter({record: versions[-1].version for record, versions in known.items()})
        entries = []
        for number, (draft, record) in enumerate(zip(drafts, records, strict=True)):
            if draft.expected is not None and draft.expected != count[record]:
                raise Stale(
                    f"the record {record} is at version {count[record]}, not {draft.expected}",
                    pointer=f"/corrections/{number}/version",
                    hint="look at its versions and decide again",
                )
            count[record] += 1
            entries.append(entry_of(draft, record, count[record], self._ledger.head.received))
        return entries


def entry_of(draft: Draft, record: str, version: int, received: int) -> Entry:
    """The entry that a draft would become, but for position and hashes."""
    return Entry(
        position=0,
        competition=draft.competition,
        contest=draft.contest,
        source=draft.source,
        id=draft.id,
        type=draft.type,
        schema=draft.schema,
        action=draft.action,
        record=record,
        version=version,
        actor=draft.actor,
        received=received,
        time=draft.time,
        sent=draft.sent,
        subject=draft.subject,
        place=draft.place,
        reason=draft.reason,
        flags=draft.flags,
        extensions=draft.extensions,
        data=draft.data,
        salt=None,
        digest=b"",
        hash=b"",
    )


def digest_of(competition: str, basis: int, meant: Any, changes: Sequence[Change]) -> str:
    """SHA-256 (hex) of what was meant, as of when, and what every board would show."""
    shown = [(one.board, one.status, one.merge) for one in changes]
    said = msgspec.json.encode((competition, basis, meant, shown), order="deterministic")
    return hashlib.sha256(said).hexdigest()


def all_or_error(outcomes: Iterable[Any]) -> list[Any]:
    """The outcomes if none is an error; else raises the first that says why."""
    found = list(outcomes)
    errors = [(n, one) for n, one in enumerate(found) if isinstance(one, ScoreboardError)]
    if errors:
        number, error = next(((n, e) for n, e in errors if not isinstance(e, NotDone)), errors[0])
        raise placed(error, number)
    return found


def placed(error: ScoreboardError, number: int) -> ScoreboardError:
    """An error about one correction as an error about the list."""
    return type(error)(
        error.message,
        hint=error.hint,
        pointer=f"/corrections/{number}{error.pointer or ''}",
        retry_after_s=error.retry_after_s,
    )
