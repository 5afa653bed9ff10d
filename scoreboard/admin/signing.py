"""Lists of corrections: previewed on every board, then signed together, or not at all.

A preview says as of which position it was made (`basis`) and what each board would show, with a
digest of all that. Whoever signs sends both back: if anything came into the competition meanwhile,
or the digest is of something else, nothing is done (412) and the preview has to be looked at again.
Signing the same preview twice answers with the first signing. Where the competition asks for a
second official's approval, what is signed waits for it (202, see `proposals.py`).
"""

import hmac
import secrets
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.admin.corrections import Corrected, Correction, event_of
from scoreboard.admin.previewing import Preview, Previewing, all_or_error, placed
from scoreboard.admin.proposals import SIGNED, Proposal, Proposals
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
from scoreboard.facts.event import Event
from scoreboard.facts.names import Digest, Text500
from scoreboard.facts.roles import Principal
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import status_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits

PATH = "/api/v1/competitions/{competition}/corrections"


class Meant(Correction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction with the record that it speaks of."""

    record: Text500


class Together(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Corrections that belong together, in order."""

    corrections: Annotated[list[Meant], Meta(min_length=1)]


class Seal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a preview said of itself; without it, what is asked for is done unseen."""

    basis: Annotated[int, Meta(ge=0, le=2**62)] | None = None
    digest: Digest | None = None


class Signature(Seal, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Corrections to be made; with `basis` and `digest`, exactly as they were previewed."""

    corrections: Annotated[list[Meant], Meta(min_length=1)]


class Signed(Struct, frozen=True, kw_only=True):
    """Where the corrections stand in the ledger, in order."""

    corrections: list[Corrected]


class Signing:
    """Previews and signatures of corrections."""

    def __init__(
        self,
        gate: Gate,
        ledger: Ledger,
        previewing: Previewing,
        proposals: Proposals,
        limits: Limits,
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._previewing = previewing
        self._proposals = proposals
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        refusals: tuple[type[ScoreboardError], ...] = (BadInput, NotFound, Conflict, Stale)
        return [
            Endpoint(
                method="POST",
                path=PATH + "/preview",
                handler=self._preview,
                summary="What corrections would change on every board, without making them",
                tag="corrections",
                role="official",
                parameters=(COMPETITION,),
                request=(Content(JSON, Together),),
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
                parameters=(COMPETITION,),
                request=(Content(JSON, Signature),),
                answers=(
                    json_answer(Signed, "all of them are in the ledger", status=201),
                    json_answer(Signed, "they were there already"),
                    json_answer(Proposal, "they wait for a second official", status=202),
                ),
                refusals=(*refusals, NotDone, Unavailable),
            ),
        ]

    async def _preview(self, request: Request) -> Response:
        together = await self._read(request, Together)
        competition = request.path_params["competition"]
        basis = await self._ledger.last_position(competition)
        principal, meant = principal_of(request), together.corrections
        events = await self._events(principal, competition, meant)
        preview = await self._previewing.preview(principal, competition, events, meant, basis)
        return Response(msgspec.json.encode(preview), media_type=JSON)

    async def _sign(self, request: Request) -> Response:
        signature = await self._read(request, Signature)
        competition, principal = request.path_params["competition"], principal_of(request)
        meant = signature.corrections
        named = [replace(c, id=c.id or identity(signature, n)) for n, c in enumerate(meant)]
        events = await self._events(principal, competition, named)
        made, status = await self.make(principal, competition, events, meant, signature)
        answer = made if isinstance(made, Proposal) else Signed(corrections=made)
        return Response(msgspec.json.encode(answer), status, media_type=JSON)

    async def make(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        seal: Seal,
    ) -> tuple[list[Corrected] | Proposal, int]:
        """Append events that correct something, all or none, as previewed if there is a seal.

        Returns where they stand, or the proposal by which they wait, and the HTTP status of the
        answer. Raises Stale if something came in between, or the digest is not that of a preview
        of `meant`.
        """
        if (seal.basis is None) != (seal.digest is None):
            missing = "basis" if seal.basis is None else "digest"
            raise BadInput("basis and digest belong together", pointer=f"/{missing}")
        drafts = await self._gate.drafts(principal, competition, events)
        if await self._gate.must_be_approved(principal, competition, drafts):
            return await self._propose(principal, competition, events, meant, seal), 202
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

    async def _propose(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[Event],
        meant: Any,
        seal: Seal,
    ) -> Proposal:
        basis = seal.basis
        if basis is None:
            basis = await self._ledger.last_position(competition)
        preview = await self._previewing.preview(principal, competition, events, meant, basis)
        if seal.digest is not None:
            _ensure_shown(preview, seal.digest)
        return await self._proposals.propose(principal, competition, events, meant, preview)

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
        preview = await self._previewing.preview(principal, competition, events, meant, basis)
        _ensure_shown(preview, digest)

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


def _ensure_shown(preview: Preview, digest: str) -> None:
    """Stale unless a digest is that of a preview."""
    if not hmac.compare_digest(preview.digest, digest):
        raise Stale(
            "this is not what the preview showed",
            pointer="/digest",
            hint="preview again and sign what it shows",
        )
