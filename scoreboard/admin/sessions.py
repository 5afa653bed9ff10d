"""Sessions over HTTP: a person shows a key once, in a browser, and goes on with a cookie."""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import Access
from scoreboard.access.browser import set_cookie
from scoreboard.access.keys import Key
from scoreboard.access.sessions import Session, no_session
from scoreboard.errors import Forbidden, TooFast, Unauthenticated, Unavailable
from scoreboard.facts.instant import to_text
from scoreboard.facts.roles import Principal, Role
from scoreboard.http.body import read_struct
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, json_answer
from scoreboard.settings import Settings

PATH = "/api/v1/sessions"
CURRENT = "current"
KEY_CHARACTERS_MAX = 200
REFUSALS = (Unauthenticated, Forbidden, TooFast, Unavailable)


class LogIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key to log in with, as it was shown when it was made."""

    key: Annotated[str, Meta(min_length=1, max_length=KEY_CHARACTERS_MAX)]


class Who(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks: the key's name and role, the only competition that it reaches, if there is one.

    `session` is missing where a key is shown and no session.
    """

    name: str
    role: Role
    key: str
    competition: str | None = None
    session: str | None = None


class SessionView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session: of whose key, from where, with what browser; `ends` if nobody uses it."""

    id: str
    key: str
    name: str
    role: Role
    created: str
    last_used: str
    ends: str
    address: str
    agent: str
    competition: str | None = None
    current: bool = False


class Sessions:
    """Sessions for those who log in."""

    def __init__(self, access: Access, settings: Settings) -> None:
        self._access = access
        self._form_bytes_max = settings.limits.form_bytes_max
        self._lifetime_s = int(settings.sessions.lifetime_s)

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        who = json_answer(Who, "who you are")
        ended = Answer(status=204, description="it opens nothing any more")
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="The sessions of your key; an admin's: all",
                tag="keys",
                key_shows_more=True,
                answers=(json_answer(list[SessionView], "the last used first"),),
                refusals=REFUSALS,
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._log_in,
                summary="Log in with a key; the session's cookie comes back",
                tag="keys",
                request=(Content(JSON, LogIn),),
                answers=(
                    Answer(
                        status=201,
                        description="who you are",
                        contents=(Content(JSON, Who),),
                        headers={"Set-Cookie": "the session"},
                    ),
                ),
                refusals=REFUSALS,
            ),
            Endpoint(
                method="GET",
                path=f"{PATH}/{CURRENT}",
                handler=self._current,
                summary="Who you are",
                tag="keys",
                key_shows_more=True,
                answers=(who,),
                refusals=REFUSALS,
            ),
            Endpoint(
                method="DELETE",
                path=PATH + "/{session}",
                handler=self._log_out,
                summary="Log out (`current`), or end a session of your key; an admin's: any",
                tag="keys",
                key_shows_more=True,
                answers=(ended,),
                refusals=REFUSALS,
            ),
        ]

    async def _list(self, request: Request) -> Response:
        principal = await self._access.known(request.scope)
        found = await self._access.sessions(principal)
        views = [self._view(session, key, principal) for session, key in found]
        return uncached(views)

    async def _log_in(self, request: Request) -> Response:
        shown = await read_struct(request, LogIn, self._form_bytes_max)
        principal, _session, cookie = await self._access.log_in(
            request.scope, shown.key.strip(), request.headers.get("user-agent", "")
        )
        response = who_response(principal, 201)
        set_cookie(response, request.scope, self._access.cookie, cookie, self._lifetime_s)
        return response

    async def _current(self, request: Request) -> Response:
        return who_response(await self._access.known(request.scope))

    async def _log_out(self, request: Request) -> Response:
        principal = await self._access.known(request.scope)
        id_ = request.path_params["session"]
        if id_ == CURRENT:
            if principal.session is None:
                raise no_session(CURRENT)
            id_ = principal.session
        await self._access.log_out(id_, principal)
        response = Response(status_code=204)
        if id_ == principal.session:
            set_cookie(response, request.scope, self._access.cookie, "", 0)
        return response

    def _view(self, session: Session, key: Key, principal: Principal) -> SessionView:
        return SessionView(
            id=session.id,
            key=key.id,
            name=key.name,
            role=key.role,
            competition=key.competition,
            created=to_text(session.created_us),
            last_used=to_text(session.last_used_us),
            ends=to_text(self._access.ends_us(session)),
            address=session.address,
            agent=session.agent,
            current=session.id == principal.session,
        )


def who_response(principal: Principal, status: int = 200) -> Response:
    """Who somebody is, as they are told."""
    who = Who(
        name=principal.name,
        role=principal.role,
        key=principal.key,
        competition=principal.competition,
        session=principal.session,
    )
    return uncached(who, status)
