"""Clients that post at the same time and send again whatever was not acknowledged."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": f"e{n}", "name": f"Entrant {n}"} for n in range(12)],
    "contests": [{"id": "r1", "name": "Round 1"}, {"id": "r2", "name": "Round 2"}],
}
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"], "group": "a"}],
}
BATCH_EVENTS = 25


class Crowd:
    """Eight clients: half of them post single events, half batches; one in four plays football.

    `told` is what each event was told, by competition, source and id. `heard(status)` is asked
    about each answer that is no acknowledgement. `pause_s`: for how long a client rests between
    posts, where others than the crowd take their time.
    """

    def __init__(
        self,
        connect: Callable[[], httpx2.AsyncClient],
        until_up: Callable[[], Awaitable[Any]],
        *,
        chance: random.Random,
        clients: int = 8,
        pause_s: float = 0.0,
        heard: Callable[[httpx2.Response], None] = lambda _answer: None,
    ) -> None:
        self.told: dict[tuple[str, str, str], tuple[int, str, int]] = {}
        self.repeated = 0
        self._connect = connect
        self._until_up = until_up
        self._chance = chance
        self._heard = heard
        self._clients = clients
        self._pause_s = pause_s
        self._made = 0
        self._stop = False
        self._acknowledged = asyncio.Condition()

    async def run(self) -> None:
        """Post until told to stop; everything that was begun is then acknowledged."""
        self._stop = False
        async with asyncio.TaskGroup() as tasks:
            for number in range(self._clients):
                tasks.create_task(self._client(number))

    def stop(self) -> None:
        """Let `run` return."""
        self._stop = True

    async def until_acknowledged(self, count: int) -> None:
        """Wait until so many events are acknowledged in all."""
        async with self._acknowledged:
            await self._acknowledged.wait_for(lambda: len(self.told) >= count)

    async def _client(self, number: int) -> None:
        size = 1 if number % 2 == 0 else BATCH_EVENTS
        slug = CUP["slug"] if number % 4 == 0 else QUIZ["slug"]
        async with self._connect() as client:
            while not self._stop:
                events = [self._event(str(slug), f"pad-{number}") for _ in range(size)]
                await self._until_told(client, str(slug), events)
                await asyncio.sleep(self._pause_s)

    def _event(self, slug: str, source: str) -> dict[str, Any]:
        self._made += 1
        event = {"id": str(self._made), "source": source}
        if slug == "cup":
            team, minute = self._chance.choice(["ada", "bel"]), self._chance.randint(1, 90)
            data: dict[str, Any] = {"team": team, "minute": minute}
            return {**event, "type": "football.goal", "contest": "m1", "data": data}
        data = {"entrant": f"e{self._chance.randrange(12)}", "points": self._chance.randint(1, 9)}
        contest = self._chance.choice(["r1", "r2"])
        return {**event, "type": "points.scored", "contest": contest, "data": data}

    async def _until_told(
        self, client: httpx2.AsyncClient, slug: str, events: list[dict[str, Any]]
    ) -> None:
        path = f"/api/v1/competitions/{slug}/events"
        body = events[0] if len(events) == 1 else events
        while True:
            await self._until_up()
            try:
                answer = await client.post(path, json=body)
            except httpx2.TransportError:
                continue
            results = answer.json().get("results", [answer.json()])
            if answer.is_success and all(result["status"] in (200, 201) for result in results):
                break
            self._heard(answer)
        for event, result in zip(events, results, strict=True):
            self._take((slug, event["source"], event["id"]), result)
        async with self._acknowledged:
            self._acknowledged.notify_all()

    def _take(self, identity: tuple[str, str, str], result: dict[str, Any]) -> None:
        self.repeated += result["status"] == 200
        said = (result["position"], result["record"], result["version"])
        assert self.told.setdefault(identity, said) == said
