"""A quiz for tests of the events door: each its own, on one server; what its devices say."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
from msgspec.structs import replace

from scoreboard.app import Running, running
from scoreboard.settings import Limits, Settings

API = "/api/v1/competitions"
QUIZ = {
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}],
    "contests": [{"id": "r1", "name": "Round 1", "entrants": ["ada", "bob"]}],
}
LIMITS = Limits(body_bytes_max=100_000, batch_events_max=50, key_events_per_second=500)
_numbers = itertools.count(1)


class Quiz:
    """One competition and its addresses."""

    def __init__(self) -> None:
        number = next(_numbers)
        self.slug, self.pad = f"quiz-{number}", f"pad-{number}"
        self.path = f"{API}/{self.slug}"
        self.events = f"{self.path}/events"
        self.definition = QUIZ | {"slug": self.slug}


def served(settings: Settings) -> AbstractAsyncContextManager[Running]:
    return running(replace(settings, private_port=0, public_port=0, limits=LIMITS))


@asynccontextmanager
async def admin_of(server: Running, quiz: Quiz) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that may do everything, once the quiz is defined."""
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        (await client.post(API, json=quiz.definition)).raise_for_status()
        yield client


@asynccontextmanager
async def device_of(admin: httpx2.AsyncClient, quiz: Quiz) -> AsyncIterator[httpx2.AsyncClient]:
    """The quiz's pad."""
    headers = await key_of(admin, quiz.pad, "device")
    async with httpx2.AsyncClient(base_url=admin.base_url, headers=headers) as client:
        yield client


async def key_of(admin: httpx2.AsyncClient, name: str, role: str, **more: Any) -> dict[str, str]:
    """The header that shows a new key."""
    answer = await admin.post("/api/v1/keys", json={"name": name, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['key']}"}


def scored(id_: str, points: Any = 1, **more: Any) -> dict[str, Any]:
    """Points of Ada's."""
    data = {"entrant": "ada", "points": points}
    return {"id": id_, "type": "points.scored", "contest": "r1", "data": data, **more}
