"""The audit: what people have done to the installation and its competitions, and who was refused.

Everything that officials, admins and the program itself have said is in the ledger: keys made and
revoked, logins, corrections, approvals, definitions. What devices say is in the competition's log.

Officials of one competition are told of that one alone: what people did there, and who was refused
at its addresses. Keys and logins are the installation's.
"""

from typing import Annotated, Any, get_args

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.refusals import Refusal, Refusals
from scoreboard.admin.log import BETWEEN, POSITION_MAX, USUAL, LogPage, page_response, position_of
from scoreboard.errors import BadInput, NotFound, ScoreboardError
from scoreboard.facts.instant import from_text, to_text
from scoreboard.http.body import page_size
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import COMPETITION, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.reader import Kind
from scoreboard.settings import Limits

ACTS, REFUSED = "/api/v1/audit", "/api/v1/audit/refused"
OF_COMPETITION = "/api/v1/competitions/{competition}/audit"
KINDS = get_args(Kind)


class Refused(Struct, frozen=True, kw_only=True):
    """Attempts from an address that were refused for a reason; `what`: the last of them."""

    address: str
    code: str
    reason: str
    what: str
    count: int
    first: str
    last: str


class Audit:
    """Who did what: in the whole installation, or in one competition."""

    def __init__(self, gate: Gate, ledger: Ledger, refusals: Refusals, limits: Limits) -> None:
        self._gate = gate
        self._ledger = ledger
        self._refusals = refusals
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            self._of_acts(ACTS, "What people did, the newest first", (), (BadInput,)),
            self._of_acts(
                OF_COMPETITION,
                "What people did in a competition, the newest first",
                (COMPETITION,),
                (BadInput, NotFound),
            ),
            Endpoint(
                method="GET",
                path=REFUSED,
                handler=self._refused,
                summary="Who was refused of late by the process that answers",
                tag="watching",
                role="official",
                answers=(json_answer(list[Refused], "the newest first"),),
            ),
            Endpoint(
                method="GET",
                path=OF_COMPETITION + "/refused",
                handler=self._refused,
                summary="Who was refused of late at a competition's addresses",
                tag="watching",
                role="official",
                parameters=(COMPETITION,),
                answers=(json_answer(list[Refused], "the newest first"),),
                refusals=(NotFound,),
            ),
        ]

    def _of_acts(
        self,
        path: str,
        summary: str,
        which: tuple[Parameter, ...],
        refusals: tuple[type[ScoreboardError], ...],
    ) -> Endpoint:
        most = self._limits.log_page_entries_max
        return Endpoint(
            method="GET",
            path=path,
            handler=self._acts,
            summary=summary,
            tag="watching",
            role="official",
            parameters=(
                *which,
                BETWEEN[1],
                Parameter(
                    name="limit",
                    schema=Annotated[int, Meta(ge=1, le=most)],
                    description=f"so many at most; {USUAL} if it is left out",
                ),
                Parameter(
                    name="actor", schema=str, description="only by them, such as `admin:ann`"
                ),
                Parameter(
                    name="kind",
                    schema=Kind,
                    description="access: keys and logins; correction: a further version of a "
                    "record; decision: everything else",
                ),
                Parameter(name="from", schema=str, description="from this time on (RFC 3339)"),
                Parameter(name="until", schema=str, description="to this time (RFC 3339)"),
            ),
            answers=(json_answer(LogPage, "acts"),),
            refusals=refusals,
        )

    async def _competition(self, request: Request) -> str | None:
        """The competition that is asked about; None: the whole installation."""
        slug: str | None = request.path_params.get("competition")
        if slug is not None:
            await self._gate.ensure_known(slug)
        return slug

    async def _acts(self, request: Request) -> Response:
        slug = await self._competition(request)
        query = request.query_params
        kind = query.get("kind") or None
        if kind is not None and kind not in KINDS:
            raise BadInput(
                "there is no such kind", pointer="/kind", hint=f"one of {', '.join(KINDS)}"
            )
        since, until = instant_of(query, "from"), instant_of(query, "until")
        after = 0 if since is None else await self._ledger.position_at(since - 1)
        before = position_of(query, "before", POSITION_MAX)
        if until is not None:
            before = min(before, await self._ledger.position_at(until) + 1)
        entries, further = await self._ledger.looked_through(
            after,
            before,
            limit=page_size(query.get("limit"), USUAL, self._limits.log_page_entries_max),
            looked_max=self._limits.log_looked_entries_max,
            newest_first=True,
            competition=slug,
            by_officials=True,
            kind=kind,
            actor=query.get("actor") or None,
        )
        return page_response(entries, further)

    async def _refused(self, request: Request) -> Response:
        slug = await self._competition(request)
        found = [refused_of(one) for one in self._refusals.newest(slug)]
        return uncached(found)


def instant_of(query: Any, name: str) -> int | None:
    """A time in a query; BadInput for what is none."""
    text = query.get(name)
    if not text:
        return None
    try:
        return from_text(text.replace(" ", "+"))
    except ValueError as error:
        raise BadInput(
            f"{name} is a time", pointer=f"/{name}", hint="such as 2026-11-21T14:05:00Z"
        ) from error


def refused_of(one: Refusal) -> Refused:
    """A group of refused attempts as it is shown."""
    return Refused(
        address=one.address,
        code=one.code,
        reason=one.reason,
        what=one.what,
        count=one.count,
        first=to_text(one.first_us),
        last=to_text(one.last_us),
    )
