"""Other rules and what can go wrong with them: states kept by the rules before, parked contests."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
from brittle import Brittle

from scoreboard.app import running
from scoreboard.settings import Projection, Settings
from scoreboard.sports.registry import Sports

API = "/api/v1/competitions"
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "params": {"mode": "sum"},
    "contests": [{"id": "r1"}],
}
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "brittle",
    "contests": [{"id": id_} for id_ in ("r1", "r2")],
}


@contextlib.asynccontextmanager
async def served(settings: Settings, sports: Sports | None = None) -> AsyncIterator[Any]:
    """A client that may do everything, of a server that saves and keeps states eagerly."""
    eager = Projection(save_every_s=1e-6, render_every_ms=1, snapshot_entries=2, retry_s=())
    free = msgspec.structs.replace(settings, private_port=0, public_port=0, projection=eager)
    async with running(free, sports) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            yield client


async def say(client: httpx2.AsyncClient, slug: str, **event: Any) -> int:
    said = {"source": "pad", **event}
    answer = await client.post(f"{API}/{slug}/events", json=said)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


async def define(client: httpx2.AsyncClient, definition: dict[str, Any]) -> int:
    answer = await client.post(API, json=definition)
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["position"])


async def content(client: httpx2.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    answer = await client.get(f"{API}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["content"])


async def test_states_kept_by_other_rules_are_not_read_by_these(settings: Settings) -> None:
    modes = ("sum", "best", "count", "last")
    async with served(settings) as client:
        seen: dict[int, dict[str, Any]] = {}
        number = 0
        for mode in modes:
            await define(client, QUIZ | {"params": {"mode": mode}})
            for points in (5, -2, 3, 1, 4, 2):  # enough for the states to be kept in between
                number += 1
                data = {"entrant": "ada", "points": points}
                event = {
                    "id": f"{number:02}",
                    "type": "points.scored",
                    "contest": "r1",
                    "data": data,
                }
                position = await say(client, "quiz", **event)
                seen[position] = await content(client, "quiz/boards/box:r1", after=position)
        for position, stood in seen.items():
            assert await content(client, "quiz/boards/box:r1", at=position) == stood
        by_rules = {}
        for version, mode in enumerate(modes, 1):
            read = await content(client, "quiz/boards/standings", rules=version)
            by_rules[mode] = read["rows"]["ada"]["figures"]["points"]
        assert by_rules == {"sum": 13 * len(modes), "best": 5, "count": number, "last": 2}


async def test_what_new_rules_cannot_fold_waits_and_the_rest_goes_on(settings: Settings) -> None:
    async with served(settings, Sports({"brittle": Brittle})) as client:
        await define(client, CUP)
        for id_, contest, points in (("1", "r1", 3), ("2", "r1", 7), ("3", "r2", 4)):
            event = {"id": id_, "type": "brittle.hit", "contest": contest}
            await say(client, "cup", **event, data={"points": points})
        meek = CUP | {"params": {"most": 5}}
        amendment = {"record": "competition", "action": "amend", "reason": "?", "data": meek}
        refused = await client.post(
            f"{API}/cup/corrections/preview", json={"corrections": [amendment]}
        )
        assert (refused.status_code, refused.json()["pointer"]) == (422, "/corrections")
        position = await define(client, meek)
        box = await content(client, "cup/boards/box:r1", after=position)
        assert box["line"] == {"points": 3}
        assert (await content(client, "cup/boards/box:r2"))["line"] == {"points": 4}
        parked = (await client.get(f"{API}/cup/parked")).json()["parked"]
        assert [(one["contest"], one["error"]) for one in parked] == [
            ("r1", "RuntimeError: too many points")
        ]
        assert (await content(client, "cup/boards/box:r1", rules=1))["line"] == {"points": 10}
        mended = {"record": "competition", "action": "amend", "reason": "as before", "data": CUP}
        shown = await client.post(f"{API}/cup/corrections/preview", json={"corrections": [mended]})
        assert shown.status_code == 200, shown.text
        (box_shown,) = [one for one in shown.json()["boards"] if one["board"] == "box:r1"]
        assert box_shown["merge"]["line"] == {"points": 10}
        position = await define(client, CUP)
        box = await content(client, "cup/boards/box:r1", after=position)
        assert box["line"] == {"points": 10}
        assert (await client.get(f"{API}/cup/parked")).json()["parked"] == []
