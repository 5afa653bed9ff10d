"""Two servers on one ledger: the second is refused or the first is fenced, never do both write."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from evidence import all_there_once
from server import Server

from scoreboard.app import Running, running
from scoreboard.settings import Settings

QUIZ = {"slug": "quiz", "name": "Quiz", "sport": "points", "contests": [{"id": "r1"}]}
EVENTS = "/api/v1/competitions/quiz/events"


def scored(id_: str) -> dict[str, Any]:
    event = {"id": id_, "source": "pad", "type": "points.scored", "contest": "r1"}
    return {**event, "data": {"entrant": "ada", "points": 1}}


async def test_the_second_server_is_refused_with_a_clear_line_and_the_first_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    first = await Server(Path(settings.data), settings.database).start()
    other = tmp_path / "other" if settings.database else Path(settings.data)
    try:
        with pytest.raises(RuntimeError, match="error: another server is writing this ledger") as e:
            await Server(other, settings.database).start()
        assert "Traceback" not in str(e.value)
        async with first.client() as client:
            assert (await client.post("/api/v1/competitions", json=QUIZ)).status_code == 201
            assert (await client.post(EVENTS, json=scored("1"))).status_code == 201
    finally:
        await first.stop()


def client_of(server: Running, key: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers, verify=False)


async def test_a_server_that_lost_its_connections_is_fenced_by_the_next(
    postgres_database: str, tmp_path: Path
) -> None:
    first_settings, second_settings = (
        Settings(
            data=str(tmp_path / name), database=postgres_database, private_port=0, public_port=0
        )
        for name in ("first", "second")
    )
    async with running(first_settings) as first, client_of(first, first.admin_key) as to_first:
        assert (await to_first.post("/api/v1/competitions", json=QUIZ)).status_code == 201
        answer = await to_first.post(EVENTS, json=scored("before"))
        told = {("quiz", "pad", "before"): (answer.json()["position"], "pad/before", 1)}
        await cut_off_everybody(postgres_database)
        async with (
            running(second_settings) as second,
            client_of(second, first.admin_key) as to_second,
        ):
            for number in range(20):
                at_first, at_second = await asyncio.gather(
                    to_first.post(EVENTS, json=scored(f"first-{number}")),
                    to_second.post(EVENTS, json=scored(f"second-{number}")),
                )
                assert at_first.status_code == 503, at_first.text
                assert at_second.status_code == 201, at_second.text
                said = at_second.json()
                told["quiz", "pad", f"second-{number}"] = (said["position"], said["record"], 1)
            await all_there_once(second_settings, told)


async def cut_off_everybody(url: str) -> None:
    """End every other session of the database, and with the writer's its lock."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
