"""Streams under a server that hands over no transport: ASGI alone carries them."""

import asyncio
import contextlib
import socket

import httpx2
import msgspec
import pytest
import pytest_asyncio
import uvicorn

from scoreboard.app import App, running
from scoreboard.http.listeners import bind
from scoreboard.settings import Limits, Settings

pytestmark = pytest.mark.one_database

RACE = {"slug": "race", "name": "Race", "sport": "points", "contests": [{"id": "r1"}]}
STREAM = "/api/v1/competitions/race/boards/standings/stream"


class Plain(uvicorn.Server):
    """uvicorn as anybody runs it, but for the signals, which are the test's."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


@contextlib.asynccontextmanager
async def elsewhere(app: App):
    """The public door under a plain uvicorn; yields its address."""
    bound = bind("127.0.0.1", 0, "other")
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)  # what it accepts has it too
    config = uvicorn.Config(app.door("public"), log_level="error", lifespan="off")
    server = Plain(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield bound.getsockname()
    finally:
        server.should_exit = server.force_exit = True
        await serving


@pytest_asyncio.fixture
async def server(tmp_path):
    limits = Limits(stream_unsent_bytes_max=20_000, stream_stalled_s=0.2)
    settings = Settings(data=str(tmp_path), private_port=0, public_port=0, limits=limits)
    async with running(settings) as server:
        yield server


@pytest_asyncio.fixture
async def device(server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        assert (await client.post("/api/v1/competitions", json=RACE)).status_code == 201
        yield client


async def score(device, round_, entrants=1):
    """Points for so many entrants: each round changes the row of every one of them."""
    events = [
        {
            "id": f"{round_}-{n}",
            "source": "pad",
            "type": "points.scored",
            "contest": "r1",
            "data": {"entrant": f"entrant-{n}", "points": n + round_},
        }
        for n in range(entrants)
    ]
    answer = await device.post("/api/v1/competitions/race/events", json=events)
    assert answer.json()["results"][-1]["status"] == 201, answer.text


async def test_a_board_is_followed_and_the_good_bye_comes(server, device):
    async with (
        elsewhere(server.app) as (host, port),
        httpx2.AsyncClient(timeout=20) as client,
        client.stream("GET", f"http://{host}:{port}{STREAM}") as response,
    ):
        lines = response.aiter_lines()
        assert (await named(lines, "snapshot"))["content"]["rows"] == {}
        await score(device, 1)
        assert (await named(lines, "patch"))["merge"]["rows"]["entrant-0"]["rank"] == 1
        server.app.public.streams.say_bye()
        assert await named(lines, "bye") == {"reason": "the server stops"}
        assert [line async for line in lines if line] == []


async def named(lines, wanted):
    name = None
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: ") and name == wanted:
            return msgspec.json.decode(line.removeprefix("data: ").encode())
    raise AssertionError("the stream ended")


async def test_a_client_that_does_not_read_is_cut_off(server, device):
    async with elsewhere(server.app) as address:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, address)
        await loop.sock_sendall(deaf, f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        round_ = 0
        async with asyncio.timeout(60):
            while not server.app.public.streams.open:
                await asyncio.sleep(0)
            while server.app.public.streams.open:
                round_ += 1
                await score(device, round_, entrants=400)
        deaf.close()
