"""The events door over real sockets, on both databases: each answer that a sender may get.

What it refuses as it stands is in `test_http_events_refused`.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from quiz import API, QUIZ, Quiz, admin_of, device_of, key_of, scored, served

from scoreboard.app import Running, running
from scoreboard.settings import Limits, Settings


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """One for all tests here: each has a quiz of its own."""
    async with served(shared_settings) as server:
        yield server


@pytest.fixture
def quiz() -> Quiz:
    return Quiz()


@pytest_asyncio.fixture
async def admin(server: Running, quiz: Quiz) -> AsyncIterator[httpx2.AsyncClient]:
    async with admin_of(server, quiz) as client:
        yield client


@pytest_asyncio.fixture
async def device(admin: httpx2.AsyncClient, quiz: Quiz) -> AsyncIterator[httpx2.AsyncClient]:
    async with device_of(admin, quiz) as client:
        yield client


async def test_an_event_is_answered_with_its_place_and_again_with_the_first_answer(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    first = await device.post(quiz.events, json=scored("1"))
    again = await device.post(quiz.events, json=scored("1"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["location"] == f"{quiz.path}/records/{quiz.pad}/1"
    said = {"record": f"{quiz.pad}/1", "version": 1, "position": first.json()["position"]}
    assert first.json() == {"status": 201, **said}
    assert again.json() == {"status": 200, **said}


async def test_the_same_identity_with_other_content_is_a_conflict(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    await device.post(quiz.events, json=scored("1", 1))
    refused = await device.post(quiz.events, json=scored("1", 2))
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"


async def test_unknown_contests_and_entrants_are_kept_and_flagged(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient, quiz: Quiz
) -> None:
    late = {**scored("1"), "contest": "r9", "data": {"entrant": "zoe", "points": 1}}
    kept = await device.post(quiz.events, json=late)
    assert kept.status_code == 201
    shown = (await admin.get(kept.headers["location"])).json()
    assert shown["versions"][0]["flags"] == ["unknown-contest", "unknown-entrant"]


async def test_what_officials_decide_without_a_time_counts_as_they_say_it_whatever_its_id(
    admin: httpx2.AsyncClient,
) -> None:
    run = {**QUIZ, "slug": "run", "sport": "race", "params": {"points": [{"id": "finish"}]}}
    (await admin.post(API, json=run)).raise_for_status()
    url = f"{API}/run"

    def said(id_: str, entrant: str, status: str) -> dict[str, Any]:
        data = {"entrant": entrant, "status": status}
        return {"id": id_, "type": "race.status", "contest": "r1", "data": data}

    for id_, status in (("z", "dsq"), ("a", "reinstated"), ("m", "dsq"), ("b", "reinstated")):
        (await admin.post(url + "/events", json=said(id_, "ada", status))).raise_for_status()
    together = [said("y", "bob", "dsq"), said("c", "bob", "reinstated")]
    last = (await admin.post(url + "/events", json=together)).json()["results"][-1]["position"]
    flags = await admin.get(url + "/boards/flags", params={"after": last})
    assert flags.json()["content"]["rows"] == {}  # nobody was reinstated who was not out


async def test_an_event_straight_after_the_definition_that_makes_it_valid_is_valid(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient, quiz: Quiz
) -> None:
    zoe = {"id": "zoe", "name": "Zoe"}
    entered = {"id": "d1", "type": "competition.entered", "data": {"entrant": zoe}}
    hers = {**scored("1"), "data": {"entrant": "zoe", "points": 1}}
    both = await admin.post(quiz.events, json=[entered, hers])
    assert [one["status"] for one in both.json()["results"]] == [201, 201]
    then = await device.post(quiz.events, json={**hers, "id": "2"})
    for record in (both.json()["results"][1]["record"], then.json()["record"]):
        shown = (await admin.get(f"{quiz.path}/records/{record}")).json()
        assert "flags" not in shown["versions"][0]


async def test_devices_cannot_change_the_definition_or_records_of_other_sources(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient, quiz: Quiz
) -> None:
    gone = {"id": "d1", "type": "competition.withdrawn", "data": {"entrant": "ada"}}
    assert (await device.post(quiz.events, json=gone)).status_code == 403
    record = (await admin.post(quiz.events, json=scored("1"))).json()["record"]
    void = {"id": "2", "type": "points.scored", "record": record, "action": "void"}
    assert (await device.post(quiz.events, json=void)).status_code == 403
    disguised = {**void, "source": record.partition("/")[0]}
    assert (await device.post(quiz.events, json=disguised)).status_code == 403


async def test_a_stale_version_is_refused_and_the_newest_is_not(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    record = (await device.post(quiz.events, json=scored("1"))).json()["record"]
    amend = {"record": record, "action": "amend", "seenversion": 1}
    assert (await device.post(quiz.events, json=scored("2", 5, **amend))).status_code == 201
    assert (await device.post(quiz.events, json=scored("3", 6, **amend))).status_code == 412


async def test_in_a_batch_each_event_has_its_own_fate_in_order(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    await device.post(quiz.events, json=scored("old"))
    batch = [scored("1"), scored("2", "x"), scored("old"), scored("old", 9), {"nonsense": 1}]
    answer = await device.post(quiz.events, json=batch)
    assert answer.status_code == 200
    assert [one["status"] for one in answer.json()["results"]] == [201, 422, 200, 409, 422]


async def test_an_atomic_batch_is_all_or_nothing(device: httpx2.AsyncClient, quiz: Quiz) -> None:
    batch = [scored("1"), scored("2", "x")]
    refused = await device.post(quiz.events, params={"atomic": "true"}, json=batch)
    assert refused.status_code == 422
    assert [one["status"] for one in refused.json()["results"]] == [424, 422]
    await device.post(quiz.events, json=scored("old"))
    conflicting = await device.post(
        f"{quiz.events}?atomic=true", json=[scored("1"), scored("old", 2)]
    )
    assert conflicting.status_code == 409
    assert (await device.post(quiz.events, json=scored("1"))).status_code == 201


async def test_all_modes_of_cloudevents_say_the_same(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    event = {"specversion": "1.0", "source": "/pads/7", "traceparent": "00-ab", "battery": 17}
    event |= scored("1")
    structured = await device.post(
        quiz.events,
        content=json.dumps(event),
        headers={"content-type": "application/cloudevents+json; charset=utf-8"},
    )
    batch = await device.post(
        quiz.events,
        content=json.dumps([event]),
        headers={"content-type": "application/cloudevents-batch+json"},
    )
    attributes = {f"ce-{k}": str(v) for k, v in event.items() if k != "data"}
    binary = await device.post(
        quiz.events,
        content=json.dumps(event["data"]),
        headers={**attributes, "ce-source": "%2Fpads%2F7", "content-type": "application/json"},
    )
    assert (structured.status_code, binary.status_code) == (201, 200)
    assert structured.json()["position"] == binary.json()["position"]
    assert batch.json()["results"][0]["status"] == 200


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000000Z"),
        ("2016-12-31T15:59:60.75-08:00", "2017-01-01T00:00:00.000000Z"),
        ("2026-12-31T23:59:60", None),
        ("2026-12-30T23:59:60Z", None),
        ("2026-12-31T22:59:60Z", None),
        ("2026-13-31T23:59:60Z", None),
        ("9999-12-31T23:59:60Z", None),
    ],
)
async def test_a_leap_second_is_read_as_the_next_seconds_start(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient, said: str, read: str | None, quiz: Quiz
) -> None:
    plain = await device.post(quiz.events, json=scored("1", time=said))
    listed = await device.post(quiz.events, json=[scored("1", time=said, lane=3)])
    event = scored("2")
    attributes = {"ce-specversion": "1.0", "ce-source": "p", "ce-contest": "r1", "ce-id": "2"}
    attributes |= {"ce-type": event["type"], "ce-time": said}
    binary = await device.post(quiz.events, json=event["data"], headers=attributes)
    [in_list] = listed.json()["results"]
    if read is None:
        problems = [plain.json(), in_list["problem"], binary.json()]
        assert [(one["status"], one["pointer"]) for one in problems] == [(422, "/time")] * 3
        return
    assert (plain.status_code, in_list["status"], binary.status_code) == (201, 409, 201)
    for answer in (plain, binary):
        shown = (await admin.get(answer.headers["location"])).json()
        assert shown["versions"][0]["time"] == read


async def test_unknown_extension_attributes_are_kept(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient, quiz: Quiz
) -> None:
    kept = await device.post(quiz.events, json=scored("1", traceparent="00-ab", battery=17))
    shown = (await admin.get(kept.headers["location"])).json()
    assert shown["versions"][0]["extensions"] == {"traceparent": "00-ab", "battery": 17}


async def test_a_key_that_is_too_fast_is_told_when_to_come_back(
    settings: Settings, quiz: Quiz
) -> None:
    given = {"data": settings.data, "database": settings.database}
    limits = Limits(key_events_per_second=1)
    async with running(Settings(private_port=0, public_port=0, limits=limits, **given)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
            await client.post(API, json=quiz.definition)
            answers = [await client.post(quiz.events, json=[scored("a"), scored("b")])]
            while answers[-1].status_code == 200:  # until two fall into one second
                answers.append(await client.post(quiz.events, json=[scored("a"), scored("b")]))
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_stream_of_any_length_is_answered_line_by_line(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    events = [scored(str(n), n if n % 100 else "bad") for n in range(1, 1201)]
    body = b"\r\n".join(json.dumps(event).encode() for event in events)
    headers = {"content-type": "application/x-ndjson"}
    answer = await device.post(quiz.events, content=body, headers=headers, timeout=60)
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["status"] for one in results] == [201 if n % 100 else 422 for n in range(1, 1201)]


async def test_a_stream_is_answered_while_it_is_written(
    device: httpx2.AsyncClient, quiz: Quiz
) -> None:
    answered = asyncio.Event()

    async def two_lines() -> AsyncIterator[bytes]:
        yield json.dumps(scored("1")).encode() + b"\n"
        await answered.wait()
        yield json.dumps(scored("2")).encode() + b"\n"

    url = device.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {quiz.events} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    head += "Content-Type: application/x-ndjson\r\n"
    head += f"Authorization: {device.headers['authorization']}\r\n\r\n"
    writer.write(head.encode())

    async def write() -> None:
        async for line in two_lines():
            writer.write(b"%x\r\n%s\r\n" % (len(line), line))
        writer.write(b"0\r\n\r\n")

    writing = asyncio.create_task(write())
    seen = await reader.readuntil(b'"version":1}\n')
    assert seen.count(b'"status":201') == 1
    answered.set()
    rest = await reader.readuntil(b"0\r\n\r\n")
    await writing
    assert rest.count(b'"status":201') == 1
    writer.close()
    await writer.wait_closed()


async def test_a_stream_whose_answers_nobody_reads_is_cut_and_the_rest_goes_on(
    tmp_path: Path, quiz: Quiz
) -> None:
    limits = Limits(spool_bytes_max=1_000_000)
    given = {"data": str(tmp_path), "private_port": 0, "public_port": 0, "limits": limits}
    async with running(Settings(**given)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
            (await client.post(API, json=quiz.definition)).raise_for_status()
            with socket.socket() as narrow:
                narrow.settimeout(60)
                narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                await asyncio.to_thread(
                    narrow.connect, (client.base_url.host, client.base_url.port)
                )
                head = f"POST {quiz.events} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                head += f"Authorization: Bearer {served.admin_key}\r\n"
                head += "Content-Type: application/x-ndjson\r\n\r\n"
                lines = b"{}\n" * 10_000
                chunk = b"%x\r\n%s\r\n" % (len(lines), lines)

                def pour() -> None:
                    narrow.sendall(head.encode())
                    for _ in range(10_000):  # more than any buffer on the way holds
                        narrow.sendall(chunk)

                with pytest.raises(ConnectionError):
                    await asyncio.to_thread(pour)
            assert (await client.post(quiz.events, json=scored("1"))).status_code == 201


async def test_a_stream_for_an_unknown_competition_is_not_found(
    device: httpx2.AsyncClient,
) -> None:
    headers = {"content-type": "application/x-ndjson"}
    path = f"{API}/nowhere/events"
    assert (await device.post(path, content=b"{}\n", headers=headers)).status_code == 404


async def test_keys_open_what_their_role_reaches_until_they_are_revoked(
    server: Running, admin: httpx2.AsyncClient, quiz: Quiz
) -> None:
    async with httpx2.AsyncClient(base_url=server.private_url) as anybody:
        nobody = await anybody.post(quiz.events, json=scored("1"))
        assert (nobody.status_code, nobody.headers["www-authenticate"][:6]) == (401, "Bearer")
        wrong = {"Authorization": "Bearer sb_0000000000_wrong"}
        assert (await anybody.post(quiz.events, json=scored("1"), headers=wrong)).status_code == 401
        elsewhere = await key_of(admin, "bound", "device", competition="other")
        bound = await anybody.post(quiz.events, json=scored("1"), headers=elsewhere)
        assert bound.status_code == 403
        pad = await key_of(admin, "revoked", "device")
        assert (await anybody.get("/api/v1/keys", headers=pad)).status_code == 403
        assert (await anybody.post(quiz.events, json=scored("1"), headers=pad)).status_code == 201
        listed = {key["name"]: key for key in (await admin.get("/api/v1/keys")).json()}
        assert listed["revoked"]["last_used"]
        assert "key" not in listed["revoked"]
        gone = await admin.delete(f"/api/v1/keys/{listed['revoked']['id']}")
        assert gone.status_code == 204
        assert (await anybody.post(quiz.events, json=scored("2"), headers=pad)).status_code == 401


async def test_the_public_listener_has_no_way_to_write(server: Running, quiz: Quiz) -> None:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.public_url, headers=headers) as public:
        assert (await public.post(quiz.events, json=scored("1"))).status_code == 404
        assert (await public.get("/api/v1/keys")).status_code == 404
        assert (await public.post(API, json=Quiz().definition)).status_code == 404
        listed = await public.get(API, headers={"Origin": "http://x"})
        assert listed.headers["access-control-allow-origin"] == "*"
