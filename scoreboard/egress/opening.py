"""Connections to destinations, each by its own library, which is imported when it is needed."""

from contextlib import AbstractAsyncContextManager

from scoreboard.brokers import ensure_installed
from scoreboard.egress.senders import Sender
from scoreboard.settings.brokers import Destination, ToNats


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
