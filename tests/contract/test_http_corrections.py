"""Notices of corrections: one for each, with the versions that were wrong; kept, listed, hidden."""

import httpx2
import msgspec
import pytest
import pytest_asyncio
from follower import Follower

from scoreboard.app import running
from scoreboard.settings import Projection

pytestmark = pytest.mark.one_database

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["bel", "ada"], "group": "a"},
    ],
}
API = "/api/v1/competitions"


@pytest.fixture
def free(settings):
    return msgspec.structs.replace(
        settings,
        private_port=0,
        public_port=0,
        stream_tops=(1,),
        projection=Projection(render_every_ms=1),
    )


@pytest_asyncio.fixture
async def server(free):
    async with running(free) as server:
        async with official(server, server.admin_key) as client:
            assert (await client.post(API, json=CUP)).status_code == 201
            await goal(client, "1", "ada")
        yield server


def official(server, key):
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=30)


@pytest_asyncio.fixture
async def desk(server):
    async with official(server, server.admin_key) as client:
        yield client


def stream(url, board="standings", query=""):
    return Follower(f"{url}{API}/cup/boards/{board}/stream{query}")


async def say(client, **event):
    answer = await client.post(f"{API}/cup/events", json={"source": "pad", **event})
    assert answer.status_code in (200, 201), answer.text
    return await made(client, answer.json()["position"])


async def goal(client, id_, team, contest="m1", **more):
    data = {"team": team, "minute": 3}
    return await say(client, id=id_, type="football.goal", contest=contest, data=data, **more)


async def correct(client, record, action):
    url = f"{API}/cup/records/{record}/corrections"
    answer = await client.post(url, json={"action": action, "reason": "seen again"})
    assert answer.is_success, answer.text
    return await made(client, answer.json()["position"])


async def made(client, position):
    answer = await client.get(f"{API}/cup/boards/standings", params={"after": position})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(client, board="standings"):
    answer = await client.get(f"{API}/cup/boards/{board}/corrections")
    assert answer.status_code == 200, answer.text
    return answer.json()["corrections"]


def at(version):
    return lambda board: board["version"] == version["version"]


async def test_a_correction_is_told_once_with_the_versions_that_were_wrong(server, desk):
    follower = stream(server.public_url)
    async with follower.connected():
        before = await follower.until(lambda board: True)
        wrong = await goal(desk, "2", "bel")
        more = await goal(desk, "3", "bel")
        right = await correct(desk, "pad/2", "void")
        await follower.until(at(right))
        assert [name for name, _ in follower.seen] == [
            *("snapshot", "patch", "patch"),
            *("correction", "patch"),
        ]
        [notice] = follower.corrections
        assert notice["wrong_from"] == wrong["version"] != before["version"]
        assert notice["right_from"] == right["version"] != more["version"]
        changes = {change["pointer"]: change for change in notice["changes"]}
        against = {"pointer": "/rows/ada/figures/ga", "before": 2, "after": 1}
        assert changes["/rows/ada/figures/ga"] == against
        again = await correct(desk, "pad/2", "restore")
        await follower.until(at(again))
    assert follower.corrections[1]["wrong_from"] == right["version"]
    of = {"competition": "cup", "board": "standings"}
    assert [of | one for one in await listed(desk)] == follower.corrections[::-1]
    assert follower.seen[-1] == ("patch", again["version"])


async def test_who_comes_back_hears_what_it_missed_and_nothing_twice(server, desk, free):
    wrong = await goal(desk, "2", "ada")
    right = await correct(desk, "pad/2", "void")
    gone = Follower(f"{server.public_url}{API}/cup/boards/standings/stream", wrong)
    async with gone.connected():
        await gone.until(at(right))
    assert gone.seen == [("correction", right["version"]), ("patch", right["version"])]
    last = await goal(desk, "4", "bel")
    async with gone.connected():
        await gone.until(at(last))
    assert gone.seen[2:] == [("patch", last["version"])]
    late = stream(server.public_url)
    async with late.connected():
        await late.until(at(last))
    assert late.corrections == []


async def test_notices_outlive_a_restart(free):
    async with running(free) as server:
        key = server.admin_key
        async with official(server, key) as client:
            assert (await client.post(API, json=CUP)).status_code == 201
            wrong = await goal(client, "1", "ada")
            right = await correct(client, "pad/1", "void")
            told = await listed(client)
    async with running(free) as server:
        async with official(server, key) as client:
            assert await listed(client) == told != []
        gone = Follower(f"{server.public_url}{API}/cup/boards/standings/stream", wrong)
        async with gone.connected():
            await gone.until(at(right))
        assert gone.corrections == [{"competition": "cup", "board": "standings", **told[0]}]


async def test_a_devices_own_correction_is_told_and_a_new_fact_is_not(server, desk):
    await goal(desk, "2", "ada", contest="m2")
    assert await listed(desk) == []
    record = {"record": "pad/2", "action": "amend"}
    await goal(desk, "2b", "bel", contest="m2", **record)
    [notice] = await listed(desk)
    assert {"pointer": "/rows/ada/figures/gf", "before": 2, "after": 1} in notice["changes"]
    assert await listed(desk, "box:m1") == []
    assert len(await listed(desk, "box:m2")) == 1


async def test_a_definition_that_is_amended_or_withdrawn_is_no_correction(server, desk):
    named = CUP | {"name": "Cup of cups"}
    assert (await desk.post(API, json=named)).is_success
    late = CUP | {"contests": [*CUP["contests"], {"id": "m3", "entrants": ["ada", "bel"]}]}
    assert (await desk.post(API, json=late)).is_success
    for board in ("standings", "contests", "box:m1"):
        assert await listed(desk, board) == []


async def test_a_view_is_told_of_the_figures_that_it_shows(server, desk):
    top = stream(server.public_url, query="?top=1")
    whole = stream(server.public_url)
    async with top.connected(), whole.connected():
        await top.until(lambda board: True)
        await whole.until(lambda board: True)
        await goal(desk, "2", "ada")
        right = await correct(desk, "pad/2", "void")
        await top.until(at(right))
        await whole.until(at(right))
    [seen], [all_] = top.corrections, whole.corrections
    assert {change["pointer"].split("/")[2] for change in seen["changes"]} == {"ada"}
    assert {change["pointer"].split("/")[2] for change in all_["changes"]} == {"ada", "bel"}
    assert (seen["wrong_from"], seen["right_from"]) == (all_["wrong_from"], all_["right_from"])


async def test_what_is_frozen_tells_the_public_nothing(server, desk):
    await goal(desk, "2", "ada")
    await say(desk, id="freeze", type="competition.frozen", data={"contest": "m1"})
    follower = stream(server.public_url)
    async with httpx2.AsyncClient(base_url=server.public_url) as public, follower.connected():
        shown = await follower.until(lambda board: True)
        await correct(desk, "pad/2", "void")
        await goal(desk, "3", "bel")
        await correct(desk, "pad/3", "void")
        assert await listed(public) == await listed(public, "box:m1") == []
        assert len(await listed(desk, "box:m1")) == 2
        await goal(desk, "4", "bel", contest="m2")
        await correct(desk, "pad/4", "void")
        await follower.until(lambda board: bool(follower.corrections))
        [notice] = follower.corrections
        told = {change["pointer"] for change in notice["changes"]}
        assert "/rows/ada/figures/ga" in told
        [own] = await listed(public)
        assert own["wrong_from"] != shown["version"]
        assert own["right_from"] == notice["right_from"]
        assert await listed(public, "box:m1") == []


FREEZE = {"id": "freeze", "type": "competition.frozen", "data": {}}
THAW = {"id": "thaw", "type": "competition.thawed", "data": {}}


async def test_a_thaw_tells_the_public_nothing_of_what_it_never_saw(server, desk):
    await goal(desk, "2", "ada")
    await say(desk, **FREEZE)
    await goal(desk, "3", "bel")
    await correct(desk, "pad/3", "void")  # came in behind the freeze
    await correct(desk, "pad/2", "void")
    await correct(desk, "pad/2", "restore")  # was right, as it turned out
    await say(desk, **THAW)
    async with httpx2.AsyncClient(base_url=server.public_url) as public:
        for board in ("standings", "contests", "box:m1", "timeline:m1"):
            assert await listed(public, board) == []
            assert len(await listed(desk, board)) == 3
        await goal(desk, "4", "bel")
        await correct(desk, "pad/4", "void")
        told = await listed(public)
        assert told == (await listed(desk))[:1]
        assert len(told) == 1


async def test_a_thaw_tells_the_public_what_it_was_shown_wrong(free):
    async with running(free) as server:
        key = server.admin_key
        async with (
            official(server, key) as desk,
            httpx2.AsyncClient(base_url=server.public_url) as public,
        ):
            assert (await desk.post(API, json=CUP)).status_code == 201
            await goal(desk, "1", "ada")
            shown = await goal(desk, "2", "ada")
            await say(desk, **FREEZE)
            wrong = (await public.get(f"{API}/cup/boards/standings")).json()
            await goal(desk, "3", "bel")
            await correct(desk, "pad/2", "void")
            await correct(desk, "pad/1", "void")
            assert await listed(public) == []
            live = await say(desk, **THAW)
            told = await listed(public)
            of_goals = {"before": 2, "after": 0}
            [notice] = told
            changes = {c.pop("pointer"): c for c in notice["changes"]}
            assert changes["/rows/ada/figures/gf"] == of_goals
            assert changes["/rows/bel/figures/ga"] == of_goals
            assert (notice["wrong_from"], notice["right_from"]) == (
                shown["version"],
                live["version"],
            )
            assert notice["frozen"] == wrong["version"].split("-")[0]
            assert len(await listed(desk)) == 2
            told = await listed(public)
    async with (
        running(free) as server,
        httpx2.AsyncClient(base_url=server.public_url) as public,
    ):
        assert await listed(public) == told


async def test_what_is_revealed_and_corrected_does_not_say_when_it_came_in(server, desk):
    await say(desk, id="freeze", type="competition.frozen", data={})
    follower = stream(server.public_url)
    async with httpx2.AsyncClient(base_url=server.public_url) as public, follower.connected():
        await follower.until(lambda board: True)
        for n in range(5):
            await goal(desk, f"late {n}", "bel")
        shown = await desk.post(f"{API}/cup/reveal", json={})
        assert shown.status_code == 201, shown.text
        record = shown.json()["records"][0]
        before = await follower.until(lambda board: len(follower.seen) > 1)
        await correct(desk, record, "void")
        await follower.until(lambda board: bool(follower.corrections) and board != before)
        [notice] = follower.corrections
        assert notice["wrong_from"] == before["version"]
        assert [one["wrong_from"] for one in await listed(public)] == [before["version"]]


async def test_an_erasure_takes_notices_with_it(server, desk):
    await goal(desk, "2", "ada")
    await correct(desk, "pad/2", "void")
    assert len(await listed(desk)) == 1
    url = f"{API}/cup/records/pad/2/erasures"
    answer = await desk.post(url, json={"reason": "personal data"})
    assert answer.is_success, answer.text
    await goal(desk, "3", "ada")  # when its boards are made, the erasure before it is done
    assert await listed(desk) == []
