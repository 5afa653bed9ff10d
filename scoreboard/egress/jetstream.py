"""Messages to NATS: kept by a JetStream stream, by subjects `PREFIX.COMPETITION.CONTEST.KIND`.

KIND is a message's type without its first word, such as `board.changed`. `~` stands for CONTEST in
what is about the competition as a whole; dots in its id are written `%2E`. A message's identity is
its Nats-Msg-Id, by which JetStream drops what comes twice within the stream's window.
"""

import contextlib
from collections.abc import AsyncIterator

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig

from scoreboard.brokers.jetstream import connected, ensure_stream, publish
from scoreboard.egress.senders import CLOUDEVENT, Sender
from scoreboard.projections.computed import Message
from scoreboard.settings.brokers import ToNats

WHOLE = "~"


class NatsSender:
    """One connection to one stream."""

    def __init__(self, client: Client, stream: JetStreamContext, settings: ToNats) -> None:
        self._client = client
        self._stream = stream
        self._settings = settings

    async def send(self, message: Message) -> None:
        """Publish and wait for JetStream's acknowledgement."""
        await publish(
            self._client,
            self._stream,
            subject_of(self._settings.subject, message),
            message.event,
            {"Nats-Msg-Id": message.id, "Content-Type": CLOUDEVENT},
            expected=self._settings.stream,
        )


def subject_of(prefix: str, message: Message) -> str:
    """Where a message is published."""
    contest = message.contest.replace(".", "%2E") or WHOLE
    kind = message.type.partition(".")[2]
    return f"{prefix}.{message.competition}.{contest}.{kind}"


@contextlib.asynccontextmanager
async def to_nats(settings: ToNats) -> AsyncIterator[Sender]:
    """A connection, with the stream made if there is none of its name."""
    config = StreamConfig(
        name=settings.stream,
        subjects=[f"{settings.subject}.>"],
        storage=StorageType.FILE,
        max_age=settings.stream_seconds,
    )
    async with connected(settings) as (client, stream):
        await ensure_stream(stream, config)
        yield NatsSender(client, stream, settings)
