"""The result of a contest: its state, and everything that officials have said of it.

Stating a result is an event of the competition (`competition.result`), sent like any other.
"""

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.catalogue import Catalogue
from scoreboard.errors import NotFound, Unavailable
from scoreboard.facts.competition import RESULT, ResultStated
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_text
from scoreboard.facts.names import Id
from scoreboard.facts.ruling import in_force
from scoreboard.http.endpoint import COMPETITION, JSON, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import CONTESTS

PATH = "/api/v1/competitions/{competition}/contests/{contest}/result"


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry about the result: who said what, when and why; `state` is left out by a void.

    `in_force`: whether it counts among what was said, which a later version can take away.
    """

    position: int
    record: str
    version: int
    action: str
    actor: str
    received: str
    state: str = ""
    reason: str = ""
    in_force: bool = False


class Standing(Struct, frozen=True, kw_only=True):
    """The result as it stands; `approvals`: how many are asked for, `awaiting`: are missing.

    `state` is empty as long as nothing is known of the contest.
    """

    contest: str
    state: str
    final: bool
    approvals: int
    awaiting: int
    history: list[Said]


class Results:
    """The states of results."""

    def __init__(
        self, gate: Gate, ledger: Ledger, catalogue: Catalogue, projection: BoardsProjection
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._projection = projection

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._show,
                summary="The state of a contest's result: who said so, when and why",
                tag="results",
                role="official",
                parameters=(
                    COMPETITION,
                    Parameter(name="contest", where="path", schema=Id, description="the contest"),
                ),
                answers=(json_answer(Standing, "the state, and its history, oldest first"),),
                refusals=(NotFound, Unavailable),
            )
        ]

    async def _show(self, request: Request) -> Response:
        slug, contest = request.path_params["competition"], request.path_params["contest"]
        await self._gate.ensure_known(slug)
        position = self._ledger.head.position
        await self._catalogue.catch_up(position)
        await self._projection.until_shown(position)
        await self._projection.shelving.bring(slug)
        board = self._projection.shelf.get(slug, CONTESTS)
        row = board.content["rows"].get(contest) if board else None
        if row is None:
            raise NotFound(f"{slug} has no contest {contest}")
        definition = self._catalogue.get(slug)
        assert definition is not None
        standing = Standing(
            contest=contest,
            state=row.get("result", ""),
            final=row["final"],
            approvals=definition.result_rules.approvals,
            awaiting=row.get("awaiting", 0),
            history=history_of(contest, self._catalogue.records(slug, RESULT.type)),
        )
        return Response(msgspec.json.encode(standing), media_type=JSON)


def history_of(contest: str, records: list[list[Entry]]) -> list[Said]:
    """Everything that was said of a contest's result, corrections included, in order."""
    said: list[Said] = []
    for versions in records:
        standing = in_force(versions)
        about = [_payload(entry) for entry in versions]
        if any(payload is not None and payload.contest == contest for payload in about):
            said += [
                _said(entry, payload, entry is standing)
                for entry, payload in zip(versions, about, strict=True)
            ]
    return sorted(said, key=lambda one: one.position)


def _payload(entry: Entry) -> ResultStated | None:
    if entry.action not in ("record", "amend") or entry.data is None:
        return None
    said: ResultStated = RESULT.read(entry.data, entry.schema)
    return said


def _said(entry: Entry, payload: ResultStated | None, counts: bool) -> Said:
    return Said(
        position=entry.position,
        record=entry.record,
        version=entry.version,
        action=entry.action,
        actor=entry.actor,
        received=to_text(entry.received),
        state=payload.state if payload else "",
        reason=entry.reason or (payload.reason if payload else ""),
        in_force=counts,
    )
