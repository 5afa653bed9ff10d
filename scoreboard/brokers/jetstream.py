"""Connections to NATS servers with JetStream.

They are made anew by whoever uses them, not by the library: what was on its way when one broke is
then said again by someone who knows whether it was acknowledged.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import APIError, NotFoundError

from scoreboard.brokers import Refused
from scoreboard.settings.brokers import NatsServers

CONNECT_S = 5
CLOSE_S = 1.0
ACKNOWLEDGED_S = 5.0
TOO_LARGE = 10_054  # JetStream's word for more than a stream takes
FRAMING_BYTES = 64  # of a message's head, beside its headers


async def _quiet(_error: Exception) -> None:
    """What breaks a connection is heard by whoever waits on it."""


@contextlib.asynccontextmanager
async def connected(servers: NatsServers) -> AsyncIterator[tuple[Client, JetStreamContext]]:
    """A connection while the block lasts; raises what the library or the network does."""
    client = await nats.connect(
        list(servers.servers),
        name="scoreboard",
        allow_reconnect=False,
        connect_timeout=CONNECT_S,
        error_cb=_quiet,
        user_credentials=servers.credentials_file or None,
    )
    try:
        yield client, client.jetstream()
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(client.close(), CLOSE_S)


async def ensure_stream(stream: JetStreamContext, config: StreamConfig) -> None:
    """Have a stream of this name; one that is there stays as it is."""
    assert config.name is not None
    try:
        await stream.stream_info(config.name)
    except NotFoundError:
        await stream.add_stream(config)


async def publish(
    client: Client,
    stream: JetStreamContext,
    subject: str,
    data: bytes,
    headers: Mapping[str, str],
    *,
    expected: str | None = None,
) -> None:
    """Publish and wait until JetStream, or the stream that is `expected`, has it.

    Raises Refused for more than the server or the stream takes. A server cuts off who tries: its
    bound is of a message with its headers.
    """
    size = len(data) + len(expected or "") + FRAMING_BYTES
    size += sum(len(part.encode()) + 3 for header in headers.items() for part in header)
    if size > client.max_payload:
        raise Refused(f"{size} bytes are more than the server takes")
    try:
        await stream.publish(
            subject, data, timeout=ACKNOWLEDGED_S, stream=expected, headers=dict(headers)
        )
    except APIError as error:
        if error.err_code == TOO_LARGE:
            raise Refused(f"{size} bytes are more than the stream takes") from error
        raise
