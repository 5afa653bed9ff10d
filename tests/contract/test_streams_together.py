"""Several boards of a competition followed over one connection, on both databases."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from follower import Follower

from scoreboard.app import Running, running
from scoreboard.settings import Projection, Settings

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}],
}
NAMES = ("standings", "contests")


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1)
    )
    async with running(free) as served:
        yield served


@pytest_asyncio.fixture
async def desk(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(
        base_url=server.private_url, headers=headers, timeout=20
    ) as client:
        (await client.post(API, json=CUP)).raise_for_status()
        await goal(client, "1")
        yield client


async def goal(client: httpx2.AsyncClient, id_: str, team: str = "ada") -> int:
    event = {"id": id_, "source": "pad", "type": "football.goal", "contest": "m1",
             "data": {"team": team, "minute": 3}}  # fmt: skip
    said = await client.post(f"{API}/cup/events", json=event)
    said.raise_for_status()
    return await made(client, said.json()["position"])


async def made(client: httpx2.AsyncClient, position: int) -> int:
    params = {"after": position}
    (await client.get(f"{API}/cup/boards/contests", params=params)).raise_for_status()
    return position


class Together:
    """A client of two boards; `last_id` is what a browser would send when it comes back."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}{API}/cup/stream?boards={','.join(NAMES)}"
        self.boards = {name: Follower("") for name in NAMES}
        self.last_id = ""
        self._lines: AsyncIterator[str]

    @contextlib.asynccontextmanager
    async def connected(self, **headers: str) -> AsyncIterator[None]:
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        async with (
            httpx2.AsyncClient(timeout=20) as client,
            client.stream("GET", self.url, headers=headers) as response,
        ):
            assert response.status_code == 200
            self._lines = response.aiter_lines()
            yield

    async def until(self, position: int, name: str = "contests") -> None:
        """Listen until a board has come so far."""
        follower = self.boards[name]
        while follower.board is None or follower.board["position"] < position:
            await self.hear()

    async def hear(self) -> str:
        """Take one event; returns its name."""
        event = ""
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "id":
                self.last_id = value
            elif field == "event":
                event = value
            elif field == "data" and event not in ("heartbeat", "bye"):
                data: dict[str, Any] = msgspec.json.decode(value)
                self.boards[data["board"]]._take(event, data)
                return event
            elif field == "data":
                return event
        return ""

    def seen(self, name: str) -> list[str]:
        return [event for event, _version in self.boards[name].seen]

    def forget(self) -> None:
        for follower in self.boards.values():
            follower.seen.clear()


async def test_boards_are_followed_over_one_connection_as_each_is_alone(
    server: Running, desk: httpx2.AsyncClient
) -> None:
    together = Together(server.public_url)
    async with together.connected():
        for n in range(3):
            position = await goal(desk, f"more {n}")
        url = f"{API}/cup/records/pad/1/corrections"
        void = {"action": "void", "reason": "offside"}
        position = await made(desk, (await desk.post(url, json=void)).json()["position"])
        for name in NAMES:
            await together.until(position, name)
            live = (await desk.get(f"{API}/cup/boards/{name}")).json()
            assert together.boards[name].board["content"] == live["content"]
            assert together.seen(name)[0] == "snapshot"
            assert together.seen(name)[-2:] == ["correction", "patch"]


async def test_who_comes_back_goes_on_with_the_board_of_its_last_id_and_gets_the_others_whole(
    server: Running, desk: httpx2.AsyncClient
) -> None:
    together = Together(server.public_url)
    async with together.connected():
        position = await goal(desk, "2")
        for name in NAMES:
            await together.until(position, name)
    name, _, version = together.last_id.partition("@")
    other = next(one for one in NAMES if one != name)
    assert version == together.boards[name].board["version"]
    together.forget()
    position = await goal(desk, "3")
    async with together.connected():
        for one in NAMES:
            await together.until(position, one)
    assert (together.seen(name), together.seen(other)) == (["patch"], ["snapshot"])
    # Versions of two boards can be alike: the bare one says nothing of either.
    for held, heard in (("", "snapshot"), (version, "snapshot"), (f"{name}@gone-9-0", "reset")):
        again = Together(server.public_url)
        again.last_id = held
        async with again.connected():
            for one in NAMES:
                await again.until(position, one)
        assert again.seen(name)[0] == heard
        assert again.seen(other) == ["snapshot"]


async def test_a_connection_of_several_boards_ends_as_one_with_its_key(
    server: Running, desk: httpx2.AsyncClient
) -> None:
    wanted = {"name": "desk", "role": "official"}
    key = (await desk.post("/api/v1/keys", json=wanted)).json()
    together = Together(server.private_url)
    async with together.connected(Authorization=f"Bearer {key['key']}"):
        for name in NAMES:
            await together.until(1, name)
        (await desk.delete(f"/api/v1/keys/{key['id']}")).raise_for_status()
        assert [await together.hear(), await together.hear()] == ["bye", ""]


@pytest.mark.parametrize(
    ("boards", "status"),
    [
        ("", 422),
        ("standings,", 422),
        ("standings,standings", 422),
        ("standings,contests,box:m1,timeline:m1,flags", 422),
        ("standings,none", 404),
        ("standings,flags", 404),
    ],
)
async def test_what_cannot_be_followed_together_is_refused(
    server: Running, desk: httpx2.AsyncClient, boards: str, status: int
) -> None:
    async with httpx2.AsyncClient(base_url=server.public_url) as public:
        refused = await public.get(f"{API}/cup/stream", params={"boards": boards})
    assert refused.status_code == status
    assert refused.json()["hint"]
