"""Lists of corrections: previewed on every board, then signed together, or not at all.

A preview says as of which position it was made (`basis`) and what each board would show, with a
digest of all that. Whoever signs sends both back: if anything came into the competition meanwhile,
or the digest is of something else, nothing is done (412) and the preview has to be looked at again.
Signing the same preview twice answers with the first signing.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.admin.corrections import Corrected, Correction, event_of
from scoreboard.admin.records import versions_of
from scoreboard.errors import (
    BadInput,
    Conflict,
    NotDone,
    NotFound,
    ScoreboardError,
    Stale,
    TooLarge,
    Unavailable,
)
from scoreboard.facts.entry import Draft, Entry
from scoreboard.facts.event import Event
from scoreboard.facts.names import Slug, Text500
from scoreboard.facts.roles import Principal
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import status_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.preview import Change, Previews
from scoreboard.projections.projection import BoardsProjection
from scoreboard.settings import Limits

PATH = "/api/v1/competitions/{competition}/corrections"
SIGNED = "signeddigest"
"""The extension attribute of entries that were signed: the digest of their preview."""


class Meant(Correction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction with the record that it speaks of."""

    record: Text500


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Corrections that belong together, in order."""

    corrections: Annotated[list[Meant], Meta(min_length=1)]


class Seal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a preview said of itself; without it, what is asked for is done unseen."""

    basis: Annotated[int, Meta(ge=0, le=2**62)] | None = None
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")] | None = None


class Signature(Seal, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Corrections to be made; with `basis` and `digest`, exactly as they were previewed."""

    corrections: Annotated[list[Meant], Meta(min_length=1)]


class Preview(Struct, frozen=True, kw_only=True):
    """What would change, as of the ledger's position `basis`."""

    basis: int
    digest: str
    boards: list[Change]


class Signed(Struct, frozen=True, kw_only=True):
    """Where the corrections stand in the ledger, in order."""

    corrections: list[Corrected]


class Signing:
    """Previews and signatures of corrections."""

    def __init__(
        self, gate: Gate, ledger: Ledger, projection: BoardsProjection, limits: Limits
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._projection = projection
        self._previews = Previews(projection)
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        names = (Parameter(name="competition", where="path", schema=Slug, description="the slug"),)
        refusals: tuple[type[ScoreboardError], ...] = (BadInput, NotFound, Conflict, Stale)
        return [
            Endpoint(
                method="POST",
                path=PATH + "/preview",
                handler=self._preview,
                summary="What corrections would change on every board, without making them",
                tag="corrections",
                role="official",
                parameters=names,
                request=(Content(JSON, Proposal),),
                answers=(json_answer(Preview, "what would change, and the digest to sign"),),
                refusals=(*refusals, Unavailable),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._sign,
                summary="Make corrections together, as previewed if basis and digest are given",
                tag="corrections",
                role="official",
                parameters=names,
                request=(Content(JSON, Signature),),
                answers=(
                    json_answer(Signed, "all of them are in the ledger", status=201),
                    json_answer(Signed, "they were there already"),
                ),
                refusals=(*refusals, NotDone, Unavailable),
            ),
        ]

    async def _preview(self, request: Request) -> Response:
        proposal = await self._read(request, Proposal)
        competition = request.path_params["competition"]
        basis = await self._ledger.last_position(competition)
        principal, meant = principal_of(request), proposal.corrections
        events = await self._events(principal, competition, meant)
        preview = await self.preview(principal, competition, events, meant, basis)
        return Response(msgspec.json.encode(preview), media_type=JSON)

    async def _sign(self, request: Request) -> Response:
        signature = await self._read(request, Signature)
        competition, principal = request.path_params["competition"], principal_of(request)
        meant = signature.corrections
        named = [replace(c, id=c.id or identity(signature, n)) for n, c in enumerate(meant)]
        events = await self._events(principal, competition, named)
        corrected, status = await self.make(principal, competition, events, meant, signature)
        return Response(msgspec.json.encode(Signed(corrections=corrected)), status, media_type=JSON)

    async def make(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        seal: Seal,
    ) -> tuple[list[Corrected], int]:
        """Append events that correct something, all or none, as previewed if there is a seal.

        Returns where they stand, and the HTTP status of the answer. Raises Stale if something came
        in between, or the digest is not that of a preview of `meant`.
        """
        if (seal.basis is None) != (seal.digest is None):
            missing = "basis" if seal.basis is None else "digest"
            raise BadInput("basis and digest belong together", pointer=f"/{missing}")
        if seal.basis is not None and seal.digest is not None:
            await self._compare(principal, competition, events, meant, seal.basis, seal.digest)
            signed = {SIGNED: seal.digest}
            events = [replace(e, extensions=e.extensions | signed) for e in events]
        outcomes = await self._gate.submit(
            principal, competition, events, atomic=True, basis=seal.basis
        )
        accepted = all_or_error(outcomes)
        corrected = [Corrected(one.position, one.record, one.version) for one in accepted]
        return corrected, max(map(status_of, outcomes))

    async def _compare(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        basis: int,
        digest: str,
    ) -> None:
        """Stale if the digest is not that of a preview of these events as of the basis."""
        if await self._ledger.last_position(competition) > basis:
            return  # the ledger refuses it, or knows it already
        preview = await self.preview(principal, competition, events, meant, basis)
        if not hmac.compare_digest(preview.digest, digest):
            raise Stale(
                "this is not what the preview showed",
                pointer="/digest",
                hint="preview again and sign what it shows",
            )

    async def preview(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        basis: int,
    ) -> Preview:
        """What events that correct something would change as of the last position, `basis`.

        `meant`: what was asked for, as it goes into the digest.
        """
        await self._projection.until_shown(basis)
        drafts = all_or_error(await self._gate.drafts(principal, competition, events))
        entries = await self._entries(competition, drafts)
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
        digest = digest_of(competition, basis, meant, changes)
        return Preview(basis=basis, digest=digest, boards=changes)

    async def _events(
        self, principal: Principal, competition: str, meant: Sequence[Meant]
    ) -> list[Event]:
        events = []
        for number, correction in enumerate(meant):
            try:
                if "\0" in correction.record:
                    raise NotFound("no record has a zero character in its name")
                versions = await versions_of(self._ledger, competition, correction.record)
                events.append(event_of(principal, versions, correction))
            except ScoreboardError as error:
                raise placed(error, number) from error
        return events

    async def _entries(self, competition: str, drafts: Sequence[Draft]) -> list[Entry]:
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

    async def _read(self, request: Request, kind: Any) -> Any:
        competition: str = request.path_params["competition"]
        await self._gate.ensure_known(competition)
        read = await read_struct(request, kind, self._limits.body_bytes_max)
        most = self._limits.corrections_signed_max
        if len(read.corrections) > most:
            raise TooLarge(
                f"{len(read.corrections)} corrections are too many at once",
                pointer="/corrections",
                hint=f"at most {most} in one list",
            )
        return read


def identity(seal: Seal, number: int) -> str:
    """What one of the events that are made together is called; a second signing repeats it."""
    if seal.digest is None:
        return f"correction-{secrets.token_hex(8)}"
    return f"signed-{seal.digest[:32]}-{number}"


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
