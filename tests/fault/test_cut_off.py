"""Postgres cut off for five seconds: refusals that say when to come back, then on by itself."""

import asyncio
import random
from pathlib import Path

import httpx2
from crowd import CUP, QUIZ, Crowd
from evidence import all_there_once
from follower import Follower
from made_anew import contents, made_anew
from proxy import Proxy

from scoreboard.app import Running, running
from scoreboard.settings import Settings

CUT_OFF_S = 5.0
REFUSED = 6  # while it is cut off
STANDINGS = "/api/v1/competitions/quiz/boards/standings"


def client_of(server: Running) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    return httpx2.AsyncClient(
        base_url=server.private_url, headers=headers, timeout=30, verify=False
    )


async def test_a_database_that_goes_and_comes_back_loses_and_doubles_nothing(
    postgres_database: str, tmp_path: Path
) -> None:
    refusals: list[httpx2.Response] = []
    async with Proxy(postgres_database) as proxy:
        settings = Settings(
            data=str(tmp_path / "data"), database=proxy.url, private_port=0, public_port=0
        )
        async with running(settings) as server, client_of(server) as client:
            for definition in (QUIZ, CUP):
                answer = await client.post("/api/v1/competitions", json=definition)
                assert answer.status_code == 201, answer.text
            crowd = Crowd(
                lambda: client_of(server),
                proxy.open.wait,
                chance=random.Random(3),
                heard=refusals.append,
            )
            follower = Follower(f"{server.public_url}{STANDINGS}/stream")
            async with asyncio.TaskGroup() as tasks, follower.connected():
                posting = tasks.create_task(crowd.run())
                await crowd.until_acknowledged(200)
                proxy.cut()
                outage = tasks.create_task(asyncio.sleep(CUT_OFF_S))
                for _ in range(REFUSED):
                    refusals.append(await post_one(client))
                assert (await client.get(STANDINGS)).status_code == 200  # boards stay readable
                ready = await client.get("/readyz")
                assert (ready.status_code, ready.json()["parts"]["ledger"] != "ok") == (503, True)
                assert (await client.get("/healthz")).status_code == 200
                await outage
                known = len(crowd.told)
                await proxy.restore()
                await crowd.until_acknowledged(known + 200)
                crowd.stop()
                await posting
                head = server.app.ledger.head.position
                fresh = (await client.get(STANDINGS, params={"after": head})).json()
                held = await follower.until(lambda board: board["version"] == fresh["version"])
                assert held["content"] == fresh["content"]
                assert [event for event, _ in follower.seen].count("snapshot") == 1
            assert len(refusals) >= REFUSED  # and whatever of the crowd was on its way
            for refusal in refusals:
                assert refusal.status_code == 503, refusal.text
                assert refusal.headers["content-type"] == "application/problem+json"
                assert int(refusal.headers["retry-after"]) >= 1
            while server.app.reader.error:  # cleared by the next turn of the boards' reader
                await server.app.committed.beyond(head, 0.01)
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "ready"), ready.text
            assert not server.app.projection.parking.waiting
            direct = Settings(data=settings.data, database=postgres_database)
            await all_there_once(direct, crowd.told)
            live = await contents(server.app.projection)
            assert await made_anew(server.app.ledger, tmp_path / "anew") == live


async def post_one(client: httpx2.AsyncClient) -> httpx2.Response:
    data = {"entrant": "e1", "points": 1}
    event = {"id": "while-cut-off", "type": "points.scored", "contest": "r1", "data": data}
    return await client.post("/api/v1/competitions/quiz/events", json=event)
