"""The payloads of a competition's types of events, and why records are corrected.

Officials' dialogs and the general pad are made from them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.catalogue import Catalogue
from scoreboard.errors import NotFound
from scoreboard.facts.competition import DEFINED, KINDS
from scoreboard.facts.payload import Kind
from scoreboard.facts.reconciling import RULINGS
from scoreboard.http.endpoint import COMPETITION, JSON, Endpoint, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.sports.registry import Sports

PATH = "/api/v1/competitions/{competition}/payloads"
REF = "#/structs/{name}"


class TypedPayload(Struct, frozen=True, kw_only=True):
    """The payload of a type of event: its newest version, and that one's JSON Schema (2020-12)."""

    dataversion: int
    payload: dict[str, Any]


class Payloads(Struct, frozen=True, kw_only=True):
    """What may be said in a competition, by type; `structs`: what the payloads refer to.

    `reasons`: why records are corrected, to choose from. Any other reason may be given too.
    """

    sport: str
    reasons: list[str]
    types: dict[str, TypedPayload]
    structs: dict[str, Any]


class PayloadsDoor:
    """The payloads of a competition."""

    def __init__(self, gate: Gate, catalogue: Catalogue, sports: Sports) -> None:
        self._gate = gate
        self._catalogue = catalogue
        self._sports = sports

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._show,
                summary="Payloads by type of event, and reasons for corrections",
                tag="corrections",
                role="device",
                parameters=(COMPETITION,),
                answers=(json_answer(Payloads, "the payloads and the reasons"),),
                refusals=(NotFound,),
            )
        ]

    async def _show(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._gate.ensure_known(slug)
        definition = self._catalogue.get(slug)
        assert definition is not None
        kinds = {type_: kind for type_, kind in KINDS.items() if kind is not DEFINED} | RULINGS
        reasons = definition.correction_rules.reasons
        if definition.sport in self._sports.classes:
            kinds |= self._sports.kinds(definition.sport)
            reasons = reasons or list(self._sports.classes[definition.sport].reasons)
        payloads = payloads_of(definition.sport, reasons, kinds)
        return Response(msgspec.json.encode(payloads), media_type=JSON)


def payloads_of(sport: str, reasons: list[str], kinds: Mapping[str, Kind]) -> Payloads:
    """The payloads of these types of events."""
    schemas, structs = msgspec.json.schema_components(
        [kind.newest for kind in kinds.values()], ref_template=REF
    )
    types = {
        kind.type: TypedPayload(dataversion=len(kind.versions), payload=payload)
        for kind, payload in zip(kinds.values(), schemas, strict=True)
    }
    return Payloads(sport=sport, reasons=reasons, types=types, structs=structs)
