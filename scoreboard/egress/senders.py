"""What a broker must offer to be a destination."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from scoreboard.broker_settings import Destination, ToNats
from scoreboard.brokers import ensure_installed
from scoreboard.projections.computed import Message

CLOUDEVENT = "application/cloudevents+json"


class Refused(Exception):
    """The broker will never take this message, such as one over its size limit."""


class Sender(Protocol):
    """An open connection."""

    async def send(self, message: Message) -> None:
        """Returns once the broker has kept it; Refused, or whatever is raised for "not now"."""
        ...


def opened(destination: Destination) -> AbstractAsyncContextManager[Sender]:
    """A connection while the block lasts; entering it raises what the network does."""
    if isinstance(destination, ToNats):
        from scoreboard.egress.jetstream import to_nats

        return to_nats(destination)
    from scoreboard.egress.kafka import to_kafka

    return to_kafka(destination)


def ensure_ready(destination: Destination) -> None:
    """CannotStart if its library is missing."""
    ensure_installed(destination.kind)
