"""Competitions, corrections and erasures over real sockets, on both databases."""

import contextlib
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from msgspec.structs import replace

from scoreboard.app import running
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

TOML = """
slug = "cup"
name = "Cup"
sport = "points"
start = 2026-06-01T12:00:00Z
entrants = [{ id = "ada", name = "Ada" }, { id = "bob", name = "Bob" }]
groups = [{ id = "a", name = "Group A", entrants = ["ada", "bob"] }]
contests = [{ id = "r1", group = "a", entrants = ["ada"] }]
"""
CUP = "/api/v1/competitions/cup"


@pytest_asyncio.fixture
async def admin(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with admin_of(settings) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def refused_admin(shared_settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """An admin all whose competitions are refused, so that one serves for all of them."""
    async with admin_of(shared_settings) as client:
        yield client
        assert (await client.get("/api/v1/competitions")).json() == []


@contextlib.asynccontextmanager
async def admin_of(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(replace(settings, private_port=0, public_port=0)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as client:
            yield client


async def define(admin: httpx2.AsyncClient, text: str = TOML) -> httpx2.Response:
    headers = {"content-type": "application/toml"}
    return await admin.post("/api/v1/competitions", content=text, headers=headers)


async def test_a_definition_is_made_repeated_and_changed(admin: httpx2.AsyncClient) -> None:
    assert (await define(admin)).status_code == 201
    same = await define(admin)
    assert (same.status_code, same.json()["changed"]) == (200, False)
    changed = await define(admin, TOML.replace('"Cup"', '"The Cup"'))
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    [listed] = (await admin.get("/api/v1/competitions")).json()
    assert (listed["slug"], listed["name"], listed["entrants"]) == ("cup", "The Cup", 2)
    assert listed["contests"] == {"scheduled": 1}


async def test_what_happened_since_stays_when_the_definition_changes(
    admin: httpx2.AsyncClient,
) -> None:
    await define(admin)
    zoe = {"entrant": {"id": "zoe", "name": "Zoe"}, "group": "a"}
    event = {"id": "1", "type": "competition.entered", "data": zoe}
    assert (await admin.post(f"{CUP}/events", json=event)).status_code == 201
    await define(admin, TOML.replace('"Cup"', '"The Cup"'))
    shown = (await admin.get(CUP)).json()
    assert shown["name"] == "The Cup"
    assert shown["groups"][0]["entrants"] == ["ada", "bob", "zoe"]


async def test_leap_seconds_inside_definitions_are_read_as_the_next_seconds_start(
    admin: httpx2.AsyncClient,
) -> None:
    leap, read = "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"
    assert (
        await define(admin, TOML.replace("2026-06-01T12:00:00Z", f'"{leap}"'))
    ).status_code == 201
    assert (await admin.get(CUP)).json()["start"] == read
    contest = {"id": "late", "start": leap}
    event = {"id": "1", "type": "competition.scheduled", "data": {"contest": contest}}
    assert (await admin.post(f"{CUP}/events", json=event)).status_code == 201
    shown = (await admin.get(CUP)).json()
    assert {c["id"]: c.get("start") for c in shown["contests"]}["late"] == read
    again = {name: shown[name] for name in ("slug", "name", "sport")} | {"contests": [contest]}
    assert (await admin.post("/api/v1/competitions", json=again)).status_code == 200
    refused = await admin.post(
        "/api/v1/competitions", json=again | {"start": "2016-12-30T23:59:60Z"}
    )
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/start")


async def test_a_competition_that_did_not_change_is_not_sent_again(
    admin: httpx2.AsyncClient,
) -> None:
    await define(admin)
    first = await admin.get(CUP)
    again = await admin.get(CUP, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('sport = "points"', 'sport = "chess"', "/sport"),
        ('sport = "points"', 'sport = "points"\nparams = { mode = "most" }', "/params/mode"),
        ('id = "bob"', 'id = "ada"', "/entrants/1/id"),
        ('entrants = ["ada", "bob"]', 'entrants = ["eve"]', "/groups/0/entrants/0"),
        ('group = "a"', 'group = "z"', "/contests/0/group"),
        ("12:00:00Z", "12:00:00", "/start"),
        ('slug = "cup"', "", "/slug"),
    ],
)
async def test_a_definition_that_makes_no_sense_is_refused_with_a_pointer(
    refused_admin: httpx2.AsyncClient, old: str, new: str, pointer: str
) -> None:
    refused = await define(refused_admin, TOML.replace(old, new))
    assert refused.status_code == 422, refused.text
    assert refused.json()["pointer"] == pointer, refused.text


async def test_a_record_is_amended_voided_and_restored_each_with_a_reason(
    admin: httpx2.AsyncClient,
) -> None:
    await define(admin)
    data = {"entrant": "ada", "points": 3}
    event = {"id": "1", "type": "points.scored", "contest": "r1", "data": data}
    location = (await admin.post(f"{CUP}/events", json=event)).headers["location"]

    async def correct(**said: object) -> httpx2.Response:
        return await admin.post(f"{location}/corrections", json=said)

    assert (await correct(action="void")).json()["pointer"] == "/reason"
    assert (await correct(action="amend", reason="?")).json()["pointer"] == "/data"
    bad = await correct(action="amend", reason="?", data={"entrant": "ada"})
    assert bad.json()["pointer"] == "/data/points"
    better = {"entrant": "ada", "points": 4}
    first = {"action": "amend", "reason": "recount", "data": better, "version": 1, "id": "c1"}
    assert (await correct(**first)).status_code == 201
    assert (await correct(**first)).status_code == 200
    assert (await correct(action="void", reason="late", version=1)).status_code == 412
    assert (await correct(action="void", reason="foul")).json()["version"] == 3
    shown = (await admin.get(location)).json()
    assert shown["in_force"] is None
    assert [one["action"] for one in shown["versions"]] == ["record", "amend", "void"]
    assert [one.get("reason") for one in shown["versions"]] == [None, "recount", "foul"]
    assert (await correct(action="restore", reason="no foul")).status_code == 201
    shown = (await admin.get(location)).json()
    assert shown["in_force"] == 2
    assert shown["versions"][1]["data"] == better


async def test_an_unknown_record_cannot_be_shown_or_corrected(admin: httpx2.AsyncClient) -> None:
    await define(admin)
    assert (await admin.get(f"{CUP}/records/no/such")).status_code == 404
    said = {"action": "void", "reason": "none"}
    refused = await admin.post(f"{CUP}/records/no/such/corrections", json=said)
    assert refused.status_code == 404


async def test_an_erased_payload_is_gone_and_the_entry_stays(admin: httpx2.AsyncClient) -> None:
    await define(admin)
    data = {"entrant": "ada", "points": 3}
    event = {"id": "1", "type": "points.scored", "contest": "r1", "data": data}
    location = (await admin.post(f"{CUP}/events", json=event)).headers["location"]
    erased = await admin.post(f"{location}/erasures", json={"reason": "asked to"})
    assert erased.status_code == 200
    [version] = (await admin.get(location)).json()["versions"]
    assert version["erased"]
    assert "data" not in version
    assert [version["position"]] == erased.json()["erased"]


async def test_an_entrant_whose_entry_is_erased_is_a_bare_id_everywhere(
    admin: httpx2.AsyncClient,
) -> None:
    await define(admin)
    zoe = {"entrant": {"id": "e7", "name": "Zoe Real-Name"}, "group": "a"}
    entered = {"id": "1", "type": "competition.entered", "data": zoe}
    location = (await admin.post(f"{CUP}/events", json=entered)).headers["location"]
    scored = {"id": "2", "type": "points.scored", "contest": "r1"}
    data = {"data": {"entrant": "e7", "points": 3}}
    last = (await admin.post(f"{CUP}/events", json=scored | data)).json()["position"]

    async def everything() -> str:
        params = {"after": last}
        boards = await admin.get(f"{CUP}/boards/standings", params=params)
        stood = await admin.get(f"{CUP}/boards/standings", params={"at": 4})
        return (await admin.get(CUP)).text + boards.text + stood.text

    assert (await everything()).count("Zoe") == 3
    erased = await admin.post(f"{location}/erasures", json={"reason": "asked to"})
    assert erased.status_code == 200, erased.text
    last += 1
    shown = await everything()
    assert "Zoe" not in shown
    assert shown.count('"e7":{') == 2


async def test_what_defines_the_competition_is_not_erased_while_it_counts(
    admin: httpx2.AsyncClient,
) -> None:
    await define(admin)
    url = f"{CUP}/records/competition/erasures"
    refused = await admin.post(url, json={"reason": "asked to"})
    assert refused.status_code == 409
    await define(admin, TOML.replace('"Ada"', '"A."'))
    assert (await admin.post(url, json={"reason": "?", "version": 2})).status_code == 409
    assert (await admin.post(url, json={"reason": "?", "version": 1})).status_code == 200


async def test_an_erased_payload_is_not_repeated_to_those_who_come_back(
    admin: httpx2.AsyncClient,
) -> None:
    await define(admin)
    held = (await admin.get(f"{CUP}/boards/standings")).json()["version"]
    zoe = {"entrant": {"id": "e7", "name": "Zoe Real-Name"}, "group": "a"}
    entered = {"id": "1", "type": "competition.entered", "data": zoe}
    location = (await admin.post(f"{CUP}/events", json=entered)).headers["location"]
    scored = {"id": "2", "type": "points.scored", "contest": "r1"}
    data = {"data": {"entrant": "e7", "points": 3}}
    last = (await admin.post(f"{CUP}/events", json=scored | data)).json()["position"]
    await admin.get(f"{CUP}/boards/standings", params={"after": last})
    assert (await admin.post(f"{location}/erasures", json={"reason": "asked"})).status_code == 200
    await admin.get(f"{CUP}/boards/standings", params={"after": last + 1})
    url = f"{CUP}/boards/standings/stream"
    async with admin.stream("GET", url, headers={"Last-Event-ID": held}) as response:
        said = ""
        async for line in response.aiter_lines():
            said += line
            if line.startswith("data: "):
                break
    assert "e7" in said
    assert "Zoe" not in said


@pytest.mark.parametrize("body", [b'{"slug":"\xff"}', b'{"slug":' + b"[" * 12_000])
async def test_what_cannot_be_read_is_refused_and_no_fault_of_ours(
    admin: httpx2.AsyncClient, body: bytes
) -> None:
    await define(admin)
    headers = {"content-type": "application/json"}
    for path in ("/api/v1/competitions", f"{CUP}/events", "/api/v1/keys"):
        refused = await admin.post(path, content=body, headers=headers)
        assert refused.status_code == 422, (path, refused.text)


async def test_a_name_with_a_line_break_at_its_end_is_none(admin: httpx2.AsyncClient) -> None:
    refused = await define(admin, TOML.replace('"cup"', '"cup\\n"'))
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/slug")
