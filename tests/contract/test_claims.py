"""Positions at a contest: one device holds each, takeovers are seen; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from scoreboard.app import Running, running
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}, {"id": "m2"}],
}
PATH = "/api/v1/competitions/cup/claims"


class Pads:
    """Devices with keys of their own, and an official."""

    def __init__(self, server: Running, keys: dict[str, str]) -> None:
        self.clients = {
            name: httpx2.AsyncClient(
                base_url=server.private_url, headers={"Authorization": f"Bearer {key}"}
            )
            for name, key in keys.items()
        }

    async def claim(self, who: str, position: str = "scorer", takes: int = 0) -> httpx2.Response:
        wish: dict[str, Any] = {"contest": "m1", "position": position, "device": f"pad-{who}"}
        wish |= {"name": f"{who}'s phone", "takes": takes}
        return await self.clients[who].post(PATH, json=wish)

    async def release(self, who: str, device: str) -> int:
        wish = {"contest": "m1", "position": "scorer", "device": device}
        return (await self.clients[who].post(f"{PATH}/releases", json=wish)).status_code

    async def held(self, who: str = "ann", contest: str = "m1") -> dict[str, str]:
        answer = await self.clients[who].get(PATH, params={"contest": contest})
        return {one["position"]: one["name"] for one in answer.json()["claims"]}


@pytest_asyncio.fixture
async def pads(settings: Settings) -> AsyncIterator[Pads]:
    given = {"data": settings.data, "database": settings.database}
    async with running(Settings(private_port=0, public_port=0, **given)) as server:
        admin = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=admin) as client:
            await client.post("/api/v1/competitions", json=CUP)
            keys = {}
            for name, role in (("ann", "device"), ("ben", "device"), ("cleo", "official")):
                made = await client.post("/api/v1/keys", json={"name": name, "role": role})
                keys[name] = made.json()["key"]
        made = Pads(server, keys)
        yield made
        for client in made.clients.values():
            await client.aclose()


async def test_one_holds_a_position_until_another_takes_it_over_knowingly(pads: Pads) -> None:
    first = await pads.claim("ann")
    assert (first.status_code, first.json()["version"]) == (201, 1)
    assert (await pads.claim("ann")).status_code == 200  # a pad that was reloaded
    refused = await pads.claim("ben")
    assert refused.status_code == 409
    assert "ann's phone" in refused.json()["detail"]
    assert await pads.held("ben") == {"scorer": "ann's phone"}

    taken = await pads.claim("ben", takes=1)
    assert taken.status_code == 201
    assert taken.json()["before"] == "ann's phone"
    assert await pads.held("ann") == {"scorer": "ben's phone"}
    assert (await pads.claim("ann", takes=1)).status_code == 409  # it has not seen ben's claim
    assert await pads.held("cleo", "m2") == {}


async def test_of_many_who_take_a_position_at_once_one_holds_it(pads: Pads) -> None:
    await pads.claim("ann")
    tries = [pads.claim(who, takes=1) for who in ("ben", "cleo") for _ in range(3)]
    codes = sorted([answer.status_code for answer in await asyncio.gather(*tries)])
    assert 201 in codes
    assert set(codes) <= {200, 201, 409, 412}
    holder = (await pads.held())["scorer"].split("'")[0]
    assert (await pads.claim(holder)).status_code == 200


async def test_a_position_is_given_back_by_its_holder_or_by_an_official(pads: Pads) -> None:
    await pads.claim("ann")
    assert await pads.release("ben", "pad-ben") == 409
    assert await pads.release("ben", "pad-ann") == 409  # another key
    assert await pads.release("ann", "pad-ann") == 200
    assert await pads.release("ann", "pad-ann") == 404
    assert await pads.held() == {}
    assert (await pads.claim("ben")).json()["version"] == 3
    assert await pads.release("cleo", "pad-ben") == 200


async def test_claims_outlive_the_server(settings: Settings) -> None:
    given = {"data": settings.data, "database": settings.database}
    key = None
    for round_ in range(2):
        async with running(Settings(private_port=0, public_port=0, **given)) as server:
            key = key or server.admin_key
            assert key is not None
            pads = Pads(server, {"ann": key})
            if round_ == 0:
                await pads.clients["ann"].post("/api/v1/competitions", json=CUP)
                await pads.claim("ann", "court 1 / scorer")
            assert await pads.held() == {"court 1 / scorer": "ann's phone"}
            await pads.clients["ann"].aclose()
