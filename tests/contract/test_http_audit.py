"""The audit: who did what, from where, and who was refused; on both databases."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace

from scoreboard.access.refusals import Refusals
from scoreboard.app import Running, running
from scoreboard.errors import Forbidden, Unauthenticated
from scoreboard.settings import Limits, Settings

pytestmark = pytest.mark.one_database

API = "/api/v1"
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}],
}
POINT = {"type": "points.scored", "contest": "r1", "data": {"entrant": "ada", "points": 1}}


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    limits = Limits(log_looked_entries_max=6)
    async with running(replace(settings, private_port=0, public_port=0, limits=limits)) as started:
        yield started


def client(server: Running, key: str = "", **headers: str) -> httpx2.AsyncClient:
    shown = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx2.AsyncClient(base_url=server.private_url, headers=shown | headers, timeout=30)


async def acts(admin: httpx2.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """All acts that a query finds, from page to page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await admin.get(f"{API}/audit", params=query)
        assert answer.status_code == 200, answer.text
        found += answer.json()["entries"]
        if "next" not in answer.json():
            return found
        query["before"] = answer.json()["next"]


async def test_what_people_did_is_found_by_person_kind_and_time(server: Running) -> None:
    async with client(server, server.admin_key) as admin:
        (await admin.post(f"{API}/competitions", json=QUIZ)).raise_for_status()
        keys = {}
        for name, role in (("pad-1", "device"), ("desk", "official")):
            made = (await admin.post(f"{API}/keys", json={"name": name, "role": role})).json()
            keys[name] = made["key"]
        async with client(server, keys["pad-1"]) as pad, client(server, keys["desk"]) as desk:
            for n in range(20):
                event = POINT | {"id": f"e{n}", "source": "pad-1"}
                said = await pad.post(f"{API}/competitions/quiz/events", json=event)
                assert said.status_code == 201, said.text
            void = {"action": "void", "reason": "seen on video"}
            path = f"{API}/competitions/quiz/records/pad-1/e3/corrections"
            (await desk.post(path, json=void)).raise_for_status()
            origin = {"Origin": server.private_url}
            login = await desk.post(f"{API}/sessions", json={"key": keys["desk"]}, headers=origin)
            assert login.status_code == 201
            assert (await pad.get(f"{API}/audit")).status_code == 403
            told = await acts(desk, limit=2)
        assert [one["type"] for one in told] == [
            "access.logged_in", "points.scored", "access.key_created", "access.key_created",
            "competition.defined", "access.key_created",
        ]  # fmt: skip
        assert told[0]["data"]["address"] == "127.0.0.1"
        mine = await acts(admin, actor="official:desk")
        assert mine == told[:2]
        [void_said] = await acts(admin, kind="correction")
        assert (void_said["record"], void_said["reason"]) == ("pad-1/e3", "seen on video")
        kinds = [len(await acts(admin, kind=kind)) for kind in ("access", "decision")]
        assert kinds == [4, 1]
        moment = told[1]["received"]
        assert told[1] in await acts(admin, **{"from": moment})
        assert told[0] not in await acts(admin, until=moment)
        for query in ({"kind": "odd"}, {"from": "noon"}, {"until": "1"}, {"limit": 0}):
            refused = await admin.get(f"{API}/audit", params=query)
            assert (refused.status_code, refused.json()["pointer"]) == (
                422,
                f"/{next(iter(query))}",
            )


async def test_who_was_refused_is_kept_in_groups(server: Running) -> None:
    async with client(server, server.admin_key) as admin:
        made = (await admin.post(f"{API}/keys", json={"name": "pad", "role": "device"})).json()
        async with client(server) as nobody, client(server, made["key"]) as pad:
            assert (await nobody.get(f"{API}/keys")).status_code == 401  # it shows nothing
            for _ in range(3):
                shown = {"key": "sb_0123456789_wrong"}
                origin = {"Origin": server.private_url}
                tried = await nobody.post(f"{API}/sessions", json=shown, headers=origin)
                assert tried.status_code == 401
            assert (await pad.get(f"{API}/keys")).status_code == 403
        found = (await admin.get(f"{API}/audit/refused")).json()
    assert [(one["code"], one["what"], one["count"]) for one in found] == [
        ("forbidden", "GET /api/v1/keys", 1),
        ("unauthenticated", "POST /api/v1/sessions", 3),
    ]
    assert {one["address"] for one in found} == {"127.0.0.1"}
    assert found[1]["reason"] == "this key is not known"
    assert found[1]["first"] < found[1]["last"]


async def test_an_official_of_one_competition_is_told_of_nothing_else(server: Running) -> None:
    async with client(server, server.admin_key) as admin:
        for slug in ("quiz", "secret"):
            (await admin.post(f"{API}/competitions", json=QUIZ | {"slug": slug})).raise_for_status()
        keys = {}
        for name, slug in (("desk", "quiz"), ("spy", "secret")):
            wanted = {"name": name, "role": "official", "competition": slug}
            keys[name] = (await admin.post(f"{API}/keys", json=wanted)).json()["key"]
        for slug in ("quiz", "secret"):
            event = POINT | {"id": "e1", "source": "hand"}
            (await admin.post(f"{API}/competitions/{slug}/events", json=event)).raise_for_status()
            void = {"action": "void", "reason": f"wrong in {slug}"}
            path = f"{API}/competitions/{slug}/records/hand/e1/corrections"
            (await admin.post(path, json=void)).raise_for_status()
        async with client(server, keys["desk"]) as desk, client(server, keys["spy"]) as spy:
            own, other = (f"{API}/competitions/{slug}/audit" for slug in ("quiz", "secret"))
            for path in (other, f"{other}/refused", f"{API}/audit", f"{API}/audit/refused"):
                assert (await desk.get(path)).status_code == 403
            for path in (own, f"{own}/refused"):
                assert (await spy.get(path)).status_code == 403
            told = (await desk.get(own, params={"limit": 2})).json()
            further = (await desk.get(own, params={"before": told["next"]})).json()["entries"]
            refused = (await desk.get(f"{own}/refused")).text
            every = (await admin.get(f"{API}/audit/refused")).json()
            missing = await admin.get(f"{API}/competitions/none/audit/refused")
        kinds = [one["action"] for one in told["entries"] + further]
        assert kinds == ["void", "record", "record"]
        assert {one["competition"] for one in told["entries"] + further} == {"quiz"}
        assert told["entries"][0]["reason"] == "wrong in quiz"
        assert "secret" not in refused
        [line] = msgspec.json.decode(refused)
        assert (line["what"], line["count"]) == ("GET /api/v1/competitions/quiz/audit/refused", 2)
        assert len(every) == 3 and missing.status_code == 404


def test_a_flood_of_refusals_fills_nothing() -> None:
    now = iter(range(1, 1_000_000))
    kept = Refusals(10, clock=lambda: next(now))
    for n in range(1_000):
        kept.note("10.0.0.1", Unauthenticated("this key is not known"), "x" * 1_000)
        kept.note(f"10.0.1.{n}", Forbidden("no"), "GET /")
    newest = kept.newest()
    assert len(newest) == 10 and len(newest[1].what) == 200
    assert (newest[1].address, newest[1].count) == ("10.0.0.1", 1_000)
