"""Clients of streams over real sockets: those that come back, and those that stop reading."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest_asyncio
import websockets
from follower import Follower
from prometheus_client import REGISTRY

from scoreboard.app import Running, running
from scoreboard.settings import Limits, Settings

RACE = {"slug": "race", "name": "Race", "sport": "points", "contests": [{"id": "r1"}]}
BASE = "/api/v1/competitions/race"
STREAM = f"{BASE}/boards/standings/stream"
LIMITS = Limits(
    window_patches_max=3,
    stream_stalled_s=0.2,
    stream_unsent_bytes_max=20_000,
    stream_send_buffer_bytes=8_192,
)
ENTRANTS = 300


class Race:
    """A running server with a competition, a device, and the number of the last score."""

    def __init__(self, server: Running, device: httpx2.AsyncClient) -> None:
        self.server = server
        self.device = device
        self.round = 0

    async def score(self, entrants: int = 1) -> dict[str, Any]:
        """Score once for so many entrants; returns the board with it."""
        self.round += 1
        events = [
            {
                "id": f"{self.round}-{number}",
                "source": "pad",
                "type": "points.scored",
                "contest": "r1",
                "data": {"entrant": f"entrant-{number}", "points": self.round},
            }
            for number in range(entrants)
        ]
        answer = await self.device.post(f"{BASE}/events", json=events)
        results = answer.json()["results"]
        assert all(result["status"] == 201 for result in results)
        after = {"after": results[-1]["position"]}
        board = await self.device.get(f"{BASE}/boards/standings", params=after)
        shown: dict[str, Any] = board.json()
        return shown

    def follower(self, held: dict[str, Any] | None) -> Follower:
        return Follower(f"{self.server.public_url}{STREAM}", held)


@pytest_asyncio.fixture
async def race(tmp_path: Path) -> AsyncIterator[Race]:
    settings = Settings(data=str(tmp_path), private_port=0, public_port=0, limits=LIMITS)
    async with running(settings) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(
            base_url=server.private_url, headers=headers, verify=False, timeout=30
        ) as device:
            answer = await device.post("/api/v1/competitions", json=RACE)
            assert answer.status_code == 201, answer.text
            race = Race(server, device)
            await race.score()
            yield race


async def heard(race: Race, held: dict[str, Any], newest: dict[str, Any]) -> list[str]:
    """What a client that comes back with a board hears until it holds the newest one."""
    follower = race.follower(held)
    async with follower.connected():
        board = await follower.until(lambda board: board["version"] == newest["version"])
    assert board["content"] == newest["content"]
    return [event for event, _version in follower.seen]


async def test_an_exact_version_in_the_window_gets_the_patches_since(race: Race) -> None:
    held = await race.score()
    await race.score()
    assert await heard(race, held, await race.score()) == ["patch", "patch"]


async def test_the_newest_version_gets_nothing_until_something_changes(race: Race) -> None:
    held = await race.score()
    follower = race.follower(held)
    async with follower.connected():
        newest = await race.score()
        await follower.until(lambda board: board["version"] == newest["version"])
    assert follower.seen == [("patch", newest["version"])]


async def test_a_version_older_than_the_window_gets_a_snapshot(race: Race) -> None:
    held = await race.score()
    for _ in range(LIMITS.window_patches_max):
        await race.score()
    assert await heard(race, held, await race.score()) == ["snapshot"]


async def test_a_version_that_never_was_gets_a_snapshot(race: Race) -> None:
    held = await race.score()
    generation, position, _revision = held["version"].split("-")
    newest = await race.score()
    never = held | {"version": f"{generation}-{position}-77"}
    assert await heard(race, never, newest) == ["snapshot"]


async def test_a_version_ahead_of_the_ledger_gets_a_reset_and_a_snapshot(race: Race) -> None:
    newest = await race.score()
    generation = newest["version"].partition("-")[0]
    for position in ("999999", "9" * 18, "²", "9" * 5_000):
        ahead = newest | {"version": f"{generation}-{position}-0"}
        assert await heard(race, ahead, newest) == ["reset", "snapshot"], position


async def test_a_version_of_another_generation_gets_a_reset_and_a_snapshot(race: Race) -> None:
    newest = await race.score()
    _generation, position, revision = newest["version"].split("-")
    other = newest | {"version": f"ffffffffff-{position}-{revision}"}
    assert await heard(race, other, newest) == ["reset", "snapshot"]


async def test_a_client_that_stops_reading_costs_bounded_memory_and_is_cut_off(
    race: Race,
) -> None:
    cut_off = REGISTRY.get_sample_value("scoreboard_stream_cutoffs_total") or 0.0
    deaf = await deaf_client(race.server.public_url)
    most = 0
    while (REGISTRY.get_sample_value("scoreboard_stream_cutoffs_total") or 0.0) == cut_off:
        newest = await race.score(ENTRANTS)
        most = max(most, unsent(race))
    deaf.close()
    a_patch = len(msgspec.json.encode(newest))
    assert 0 < most < LIMITS.stream_unsent_bytes_max + 17 * a_patch
    assert unsent(race) == 0


async def test_a_socket_whose_client_stops_reading_is_cut_off_and_others_go_on(
    race: Race,
) -> None:
    cut_off = REGISTRY.get_sample_value("scoreboard_stream_cutoffs_total") or 0.0
    deaf = await deaf_socket(race.server.public_url)
    url = race.server.public_url.replace("http", "ws") + "/api/v1/ws"
    async with websockets.connect(url) as reading:
        await reading.send(FOLLOW)
        most = 0
        while (REGISTRY.get_sample_value("scoreboard_stream_cutoffs_total") or 0.0) == cut_off:
            newest = await race.score(ENTRANTS)
            most = max(most, unsent(race))
            while newest["version"] not in await reading.recv():
                pass
    deaf.close()
    a_patch = len(msgspec.json.encode(newest))
    assert 0 < most < 2 * (LIMITS.stream_unsent_bytes_max + 17 * a_patch)


async def test_a_client_that_asks_and_does_not_read_is_cut_off(race: Race) -> None:
    await race.score(ENTRANTS)
    deaf = await deaf_socket(race.server.public_url)
    loop = asyncio.get_running_loop()
    away = masked(b'{"action":"unsubscribe","channel":"race/standings"}')
    try:
        async with asyncio.timeout(30):
            while True:
                await loop.sock_sendall(deaf, away + masked(FOLLOW.encode()))
    except (ConnectionError, BrokenPipeError):
        pass
    deaf.close()
    assert unsent(race) == 0


FOLLOW = '{"action":"subscribe","competition":"race","board":"standings"}'


def masked(text: bytes) -> bytes:
    """A client's text frame, masked with zeros (RFC 6455, section 5.3)."""
    return bytes((0x81, 0x80 | len(text))) + bytes(4) + text


async def deaf_socket(url: str) -> socket.socket:
    """A WebSocket's client that follows the board and reads nothing."""
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    upgrade += f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n"
    deaf = await deaf_client(url, "/api/v1/ws", upgrade)
    loop = asyncio.get_running_loop()
    assert b"101" in await loop.sock_recv(deaf, 1_000)
    await loop.sock_sendall(deaf, masked(FOLLOW.encode()))
    return deaf


def unsent(race: Race) -> int:
    """Bytes that wait in the server for its streams' clients."""
    channels = race.server.app.public.streams._all()
    return sum(stream.connection.unsent() for channel in channels for stream in channel.streams)


async def deaf_client(url: str, path: str = STREAM, headers: str = "") -> socket.socket:
    """A client with a small receive buffer that asks for the stream and reads nothing."""
    host, _, port = url.removeprefix("http://").partition(":")
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, (host, int(port)))
    await loop.sock_sendall(deaf, f"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
    return deaf
