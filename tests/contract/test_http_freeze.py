"""A freeze: after it nothing leaks through any public door, and a reveal shows step by step."""

import asyncio
import contextlib

import httpx2
import msgspec
import pytest
import pytest_asyncio
from follower import Follower

from scoreboard.app import running
from scoreboard.settings import Projection

pytestmark = pytest.mark.one_database

SECRET = "77"  # points that the public must not see, nowhere else in these competitions
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
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(4)],
    "contests": [{"id": "r1"}, {"id": "r2"}],
}
API = "/api/v1/competitions"
BOARDS = {
    "cup": (
        *("standings", "contests", "milestones"),
        *("box:m1", "timeline:m1", "box:m2", "timeline:m2"),
    ),
    "quiz": ("standings", "contests", "milestones", "box:r1", "box:r2"),
}


@pytest_asyncio.fixture
async def server(settings):
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1)
    )
    async with running(free) as server:
        yield server


@pytest_asyncio.fixture
async def official(server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        for competition in (CUP, QUIZ):
            assert (await client.post(API, json=competition)).status_code == 201
        await goal(client, "1", "ada", 3)
        for n in range(4):
            await score(client, str(n), f"p{n}", 10 + n)
        yield client


@pytest_asyncio.fixture(params=["public listener", "arena screen"])
async def spectator(request, server, official):
    """Who has no key: on the public listener, or before a screen of the arena."""
    url = server.public_url if request.param == "public listener" else server.private_url
    async with httpx2.AsyncClient(base_url=url) as client:
        yield client


async def say(client, slug, **event):
    answer = await client.post(f"{API}/{slug}/events", json={"source": "pad", **event})
    assert answer.status_code == 201, answer.text
    position = answer.json()["position"]
    await client.get(f"{API}/{slug}/boards/standings", params={"after": position})
    return position


async def goal(client, id_, team, minute, contest="m1"):
    data = {"team": team, "minute": minute}
    return await say(client, "cup", id=id_, type="football.goal", contest=contest, data=data)


async def score(client, id_, entrant, points, contest="r1"):
    data = {"entrant": entrant, "points": points}
    return await say(client, "quiz", id=id_, type="points.scored", contest=contest, data=data)


async def freeze(client, slug, **data):
    return await say(client, slug, id="freeze", type="competition.frozen", data=data)


async def thaw(client, slug, **data):
    return await say(client, slug, id="thaw", type="competition.thawed", data=data)


async def everything(client, slug, *queries):
    """What a spectator can read of a competition, by door."""
    seen = {}
    for name in BOARDS[slug]:
        for query in ("", "?top=3", "?around=p0", "?after=999999", *queries):
            answer = await client.get(f"{API}/{slug}/boards/{name}{query}")
            seen[f"{name}{query}"] = (answer.status_code, answer.headers["etag"], answer.text)
        corrections = await client.get(f"{API}/{slug}/boards/{name}/corrections")
        seen[f"{name} corrections"] = corrections.text
    seen["listed"] = (await client.get(f"{API}/{slug}/boards")).text
    seen["definition"] = (await client.get(f"{API}/{slug}")).text
    seen["competitions"] = (await client.get(API)).text
    return seen


@contextlib.asynccontextmanager
async def followed(client, slug, board):
    """A stream's lines, gathered while the block lasts."""
    lines = []
    url = f"{API}/{slug}/boards/{board}/stream"
    async with client.stream("GET", url, timeout=30) as response:
        begun = asyncio.Event()

        async def gather():
            async for line in response.aiter_lines():
                if line and not line.startswith("retry"):
                    lines.append(line)
                    begun.set()

        task = asyncio.create_task(gather())
        await begun.wait()
        yield lines
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("slug", ["cup", "quiz"])
async def test_nothing_after_a_freeze_reaches_a_spectator(spectator, official, slug):
    frozen_at = await freeze(official, slug)
    before = await everything(spectator, slug, f"?at={frozen_at}")
    async with followed(spectator, slug, "standings") as lines:
        told = list(lines)
        if slug == "cup":
            for n in range(5):
                await goal(official, f"late {n}", "bel", int(SECRET) + n)
            records = ["pad/1", "pad/late 1"]
        else:
            for n in range(5):
                await score(official, f"late {n}", f"p{n % 2}", 7700 + n)
            records = ["pad/1", "pad/late 1"]
        for record in records:
            url = f"{API}/{slug}/records/{record}/corrections"
            said = {"action": "void", "reason": "seen again"}
            assert (await official.post(url, json=said)).status_code == 201
        last = await (score if slug == "cup" else goal)(official, "z", "p1", 9)
        assert await everything(spectator, slug, f"?at={frozen_at}") == before
        assert lines == told
    for name in BOARDS[slug]:
        stood = await spectator.get(f"{API}/{slug}/boards/{name}", params={"at": last})
        live = await spectator.get(f"{API}/{slug}/boards/{name}")
        assert stood.json() == live.json()
        assert SECRET not in str(stood.json()["content"])
        assert live.json()["frozen"]
        assert live.json()["position"] <= frozen_at
    official_sees = await official.get(f"{API}/{slug}/boards/standings")
    assert (
        official_sees.json()["content"]
        != (await spectator.get(f"{API}/{slug}/boards/standings")).json()["content"]
    )


async def test_a_revoked_key_sees_no_more_of_what_is_frozen(server, official):
    await freeze(official, "quiz")
    wanted = {"name": "desk", "role": "official"}
    made = (await official.post("/api/v1/keys", json=wanted)).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    url = f"{API}/quiz/boards/standings/stream"
    async with (
        httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=20) as desk,
        followed(official, "quiz", "standings") as lines,
        desk.stream("GET", url) as response,
    ):
        heard = response.aiter_lines()
        while await anext(heard) != "event: snapshot":
            continue
        assert (await official.delete(f"/api/v1/keys/{made['id']}")).status_code == 204
        position = await score(official, "late", "p0", 7700)
        rest = [line async for line in heard]  # to its end
        assert "event: bye" in rest
        assert "7700" not in str(rest)
        async with asyncio.timeout(20):
            while not any(f"-{position}-" in line for line in lines):  # others hear of it
                await asyncio.sleep(0.01)
        assert (await desk.get(url)).status_code == 401


async def test_who_follows_a_board_is_told_that_it_is_frozen_and_that_it_is_not(
    spectator, official
):
    url = str(spectator.base_url.join(f"{API}/cup/boards/standings/stream"))
    follower = Follower(url)
    async with follower.connected():
        before = await follower.until(lambda board: True)
        assert not before.get("frozen")
        await freeze(official, "cup")
        frozen = await asyncio.wait_for(follower.until(lambda board: board.get("frozen")), 10)
        assert frozen["content"] == before["content"]
        await thaw(official, "cup")
        thawed = await asyncio.wait_for(follower.until(lambda board: not board.get("frozen")), 10)
        assert thawed["content"] == before["content"]


@pytest.mark.parametrize("slug", ["cup", "quiz"])
async def test_a_thaw_shows_everybody_the_same(spectator, official, slug):
    await freeze(official, slug)
    if slug == "cup":
        await goal(official, "late", "bel", 80)
    else:
        await score(official, "late", "p0", 500)
    async with followed(spectator, slug, "standings") as lines:
        await thaw(official, slug)
        for name in BOARDS[slug]:
            seen = await spectator.get(f"{API}/{slug}/boards/{name}")
            live = await official.get(f"{API}/{slug}/boards/{name}")
            assert seen.json() == live.json()
        async with asyncio.timeout(5):
            while not any("late" in line or "500" in line or "80" in line for line in lines):
                if any(line == "event: reset" for line in lines):
                    break
                await asyncio.sleep(0.01)
    if slug == "cup":
        await goal(official, "after", "bel", 81)
    else:
        await score(official, "after", "p0", 1)
    seen = await spectator.get(f"{API}/{slug}/boards/standings")
    live = await official.get(f"{API}/{slug}/boards/standings")
    assert seen.json() == live.json()


async def test_one_contest_is_frozen_and_the_other_goes_on(spectator, official):
    await freeze(official, "cup", contest="m1")
    await goal(official, "late", "bel", 80, contest="m1")
    await goal(official, "other", "bel", 12, contest="m2")
    standings = (await spectator.get(f"{API}/cup/boards/standings")).json()["content"]["rows"]
    assert {id_: row["figures"]["gf"] for id_, row in standings.items()} == {"ada": 1, "bel": 1}
    m1 = (await spectator.get(f"{API}/cup/boards/box:m1")).json()
    m2 = (await spectator.get(f"{API}/cup/boards/box:m2")).json()
    assert m1["content"]["line"]["score"] == [1, 0]
    assert m2["content"]["line"]["score"] == [1, 0]


@pytest.mark.parametrize("slug", ["cup", "quiz"])
async def test_one_contest_is_thawed_while_the_others_stay_frozen(spectator, official, slug):
    one, other = ("m1", "m2") if slug == "cup" else ("r1", "r2")
    tell = goal if slug == "cup" else score
    who = "bel" if slug == "cup" else "p1"
    await freeze(official, slug)
    for contest in (one, other):
        await tell(official, f"late {contest}", who, 80, contest=contest)
    await thaw(official, slug, contest=one)
    for n in range(2):
        live = await official.get(f"{API}/{slug}/boards/box:{one}")
        shown = await spectator.get(f"{API}/{slug}/boards/box:{one}")
        assert shown.json()["content"] == live.json()["content"]
        untold = await spectator.get(f"{API}/{slug}/boards/box:{other}")
        assert "80" not in str(untold.json()["content"])
        at = await tell(official, f"more {n}", who, 81, contest=one)
        stood = await spectator.get(f"{API}/{slug}/boards/standings", params={"at": at})
        assert stood.json() == (await spectator.get(f"{API}/{slug}/boards/standings")).json()
    again = {"id": "again", "type": "competition.frozen", "data": {}}
    await say(official, slug, **again)
    before = await everything(spectator, slug)
    await tell(official, "last", who, 82, contest=one)
    assert await everything(spectator, slug) == before
    await say(official, slug, id="thaw all", type="competition.thawed", data={})
    for name in BOARDS[slug]:
        seen = await spectator.get(f"{API}/{slug}/boards/{name}")
        live = await official.get(f"{API}/{slug}/boards/{name}")
        assert seen.json() == live.json()


async def test_a_reveal_shows_step_by_step_from_the_last_to_the_first(spectator, official):
    await freeze(official, "quiz")
    for n in range(4):
        await score(official, f"late {n}", f"p{n}", 100 * (n + 1))
    steps = []
    while True:
        answer = await official.post(f"{API}/quiz/reveal", json={})
        if answer.status_code == 200:
            break
        assert answer.status_code == 201, answer.text
        position = answer.json()["position"]
        await official.get(f"{API}/quiz/boards/standings", params={"after": position})
        steps.append(answer.json()["records"])
        rows = (await spectator.get(f"{API}/quiz/boards/standings")).json()["content"]["rows"]
        assert sum(row["figures"]["points"] >= 100 for row in rows.values()) == len(steps)
        for name in BOARDS["quiz"]:
            live = (await spectator.get(f"{API}/quiz/boards/{name}")).json()
            stood = await spectator.get(f"{API}/quiz/boards/{name}", params={"at": position})
            assert (name, stood.json()) == (name, live)
    assert steps == [["pad/late 0"], ["pad/late 1"], ["pad/late 2"], ["pad/late 3"]]
    seen = (await spectator.get(f"{API}/quiz/boards/standings")).json()["content"]
    assert seen == (await official.get(f"{API}/quiz/boards/standings")).json()["content"]


async def test_a_reveal_knows_of_all_that_came_before_it(official):
    await freeze(official, "cup")
    for n in range(40):  # each is answered as soon as it is in the ledger, before any board
        event = {"id": f"late {n}", "source": "pad", "type": "football.goal", "contest": "m1"}
        event["data"] = {"team": "bel", "minute": 80}
        assert (await official.post(f"{API}/cup/events", json=event)).status_code == 201
        shown = await official.post(f"{API}/cup/reveal", json={})
        assert shown.json()["records"] == [f"pad/late {n}"]


async def test_what_a_freeze_revealed_is_hidden_again_by_the_next(spectator, official):
    await say(official, "cup", id="f1", type="competition.frozen", data={"contest": "m1"})
    await say(official, "cup", id="f2", type="competition.frozen", data={"contest": "m2"})
    await goal(official, "late", "bel", 80, contest="m2")
    shown = await official.post(f"{API}/cup/reveal", json={"contest": "m2"})
    assert shown.json()["records"] == ["pad/late"]
    await thaw(official, "cup", contest="m2")
    await say(official, "cup", id="f3", type="competition.frozen", data={"contest": "m2"})
    before = await everything(spectator, "cup")
    amended = {"action": "amend", "reason": "own goal", "data": {"team": "ada", "minute": 80}}
    answer = await official.post(f"{API}/cup/records/pad/late/corrections", json=amended)
    position = answer.json()["position"]
    await official.get(f"{API}/cup/boards/standings", params={"after": position})
    assert await everything(spectator, "cup") == before
    stood = await spectator.get(f"{API}/cup/boards/box:m2", params={"at": position})
    assert stood.json()["content"]["line"]["score"] == [1, 0]


async def test_what_is_not_frozen_has_nothing_to_reveal(official):
    refused = await official.post(f"{API}/quiz/reveal", json={})
    assert refused.status_code == 409


async def test_a_freeze_outlives_a_restart(settings):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            assert (await client.post(API, json=QUIZ)).status_code == 201
            await score(client, "1", "p1", 5)
            await freeze(client, "quiz")
            await score(client, "2", "p2", 50)
        async with httpx2.AsyncClient(base_url=server.public_url) as anybody:
            before = (await anybody.get(f"{API}/quiz/boards/standings")).json()
    async with (
        running(free) as server,
        httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client,
        httpx2.AsyncClient(base_url=server.public_url) as anybody,
    ):
        url = f"{API}/quiz/boards/standings"
        assert (await client.get(url)).json()["content"] != before["content"]
        assert (await anybody.get(url)).json() == before
        await score(client, "3", "p3", 51)
        assert (await anybody.get(url)).json() == before
        await thaw(client, "quiz")
        assert (await anybody.get(url)).json() == (await client.get(url)).json()


async def test_who_goes_on_is_not_told_by_the_schedule_either(spectator, official):
    await freeze(official, "cup")
    before = await everything(spectator, "cup")
    final = {"id": "final", "name": "Final 77", "entrants": ["bel", "ada"]}
    await say(official, "cup", id="s", type="competition.scheduled", data={"contest": final})
    assert await everything(spectator, "cup") == before
    for name in BOARDS["cup"]:
        live = (await spectator.get(f"{API}/cup/boards/{name}")).json()
        stood = await spectator.get(f"{API}/cup/boards/{name}", params={"at": 999})
        assert (name, stood.json()) == (name, live)
    await thaw(official, "cup")
    assert "Final 77" in (await spectator.get(f"{API}/cup/boards/contests")).text
    assert "Final 77" in (await spectator.get(f"{API}/cup")).text
