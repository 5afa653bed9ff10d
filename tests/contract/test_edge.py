"""The example of an edge, run by nginx before a real server: `config/cdn.nginx.conf`."""

import asyncio
import contextlib
import getpass
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from follower import Follower
from websockets.asyncio.client import connect

from scoreboard.app import Running, running
from scoreboard.settings import Projection, Settings

CONFIG = Path(__file__).resolve().parents[2] / "config" / "cdn.nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
API = "/api/v1/competitions"
BOARD = f"{API}/quiz/boards/standings"
ENTRANTS_MANY = 8
ENTRANTS = [{"id": f"e{n}", "name": f"Entrant number {n}"} for n in range(ENTRANTS_MANY)]
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": ENTRANTS,
    "contests": [{"id": "r1"}],
}
WAIT_S = 20

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@contextlib.asynccontextmanager
async def nginx(folder: Path, origin: str) -> AsyncIterator[str]:
    """nginx with the example's own text, but for the ports; its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = CONFIG.read_text()
    for example, own in (("listen 8090", f"listen {port}"), ("127.0.0.1:8081", origin)):
        assert example in text
        text = text.replace(example, own)
    config = folder / "nginx.conf"
    config.write_text(f"daemon off; user {getpass.getuser()};\n{text}")
    process = await asyncio.create_subprocess_exec(
        str(NGINX), "-p", str(folder), "-c", str(config), stderr=asyncio.subprocess.PIPE
    )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except ConnectionRefusedError:
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.02)  # nginx has no signal to give but its socket
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=str(tmp_path / "data"), private_port=0, public_port=0,
        projection=Projection(render_every_ms=1),
    )  # fmt: skip


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings) as served:
        yield served


@contextlib.asynccontextmanager
async def defined(served: Running) -> AsyncIterator[httpx2.AsyncClient]:
    """A quiz with one score; an official's client."""
    headers = {"Authorization": f"Bearer {served.admin_key}"}
    async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
        (await client.post(API, json=QUIZ)).raise_for_status()
        for n in range(2, ENTRANTS_MANY):  # enough for an answer that is worth zipping
            await score(client, f"of e{n}", 1, f"e{n}")
        await score(client, "1", 5)
        yield client


@pytest_asyncio.fixture
async def official(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    async with defined(server) as client:
        yield client


@pytest_asyncio.fixture
async def viewer(server: Running, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    folder = tmp_path / "edge"
    folder.mkdir()
    async with (
        nginx(folder, server.public_url.removeprefix("http://")) as url,
        httpx2.AsyncClient(base_url=url) as client,
    ):
        yield client


async def score(client: httpx2.AsyncClient, id_: str, points: int, entrant: str = "e1") -> int:
    data = {"entrant": entrant, "points": points}
    event = {"id": id_, "source": "pad", "type": "points.scored", "contest": "r1", "data": data}
    answer = await client.post(f"{API}/quiz/events", json=event)
    assert answer.status_code == 201, answer.text
    position = int(answer.json()["position"])
    (await client.get(BOARD, params={"after": position})).raise_for_status()
    return position


def points(answer: httpx2.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.json()["content"]["rows"]["e1"]["figures"]["points"])


async def test_boards_come_from_the_edge_as_the_origin_told_them(
    server: Running, official: httpx2.AsyncClient, viewer: httpx2.AsyncClient
) -> None:
    async with httpx2.AsyncClient(base_url=server.public_url) as direct:
        for coding in ("identity", "gzip"):
            headers = {"Accept-Encoding": coding}
            told = await direct.get(BOARD, headers=headers)
            assert told.headers.get("content-encoding", "identity") == coding
            first, again = [await viewer.get(BOARD, headers=headers) for _ in range(2)]
            seen = first.headers["x-cache"], again.headers["x-cache"]
            assert seen[0] == "MISS"
            assert seen[1] in {"HIT", "REVALIDATED"}  # if the second was over
            for name in ("etag", "vary", "content-type", "access-control-allow-origin"):
                assert again.headers[name] == told.headers[name]
            assert again.headers.get("content-encoding") == told.headers.get("content-encoding")
            assert again.content == told.content
            known = {**headers, "If-None-Match": told.headers["etag"]}
            assert (await viewer.get(BOARD, headers=known)).status_code == 304
        # Browsers' own words for it are the same two answers.
        brave = await viewer.get(BOARD, headers={"Accept-Encoding": "br, gzip;q=0.8, deflate"})
        assert brave.headers["x-cache"] != "MISS"
        assert brave.headers["content-encoding"] == "gzip"
        refused = await viewer.get(BOARD, headers={"Accept-Encoding": "gzip;q=0"})
        assert "content-encoding" not in refused.headers
    key = {"Authorization": f"Bearer {server.admin_key}"}
    written = await viewer.post(f"{API}/quiz/events", json={}, headers=key)
    assert written.status_code == 404  # nothing can be written by way of the public


async def test_what_changes_is_told_within_a_second_and_at_once_to_who_asks_after_it(
    server: Running, official: httpx2.AsyncClient, viewer: httpx2.AsyncClient
) -> None:
    assert points(await viewer.get(BOARD)) == 5
    position = await score(official, "2", 2)
    assert points(await viewer.get(BOARD, params={"after": position})) == 7  # at once
    async with asyncio.timeout(WAIT_S):
        while points(await viewer.get(BOARD)) != 7:  # a second later
            await asyncio.sleep(0.05)
    assert (await viewer.get(f"{API}/quiz/boards/none")).status_code == 404


async def test_a_board_stays_to_be_seen_while_the_origin_is_away(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "edge"
    folder.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        async with running(settings) as served, defined(served):
            origin = served.public_url.removeprefix("http://")
            url = await stack.enter_async_context(nginx(folder, origin))
            viewer = await stack.enter_async_context(httpx2.AsyncClient(base_url=url))
            assert points(await viewer.get(BOARD)) == 5
        seen = ""
        async with asyncio.timeout(WAIT_S):
            while seen != "STALE":  # kept for its second first
                answer = await viewer.get(BOARD)
                assert points(answer) == 5
                seen = answer.headers["x-cache"]
        assert (await viewer.get(f"{BOARD}?top=3")).status_code == 502


async def test_streams_pass_the_edge_as_they_are_told(
    official: httpx2.AsyncClient, viewer: httpx2.AsyncClient
) -> None:
    def wanted(least: int) -> Any:
        return lambda board: board["content"]["rows"]["e1"]["figures"]["points"] >= least

    follower = Follower(f"{viewer.base_url}{BOARD}/stream".replace("//api", "/api"))
    socket_url = f"ws://{viewer.base_url.netloc.decode()}/api/v1/ws"
    async with follower.connected(), connect(socket_url, compression=None) as listening:
        asked = {"action": "subscribe", "competition": "quiz", "board": "standings"}
        await listening.send(msgspec.json.encode(asked).decode())
        await follower.until(wanted(5))
        async with asyncio.timeout(WAIT_S):
            while msgspec.json.decode(await listening.recv())["event"] != "snapshot":
                continue
            await score(official, "2", 2)
            await follower.until(wanted(7))
            while msgspec.json.decode(await listening.recv())["event"] != "patch":
                continue
