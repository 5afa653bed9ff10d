"""Devices as they are heard, and the program at a glance; what an operator's desk reads."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from scoreboard.app import running
from scoreboard.facts.event import Event
from scoreboard.facts.roles import Principal
from scoreboard.settings import Settings
from scoreboard.sources.presence import SOURCES_MAX, Presence

pytestmark = pytest.mark.one_database

CUP = {"slug": "cup", "name": "Cup", "sport": "points", "entrants": [{"id": "ann", "name": "Ann"}]}


@pytest.fixture
def served(settings: Settings) -> Settings:
    given = {"data": settings.data, "database": settings.database}
    return Settings(private_port=0, public_port=0, **given)


async def test_a_device_is_known_by_its_events_and_its_heartbeats(served: Settings) -> None:
    async with running(served) as server:
        admin = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=admin) as client:
            await client.post("/api/v1/competitions", json=CUP)
            made = await client.post("/api/v1/keys", json={"name": "pad", "role": "device"})
            device = {"Authorization": f"Bearer {made.json()['key']}"}
            slow = (datetime.now(UTC) - timedelta(seconds=90)).isoformat()
            event: dict[str, Any] = {
                "id": "1",
                "source": "lane-4",
                "type": "points.scored",
                "contest": "r1",
                "data": {"entrant": "ann", "points": 1},
                "senttime": slow,
            }
            path = "/api/v1/competitions/cup/events"
            assert (await client.post(path, json=event, headers=device)).is_success
            beat = {"source": "lane-4", "battery": 0.12, "unsent": 3, "note": "north end"}
            for one in (beat, {"source": "lane-4", "unsent": 4}):
                told = await client.post("/api/v1/devices/heartbeat", json=one, headers=device)
                assert told.status_code == 204
            [found] = (await client.get("/api/v1/devices")).json()
            assert (found["source"], found["actor"]) == ("lane-4", "device:pad")
            assert (found["competition"], found["contest"]) == ("cup", "r1")
            assert (found["battery"], found["unsent"], found["note"]) == (0.12, 4, "north end")
            assert 89 < found["skew_s"] < 95
            assert found["online"]
            assert (await client.get("/api/v1/devices", headers=device)).status_code == 403
            bad = await client.post("/api/v1/devices/heartbeat", json={"source": "x", "battery": 2})
            assert (bad.status_code, bad.json()["pointer"]) == (422, "/battery")


async def test_the_program_tells_how_it_is(served: Settings) -> None:
    async with running(served) as server:
        admin = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=admin) as client:
            await client.post("/api/v1/competitions", json=CUP)
            await client.get("/api/v1/competitions/cup/boards/standings?after=2")
            health = (await client.get("/api/v1/health")).json()
            assert health["position"] >= 2
            assert health["lag"] == health["position"] - health["boards_position"]
            assert (health["parked"], health["trouble"]) == (0, {})
            assert health["stored_bytes"]["ledger"] > 0
            assert (health["disk_free_bytes"] is None) == bool(served.database)
        async with httpx2.AsyncClient(base_url=server.private_url) as nobody:
            assert (await nobody.get("/api/v1/health")).status_code == 401


def test_more_sources_than_are_kept_push_out_those_unheard_for_longest() -> None:
    presence = Presence()
    key = Principal(key="k", name="pad", role="device")
    for number in range(SOURCES_MAX + 2):
        event = Event(id="1", type="points.scored", source=f"s{number}")
        presence.said(key, "cup", [event], None, "127.0.0.1")
        presence.said(key, "cup", [Event(id="2", type="points.scored")], "s0", "127.0.0.1")
    listed = {one.source for one in presence.listed()}
    assert len(listed) == SOURCES_MAX
    assert "s0" in listed
    assert "s1" not in listed
