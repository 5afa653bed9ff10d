"""What time it is here: running clocks on boards are counted by it, not by each screen's own.

A screen asks, halves the time that the answer took, and knows how far its clock is off by as much
at most. Heartbeats carry the time too, so that a screen finds out when it should ask again.
"""

import time

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.facts.instant import to_text
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import Endpoint, json_answer


class Now(Struct, frozen=True):
    """The server's time, RFC 3339 with microseconds."""

    now: str


class ServerTime:
    """The server's time on one listener."""

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path="/api/v1/time",
                handler=self.now,
                summary="The server's time, by which running clocks are counted",
                tag="boards",
                answers=(json_answer(Now, "now"),),
            )
        ]

    async def now(self, request: Request) -> Response:
        """The time, never from a cache."""
        return uncached(Now(to_text(time.time_ns() // 1000)))
