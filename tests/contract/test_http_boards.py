"""Boards over real sockets: as they stood, around an entrant, by named views; both databases."""

import asyncio
import contextlib

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.settings import Limits, Projection

pytestmark = pytest.mark.one_database

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"], "group": "a"}],
}
RACE = {
    "slug": "race",
    "name": "Race",
    "sport": "points",
    "entrants": [],
    "contests": [{"id": "r1"}],
}
API = "/api/v1/competitions"


@pytest_asyncio.fixture
async def client(settings):
    async with client_of(settings) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def cup_client(shared_settings):
    """One for all tests that only read."""
    async with client_of(shared_settings) as client:
        assert (await client.post(API, json=CUP)).status_code == 201
        yield client


@contextlib.asynccontextmanager
async def client_of(settings):
    few = msgspec.structs.replace(
        settings,
        private_port=0,
        public_port=0,
        limits=Limits(board_rows_max=10),
        projection=Projection(render_every_ms=1, snapshot_entries=20),
    )
    async with running(few) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            yield client


async def read(client, slug, board, **params):
    answer = await client.get(f"{API}/{slug}/boards/{board}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def say(client, slug, **event):
    answer = await client.post(f"{API}/{slug}/events", json={"source": "pad", **event})
    assert answer.status_code == 201, answer.text
    return answer.json()["position"]


async def test_the_moments_of_a_competition_are_those_at_which_it_can_be_read(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    goal = {"type": "football.goal", "contest": "m1", "data": {"team": "ada", "minute": 5}}
    last = [await say(client, "cup", id=str(n), **goal) for n in range(3)][-1]
    answer = await client.get(f"{API}/cup/moments")
    moments = answer.json()["moments"]
    assert len(moments) == 4
    assert moments[-1]["position"] == last
    for moment in moments:
        stood = await read(client, "cup", "standings", at=moment["position"])
        assert stood["position"] == moment["position"]
    unchanged = await client.get(
        f"{API}/cup/moments", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert unchanged.status_code == 304
    assert (await client.get(f"{API}/regatta/moments")).status_code == 404


async def test_every_board_can_be_read_as_it_stood_at_each_position(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    goal = {"type": "football.goal", "contest": "m1"}
    corrections = f"{API}/cup/records/pad/2/corrections"
    steps = [
        lambda: say(client, "cup", id="1", type="football.kick_off", contest="m1"),
        lambda: say(client, "cup", id="2", data={"team": "ada", "minute": 3}, **goal),
        lambda: say(client, "cup", id="3", data={"team": "bel", "minute": 4}, **goal),
        lambda: client.post(corrections, json={"action": "void", "reason": "offside"}),
        lambda: client.post(corrections, json={"action": "restore", "reason": "on side"}),
        lambda: say(client, "cup", id="4", data={"team": "x", "minute": 5}, **goal),
    ]
    names = ("standings", "contests", "milestones", "box:m1", "timeline:m1", "flags")
    seen = {}
    for step in steps:
        made = await step()
        position = made if isinstance(made, int) else made.json()["position"]
        seen[position] = {n: await read(client, "cup", n, after=position) for n in names}
    assert len({str(boards["standings"]["content"]) for boards in seen.values()}) > 2
    for position, boards in seen.items():
        for name, board in boards.items():
            stood = await read(client, "cup", name, at=position)
            assert (name, stood["content"]) == (name, board["content"])
            assert stood["status"] == board["status"]
            assert stood["position"] >= board["position"]
    for name in names:
        for at in (position, position + 99, "2199-01-01T00:00:00Z"):
            assert await read(client, "cup", name, at=at) == boards[name]


async def test_a_board_can_be_read_as_it_stood_at_a_time(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    goal = {"type": "football.goal", "contest": "m1"}
    first = await say(client, "cup", id="1", data={"team": "ada", "minute": 3}, **goal)
    before = await read(client, "cup", "standings", after=first)
    second = await say(client, "cup", id="2", data={"team": "ada", "minute": 4}, **goal)
    now = await read(client, "cup", "standings", after=second)
    assert (await read(client, "cup", "standings", at=before["as_of"]))["content"] == before[
        "content"
    ]
    assert (await read(client, "cup", "standings", at=now["as_of"]))["content"] == now["content"]
    future = await read(client, "cup", "standings", at="2199-01-01T00:00:00+02:00")
    assert future["content"] == now["content"]


async def test_a_board_of_the_past_has_an_etag_like_any_other(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    goal = {"type": "football.goal", "contest": "m1"}
    first = await say(client, "cup", id="1", data={"team": "ada", "minute": 3}, **goal)
    url = f"{API}/cup/boards/standings"
    live = await client.get(url, params={"after": first})
    stood = await client.get(url, params={"at": first})
    assert stood.headers["etag"] == live.headers["etag"]
    headers = {"If-None-Match": stood.headers["etag"]}
    assert (await client.get(url, params={"at": first}, headers=headers)).status_code == 304


@pytest.mark.parametrize(
    ("board", "at", "status"),
    [
        ("standings", "0", 404),
        ("standings", "yesterday", 422),
        ("standings", "2026-11-21T10:00:00", 422),
        ("standings", "-1", 422),
        ("standings", "1970-01-01T00:00:00Z", 404),
        ("box:none", "99", 404),
        ("nothing", "99", 404),
    ],
)
async def test_what_never_stood_cannot_be_read(cup_client, board, at, status):
    answer = await cup_client.get(f"{API}/cup/boards/{board}", params={"at": at})
    assert answer.status_code == status, answer.text
    if status == 422:
        assert answer.json()["pointer"] == "/at"


async def test_a_large_field_is_read_as_it_stood_from_kept_states(client):
    assert (await client.post(API, json=RACE)).status_code == 201
    seen = {}
    for block in range(12):
        events = [
            {
                "id": f"{block}-{n}",
                "source": "pad",
                "type": "points.scored",
                "contest": "r1",
                "data": {"entrant": f"p{(n * 7 + block) % 15}", "points": n + block},
            }
            for n in range(10)
        ]
        answer = await client.post(f"{API}/race/events", json=events)
        position = answer.json()["results"][-1]["position"]
        seen[position] = await read(client, "race", "standings", after=position)
        if block % 4 == 3:  # a correction of what a kept state may have in it
            said = {"action": "void", "reason": "?"}
            await client.post(f"{API}/race/records/pad/{block - 2}-5/corrections", json=said)
    for position, board in seen.items():
        stood = await read(client, "race", "standings", at=position)
        assert stood["content"] == board["content"]
        assert stood["status"] == board["status"]


async def test_an_entrant_below_the_document_is_found_with_its_neighbours(client):
    assert (await client.post(API, json=RACE)).status_code == 201
    events = [
        {
            "id": str(n),
            "source": "pad",
            "type": "points.scored",
            "contest": "r1",
            "data": {"entrant": f"p{n:02}", "points": 100 - n},
        }
        for n in range(30)
    ]
    answer = await client.post(f"{API}/race/events", json=events)
    last = answer.json()["results"][-1]["position"]
    whole = await read(client, "race", "standings", after=last)
    assert (len(whole["content"]["rows"]), whole["content"]["total"]) == (10, 30)
    wanted = {f"p{n:02}": n + 1 for n in range(22, 29)}
    for board in ("standings", "box:r1"):
        for params in ({}, {"at": last}):
            around = await read(client, "race", board, around="p25", **params)
            ranks = {key: row["rank"] for key, row in around["content"]["rows"].items()}
            assert ranks == wanted
            assert around["version"] == (await read(client, "race", board))["version"]
    nobody = await read(client, "race", "standings", around="nobody")
    assert nobody["content"]["rows"] == {}


async def test_only_named_views_can_be_followed(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    url = f"{API}/cup/boards/standings/stream"
    for params, pointer in (({"top": 7}, "/top"), ({"around": "ada"}, "/around")):
        refused = await client.get(url, params=params)
        assert (refused.status_code, refused.json()["pointer"]) == (422, pointer)
    assert (await client.get(url, params={"group": "z"})).status_code == 404
    for params in ({"top": 3}, {"group": "a"}, {"top": 10, "group": "a"}):
        async with client.stream("GET", url, params=params) as response:
            assert response.status_code == 200
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    assert line == "event: snapshot"
                    break


async def test_a_board_of_the_past_is_made_once_however_many_ask(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    goal = {"type": "football.goal", "contest": "m1"}
    first = await say(client, "cup", id="1", data={"team": "ada", "minute": 3}, **goal)
    asked = [client.get(f"{API}/cup/boards/standings", params={"at": first}) for _ in range(40)]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_the_page_of_an_unknown_competition_says_so(client):
    assert (await client.post(API, json=CUP)).status_code == 201
    known = await client.get("/c/cup")
    unknown = await client.get("/c/nope")
    assert (known.status_code, unknown.status_code) == (200, 404)
    assert unknown.headers["content-type"] == "text/html; charset=utf-8"
    assert "no competition at this address" in unknown.text
    assert 'href="/"' in unknown.text
    assert "nope" not in unknown.text


async def test_boards_of_a_competition_are_listed_as_soon_as_it_is_defined(client):
    for n in range(10):
        assert (await client.post(API, json=CUP | {"slug": f"cup{n}"})).status_code == 201
        listed = await client.get(f"{API}/cup{n}/boards")
        assert listed.status_code == 200, listed.text
