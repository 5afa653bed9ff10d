"""An entry that cannot be folded lets its own contest wait, and nothing else, on both databases."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
from brittle import Brittle
from click.testing import CliRunner

from scoreboard.app import running
from scoreboard.cli import main
from scoreboard.cli.serving import rebuild_all
from scoreboard.settings import Limits, Projection, Settings
from scoreboard.sports.registry import Sports

pytestmark = pytest.mark.one_database

BASE = "/api/v1/competitions/cup"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "brittle",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": id_, "entrants": ["ada"]} for id_ in ("r1", "r2", "r3")],
}


SPORTS = Sports({"brittle": Brittle})


@pytest.fixture(autouse=True)
def unmended() -> Any:
    yield
    Brittle.mended = False


def settings_of(settings: Settings, **limits: Any) -> Settings:
    return msgspec.structs.replace(
        settings,
        private_port=0,
        public_port=0,
        projection=Projection(retry_s=()),
        limits=Limits(**limits),
    )


@contextlib.asynccontextmanager
async def official(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A running server, and a client that may do everything."""
    async with running(settings, SPORTS) as server:
        key = (
            server.admin_key or (await server.app.access.create(name="b", role="admin", by="t"))[1]
        )
        async with httpx2.AsyncClient(
            base_url=server.private_url, headers={"Authorization": f"Bearer {key}"}
        ) as client:
            yield client


async def hit(client: httpx2.AsyncClient, id_: str, contest: str, **data: Any) -> dict[str, Any]:
    event = {"id": id_, "source": "pad", "type": "brittle.hit", "contest": contest, "data": data}
    answer = await client.post(f"{BASE}/events", json=event)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def points(client: httpx2.AsyncClient, contest: str, position: int) -> int:
    """A contest's points once its boards have come so far."""
    answer = await client.get(f"{BASE}/boards/box:{contest}", params={"after": position})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["content"]["box"]["points"])


async def parked(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get(f"{BASE}/parked")
    assert answer.json() == (await client.get("/api/v1/parked")).json()
    return list(answer.json()["parked"])


async def begin(client: httpx2.AsyncClient) -> tuple[dict[str, Any], int]:
    """One hit, an unlucky one and another in r1, one in r2; the unlucky one, and the position."""
    assert (await client.post("/api/v1/competitions", json=CUP)).status_code == 201
    await hit(client, "1", "r1", points=1)
    bad = await hit(client, "2", "r1", points=10, unlucky=True)
    await hit(client, "3", "r1", points=100)
    last = await hit(client, "4", "r2", points=7)
    return bad, last["position"]


async def decide(client: httpx2.AsyncClient, position: int, action: str) -> httpx2.Response:
    decision = {"action": action, "reason": "looked at it"}
    return await client.post(f"{BASE}/parked/{position}", json=decision)


async def test_a_contest_waits_at_the_entry_and_everything_else_goes_on(settings: Settings) -> None:
    async with official(settings_of(settings)) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        assert await points(client, "r2", position) == 7
        [waiting] = await parked(client)
        assert (waiting["contest"], waiting["position"]) == ("r1", bad["position"])
        assert waiting["error"] == "RuntimeError: unlucky"


async def test_a_correction_releases_the_contest(settings: Settings) -> None:
    async with official(settings_of(settings)) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        right = {"action": "amend", "reason": "misread", "data": {"points": 20}}
        answer = await client.post(f"{BASE}/records/{bad['record']}/corrections", json=right)
        assert await points(client, "r1", answer.json()["position"]) == 121
        assert await parked(client) == []


async def test_a_skip_passes_over_the_entry_and_a_rebuild_does_so_too(settings: Settings) -> None:
    chosen = settings_of(settings)
    async with official(chosen) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        answer = await decide(client, bad["position"], "skip")
        assert answer.status_code == 201, answer.text
        assert await points(client, "r1", answer.json()["position"]) == 101
        assert await parked(client) == []
        before = (await client.get(f"{BASE}/boards/box:r1")).json()["content"]
        shown = (await client.get(f"{BASE}/records/{bad['record']}")).json()
        assert shown["in_force"] == 1
    await rebuild_all(chosen, SPORTS)
    async with official(chosen) as client:
        assert (await client.get(f"{BASE}/boards/box:r1")).json()["content"] == before
        assert await parked(client) == []


async def test_a_retry_folds_again_and_waits_again_if_nothing_was_mended(
    settings: Settings,
) -> None:
    async with official(settings_of(settings)) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        again = (await decide(client, bad["position"], "retry")).json()["position"]
        assert await points(client, "r1", again) == 1
        [waiting] = await parked(client)
        assert (waiting["position"], waiting["attempts"]) == (bad["position"], 2)
        Brittle.mended = True
        again = (await decide(client, bad["position"], "retry")).json()["position"]
        assert await points(client, "r1", again) == 111
        assert await parked(client) == []


async def test_a_rebuild_repeats_a_retry(settings: Settings) -> None:
    chosen = settings_of(settings)
    async with official(chosen) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        Brittle.mended = True
        again = (await decide(client, bad["position"], "retry")).json()["position"]
        assert await points(client, "r1", again) == 111
    await rebuild_all(chosen, SPORTS)
    async with official(chosen) as client:
        assert await points(client, "r1", again) == 111


async def test_a_contest_still_waits_after_a_restart(settings: Settings) -> None:
    chosen = settings_of(settings)
    async with official(chosen) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
    async with official(chosen) as client:
        assert [one["position"] for one in await parked(client)] == [bad["position"]]
        answer = await decide(client, bad["position"], "skip")
        assert await points(client, "r1", answer.json()["position"]) == 101


async def test_the_command_line_lists_retries_and_skips(settings: Settings) -> None:
    async with official(settings_of(settings)) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1

        async def command(*words: str) -> str:
            key = client.headers["authorization"].removeprefix("Bearer ")
            where = ["--url", str(client.base_url).rstrip("/"), "--key", key]
            result = await asyncio.to_thread(CliRunner().invoke, main, ["parked", *words, *where])
            assert result.exit_code == 0, result.output
            return result.output

        at = ["cup", str(bad["position"]), "--reason", "looked at it"]
        assert "unlucky" in await command()
        assert "unlucky" in await command("list")
        assert "in the ledger at" in await command("retry", *at)
        said = await command("skip", *at)
        assert await points(client, "r1", int(said.split()[-1])) == 101
        assert "unlucky" not in await command("list")


async def test_only_officials_decide_with_a_reason_about_what_waits(settings: Settings) -> None:
    async with official(settings_of(settings)) as client:
        bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        at = f"{BASE}/parked/{bad['position']}"
        assert (await client.post(at, json={"action": "skip"})).json()["pointer"] == "/reason"
        assert (await decide(client, bad["position"] + 1, "skip")).status_code == 404
        made = await client.post("/api/v1/keys", json={"name": "pad", "role": "device"})
        device = {"Authorization": f"Bearer {made.json()['key']}"}
        said = {"action": "skip", "reason": "mine"}
        assert (await client.post(at, json=said, headers=device)).status_code == 403
        assert len(await parked(client)) == 1


async def test_past_the_bound_the_projection_stops_and_readiness_says_so(
    settings: Settings,
) -> None:
    async with official(settings_of(settings, parked_contests_max=1, wait_after_s=1)) as client:
        _bad, position = await begin(client)
        assert await points(client, "r1", position) == 1
        worse = await hit(client, "5", "r3", points=1, unlucky=True)
        late = await client.get(f"{BASE}/boards/box:r2", params={"after": worse["position"]})
        assert late.status_code == 503
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["parts"]["ledger"] == "ok"
        assert f"before entry {worse['position']}" in ready.json()["parts"]["boards"]
        assert "parked_contests_max" in ready.json()["parts"]["boards"]
    async with official(settings_of(settings, parked_contests_max=2)) as client:
        assert await points(client, "r2", worse["position"]) == 7
        assert len(await parked(client)) == 2
        assert (await client.get("/readyz")).status_code == 200


async def test_nothing_waits_in_what_is_over_and_all_counts_if_it_is_defined_again(
    settings: Settings,
) -> None:
    async with official(settings_of(settings)) as client:
        await client.post("/api/v1/competitions", json=CUP)
        await hit(client, "1", "r1", points=5)
        bad = await hit(client, "2", "r1", points=7, unlucky=True)
        assert await points(client, "r1", bad["position"]) == 5
        assert len(await parked(client)) == 1
        taken_back = {"action": "void", "reason": "a trial"}
        path = f"{BASE}/records/competition/corrections"
        gone = await client.post(path, json=taken_back)
        assert gone.is_success, gone.text
        answer = await client.get(f"{BASE}/boards/standings?after={gone.json()['position']}")
        assert (answer.status_code, "is over" in answer.json()["detail"]) == (404, True)
        while (await client.get(f"{BASE}/parked")).json()["parked"]:
            await asyncio.sleep(0.01)
        assert await parked(client) == []
        Brittle.mended = True
        again = await client.post("/api/v1/competitions", json=CUP)
        assert await points(client, "r1", again.json()["position"]) == 12
        assert await parked(client) == []
