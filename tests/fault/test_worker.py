"""The worker killed in the middle of runs, out of memory, and left alone by its server."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from pathlib import Path

import httpx2
import msgspec
import pytest
from msgspec.structs import replace
from server import Server

from scoreboard.app import Running, running
from scoreboard.bus.subscription import Backoff
from scoreboard.errors import NotFound, Unavailable
from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Accepted, Draft
from scoreboard.ingest.definitions import RECORD
from scoreboard.ledger.ledger import Ledger
from scoreboard.ops.child import Child
from scoreboard.predictions.reading import Predictions
from scoreboard.predictions.store import PredictionsStore
from scoreboard.settings import Limits, Projection, Settings

USERS = 2_000
KILLS = 2
QUICK = Projection(worker_poll_s=0.03, worker_settle_s=0.05, worker_publish_s=0.05)
SMALL = Limits(worker_batch_users_max=256, wait_after_s=20.0)
AT_ONCE = Backoff(first_s=0.01, most_s=0.05)
BREAKING = Path(__file__).with_name("breaking_worker.py")
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "h", "name": "Home"}, {"id": "a", "name": "Away"}],
    "contests": [{"id": m, "entrants": ["h", "a"]} for m in ("m1", "m2")],
}
TIPS = {"slug": "tips", "name": "Tips", "sport": "predictions", "params": {"over": "cup"}}


def event(slug: str, id_: str, type_: str, data: object, **more: str) -> Draft:
    body = msgspec.json.encode(data)
    return Draft(slug, "desk", id_, type_, "official:desk", body, **more)  # type: ignore[arg-type]


def guesses(users: int) -> list[Draft]:
    """The definitions, and two guesses of everybody: as many goals as the number modulo five."""
    made = [event(d["slug"], "def", DEFINED.type, d, record=RECORD) for d in (CUP, TIPS)]
    for n in range(users):
        both = [{"contest": m, "home": n % 5, "away": 0} for m in ("m1", "m2")]
        made.append(event("tips", f"c{n}", "guesses.made", {"user": f"u{n}", "guesses": both}))
    return made


async def append(ledger: Ledger, *drafts: Draft) -> None:
    assert all(isinstance(fate, Accepted) for fate in await ledger.append(drafts))


def goal(contest: str, number: int) -> Draft:
    data = {"team": "h", "minute": number}
    return event("cup", f"{contest}g{number}", "football.goal", data, contest=contest)


def whistle(contest: str) -> Draft:
    return event("cup", f"{contest}w", "football.full_time", {}, contest=contest)


def worth(goals: int, guess: int) -> int:
    """Points of a guess of so many goals to none."""
    if goals == guess:
        return 4
    return 2 if goals and guess else 0


async def check(reader: Predictions, *goals: int) -> None:
    """Everybody's points and ranks are those of these results, no more and no less."""
    points = [sum(worth(g, guess) for g in goals) for guess in range(5)]
    for number in range(0, USERS, 97):
        shown = await reader.user("tips", f"u{number}", public=False)
        assert shown is not None
        rank = 1 + sum(USERS // 5 for other in points if other > points[number % 5])
        assert (shown.points, shown.rank) == (points[number % 5], rank)


async def until_shown(server: Running) -> None:
    await server.app.leaderboards.until_shown("tips", server.app.ledger.head.position)


async def kill_in_a_run(server: Running) -> None:
    """Kill the worker when some users are settled and others are not."""
    store: PredictionsStore = server.app.predictions.store
    async with asyncio.timeout(30):
        while True:
            rows = await store.games()
            if rows and rows[0].cursor and server.app.worker.pid is not None:
                os.kill(server.app.worker.pid, signal.SIGKILL)
                return


@pytest.fixture
def quick(settings: Settings) -> Settings:
    return replace(settings, private_port=0, public_port=0, projection=QUICK, limits=SMALL)


async def test_a_worker_killed_in_the_middle_of_runs_doubles_nothing(quick: Settings) -> None:
    async with running(quick) as server:
        await append(server.app.ledger, *guesses(USERS))
        await append(server.app.ledger, whistle("m1"), goal("m2", 1), whistle("m2"))
        await server.app.catalogue.catch_up()
        await until_shown(server)
        for kill in range(KILLS):
            await append(server.app.ledger, goal("m1", kill + 1), goal("m2", kill + 2))
            await kill_in_a_run(server)
            await until_shown(server)
            await check(server.app.predictions, kill + 1, kill + 2)
        assert server.app.worker.restarts >= KILLS
        async with httpx2.AsyncClient(base_url=server.private_url) as client:
            metrics = (await client.get("/metrics")).text
    ends = re.search(r'^scoreboard_child_restarts_total{child="worker"} (.*)$', metrics, re.M)
    assert ends is not None
    assert float(ends[1]) >= KILLS


@pytest.mark.one_database
async def test_a_result_that_takes_all_memory_is_parked_and_the_others_count(
    settings: Settings, tmp_path: Path
) -> None:
    limits = replace(SMALL, worker_memory_bytes_max=700_000_000)
    tight = replace(settings, projection=QUICK, limits=limits)
    ledger = await Ledger.open(tight)
    settled, stop = asyncio.Event(), asyncio.Event()
    heard: list[dict[str, object]] = []

    def hear(line: dict[str, object]) -> bool:
        heard.append(line)
        if line["event"] == "settled" and line["position"] == ledger.head.position:
            settled.set()
        return False

    reader = Predictions(tight)
    child = Child(
        "greedy",
        (sys.executable, str(BREAKING)),
        greeting=msgspec.json.encode(tight),
        wanted=lambda: True,
        heard=hear,
        backoff=AT_ONCE,
    )
    try:
        await append(ledger, *guesses(USERS))
        await append(ledger, *(goal("m1", n) for n in (1, 2)), whistle("m1"))
        await append(ledger, *(goal("m2", n) for n in (1, 2, 3)), whistle("m2"))
        supervising = asyncio.create_task(child.run(stop))
        async with asyncio.timeout(60):
            await settled.wait()
        await check(reader, 2)
        (parked,) = await reader.parked()
        assert (parked.contest, parked.error) == ("m2", "the process ended while it was applied")
        assert child.restarts >= 4
        assert [line["contest"] for line in heard if line["event"] == "parked"] == ["m2"]
        settled.clear()
        await append(ledger, goal("m2", 4))  # not that result any more
        async with asyncio.timeout(60):
            await settled.wait()
        await check(reader, 2, 4)
    finally:
        stop.set()
        with contextlib.suppress(UnboundLocalError):
            await supervising
        await reader.close()
        await ledger.close()


async def test_a_killed_servers_worker_ends_and_the_next_one_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    server = await Server(
        tmp_path / "data",
        settings.database,
        SCOREBOARD_PROJECTION__WORKER_POLL_S="0.03",
    ).start()
    try:
        async with server.client() as client:
            for definition in (CUP, TIPS):
                answer = await client.post("/api/v1/competitions", json=definition)
                assert answer.status_code == 201, answer.text
            data = {"user": "ann", "contest": "m1", "home": 1, "away": 0}
            guess = {"id": "1", "source": "app", "type": "guess.made", "data": data}
            await client.post("/api/v1/competitions/tips/events", json=guess)
            over = {"id": "2", "source": "ref", "type": "football.full_time", "contest": "m1"}
            scored = {"id": "3", "source": "ref", "type": "football.goal", "contest": "m1"}
            scored["data"] = {"team": "h", "minute": 1}  # type: ignore[assignment]
            await client.post("/api/v1/competitions/cup/events", json=[scored, over])
        await server.kill()
        await server.start()
        reader = Predictions(Settings(data=str(server.data), database=server.database))
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(NotFound, Unavailable):
                    shown = await reader.user("tips", "ann", public=False)
                    if shown is not None and shown.points == 4:
                        break
                await asyncio.sleep(0.05)
        await reader.close()
    finally:
        await server.stop()
