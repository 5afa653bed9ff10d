"""Connections to brokers that speak Kafka's protocol."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from scoreboard.brokers import Refused
from scoreboard.settings.brokers import FromKafka, KafkaServers

REQUEST_MS = 5_000
CLOSE_S = 1.0
HEARTBEATS = 3  # of a consumer in the time after which it counts as gone

# What breaks a connection is raised as well, and logged by whoever waits on it.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def options(servers: KafkaServers) -> dict[str, Any]:
    """What a producer and a consumer are both told; raises OSError for a file that is not there."""
    told: dict[str, Any] = {
        "bootstrap_servers": list(servers.servers),
        "client_id": "scoreboard",
        "request_timeout_ms": REQUEST_MS,
        "security_protocol": _protocol(servers),
    }
    if servers.tls:
        told["ssl_context"] = ssl.create_default_context(cafile=servers.ca_file or None)
    if servers.user:
        told["sasl_mechanism"] = servers.mechanism
        told["sasl_plain_username"] = servers.user
        password = Path(servers.password_file).read_text("utf-8")
        told["sasl_plain_password"] = password.rstrip("\r\n")
    return told


def _protocol(servers: KafkaServers) -> str:
    return ("SASL_" if servers.user else "") + ("SSL" if servers.tls else "PLAINTEXT")


@contextlib.asynccontextmanager
async def producing(servers: KafkaServers) -> AsyncIterator[AIOKafkaProducer]:
    """A producer while the block lasts: acknowledged by all replicas, repeats dropped."""
    producer = AIOKafkaProducer(**options(servers), acks="all", enable_idempotence=True)
    async with _begun(producer):
        yield producer


@contextlib.asynccontextmanager
async def _begun(client: Any) -> AsyncIterator[None]:
    try:
        await client.start()
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(client.stop(), CLOSE_S)


async def publish(
    producer: AIOKafkaProducer,
    topic: str,
    data: bytes | None,
    headers: Mapping[str, str],
    *,
    key: bytes | None,
) -> None:
    """Send and wait until all replicas have it; raises Refused for more than they take."""
    said = [(name, text.encode()) for name, text in headers.items()]
    try:
        await producer.send_and_wait(topic, data, key=key, headers=said)
    except MessageSizeTooLargeError as error:
        raise Refused(f"{len(data or b'')} bytes are more than the brokers take") from error


@contextlib.asynccontextmanager
async def consuming(origin: FromKafka) -> AsyncIterator[AIOKafkaConsumer]:
    """A member of a group while the block lasts; a group that is new begins with the oldest."""
    consumer = AIOKafkaConsumer(
        origin.topic,
        **options(origin),
        group_id=origin.name,
        session_timeout_ms=int(origin.session_s * 1000),
        heartbeat_interval_ms=int(origin.session_s * 1000 / HEARTBEATS),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    async with _begun(consumer):
        yield consumer
