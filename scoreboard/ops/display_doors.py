"""Displays over HTTP: what a screen asks, on both listeners, and what the desk decides."""

import time
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard import __version__
from scoreboard.access.access import principal_of
from scoreboard.errors import BadInput, Conflict, NotFound, Stale, Unavailable
from scoreboard.http.body import read_struct, whole_number
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, Parameter, json_answer
from scoreboard.http.scope import address_of
from scoreboard.ops.displays import NAME_IN_WORDS, Act, Display, Displays, Name, Seen, Showing
from scoreboard.settings import Limits

PATH = "/api/v1/displays"
VERSION_MAX = 1_000_000_000
WAIT_MAX_S = 25
FOLLOWERS_MAX = 500  # screens that wait for news at once; past it 503
WINDOW_CHARS_MAX = 20


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What screens shall do once; `names` empty: all that are assigned something."""

    act: Act
    names: Annotated[tuple[Name, ...], Meta(max_length=1_000)] = ()


class Told(Struct, frozen=True, kw_only=True):
    """What a screen is told. `assigned`: whether anything ever was; `version` 0 if not.

    `program`: the version of the program; a screen loads its page again when that is another.
    """

    name: str
    assigned: bool
    showing: Showing
    reload: int
    identify: int
    version: int
    program: str = __version__


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A screen at the desk. `seen_s`: seconds since it was heard; absent if it never was.

    `behind`: it has not shown yet what it shall.
    """

    name: str
    assigned: bool
    online: bool
    showing: Showing | None = None
    version: int = 0
    actor: str = ""
    seen_s: float | None = None
    address: str = ""
    window: str = ""
    behind: bool = False


class DisplayDoors:
    """What one listener answers about displays."""

    def __init__(self, displays: Displays, limits: Limits, *, private: bool) -> None:
        self._displays = displays
        self._bytes_max = limits.form_bytes_max
        self._private = private
        self._followers = 0

    def endpoints(self) -> list[Endpoint]:
        """A screen's one question, and on the private listener the desk's."""
        follow = Endpoint(
            method="GET",
            path=PATH + "/{display}/follow",
            handler=self._follow,
            summary="What a screen shall show, as soon as that is news to it",
            tag="displays",
            parameters=(
                Parameter(name="version", schema=int, description="what it shows now"),
                Parameter(name="wait", schema=int, description=f"seconds, at most {WAIT_MAX_S}"),
                Parameter(name="window", schema=str, description="its size, such as 1920x1080"),
            ),
            answers=(json_answer(Told, "what it shall show"),),
            refusals=(BadInput, Unavailable),
        )
        return [follow, *self._desk()] if self._private else [follow]

    def _desk(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="All screens: what each shows, and whether it is there",
                tag="displays",
                role="official",
                answers=(json_answer(list[Listed], "by name, those that wait last"),),
            ),
            Endpoint(
                method="PUT",
                path=PATH + "/{display}",
                handler=self._assign,
                summary="Let a screen show something",
                tag="displays",
                role="official",
                request=(Content(JSON, Showing),),
                answers=(json_answer(Display, "as it shall be"),),
                refusals=(BadInput, Conflict, Stale, Unavailable),
            ),
            Endpoint(
                method="POST",
                path=PATH + "/acts",
                handler=self._act,
                summary="Let screens reload, or show their names",
                tag="displays",
                role="official",
                request=(Content(JSON, Wish),),
                answers=(json_answer(list[Display], "those that were told"),),
                refusals=(NotFound, Stale, Unavailable),
            ),
            Endpoint(
                method="DELETE",
                path=PATH + "/{display}",
                handler=self._remove,
                summary="Forget a screen",
                tag="displays",
                role="official",
                answers=(Answer(status=204, description="it is forgotten"),),
                refusals=(BadInput, NotFound, Stale, Unavailable),
            ),
        ]

    async def _follow(self, request: Request) -> Response:
        name = name_of(request)
        query = request.query_params
        version = whole_number(query.get("version", "0"), "version", VERSION_MAX)
        wait_s = whole_number(query.get("wait", "0"), "wait", WAIT_MAX_S)
        window = query.get("window", "")[:WINDOW_CHARS_MAX]
        if self._followers >= FOLLOWERS_MAX:
            raise Unavailable("too many screens ask at once", retry_after_s=5.0)
        seen = Seen(
            at=time.monotonic(), address=address_of(request.scope), window=window, version=version
        )
        self._displays.heard(name, seen, waits=self._private)
        self._followers += 1
        try:
            display = await self._displays.follow(name, version, wait_s)
        finally:
            self._followers -= 1
        told = display or Display(name=name, showing=Showing())
        answer = Told(
            name=name,
            assigned=display is not None,
            showing=told.showing,
            reload=told.reload,
            identify=told.identify,
            version=told.version,
        )
        return uncached(answer)

    async def _list(self, _request: Request) -> Response:
        await self._displays.catch_up()
        known, seen = self._displays.known, self._displays.seen
        waiting = sorted(name for name in seen if name not in known)
        return uncached([self._listed(name) for name in [*sorted(known), *waiting]])

    def _listed(self, name: str) -> Listed:
        display, seen = self._displays.known.get(name), self._displays.seen.get(name)
        return Listed(
            name=name,
            assigned=display is not None,
            online=self._displays.online(name),
            showing=display.showing if display else None,
            version=display.version if display else 0,
            actor=display.actor if display else "",
            seen_s=round(time.monotonic() - seen.at, 1) if seen else None,
            address=seen.address if seen else "",
            window=seen.window if seen else "",
            behind=bool(display and seen and seen.version != display.version),
        )

    async def _assign(self, request: Request) -> Response:
        showing = await read_struct(request, Showing, self._bytes_max)
        if showing.kind == "pages" and not showing.pages:
            raise BadInput("no page to show", pointer="/pages", hint="such as /c/harbour-cup")
        actor = principal_of(request).actor
        return uncached(await self._displays.assign(name_of(request), showing, actor))

    async def _act(self, request: Request) -> Response:
        wish = await read_struct(request, Wish, self._bytes_max)
        await self._displays.catch_up()
        names = wish.names or tuple(self._displays.known)
        return uncached(await self._displays.act(names, wish.act, principal_of(request).actor))

    async def _remove(self, request: Request) -> Response:
        await self._displays.remove(name_of(request), principal_of(request).actor)
        return Response(status_code=204)


def name_of(request: Request) -> str:
    """The screen that an address names; BadInput if nothing may be called so."""
    try:
        return msgspec.convert(request.path_params["display"], Name)
    except msgspec.ValidationError as error:
        raise BadInput(
            "that is no name of a display",
            pointer="/display",
            hint=NAME_IN_WORDS,
        ) from error
