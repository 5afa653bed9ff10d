"""Messages to Kafka: one topic, by the key `COMPETITION/CONTEST`, which is also CloudEvents' own.

A message's identity is the CloudEvent's `id`. What a producer repeats by itself the brokers drop;
what is said again after a crash comes twice, and consumers tell it by the id.
"""

import contextlib
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaProducer

from scoreboard.brokers.kafka import producing, publish
from scoreboard.egress.senders import CLOUDEVENT, Sender
from scoreboard.projections.computed import Message
from scoreboard.settings.brokers import ToKafka


class KafkaSender:
    """One connection to one topic."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def send(self, message: Message) -> None:
        """Send and wait until all replicas have it."""
        await publish(
            self._producer,
            self._topic,
            message.event,
            {"content-type": CLOUDEVENT},
            key=message.partition_key.encode(),
        )


@contextlib.asynccontextmanager
async def to_kafka(settings: ToKafka) -> AsyncIterator[Sender]:
    """A connection while the block lasts."""
    async with producing(settings) as producer:
        yield KafkaSender(producer, settings.topic)
