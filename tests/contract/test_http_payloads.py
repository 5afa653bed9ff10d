"""Payloads by type, and reasons for corrections, over real sockets, on both databases."""

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
CUP = {"slug": "cup", "name": "Cup", "sport": "football"}


@pytest_asyncio.fixture
async def client(settings):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            yield client


async def payloads(client, definition):
    assert (await client.post(API, json=definition)).status_code in (200, 201)
    answer = await client.get(f"{API}/{definition['slug']}/payloads")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_type_has_the_schema_of_its_payload(client):
    found = await payloads(client, CUP)
    goal = found["types"]["football.goal"]
    assert goal["dataversion"] >= 1
    _, _, name = goal["payload"]["$ref"].split("/")
    assert "team" in found["structs"][name]["required"]
    assert found["structs"][name]["properties"]["minute"]["type"] == "integer"
    assert {"competition.result", "ruling.linked"} <= found["types"].keys()


async def test_a_competition_gives_reasons_of_its_own_in_place_of_the_sports(client):
    assert "Seen on video" in (await payloads(client, CUP))["reasons"]
    own = CUP | {"corrections": {"reasons": ["Harbour master's word"]}}
    assert (await payloads(client, own))["reasons"] == ["Harbour master's word"]
    assert (await client.get(f"{API}/cup")).json()["corrections"] == own["corrections"]


@pytest.mark.parametrize("reasons", [[""], ["x"] * 31, "seen"])
async def test_reasons_that_are_none_are_refused(client, reasons):
    answer = await client.post(API, json=CUP | {"corrections": {"reasons": reasons}})
    assert answer.status_code == 422
    assert answer.json()["pointer"].startswith("/corrections/reasons")
