"""The log of a competition: read back page by page, filtered, and followed as it comes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from msgspec.structs import replace

from scoreboard.app import Running, running
from scoreboard.settings import Limits, Settings

pytestmark = pytest.mark.one_database

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "points",
    "params": {"open_entry": True},
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}, {"id": "r2", "entrants": ["ada"]}],
}
BASE = "/api/v1/competitions/cup"
LOG = f"{BASE}/entries"
LIMITS = Limits(
    log_page_entries_max=50, log_looked_entries_max=7, log_streams_max=2, log_stream_entries_max=4
)


class Place:
    """A running program with a cup, and its official."""

    def __init__(self, server: Running, official: httpx2.AsyncClient) -> None:
        self.server = server
        self.official = official

    async def say(self, *ids: str, source: str = "pad-1", contest: str = "r1") -> int:
        """Score points, one for each id; the position of the last."""
        event = {"source": source, "type": "points.scored", "contest": contest}
        said = [event | {"id": id_, "data": {"entrant": "ada", "points": 1}} for id_ in ids]
        answer = await self.official.post(f"{BASE}/events", json=said)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["results"][-1]["position"])

    async def read(self, **query: Any) -> dict[str, Any]:
        answer = await self.official.get(LOG, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def all_pages(self, **query: Any) -> list[dict[str, Any]]:
        """Every entry that a query finds, from page to page."""
        cursor = "after" if query.get("order") == "oldest" else "before"
        found: list[dict[str, Any]] = []
        page = await self.read(**query)
        while True:
            found += page["entries"]
            if "next" not in page:
                return found
            page = await self.read(**query | {cursor: page["next"]})

    @asynccontextmanager
    async def following(
        self, headers: dict[str, str] | None = None, **query: Any
    ) -> AsyncIterator[AsyncIterator[tuple[str, str, dict[str, Any]]]]:
        """What the stream tells, as (event, id, data)."""
        async with self.official.stream(
            "GET", f"{LOG}/stream", params=query, headers=headers or {}
        ) as answer:
            assert answer.status_code == 200
            lines = answer.aiter_lines()
            async for line in lines:  # its beginning says where it begins
                if line.startswith("id: "):
                    break
            yield told(lines)


async def told(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str, dict[str, Any]]]:
    event = id_ = ""
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "id":
            id_ = value
        elif name == "data":
            yield event, id_, json.loads(value)


async def next_of(events: AsyncIterator[tuple[str, str, dict[str, Any]]]) -> Any:
    async with asyncio.timeout(20):
        return await anext(events)


@pytest_asyncio.fixture
async def place(settings: Settings) -> AsyncIterator[Place]:
    free = replace(settings, private_port=0, public_port=0, limits=LIMITS)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(
            base_url=server.private_url, headers=headers, timeout=30
        ) as official:
            (await official.post("/api/v1/competitions", json=CUP)).raise_for_status()
            yield Place(server, official)


def ids(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["id"] for entry in entries if entry["type"].startswith("points.")]


async def test_the_log_is_read_page_by_page_from_either_end(place: Place) -> None:
    await place.say(*(f"e{n}" for n in range(10)))
    await place.say("rare", source="pad-9", contest="r2")
    await place.say(*(f"f{n}" for n in range(10)))
    page = await place.read(limit=3)
    assert ids(page["entries"]) == ["f9", "f8", "f7"]
    older = await place.read(limit=3, before=page["next"])
    assert ids(older["entries"]) == ["f6", "f5", "f4"]
    newest = await place.all_pages(limit=4)
    oldest = await place.all_pages(limit=4, order="oldest")
    assert newest == oldest[::-1] and len(newest) == 22
    assert {entry["competition"] for entry in newest} == {"cup"}
    between = await place.read(order="oldest", after=newest[3]["position"])
    assert ids(between["entries"]) == ["f7", "f8", "f9"]
    for query in ({"source": "pad-9"}, {"contest": "r2"}, {"record": "pad-9/rare"}):
        assert ids(await place.all_pages(limit=5, **query)) == ["rare"]
        assert ids(await place.all_pages(limit=5, order="oldest", **query)) == ["rare"]
    nothing = await place.read(source="pad-9", limit=5)  # so many are looked through at once
    assert nothing["entries"] == [] and nothing["next"] > 0
    assert ids(await place.all_pages(type="points.scored", limit=5)) == ids(newest)


async def test_a_line_says_who_said_it_when_and_why(place: Place) -> None:
    await place.say("e1")
    said = {"action": "void", "reason": "seen on video"}
    path = f"{BASE}/records/pad-1/e1/corrections"
    (await place.official.post(path, json=said)).raise_for_status()
    void, first = (await place.read(record="pad-1/e1"))["entries"]
    assert (first["actor"], first["version"], first["data"]["points"]) == (
        "admin:first-admin",
        1,
        1,
    )
    assert (void["action"], void["version"], void["reason"]) == ("void", 2, "seen on video")
    assert void["record"] == first["record"] == "pad-1/e1"


async def test_the_log_is_for_officials_alone(place: Place) -> None:
    made = {"name": "pad", "role": "device", "competition": "cup"}
    key = (await place.official.post("/api/v1/keys", json=made)).json()["key"]
    for path in (LOG, f"{LOG}/stream"):
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {key}"}, 403)):
            async with httpx2.AsyncClient(headers=headers) as client:
                asked = await client.get(place.server.private_url + path)
                assert asked.status_code == status
                public = await client.get(place.server.public_url + path)
                assert public.status_code == 404
        unknown = path.replace("/cup/", "/nowhere/")
        assert (await place.official.get(unknown)).status_code == 404


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 51}, {"order": "random"}, {"before": "x"}, {"after": -1}]
)
async def test_a_query_that_means_nothing_is_refused(place: Place, query: Any) -> None:
    answer = await place.official.get(LOG, params=query)
    assert (answer.status_code, answer.json()["pointer"]) == (422, f"/{next(iter(query))}")


async def test_who_follows_is_told_what_comes_and_goes_on_where_it_was(place: Place) -> None:
    async with place.following(source="pad-1") as events:
        await place.say("other", source="pad-2")
        last = await place.say("e1", "e2")
        heard: list[str] = []
        while len(heard) < 2:
            name, id_, data = await next_of(events)
            assert name == "entries"
            heard += ids(data["entries"])
        assert heard == ["e1", "e2"] and int(id_) == last
    await place.say("e3")
    async with place.following({"Last-Event-ID": id_}, source="pad-1") as events:
        _, _, data = await next_of(events)
        assert ids(data["entries"]) == ["e3"]


async def test_who_missed_more_than_is_told_at_once_hears_how_much(place: Place) -> None:
    before = await place.say("e0")
    last = await place.say(*(f"e{n}" for n in range(1, 8)))
    async with place.following(after=before) as events:
        name, id_, data = await next_of(events)
        assert (name, int(id_), data) == ("more", last, {"after": before, "upto": last})
        missed = await place.read(after=before, before=last + 1, order="oldest")
        assert ids(missed["entries"]) == [f"e{n}" for n in range(1, 8)]
        await place.say("next")
        assert ids((await next_of(events))[2]["entries"]) == ["next"]


async def test_followers_are_so_many_and_end_with_their_key(place: Place) -> None:
    made = {"name": "desk", "role": "official"}
    key = (await place.official.post("/api/v1/keys", json=made)).json()
    desk = {"Authorization": f"Bearer {key['key']}"}
    async with place.following() as _first, place.following(desk) as events:
        third = await place.official.get(f"{LOG}/stream")
        assert third.status_code == 503 and "retry-after" in third.headers
        (await place.official.delete(f"/api/v1/keys/{key['id']}")).raise_for_status()
        while (heard := await next_of(events))[0] != "bye":
            pass
        assert "revoked" in heard[2]["reason"]
