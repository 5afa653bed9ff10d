"""How the program is, at a glance: what the operator's desk asks every few seconds."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard import __version__
from scoreboard.bus.subscription import Subscription
from scoreboard.database.size import stored_bytes
from scoreboard.errors import ScoreboardError
from scoreboard.facts.instant import to_text
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import Endpoint, json_answer
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

SIZE_WAIT_S = 2.0


class Health(Struct, frozen=True, kw_only=True):
    """`lag`: entries that the boards are behind; `trouble`: what is the matter, in words, by part.

    `disk_free_bytes`: where the data folder is, None if the database is elsewhere.
    """

    program: str
    now: str
    up_s: int
    ledger: str
    position: int
    boards_position: int
    lag: int
    parked: int
    streams: int
    stored_bytes: dict[str, int]
    disk_free_bytes: int | None
    trouble: dict[str, str]


class Desk:
    """What the operator's desk asks of this process."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        reader: Callable[[], Subscription[Any]],
        parked: Callable[[], int],
        streams: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._reader = reader
        self._parked = parked
        self._streams = streams
        self._since_s = time.monotonic()

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path="/api/v1/health",
                handler=self._health,
                summary="How the program is, at a glance",
                tag="watching",
                role="official",
                answers=(json_answer(Health, "now"),),
            )
        ]

    async def _health(self, _request: Request) -> Response:
        reader, head = self._reader(), self._ledger.head
        sizes: dict[str, int] = {}
        with contextlib.suppress(ScoreboardError, TimeoutError):  # then they are left out
            async with asyncio.timeout(SIZE_WAIT_S):
                sizes = await stored_bytes(self._settings, self._ledger.engine)
        trouble = {"ledger": self._ledger.trouble, "boards": reader.error}
        health = Health(
            program=__version__,
            now=to_text(time.time_ns() // 1000),
            up_s=int(time.monotonic() - self._since_s),
            ledger=head.ledger,
            position=head.position,
            boards_position=reader.position,
            lag=max(0, head.position - reader.position),
            parked=self._parked(),
            streams=self._streams(),
            stored_bytes=sizes,
            disk_free_bytes=self._free(),
            trouble={part: str(said) for part, said in trouble.items() if said},
        )
        return uncached(health)

    def _free(self) -> int | None:
        if self._settings.database:
            return None
        with contextlib.suppress(OSError):
            return shutil.disk_usage(Path(self._settings.data)).free
        return None
