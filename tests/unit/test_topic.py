"""Wake-ups: conflated, never lost to who looks again."""

import asyncio

from scoreboard.bus.topic import Topic


async def test_a_waiter_sees_the_newest_number_and_not_each_one_in_between():
    topic = Topic()
    waiting = asyncio.create_task(topic.beyond(0))
    await asyncio.sleep(0)
    for value in (1, 2, 3):
        topic.publish(value)
    assert await waiting == 3


async def test_a_number_never_falls():
    topic = Topic(5)
    topic.publish(4)
    assert topic.value == 5


async def test_reach_says_whether_the_number_came_in_time():
    topic = Topic(1)
    assert await topic.reach(1, 0.0)
    assert not await topic.reach(2, 0.0)
