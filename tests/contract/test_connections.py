"""On Postgres each kind of work has connections of its own: a flood of one takes none of another's.

A run of the worker is held up by a lock on its tables, and every connection of those who read users
and of those who read the ledger is taken. Events are still taken in, by a key that nobody
had shown before, and boards show them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from told_outside import API, CUP, QUIZ, WAIT_S, Desk, desk

from scoreboard.settings import Settings

TIPS = {"slug": "tips", "name": "Tips", "sport": "predictions", "params": {"over": "cup"}}
FLOOD = 20
HELD_UP = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@contextlib.asynccontextmanager
async def worker_tables_locked(database: str) -> AsyncIterator[asyncpg.Connection]:
    """Nobody reads or writes users and their points while the block lasts."""
    connection = await asyncpg.connect(database)
    try:
        async with connection.transaction():
            await connection.execute(
                "LOCK TABLE predictions.users, predictions.histories, predictions.points"
            )
            yield connection
    finally:
        await connection.close()


async def until_held_up(connection: asyncpg.Connection) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await connection.fetchval(HELD_UP):
            await asyncio.sleep(0.01)


async def a_game_of_one(said: Desk) -> None:
    """A guess that the worker has taken in, and a goal."""
    await said.define(CUP)
    await said.define(TIPS)
    guess = {"user": "ann", "contest": "m1", "home": 1, "away": 0}
    event = {"id": "1", "source": "pad", "type": "guess.made", "data": guess}
    answer = (await said.client.post(f"{API}/tips/events", json=event)).raise_for_status()
    shown = 0
    async with asyncio.timeout(WAIT_S):
        while shown != 1:
            after = {"after": answer.json()["position"]}
            found = await said.client.get(f"{API}/tips/boards/leaderboard", params=after)
            shown = found.json().get("content", {}).get("total", 0)
    await said.say("cup", "1", "football.goal", {"team": "ada", "minute": 3}, contest="m1")


async def test_neither_a_bulk_run_nor_a_flood_of_reads_keeps_events_and_boards_waiting(
    postgres_database: str, tmp_path: Path
) -> None:
    settings = Settings(
        data=str(tmp_path / "data"),
        database=postgres_database,
        database_connections=2,
        private_port=0,
        public_port=0,
    )
    async with contextlib.AsyncExitStack() as stack:
        said = await stack.enter_async_context(desk(settings))
        await said.define(QUIZ)
        await a_game_of_one(said)
        key = {"name": "pad", "role": "device"}
        made = (await said.client.post("/api/v1/keys", json=key)).raise_for_status().json()
        pad = {"Authorization": f"Bearer {made['key']}"}
        async with (
            worker_tables_locked(postgres_database) as watching,
            contextlib.AsyncExitStack() as held,
        ):
            await said.say("cup", "2", "football.full_time", {}, contest="m1")
            await until_held_up(watching)
            app = said.server.app
            for engine, count in (
                (app.ledger.engine, settings.database_connections),
                (app.predictions.store.engine, settings.leaderboard_connections),
            ):
                for _ in range(count):
                    await held.enter_async_context(engine.connect())
            users = [
                asyncio.create_task(said.client.get(f"{API}/tips/users/ann")) for _ in range(FLOOD)
            ]
            reading = asyncio.create_task(app.ledger.versions("cup", ["pad/2"]))
            shown = await scored(said, pad)
            assert not any(task.done() for task in (*users, reading))
        assert shown["p1"]["figures"]["points"] == 7
        answers = await asyncio.gather(*users)
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert list(await reading) == ["pad/2"]


async def scored(said: Desk, headers: dict[str, str]) -> dict[str, Any]:
    """The public's rows after a device has given points."""
    data = {"entrant": "p1", "points": 7}
    event = {"id": "1", "type": "points.scored", "contest": "r1", "data": data}
    async with httpx2.AsyncClient(timeout=30) as client:
        url = f"{said.server.private_url}{API}/quiz/events"
        answer = (await client.post(url, json=event, headers=headers)).raise_for_status()
        url = f"{said.server.public_url}{API}/quiz/boards/standings"
        after = {"after": answer.json()["position"]}
        board = (await client.get(url, params=after)).raise_for_status()
    rows: dict[str, Any] = board.json()["content"]["rows"]
    return rows
