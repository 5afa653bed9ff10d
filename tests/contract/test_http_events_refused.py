"""What the events door refuses as it stands, by whatever way it comes: nothing of it is kept."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from quiz import API, Quiz, admin_of, device_of, scored, served

from scoreboard.settings import Settings


@pytest.fixture(scope="module")
def quiz() -> Quiz:
    """One for all: nobody has said anything in it at the end."""
    return Quiz()


@pytest_asyncio.fixture(scope="module")
async def device(shared_settings: Settings, quiz: Quiz) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        served(shared_settings) as server,
        admin_of(server, quiz) as admin,
        device_of(admin, quiz) as client,
    ):
        yield client
        entries = await server.app.ledger.read(0, competition=quiz.slug)
        assert [entry.type for entry in entries] == ["competition.defined"]


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (scored("1", "three"), "/data/points"),
        ({**scored("1"), "data": {"points": 1}}, "/data/entrant"),
        ({**scored("1"), "data": {"entrant": "ada", "points": 1, "pionts": 2}}, "/data/pionts"),
        ({**scored("1"), "type": "points.unheard_of"}, "/type"),
        ({**scored("1"), "time": "yesterday"}, "/time"),
        ({**scored("1"), "time": "9999-12-31T23:59:59-14:00"}, "/time"),
        ({**scored("1"), "competition": "other"}, "/competition"),
        ({**scored("1"), "action": "void"}, "/data"),
        ({**scored("1"), "action": "amend"}, "/record"),
        ({**scored("1"), "dataversion": 9}, "/dataversion"),
        ({**scored("1"), "un-known": 1}, "/un-known"),
        ({**scored("1"), "unknown": {"a": 1}}, "/unknown"),
        ({**scored("1"), "extensions": {"a": 1}}, "/extensions"),
        ({**scored("1"), "source": "_system"}, "/source"),
        ({**scored("1"), "place": "a\0b"}, "/place"),
        ({"type": "points.scored"}, "/id"),
    ],
)
async def test_what_is_malformed_is_refused_with_a_pointer_to_the_field(
    device: httpx2.AsyncClient, event: dict[str, Any], pointer: str, quiz: Quiz
) -> None:
    refused = await device.post(quiz.events, json=event)
    assert refused.status_code == 422, refused.text
    assert refused.json()["pointer"] == pointer, refused.text


async def test_what_is_no_json_is_refused(device: httpx2.AsyncClient, quiz: Quiz) -> None:
    headers = {"content-type": "application/json"}
    for content in (b"{", b"[1,", b"\xff", b'{"id": "\\ud800"}'):
        refused = await device.post(quiz.events, content=content, headers=headers)
        assert refused.status_code == 422, content


async def test_unknown_competitions_are_not_found(device: httpx2.AsyncClient) -> None:
    refused = await device.post(f"{API}/nowhere/events", json=scored("1"))
    assert refused.status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"specversion": None}, "/specversion"),
        ({"specversion": "0.3"}, "/specversion"),
        ({"source": None}, "/source"),
        ({"data_base64": "e30="}, "/data_base64"),
        ({"lane-number": "3"}, "/lane-number"),
        ({"x" * 65: "3"}, "/" + "x" * 65),
        ({"note": "x" * 2_001}, "/note"),
        ({f"note{n}": "x" for n in range(33)}, ""),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
async def test_all_modes_of_cloudevents_refuse_the_same(
    device: httpx2.AsyncClient, change: dict[str, Any], pointer: str, quiz: Quiz
) -> None:
    event = {"specversion": "1.0", "source": "pad", **scored("1")} | change
    said = {name: value for name, value in event.items() if value is not None}
    media = {"content-type": "application/cloudevents+json"}
    structured = await device.post(quiz.events, content=json.dumps(said), headers=media)
    media = {"content-type": "application/cloudevents-batch+json"}
    batch = await device.post(quiz.events, content=json.dumps([said]), headers=media)
    attributes = {f"ce-{name}": value for name, value in said.items() if name != "data"}
    binary = await device.post(quiz.events, json=said["data"], headers=attributes)
    problems = [structured.json(), batch.json()["results"][0]["problem"], binary.json()]
    assert [(one["status"], one["pointer"]) for one in problems] == [(422, pointer)] * 3
    assert len({one["detail"] for one in problems}) == 1


async def test_other_content_types_are_refused(device: httpx2.AsyncClient, quiz: Quiz) -> None:
    for media in ("text/plain", "application/json; charset=latin-1"):
        refused = await device.post(quiz.events, content=b"{}", headers={"content-type": media})
        assert refused.status_code == 415


async def test_too_large_bodies_and_batches_are_refused(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    large = await device.post(quiz.events, json=scored("1", subject="x" * 100_001))
    many = await device.post(quiz.events, json=[scored(str(n)) for n in range(51)])
    assert (large.status_code, many.status_code) == (413, 413)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 1_000

    headers = {"content-type": "application/json"}
    undeclared = await device.post(quiz.events, content=endless(), headers=headers)
    assert undeclared.status_code == 413
