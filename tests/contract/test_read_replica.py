"""Reads of the past from a real streaming replica: never older than what was told here."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import own_postgres
import pytest
import pytest_asyncio
from own_postgres import in_database
from prometheus_client import REGISTRY
from sqlalchemy.engine import make_url

from scoreboard.app import App, Running, running
from scoreboard.errors import CannotStart
from scoreboard.settings import Settings

WAIT_S = 20
BASE = "/api/v1/competitions/quiz"
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}],
}


class Standby:
    """The replica's process, and a connection to it."""

    def __init__(self, process: Any, url: str, connection: Any) -> None:
        self.process = process
        self.url = url
        self.connection = connection

    async def pause(self) -> None:
        await self.connection.execute("SELECT pg_wal_replay_pause()")
        async with asyncio.timeout(WAIT_S):
            state = "SELECT pg_get_wal_replay_pause_state()"
            while await self.connection.fetchval(state) != "paused":
                await asyncio.sleep(0.01)

    async def resume(self) -> None:
        await self.connection.execute("SELECT pg_wal_replay_resume()")


@pytest_asyncio.fixture
async def standby(postgres_server: str, postgres_database: str) -> AsyncIterator[Standby]:
    programs = own_postgres.programs()
    if programs is None:
        pytest.skip("a replica needs Postgres's own programs")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process, server = own_postgres.start_standby(programs, Path(folder), postgres_server)
        try:
            await own_postgres.until_ready(server, process)
            name = make_url(postgres_database).database
            assert name is not None
            url = in_database(server, name)
            connection = await asyncpg.connect(url)
            yield Standby(process, url, connection)
            connection.terminate()
        finally:
            process.send_signal(signal.SIGINT)  # at once, whoever is connected
            await asyncio.to_thread(process.wait, 30)


@pytest.fixture
def settings(postgres_database: str, standby: Standby, tmp_path: Path) -> Settings:
    return Settings(
        data=str(tmp_path), database=postgres_database, read_database=standby.url,
        private_port=0, public_port=0,
    )  # fmt: skip


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings) as served:
        yield served


@pytest_asyncio.fixture
async def admin(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        yield client


async def score(client: httpx2.AsyncClient, id_: str, points: int) -> int:
    data = {"entrant": "ada", "points": points}
    event = {"id": id_, "source": "pad", "type": "points.scored", "contest": "r1", "data": data}
    answer = await client.post(f"{BASE}/events", json=event)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


async def correct(client: httpx2.AsyncClient, points: int) -> None:
    correction = {"action": "amend", "reason": "r", "data": {"entrant": "ada", "points": points}}
    answer = await client.post(f"{BASE}/records/pad/1/corrections", json=correction)
    assert answer.status_code == 201, answer.text


async def points_at(client: httpx2.AsyncClient, position: int) -> int:
    answer = await client.get(f"{BASE}/boards/standings", params={"at": position})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["content"]["rows"]["ada"]["figures"]["points"])


async def versions(client: httpx2.AsyncClient) -> int:
    answer = await client.get(f"{BASE}/records/pad/1")
    assert answer.status_code == 200, answer.text
    return len(answer.json()["versions"])


def reads(outcome: str) -> float:
    return REGISTRY.get_sample_value("scoreboard_replica_reads_total", {"outcome": outcome}) or 0


async def until_answered(client: httpx2.AsyncClient) -> None:
    """Read until the replica is asked again, and answers."""
    before = reads("answered")
    async with asyncio.timeout(WAIT_S):
        while reads("answered") == before:
            await versions(client)
            await asyncio.sleep(0.02)


async def test_the_past_is_read_from_the_replica_and_never_from_one_that_is_behind(
    admin: httpx2.AsyncClient, standby: Standby
) -> None:
    first = await score(admin, "1", 5)
    second = await score(admin, "2", 2)
    await until_answered(admin)
    before = reads("answered")
    assert (await points_at(admin, first), await points_at(admin, second)) == (5, 7)
    assert await versions(admin) == 1
    explained = await admin.get(f"{BASE}/boards/standings/rows/ada/explain")
    assert explained.status_code == 200, explained.text
    assert reads("answered") > before

    await standby.pause()
    behind = reads("behind")
    await correct(admin, 4)
    assert await versions(admin) == 2  # the replica has one
    assert reads("behind") == behind + 1
    third = await score(admin, "3", 1)
    answered = reads("answered")
    assert [await points_at(admin, at) for at in (first, second, third)] == [5, 7, 7]
    assert reads("answered") == answered

    await standby.resume()
    await until_answered(admin)
    await correct(admin, 3)
    assert await versions(admin) == 3

    standby.process.send_signal(signal.SIGINT)
    await asyncio.to_thread(standby.process.wait, 30)
    away = reads("away")
    async with asyncio.timeout(WAIT_S):
        while reads("away") == away:  # the primary answers at once for a while after a refusal
            assert await versions(admin) == 3
            await asyncio.sleep(0.02)
    assert await points_at(admin, third) == 7


async def test_a_database_without_this_ledger_is_never_read(
    postgres_server: str, postgres_database: str, tmp_path: Path
) -> None:
    wrong = Settings(
        data=str(tmp_path), database=postgres_database, read_database=postgres_server,
        private_port=0, public_port=0,
    )  # fmt: skip
    async with running(wrong) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
            (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
            await score(client, "1", 5)
            refused, answered = reads("of another ledger"), reads("answered")
            assert await versions(client) == 1
            assert (reads("of another ledger"), reads("answered")) == (refused + 1, answered)


async def test_a_replica_without_postgres_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="read_database"):
        await App.open(Settings(data=str(tmp_path), read_database="postgresql://x@y/z"))
