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
never in the address, which others log. A browser that has logged in shows its session by itself.
Whoever shows none is the public.

Every message is decided as a request to the same board would be, so a freeze holds here as there.

After its handshake a connection is taken from uvicorn. One that is quiet keeps no task, no queue
and no parser: a message makes a task, which ends with its answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scoreboard.boards.asked import AnyAsked, Hello, Ping, Subscribe, Unsubscribe, read
from scoreboard.boards.channel import REFUSED, STOPPED, Channel, Stream, channel_name, shown_by
from scoreboard.boards.connection import Direct, Form
from scoreboard.boards.finding import Finding
from scoreboard.boards.streams import Streams
from scoreboard.boards.told import Told, message
from scoreboard.errors import BadInput, Conflict, ScoreboardError, UpgradeRequired
from scoreboard.facts.instant import to_text
from scoreboard.http.endpoint import PROBLEM, Answer, Content, Endpoint
from scoreboard.http.listeners import count
from scoreboard.http.problem import (
    Problem,
    problem_of,
    problem_response,
)
from scoreboard.http.scope import HANDED_OVER
from scoreboard.http.websocket import Upgraded
from scoreboard.settings import Limits
from scoreboard.telemetry import log

PATH = "/api/v1/ws"
PROTOCOL = "scoreboard.v1"
BEARER = "bearer."
BROKEN = 1011
WHO = (b"authorization", b"cookie", b"host", b"origin")  # of the headers: who says what
KEPT = ("type", "path", "client")  # of a handshake's scope, beside who makes it
ASKED_BOUNDS = 4  # how many times the bound of unsent bytes a client may leave unread and still ask


class Greeted(Struct, frozen=True):
    """Who has shown a key or a token: how it is called, and until when it is believed (epoch)."""

    name: str
    until_s: float | None = None


Greet = Callable[[Scope], Awaitable[Greeted | None]]
"""Who makes a request by its Authorization header or its session, if it shows either.

Raises Unauthenticated, Forbidden (a session, on a page of another server), TooFast, Unavailable.
"""


Event = Literal["welcome", "subscribed", "unsubscribed", "pong", "bye", "error"]


class Sockets:
    """WebSockets of one listener; `greet` is None where nobody is more than the public."""

    def __init__(self, finding: Finding, limits: Limits, greet: Greet | None) -> None:
        self.finding = finding
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
            greeted = await self.greet(shown) if self.greet else None
        except ScoreboardError as error:
            await problem_response(error)(scope, receive, send)
            return
        protocol = PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None
        await send({"type": "websocket.accept", "subprotocol": protocol})
        Socket(self, shown, greeted)


class Followed(Struct, frozen=True):
    """A view that a client follows, and where."""

    stream: Stream
    streams: Streams
    channel: Channel


class Socket:
    """One client's connection after its handshake; it is the end of the streams on it, too."""

    __slots__ = (
        "_answering",
        "_connection",
        "_followed",
        "_greeted",
        "_messages",
        "_over",
        "_patience",
        "_room",
        "_scope",
        "_second",
        "_told",
        "_uncount",
        "code",
    )

    def __init__(self, room: Sockets, scope: Scope, greeted: Greeted | None) -> None:
        self.code = STOPPED
        self._over = False
        self._room = room
        self._scope: Scope = {name: scope[name] for name in KEPT if name in scope}
        said = scope["headers"] if greeted else ()
        self._scope["headers"] = [one for one in said if one[0] in WHO]
        self._greeted = greeted
        self._followed: dict[str, Followed] = {}
        self._second = 0.0
        self._messages = 0
        self._answering: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._uncount = count(scope, "websocket")
        connection: Upgraded | None = scope["extensions"][HANDED_OVER](self)
        if connection is None:
            self._over = True
            self._uncount()
            return
        self._connection = connection
        form: Form = "zipped_frames" if connection.zipped else "frames"
        self._told = Direct(connection.transport, form, room.limits.stream_send_buffer_bytes)
        self._be_patient()

    # the end ------------------------------------------------------------------------------------

    def is_set(self) -> bool:
        """Whether there is an end."""
        return self._over

    def set(self) -> None:
        """Let the client go, by the code that was set."""
        if not self._over:
            self._over = True
            self._told.flush()  # what was told before the close
            self._connection.close(self.code)

    def gone(self) -> None:
        """The connection has ended, by whomever."""
        self._over = True
        self._uncount()
        if self._patience is not None:
            self._patience.cancel()
        for one in self._followed.values():
            one.streams.leave(one.stream, one.channel)
        self._followed.clear()

    def stops(self) -> None:
        """The server stops."""
        self._finish("the server stops", STOPPED)

    def _finish(self, reason: str, code: int) -> None:
        """Say good-bye, once."""
        if not self._over:
            self._say("bye", None, reason=reason)
            self.code = code
            self.set()

    def _be_patient(self) -> None:
        """Let a client go that follows nothing for too long, or whose token expires."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        bounds = [] if self._followed else [self._room.limits.socket_idle_s]
        if self._greeted is not None and self._greeted.until_s is not None:
            bounds.append(max(0.0, self._greeted.until_s - time.time()))
        if bounds and not self._over:
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(min(bounds), self._out_of_patience)

    def _out_of_patience(self) -> None:
        until_s = self._greeted.until_s if self._greeted else None
        if until_s is not None and until_s <= time.time():
            self._finish("the token has expired", REFUSED)
        elif self._followed or self._answering:
            self._be_patient()
        else:
            self._finish("nothing is followed here", STOPPED)

    # listening ----------------------------------------------------------------------------------

    def heard(self, said: str | bytes) -> None:
        """Answer what the client says; it is heard again when that is done."""
        if self._over or self._too_fast():
            self._finish("too many messages in a second", REFUSED)
            self._connection.go_on()
            return
        self._answering = asyncio.create_task(self._serve(said))

    async def _serve(self, said: str | bytes) -> None:
        try:
            if await self._reads():
                await self._answer(said)
            elif not self._over:
                self._told.abort()
        except Exception:
            log.exception("WebSocket broken off")
            self._finish("something went wrong here", BROKEN)
        self._answering = None
        self._be_patient()
        self._connection.go_on()

    def _too_fast(self) -> bool:
        now_s = time.monotonic()
        if now_s - self._second >= 1.0:
            self._second, self._messages = now_s, 0
        self._messages += 1
        return self._messages > self._room.limits.socket_messages_per_second

    # answering ----------------------------------------------------------------------------------

    async def _answer(self, said: str | bytes) -> None:
        asked: AnyAsked | None = None
        try:
            asked = read(said)
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
        if self._connection.full:
            try:
                async with asyncio.timeout(limits.stream_stalled_s):
                    await self._connection.drained()
            except TimeoutError:
                return False
        return self._told.unsent() <= ASKED_BOUNDS * limits.stream_unsent_bytes_max

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
        audience, document, view = await self._room.finding.followed(
            scope, asked.query, asked.last_id
        )
        if self._over:
            return  # it went while the board was looked for
        channel = channel_name(document, view)
        if channel in self._followed:
            raise Conflict(f"{channel} is followed here", hint="unsubscribe first")
        audience.streams.refuse_more()
        stream = Stream(self._told, shown_by(scope), self)
        with self._told.together():
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
        self._told.tell(Told((message(event, said),), channel))


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
