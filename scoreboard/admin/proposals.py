"""Corrections that a second official has to approve, where a competition asks for it.

The first signature makes a proposal, which stands in the ledger and changes nothing. Another
official sees the same preview of every board and signs its digest, or declines with a reason. What
was approved is made at once and as it was previewed: a proposal has lapsed (412) as soon as one of
its records has another version, or any board would show something else because of it than was
signed. Then it can only be declined, and proposed anew.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from scoreboard.admin.corrections import Corrected
from scoreboard.admin.previewing import Preview, Previewing, all_or_error
from scoreboard.catalogue import Catalogue
from scoreboard.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotDone,
    NotFound,
    ScoreboardError,
    Stale,
)
from scoreboard.facts.entry import Accepted, Draft, Entry
from scoreboard.facts.event import EMPTY_OBJECT, Event
from scoreboard.facts.instant import to_text
from scoreboard.facts.names import SYSTEM, Digest, Text500
from scoreboard.facts.proposing import (
    APPROVED_BY,
    PROPOSED,
    Proposed,
    State,
    author_of,
    overtaken,
    state_of,
)
from scoreboard.facts.roles import Principal
from scoreboard.facts.ruling import in_force
from scoreboard.facts.undoing import UNDOES
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import outcome_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits

SIGNED = "signeddigest"
"""The extension attribute of entries that were signed: the digest of their preview."""
TRIES = 3
"""So often an approval looks again if something unrelated comes in while it looks at all boards."""
LOOK_AGAIN = "decline it, preview what is to be corrected again and propose it anew"
_read = msgspec.json.Decoder(Proposed).decode


class Wanted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One correction of a proposal.

    `said`: what its record says now, or said last; `data`: what it would say (amend alone).
    `undoes`: the positions that it undoes.
    """

    record: str
    action: str
    type: str
    reason: str
    contest: str = ""
    undoes: str = ""
    said: Raw | None = None
    data: Raw | None = None


class Proposal(Struct, frozen=True, kw_only=True):
    """Corrections that an official has signed; they take effect when another one has.

    `overtaken`: a record has another version by now, so that it cannot be approved any more.
    """

    competition: str
    position: int
    record: str
    state: State
    actor: str
    received: str
    basis: int
    digest: str
    overtaken: bool
    corrections: list[Wanted]


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a second official says: `digest`, that of the preview, approves; a reason declines."""

    action: Literal["approve", "decline"]
    digest: Digest | None = None
    reason: Text500 | None = None


class Decided(Struct, frozen=True, kw_only=True):
    """Where the decision stands in the ledger, and what was corrected by it."""

    position: int
    state: State
    corrections: list[Corrected]


class Proposals:
    """Proposals of corrections."""

    def __init__(
        self,
        gate: Gate,
        ledger: Ledger,
        catalogue: Catalogue,
        previewing: Previewing,
        limits: Limits,
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._previewing = previewing
        self._open_max = limits.proposals_open_max

    async def waiting(self, competition: str) -> list[Proposal]:
        """The proposals that nobody has decided, oldest first."""
        await self._catalogue.catch_up()
        records = self._catalogue.proposals(competition)
        known = await self._ledger.versions(competition, records) if records else {}
        return [
            await self._described(known[record])
            for record in records
            if record in known and known[record][0].data is not None
        ]

    async def propose(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        preview: Preview,
    ) -> Proposal:
        """Let corrections that were previewed wait for a second official.

        Raises Stale if anything came into the competition since the preview.
        """
        drafts = all_or_error(await self._gate.drafts(principal, competition, events))
        entries = await self._previewing.entries(competition, drafts)
        await self._catalogue.catch_up()
        if len(self._catalogue.proposals(competition)) >= self._open_max:
            raise Conflict(
                f"{self._open_max} proposals wait in {competition} already",
                hint="approve or decline some of them first",
            )
        said = Proposed(
            basis=preview.basis,
            digest=preview.digest,
            meant=Raw(msgspec.json.encode(meant, order="deterministic")),
            events=[
                replace(event, seenversion=entry.version - 1)
                for event, entry in zip(events, entries, strict=True)
            ],
        )
        draft = Draft(
            competition=competition,
            source=SYSTEM,
            id=f"proposed-{preview.digest}-{principal.actor}",
            type=PROPOSED,
            actor=principal.actor,
            reason=events[0].reason,
            data=msgspec.json.encode(said),
        )
        [accepted] = await self._append([draft], preview.basis)
        versions = await self._ledger.versions(competition, [accepted.record])
        return await self._described(versions[accepted.record])

    async def preview(self, competition: str, position: int) -> Preview:
        """What a proposal would change, which is what was signed; Stale if it has lapsed."""
        proposal = await self._waiting(competition, position)
        upto = await self._ledger.last_position(competition)
        return await self._seen_again(proposal, upto)

    async def decide(
        self, principal: Principal, competition: str, position: int, decision: Decision
    ) -> Decided:
        """Approve or decline a proposal.

        Raises Forbidden for who proposed it, Conflict if it is decided, Stale if it has lapsed.
        """
        if decision.action == "decline":
            return await self._decline(principal, competition, position, decision)
        for _ in range(TRIES):
            try:
                return await self._approve(principal, competition, position, decision)
            except _Moved as error:
                moved = error
        raise Stale(f"nothing is approved: {moved}", hint="look again and approve it once more")

    async def _decline(
        self, principal: Principal, competition: str, position: int, decision: Decision
    ) -> Decided:
        if decision.reason is None:
            raise BadInput("who declines says why", pointer="/reason")
        proposal = await self._waiting(competition, position)
        draft = decision_of(proposal, principal, decision, "void")
        [accepted] = await self._append([draft], None)
        await self._catalogue.catch_up()
        return Decided(position=accepted.position, state="declined", corrections=[])

    async def _approve(
        self, principal: Principal, competition: str, position: int, decision: Decision
    ) -> Decided:
        proposal = await self._waiting(competition, position)
        said, author = _read(proposal.data or b""), author_of(proposal)
        if author.name == principal.name:
            raise Forbidden(
                "who proposed a correction does not approve it",
                hint="ask another official, or decline it to take it back",
            )
        if decision.digest is None:
            raise BadInput("who approves signs the preview's digest", pointer="/digest")
        if decision.digest != said.digest:
            raise Stale(
                "this is not the preview that was signed first",
                pointer="/digest",
                hint="look at the proposal's preview and sign its digest",
            )
        basis = await self._ledger.last_position(competition)
        await self._seen_again(proposal, basis)
        signed: dict[str, str | int | bool] = {
            SIGNED: said.digest,
            APPROVED_BY: principal.actor,
        }
        events = [replace(e, extensions=e.extensions | signed) for e in said.events]
        drafts = all_or_error(await self._gate.drafts(author, competition, events))
        approval = decision_of(proposal, principal, decision, "amend")
        try:
            first, *made = await self._append([approval, *drafts], basis)
        except (Stale, Conflict, NotDone) as error:  # looking again tells what it was
            raise _Moved(error.message) from error
        await self._catalogue.catch_up()
        return Decided(
            position=first.position,
            state="approved",
            corrections=[Corrected(one.position, one.record, one.version) for one in made],
        )

    async def _seen_again(self, proposal: Entry, upto: int) -> Preview:
        """The preview of a proposal as of a position; Stale if it is not what was signed."""
        said, author = _read(proposal.data or b""), author_of(proposal)
        competition = proposal.competition
        try:
            preview = await self._previewing.preview(
                author, competition, said.events, said.meant, said.basis, upto
            )
        except Stale as error:
            raise Stale(f"the proposal has lapsed: {error.message}", hint=LOOK_AGAIN) from error
        if preview.digest != said.digest:
            raise Stale(
                "the proposal has lapsed: boards would show something else now than was signed",
                hint=LOOK_AGAIN,
            )
        return preview

    async def _waiting(self, competition: str, position: int) -> Entry:
        """A proposal that waits to be decided; NotFound, or Conflict if somebody has decided."""
        entry = await self._ledger.entry(position)
        if (
            entry is None
            or (entry.competition, entry.type, entry.version) != (competition, PROPOSED, 1)
            or entry.data is None
        ):
            raise NotFound(
                f"{competition} has no proposal {position}",
                hint="GET its corrections/proposals lists those that wait",
            )
        versions = (await self._ledger.versions(competition, [entry.record]))[entry.record]
        if (state := state_of(versions)) != "waiting":
            last = versions[-1]
            raise Conflict(f"it was {state} by {last.actor} ({last.position})")
        return entry

    async def _append(self, drafts: Sequence[Draft], basis: int | None) -> list[Accepted]:
        fates = await self._ledger.append(drafts, atomic=True, basis=basis)
        outcomes = [outcome_of(fate) for fate in fates]
        errors = [one for one in outcomes if isinstance(one, ScoreboardError)]
        if errors:
            raise next((one for one in errors if isinstance(one, Stale)), errors[0])
        return [one for one in outcomes if isinstance(one, Accepted)]

    async def _described(self, versions: Sequence[Entry]) -> Proposal:
        entry = versions[0]
        said = _read(entry.data or b"")
        records = {event.record or "" for event in said.events}
        known = await self._ledger.versions(entry.competition, records)
        return Proposal(
            competition=entry.competition,
            position=entry.position,
            record=entry.record,
            state=state_of(versions),
            actor=entry.actor,
            received=to_text(entry.received),
            basis=said.basis,
            digest=said.digest,
            overtaken=overtaken(said, {r: v[-1].version for r, v in known.items()}),
            corrections=[
                wanted_of(event, known.get(event.record or "", [])) for event in said.events
            ],
        )


class _Moved(Exception):
    """Something came in between looking and signing; nothing was done."""


def decision_of(
    proposal: Entry, principal: Principal, decision: Decision, action: Literal["amend", "void"]
) -> Draft:
    """The entry that decides a proposal, unless somebody has decided it meanwhile."""
    return Draft(
        competition=proposal.competition,
        source=SYSTEM,
        id=f"{decision.action}-{proposal.position}",
        type=PROPOSED,
        actor=principal.actor,
        record=proposal.record,
        action=action,
        expected=1,
        subject=str(proposal.position),
        reason=decision.reason,
        data=bytes(EMPTY_OBJECT),
    )


def wanted_of(event: Event, versions: Sequence[Entry]) -> Wanted:
    """A correction of a proposal as it is shown, with what its record says."""
    spoken = in_force(versions) or next(
        (one for one in reversed(versions) if one.action in ("record", "amend")), None
    )
    return Wanted(
        record=event.record or "",
        action=event.action,
        type=event.type,
        reason=event.reason or "",
        contest=(versions[0].contest or "") if versions else "",
        undoes=str(event.extensions.get(UNDOES, "")),
        said=Raw(spoken.data) if spoken is not None and spoken.data is not None else None,
        data=event.data if event.action == "amend" else None,
    )
