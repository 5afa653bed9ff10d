"""Messages to Kafka: one topic, by the key `COMPETITION/CONTEST`, which is also CloudEvents' own.

A message's identity is the CloudEvent's `id`. What a producer repeats by itself the brokers drop;
what is said again after a crash comes twice, and consumers tell it by the id.
"""

import contextlib
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from scoreboard.brokers.kafka import producing
from scoreboard.egress.senders import CLOUDEVENT, Refused, Sender
from scoreboard.projections.computed import Message
from scoreboard.settings.brokers import ToKafka


class KafkaSender:
    """One connection to one topic."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def send(self, message: Message) -> None:
        """Send and wait until all replicas have it."""
        try:
            await self._producer.send_and_wait(
                self._topic,
                message.event,
                key=message.partition_key.encode(),
                headers=[("content-type", CLOUDEVENT.encode())],
            )
        except MessageSizeTooLargeError as error:
            raise Refused(f"{len(message.event)} bytes are more than the brokers take") from error


@contextlib.asynccontextmanager
async def to_kafka(settings: ToKafka) -> AsyncIterator[Sender]:
    """A connection while the block lasts."""
    async with producing(settings) as producer:
        yield KafkaSender(producer, settings.topic)
