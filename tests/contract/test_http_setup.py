"""What helps to make a competition: templates, sports, checks, lists and draws."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from msgspec.structs import replace

from scoreboard.app import running
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

API = "/api/v1"
TEAMS = "Name,Short\nGulls,GUL\nTerns,TER\nAuks,AUK\nSkuas,SKU"


@pytest_asyncio.fixture(scope="module")
async def admin(shared_settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(replace(shared_settings, private_port=0, public_port=0)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(
            base_url=served.private_url, headers=headers, timeout=30
        ) as client:
            yield client


async def said(admin: httpx2.AsyncClient, path: str, body: Any) -> Any:
    answer = await admin.post(API + path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def test_every_template_can_be_made(admin: httpx2.AsyncClient) -> None:
    found = (await admin.get(f"{API}/templates")).json()
    assert len(found) >= 15 and all(one["about"] and one["title"] for one in found)
    sports = {one["name"]: one for one in (await admin.get(f"{API}/sports")).json()}
    assert {one["sport"] for one in found} <= set(sports)
    ties = next(p for p in sports["football"]["params"] if p["name"] == "ties")
    assert ties["default"][0] == "points" and ties["about"]
    for one in found:
        answer = await admin.post(
            f"{API}/definition-checks",
            content=one["text"],
            headers={"content-type": "application/toml"},
        )
        assert answer.json()["problems"] == []
        assert answer.json()["competition"] == one["competition"]


async def test_all_that_is_wrong_is_told_by_line(admin: httpx2.AsyncClient) -> None:
    text = 'slug = "Cup!"\nname = "Cup"\nsport = "chess"\n\n[[entrants]]\nid = "a"\n'
    headers = {"content-type": "application/toml"}
    answer = await admin.post(f"{API}/definition-checks", content=text, headers=headers)
    found = {one["pointer"]: one["line"] for one in answer.json()["problems"]}
    assert found == {"/slug": 1, "/sport": 3, "/entrants/0/name": 5}
    assert answer.json()["competition"] is None
    torn = await admin.post(f"{API}/definition-checks", content='a = 1\nb = "', headers=headers)
    [problem] = torn.json()["problems"]
    assert problem["line"] == 2 and "not TOML" in problem["message"]
    assert (await admin.get(f"{API}/competitions")).json() == []


async def test_a_competition_from_a_list_and_a_draw(admin: httpx2.AsyncClient) -> None:
    read = await said(admin, "/entry-lists", {"text": TEAMS})
    entrants = [line["entrant"] for line in read["lines"]]
    pool = {"entrants": [one["id"] for one in entrants], "group": "a"}
    drawn = await said(admin, "/schedules", {"form": "round-robin", "pools": [pool]})
    assert len(drawn["contests"]) == 6
    made = {
        "slug": "made",
        "name": "Made",
        "sport": "football",
        "entrants": entrants,
        "groups": [{"id": "a", "name": "Group A", "entrants": pool["entrants"]}],
        "contests": drawn["contests"],
    }
    assert (await admin.post(f"{API}/competitions", json=made)).status_code == 201
    assert (await admin.delete(f"{API}/competitions/made")).status_code == 405


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/entry-lists", {"text": ""}, "/text"),
        ("/schedules", {"form": "round-robin", "pools": []}, "/pools"),
        (
            "/schedules",
            {"form": "heats", "pools": [{"entrants": ["a", "a"]}]},
            "/pools/0/entrants/1",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_pointer(
    admin: httpx2.AsyncClient, path: str, body: Any, pointer: str
) -> None:
    answer = await admin.post(API + path, json=body)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)


async def test_devices_and_officials_are_kept_out(admin: httpx2.AsyncClient) -> None:
    key = (await admin.post(f"{API}/keys", json={"name": "desk", "role": "official"})).json()
    headers = {"Authorization": f"Bearer {key['key']}"}
    for path in ("/templates", "/sports"):
        assert (await admin.get(API + path, headers=headers)).status_code == 403
