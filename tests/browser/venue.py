"""A running program with a competition, and what its devices and officials say to it."""

import itertools
import socket
from typing import Any

import httpx2

from scoreboard.app import Running

CUP: dict[str, Any] = {
    "slug": "cup",
    "name": "Harbour Cup",
    "sport": "football",
    "place": "Harbour",
    "entrants": [
        {"id": "gulls", "name": "Gulls", "short": "GUL"},
        {"id": "terns", "name": "Terns of the Northern Breakwater", "short": "TER"},
        {"id": "auks", "name": "Auks", "short": "AUK"},
    ],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["gulls", "terns", "auks"]}],
    "contests": [
        {
            "id": "m1",
            "name": "Gulls – Terns",
            "start": "2026-06-01T12:00:00Z",
            "place": "Pitch 1",
            "round": "First round",
            "group": "a",
            "entrants": ["gulls", "terns"],
        },
        {"id": "m2", "name": "Auks – Gulls", "group": "a", "entrants": ["auks", "gulls"]},
    ],
}


numbers = itertools.count(1)


def address() -> str:
    """An address of this machine that is no loopback, where browsers trust nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


class Venue:
    """A running program and what its devices and officials say to it."""

    def __init__(self, server: Running, key: str | None = None) -> None:
        """`key`: the first one, which is shown by the first start of a server alone."""
        self.server = server
        self.cup = "cup"
        self.client = httpx2.AsyncClient(
            base_url=server.private_url + "/api/v1",
            headers={"Authorization": f"Bearer {key or server.admin_key}"},
        )

    async def open_cup(self) -> None:
        """Make a cup of which other tests on the same server know nothing."""
        self.cup = f"cup-{next(numbers)}"
        await self.define(CUP | {"slug": self.cup})

    async def define(self, definition: dict[str, Any]) -> None:
        """Make a competition."""
        await self._post("/competitions", definition)

    async def say(
        self, slug: str, type_: str, id_: str, data: Any, contest: str | None, **more: Any
    ) -> None:
        """Post one event as a device would."""
        event = {"id": id_, "source": "pad-1", "type": type_, "record": id_, "data": data} | more
        if contest is not None:
            event["contest"] = contest
        await self._post(f"/competitions/{slug}/events", event)

    async def say_all(self, slug: str, events: list[dict[str, Any]]) -> None:
        """Post events in one request, in this order."""
        path = f"/competitions/{slug}/events"
        answer = await self.client.post(path, json=events)
        assert {one["status"] for one in answer.json()["results"]} == {201}, answer.text

    async def goal(self, id_: str, team: str, minute: int) -> None:
        """A goal in the first match."""
        await self.say(self.cup, "football.goal", id_, {"team": team, "minute": minute}, "m1")

    async def correct(self, record: str, action: str) -> None:
        """Void or restore a record of the cup, as an official would."""
        body = {"action": action, "reason": "seen again on video"}
        await self._post(f"/competitions/{self.cup}/records/{record}/corrections", body)

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
