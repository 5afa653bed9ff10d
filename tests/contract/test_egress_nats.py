"""Computed messages go to NATS: once by identity, in order, whatever fails, and none too many."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
import simulator_golf
from msgspec.structs import replace
from nats.js.api import StreamConfig
from nats_server import NatsServer, nats_server
from told_outside import API, CUP, QUIZ, WAIT_S, desk, ids, in_order_of_position, once_shown

from scoreboard.app import running
from scoreboard.cli.serving import rebuild_all
from scoreboard.projections.computed import JOINED
from scoreboard.settings import Projection, Settings
from scoreboard.settings.brokers import Egress, ToNats
from scoreboard.telemetry import EGRESS_REFUSED


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


async def events(broker: NatsServer, stream: str = "SCOREBOARD") -> list[dict[str, Any]]:
    return [json.loads(message.data) for message in await broker.kept(stream)]


async def shown(
    broker: NatsServer, slug: str, boards: dict[str, Any], stream: str = "SCOREBOARD"
) -> list[dict[str, Any]]:
    return await once_shown(lambda: events(broker, stream), slug, boards)


async def test_what_boards_show_can_be_followed_from_a_stream(
    settings: Settings, broker: NatsServer
) -> None:
    async with desk(with_egress(settings, broker)) as said:
        await said.define(QUIZ)
        for n in range(20):
            await said.score(str(n), f"p{n % 3}", n + 1, ("r1", "r.2")[n % 2])
        told = await shown(broker, "quiz", await said.boards("quiz"))
        for_officials = await shown(broker, "quiz", await said.boards("quiz", public=False), "DESK")
        messages = await broker.kept()
    assert len(set(ids(told))) == len(told)
    subjects = {message.subject for message in messages}
    assert "scoreboard.quiz.~.board.changed" in subjects
    assert "scoreboard.quiz.r%2E2.board.changed" in subjects
    assert {event["audience"] for event in told} == {"public"}
    assert "flags" in {event["subject"] for event in for_officials}
    assert "flags" not in {event["subject"] for event in told}
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
        known = await shown(broker, "quiz", await said.boards("quiz"))
        await broker.kill()
        for n in range(30):
            await said.score(str(n), f"p{n % 3}", n + 1, ("r1", "r.2")[n % 2])
        await broker.start()
        messages = await shown(broker, "quiz", await said.boards("quiz"))
    assert len(set(ids(messages))) == len(messages)
    assert ids(messages)[: len(known)] == ids(known)
    in_order_of_position(messages)


async def test_what_waited_when_the_program_ended_goes_out_after_it_starts_again(
    settings: Settings, broker: NatsServer
) -> None:
    free = with_egress(settings, broker)
    async with desk(free) as said:
        key = said.server.admin_key
        await said.define(QUIZ)
        await said.score("before", "p1", 1)
        await shown(broker, "quiz", await said.boards("quiz"))
        await broker.kill()
        for n in range(10):
            await said.score(str(n), "p2", n + 1)
    await broker.start()
    async with desk(free, key) as said:
        messages = await shown(broker, "quiz", await said.boards("quiz"))
        await said.score("after", "p0", 50)
        messages = await shown(broker, "quiz", await said.boards("quiz"))
    assert len(set(ids(messages))) == len(messages)
    whole = [e for e in messages if e["subject"] == "box:r1" and "content" in e["data"]]
    assert len(whole) == 1  # it went on from where it was


async def test_one_that_is_too_far_behind_begins_with_the_boards_as_they_are(
    settings: Settings, broker: NatsServer
) -> None:
    free = with_egress(settings, broker, outbox_rows_max=10)
    async with desk(free) as said:
        await said.define(QUIZ)
        await said.score("before", "p1", 1)
        await shown(broker, "quiz", await said.boards("quiz"))
        await broker.kill()
        number, waiting, store = 0, 1, said.server.app.projection.store
        async with asyncio.timeout(WAIT_S):
            while waiting or number < 20:
                number += 1
                await said.score(str(number), "p2", number)
                waiting = (await store.counts())["outbox"]
        await broker.start()
        messages = await shown(broker, "quiz", await said.boards("quiz"))
        assert len(messages) < number
        await said.score("after", "p1", 5)
        await shown(broker, "quiz", await said.boards("quiz"))


async def test_what_a_stream_will_never_take_is_left_out_and_the_rest_goes_on(
    settings: Settings, broker: NatsServer
) -> None:
    async with broker.client() as stream:
        small = StreamConfig(name="SCOREBOARD", subjects=["scoreboard.>"], max_msg_size=2_000)
        await stream.add_stream(small)
    before = EGRESS_REFUSED.labels("public")._value.get()
    async with desk(with_egress(settings, broker)) as said:
        rounds = [{"id": f"r{n}"} for n in range(1, 100)]  # more than that on one board
        await said.define(QUIZ | {"contests": rounds})
        await said.score("first", "p1", 1, "r1")
        async with asyncio.timeout(WAIT_S):
            while EGRESS_REFUSED.labels("public")._value.get() == before:
                await asyncio.sleep(0.1)
        await said.score("last", "p1", 2, "r1")
        last = said.server.app.ledger.head.position
        async with asyncio.timeout(WAIT_S):
            while last not in {one["data"].get("position") for one in await events(broker)}:
                await asyncio.sleep(0.1)


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
        assert max(e["data"]["position"] for e in await events(broker)) <= frozen_at
        public = ToNats(name="new", servers=(broker.url,), stream="NEW", subject="new")
        key = said.server.admin_key
    again = with_egress(settings, broker)
    again = replace(again, egress=Egress(broker=(*again.egress.broker, public)))
    async with desk(again, key) as said:  # also to those who begin with boards as they are
        messages = await shown(broker, "quiz", await said.boards("quiz"), "NEW")
        assert "770" not in str([e["data"] for e in (*messages, *(await events(broker)))])
        await said.say("quiz", "thaw", "competition.thawed", {})
        for stream in ("SCOREBOARD", "NEW"):
            messages = await shown(broker, "quiz", await said.boards("quiz"), stream)
            assert "7702" in str(messages)


async def test_results_and_corrections_are_told_by_name(
    settings: Settings, broker: NatsServer
) -> None:
    async with desk(with_egress(settings, broker)) as said:
        await said.define(CUP)
        await shown(broker, "cup", await said.boards("cup"))  # it begins with boards as they are
        goal = {"team": "ada", "minute": 3}
        await said.say("cup", "1", "football.goal", goal, contest="m1")
        await said.say("cup", "2", "football.full_time", {}, contest="m1")
        body = {"action": "void", "reason": "offside"}
        url = f"{API}/cup/records/pad/1/corrections"
        (await said.client.post(url, json=body)).raise_for_status()
        corrected: set[str] = set()
        async with asyncio.timeout(WAIT_S):
            while not {"box:m1", "standings", "contests"} <= corrected:
                told = await events(broker)
                notices = [e["data"] for e in told if e["type"] == "scoreboard.board.corrected"]
                corrected = {notice["board"] for notice in notices}
                await asyncio.sleep(0.1)
    finals = [e["data"] for e in told if e["type"] == "scoreboard.result.final"]
    assert [final["line"]["score"] for final in finals] == [[1, 0], [0, 0]]
    assert all(notice["changes"] for notice in notices)


async def records_that_went_out(broker: NatsServer, last: Any) -> list[dict[str, Any]]:
    """All combined records up to one that says this, which comes after the board that shows it."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = [one for one in await events(broker) if one["type"] == JOINED]
            if found and found[-1]["data"] == last:
                return found
            await asyncio.sleep(0.1)


async def test_what_a_device_saw_and_a_scorer_counted_go_out_as_one_record(
    settings: Settings, broker: NatsServer
) -> None:
    stroke = {"entrant": "g00", "hole": 1, "number": 1}
    async with desk(with_egress(settings, broker)) as said:
        await said.define(simulator_golf.COMPETITION)
        for source, type_, at, data in (
            ("sim", "golf.shot", "08:00:10", {"entrant": "g00", "speed": 71.5}),
            ("scorer", "golf.stroke", "08:00:12", stroke),
        ):
            more = {"contest": "r1", "source": source, "time": f"2026-05-02T{at}Z"}
            await said.say("bays", "1", type_, data, **more)
        await shown(broker, "bays", await said.boards("bays"))
        body = {"action": "amend", "reason": "it was in", "data": stroke | {"holed": True}}
        url = f"{API}/bays/records/scorer/1/corrections"
        answer = (await said.client.post(url, json=body)).raise_for_status()
        after = {"after": answer.json()["position"]}
        await said.client.get(f"{API}/bays/boards/combined:r1", params=after)
        boards = await said.boards("bays")
        await shown(broker, "bays", boards)
        joined = await records_that_went_out(broker, boards["combined:r1"]["rows"]["sim/1"])
    assert [event["subject"] for event in joined] == ["sim/1"] * len(joined)
    assert len(set(ids(joined))) == len(joined) > 1
    assert list(joined[-2]["data"]["decided"]) == ["scorer/1"]
    assert joined[-1]["data"] != joined[-2]["data"]
    assert {event["partitionkey"] for event in joined} == {"bays/r1"}
    subjects = [one.subject for one in await broker.kept() if b"record.combined" in one.data]
    assert set(subjects) == {"scoreboard.bays.r1.record.combined"}


async def test_of_many_processes_the_one_that_folds_delivers(
    postgres_database: str, tmp_path: Path, broker: NatsServer
) -> None:
    def one(name: str) -> Settings:
        alone = Settings(data=str(tmp_path / name), database=postgres_database, shared=True)
        return with_egress(alone, broker)

    async with running(one("first")) as first:
        async with asyncio.timeout(WAIT_S):
            while not (key := first.admin_key):
                await asyncio.sleep(0.01)
        async with desk(one("second"), key) as said:
            await said.define(QUIZ)
            await said.score("1", "p1", 1)
            await shown(broker, "quiz", await said.boards("quiz"))
    async with desk(one("third"), key) as said:
        await said.score("2", "p2", 2)
        told = await shown(broker, "quiz", await said.boards("quiz"))
    assert len(set(ids(told))) == len(told)
    assert len([e for e in told if e["subject"] == "box:r1" and "content" in e["data"]]) == 1


async def test_boards_that_were_made_anew_are_told_whole_and_not_their_history(
    settings: Settings, broker: NatsServer
) -> None:
    free = with_egress(settings, broker)
    async with desk(free) as said:
        key = said.server.admin_key
        await said.define(QUIZ)
        for n in range(30):
            await said.score(str(n), f"p{n % 3}", n + 1)
        before = await shown(broker, "quiz", await said.boards("quiz"))
    await rebuild_all(free)
    async with desk(free, key) as said:
        await said.score("after", "p1", 100)
        told = await shown(broker, "quiz", await said.boards("quiz"))
    assert ids(told)[: len(before)] == ids(before)
    boards = {event["subject"] for event in told}
    assert len(told) - len(before) <= 2 * len(boards)  # each as it was, and as it came to be
