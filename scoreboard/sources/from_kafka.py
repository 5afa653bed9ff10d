"""Events from Kafka: a consumer group of a topic.

A partition's offset is committed as far as its messages are in the ledger or refused for good; at
one that must come again the partition waits there, so that all of it comes in order.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from scoreboard.brokers.kafka import consuming, producing, publish
from scoreboard.settings.brokers import FromKafka
from scoreboard.sources.intake import Fate, Intake, left_out, reason_of

POLL_MS = 1_000


async def consume(intake: Intake, origin: FromKafka, stop: asyncio.Event) -> None:
    """Take messages until `stop` is set; raises what the library or the network does."""
    await intake.principal()  # before joining the group, which takes a while
    async with contextlib.AsyncExitStack() as stack:
        refused: AIOKafkaProducer | None = None
        if origin.refused_topic:
            refused = await stack.enter_async_context(producing(origin))
        reader = await stack.enter_async_context(consuming(origin))
        while not stop.is_set():
            principal = await intake.principal()
            found = await reader.getmany(timeout_ms=POLL_MS, max_records=origin.batch_messages_max)
            if not found:
                intake.attempts.works()
            for partition, records in found.items():
                fates = await intake.take(principal, [record.value or b"" for record in records])
                decided = [*zip(records, fates, strict=True)]
                await _settle(origin, reader, refused, partition, decided)


async def _settle(
    origin: FromKafka,
    reader: AIOKafkaConsumer,
    refused: AIOKafkaProducer | None,
    partition: TopicPartition,
    decided: Sequence[tuple[Any, Fate]],
) -> None:
    """Commit as far as nothing must come again."""
    first = decided[0][0].offset
    for record, fate in decided:
        if fate.again_after_s is not None:
            await _commit(reader, partition, record.offset, first)
            reader.seek(partition, record.offset)
            await asyncio.sleep(fate.again_after_s)
            return
        if fate.refused is not None and refused is not None:
            with left_out(origin.name):
                headers = reason_of(fate.refused)
                await publish(refused, origin.refused_topic, record.value, headers, key=record.key)
    await _commit(reader, partition, decided[-1][0].offset + 1, first)


async def _commit(
    reader: AIOKafkaConsumer, partition: TopicPartition, upto: int, after: int
) -> None:
    if upto > after:
        await reader.commit({partition: upto})
