"""The events door over real sockets, on both databases: each answer that a sender may get."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from msgspec.structs import replace

from scoreboard.app import Running, running
from scoreboard.settings import Limits, Settings

QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}],
    "contests": [{"id": "r1", "name": "Round 1", "entrants": ["ada", "bob"]}],
}
EVENTS = "/api/v1/competitions/quiz/events"
LIMITS = Limits(body_bytes_max=100_000, batch_events_max=50, key_events_per_second=500)


def served(settings: Settings) -> AbstractAsyncContextManager[Running]:
    return running(replace(settings, private_port=0, public_port=0, limits=LIMITS))


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    async with served(settings) as server:
        yield server


@pytest_asyncio.fixture
async def admin(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    async with admin_of(server) as client:
        yield client


@asynccontextmanager
async def admin_of(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        yield client


@pytest_asyncio.fixture
async def device(server: Running, admin: httpx2.AsyncClient) -> AsyncIterator[httpx2.AsyncClient]:
    async with device_of(server, admin) as client:
        yield client


@asynccontextmanager
async def device_of(
    server: Running, admin: httpx2.AsyncClient
) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=server.private_url, headers=await key_of(admin, "pad-1", "device")
    ) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def refused_device(shared_settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A device all whose events are refused, so that one serves for all of them."""
    async with (
        served(shared_settings) as server,
        admin_of(server) as admin,
        device_of(server, admin) as client,
    ):
        yield client
        entries = await server.app.ledger.read(0, competition="quiz")
        assert [entry.type for entry in entries] == ["competition.defined"]


async def key_of(admin: httpx2.AsyncClient, name: str, role: str, **more: Any) -> dict[str, str]:
    answer = await admin.post("/api/v1/keys", json={"name": name, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['key']}"}


def scored(id_: str, points: Any = 1, **more: Any) -> dict[str, Any]:
    data = {"entrant": "ada", "points": points}
    return {"id": id_, "type": "points.scored", "contest": "r1", "data": data, **more}


async def test_an_event_is_answered_with_its_place_and_again_with_the_first_answer(
    device: httpx2.AsyncClient,
) -> None:
    first = await device.post(EVENTS, json=scored("1"))
    again = await device.post(EVENTS, json=scored("1"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["location"] == "/api/v1/competitions/quiz/records/pad-1/1"
    said = {"record": "pad-1/1", "version": 1, "position": first.json()["position"]}
    assert first.json() == {"status": 201, **said}
    assert again.json() == {"status": 200, **said}


async def test_the_same_identity_with_other_content_is_a_conflict(
    device: httpx2.AsyncClient,
) -> None:
    await device.post(EVENTS, json=scored("1", 1))
    refused = await device.post(EVENTS, json=scored("1", 2))
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"


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
    refused_device: httpx2.AsyncClient, event: dict[str, Any], pointer: str
) -> None:
    refused = await refused_device.post(EVENTS, json=event)
    assert refused.status_code == 422, refused.text
    assert refused.json()["pointer"] == pointer, refused.text


async def test_what_is_no_json_is_refused(refused_device: httpx2.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    for content in (b"{", b"[1,", b"\xff", b'{"id": "\\ud800"}'):
        refused = await refused_device.post(EVENTS, content=content, headers=headers)
        assert refused.status_code == 422, content


async def test_unknown_competitions_are_not_found(refused_device: httpx2.AsyncClient) -> None:
    refused = await refused_device.post("/api/v1/competitions/nowhere/events", json=scored("1"))
    assert refused.status_code == 404


async def test_unknown_contests_and_entrants_are_kept_and_flagged(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient
) -> None:
    late = {**scored("1"), "contest": "r9", "data": {"entrant": "zoe", "points": 1}}
    kept = await device.post(EVENTS, json=late)
    assert kept.status_code == 201
    shown = (await admin.get(kept.headers["location"])).json()
    assert shown["versions"][0]["flags"] == ["unknown-contest", "unknown-entrant"]


async def test_what_officials_decide_without_a_time_counts_as_they_say_it_whatever_its_id(
    admin: httpx2.AsyncClient,
) -> None:
    run = {**QUIZ, "slug": "run", "sport": "race", "params": {"points": [{"id": "finish"}]}}
    (await admin.post("/api/v1/competitions", json=run)).raise_for_status()
    url = "/api/v1/competitions/run"

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
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient
) -> None:
    zoe = {"id": "zoe", "name": "Zoe"}
    entered = {"id": "d1", "type": "competition.entered", "data": {"entrant": zoe}}
    hers = {**scored("1"), "data": {"entrant": "zoe", "points": 1}}
    both = await admin.post(EVENTS, json=[entered, hers])
    assert [one["status"] for one in both.json()["results"]] == [201, 201]
    then = await device.post(EVENTS, json={**hers, "id": "2"})
    for record in (both.json()["results"][1]["record"], then.json()["record"]):
        shown = (await admin.get(f"/api/v1/competitions/quiz/records/{record}")).json()
        assert "flags" not in shown["versions"][0]


async def test_devices_cannot_change_the_definition_or_records_of_other_sources(
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient
) -> None:
    gone = {"id": "d1", "type": "competition.withdrawn", "data": {"entrant": "ada"}}
    assert (await device.post(EVENTS, json=gone)).status_code == 403
    record = (await admin.post(EVENTS, json=scored("1"))).json()["record"]
    void = {"id": "2", "type": "points.scored", "record": record, "action": "void"}
    assert (await device.post(EVENTS, json=void)).status_code == 403
    disguised = {**void, "source": record.partition("/")[0]}
    assert (await device.post(EVENTS, json=disguised)).status_code == 403


async def test_a_stale_version_is_refused_and_the_newest_is_not(
    device: httpx2.AsyncClient,
) -> None:
    record = (await device.post(EVENTS, json=scored("1"))).json()["record"]
    amend = {"record": record, "action": "amend", "seenversion": 1}
    assert (await device.post(EVENTS, json=scored("2", 5, **amend))).status_code == 201
    assert (await device.post(EVENTS, json=scored("3", 6, **amend))).status_code == 412


async def test_in_a_batch_each_event_has_its_own_fate_in_order(
    device: httpx2.AsyncClient,
) -> None:
    await device.post(EVENTS, json=scored("old"))
    batch = [scored("1"), scored("2", "x"), scored("old"), scored("old", 9), {"nonsense": 1}]
    answer = await device.post(EVENTS, json=batch)
    assert answer.status_code == 200
    assert [one["status"] for one in answer.json()["results"]] == [201, 422, 200, 409, 422]


async def test_an_atomic_batch_is_all_or_nothing(device: httpx2.AsyncClient) -> None:
    batch = [scored("1"), scored("2", "x")]
    refused = await device.post(EVENTS, params={"atomic": "true"}, json=batch)
    assert refused.status_code == 422
    assert [one["status"] for one in refused.json()["results"]] == [424, 422]
    await device.post(EVENTS, json=scored("old"))
    conflicting = await device.post(f"{EVENTS}?atomic=true", json=[scored("1"), scored("old", 2)])
    assert conflicting.status_code == 409
    assert (await device.post(EVENTS, json=scored("1"))).status_code == 201


async def test_all_modes_of_cloudevents_say_the_same(device: httpx2.AsyncClient) -> None:
    event = {"specversion": "1.0", "source": "/pads/7", "traceparent": "00-ab", "battery": 17}
    event |= scored("1")
    structured = await device.post(
        EVENTS,
        content=json.dumps(event),
        headers={"content-type": "application/cloudevents+json; charset=utf-8"},
    )
    batch = await device.post(
        EVENTS,
        content=json.dumps([event]),
        headers={"content-type": "application/cloudevents-batch+json"},
    )
    attributes = {f"ce-{k}": str(v) for k, v in event.items() if k != "data"}
    binary = await device.post(
        EVENTS,
        content=json.dumps(event["data"]),
        headers={**attributes, "ce-source": "%2Fpads%2F7", "content-type": "application/json"},
    )
    assert (structured.status_code, binary.status_code) == (201, 200)
    assert structured.json()["position"] == binary.json()["position"]
    assert batch.json()["results"][0]["status"] == 200


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
    refused_device: httpx2.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    event = {"specversion": "1.0", "source": "pad", **scored("1")} | change
    said = {name: value for name, value in event.items() if value is not None}
    media = {"content-type": "application/cloudevents+json"}
    structured = await refused_device.post(EVENTS, content=json.dumps(said), headers=media)
    media = {"content-type": "application/cloudevents-batch+json"}
    batch = await refused_device.post(EVENTS, content=json.dumps([said]), headers=media)
    attributes = {f"ce-{name}": value for name, value in said.items() if name != "data"}
    binary = await refused_device.post(EVENTS, json=said["data"], headers=attributes)
    problems = [structured.json(), batch.json()["results"][0]["problem"], binary.json()]
    assert [(one["status"], one["pointer"]) for one in problems] == [(422, pointer)] * 3
    assert len({one["detail"] for one in problems}) == 1


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
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient, said: str, read: str | None
) -> None:
    plain = await device.post(EVENTS, json=scored("1", time=said))
    listed = await device.post(EVENTS, json=[scored("1", time=said, lane=3)])
    event = scored("2")
    attributes = {"ce-specversion": "1.0", "ce-source": "p", "ce-contest": "r1", "ce-id": "2"}
    attributes |= {"ce-type": event["type"], "ce-time": said}
    binary = await device.post(EVENTS, json=event["data"], headers=attributes)
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
    device: httpx2.AsyncClient, admin: httpx2.AsyncClient
) -> None:
    kept = await device.post(EVENTS, json=scored("1", traceparent="00-ab", battery=17))
    shown = (await admin.get(kept.headers["location"])).json()
    assert shown["versions"][0]["extensions"] == {"traceparent": "00-ab", "battery": 17}


async def test_other_content_types_are_refused(refused_device: httpx2.AsyncClient) -> None:
    for media in ("text/plain", "application/json; charset=latin-1"):
        refused = await refused_device.post(EVENTS, content=b"{}", headers={"content-type": media})
        assert refused.status_code == 415


async def test_too_large_bodies_and_batches_are_refused(refused_device: httpx2.AsyncClient) -> None:
    large = await refused_device.post(EVENTS, json=scored("1", subject="x" * 100_001))
    many = await refused_device.post(EVENTS, json=[scored(str(n)) for n in range(51)])
    assert (large.status_code, many.status_code) == (413, 413)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 1_000

    headers = {"content-type": "application/json"}
    undeclared = await refused_device.post(EVENTS, content=endless(), headers=headers)
    assert undeclared.status_code == 413


async def test_a_key_that_is_too_fast_is_told_when_to_come_back(
    settings: Settings,
) -> None:
    given = {"data": settings.data, "database": settings.database}
    limits = Limits(key_events_per_second=1)
    async with running(Settings(private_port=0, public_port=0, limits=limits, **given)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
            await client.post("/api/v1/competitions", json=QUIZ)
            answers = [await client.post(EVENTS, json=[scored("a"), scored("b")])]
            while answers[-1].status_code == 200:  # until two fall into one second
                answers.append(await client.post(EVENTS, json=[scored("a"), scored("b")]))
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_stream_of_any_length_is_answered_line_by_line(
    device: httpx2.AsyncClient,
) -> None:
    events = [scored(str(n), n if n % 100 else "bad") for n in range(1, 1201)]
    body = b"\r\n".join(json.dumps(event).encode() for event in events)
    headers = {"content-type": "application/x-ndjson"}
    answer = await device.post(EVENTS, content=body, headers=headers, timeout=60)
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["status"] for one in results] == [201 if n % 100 else 422 for n in range(1, 1201)]


async def test_a_stream_is_answered_while_it_is_written(device: httpx2.AsyncClient) -> None:
    answered = asyncio.Event()

    async def two_lines() -> AsyncIterator[bytes]:
        yield json.dumps(scored("1")).encode() + b"\n"
        await answered.wait()
        yield json.dumps(scored("2")).encode() + b"\n"

    url = device.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
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
    tmp_path: Path,
) -> None:
    limits = Limits(spool_bytes_max=1_000_000)
    given = {"data": str(tmp_path), "private_port": 0, "public_port": 0, "limits": limits}
    async with running(Settings(**given)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
            (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
            with socket.socket() as narrow:
                narrow.settimeout(60)
                narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                await asyncio.to_thread(
                    narrow.connect, (client.base_url.host, client.base_url.port)
                )
                head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
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
            assert (await client.post(EVENTS, json=scored("1"))).status_code == 201


async def test_a_stream_for_an_unknown_competition_is_not_found(
    device: httpx2.AsyncClient,
) -> None:
    headers = {"content-type": "application/x-ndjson"}
    path = "/api/v1/competitions/nowhere/events"
    assert (await device.post(path, content=b"{}\n", headers=headers)).status_code == 404


async def test_keys_open_what_their_role_reaches_until_they_are_revoked(
    server: Running, admin: httpx2.AsyncClient
) -> None:
    async with httpx2.AsyncClient(base_url=server.private_url) as anybody:
        nobody = await anybody.post(EVENTS, json=scored("1"))
        assert (nobody.status_code, nobody.headers["www-authenticate"][:6]) == (401, "Bearer")
        wrong = {"Authorization": "Bearer sb_0000000000_wrong"}
        assert (await anybody.post(EVENTS, json=scored("1"), headers=wrong)).status_code == 401
        elsewhere = await key_of(admin, "pad-2", "device", competition="other")
        bound = await anybody.post(EVENTS, json=scored("1"), headers=elsewhere)
        assert bound.status_code == 403
        pad = await key_of(admin, "pad-3", "device")
        assert (await anybody.get("/api/v1/keys", headers=pad)).status_code == 403
        assert (await anybody.post(EVENTS, json=scored("1"), headers=pad)).status_code == 201
        listed = {key["name"]: key for key in (await admin.get("/api/v1/keys")).json()}
        assert listed["pad-3"]["last_used"]
        assert "key" not in listed["pad-3"]
        gone = await admin.delete(f"/api/v1/keys/{listed['pad-3']['id']}")
        assert gone.status_code == 204
        assert (await anybody.post(EVENTS, json=scored("2"), headers=pad)).status_code == 401


async def test_the_public_listener_has_no_way_to_write(server: Running) -> None:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.public_url, headers=headers) as public:
        assert (await public.post(EVENTS, json=scored("1"))).status_code == 404
        assert (await public.get("/api/v1/keys")).status_code == 404
        assert (await public.post("/api/v1/competitions", json=QUIZ)).status_code == 404
        listed = await public.get("/api/v1/competitions", headers={"Origin": "http://x"})
        assert listed.headers["access-control-allow-origin"] == "*"
