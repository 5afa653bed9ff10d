"""Computed messages go to NATS: once by identity, in order, whatever fails, and none too many."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest_asyncio
from msgspec.structs import replace
from nats_server import NatsServer, nats_server

from scoreboard.app import Running, running
from scoreboard.facts.document import merge
from scoreboard.settings import Egress, Projection, Settings, ToNats

API = "/api/v1/competitions"
WAIT_S = 30
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(3)],
    "contests": [{"id": "r1"}, {"id": "r.2"}],
}
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}],
}
CHANGED = "scoreboard.board.changed"


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        yield server


def with_egress(settings: Settings, broker: NatsServer, **more: Any) -> Settings:
    """A public destination and one of the officials."""
    public = ToNats(name="public", servers=(broker.url,))
    officials = ToNats(
        name="desk", servers=(broker.url,), stream="DESK", subject="desk", audience="officials"
    )
    return replace(
        settings,
        private_port=0,
        public_port=0,
        projection=Projection(render_every_ms=1, save_every_s=0.02),
        egress=Egress(broker=(public, officials), **more),
    )


class Desk:
    """An official's client; the last position that was said."""

    def __init__(self, server: Running, client: httpx2.AsyncClient) -> None:
        self.server = server
        self.client = client
        self.position = 0

    async def define(self, competition: dict[str, Any]) -> None:
        (await self.client.post(API, json=competition)).raise_for_status()

    async def say(self, slug: str, id_: str, type_: str, data: Any, **more: Any) -> None:
        event = {"id": id_, "source": "pad", "type": type_, "data": data, **more}
        answer = await self.client.post(f"{API}/{slug}/events", json=event)
        answer.raise_for_status()
        self.position = answer.json()["position"]
        after = {"after": self.position}
        await self.client.get(f"{API}/{slug}/boards/standings", params=after)

    async def score(self, id_: str, entrant: str, points: int, contest: str = "r1") -> None:
        data = {"entrant": entrant, "points": points}
        await self.say("quiz", id_, "points.scored", data, contest=contest)

    async def boards(self, slug: str, *, public: bool = True) -> dict[str, Any]:
        """What everybody is shown now."""
        url = self.server.public_url if public else self.server.private_url
        headers = {} if public else self.client.headers
        async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
            listed = (await client.get(f"{API}/{slug}/boards")).json()["boards"]
            found = {}
            for board in listed:
                answer = await client.get(f"{API}/{slug}/boards/{board['board']}")
                found[board["board"]] = answer.json()["content"]
            assert found
            return found


@contextlib.asynccontextmanager
async def desk(settings: Settings, key: str = "") -> AsyncIterator[Desk]:
    async with running(settings) as server:
        headers = {"Authorization": f"Bearer {key or server.admin_key}"}
        async with httpx2.AsyncClient(
            base_url=server.private_url, headers=headers, timeout=30
        ) as client:
            yield Desk(server, client)


def followed(messages: list[Any]) -> dict[tuple[str, str], Any]:
    """The content of every board by what came, each change on the version that it names."""
    versions: dict[tuple[str, str], str] = {}
    contents: dict[tuple[str, str], Any] = {}
    for message in messages:
        event = json.loads(message.data)
        if event["type"] != CHANGED:
            continue
        data = event["data"]
        board = (event["competition"], data["board"])
        if "content" in data:
            contents[board] = data["content"]
        else:
            assert data["before"] == versions[board], board
            contents[board] = merge(contents[board], data["merge"])
        versions[board] = data["version"]
    return contents


async def shown(broker: NatsServer, slug: str, boards: dict[str, Any], stream: str) -> list[Any]:
    """The messages of a stream, once they come to the boards."""
    async with asyncio.timeout(WAIT_S):
        while True:
            messages = await broker.kept(stream)
            told = followed(messages)
            if {board: told.get((slug, board)) for board in boards} == boards:
                return messages
            await asyncio.sleep(0.02)


def ids(messages: list[Any]) -> list[str]:
    return [json.loads(message.data)["id"] for message in messages]


async def test_what_boards_show_can_be_followed_from_a_stream(
    settings: Settings, broker: NatsServer
) -> None:
    async with desk(with_egress(settings, broker)) as said:
        await said.define(QUIZ)
        for n in range(20):
            await said.score(str(n), f"p{n % 3}", n + 1, ("r1", "r.2")[n % 2])
        messages = await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
        for_officials = await shown(broker, "quiz", await said.boards("quiz", public=False), "DESK")
    assert len(set(ids(messages))) == len(messages)
    subjects = {message.subject for message in messages}
    assert "scoreboard.quiz.~.board.changed" in subjects
    assert "scoreboard.quiz.r%2E2.board.changed" in subjects
    assert {json.loads(m.data)["audience"] for m in messages} == {"public"}
    assert any(m.subject.startswith("desk.quiz") and b'"flags"' in m.data for m in for_officials)
    event = json.loads(messages[0].data)
    assert event["specversion"] == "1.0"
    assert messages[0].headers["Nats-Msg-Id"] == event["id"]
    assert messages[0].headers["Content-Type"] == "application/cloudevents+json"


async def test_a_broker_that_was_down_gets_everything_once_and_in_order(
    settings: Settings, broker: NatsServer
) -> None:
    async with desk(with_egress(settings, broker)) as said:
        await said.define(QUIZ)
        await said.score("before", "p1", 1)
        known = await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
        await broker.kill()
        for n in range(30):
            await said.score(str(n), f"p{n % 3}", n + 1, ("r1", "r.2")[n % 2])
        await broker.start()
        messages = await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
    assert len(set(ids(messages))) == len(messages)
    assert ids(messages)[: len(known)] == ids(known)
    in_order_of_position(messages)


def in_order_of_position(messages: list[Any]) -> None:
    """Of every contest, what came later stands later."""
    newest: dict[str, int] = {}
    for message in messages:
        event = json.loads(message.data)
        if event["type"] == CHANGED:
            position = event["data"]["position"]
            assert position >= newest.get(event["partitionkey"], 0)
            newest[event["partitionkey"]] = position


async def test_what_waited_when_the_program_ended_goes_out_after_it_starts_again(
    settings: Settings, broker: NatsServer
) -> None:
    free = with_egress(settings, broker)
    async with desk(free) as said:
        key = said.server.admin_key
        await said.define(QUIZ)
        await said.score("before", "p1", 1)
        await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
        await broker.kill()
        for n in range(10):
            await said.score(str(n), "p2", n + 1)
    await broker.start()
    async with desk(free, key) as said:
        messages = await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
        await said.score("after", "p0", 50)
        messages = await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
    assert len(set(ids(messages))) == len(messages)
    whole = [m for m in messages if b'"content"' in m.data and b'"board":"box:r1"' in m.data]
    assert len(whole) == 1  # it went on from where it was


async def test_one_that_is_too_far_behind_begins_with_the_boards_as_they_are(
    settings: Settings, broker: NatsServer
) -> None:
    free = with_egress(settings, broker, outbox_rows_max=10)
    async with desk(free) as said:
        await said.define(QUIZ)
        await said.score("before", "p1", 1)
        await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
        await broker.kill()
        number, waiting, store = 0, 1, said.server.app.projection.store
        async with asyncio.timeout(WAIT_S):
            while waiting or number < 20:
                number += 1
                await said.score(str(number), "p2", number)
                waiting = (await store.counts())["outbox"]
        await broker.start()
        messages = await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")
        assert len(messages) < number
        await said.score("after", "p1", 5)
        await shown(broker, "quiz", await said.boards("quiz"), "SCOREBOARD")


async def test_nothing_after_a_freeze_goes_out_to_the_public(
    settings: Settings, broker: NatsServer
) -> None:
    async with desk(with_egress(settings, broker)) as said:
        await said.define(QUIZ)
        await said.score("1", "p1", 3)
        await said.say("quiz", "freeze", "competition.frozen", {})
        frozen_at = said.position
        for n in (0, 2):
            await said.score(f"late {n}", f"p{n}", 7700 + n)
        live = await said.boards("quiz", public=False)
        assert "7700" in str(live)
        await shown(broker, "quiz", live, "DESK")
        changes = [json.loads(m.data)["data"] for m in await broker.kept()]
        assert max(change["position"] for change in changes) <= frozen_at
        public = ToNats(name="new", servers=(broker.url,), stream="NEW", subject="new")
        key = said.server.admin_key
    again = with_egress(settings, broker)
    again = replace(again, egress=Egress(broker=(*again.egress.broker, public)))
    async with desk(again, key) as said:  # also to those who begin with boards as they are
        messages = await shown(broker, "quiz", await said.boards("quiz"), "NEW")
        assert b"770" not in b"".join(m.data for m in (*messages, *(await broker.kept())))
        await said.say("quiz", "thaw", "competition.thawed", {})
        for stream in ("SCOREBOARD", "NEW"):
            messages = await shown(broker, "quiz", await said.boards("quiz"), stream)
            assert b"7702" in b"".join(m.data for m in messages)


async def test_results_and_corrections_are_told_by_name(
    settings: Settings, broker: NatsServer
) -> None:
    async with desk(with_egress(settings, broker)) as said:
        await said.define(CUP)
        goal = {"team": "ada", "minute": 3}
        await said.say("cup", "1", "football.goal", goal, contest="m1")
        await said.say("cup", "2", "football.full_time", {}, contest="m1")
        body = {"action": "void", "reason": "offside"}
        url = f"{API}/cup/records/pad/1/corrections"
        (await said.client.post(url, json=body)).raise_for_status()
        corrected: set[str] = set()
        async with asyncio.timeout(WAIT_S):
            while not {"box:m1", "standings", "contests"} <= corrected:
                told = [json.loads(m.data) for m in await broker.kept()]
                notices = [e["data"] for e in told if e["type"] == "scoreboard.board.corrected"]
                corrected = {notice["board"] for notice in notices}
                await asyncio.sleep(0.02)
    finals = [e["data"] for e in told if e["type"] == "scoreboard.result.final"]
    assert [final["line"]["score"] for final in finals] == [[1, 0], [0, 0]]
    assert all(notice["changes"] for notice in notices)
