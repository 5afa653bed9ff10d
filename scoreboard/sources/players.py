"""The players' door: what users say of themselves, with their tokens.

    POST /api/v1/competitions/{competition}/events   {"type", "contest"?, "data", "id"?}
    GET  /api/v1/me                                  who the token says one is

The event's source is `player:<entrant>`, its id the `Idempotency-Key` or its own `id`, so that a
request that is sent again counts once. The member of `data` that names the user may be left out;
naming anybody else is refused and logged as suspicious.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.player_access import USER, PlayerAccess
from scoreboard.access.tokens import User
from scoreboard.errors import BadInput, Conflict, Forbidden, NotFound, ScoreboardError
from scoreboard.facts.entry import Accepted
from scoreboard.facts.event import Event
from scoreboard.facts.names import EventType, Ref, Text200
from scoreboard.http.body import read_struct
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import status_of
from scoreboard.ingest.own import ensure_within
from scoreboard.settings import Settings
from scoreboard.sources.replies import Result, result_of
from scoreboard.sports.sport import Own

PATH = "/api/v1/competitions/{competition}/events"
IDEMPOTENCY_KEY = "Idempotency-Key"
KEY = Parameter(
    name=IDEMPOTENCY_KEY,
    where="header",
    schema=Text200,
    description="the event's id, instead of `id`: the same again is answered, not counted again",
)


class Said(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user says. `id`: the user's own name for it, as in Idempotency-Key."""

    type: EventType
    data: Annotated[dict[str, Any], Meta(description="what the type says; the user is you")]
    contest: Ref | None = None
    id: Text200 | None = None


class Me(Struct, frozen=True, kw_only=True):
    """Who a token speaks for: `sub` as it says, `entrant` as boards name it."""

    sub: str
    entrant: str
    expires: datetime


class PlayersDoor:
    """What users may write."""

    def __init__(self, gate: Gate, access: PlayerAccess, settings: Settings) -> None:
        self._gate = gate
        self._access = access
        self._settings = settings

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._receive,
                summary="Say something of yourself: your points, your guess",
                description="Which types of events users may send is for the competition to say.",
                tag="players",
                role="player",
                request=(Content(JSON, Said),),
                parameters=(
                    COMPETITION,
                    KEY,
                ),
                answers=(
                    json_answer(Result, "it is in the ledger", status=201),
                    json_answer(Result, "it was there already"),
                ),
                refusals=(Forbidden, NotFound, Conflict, BadInput),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me",
                handler=self._me,
                summary="Who the token says you are",
                tag="players",
                role="player",
                answers=(json_answer(Me, "you"),),
            ),
        ]

    async def _receive(self, request: Request) -> Response:
        said = await read_struct(request, Said, self._settings.limits.user_event_bytes_max)
        id_ = id_of(request, said.id)
        accepted = await self.say(request, request.path_params["competition"], said, id_)
        return uncached(result_of(accepted), status_of(accepted))

    async def say(self, request: Request, competition: str, said: Said, id_: str) -> Accepted:
        """Put what the user of a request says into the ledger, or raise what is against it."""
        await self._access.spend(request.scope)
        user: User = request.scope[USER]
        own = (await self._gate.own(competition)).get(said.type)
        data = said.data if own is None else self._data(said, own, user)
        event = Event(
            id=id_,
            type=said.type,
            source=f"player:{user.entrant}",
            contest=said.contest,
            data=Raw(msgspec.json.encode(data)),
        )
        (outcome,) = await self._gate.submit(user.principal, competition, [event])
        if isinstance(outcome, Forbidden):
            self._access.suspect(request.scope, outcome)
        if isinstance(outcome, ScoreboardError):
            raise outcome
        return outcome

    def _data(self, said: Said, own: Own, user: User) -> dict[str, Any]:
        """What is said, with the user as boards name it; BadInput for more than one may add."""
        players = self._settings.players
        amount = said.data.get(own.amount) if own.amount else None
        if isinstance(amount, int):  # what is no number is refused by the gate
            pointer = f"/data/{own.amount}"
            ensure_within(amount, players.increment_min, players.increment_max, pointer)
        named = said.data.get(own.user, user.sub)
        return said.data | {own.user: user.entrant if user.is_named(named) else named}

    async def _me(self, request: Request) -> Response:
        user: User = request.scope[USER]
        me = Me(sub=user.sub, entrant=user.entrant, expires=datetime.fromtimestamp(user.exp, UTC))
        return uncached(me)


def id_of(request: Request, stated: str | None) -> str:
    """The event's id from the header or the body; BadInput if there is none, or are two."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None and stated is None:
        raise BadInput(
            "this event has no id, so that it could count twice",
            pointer="/id",
            hint=f"send {IDEMPOTENCY_KEY} or `id`: a new one for each event, the same to repeat it",
        )
    if key is not None and stated is not None and key != stated:
        raise BadInput(f"`id` and {IDEMPOTENCY_KEY} differ", pointer="/id", hint="send one of them")
    id_ = stated if key is None else key
    if not id_ or len(id_) > 200 or "\0" in id_:
        raise BadInput(f"{IDEMPOTENCY_KEY} has 1 to 200 characters", pointer="/id")
    return id_
