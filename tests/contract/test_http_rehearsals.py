"""Rehearsals: said again or made up, at speed on the real boards, then gone."""

import asyncio
import tomllib
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from scoreboard.admin.sayings import as_rehearsed, made_up
from scoreboard.admin.simulation import Simulation
from scoreboard.app import Running, running
from scoreboard.errors import ScoreboardError
from scoreboard.facts.competition import Competition
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

API = "/api/v1"
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}],
    "contests": [{"id": "r1", "entrants": ["ada", "bob"]}],
}
ALL = f"{API}/competitions"
REHEARSALS = f"{API}/rehearsals"


def client_of(server: Running, key: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=30)


async def said(client: httpx2.AsyncClient, path: str, body: Any) -> Any:
    answer = await client.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def until_followed(server: Running) -> None:
    """Return once the public follows a board."""
    while not server.app.public.streams.open:
        await asyncio.sleep(0.01)


async def nothing_is_shown(client: httpx2.AsyncClient, server: Running, own: str) -> None:
    """Every address under a competition's answers that it is over, on both listeners."""
    parts = ["", "/boards", "/boards/standings", "/boards/contests", "/boards/standings?at=9"]
    parts += ["/boards/standings/stream", "/stream?boards=standings", "/results.json"]
    parts += ["/startlist.csv", "/moments", "/rules", "/boards/standings/corrections"]
    for listener in (server.private_url, server.public_url):
        for part in parts:
            answer = await client.get(listener + own + part)
            assert (answer.status_code, part) == (404, part), answer.text
            assert "is over" in answer.json()["detail"], answer.text


async def rows(client: httpx2.AsyncClient, slug: str, after: int) -> Any:
    answer = await client.get(f"{ALL}/{slug}/boards/standings?after={after}")
    return answer.json()["content"]["rows"]


async def played(client: httpx2.AsyncClient) -> None:
    """A quiz with a late entry, a correction by another, and two answers."""
    await said(client, ALL, QUIZ)
    events = f"{ALL}/quiz/events"
    await said(client, events, award("1", "ada", 3))
    late = {"entrant": {"id": "cy", "name": "Cy"}}
    await said(client, events, {"id": "late", "type": "competition.entered", "data": late})
    await said(client, events, award("2", "bob", 5))
    await said(client, events, award("3", "cy", 4))
    key = await said(client, f"{API}/keys", {"name": "judge", "role": "official"})
    headers = {"Authorization": f"Bearer {key['key']}"}
    path = f"{ALL}/quiz/records/pad/2/corrections"
    body = {"action": "void", "reason": "too late"}
    assert (await client.post(path, json=body, headers=headers)).is_success


def award(id_: str, entrant: str, points: int) -> dict[str, Any]:
    data = {"entrant": entrant, "points": points}
    return {"id": id_, "source": "pad", "type": "points.scored", "contest": "r1", "data": data}


async def test_it_shows_what_was_and_then_is_gone(settings: Settings) -> None:
    free = replace(settings, private_port=0, public_port=0)
    async with running(free) as server, client_of(server, server.admin_key or "") as client:
        await played(client)
        wanted = {"competition": "quiz", "speed": 10_000}
        made = await said(client, REHEARSALS, wanted)
        assert made["slug"].startswith("rehearsal-quiz-")
        again = await client.post(REHEARSALS, json=wanted)
        assert again.status_code == 409
        await server.app.rehearsals.finished()
        [now] = (await client.get(REHEARSALS)).json()
        assert (now["over"], now["said"], now["refused"]) == (True, 6, 0)

        listed = {one["slug"]: one for one in (await client.get(ALL)).json()}
        assert listed[made["slug"]]["name"] == "Rehearsal: Quiz"
        head = server.app.ledger.head.position
        assert await rows(client, made["slug"], head) == await rows(client, "quiz", head)
        assert (listed[made["slug"]]["rehearsal"], "rehearsal" in listed["quiz"]) == (True, False)
        entries = await server.app.ledger.read(0, competition=made["slug"])
        assert {one.actor for one in entries} == {
            "admin:rehearsal of first-admin",
            "official:rehearsal of judge",
        }

        own = f"{ALL}/{made['slug']}"
        for board in ("standings", "contests", "box:r1"):
            answer = await client.get(f"{server.public_url}{own}/boards/{board}")
            assert answer.json()["content"]["rehearsal"] is True
            assert "rehearsal" not in (await client.get(f"{ALL}/quiz/boards/{board}")).text
        assert (await client.get(f"{own}/results.json")).json()["state"] == "rehearsal"
        stream = asyncio.create_task(
            client.get(f"{server.public_url}{own}/stream?boards=standings,contests")
        )
        await until_followed(server)

        path = f"{REHEARSALS}/{made['slug']}"
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 404
        assert '"reason":"the competition is over"' in (await stream).text
        assert [one["slug"] for one in (await client.get(ALL)).json()] == ["quiz"]
        assert (await client.get(f"/c/{made['slug']}")).status_code == 404
        await nothing_is_shown(client, server, own)
        assert (await client.get(REHEARSALS)).json() == []
        for slug, status in ((made["slug"], 404), ("none", 404)):
            answer = await client.post(REHEARSALS, json={"competition": slug})
            assert answer.status_code == status


async def test_a_restart_ends_it(settings: Settings) -> None:
    free = replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        key = server.admin_key or ""
        async with client_of(server, key) as client:
            await played(client)
            own = {**QUIZ, "slug": "rehearsal-dinner"}  # somebody's, and none of ours
            await said(client, ALL, own)
            made = await said(client, REHEARSALS, {"competition": "quiz", "speed": 0.001})
    async with running(free) as server, client_of(server, key) as client:
        await server.app.rehearsals.clear()
        listed = [one["slug"] for one in (await client.get(ALL)).json()]
        assert listed == ["quiz", "rehearsal-dinner"]
        assert made["slug"] not in listed
        assert (await said(client, REHEARSALS, {"competition": "quiz"}))["slug"]


CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "results": {"approvals": 1},
    "entrants": [{"id": id_, "name": id_.upper()} for id_ in "abcd"],
    "groups": [{"id": "g", "name": "Group", "entrants": ["a", "b"]}],
    "contests": [
        {"id": "m1", "entrants": ["a", "b"], "group": "g"},
        {"id": "m2", "entrants": ["c", "d"]},
        {"id": "final", "entrants": ["winner:m2", "a"]},
    ],
}
FAST = 10_000
HALL = f"{API}/displays/hall"


async def shown_in_the_hall(client: httpx2.AsyncClient) -> list[str]:
    return list((await client.get(f"{HALL}/follow")).json()["showing"]["pages"])


async def test_what_nobody_has_played_is_made_up_and_displays_return(settings: Settings) -> None:
    free = replace(settings, private_port=0, public_port=0)
    async with running(free) as server, client_of(server, server.admin_key or "") as client:
        await said(client, ALL, CUP)
        await said(client, ALL, QUIZ)
        pages = ["/c/cup?fit=pages", "/c/quiz", "/overlay/cup"]
        showing = {"kind": "pages", "pages": pages, "every_s": 30}
        assert (await client.put(HALL, json=showing)).is_success
        wanted = {"competition": "cup", "events": "made-up", "seed": 3, "speed": FAST}
        made = await said(client, REHEARSALS, wanted)
        own = f"{ALL}/{made['slug']}"
        assert made["displays"] == ["hall"]
        trial = [page.replace("/cup", f"/{made['slug']}") for page in pages]
        assert await shown_in_the_hall(client) == trial
        await server.app.rehearsals.finished()
        [now] = (await client.get(REHEARSALS)).json()
        assert (now["over"], now["refused"], now["unplayed"]) == (True, 0, [])
        head = server.app.ledger.head.position
        contests = await client.get(f"{server.public_url}{own}/boards/contests?after={head}")
        lines = contests.json()["content"]["rows"].values()
        assert [(one["status"], one["final"]) for one in lines] == [("finished", True)] * 3
        entries = await server.app.ledger.read(0, competition=made["slug"])
        by = {one.actor for one in entries if one.type.startswith("football.")}
        assert by == {"device:rehearsal of a device"}
        told = [one.time for one in entries if one.actor in by]
        assert None not in told
        assert told == sorted(set(told))  # as devices tell when it is, each later than the last
        assert len(await server.app.ledger.read(0, competition="cup")) == 1

        assert (await client.delete(f"{REHEARSALS}/{made['slug']}")).status_code == 204
        assert await shown_in_the_hall(client) == pages
        await nothing_is_shown(client, server, own)
        for wrong in ({"competition": "none"}, {"competition": "cup", "events": "dreamt"}):
            assert (await client.post(REHEARSALS, json=wrong)).status_code in (404, 422)
        nobody = {"slug": "open", "name": "Open", "sport": "points"}
        await said(client, ALL, nobody)
        refused = await client.post(REHEARSALS, json=wanted | {"competition": "open"})
        assert (refused.status_code, refused.json()["pointer"]) == (422, "/competition")
        assert (await client.get(REHEARSALS)).json() == []


EXAMPLES = Path(__file__).parents[2] / "config" / "examples"


async def test_the_gate_takes_all_that_is_made_up_in_every_sport(settings: Settings) -> None:
    free = replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        for path in EXAMPLES.glob("*.toml"):
            written = tomllib.loads(path.read_text(encoding="utf-8"))
            competition = msgspec.convert(written, Competition)
            if competition.entrants:
                await all_is_taken(server, as_rehearsed(competition, path.stem))


async def all_is_taken(server: Running, competition: Competition) -> None:
    simulation = Simulation(competition, server.app.sports, seed=1)
    sayings = [one async for one in made_up(competition, simulation)]
    for said_by, some in groupby(sayings, key=lambda one: one.said_by):
        events = [one.event for one in some]
        outcomes = await server.app.gate.submit(said_by, competition.slug, events)
        assert not [one for one in outcomes if isinstance(one, ScoreboardError)], competition.slug
