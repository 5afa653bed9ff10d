"""Events come in from Kafka: offsets are committed after the ledger's commit."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from kafka_mock import KafkaMock
from msgspec.structs import replace
from told_outside import QUIZ, WAIT_S, Desk, desk

from scoreboard.settings import Settings
from scoreboard.settings.brokers import FromKafka, Sources


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One database alone: joining a group takes these brokers seconds."""
    return Settings(data=str(tmp_path / "data"))


@pytest.fixture
def broker() -> KafkaMock:
    return KafkaMock()


def taking(settings: Settings, broker: KafkaMock) -> Settings:
    origin = FromKafka(
        name="boards", servers=broker.servers, key="feed", topic="feed", refused_topic="refused",
        competition="quiz", session_s=6.0,
    )  # fmt: skip
    return replace(settings, private_port=0, public_port=0, sources=Sources(broker=(origin,)))


def scored(id_: str, **more: Any) -> bytes:
    said = {"specversion": "1.0", "id": id_, "source": "feed", "type": "points.scored"}
    data = {"entrant": "p1", "points": 1}
    return json.dumps(said | {"contest": "r1", "data": data} | more).encode()


async def until(said: Desk, count: int) -> None:
    points = 0
    async with asyncio.timeout(WAIT_S):
        while points < count:
            await asyncio.sleep(0.2)
            rows = (await said.boards("quiz")).get("standings", {"rows": {}})["rows"]
            points = rows["p1"]["figures"]["points"] if "p1" in rows else 0
    assert points == count


async def test_events_come_in_once_and_go_on_after_the_last_that_was_committed(
    settings: Settings, broker: KafkaMock
) -> None:
    too_large = b"x" * 1_100_000  # for a producer by its own bound: passed on to nobody
    await broker.put("feed", too_large, *(scored(str(n)) for n in range(10)), b"no json")
    await broker.put("feed", scored("3"))
    async with desk(taking(settings, broker)) as said:
        key = said.server.admin_key
        await said.define(QUIZ)
        made = await said.client.post("/api/v1/keys", json={"name": "feed", "role": "device"})
        assert made.status_code == 201
        await until(said, 10)
        async with asyncio.timeout(WAIT_S):
            while not (refused := await broker.kept("refused")):
                await asyncio.sleep(0.2)
    assert [one.value() for one in refused] == [b"no json"]
    assert dict(refused[0].headers())["scoreboard-code"] == b"bad-input"
    await broker.put("feed", *(scored(str(n)) for n in range(8, 15)))
    async with desk(taking(settings, broker), key) as said:
        await until(said, 15)
