"""Boards followed over a WebSocket (RFC 6455), several on one connection.

    {"action":"hello","token":"..."}                      welcome
    {"action":"subscribe","competition":"cup",            subscribed, and then what event streams
     "board":"standings","top":10,"last_id":"7-120-0"}    tell: snapshot, patch, correction, reset
    {"action":"unsubscribe","channel":"cup/standings"}    unsubscribed
    {"action":"ping"}                                     pong
                                                          heartbeat, bye, error

What is told is that of event streams, `{"event","channel","id","data"}`; `last_id` resumes as
Last-Event-ID does. `ref` in a message comes back in what answers it. A key or a token is shown in
`hello`, in an Authorization header, or as the subprotocol `bearer.<token>` beside `scoreboard.v1`;
never in the address, which others log. Whoever shows none is the public.

Every message is decided as a request to the same board would be, so a freeze holds here as there.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message as Heard
from starlette.types import Receive, Scope, Send

from scoreboard.boards.channel import REFUSED, STOPPED, Awaited, Channel, Stream, channel_name
from scoreboard.boards.connection import GOODBYE_S, Direct, Relayed, connected
from scoreboard.boards.http import Boards
from scoreboard.boards.queries import TOP_MAX
from scoreboard.boards.streams import Streams
from scoreboard.boards.told import Told, message
from scoreboard.errors import BadInput, Conflict, ScoreboardError, UpgradeRequired
from scoreboard.facts.instant import to_text
from scoreboard.facts.names import Text200
from scoreboard.http.endpoint import PRINCIPAL, PROBLEM, Answer, Content, Endpoint
from scoreboard.http.listeners import counted
from scoreboard.http.problem import (
    UNREADABLE,
    Problem,
    from_validation,
    problem_of,
    problem_response,
)
from scoreboard.http.scope import DRAINED
from scoreboard.settings import Limits
from scoreboard.telemetry import log

PATH = "/api/v1/ws"
PROTOCOL = "scoreboard.v1"
BEARER = "bearer."
BROKEN = 1011
TOKEN_CHARACTERS_MAX = 8_192
ASKED_BOUNDS = 4  # how many times the bound of unsent bytes a client may leave unread and still ask


class Greeted(Struct, frozen=True):
    """Who has shown a key or a token: how it is called, and until when it is believed (epoch)."""

    name: str
    until_s: float | None = None


Greet = Callable[[Scope], Awaitable[Greeted]]
"""Who makes a request by its Authorization header; raises Unauthenticated, TooFast, Unavailable."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="action"):
    """What a client says; `ref` comes back in the answer."""

    ref: Text200 | None = None


class Hello(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="hello"):
    """Shows a key or a token."""

    token: Annotated[str, Meta(min_length=1, max_length=TOKEN_CHARACTERS_MAX)]


class Subscribe(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="subscribe"):
    """Follows a board, its top or a group, from the version that the client holds."""

    competition: Text200
    board: Text200
    top: Annotated[int, Meta(ge=1, le=TOP_MAX)] | None = None
    group: Text200 | None = None
    last_id: Text200 | None = None

    @property
    def query(self) -> dict[str, str]:
        """The view as a request's query has it."""
        asked = {"top": self.top, "group": self.group}
        return {name: str(value) for name, value in asked.items() if value is not None}


class Unsubscribe(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="unsubscribe"):
    """Follows a channel no more."""

    channel: Annotated[str, Meta(max_length=1_000)]


class Ping(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="ping"):
    """Asks whether the server is there, where a client cannot send a WebSocket's own pings."""


AnyAsked = Hello | Subscribe | Unsubscribe | Ping
decode = msgspec.json.Decoder(AnyAsked).decode
Event = Literal["welcome", "subscribed", "unsubscribed", "pong", "bye", "error"]


class Sockets:
    """WebSockets of one listener; `greet` is None where nobody is more than the public."""

    def __init__(self, boards: Boards, limits: Limits, greet: Greet | None) -> None:
        self.boards = boards
        self.limits = limits
        self.greet = greet

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        problem = Content(PROBLEM, Problem)
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._plain,
                websocket=self,
                summary="Boards followed live (WebSocket), several on one connection",
                description=__doc__ or "",
                tag="boards",
                answers=(
                    Answer(
                        status=426,
                        description="this address is for WebSockets",
                        contents=(problem,),
                        headers={"Upgrade": "websocket"},
                    ),
                ),
            )
        ]

    async def _plain(self, request: Request) -> Response:
        response = problem_response(
            UpgradeRequired("this address is for WebSockets", hint="open it with ws://")
        )
        response.headers["Upgrade"] = "websocket"
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client until it goes, is cut off, or the server stops."""
        await receive()  # the handshake
        try:
            if scope["query_string"]:
                raise BadInput(
                    "nothing is asked in this address",
                    hint="say hello and subscribe in messages; addresses are logged",
                )
            shown = shown_in(scope)
            greeted = await self.greet(shown) if self.greet and _shows(shown) else None
        except ScoreboardError as error:
            await problem_response(error)(scope, receive, send)
            return
        protocol = PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None
        await send({"type": "websocket.accept", "subprotocol": protocol})
        with counted(scope, "websocket"):
            async with connected(scope, send, self.limits.stream_send_buffer_bytes) as connection:
                socket = Socket(self, shown, connection, greeted)
                await socket.serve(receive)
            if not (socket.gone or connection.aborted):
                await _close(send, socket.end.code, connection)


async def _close(send: Send, code: int, connection: Direct | Relayed) -> None:
    """Close, or cut off a client that does not even read that."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await send({"type": "websocket.close", "code": code})
    except TimeoutError:
        connection.abort()


class Followed(Struct, frozen=True):
    """A view that a client follows, and where."""

    stream: Stream
    streams: Streams
    channel: Channel


class Socket:
    """One client's connection; `gone`: it has gone by itself."""

    def __init__(
        self, room: Sockets, scope: Scope, connection: Direct | Relayed, greeted: Greeted | None
    ) -> None:
        self.end = Awaited()
        self.gone = False
        self._room = room
        self._scope = scope
        self._connection = connection
        self._greeted = greeted
        self._followed: dict[str, Followed] = {}
        self._second = 0.0
        self._messages = 0

    async def serve(self, receive: Receive) -> None:
        """Answer what the client says until there is an end."""
        ended = asyncio.create_task(self.end.wait())
        try:
            while (heard := await self._hear(receive, ended)) is not None:
                await self._answer(heard)
        except Exception:
            log.exception("WebSocket broken off")
            self._finish("something went wrong here", BROKEN)
        finally:
            ended.cancel()
            for one in self._followed.values():
                one.streams.leave(one.stream, one.channel)

    # listening ----------------------------------------------------------------------------------

    async def _hear(self, receive: Receive, ended: "asyncio.Task[Any]") -> Heard | None:
        """What the client says next; None when there is an end."""
        receiving = asyncio.ensure_future(receive())
        await asyncio.wait(
            (receiving, ended), timeout=self._patience_s(), return_when=asyncio.FIRST_COMPLETED
        )
        if not receiving.done() or ended.done():
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            if not ended.done():
                self._finish(*self._out_of_patience())
            return None
        heard = receiving.result()
        if heard["type"] != "websocket.disconnect":
            return heard
        if heard.get("code") == STOPPED:
            self._finish("the server stops", STOPPED)
        else:
            self.gone = True
        return None

    def _patience_s(self) -> float | None:
        """How long the client may say nothing; None if for ever."""
        bounds = [] if self._followed else [self._room.limits.socket_idle_s]
        if self._greeted is not None and self._greeted.until_s is not None:
            bounds.append(max(0.0, self._greeted.until_s - time.time()))
        return min(bounds, default=None)

    def _out_of_patience(self) -> tuple[str, int]:
        until_s = self._greeted.until_s if self._greeted else None
        if until_s is not None and until_s <= time.time():
            return "the token has expired", REFUSED
        return "nothing is followed here", STOPPED

    def _too_fast(self) -> bool:
        now_s = time.monotonic()
        if now_s - self._second >= 1.0:
            self._second, self._messages = now_s, 0
        self._messages += 1
        return self._messages > self._room.limits.socket_messages_per_second

    # answering ----------------------------------------------------------------------------------

    async def _answer(self, heard: Heard) -> None:
        if self._too_fast():
            self._finish("too many messages in a second", REFUSED)
            return
        if not await self._reads():
            self._connection.abort()
            self.end.set()
            return
        asked: AnyAsked | None = None
        try:
            asked = _read(heard)
            match asked:
                case Hello():
                    await self._greet(asked)
                case Subscribe():
                    await self._subscribe(asked)
                case Unsubscribe():
                    self._unsubscribe(asked)
                case Ping():
                    self._say("pong", asked.ref, now=to_text(time.time_ns() // 1000))
        except ScoreboardError as error:
            ref = asked.ref if asked else None
            self._say("error", ref, **msgspec.to_builtins(problem_of(error)))
            if isinstance(asked, Hello):
                self._finish(error.message, REFUSED)

    async def _reads(self) -> bool:
        """Whether the client has read most of what it was told: who asks must read."""
        limits = self._room.limits
        drained = self._scope.get("extensions", {}).get(DRAINED)
        if drained is not None:
            try:
                async with asyncio.timeout(limits.stream_stalled_s):
                    await drained()
            except TimeoutError:
                return False
        return self._connection.unsent() <= ASKED_BOUNDS * limits.stream_unsent_bytes_max

    async def _greet(self, hello: Hello) -> None:
        if self._followed or self._greeted is not None:
            raise Conflict("who you are is said first, and once", hint="open another connection")
        if self._room.greet is not None:
            self._scope = with_token(self._scope, hello.token)
            self._greeted = await self._room.greet(self._scope)
        self._say("welcome", hello.ref, name=self._greeted.name if self._greeted else "public")

    async def _subscribe(self, asked: Subscribe) -> None:
        limits = self._room.limits
        if len(self._followed) >= limits.socket_subscriptions_max:
            raise Conflict(
                f"{len(self._followed)} boards are followed here",
                hint="unsubscribe from one, or open another connection",
            )
        named = {"competition": asked.competition, "board": asked.board}
        scope = {**self._scope, "path_params": named}
        audience, document, view = await self._room.boards.followed(
            scope, asked.query, asked.last_id
        )
        channel = channel_name(document, view)
        if channel in self._followed:
            raise Conflict(f"{channel} is followed here", hint="unsubscribe first")
        audience.streams.refuse_more()
        key = scope[PRINCIPAL].key if PRINCIPAL in scope else None
        stream = Stream(self._connection, key, self.end)
        self._say("subscribed", asked.ref, channel, **named)
        joined = audience.streams.join(stream, document, view, asked.last_id)
        self._followed[channel] = Followed(stream, audience.streams, joined)

    def _unsubscribe(self, asked: Unsubscribe) -> None:
        one = self._followed.pop(asked.channel, None)
        if one is None:
            raise Conflict(f"{asked.channel} is not followed here", pointer="/channel")
        one.streams.leave(one.stream, one.channel)
        self._say("unsubscribed", asked.ref, asked.channel)

    def _say(self, event: Event, ref: str | None, channel: str = "", /, **data: Any) -> None:
        said = data if ref is None else data | {"ref": ref}
        self._connection.tell(Told((message(event, said),), channel))

    def _finish(self, reason: str, code: int) -> None:
        """Say good-bye, once."""
        if not self.end.is_set():
            self._say("bye", None, reason=reason)
            self.end.code = code
            self.end.set()


def _read(heard: Heard) -> AnyAsked:
    text = heard.get("text")
    if text is None:
        raise BadInput("messages are text", hint="send JSON in text frames")
    try:
        asked: AnyAsked = decode(text)
    except UNREADABLE as error:
        raise from_validation(error) from error
    return asked


def shown_in(scope: Scope) -> Scope:
    """A handshake's scope with the token of its subprotocols, if they have one, as a header."""
    for name in scope.get("subprotocols", ()):
        if name.startswith(BEARER):
            return with_token(scope, name.removeprefix(BEARER))
    return scope


def with_token(scope: Scope, token: str) -> Scope:
    """A scope as if the token had come in its Authorization header."""
    header = (b"authorization", b"Bearer " + token.encode("utf-8", "replace"))
    others = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
    return {**scope, "headers": [*others, header]}


def _shows(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])
