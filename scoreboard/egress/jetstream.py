"""Messages to NATS: kept by a JetStream stream, by subjects `PREFIX.COMPETITION.CONTEST.KIND`.

KIND is a message's type without its first word, such as `board.changed`. `~` stands for CONTEST in
what is about the competition as a whole; dots in its id are written `%2E`. A message's identity is
its Nats-Msg-Id, by which JetStream drops what comes twice within the stream's window.
"""

import contextlib
from collections.abc import AsyncIterator

from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig

from scoreboard.brokers.jetstream import connected, ensure_stream
from scoreboard.egress.senders import CLOUDEVENT, Refused, Sender
from scoreboard.projections.computed import Message
from scoreboard.settings.brokers import ToNats

ACKNOWLEDGED_S = 5.0
WHOLE = "~"


class NatsSender:
    """One connection to one stream."""

    def __init__(self, stream: JetStreamContext, settings: ToNats) -> None:
        self._stream = stream
        self._settings = settings

    async def send(self, message: Message) -> None:
        """Publish and wait for JetStream's acknowledgement."""
        headers = {"Nats-Msg-Id": message.id, "Content-Type": CLOUDEVENT}
        try:
            await self._stream.publish(
                subject_of(self._settings.subject, message),
                message.event,
                timeout=ACKNOWLEDGED_S,
                stream=self._settings.stream,
                headers=headers,
            )
        except MaxPayloadError as error:
            raise Refused(f"{len(message.event)} bytes are more than the server takes") from error


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
    async with connected(settings) as (_, stream):
        await ensure_stream(stream, config)
        yield NatsSender(stream, settings)
