"""Limits that several processes count together in Redis, and each by itself while it is away."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import jwt
import own_redis
import pytest
import pytest_asyncio
import websockets
from prometheus_client import REGISTRY

from scoreboard.access import shared_counters
from scoreboard.access.counters import Counters
from scoreboard.access.shared_counters import AGAIN_S, SharedCounters
from scoreboard.access.user_pace import UserPace
from scoreboard.app import running
from scoreboard.errors import CannotStart, TooFast
from scoreboard.settings import Limits, Players, Projection, Settings

HERE = "192.0.2.1"
SECRET = "a secret of the tests, which is long enough to be one"
EVENTS = "/api/v1/competitions/top/events"
FOLLOW = '{"action":"subscribe","competition":"top","board":"standings"}'


class Redis:
    """A server that can be taken away and brought back."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "redis"
        self.url = f"redis+unix://{self._path}"
        self._server: own_redis.Server

    async def start(self) -> None:
        self._server = await own_redis.start(self._path)

    def stop(self) -> None:
        own_redis.stop(self._server)


@pytest_asyncio.fixture
async def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    monkeypatch.setattr(shared_counters, "ANSWER_S", 20.0)  # however busy this machine is
    if own_redis.PROGRAM is None:
        message = "redis-server is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    server = Redis(tmp_path)
    await server.start()
    yield server
    server.stop()


def pace(redis: Redis) -> UserPace:
    """The limits as one process has them."""
    return UserPace(Players(user_events_per_minute=3, rate_storage=redis.url), Limits())


async def test_two_processes_count_a_user_together(redis: Redis) -> None:
    one, other = pace(redis), pace(redis)
    try:
        for process in (one, other, one):
            await process.spend("ada", HERE)
        for process in (one, other):
            with pytest.raises(TooFast, match="by this user") as refused:
                await process.spend("ada", HERE)
            assert refused.value.retry_after_s is not None
            assert 0 < refused.value.retry_after_s <= 60
        await other.spend("bel", HERE)
    finally:
        await one.close()
        await other.close()


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


async def test_while_redis_is_away_a_process_counts_alone_and_then_together_again(
    redis: Redis,
) -> None:
    clock = Clock()
    here = Counters(10)
    shared = SharedCounters(redis.url, here, clock=clock)
    failures = "scoreboard_rate_store_failures_total"
    before = REGISTRY.get_sample_value(failures) or 0.0
    try:
        assert [await shared.incr("ada", 60), await shared.incr("ada", 60)] == [1, 2]
        redis.stop()
        assert [await shared.incr("ada", 60), await shared.incr("ada", 60)] == [1, 2]
        assert (REGISTRY.get_sample_value(failures) or 0.0) == before + 1  # and nobody waits again
        assert await shared.get("ada") == 2
        await redis.start()
        assert await shared.incr("ada", 60) == 3  # here still
        clock.now_s += AGAIN_S
        assert await shared.incr("ada", 60) == 1
        assert not shared.alone
    finally:
        await shared.close()


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "memcached://127.0.0.1", "redis://host:port"])
def test_an_address_that_is_none_of_redis_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(CannotStart, match=r"players\.rate_storage"):
        SharedCounters(url, Counters(10))


async def test_a_user_of_two_processes_has_one_limit_and_one_score(
    redis: Redis, postgres_database: str, tmp_path: Path
) -> None:
    settings = Settings(
        data=str(tmp_path),
        database=postgres_database,
        shared=True,
        private_port=0,
        public_port=0,
        players_port=0,
        players=Players(secret=SECRET, user_events_per_minute=3, rate_storage=redis.url),
        projection=Projection(shadow_every_s=0),
    )
    token = jwt.encode({"sub": "ada", "exp": 4_000_000_000}, SECRET)
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(running(settings)) for _ in range(2)]
        async with asyncio.timeout(20):
            while not any(server.admin_key for server in servers):
                await asyncio.sleep(0.01)
        key = next(server.admin_key for server in servers if server.admin_key)
        official, *users = [
            await stack.enter_async_context(
                httpx2.AsyncClient(
                    base_url=url, headers={"Authorization": f"Bearer {shown}"}, timeout=20
                )
            )
            for url, shown in (
                (servers[0].private_url, key),
                *((server.urls["players"], token) for server in servers),
            )
        ]
        top = {"slug": "top", "name": "Top", "sport": "points", "params": {"open_entry": True}}
        assert (await official.post("/api/v1/competitions", json=top)).status_code == 201
        statuses = []
        for n, user in enumerate((*users, *users)):
            said = {"id": str(n), "type": "points.scored", "data": {"points": 5}}
            statuses.append((await user.post(EVENTS, json=said)).status_code)
        assert statuses == [201, 201, 201, 429]
        for server in servers:
            url = server.urls["players"].replace("http", "ws") + "/api/v1/ws"
            async with websockets.connect(url) as socket, asyncio.timeout(20):
                await socket.send(FOLLOW)
                while '"points":15' not in await socket.recv():
                    pass
