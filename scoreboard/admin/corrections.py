"""Corrections: one more entry for a record, never an edit.

An official amends, voids or restores what a record says, each time with a reason. Whether the
version that they looked at is still the newest is checked if they name it. An admin may erase a
payload with personal data; the entry and the chain stay.
"""

import secrets
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.admin.records import Record, describe, versions_of
from scoreboard.catalogue import Catalogue
from scoreboard.errors import BadInput, Conflict, NotFound, ScoreboardError, Stale
from scoreboard.facts.competition import DEFINED, KINDS
from scoreboard.facts.entry import Entry, Refused
from scoreboard.facts.event import EMPTY_OBJECT, Event
from scoreboard.facts.names import Text200, Text500
from scoreboard.facts.roles import Principal
from scoreboard.facts.ruling import in_force
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import outcome_of, status_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.reading import LedgerReader
from scoreboard.settings import Limits

RECORD_PATH = "/api/v1/competitions/{competition}/records/{record:path}"


class Correction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an official decides about a record.

    `data`: the new payload (amend only). `version`: the newest version that the official saw; if
    another came since, 412. `id`: an identity of the sender's making, so that the same correction
    can be sent again.
    """

    action: Literal["amend", "void", "restore"]
    reason: Text500
    data: Raw | UnsetType = UNSET
    dataversion: Annotated[int, Meta(ge=1, le=1000)] = 1
    version: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None
    id: Text200 | None = None


class Corrected(Struct, frozen=True):
    """Where the correction stands in the ledger."""

    position: int
    record: str
    version: int


class Erasure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the payload of one version, or of all (`version` left out), out of the ledger."""

    reason: Text500
    version: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class Erased(Struct, frozen=True):
    """The positions whose payloads are gone."""

    erased: list[int]


def event_of(principal: Principal, versions: Sequence[Entry], correction: Correction) -> Event:
    """The event that says a correction of a record that has these versions; raises BadInput."""
    spoken = in_force(versions) or versions[-1]
    data = correction.data
    if (data is UNSET) == (correction.action == "amend"):
        raise BadInput(
            "an amendment says what is right instead"
            if data is UNSET
            else f"a {correction.action} carries no data",
            pointer="/data",
        )
    return Event(
        id=correction.id or f"correction-{secrets.token_hex(8)}",
        type=spoken.type,
        source=principal.actor,
        contest=None if spoken.type in KINDS else spoken.contest,
        record=versions[0].record,
        action=correction.action,
        reason=correction.reason,
        seenversion=correction.version,
        dataversion=correction.dataversion,
        data=EMPTY_OBJECT if data is UNSET else data,
    )


class Corrections:
    """Corrections, records and erasures."""

    def __init__(
        self, gate: Gate, ledger: Ledger, past: LedgerReader, catalogue: Catalogue, limits: Limits
    ) -> None:
        """`past`: where records are read to be shown, and not to be corrected."""
        self._past = past
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._bytes_max = limits.body_bytes_max

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        names = (
            COMPETITION,
            Parameter(name="record", where="path", schema=Text500, description="the record"),
        )
        return [
            Endpoint(
                method="GET",
                path=RECORD_PATH,
                handler=self._show,
                summary="All versions of a record: who, when, why",
                tag="corrections",
                role="official",
                parameters=names,
                answers=(json_answer(Record, "oldest version first"),),
            ),
            Endpoint(
                method="POST",
                path=RECORD_PATH + "/corrections",
                handler=self._correct,
                summary="Amend, void or restore a record",
                tag="corrections",
                role="official",
                parameters=names,
                request=(Content(JSON, Correction),),
                answers=(
                    json_answer(Corrected, "the correction is in the ledger", status=201),
                    json_answer(Corrected, "it was there already"),
                ),
                refusals=(Conflict, Stale),
            ),
            Endpoint(
                method="POST",
                path=RECORD_PATH + "/erasures",
                handler=self._erase,
                summary="Erase a record's payload; entries and chain stay",
                tag="corrections",
                role="admin",
                parameters=names,
                request=(Content(JSON, Erasure),),
                answers=(json_answer(Erased, "what was erased"),),
                refusals=(Conflict,),
            ),
        ]

    async def _show(self, request: Request) -> Response:
        competition, record = await self._named(request)
        described = describe(await versions_of(self._past, competition, record))
        return Response(msgspec.json.encode(described), media_type=JSON)

    async def _correct(self, request: Request) -> Response:
        competition, record = await self._named(request)
        correction = await read_struct(request, Correction, self._bytes_max)
        principal = principal_of(request)
        versions = await versions_of(self._ledger, competition, record)
        event = event_of(principal, versions, correction)
        [outcome] = await self._gate.submit(principal, competition, [event])
        if isinstance(outcome, ScoreboardError):
            raise outcome
        corrected = Corrected(outcome.position, outcome.record, outcome.version)
        return Response(msgspec.json.encode(corrected), status_of(outcome), media_type=JSON)

    async def _erase(self, request: Request) -> Response:
        competition, record = await self._named(request)
        erasure = await read_struct(request, Erasure, self._bytes_max)
        versions = await versions_of(self._ledger, competition, record)
        meant = [one for one in versions if erasure.version in (None, one.version)]
        if not meant:
            raise NotFound(f"{record} has no version {erasure.version}", pointer="/version")
        _keep_the_competition(versions, meant)
        actor = principal_of(request).actor
        for entry in meant:
            await self._erase_one(entry, erasure.reason, actor)
        if meant[0].type in KINDS:
            await self._catalogue.catch_up(self._ledger.head.position)
        return Response(
            msgspec.json.encode(Erased([one.position for one in meant])), media_type=JSON
        )

    async def _erase_one(self, entry: Entry, reason: str, actor: str) -> None:
        if entry.data is None:
            return
        fate = await self._ledger.erase(
            entry.competition, entry.position, reason=reason, actor=actor
        )
        if isinstance(fate, Refused):
            refusal = outcome_of(fate)
            assert isinstance(refusal, ScoreboardError)
            raise refusal

    async def _named(self, request: Request) -> tuple[str, str]:
        competition: str = request.path_params["competition"]
        record: str = request.path_params["record"]
        await self._gate.ensure_known(competition)
        if "\0" in record:
            raise NotFound("no record has a zero character in its name")
        return competition, record


def _keep_the_competition(versions: list[Entry], erased: list[Entry]) -> None:
    """Conflict if what defines the competition itself would be gone."""
    standing = in_force(versions)
    if standing is not None and standing.type == DEFINED.type and standing in erased:
        raise Conflict(
            "without this payload there would be no competition",
            hint="define it without the personal data first, then erase the older version",
        )
