"""Running clocks on boards: facts in the server's time, corrected and undone like all others."""

import time

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.facts.instant import from_text, to_text
from scoreboard.settings import Projection

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}],
}
GAME = CUP | {"slug": "game", "sport": "periods"}
RUN = {
    "slug": "run",
    "name": "Run",
    "sport": "race",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "m1"}],
}
BEGAN = "2026-06-01T12:00:00.000000Z"
LATER = "2026-06-01T12:10:00.000000Z"


@pytest_asyncio.fixture
async def server(settings):
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1)
    )
    async with running(free) as server:
        yield server


@pytest_asyncio.fixture
async def desk(server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        for competition in (CUP, GAME, RUN):
            assert (await client.post(API, json=competition)).status_code == 201
        yield client


async def say(client, slug, id_, type_, when, **data):
    event = {"source": "pad", "id": id_, "type": type_, "contest": "m1", "time": when}
    answer = await client.post(f"{API}/{slug}/events", json=event | {"data": data})
    assert answer.status_code == 201, answer.text
    return await clock(client, slug, answer.json()["position"])


async def clock(client, slug, position):
    """The clock that the schedule shows after a position; None if it shows none."""
    url = f"{API}/{slug}/boards/contests"
    answer = await client.get(url, params={"after": position})
    assert answer.status_code == 200, answer.text
    return answer.json()["content"]["rows"]["m1"]["line"].get("clock")


async def correct(client, slug, record, **said):
    url = f"{API}/{slug}/records/{record}/corrections"
    answer = await client.post(url, json={"reason": "seen again", **said})
    assert answer.is_success, answer.text
    return await clock(client, slug, answer.json()["position"])


async def test_a_stop_by_mistake_is_voided_and_the_clock_has_never_stopped(desk):
    on = await say(desk, "cup", "1", "football.kick_off", BEGAN)
    assert (on["elapsed_ms"], on["stopped"], on["running_since"]) == (0, False, BEGAN)
    stop = {"period": "first", "elapsed_ms": 598_000, "running": False}
    off = await say(desk, "cup", "2", "football.clock", LATER, **stop)
    assert (off["elapsed_ms"], off["stopped"]) == (598_000, True)
    assert "running_since" not in off
    assert await correct(desk, "cup", "pad/2", action="void") == on
    listed = await desk.get(f"{API}/cup/boards/contests/corrections")
    pointers = {one["pointer"] for one in listed.json()["corrections"][0]["changes"]}
    assert "/rows/m1/line/clock/running_since" in pointers
    assert await correct(desk, "cup", "pad/2", action="restore") == off


async def test_a_clock_that_was_put_right_can_be_undone(desk):
    start = {"period": 1, "clock_ms": 600_000, "running": True}
    on = await say(desk, "game", "1", "periods.clock", BEGAN, **start)
    assert (on["direction"], on["elapsed_ms"], on["limit_ms"]) == ("down", 0, 600_000)
    amended = {"period": 1, "clock_ms": 599_500, "running": True}
    right = await correct(desk, "game", "pad/1", action="amend", data=amended)
    assert (right["elapsed_ms"], right["running_since"]) == (500, BEGAN)
    versions = (await desk.get(f"{API}/game/records/pad/1")).json()["versions"]
    body = {"positions": [versions[-1]["position"]], "reason": "was right before"}
    undone = await desk.post(f"{API}/game/undo", json=body)
    assert undone.is_success, undone.text
    last = (await desk.get(f"{API}/game/records/pad/1")).json()["versions"][-1]["position"]
    assert await clock(desk, "game", last) == on


async def test_a_gun_starts_the_clock_of_a_race_and_a_false_start_takes_it_back(desk):
    on = await say(desk, "run", "1", "race.gun", BEGAN, at=1_000)
    assert (on["direction"], on["elapsed_ms"], on["running_since"]) == ("up", 0, BEGAN)
    assert await correct(desk, "run", "pad/1", action="void") is None
    assert (await say(desk, "run", "2", "race.gun", LATER, at=9_000))["running_since"] == LATER


async def test_a_clock_runs_since_a_moment_of_the_servers_time(desk):
    """A device whose clock is an hour slow says so by when it sent."""
    before = time.time_ns() // 1000
    slow = to_text(before - 3_600_000_000)
    event = {"source": "pad", "id": "1", "type": "football.kick_off", "contest": "m1"}
    answer = await desk.post(f"{API}/cup/events", json=event | {"time": slow, "senttime": slow})
    shown = await clock(desk, "cup", answer.json()["position"])
    assert before <= from_text(shown["running_since"]) <= time.time_ns() // 1000


@pytest.mark.parametrize("door", ["private_url", "public_url"])
async def test_every_door_tells_the_time(server, door):
    async with httpx2.AsyncClient(base_url=getattr(server, door)) as client:
        before = time.time_ns() // 1000
        answer = await client.get("/api/v1/time")
        assert before <= from_text(answer.json()["now"]) <= time.time_ns() // 1000
        assert answer.headers["cache-control"] == "no-store"
