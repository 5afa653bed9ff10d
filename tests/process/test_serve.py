"""`scoreboard serve` as an operator starts it: a real process, its lines, its signals."""

import asyncio
import contextlib
import signal
import socket
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import own_postgres
import pytest
import pytest_asyncio
import websockets
from prometheus_client.parser import text_string_to_metric_families

from scoreboard.http.listeners import network_addresses

CUP = {"slug": "cup", "name": "Cup", "sport": "points", "contests": [{"id": "r1"}]}
COMMAND = [sys.executable, "-m", "scoreboard", "serve"]
WITHOUT_HTTPTOOLS = [
    *(sys.executable, "-c"),
    "import sys; sys.modules['httptools'] = None; from scoreboard.cli import main; main()",
    "serve",
]
EVENT = b'{"id":"1","type":"points.scored","contest":"r1","data":{"entrant":"a","points":1}}\n'
UP = "scoreboard_process_answered"
FREE = ["--private-port", "0", "--public-port", "0"]


class Served:
    """A server's process, and what it printed once it answered."""

    def __init__(self, process: asyncio.subprocess.Process, lines: list[str]) -> None:
        self.process = process
        self.lines = lines
        self.key = next((line for line in lines if line.startswith("sb_")), "")

    def urls(self, listener: str) -> list[str]:
        return [line.split()[1] for line in self.lines if line.startswith(listener)]


async def start(*words: str, command: list[str] = COMMAND) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def lines_until(process: asyncio.subprocess.Process, beginning: str) -> list[str]:
    """What a process prints up to the line that begins so, or up to its end."""
    assert process.stdout is not None
    lines: list[str] = []
    while not (lines and lines[-1].startswith(beginning)):
        line = await process.stdout.readline()
        if not line:
            return lines
        lines.append(line.decode().strip())
    return lines


@contextlib.asynccontextmanager
async def serving(
    *words: str, until: str = "sb_", command: list[str] = COMMAND
) -> AsyncIterator[Served]:
    process = await start(*words, command=command)
    try:
        yield Served(process, await lines_until(process, until))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def refusal_of(process: asyncio.subprocess.Process) -> list[str]:
    """The lines of a process that could not start."""
    printed, complained = await process.communicate()
    assert process.returncode == 1
    assert printed == b""
    return complained.decode().splitlines()


async def test_a_busy_port_is_one_clear_line_and_leaves_no_trace(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        process = await start("--data", str(data), "--private-port", "0", "--public-port", port)
        error, hint = await refusal_of(process)
    assert error == f"error: port {port} of 127.0.0.1 is taken by another program"
    assert "public listener" in hint
    assert not data.exists()


@pytest.mark.parametrize("command", [COMMAND, WITHOUT_HTTPTOOLS], ids=["httptools", "h11"])
async def test_it_stops_cleanly_while_boards_are_followed_and_bodies_are_half_sent(
    tmp_path: Path, command: list[str]
) -> None:
    async with serving("--data", str(tmp_path), *FREE, command=command) as served:
        [private], [public] = served.urls("private"), served.urls("public")
        headers = {"Authorization": f"Bearer {served.key}"}
        async with httpx2.AsyncClient(timeout=20) as client:
            made = await client.post(f"{private}/api/v1/competitions", json=CUP, headers=headers)
            assert made.status_code == 201
            board = "/api/v1/competitions/cup/boards/standings"
            after = {"after": made.json()["position"]}
            assert (await client.get(private + board, params=after)).status_code == 200
            async with (
                client.stream("GET", f"{public}{board}/stream") as outside,
                client.stream("GET", f"{private}{board}/stream") as inside,
            ):
                followed = [outside.aiter_lines(), inside.aiter_lines()]
                for stream in followed:
                    await until_event(stream, "snapshot")
                whole, _kept = await half_sent(private, served.key, "application/json", b'{"id":')
                begun = EVENT + b'{"id":'
                lines, _kept_too = await half_sent(
                    private, served.key, "application/x-ndjson", begun
                )
                await lines.readuntil(b'"status":201')
                for stream in followed:
                    await until_event(stream, "patch")
                await is_followed_by_websocket(public)
                served.process.send_signal(signal.SIGTERM)
                for stream in followed:
                    await until_event(stream, "bye")
                    assert [line async for line in stream][-1] == ""
            head, _, problem = (await whole.read()).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: " in head.lower()
            assert b"the server is stopping" in problem
            assert b'"status":503' in await lines.read()
        assert await served.process.wait() == 0
        assert served.process.stderr is not None
        assert b"Traceback" not in await served.process.stderr.read()


async def is_followed_by_websocket(url: str) -> None:
    """A board of the cup can be followed over a WebSocket, too."""
    async with websockets.connect(f"{url.replace('http', 'ws')}/api/v1/ws") as socket:
        await socket.send('{"action":"subscribe","competition":"cup","board":"contests"}')
        assert b"subscribed" in await socket.recv(decode=False)


async def half_sent(
    url: str, key: str, media: str, body: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Begin to post events, and leave the body open (as long as the writer is kept)."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /api/v1/competitions/cup/events HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9999\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: {media}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer


async def until_event(lines: AsyncIterator[str], name: str) -> None:
    while await anext(lines) != f"event: {name}":
        continue


async def test_a_first_start_shows_the_admin_key_and_the_next_opens_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--data", str(tmp_path), *FREE]
    async with serving(*words) as served:
        assert served.key
        assert not served.urls("players")
    words += ["--players-port", "0"]
    process = await start(*words)
    _, said = await process.communicate()
    assert (process.returncode, b"nothing to verify tokens with" in said) == (1, True), said
    monkeypatch.setenv("SCOREBOARD_PLAYERS__SECRET", "x" * 32)
    async with serving(*words, "--lan", "public", until="players") as again:
        [private], [players] = again.urls("private"), again.urls("players")
        assert httpx2.URL(private).host == httpx2.URL(players).host == "127.0.0.1"
        public = again.urls("public")
        assert [httpx2.URL(url).host for url in public] == network_addresses()
        async with httpx2.AsyncClient() as client:
            for url in public:
                assert (await client.get(f"{url}/api/v1/competitions")).json() == []
            assert (await client.get(f"{players}/api/v1/me")).status_code == 401
            assert (await client.get(f"{players}/api/v1/competitions")).status_code == 200
        again.process.terminate()
        printed, _ = await again.process.communicate()
        assert not again.key
        assert b"sb_" not in printed


@pytest_asyncio.fixture
async def empty_postgres(postgres_server: str) -> AsyncIterator[str]:
    """A Postgres database that no program has touched."""
    name = f"empty_{uuid.uuid4().hex}"
    await own_postgres.execute(postgres_server, f"CREATE DATABASE {name}")
    yield own_postgres.in_database(postgres_server, name)
    await own_postgres.execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def untouched(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """The words that name a fresh database of either kind."""
    words = ["--data", str(tmp_path)]
    if request.param == "postgres":
        words += ["--database", request.getfixturevalue("empty_postgres")]
    return words


async def test_of_several_that_start_at_once_one_serves_and_the_others_say_why_not(
    untouched: list[str],
) -> None:
    processes = [await start(*untouched, *FREE) for _ in range(2)]
    outcomes = await asyncio.gather(*(lines_until(one, "sb_") for one in processes))
    [served] = [one for one, lines in zip(processes, outcomes, strict=True) if lines]
    for process in processes:
        if process is not served:
            error, _hint = await refusal_of(process)
            assert error == "error: another server is writing this ledger"
    served.terminate()
    await served.communicate()
    assert served.returncode == 0


def told_by(metrics: str, name: str) -> dict[str, float]:
    """A metric's samples by process, those of one process added up."""
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name == name:
                found[sample.labels["process"]] += sample.value
    return dict(found)


async def told_by_all(client: httpx2.AsyncClient) -> str:
    """The metrics, once all three processes have answered in time."""
    while len(told_by(text := (await client.get("/metrics")).text, UP)) < 3:
        await asyncio.sleep(0.2)  # one may still be starting, or be late
    return text


async def test_metrics_are_those_of_all_processes_whichever_answers(
    tmp_path: Path, empty_postgres: str
) -> None:
    words = ["--data", str(tmp_path), "--database", empty_postgres, "--processes", "2"]
    async with serving(*words, *FREE) as served, contextlib.AsyncExitStack() as stack:
        headers = {"Authorization": f"Bearer {served.key}"}

        async def connected() -> httpx2.AsyncClient:
            return await stack.enter_async_context(
                httpx2.AsyncClient(base_url=served.urls("private")[0], headers=headers)
            )

        admin = await connected()
        await asyncio.wait_for(told_by_all(admin), 30)
        (await admin.post("/api/v1/competitions", json=CUP)).raise_for_status()
        posted = 0
        seen = []
        for n in range(8):  # connections, which the kernel deals out among the processes
            client = await connected()
            for k in range(5):
                data = {"entrant": "ada", "points": 1}
                event = {"id": f"{n}-{k}", "type": "points.scored", "contest": "r1", "data": data}
                answer = await client.post("/api/v1/competitions/cup/events", json=event)
                assert answer.status_code == 201, answer.text
                posted += 1
            seen.append(await asyncio.wait_for(told_by_all(client), 30))
        last = [told_by(text, "scoreboard_ingest_events_total") for text in seen]
        assert set(told_by(seen[-1], UP)) == {"parent", "process-0", "process-1"}
        before = sum(last[0].values()) - 5
        assert [sum(each.values()) - before for each in last] == list(range(5, posted + 1, 5))
        assert sum(told_by(seen[-1], "scoreboard_leading").values()) == 1
        assert sum(told_by(seen[-1], "scoreboard_child_up").values()) == 2
