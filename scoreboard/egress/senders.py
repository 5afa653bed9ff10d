"""What a broker must offer to be a destination."""

from typing import Protocol

from scoreboard.projections.computed import Message

CLOUDEVENT = "application/cloudevents+json"


class Refused(Exception):
    """The broker will never take this message, such as one over its size limit."""


class Sender(Protocol):
    """An open connection."""

    async def send(self, message: Message) -> None:
        """Returns once the broker has kept it; Refused, or whatever is raised for "not now"."""
        ...
