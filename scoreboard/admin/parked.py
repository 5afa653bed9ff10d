"""Contests that wait because an entry of theirs could not be folded: listed, retried, skipped.

What an official decides is an entry of the contest, so that a rebuild decides the same. `retry`
folds the contest again (the program may know better by now); `skip` lets the fold pass over the
entry, which stays in the ledger and in its record.
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.errors import BadInput, NotFound, ScoreboardError
from scoreboard.facts.entry import Draft
from scoreboard.facts.event import Instant
from scoreboard.facts.instant import from_us
from scoreboard.facts.names import SYSTEM, Text500
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.outcome import outcome_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.parking import RETRIED, SKIPPED, Parking
from scoreboard.projections.store import Parked
from scoreboard.settings import Limits

PATH = "/api/v1/parked"
OF_COMPETITION = "/api/v1/competitions/{competition}/parked"
TYPES = {"retry": RETRIED, "skip": SKIPPED}


class Waiting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contest that waits at the entry `position`; `retry`: when it is tried again by itself.

    `contest` is left out for what happened outside contests.
    """

    competition: str
    position: int
    error: str
    attempts: int
    since: Instant
    contest: str = ""
    retry: Instant | None = None


class Listed(Struct, frozen=True):
    """The contests that wait."""

    parked: list[Waiting]


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an official decides about the entry at which a contest waits."""

    action: Literal["retry", "skip"]
    reason: Text500


class Decided(Struct, frozen=True):
    """Where the decision stands in the ledger."""

    position: int


class ParkedContests:
    """The waiting contests of the boards' projection, and those of the worker.

    A result that the worker cannot apply is tried again, or corrected where it was made; to pass
    over it would be to say that there is none.
    """

    def __init__(
        self,
        ledger: Ledger,
        parking: Parking,
        of_worker: Callable[[], Awaitable[list[Parked]]],
        limits: Limits,
    ) -> None:
        self._of_worker = of_worker
        self._limits = limits
        self._ledger = ledger
        self._parking = parking

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        position = Parameter(
            name="position", where="path", schema=int, description="the entry that could not be"
        )
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                role="official",
                summary="Contests that wait because an entry could not be folded",
                tag="parked",
                answers=(json_answer(Listed, "of all competitions"),),
            ),
            Endpoint(
                method="GET",
                path=OF_COMPETITION,
                handler=self._list,
                role="official",
                summary="Contests of a competition that wait",
                tag="parked",
                parameters=(COMPETITION,),
                answers=(json_answer(Listed, "of this competition"),),
            ),
            Endpoint(
                method="POST",
                path=OF_COMPETITION + "/{position:int}",
                handler=self._decide,
                role="official",
                summary="Fold a waiting contest again, or pass over the entry at which it waits",
                tag="parked",
                parameters=(COMPETITION, position),
                request=(Content(JSON, Decision),),
                answers=(json_answer(Decided, "the decision is in the ledger", status=201),),
            ),
        ]

    async def _list(self, request: Request) -> Response:
        wanted = request.path_params.get("competition")
        found = [
            waiting_of(parked)
            for parked in [*self._parking.waiting.values(), *await self._of_worker()]
            if wanted in (None, parked.competition)
        ]
        return Response(msgspec.json.encode(Listed(found)), media_type=JSON)

    async def _decide(self, request: Request) -> Response:
        decision = await read_struct(request, Decision, self._limits.form_bytes_max)
        competition, position = (request.path_params[k] for k in ("competition", "position"))
        parked = self._parking.at(competition, position)
        if parked is None:
            parked = await self._at_worker(competition, position)
            if parked is not None and decision.action == "skip":
                raise BadInput(
                    "a result is not passed over",
                    pointer="/action",
                    hint=f"retry it, or correct {parked.contest} where it was scored",
                )
        if parked is None:
            raise NotFound(
                f"no contest of {competition} waits at {position}", hint=f"{PATH} lists them"
            )
        draft = Draft(
            competition=competition,
            contest=parked.contest or None,
            source=SYSTEM,
            id=f"{decision.action}-{position}-{secrets.token_hex(4)}",
            type=TYPES[decision.action],
            actor=principal_of(request).actor,
            subject=str(position),
            reason=decision.reason,
            data=msgspec.json.encode({"position": position}),
        )
        [fate] = await self._ledger.append([draft])
        outcome = outcome_of(fate)
        if isinstance(outcome, ScoreboardError):
            raise outcome
        return Response(msgspec.json.encode(Decided(outcome.position)), 201, media_type=JSON)

    async def _at_worker(self, competition: str, position: int) -> Parked | None:
        for parked in await self._of_worker():
            if (parked.competition, parked.position) == (competition, position):
                return parked
        return None


def waiting_of(parked: Parked) -> Waiting:
    """A waiting contest as it is shown."""
    return Waiting(
        competition=parked.competition,
        contest=parked.contest,
        position=parked.position,
        error=parked.error,
        attempts=parked.attempts,
        since=from_us(parked.since_us),
        retry=None if parked.retry_us is None else from_us(parked.retry_us),
    )
