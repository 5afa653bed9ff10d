"""What a broker must offer to be a destination."""

from typing import Protocol

from scoreboard.projections.computed import Message

CLOUDEVENT = "application/cloudevents+json"


class Sender(Protocol):
    """An open connection."""

    async def send(self, message: Message) -> None:
        """Returns once the broker has kept it.

        Raises `brokers.Refused`, or whatever is raised for "not now".
        """
        ...
