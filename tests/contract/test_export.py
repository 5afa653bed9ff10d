"""The ledger taken out as NDJSON: it can be checked without this program, and said again."""

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from click.testing import CliRunner

from scoreboard.app import Running, running
from scoreboard.cli import main
from scoreboard.facts.entry import GENESIS
from scoreboard.ledger.chain import LEAF_FIELDS
from scoreboard.settings import Limits, Settings

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"], "group": "a"}],
}
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}],
}
IN_HEX = ("digest", "hash", "salt", "origin_hash")
CUT_OFF_S = 30
CUP_PATH = "/api/v1/competitions/cup"


def settings_of(settings: Settings, **limits: Any) -> Settings:
    free = {"private_port": 0, "public_port": 0, "limits": Limits(**limits)}
    return msgspec.structs.replace(settings, **free)


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    """A server with a match (goals, one of them voided, one erased) and a quiz."""
    async with running(settings_of(settings)) as served, client_of(served) as admin:
        for competition in (CUP, QUIZ):
            (await admin.post("/api/v1/competitions", json=competition)).raise_for_status()
        await say(admin, "cup", "k", "football.kick_off", "m1")
        for number in range(1, 6):
            data = {"team": "ada", "minute": number}
            await say(admin, "cup", str(number), "football.goal", "m1", **data)
        scored = {"entrant": "ada", "points": 1}
        await say(admin, "quiz", "1", "points.scored", "r1", **scored)
        void = {"action": "void", "reason": "off side"}
        record = f"{CUP_PATH}/records/pad/2"
        (await admin.post(f"{record}/corrections", json=void)).raise_for_status()
        yield served


def client_of(server: Running) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers)


async def say(
    admin: httpx2.AsyncClient, slug: str, id_: str, type_: str, contest: str, **data: Any
) -> None:
    event = {
        "id": id_,
        "source": "pad",
        "type": type_,
        "contest": contest,
        "time": "2026-06-01T12:00:00Z",
        "senttime": "2026-06-01T12:00:05Z",
        "data": data,
    }
    answer = await admin.post(f"/api/v1/competitions/{slug}/events", json=event)
    assert answer.status_code == 201, answer.text


async def command(server: Running, *words: str) -> tuple[int, bytes]:
    """The command line in a thread: its exit code, and what it printed."""
    where = ("--url", server.private_url, "--key", server.admin_key)
    result = await asyncio.to_thread(CliRunner().invoke, main, [*words, *where])
    return result.exit_code, result.stdout_bytes


def leaf_of_line(line: dict[str, Any]) -> bytes:
    if "leaf" in line:
        return bytes.fromhex(line["leaf"])
    fields = [
        bytes.fromhex(line[name]) if name in IN_HEX and name in line else line.get(name)
        for name in LEAF_FIELDS
    ]
    return sha256(msgspec.msgpack.encode(fields)).digest()


def walk(lines: list[dict[str, Any]]) -> bytes:
    """Check every line of an export by what stands in it alone; the last hash."""
    previous = GENESIS
    for position, line in enumerate(lines, 1):
        assert line["position"] == position
        previous = sha256(previous + leaf_of_line(line)).digest()
        if "leaf" in line:
            continue
        assert line["hash"] == previous.hex()
        if "data" in line:
            salted = bytes.fromhex(line["salt"]) + line["data"].encode()
            assert sha256(salted).hexdigest() == line["digest"]
    return previous


async def test_an_exported_ledger_verifies_by_itself(server: Running, tmp_path: Path) -> None:
    async with client_of(server) as admin:
        erase = {"reason": "asked to"}
        record = f"{CUP_PATH}/records/pad/3/erasures"
        (await admin.post(record, json=erase)).raise_for_status()
    head = server.app.ledger.head
    file = tmp_path / "ledger.ndjson"
    code, printed = await command(server, "export", str(file))
    assert code == 0, printed
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert len(lines) == head.position
    assert walk(lines) == head.hash
    erased = [line for line in lines if "data" not in line]
    assert [line["record"] for line in erased] == ["pad/3"]
    [act] = [
        entry
        for entry in await server.app.ledger.read(head.position)
        if entry.type == "ledger.exported"
    ]
    assert act.actor == "admin:first-admin"


async def test_an_export_of_one_competition_still_walks_the_whole_chain(server: Running) -> None:
    head = server.app.ledger.head
    code, printed = await command(server, "export", "-", "--competition", "cup")
    assert code == 0
    lines = [json.loads(line) for line in printed.splitlines()]
    assert walk(lines) == head.hash
    assert {line.get("competition") for line in lines} == {"cup", None}
    assert b'"quiz"' not in printed


async def test_an_export_begins_and_ends_where_it_is_told(server: Running) -> None:
    async with client_of(server) as admin:
        some = await admin.get("/api/v1/export", params={"after": 2, "upto": 4})
        assert [json.loads(line)["position"] for line in some.text.splitlines()] == [3, 4]
        assert some.headers["scoreboard-upto"] == "4"
        beyond = await admin.get("/api/v1/export", params={"upto": 10_000})
        assert (beyond.status_code, beyond.json()["pointer"]) == (422, "/upto")
        nowhere = await admin.get("/api/v1/export", params={"competition": "nowhere"})
        assert nowhere.status_code == 404


async def test_exports_are_for_admins_and_so_many_at_once(settings: Settings) -> None:
    async with running(settings_of(settings, exports_max=1)) as server, client_of(server) as admin:
        made = await admin.post("/api/v1/keys", json={"name": "o", "role": "official"})
        official = {"Authorization": f"Bearer {made.json()['key']}"}
        assert (await admin.get("/api/v1/export", headers=official)).status_code == 403
        await fill(admin)
        async with admin.stream("GET", "/api/v1/export") as first:
            assert first.status_code == 200
            second = await admin.get("/api/v1/export")
            assert (second.status_code, second.headers["retry-after"]) == (503, "5")
            async for _part in first.aiter_raw():
                pass
        assert (await admin.get("/api/v1/export")).status_code == 200


async def test_a_reader_that_takes_nothing_is_cut_off(settings: Settings) -> None:
    limits = {"stream_stalled_s": 0.2, "exports_max": 1}
    async with running(settings_of(settings, **limits)) as server, client_of(server) as admin:
        await fill(admin)
        async with admin.stream("GET", "/api/v1/export") as first:
            async with asyncio.timeout(CUT_OFF_S):
                while (other := await admin.get("/api/v1/export", params={"upto": 1})).is_error:
                    assert "too many exports" in other.text  # until the first was cut off
            with pytest.raises(httpx2.RemoteProtocolError):
                async for _part in first.aiter_raw():
                    pass


async def fill(admin: httpx2.AsyncClient) -> None:
    """More entries than all buffers between server and client hold: some 16 MB."""
    (await admin.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
    large = {f"x{number}": "x" * 2_000 for number in range(32)}
    data = {"entrant": "ada", "points": 1}
    said = {"source": "pad", "type": "points.scored", "contest": "r1", "data": data}
    for first in range(0, 250, 50):
        events = [large | said | {"id": str(first + number)} for number in range(50)]
        answer = await admin.post("/api/v1/competitions/quiz/events", json=events)
        assert {one["status"] for one in answer.json()["results"]} == {201}


async def test_an_export_sent_to_a_fresh_ledger_makes_the_same_boards(
    server: Running, tmp_path: Path
) -> None:
    file = tmp_path / "cup.ndjson"
    assert (await command(server, "export", str(file), "--competition", "cup"))[0] == 0
    other = Settings(data=str(tmp_path / "other"), private_port=0, public_port=0)
    async with running(other) as fresh, client_of(fresh) as there, client_of(server) as here:
        code, printed = await command(fresh, "send", "cup", str(file))
        assert code == 0, printed
        repeated, _ = await command(fresh, "send", "cup", str(file))
        assert repeated == 0
        position = fresh.app.ledger.head.position
        for board in ("standings", "contests", "box:m1", "timeline:m1"):
            path = f"{CUP_PATH}/boards/{board}"
            before = (await here.get(path)).json()["content"]
            after = (await there.get(path, params={"after": position})).json()["content"]
            assert after == before
        assert after["rows"]
