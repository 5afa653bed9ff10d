"""Screens that are told from the desk what to show; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from scoreboard.app import Running, running
from scoreboard.ops.displays import WAITING_MAX
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

PATH = "/api/v1/displays"
BOARD = {"kind": "pages", "pages": ["/c/cup?fit=pages"]}


class Desk:
    """An official, a screen in the hall and one outside."""

    def __init__(self, server: Running, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.key = key
        self.official = httpx2.AsyncClient(base_url=server.private_url, headers=headers)
        self.hall = httpx2.AsyncClient(base_url=server.private_url)
        self.outside = httpx2.AsyncClient(base_url=server.public_url)

    async def assign(self, name: str, showing: dict[str, Any]) -> httpx2.Response:
        return await self.official.put(f"{PATH}/{name}", json=showing)

    async def told(self, name: str, version: int = 0, wait: int = 0) -> dict[str, Any]:
        query = {"version": version, "wait": wait, "window": "1920x1080"}
        answer = await self.hall.get(f"{PATH}/{name}/follow", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def listed(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in (await self.official.get(PATH)).json()}

    async def close(self) -> None:
        for client in (self.official, self.hall, self.outside):
            await client.aclose()


@pytest.fixture
def served(settings: Settings) -> Settings:
    given = {"data": settings.data, "database": settings.database}
    return Settings(private_port=0, public_port=0, **given)


@pytest_asyncio.fixture
async def desk(served: Settings) -> AsyncIterator[Desk]:
    async with running(served) as server:
        made = Desk(server, server.admin_key)
        yield made
        await made.close()


async def test_a_screen_that_waits_is_told_at_once_what_it_shall_show(desk: Desk) -> None:
    first = await desk.told("north-wall")
    assert (first["assigned"], first["version"]) == (False, 0)
    assert (await desk.listed())["north-wall"]["assigned"] is False
    waiting = asyncio.create_task(desk.told("north-wall", 0, wait=25))
    assert (await desk.assign("north-wall", BOARD)).status_code == 200
    told = await asyncio.wait_for(waiting, 5)
    assert (told["assigned"], told["version"]) == (True, 1)
    assert told["showing"]["pages"] == ["/c/cup?fit=pages"]
    listed = (await desk.listed())["north-wall"]
    assert (listed["online"], listed["window"], listed["behind"]) == (True, "1920x1080", True)
    await desk.told("north-wall", told["version"])
    assert "behind" not in (await desk.listed())["north-wall"]


async def test_what_screens_show_outlives_the_server(served: Settings) -> None:
    async with running(served) as server:
        desk = Desk(server, server.admin_key)
        await desk.assign("bar", {"kind": "message", "title": "Lunch", "text": "until 13:00"})
        await desk.official.post(f"{PATH}/acts", json={"act": "identify", "names": ["bar"]})
        await desk.close()
    async with running(served) as server:
        after = Desk(server, desk.key)
        told = await after.told("bar")
        assert told["showing"] == {"kind": "message", "title": "Lunch", "text": "until 13:00"}
        assert (told["identify"], told["reload"]) == (1, 0)
        await after.close()


async def test_all_reload_at_once_and_a_screen_can_be_forgotten(desk: Desk) -> None:
    for name in ("a", "b"):
        await desk.assign(name, BOARD)
    acted = await desk.official.post(f"{PATH}/acts", json={"act": "reload"})
    assert [one["reload"] for one in acted.json()] == [1, 1]
    assert (await desk.told("b"))["reload"] == 1
    assert (await desk.official.delete(f"{PATH}/a")).status_code == 204
    assert (await desk.told("a"))["assigned"] is False
    assert (await desk.official.delete(f"{PATH}/a")).status_code == 404
    again = await desk.assign("a", BOARD)
    assert again.json()["version"] > 2, "a screen that comes back takes it for news"


async def test_outside_a_screen_follows_and_decides_nothing(desk: Desk) -> None:
    await desk.assign("gate", BOARD)
    answer = await desk.outside.get(f"{PATH}/gate/follow")
    assert answer.json()["showing"]["pages"] == ["/c/cup?fit=pages"]
    await desk.outside.get(f"{PATH}/stranger/follow")
    assert "stranger" not in await desk.listed()
    for method, path in (("GET", ""), ("PUT", "/gate"), ("POST", "/acts"), ("DELETE", "/gate")):
        answer = await desk.outside.request(method, PATH + path, json=BOARD)
        assert answer.status_code in (404, 405), method
        answer = await desk.hall.request(method, PATH + path, json=BOARD)
        assert answer.status_code == 401, method


@pytest.mark.parametrize(
    ("showing", "pointer"),
    [
        ({"kind": "pages", "pages": ["//elsewhere.example"]}, "/pages/0"),
        ({"kind": "pages", "pages": ["/\\elsewhere.example"]}, "/pages/0"),
        ({"kind": "pages", "pages": ["javascript:alert(1)"]}, "/pages/0"),
        ({"kind": "pages"}, "/pages"),
        ({"kind": "pages", "pages": ["/"], "every_s": 1}, "/every_s"),
        ({"kind": "film"}, "/kind"),
        ({"kind": "message", "text": "x" * 501}, "/text"),
    ],
)
async def test_only_pages_of_this_server_are_shown(
    desk: Desk, showing: dict[str, Any], pointer: str
) -> None:
    answer = await desk.assign("gate", showing)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)


async def test_names_that_nobody_assigned_are_kept_within_bounds(desk: Desk) -> None:
    for number in range(WAITING_MAX + 5):
        await desk.told(f"screen-{number}")
    listed = await desk.listed()
    assert len(listed) == WAITING_MAX
    assert f"screen-{WAITING_MAX + 4}" in listed
    for name in ("Upper", "a" * 33, "a b", "..%2fx"):
        answer = await desk.hall.get(f"{PATH}/{name}/follow")
        assert answer.status_code in (404, 422)
    assert (await desk.hall.get(f"{PATH}/a/follow?wait=99")).json()["pointer"] == "/wait"
