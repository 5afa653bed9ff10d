"""Connections to NATS servers with JetStream.

They are made anew by whoever uses them, not by the library: what was on its way when one broke is
then said again by someone who knows whether it was acknowledged.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from scoreboard.settings.brokers import NatsServers

CONNECT_S = 5
CLOSE_S = 1.0


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
