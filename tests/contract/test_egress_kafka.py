"""Computed messages go to Kafka: in order per contest, and on from where they were."""

import json
from typing import Any

import pytest
from kafka_mock import KafkaMock
from msgspec.structs import replace
from told_outside import QUIZ, desk, ids, in_order_of_position, once_shown

from scoreboard.settings import Projection, Settings
from scoreboard.settings.brokers import Egress, ToKafka

NOBODY = ("127.0.0.1:9",)


@pytest.fixture
def broker() -> KafkaMock:
    return KafkaMock()


def with_egress(settings: Settings, servers: tuple[str, ...]) -> Settings:
    return replace(
        settings,
        private_port=0,
        public_port=0,
        projection=Projection(render_every_ms=1, save_every_s=0.02),
        egress=Egress(broker=(ToKafka(name="public", servers=servers),)),
    )


async def events(broker: KafkaMock) -> list[dict[str, Any]]:
    return [json.loads(message.value()) for message in await broker.kept("scoreboard")]


async def test_what_boards_show_can_be_followed_from_a_topic(
    settings: Settings, broker: KafkaMock
) -> None:
    async with desk(with_egress(settings, broker.servers)) as said:
        await said.define(QUIZ)
        for n in range(20):
            await said.score(str(n), f"p{n % 3}", n + 1, ("r1", "r.2")[n % 2])
        told = await once_shown(lambda: events(broker), "quiz", await said.boards("quiz"))
        messages = await broker.kept("scoreboard")
    assert len(set(ids(told))) == len(told)
    in_order_of_position(told)
    partitions: dict[bytes, set[int]] = {}
    for message in messages:
        assert message.key().decode() == json.loads(message.value())["partitionkey"]
        partitions.setdefault(message.key(), set()).add(message.partition())
        assert message.headers() == [("content-type", b"application/cloudevents+json")]
    assert partitions.keys() >= {b"quiz", b"quiz/r1", b"quiz/r.2"}
    assert all(len(one) == 1 for one in partitions.values())


async def test_brokers_that_come_back_get_what_waited_and_nothing_twice(
    settings: Settings, broker: KafkaMock
) -> None:
    up, down = (with_egress(settings, servers) for servers in (broker.servers, NOBODY))
    async with desk(up) as said:
        key = said.server.admin_key
        await said.define(QUIZ)
        await said.score("before", "p1", 1)
        await once_shown(lambda: events(broker), "quiz", await said.boards("quiz"))
    async with desk(down, key) as said:
        for n in range(10):
            await said.score(str(n), "p2", n + 1)
    async with desk(up, key) as said:
        await said.score("after", "p0", 50)
        told = await once_shown(lambda: events(broker), "quiz", await said.boards("quiz"))
    assert len(set(ids(told))) == len(told)
    in_order_of_position(told)
    assert sum("content" in event["data"] for event in told if event["subject"] == "box:r1") == 1
