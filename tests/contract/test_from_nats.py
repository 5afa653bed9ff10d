"""Events come in from NATS: acknowledged after the ledger's commit, so none is lost or doubled."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from msgspec.structs import replace
from nats.js.api import StreamConfig
from nats_server import NatsServer, nats_server
from told_outside import QUIZ, WAIT_S, Desk, desk

from scoreboard.settings import Settings
from scoreboard.settings.brokers import FromNats, Sources
from scoreboard.telemetry import SOURCE_FAILURES


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        async with server.client() as stream:
            await stream.add_stream(StreamConfig(name="FEED", subjects=["feed.>"]))
            await stream.add_stream(StreamConfig(name="REFUSED", subjects=["refused"]))
        yield server


def taking(settings: Settings, broker: NatsServer) -> Settings:
    origin = FromNats(
        name="boards", servers=(broker.url,), key="feed", subject="feed.>",
        refused_subject="refused", acknowledged_s=1.0,
    )  # fmt: skip
    return replace(settings, private_port=0, public_port=0, sources=Sources(broker=(origin,)))


def scored(id_: str, **more: Any) -> dict[str, Any]:
    said = {"specversion": "1.0", "id": id_, "source": "feed", "type": "points.scored"}
    data = {"entrant": "p1", "points": 1}
    return said | {"competition": "quiz", "contest": "r1", "data": data} | more


async def publish(broker: NatsServer, *events: dict[str, Any] | bytes) -> None:
    async with broker.client() as stream:
        for event in events:
            body = event if isinstance(event, bytes) else json.dumps(event).encode()
            await stream.publish("feed.pads", body)


async def points(said: Desk) -> int:
    boards = await said.boards("quiz")
    row = boards.get("standings", {"rows": {}})["rows"].get("p1")
    return int(row["figures"]["points"]) if row else 0


async def until(said: Desk, count: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while await points(said) < count:
            await asyncio.sleep(0.1)
    assert await points(said) == count


async def unacknowledged(broker: NatsServer) -> int:
    async with broker.client() as stream:
        info = await stream.consumer_info("FEED", "boards")
        return int(info.num_ack_pending or 0) + int(info.num_pending or 0)


@contextlib.asynccontextmanager
async def listening(settings: Settings, broker: NatsServer) -> AsyncIterator[Desk]:
    async with desk(taking(settings, broker)) as said:
        await said.define(QUIZ)
        made = await said.client.post("/api/v1/keys", json={"name": "feed", "role": "device"})
        assert made.status_code == 201
        yield said


async def test_events_come_in_once_however_often_they_are_said(
    settings: Settings, broker: NatsServer
) -> None:
    await publish(broker, *(scored(f"early {n}") for n in range(3)))
    async with listening(settings, broker) as said:
        await publish(broker, *(scored(str(n)) for n in range(10)), scored("3"), scored("early 1"))
        await until(said, 13)
        entries = await said.server.app.ledger.read(0)
        assert {e.actor for e in entries if e.type == "points.scored"} == {"device:feed"}
        async with asyncio.timeout(WAIT_S):
            while await unacknowledged(broker):
                await asyncio.sleep(0.1)


async def test_what_is_refused_is_passed_on_and_never_comes_again(
    settings: Settings, broker: NatsServer
) -> None:
    async with listening(settings, broker) as said:
        await publish(
            broker,
            b"no json",
            scored("no entrant", data={"points": 1}),
            scored("nowhere", competition="no-such-thing"),
            scored("official", type="competition.frozen", data={}),
            scored("good"),
            scored("good", data={"entrant": "p1", "points": 2}),
        )
        async with asyncio.timeout(WAIT_S):
            while len(refused := await broker.kept("REFUSED")) < 5 or await unacknowledged(broker):
                await asyncio.sleep(0.1)
        await until(said, 1)
    codes = [message.headers["scoreboard-code"] for message in refused]
    assert codes == ["bad-input", "bad-input", "not-found", "forbidden", "conflict"]
    assert refused[0].data == b"no json"
    assert refused[1].headers["scoreboard-pointer"].startswith("/data")


async def test_what_no_broker_would_pass_on_stops_nothing(
    settings: Settings, broker: NatsServer
) -> None:
    async with listening(settings, broker) as said:
        largest = b"x" * 1_048_576  # with a header it is more than the server takes
        broken = scored("broken lines") | {"a\r\nb: c": 1, "d" * 60_000: 1}
        await publish(broker, largest, broken, scored("good"))
        await until(said, 1)
        async with asyncio.timeout(WAIT_S):
            while await unacknowledged(broker):
                await asyncio.sleep(0.1)
        (refused,) = await broker.kept("REFUSED")
    assert refused.headers["scoreboard-code"] == "bad-input"
    assert "\n" not in refused.headers["scoreboard-pointer"]


async def test_servers_that_end_before_they_acknowledge_lose_and_double_nothing(
    settings: Settings, broker: NatsServer
) -> None:
    async with listening(settings, broker) as said:
        key = said.server.admin_key
        await publish(broker, *(scored(str(n)) for n in range(5)))
        await until(said, 5)
        await broker.kill()
        await broker.start()
        await publish(broker, *(scored(str(n)) for n in range(5, 30)))
        await until(said, 30)
    async with broker.client() as stream:  # as if it had ended before its acknowledgements
        await stream.delete_consumer("FEED", "boards")
    await publish(broker, *(scored(str(n)) for n in range(30, 40)))
    async with desk(taking(settings, broker), key) as said:
        await until(said, 40)
        async with asyncio.timeout(WAIT_S):
            while await unacknowledged(broker):
                await asyncio.sleep(0.1)
        await until(said, 40)


async def test_a_revoked_key_speaks_no_more(settings: Settings, broker: NatsServer) -> None:
    async with listening(settings, broker) as said:
        await publish(broker, scored("1"))
        await until(said, 1)
        keys = (await said.client.get("/api/v1/keys")).json()
        (mine,) = [key["id"] for key in keys if key["name"] == "feed"]
        assert (await said.client.delete(f"/api/v1/keys/{mine}")).status_code == 204
        failures = SOURCE_FAILURES.labels("boards")
        before = failures._value.get()
        async with asyncio.timeout(WAIT_S):
            while failures._value.get() == before:
                await asyncio.sleep(0.1)
        await publish(broker, scored("2"))
        assert await points(said) == 1
        made = await said.client.post("/api/v1/keys", json={"name": "feed", "role": "device"})
        assert made.status_code == 201
        await until(said, 2)
