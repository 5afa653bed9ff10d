"""The reveal after a freeze, one step at a time, in the order that the sport chooses.

Freezing and thawing are events of the competition (`competition.frozen`, `competition.thawed`).
Between them each step here adds an entry that names the records which the public sees from now on.
"""

import secrets

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.errors import Conflict, NotFound, ScoreboardError, Unavailable
from scoreboard.facts.competition import EVERYTHING, REVEALED, REVEALED_MAX
from scoreboard.facts.event import Event
from scoreboard.facts.names import Id
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.projection import BoardsProjection
from scoreboard.settings import Limits

PATH = "/api/v1/competitions/{competition}/reveal"


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next step, of one contest if it names one, else of the first that hides something."""

    contest: Id | UnsetType = UNSET


class Shown(Struct, frozen=True, kw_only=True):
    """The records that the public sees from now on; none: nothing is hidden any more."""

    position: int | None
    records: list[str]


class Reveal:
    """Steps of reveals."""

    def __init__(
        self, gate: Gate, ledger: Ledger, projection: BoardsProjection, limits: Limits
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._projection = projection
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._step,
                summary="Show the public the next step of what a freeze hides",
                tag="freeze",
                role="official",
                parameters=(COMPETITION,),
                request=(Content(JSON, Step),),
                answers=(
                    json_answer(Shown, "what is shown now", status=201),
                    json_answer(Shown, "nothing is hidden any more: thaw it"),
                ),
                refusals=(NotFound, Conflict, Unavailable),
            )
        ]

    async def _step(self, request: Request) -> Response:
        competition = request.path_params["competition"]
        await self._gate.ensure_known(competition)
        step = await read_struct(request, Step, self._limits.body_bytes_max)
        contest = None if step.contest is UNSET else step.contest
        records = await self._next(competition, contest)
        if not records:
            return Response(msgspec.json.encode(Shown(position=None, records=[])), media_type=JSON)
        principal = principal_of(request)
        event = Event(
            id=f"reveal-{secrets.token_hex(8)}",
            source=principal.actor,
            type=REVEALED.type,
            data=Raw(msgspec.json.encode({"records": records})),
        )
        [outcome] = await self._gate.submit(principal, competition, [event])
        if isinstance(outcome, ScoreboardError):
            raise outcome
        shown = Shown(position=outcome.position, records=records)
        return Response(msgspec.json.encode(shown), 201, media_type=JSON)

    async def _next(self, competition: str, contest: str | None) -> list[str]:
        projection = self._projection
        await projection.until_shown(self._ledger.head.position)
        async with projection.folding:
            projection.render_pending(everything=True)
            live = await projection.folds.competition(competition)
            public = projection.folds.publics.get(competition)
            if public is None:
                raise Conflict(f"{competition} is not frozen", hint="send competition.frozen first")
            wanted = [contest] if contest is not None else [EVERYTHING, *live.contests]
            for id_ in dict.fromkeys(wanted):
                found = await public.next_revealed(projection.loading, id_, projection.position)
                if found:
                    return found[:REVEALED_MAX]
        return []
