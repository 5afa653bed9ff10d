"""What the tests of all brokers share: an official who says things, and boards made of messages."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2

from scoreboard.app import Running, running
from scoreboard.facts.document import merge
from scoreboard.settings import Settings

Kept = Callable[[], Awaitable[list[dict[str, Any]]]]
API = "/api/v1/competitions"
WAIT_S = 30
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(3)],
    "contests": [{"id": "r1"}, {"id": "r.2"}],
}
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}],
}
CHANGED = "scoreboard.board.changed"


class Desk:
    """An official's client; the last position that was said."""

    def __init__(self, server: Running, client: httpx2.AsyncClient) -> None:
        self.server = server
        self.client = client
        self.position = 0

    async def define(self, competition: dict[str, Any]) -> None:
        (await self.client.post(API, json=competition)).raise_for_status()

    async def say(self, slug: str, id_: str, type_: str, data: Any, **more: Any) -> None:
        event = {"id": id_, "source": "pad", "type": type_, "data": data, **more}
        answer = await self.client.post(f"{API}/{slug}/events", json=event)
        answer.raise_for_status()
        self.position = answer.json()["position"]
        after = {"after": self.position}
        await self.client.get(f"{API}/{slug}/boards/standings", params=after)

    async def score(self, id_: str, entrant: str, points: int, contest: str = "r1") -> None:
        data = {"entrant": entrant, "points": points}
        await self.say("quiz", id_, "points.scored", data, contest=contest)

    async def boards(self, slug: str, *, public: bool = True) -> dict[str, Any]:
        """What everybody is shown now."""
        url = self.server.public_url if public else self.server.private_url
        headers = {} if public else self.client.headers
        async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
            listed = (await client.get(f"{API}/{slug}/boards")).json()["boards"]
            found = {}
            for board in listed:
                answer = await client.get(f"{API}/{slug}/boards/{board['board']}")
                found[board["board"]] = answer.json()["content"]
            assert found
            return found


@contextlib.asynccontextmanager
async def desk(settings: Settings, key: str = "") -> AsyncIterator[Desk]:
    async with running(settings) as server:
        headers = {"Authorization": f"Bearer {key or server.admin_key}"}
        async with httpx2.AsyncClient(
            base_url=server.private_url, headers=headers, timeout=30
        ) as client:
            yield Desk(server, client)


def followed(events: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """The content of every board by what came, each change on the version that it names."""
    versions: dict[tuple[str, str], str] = {}
    contents: dict[tuple[str, str], Any] = {}
    for event in events:
        if event["type"] != CHANGED:
            continue
        data = event["data"]
        board = (event["competition"], data["board"])
        if "content" in data:
            contents[board] = data["content"]
        else:
            assert data["before"] == versions[board], board
            contents[board] = merge(contents[board], data["merge"])
        versions[board] = data["version"]
    return contents


async def once_shown(kept: Kept, slug: str, boards: dict[str, Any]) -> list[dict[str, Any]]:
    """All events that a broker has kept, once they come to these boards."""
    async with asyncio.timeout(WAIT_S):
        while True:
            events = await kept()
            told = followed(events)
            if {board: told.get((slug, board)) for board in boards} == boards:
                return events
            await asyncio.sleep(0.1)


def ids(events: list[dict[str, Any]]) -> list[str]:
    """Their identities."""
    return [event["id"] for event in events]


def in_order_of_position(events: list[dict[str, Any]]) -> None:
    """Of every contest, what came later stands later."""
    newest: dict[str, int] = {}
    for event in events:
        if event["type"] == CHANGED:
            position = event["data"]["position"]
            assert position >= newest.get(event["partitionkey"], 0)
            newest[event["partitionkey"]] = position
