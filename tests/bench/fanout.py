"""What it costs to tell everybody who follows a board.

    python tests/bench/fanout.py [--quick]

A board changes by about 1 KB, again and again, and N clients in a process of their own wait for
each change. Measured are the server's processor time, how long the last client waits, how long N
connections take to open (a WebSocket's is open when the board is there), and the server's memory of
one. The same for:

    floor          a uvloop protocol that writes the same bytes to every transport, and nothing else
    scoreboard     the public listener: event stream plain and in gzip, WebSocket
    nchan          nginx's module (Debian's libnginx-mod-nchan), if it is installed
    sse-starlette  the usual library (the `bench` extra)

What is published to the others is told as it is. A change of the scoreboard is nine events first:
checked, written to a ledger on disk, folded, ranked, compared with what was shown. So each server
is also measured with one client alone: that is what a change itself costs, and what is left of the
crowd's is what one more client costs. Both are shown.

Then 200 clients of the scoreboard that never read: what they cost it and the kernel.
"""

import asyncio
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from crowd_of_clients import AT_ONCE, MARKS, Crowd
from figures import Figures, arguments, progress
from msgspec import Struct
from serving import Served, scoreboard
from wire import Connection, Refused, ask_one, get, post

SIZES = {False: (1_000, 5_000), True: (200,)}
CHANGES = {False: 30, True: 10}
ENTRANTS = 9  # all of them change at once: about 1 KB
TELLING = (
    *("", "CPU µs a delivery", "times floor", "one more client µs", "times floor"),
    *("a change itself ms", "last client ms"),
)
OPENING = ("", "CPU µs each", "seconds for all", "KB each")
STALLED = 200
STALLED_CHANGES = 400
API = "/api/v1/competitions"
MODULES = Path("/usr/lib/nginx/modules")
Publish = Callable[[int], Awaitable[None]]


class Server(Struct):
    """Something that can be followed: its process, where, and how to make it tell something."""

    pid: int
    url: str
    path: str
    publish: Publish
    socket: bool = False
    zipped: bool = False


class Outcome(Struct):
    """What one server came to with so many clients.

    `cpu_us`: of one delivery, all that was spent; `one_more_us`: without what a change costs with
    one client alone (`change_ms`).
    """

    cpu_us: float
    one_more_us: float
    change_ms: float
    last_ms: float
    open_s: float
    open_us: float
    kilobytes: float


def cpu_s(pid: int) -> float:
    """Seconds of processor time of a process, by Linux's /proc: to the nanosecond, not the tick."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


def memory_bytes(pid: int) -> int:
    """Memory of its own of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def kernel_bytes() -> int:
    """What the kernel holds for all TCP sockets."""
    line = next(
        one for one in Path("/proc/net/sockstat").read_text().splitlines() if one.startswith("TCP:")
    )
    return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE")


async def measure(server: Server, count: int, changes: int) -> Outcome:
    """Let so many clients follow, and tell them so many changes, one at a time; first let one."""
    async with Crowd.of(server.url, server.path, 1, server.socket, server.zipped) as crowd:
        alone_s, _ = await tell(server, crowd, range(changes + 1))
    memory, started_s = memory_bytes(server.pid), cpu_s(server.pid)
    async with Crowd.of(server.url, server.path, count, server.socket, server.zipped) as crowd:
        opened_s = cpu_s(server.pid) - started_s
        grown = memory_bytes(server.pid) - memory
        spent_s, last_s = await tell(server, crowd, range(changes + 1, 2 * changes + 2))
        return Outcome(
            cpu_us=spent_s / count * 1e6,
            one_more_us=(spent_s - alone_s) / (count - 1) * 1e6,
            change_ms=alone_s * 1e3,
            last_ms=last_s * 1e3,
            open_s=crowd.open_s,
            open_us=opened_s / count * 1e6,
            kilobytes=grown / count / 1024,
        )


async def tell(server: Server, crowd: Crowd, changes: range) -> tuple[float, float]:
    """Tell a crowd changes, the first to get warm: of each one the server's processor time and how
    long the last client waited, in seconds.
    """
    started_s = waited_s = 0.0
    for told, number in enumerate(changes, 1):
        told_s = time.monotonic()
        await server.publish(number)
        waited_s += await crowd.until_told(told) - told_s
        if told == 1:
            started_s, waited_s = cpu_s(server.pid), 0.0
    measured = len(changes) - 1
    return (cpu_s(server.pid) - started_s) / measured, waited_s / measured


# servers -----------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def ours(folder: Path, *, socket: bool, zipped: bool) -> AsyncIterator[Server]:
    with scoreboard(folder) as served:
        await define(served)
        device = await Connection.to(served.private)

        async def publish(n: int) -> None:
            await device.ask(scored(served, n))

        path = "/api/v1/ws" if socket else f"{API}/quiz/boards/standings/stream"
        yield Server(served.pid, served.public, path, publish, socket, zipped)


async def define(served: Served) -> None:
    entrants = [{"id": f"e{n}", "name": f"Entrant number {n}"} for n in range(ENTRANTS)]
    quiz = {"slug": "quiz", "name": "Quiz", "sport": "points", "entrants": entrants}
    quiz["contests"] = [{"id": "c1"}]
    await ask_one(served.private, post(API, served.key, msgspec.json.encode(quiz)))
    await ask_one(served.private, scored(served, 1_000_000))
    await ask_one(served.public, get(f"{API}/quiz/boards/standings?after=11"))


def scored(served: Served, n: int) -> bytes:
    """What a device posts when every entrant scores at once: one change of the whole board."""
    events = [
        {
            "id": f"{n}-{entrant}",
            "source": "pad",
            "type": "points.scored",
            "contest": "c1",
            "data": {"entrant": f"e{entrant}", "points": 1 + entrant},
        }
        for entrant in range(ENTRANTS)
    ]
    body = msgspec.json.encode(events)
    return post(f"{API}/quiz/events", served.key, body)


PAYLOAD = MARKS[0] + b" " + b"x" * 1_000


@contextlib.asynccontextmanager
async def floor(_folder: Path) -> AsyncIterator[Server]:
    with child(sys.executable, str(Path(__file__).with_name("bare_fanout.py"))) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        yield Server(process.pid, url, "/stream", await posting(url, "/publish"))


@contextlib.asynccontextmanager
async def sse_starlette(_folder: Path) -> AsyncIterator[Server]:
    with child(sys.executable, str(Path(__file__).with_name("peer_sse.py"))) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        yield Server(process.pid, url, "/stream", await posting(url, "/publish"))


@contextlib.asynccontextmanager
async def nchan(folder: Path) -> AsyncIterator[Server]:
    port = 20_000 + os.getpid() % 20_000
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        textwrap.dedent(f"""
        load_module {MODULES}/ngx_nchan_module.so;
        daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
        worker_rlimit_nofile 20000;
        events {{ worker_connections 12000; }}
        http {{
          access_log off; client_body_temp_path {folder}/body;
          proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
          uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
          server {{
            listen 127.0.0.1:{port} backlog=4096;
            location /stream {{ nchan_subscriber eventsource; nchan_channel_id all; }}
            location /publish {{ nchan_publisher; nchan_channel_id all; }}
          }}
        }}""")
    )
    with child("nginx", "-c", str(configuration), "-p", str(folder)) as process:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                await ask_one(url, get("/"))
            except OSError:
                await asyncio.sleep(0.02)
            except Refused:  # it answers
                break
        yield Server(process.pid, url, "/stream", await posting(url, "/publish"))


async def posting(url: str, path: str) -> Publish:
    device = await Connection.to(url)

    async def publish(_n: int) -> None:
        with contextlib.suppress(Refused):  # nchan says 202
            await device.ask(post(path, "none", PAYLOAD, "text/plain"))

    return publish


@contextlib.contextmanager
def child(*command: str) -> "Iterator[subprocess.Popen[bytes]]":
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    try:
        yield process
    finally:
        process.kill()  # nothing is to be kept, and the last words of thousands are not measured
        process.wait(timeout=60)


# what is measured --------------------------------------------------------------------------------


def servers() -> dict[str, Callable[[Path], Any]]:
    found: dict[str, Callable[[Path], Any]] = {
        "floor": floor,
        "scoreboard": lambda folder: ours(folder, socket=False, zipped=False),
        "scoreboard, gzip": lambda folder: ours(folder, socket=False, zipped=True),
        "scoreboard, WebSocket": lambda folder: ours(folder, socket=True, zipped=False),
    }
    if shutil.which("nginx") and (MODULES / "ngx_nchan_module.so").exists():
        found["nchan"] = nchan
    else:
        progress("nchan is not installed (nginx-light, libnginx-mod-nchan): left out")
    with contextlib.suppress(ImportError):
        import sse_starlette as _installed  # noqa: F401

        found["sse-starlette"] = sse_starlette
    return found


async def compare(figures: Figures, count: int, changes: int, folder: Path) -> None:
    outcomes: dict[str, Outcome] = {}
    for name, open_ in servers().items():
        progress(f"{name}, {count} clients")
        async with open_(folder / f"{name}-{count}".replace(" ", "")) as server:
            outcomes[name] = await measure(server, count, changes)
    least = outcomes["floor"]
    telling, opening = [], []
    for name, one in outcomes.items():
        key = f"{name.replace(', ', '_').replace('-', '_').lower()}_{count}"
        times, times_more = one.cpu_us / least.cpu_us, one.one_more_us / least.one_more_us
        for kept, figure in msgspec.structs.asdict(one).items():
            figures.keep(f"{key}_{kept}", figure)
        figures.keep(f"{key}_times_floor", times)
        figures.keep(f"{key}_one_more_times_floor", times_more)
        told = (f"{one.cpu_us:.1f}", f"{times:.2f}", f"{one.one_more_us:.1f}", f"{times_more:.2f}")
        telling.append((name, *told, f"{one.change_ms:.1f}", f"{one.last_ms:.0f}"))
        opening.append((name, f"{one.open_us:.0f}", f"{one.open_s:.2f}", f"{one.kilobytes:.1f}"))
    figures.table(f"{changes} changes of 1 KB to {count:,} clients", TELLING, telling)
    figures.note("One more client: what it adds to a change, without what the change itself costs.")
    figures.table(f"{count:,} clients open, {AT_ONCE} at once", OPENING, opening)


async def stalled(figures: Figures, folder: Path, changes: int) -> None:
    """Clients that never read, and one that does; first the same changes without the former.

    What the server grows by then, by its ledger and its caches, is not theirs.
    """
    progress(f"{STALLED} clients that never read")
    async with ours(folder, socket=False, zipped=False) as server:
        await tell_one(server, range(changes))
        before = memory_bytes(server.pid)
        await tell_one(server, range(changes, 2 * changes))
        memory, kernel = memory_bytes(server.pid), kernel_bytes()
        alone = (memory - before) / STALLED / 1024
        idle = [await Crowd.silent(server.url, server.path) for _ in range(STALLED)]
        await tell_one(server, range(2 * changes, 3 * changes))
        grown = (memory_bytes(server.pid) - memory) / STALLED / 1024
        held = (kernel_bytes() - kernel) / STALLED / 1024
        for one in idle:
            one.close()
    figures.table(
        f"{STALLED} clients that read nothing of {changes} changes",
        ("server KB each", "the same without them", "kernel KB each"),
        [(f"{grown:.1f}", f"{alone:.1f}", f"{held:.1f}")],
    )
    figures.keep("stalled_server_kb", grown)
    figures.keep("stalled_server_without_kb", alone)
    figures.keep("stalled_kernel_kb", held)


async def tell_one(server: Server, changes: range) -> None:
    """Publish changes, each when one client has heard of the last."""
    async with Crowd.of(server.url, server.path, 1, False, False) as crowd:
        await tell(server, crowd, changes)


async def main() -> None:
    chosen = arguments(__doc__).parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    figures = Figures("fanout")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as text:
        folder = Path(text)
        for count in SIZES[chosen.quick]:
            await compare(figures, count, CHANGES[chosen.quick], folder)
        await stalled(figures, folder / "stalled", STALLED_CHANGES // (10 if chosen.quick else 1))
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
