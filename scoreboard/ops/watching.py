"""Health, readiness and metrics, on the private listener."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from scoreboard import telemetry
from scoreboard.bus.subscription import Subscription
from scoreboard.database.size import stored_bytes
from scoreboard.errors import ScoreboardError
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, json_answer
from scoreboard.ledger.clock import now_us
from scoreboard.ledger.ledger import Ledger
from scoreboard.ops.siblings import Siblings
from scoreboard.settings import Settings

LAG_READY_MAX = 10_000  # entries that the boards may be behind and still count as ready
READY_WAIT_S = 2.0


class Watching:
    """What a supervisor and an operator ask."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        reader: Callable[[], Subscription[Any]],
        siblings: Siblings | None,
    ) -> None:
        """`siblings`: the processes on the same ports, if there are others."""
        self._settings = settings
        self._ledger = ledger
        self._reader = reader
        self._siblings = siblings

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path="/healthz",
                handler=self.health,
                summary="Whether the process lives",
                tag="watching",
                answers=(json_answer(dict[str, Any], "it does"),),
            ),
            Endpoint(
                method="GET",
                path="/readyz",
                handler=self.ready,
                summary="Whether everything works, and what does not",
                tag="watching",
                answers=(
                    json_answer(dict[str, Any], "all of it"),
                    json_answer(dict[str, Any], "not all of it", status=503),
                ),
            ),
            Endpoint(
                method="GET",
                path="/metrics",
                handler=self.metrics,
                summary="Metrics for Prometheus",
                tag="watching",
                answers=(
                    Answer(
                        status=200, description="metrics", contents=(Content("text/plain", str),)
                    ),
                ),
            ),
        ]

    async def health(self, _request: Request) -> Response:
        """Alive: the loop turns."""
        return answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Each part by name: "ok" or what is wrong with it."""
        parts = {"ledger": await self._ledger_state(), "boards": self._boards_state()}
        fine = all(state == "ok" for state in parts.values())
        return answer(
            {"status": "ready" if fine else "not ready", "parts": parts}, 200 if fine else 503
        )

    async def _ledger_state(self) -> str:
        try:
            async with asyncio.timeout(READY_WAIT_S):
                await self._ledger.read_head()
        except ScoreboardError as error:
            return error.message
        except TimeoutError:
            return "the ledger's database does not answer"
        return self._ledger.trouble or "ok"

    def _boards_state(self) -> str:
        reader = self._reader()
        if reader.error:
            return f"stopped before entry {reader.position + 1}: {reader.error}"
        lag = self._ledger.head.position - reader.position
        return "ok" if lag <= LAG_READY_MAX else f"{lag} entries behind the ledger"

    async def metrics(self, _request: Request) -> Response:
        """All metrics in Prometheus' text format; what is only known by looking is looked up.

        With siblings, those of all, by the label `process`.
        """
        with contextlib.suppress(ScoreboardError, TimeoutError):  # the last known values stand
            async with asyncio.timeout(READY_WAIT_S):
                await self._look()
        told = generate_latest() if self._siblings is None else await self._siblings.metrics()
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    async def _look(self) -> None:
        sizes = await stored_bytes(self._settings, self._ledger.engine)
        for store, size in sizes.items():
            telemetry.STORAGE_BYTES.labels(store).set(size)
        waiting = await self._ledger.read(self._reader().position, limit=1)
        age_us = max(0, now_us() - waiting[0].received) if waiting else 0
        telemetry.BOARD_AGE_SECONDS.set(age_us / 1e6)


def answer(content: Any, status: int = 200) -> Response:
    """JSON."""
    return Response(msgspec.json.encode(content), status, media_type=JSON)
