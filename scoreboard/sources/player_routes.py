"""Addresses of other programs, as the settings say (`[[players.routes]]`): same rules, other words.

    POST, PATCH /score/update   {"userId", "increment"}   ▶   {"status", "newScore"}
    GET         /score/top10                              ▶   [{"userId", "score", "rank"}, ...]

A route names a competition, and either a type of event and which members of a body become its
payload, or how many rows of a board it gives. What is written is an event of the players' door,
with all that is checked there; refusals name the members as they were sent. Whoever sends no
Idempotency-Key cannot repeat a request without counting twice: these programs know no such thing.
"""

import secrets
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.player_access import USER
from scoreboard.access.tokens import User
from scoreboard.errors import (
    BadInput,
    CannotStart,
    Conflict,
    Forbidden,
    NotFound,
    ScoreboardError,
    Unavailable,
)
from scoreboard.facts.document import Content
from scoreboard.http.body import read_struct
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import JSON, Endpoint, json_answer
from scoreboard.http.endpoint import Content as Body
from scoreboard.settings import Route, Settings
from scoreboard.sources.players import IDEMPOTENCY_KEY, KEY, PlayersDoor, Said, id_of

READ = "GET"
ENTRANT, STATUS, DONE, TAKEN = "entrant", "status", "ok", "accepted"
encode = msgspec.json.Encoder().encode


class Rows(Protocol):
    """Rows of boards as the public sees them."""

    async def top(self, competition: str, board: str, count: int) -> list[tuple[str, Content]]:
        """The first so many entrants with their rows."""

    async def of(self, competition: str, board: str, entrant: str, after: int) -> Content | None:
        """An entrant's row once the board has come to a position."""


class PlayerRoutes:
    """The routes of one installation."""

    def __init__(self, door: PlayersDoor, rows: Rows, settings: Settings) -> None:
        """CannotStart for a route that makes no sense."""
        for route in settings.players.routes:
            _refuse_nonsense(route)
        self._door = door
        self._rows = rows
        self._settings = settings

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        found = []
        for route in self._settings.players.routes:
            one = _Route(route, self._door, self._rows, self._settings)
            found += [one.endpoint(method) for method in route.methods]
        return found


class _Route:
    def __init__(self, route: Route, door: PlayersDoor, rows: Rows, settings: Settings) -> None:
        self._route = route
        self._door = door
        self._rows = rows
        self._settings = settings

    def endpoint(self, method: str) -> Endpoint:
        route = self._route
        if method == READ:
            return Endpoint(
                method=method,
                path=route.path,
                handler=self.read,
                summary=f"The top {route.top} of {route.competition}",
                tag="players",
                answers=(json_answer(list[dict[str, Any]], "best first"),),
                refusals=(NotFound, Unavailable),
            )
        members = sorted(set(route.fields.values()))
        schema = {"type": "object", "required": members, "properties": {m: {} for m in members}}
        return Endpoint(
            method=method,
            path=route.path,
            handler=self.write,
            summary=f"{route.type} in {route.competition}",
            tag="players",
            role="player",
            request=(Body(JSON, schema),),
            parameters=(KEY,),
            answers=(
                json_answer(dict[str, Any], "it counts, and this is how one stands"),
                json_answer(dict[str, Any], "it counts; boards will show it soon", status=202),
            ),
            refusals=(Forbidden, NotFound, Conflict, BadInput),
        )

    async def read(self, request: Request) -> Response:
        """The first rows of the board."""
        route = self._route
        rows = await self._rows.top(route.competition, route.board, route.top)
        shown = [self._shown(entrant, row) for entrant, row in rows]
        return Response(encode(shown), headers={"Cache-Control": "no-cache"}, media_type=JSON)

    async def write(self, request: Request) -> Response:
        """An event of the user's own, and how the user stands then."""
        route = self._route
        sent = await read_struct(
            request, dict[str, Any], self._settings.limits.user_event_bytes_max
        )
        for member in route.fields.values():
            if member not in sent:
                raise BadInput(
                    f"there is no `{member}`", pointer=f"/{member}", hint=f"add `{member}`"
                )
        data = {name: sent[member] for name, member in route.fields.items()}
        said = Said(type=route.type, contest=route.contest, data=data)
        keyed = IDEMPOTENCY_KEY in request.headers
        id_ = id_of(request, None) if keyed else secrets.token_hex(16)
        try:
            accepted = await self._door.say(request, route.competition, said, id_)
        except ScoreboardError as error:
            error.pointer = self._pointer(error.pointer)
            raise
        user: User = request.scope[USER]
        try:
            row = await self._rows.of(
                route.competition, route.board, user.entrant, accepted.position
            )
        except Unavailable:  # it is in the ledger: to say anything else would have it sent again
            row = None
        answer = {STATUS: TAKEN if row is None else DONE}
        shown = {} if row is None else self._shown(user.entrant, row)
        return uncached(answer | shown, 202 if row is None else 200)

    def _shown(self, entrant: str, row: Content) -> dict[str, Any]:
        figures = row.get("figures", {})
        known = {ENTRANT: entrant, "name": row.get("name"), "rank": row.get("rank")} | figures
        return {name: known.get(what) for name, what in self._route.answer.items()}

    def _pointer(self, pointer: str | None) -> str | None:
        """Where in the body that was sent is what an error points to."""
        name = (pointer or "").removeprefix("/data/")
        member = self._route.fields.get(name)
        return pointer if member is None else f"/{member}"


def _refuse_nonsense(route: Route) -> None:
    wrong = ""
    if route.path.startswith(("/api", "/openapi")):
        wrong = "is an address of this program's own"
    elif READ in route.methods and (len(route.methods) > 1 or route.type):
        wrong = "both reads and writes"
    elif READ not in route.methods and not (route.type and route.fields):
        wrong = "writes, but has no `type` or no `fields`"
    if wrong:
        raise CannotStart(
            f"the players' route {route.path} {wrong}",
            hint="config/players.toml has an example of each",
        )
