"""Brokers that speak Kafka's protocol for tests: librdkafka's mock cluster, in this process."""

import asyncio
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

WAIT_S = 20


class KafkaMock:
    """One broker; what it keeps goes with it."""

    def __init__(self) -> None:
        mock = {"bootstrap.servers": "x", "test.mock.num.brokers": 1, "log_level": 0}
        mock |= {"message.max.bytes": 4_000_000}
        self._owner = Producer(mock)
        found = self._owner.list_topics(timeout=WAIT_S).brokers.values()
        self.servers = tuple(f"{one.host}:{one.port}" for one in found)

    async def kept(self, topic: str) -> list[Any]:
        """All messages of a topic, in order."""
        return await asyncio.to_thread(self._kept, topic)

    def _kept(self, topic: str) -> list[Any]:
        at_end = {"enable.partition.eof": True, "enable.auto.commit": False}
        consumer = Consumer({"bootstrap.servers": self.servers[0], "group.id": "reader"} | at_end)
        try:
            partitions = consumer.list_topics(topic, timeout=WAIT_S).topics[topic].partitions
            consumer.assign([TopicPartition(topic, one, OFFSET_BEGINNING) for one in partitions])
            found, ends = [], 0
            while ends < len(partitions):
                message = consumer.poll(WAIT_S)
                assert message is not None
                if message.error() is None:
                    found.append(message)
                else:
                    assert message.error().code() == KafkaError._PARTITION_EOF
                    ends += 1
            return sorted(found, key=lambda one: (one.partition(), one.offset()))
        finally:
            consumer.close()

    async def put(self, topic: str, *messages: bytes) -> None:
        """Put messages into one partition of a topic, in order."""
        for message in messages:
            self._owner.produce(topic, message, key=b"one")
        await asyncio.to_thread(self._owner.flush, WAIT_S)
