"""Several HTTP servers in one event loop: how they start, and how all of them stop.

    signal ─▶ stop event ─▶ streams say good-bye and end ─▶ servers stop taking and close
                         ─▶ half-sent bodies are refused: 503, come back
                                                          ─▶ after GRACE_S the rest is cut off

Sockets are bound here, before anything else starts, so that a busy port is one clear line. Signals
are ours: uvicorn would catch each signal once per server.
"""

import asyncio
import contextlib
import errno
import signal
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_address
from time import monotonic
from types import FrameType
from typing import Any

import ifaddr
import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scoreboard import telemetry
from scoreboard.errors import CannotStart, Unavailable
from scoreboard.http.handshake import Handshake
from scoreboard.http.problem import problem_response
from scoreboard.http.protocols import HTTP
from scoreboard.http.scope import Prepared
from scoreboard.http.websocket import Upgraded
from scoreboard.settings import Limits

EVERYWHERE = "*"
ANY_ADDRESS = ("::", "0.0.0.0")  # noqa: S104 - how a socket says it
KINDS = "scoreboard.kinds"
GRACE_S = 1
LEFT_S = 0.01  # how often is asked whether all have gone
TICK_S = 0.1  # uvicorn's own: when the Date header is made anew
TICKS_MAX = 864_000
RETRY_AFTER_S = 5.0
KEEP_ALIVE_S = 75
PING_EVERY_S = 20.0  # of WebSockets: one whose client says nothing from one to the next is gone
HEAD_S = 30.0  # a request's head takes no longer than twice that
PINGED_AT_ONCE = 500
BACKLOG = 2_048


class Listener(Struct, frozen=True, kw_only=True):
    """An application on a bound socket; `name` is for people, such as `private`."""

    name: str
    socket: Any
    app: ASGIApp
    tls: ssl.SSLContext | None = None
    connections_max: int = Limits().connections_max
    message_bytes_max: int = Limits().socket_message_bytes_max

    @property
    def url(self) -> str:
        """Where this machine itself reaches it, such as `http://127.0.0.1:8080`."""
        return self.urls[0]

    @property
    def urls(self) -> list[str]:
        """Every address at which it answers, this machine's own first."""
        return urls_of(self.socket, "https" if self.tls else "http")


def urls_of(bound: socket.socket, scheme: str) -> list[str]:
    """Every address at which a bound socket is reached, this machine's own first."""
    port = bound.getsockname()[1]
    return [
        f"{scheme}://[{h}]:{port}" if ":" in h else f"{scheme}://{h}:{port}"
        for h in hosts_of(bound)
    ]


def hosts_of(bound: socket.socket) -> list[str]:
    """This machine's addresses that a bound socket answers at, the loopback first."""
    host: str = bound.getsockname()[0]
    return network_addresses() if host in ANY_ADDRESS else [host]


def network_addresses() -> list[str]:
    """This machine's addresses: the loopback, then every interface's, IPv4 before IPv6.

    Link-local IPv6 addresses are left out: they mean nothing without the name of an interface.
    """
    found = {
        ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }
    others = [
        ip for ip in found if not ip.is_loopback and not (ip.version == 6 and ip.is_link_local)
    ]
    ipv6 = socket.has_dualstack_ipv6()
    shown = [ip for ip in others if ip.version == 4 or ipv6]
    return ["127.0.0.1", *map(str, sorted(shown, key=lambda ip: (ip.version, ip.packed)))]


def bind(host: str, port: int, name: str) -> socket.socket:
    """A socket bound to an address (port 0: any free one); CannotStart if it cannot be had.

    The host EVERYWHERE means every address of this machine, IPv4 and, where there is it, IPv6.
    """
    everywhere = host == EVERYWHERE
    if everywhere:
        host = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - as was asked
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With the protocol named, asyncio switches Nagle's algorithm off for what is accepted;
        # otherwise an answer in two parts waits 40 ms for the client's delayed acknowledgement.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise CannotStart(f"the {name} listener has no address {host}: {error.strerror}") from error
    try:
        # On Windows this option would let two servers share a port; elsewhere it lets a server
        # that was just stopped come back.
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if everywhere and family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind((host, port))
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except (OSError, OverflowError) as error:
        bound.close()
        raise _cannot_bind(host, port, name, error) from error
    return bound


def _cannot_bind(host: str, port: int, name: str, error: Exception) -> CannotStart:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return CannotStart(
            f"port {port} of {host} is taken by another program",
            hint=f"stop that program or choose another port for the {name} listener",
        )
    return CannotStart(f"the {name} listener cannot have port {port} of {host}: {error}")


async def serve(
    listeners: list[Listener],
    stop: asyncio.Event,
    *,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve on all listeners until `stop` is set; `ready` is called when all of them answer."""
    waiting = len(listeners)

    def one_started() -> None:
        nonlocal waiting
        waiting -= 1
        if not waiting:
            ready()

    servers = [_Server(listener, one_started) for listener in listeners]
    try:
        async with asyncio.TaskGroup() as tasks:
            for server, listener in zip(servers, listeners, strict=True):
                tasks.create_task(server.serve(sockets=[listener.socket]), name=listener.name)
            await stop.wait()
            for server in servers:
                server.leave()
    finally:
        for server in servers:
            server.let_go()  # also when something else has failed, and nobody was told to leave


@contextlib.contextmanager
def counted(scope: Scope, kind: str) -> Iterator[None]:
    """Count a request's connection among those of a kind of its listener while the block lasts."""
    uncount = count(scope, kind)
    try:
        yield
    finally:
        uncount()


def count(scope: Scope, kind: str) -> Callable[[], None]:
    """The same until what is returned is called."""
    kinds: Counter[str] = scope.get(KINDS, Counter())
    kinds[kind] += 1

    def uncount() -> None:
        kinds[kind] -= 1

    return uncount


@contextlib.contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on Ctrl+C, SIGTERM and (Windows) Ctrl+Break; the handlers before come back."""
    loop = asyncio.get_running_loop()
    wanted = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        wanted.append(signal.SIGBREAK)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    before = {number: signal.signal(number, on_signal) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists (not on Windows), else None: asyncio's own (for `asyncio.Runner`)."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _config(listener: Listener, app: ASGIApp) -> uvicorn.Config:
    tls = listener.tls
    return uvicorn.Config(
        app,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
        http=HTTP,
        ws=Handshake,
        ws_max_size=listener.message_bytes_max,
        ws_ping_interval=None,  # the server pings all of them, see `_ping`
        ws_per_message_deflate=False,  # a compressor for each client: bytes are made once for all
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        backlog=BACKLOG,
    )


class _Server(uvicorn.Server):
    """A server that leaves signals alone, tells when it has started, and ends in bounded time."""

    def __init__(self, listener: Listener, started: Callable[[], None]) -> None:
        super().__init__(_config(listener, self))
        self._listener = listener
        self._prepared = listener.app if isinstance(listener.app, Prepared) else None
        self._when_started = started
        self._unwritten: list[Callable[[], None]] = []
        self._leaving = asyncio.Event()
        self._kinds: Counter[str] = Counter()  # connections that are not plain HTTP
        self._silent: dict[Any, Any] = {}  # those waited for, with their last request
        connections = telemetry.CONNECTIONS
        for kind in ("stream", "websocket"):
            connections.labels(listener.name, kind).set_function(
                partial(self._kinds.__getitem__, kind)
            )
        connections.labels(listener.name, "http").set_function(
            lambda: len(self.server_state.connections) - self._kinds.total()
        )

    def at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """What the listener's application has ready, likewise; see `http.scope.Prepared`."""
        if self._prepared is None or self._is_full():
            return None
        return self._prepared.at_once(scope)

    def write_soon(self, write: Callable[[], None]) -> None:
        """Call it at the loop's next turn, together with all others, one of each connection.

        Written between the reading of two requests, each answer would find its client asleep, and
        to wake one up costs more than to answer it; of many writes in a row the first one does.
        """
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._write)
        self._unwritten.append(write)

    def _write(self) -> None:
        unwritten, self._unwritten = self._unwritten, []
        for write in unwritten:
            write()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: the listener's application, unless too many connections are open."""

        async def received() -> Message:
            message = await receive()
            if self.should_exit and message.get("more_body"):
                raise Unavailable("the server is stopping", retry_after_s=RETRY_AFTER_S)
            return message

        if not self._is_full():
            scope[KINDS] = self._kinds
            await self._listener.app(scope, received, send)
            return
        telemetry.CONNECTIONS_REFUSED.labels(self._listener.name).inc()
        response = problem_response(
            Unavailable("too many connections are open", retry_after_s=RETRY_AFTER_S)
        )
        response.headers["Connection"] = "close"
        await response(scope, receive, send)

    def _is_full(self) -> bool:
        return len(self.server_state.connections) > self._listener.connections_max

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_started()

    def leave(self) -> None:
        """Take no more connections and end what is open, now."""
        self.should_exit = True
        self._leaving.set()

    def let_go(self) -> None:
        """Take nothing more from the sockets, which may be closed next."""
        for server in getattr(self, "servers", ()):  # none if it never started
            server.close()

    async def main_loop(self) -> None:
        tick, ping_at, head_at = 0, monotonic() + PING_EVERY_S, monotonic() + HEAD_S
        while not await self.on_tick(tick):
            tick = (tick + 1) % TICKS_MAX
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), TICK_S)
            if monotonic() >= ping_at:
                ping_at = monotonic() + PING_EVERY_S
                await self._ping()
            if monotonic() >= head_at:
                head_at = monotonic() + HEAD_S
                await self._end_silent()

    async def _ping(self) -> None:
        """Ask all WebSockets for a sign of life."""
        for number, connection in enumerate(list(self.server_state.connections), 1):
            if isinstance(connection, Upgraded):
                connection.ping()
            if number % PINGED_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _end_silent(self) -> None:
        """Cut off whoever has not said what it wants since this was looked at before.

        They would hold their places for ever, and cost those nothing who keep all of them.
        """
        before, self._silent = self._silent, {}
        connections: list[Any] = list(self.server_state.connections)
        for number, connection in enumerate(connections, 1):
            if _is_waited_for(connection):
                self._silent[connection] = connection.cycle
                if before.get(connection, self) is connection.cycle:
                    connection.transport.close()
            if number % PINGED_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.let_go()
        for bound in sockets or []:
            bound.close()
        for connection in list(self.server_state.connections):
            request: Any = getattr(connection, "cycle", None)
            if request is not None and request.more_body:
                request.message_event.set()  # nobody waits for the rest of its body
            connection.shutdown()
        state, until_s = self.server_state, monotonic() + GRACE_S
        while (state.connections or state.tasks) and monotonic() < until_s:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(LEFT_S)
        for task in state.tasks:
            task.cancel()
        for connection in list(state.connections):
            connection.transport.abort()  # its peer reads nothing: no use in waiting for it


def _is_waited_for(connection: Any) -> bool:
    """Whether a request's head is to come; between requests uvicorn's own timer runs."""
    if getattr(connection, "timeout_keep_alive_task", connection) is not None:
        return False  # that timer runs, or it is no HTTP connection any more
    return connection.cycle is None or connection.cycle.response_complete
