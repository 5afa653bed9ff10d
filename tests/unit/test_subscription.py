"""A durable reader of the ledger: what is measured of it while it cannot go on."""

import asyncio

from prometheus_client import REGISTRY

from scoreboard.bus.subscription import Subscription
from scoreboard.bus.topic import Topic


async def test_the_lag_grows_while_batches_fail() -> None:
    topic = Topic(3)
    failed = asyncio.Event()

    async def read(after: int, _limit: int) -> list[object]:
        return [object()] if after < topic.value else []

    async def handle(_entries: object) -> None:
        failed.set()
        raise OSError("the disk is full")

    subscription = Subscription(
        "broken", topic=topic, read=read, handle=handle, position=3, poll_s=1.0
    )
    labels = {"subscription": "broken"}
    stop = asyncio.Event()
    running = asyncio.create_task(subscription.run(stop))
    assert REGISTRY.get_sample_value("scoreboard_subscription_lag_entries", labels) == 0
    topic.publish(8)
    await failed.wait()
    topic.publish(9)
    assert REGISTRY.get_sample_value("scoreboard_subscription_lag_entries", labels) == 6
    stop.set()
    await running
    failures = REGISTRY.get_sample_value("scoreboard_subscription_failures_total", labels)
    assert failures is not None
    assert failures >= 1
