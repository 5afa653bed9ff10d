"""The door of proposals: listed, looked at on every board, approved or declined by an official."""

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.admin.previewing import Preview
from scoreboard.admin.proposals import Decided, Decision, Proposal, Proposals
from scoreboard.catalogue import Catalogue
from scoreboard.errors import BadInput, Conflict, Forbidden, NotFound, Stale, Unavailable
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.settings import Limits

ALL = "/api/v1/proposals"
PATH = "/api/v1/competitions/{competition}/corrections/proposals"
ONE = PATH + "/{position:int}"


class Listed(Struct, frozen=True):
    """Proposals that wait, oldest first."""

    proposals: list[Proposal]


class Approvals:
    """Proposals and what a second official says of them."""

    def __init__(
        self, gate: Gate, catalogue: Catalogue, proposals: Proposals, limits: Limits
    ) -> None:
        self._gate = gate
        self._catalogue = catalogue
        self._proposals = proposals
        self._bytes_max = limits.form_bytes_max

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        position = Parameter(
            name="position", where="path", schema=int, description="where the proposal stands"
        )
        return [
            Endpoint(
                method="GET",
                path=ALL,
                handler=self._list_all,
                role="official",
                summary="Corrections that wait for a second official's approval",
                tag="corrections",
                answers=(json_answer(Listed, "of all competitions"),),
                refusals=(Unavailable,),
            ),
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                role="official",
                summary="Corrections of a competition that wait for a second official's approval",
                tag="corrections",
                parameters=(COMPETITION,),
                answers=(json_answer(Listed, "of this competition"),),
                refusals=(NotFound, Unavailable),
            ),
            Endpoint(
                method="GET",
                path=ONE + "/preview",
                handler=self._preview,
                role="official",
                summary="What a proposal would change on every board, as who proposed it saw",
                tag="corrections",
                parameters=(COMPETITION, position),
                answers=(json_answer(Preview, "what would change, and the digest to sign"),),
                refusals=(NotFound, Conflict, Stale, Unavailable),
            ),
            Endpoint(
                method="POST",
                path=ONE,
                handler=self._decide,
                role="official",
                summary="Approve a proposal as a second official, or decline it",
                description="Who proposed it cannot approve it (403). It has lapsed (412) if a "
                "record has another version by now, or a board would show something else.",
                tag="corrections",
                parameters=(COMPETITION, position),
                request=(Content(JSON, Decision),),
                answers=(json_answer(Decided, "the decision is in the ledger", status=201),),
                refusals=(BadInput, Forbidden, NotFound, Conflict, Stale, Unavailable),
            ),
        ]

    async def _list_all(self, _request: Request) -> Response:
        await self._catalogue.catch_up()
        waiting: list[Proposal] = []
        for slug in self._catalogue.proposing():
            waiting += await self._proposals.waiting(slug)
        return _json(Listed(waiting))

    async def _list(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._gate.ensure_known(slug)
        return _json(Listed(await self._proposals.waiting(slug)))

    async def _preview(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._gate.ensure_known(slug)
        return _json(await self._proposals.preview(slug, request.path_params["position"]))

    async def _decide(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._gate.ensure_known(slug)
        decision = await read_struct(request, Decision, self._bytes_max)
        position = request.path_params["position"]
        decided = await self._proposals.decide(principal_of(request), slug, position, decision)
        return _json(decided, 201)


def _json(answer: Struct, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(answer), status, headers=headers, media_type=JSON)
