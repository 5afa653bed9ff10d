"""What was erased is in no file any more: while the server runs, soon; and after it has stopped."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import Running, running
from scoreboard.settings import Projection, Settings

SECRET = "Zebedee-Quartz-1971"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "points",
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(40)],
    "contests": [{"id": "r1"}],
}
API = "/api/v1/competitions/cup"
SOON_S = 20.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Files of its own; Postgres keeps its files itself, and vacuums them."""
    saving = Projection(save_every_s=0.05, render_every_ms=1)
    return Settings(data=str(tmp_path), private_port=0, public_port=0, projection=saving)


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings) as server:
        yield server


@pytest_asyncio.fixture
async def admin(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        (await client.post("/api/v1/competitions", json=CUP)).raise_for_status()
        yield client


async def say(client: httpx2.AsyncClient, *events: dict[str, Any]) -> int:
    answer = await client.post(f"{API}/events", json=[{"source": "pad", **e} for e in events])
    results = answer.json()["results"]
    assert {result["status"] for result in results} == {201}, answer.text
    position: int = results[-1]["position"]
    after = {"after": position}
    (await client.get(f"{API}/boards/standings", params=after)).raise_for_status()
    return position


def scored(id_: str, entrant: str, points: int = 1) -> dict[str, Any]:
    data = {"entrant": entrant, "points": points}
    return {"id": id_, "type": "points.scored", "contest": "r1", "data": data}


def entered(id_: str) -> dict[str, Any]:
    data = {"entrant": {"id": "guest", "name": SECRET}}
    return {"id": id_, "type": "competition.entered", "data": data}


def holders(folder: Path) -> set[str]:
    """The files that hold the secret, under their names."""
    return {
        file.name
        for file in folder.rglob("*")
        if file.is_file() and SECRET.encode() in file.read_bytes()
    }


async def erase(client: httpx2.AsyncClient, *records: str) -> None:
    for record in records:
        path = f"{API}/records/{record}/erasures"
        (await client.post(path, json={"reason": "asked for"})).raise_for_status()


async def until_saved(server: Running, folder: Path) -> None:
    """Wait until the read store has the secret too, in boards and in states."""
    async with asyncio.timeout(SOON_S):
        while not {"ledger", "boards"} <= {name.partition(".")[0] for name in holders(folder)}:
            await asyncio.sleep(0.01)


async def until_gone(folder: Path) -> None:
    async with asyncio.timeout(SOON_S):
        while holders(folder):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("stop", [False, True], ids=["while it runs", "after a stop"])
async def test_an_erased_payload_is_in_no_file(settings: Settings, stop: bool) -> None:
    folder = Path(settings.data)
    async with running(settings) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            (await client.post("/api/v1/competitions", json=CUP)).raise_for_status()
            await say(client, scored("1", SECRET, 7), entered("2"), scored("3", "guest"))
            for n in range(30):  # boards, states and patches with the secret in them, many times
                await say(client, scored(f"more {n}", f"p{n}", n))
            await until_saved(server, folder)
            await erase(client, "pad/1", "pad/2")
            if not stop:
                await until_gone(folder)
    assert holders(folder) == set()


async def test_a_reader_that_holds_the_log_delays_it_and_nothing_else(
    server: Running, admin: httpx2.AsyncClient, settings: Settings
) -> None:
    folder = Path(settings.data)
    await say(admin, scored("1", SECRET), entered("2"))
    await until_saved(server, folder)
    async with server.app.ledger.engine.connect() as reader:
        await reader.exec_driver_sql("SELECT count(*) FROM entries")  # its view of the file stays
        await erase(admin, "pad/1", "pad/2")
        await say(admin, scored("3", "p1"))
        assert "ledger.db-wal" in holders(folder)
    await until_gone(folder)


async def test_what_a_crash_left_in_the_log_goes_with_the_next_start(settings: Settings) -> None:
    folder = Path(settings.data)
    async with running(settings) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            (await client.post("/api/v1/competitions", json=CUP)).raise_for_status()
            await say(client, scored("1", SECRET))
            await until_saved(server, folder)
            async with server.app.ledger.engine.connect() as reader:
                await reader.exec_driver_sql("SELECT count(*) FROM entries")
                await erase(client, "pad/1")
                crashed = {file.name: file.read_bytes() for file in folder.glob("*.db*")}
    left = folder / "left"
    left.mkdir()
    for name, content in crashed.items():
        if not name.endswith("-shm"):
            (left / name).write_bytes(content)
    assert "ledger.db-wal" in holders(left)
    async with running(msgspec.structs.replace(settings, data=str(left))):
        await until_gone(left)
