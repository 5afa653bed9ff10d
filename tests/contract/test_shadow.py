"""The shadow: a live fold that is not what the ledger comes to is seen and named; others are not.

The difference is made here by changing a live state in memory: a failure that is injected.
"""

import asyncio
import contextlib
import random

import httpx2
import msgspec
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from test_boards_properties import Ground, Watcher, few
from told import stories

from scoreboard.app import running
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.shadow import Shadow
from scoreboard.settings import Projection, Settings

pytestmark = pytest.mark.one_database

WAIT_S = 10
API = "/api/v1/competitions"
ENTRANTS = [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}]
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": ENTRANTS,
    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}, {"id": "m2"}],
}
QUIZ = {"slug": "quiz", "name": "Quiz", "sport": "points", "contests": [{"id": "r1"}]}


@contextlib.asynccontextmanager
async def played(settings, *, every_s):
    """A server on which a goal was scored and points were given, and an official's client."""
    projection = Projection(shadow_every_s=every_s, render_every_ms=1)
    free = msgspec.structs.replace(settings, private_port=0, public_port=0, projection=projection)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            for competition in (CUP, QUIZ):
                assert (await client.post(API, json=competition)).status_code == 201
            await say(client, "cup", "1", "football.goal", "m1", team="ada", minute=10)
            await say(client, "cup", "2", "football.goal", "m2", team="bel", minute=10)
            await say(client, "quiz", "1", "points.scored", "r1", entrant="ada", points=5)
            yield server.app, client


async def say(client, slug, id_, type_, contest, **data):
    event = {"id": id_, "source": "pad", "type": type_, "data": data, "contest": contest}
    answer = await client.post(f"{API}/{slug}/events", json=event)
    assert answer.status_code == 201, answer.text
    await client.get(f"{API}/{slug}/boards/flags", params={"after": answer.json()["position"]})


async def flagged(client, slug):
    """The contests on the officials' list because of the shadow."""
    rows = (await client.get(f"{API}/{slug}/boards/flags")).json()["content"]["rows"]
    return [row["contest"] for row in rows.values() if row["flags"] == ["shadow-difference"]]


async def until_flagged(client, slug, contests):
    """Boards are made a moment later if others took long."""
    async with asyncio.timeout(WAIT_S):
        while await flagged(client, slug) != contests:
            await asyncio.sleep(0.01)


async def differences_measured(client):
    text = (await client.get("/metrics")).text
    (line,) = [one for one in text.splitlines() if one.startswith("scoreboard_shadow_differences ")]
    return float(line.split()[1])


async def test_a_difference_is_alarmed_by_the_name_of_its_contest_and_ends_when_it_is_gone(
    settings,
):
    async with played(settings, every_s=0) as (app, client):
        checked = {id_: await app.shadow.check(id_) for id_ in app.shadow.contests()}
        assert checked == {("cup", "m1"): "same", ("cup", "m2"): "same", ("quiz", "r1"): "same"}
        app.projection.folds.live["cup"].contests["m1"].states[""].goals.clear()
        app.projection.folds.live["quiz"].contests["r1"].states["ada"].total = 6
        with capture_logs() as logs:
            for id_, verdict in checked.items():
                assert await app.shadow.check(id_) == (
                    verdict if id_ == ("cup", "m2") else "different"
                )
        errors = [line for line in logs if line["log_level"] == "error"]
        assert [(e["competition"], e["contest"], e["keys"]) for e in errors] == [
            ("cup", "m1", [""]),
            ("quiz", "r1", ["ada"]),
        ]
        await until_flagged(client, "cup", ["m1"])
        await until_flagged(client, "quiz", ["r1"])
        assert await differences_measured(client) == 2
        url = f"{API}/cup/records/pad/1/corrections"
        said = {"action": "void", "reason": "folds the contest again"}
        position = (await client.post(url, json=said)).json()["position"]
        await client.get(f"{API}/cup/boards/flags", params={"after": position})
        assert await app.shadow.check(("cup", "m1")) == "same"
        await until_flagged(client, "cup", [])
        assert await differences_measured(client) == 1


async def test_the_shadow_comes_by_each_contest_by_itself(settings):
    async with played(settings, every_s=0.001) as (app, client):
        told = asyncio.Event()
        app.projection.shelf.on_change.append(
            lambda patch: told.set() if patch.after.board == "flags" else None
        )
        app.projection.folds.live["cup"].contests["m2"].flags["pad/2"] = ["made up"]
        async with asyncio.timeout(20):
            await told.wait()
        assert await flagged(client, "cup") == ["m2"]


@pytest_asyncio.fixture(scope="module")
async def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ground")
    ledger = await Ledger.open(Settings(data=str(folder / "ledger")))
    yield Ground(ledger, folder)
    await ledger.close()


@pytest.mark.parametrize("sport", ["points", "football"])
@few
@given(data=st.data(), seed=st.integers(0, 2**32))
async def test_whatever_is_said_raises_no_alarm(ground, sport, data, seed):
    definition, said = data.draw(stories(sport))
    watcher = await Watcher(ground).open()
    slug = f"c{ground.number()}"
    await ground.say(slug, definition, said)
    projection, ledger, batches = watcher.projection, ground.ledger, random.Random(seed)
    shadow, verdicts = Shadow(projection), []
    while entries := await ledger.read(projection.position, limit=batches.randint(1, 12)):
        await projection.handle(entries)
        if batches.random() < 0.3:
            verdicts += [await shadow.check(id_) for id_ in list(shadow.contests())]
    await projection.folds.competition(slug)
    verdicts += [await shadow.check(id_) for id_ in list(shadow.contests())]
    await watcher.close()
    assert set(verdicts) <= {"same"}
