"""What officials have ruled about observations and decisions: who, when, why, and if it counts.

A ruling is undone like any entry, by its position.
"""

from heapq import merge
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.errors import BadInput, NotFound
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_text
from scoreboard.facts.reconciling import RULINGS
from scoreboard.facts.ruling import in_force
from scoreboard.http.body import page_size, whole_number
from scoreboard.http.endpoint import COMPETITION, JSON, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.reading import LedgerReader

PATH = "/api/v1/competitions/{competition}/reconciliation/rulings"
LISTED, LISTED_MAX = 100, 500
POSITION_MAX = 2**62


class Ruled(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ruling as it was made; `in_force`: whether it was not voided, by an undoing or otherwise.

    `data`: the records that it names; left out if it was erased.
    """

    position: int
    record: str
    type: str
    contest: str
    actor: str
    received: str
    in_force: bool
    reason: str = ""
    data: Raw | None = None


class Rulings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Rulings in their order; `next`: to be sent as `after` for more, left out at the end."""

    rulings: list[Ruled]
    next: int | None = None


class RulingsMade:
    """The list of rulings."""

    def __init__(self, gate: Gate, ledger: LedgerReader) -> None:
        self._gate = gate
        self._ledger = ledger

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                role="official",
                summary="What officials have ruled: who, when and why",
                tag="reconciliation",
                parameters=(
                    COMPETITION,
                    Parameter(
                        name="limit",
                        schema=Annotated[int, Meta(ge=1, le=LISTED_MAX)],
                        description=f"so many at most ({LISTED} if left out)",
                    ),
                    Parameter(
                        name="after",
                        schema=Annotated[int, Meta(ge=0, le=POSITION_MAX)],
                        description="`next` of the page before",
                    ),
                ),
                answers=(json_answer(Rulings, "the rulings, oldest first"),),
                refusals=(BadInput, NotFound),
            )
        ]

    async def _list(self, request: Request) -> Response:
        slug, query = request.path_params["competition"], request.query_params
        await self._gate.ensure_known(slug)
        limit = page_size(query.get("limit"), LISTED, LISTED_MAX)
        after = whole_number(query.get("after", "0"), "after", POSITION_MAX)
        read = [
            await self._ledger.read(after, limit=limit, competition=slug, type_=type_)
            for type_ in RULINGS
        ]
        page = list(merge(*read, key=lambda entry: entry.position))[:limit]
        made = [entry for entry in page if entry.version == 1]
        versions = await self._ledger.versions(slug, [entry.record for entry in made])
        listed = Rulings(
            rulings=[ruled_of(entry, versions[entry.record]) for entry in made],
            next=page[-1].position if len(page) == limit else None,
        )
        return Response(msgspec.json.encode(listed), media_type=JSON)


def ruled_of(entry: Entry, versions: list[Entry]) -> Ruled:
    """A ruling as it is listed."""
    return Ruled(
        position=entry.position,
        record=entry.record,
        type=entry.type,
        contest=entry.contest or "",
        actor=entry.actor,
        received=to_text(entry.received),
        in_force=in_force(versions) is not None,
        reason=entry.reason or "",
        data=None if entry.data is None else Raw(entry.data),
    )
