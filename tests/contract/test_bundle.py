"""A competition taken out with all that proves it: whatever is changed afterwards is found."""

import asyncio
import io
import json
import random
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx2
import msgspec
import pytest
import pytest_asyncio
from click.testing import CliRunner

from scoreboard.admin.proof.checking import Checked, check_bundle
from scoreboard.app import Running, running
from scoreboard.cli import main
from scoreboard.ledger.signing import InstallationKey, fingerprint_of
from scoreboard.settings import Limits, Settings
from scoreboard.sports.registry import Sports

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
HEAD_START_S = 0.1  # in which a request mostly gets its place before the next one asks
PATH = f"{API}/cup/bundle.zip"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": id_, "name": id_.title()} for id_ in ("ada", "bel", "cad")],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["winner:m1", "cad"]},
    ],
}
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1"}],
}
LINKS = {
    "slug": "links",
    "name": "Links",
    "sport": "golf",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "m1", "name": "Round 1"}],
}
FLIPS = 12  # in each file of a bundle


def settings_of(settings: Settings, **limits: Any) -> Settings:
    free = {"private_port": 0, "public_port": 0, "limits": Limits(**limits)}
    return msgspec.structs.replace(settings, **free)


def client_of(server: Running, key: str | None = None) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key or server.admin_key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=60)


async def play(admin: httpx2.AsyncClient) -> None:
    """A match that sends its winner on, a goal voided, another erased; a quiz and a round."""
    for competition in (CUP, QUIZ, LINKS):
        (await admin.post(API, json=competition)).raise_for_status()

    async def say(slug: str, id_: str, type_: str, contest: str, /, **data: Any) -> None:
        event = {"id": id_, "source": "pad", "type": type_, "contest": contest, "data": data}
        answer = await admin.post(f"{API}/{slug}/events", json=event)
        assert answer.status_code == 201, answer.text

    await say("cup", "k", "football.kick_off", "m1")
    for n in range(1, 6):
        await say("cup", str(n), "football.goal", "m1", team="ada", minute=n)
        await say("quiz", str(n), "points.scored", "r1", entrant="ada", points=n)
        await say("links", str(n), "golf.shot", "m1", entrant="ada", hole=1, number=n)
    await say("links", "s", "golf.stroke", "m1", entrant="ada", hole=1, number=1)
    records = f"{API}/cup/records/pad"
    void = {"action": "void", "reason": "off side"}
    (await admin.post(f"{records}/2/corrections", json=void)).raise_for_status()
    (await admin.post(f"{records}/3/erasures", json={"reason": "asked to"})).raise_for_status()
    await say("cup", "ft", "football.full_time", "m1")
    await say("cup", "late", "football.goal", "m2", team="ada", minute=1)
    await say("cup", "nowhere", "football.goal", "m9", team="ada", minute=1)


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings_of(settings)) as served, client_of(served) as admin:
        await play(admin)
        yield served


async def taken(server: Running, slug: str = "cup") -> bytes:
    async with client_of(server) as admin:
        answer = await admin.get(f"{API}/{slug}/bundle.zip")
        assert answer.status_code == 200, answer.text
        return answer.content


async def checked(bundle: bytes) -> Checked:
    return await check_bundle(io.BytesIO(bundle), Sports.installed())


def files_of(bundle: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(bundle)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as file:
        for name, body in files.items():
            file.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize("slug", ["cup", "quiz", "links"])
async def test_a_bundle_proves_what_every_board_shows(server: Running, slug: str) -> None:
    bundle = await taken(server, slug)
    found = await checked(bundle)
    assert (found.bad, found.reason) == (None, None)
    assert found.position == server.app.ledger.head.position
    assert found.entries + found.leaves == found.position
    assert found.entries
    assert found.fingerprint == fingerprint_of(server.app.ledger.key.public)
    files = files_of(bundle)
    async with client_of(server) as admin:
        listed = (await admin.get(f"{API}/{slug}/boards")).json()["boards"]
        for name in [*(one["board"] for one in listed), "flags"]:
            live = (await admin.get(f"{API}/{slug}/boards/{name}")).json()
            kept = json.loads(files[f"boards/{name.replace(':', '-')}.json"])
            assert (kept["content"], kept["status"]) == (live["content"], live["status"]), name
            assert live["position"] <= kept["position"] <= found.position
    assert b'"quiz"' not in files["ledger.ndjson"] or slug == "quiz"


async def test_whatever_byte_is_changed_in_whatever_file_is_found(server: Running) -> None:
    files = files_of(await taken(server))
    chance = random.Random(8)
    for name, body in files.items():
        for place in {0, len(body) - 1, *chance.choices(range(len(body)), k=FLIPS)}:
            other = bytearray(body)
            other[place] ^= 1 << chance.randrange(8)
            found = await checked(packed(files | {name: bytes(other)}))
            assert not found.ok, (name, place)
            assert found.reason


async def test_whatever_byte_of_the_file_itself_is_changed_changes_nothing_or_is_found(
    server: Running,
) -> None:
    bundle = await taken(server)
    files = files_of(bundle)
    chance = random.Random(9)
    for place in chance.choices(range(len(bundle)), k=100):
        other = bytearray(bundle)
        other[place] ^= 1 << chance.randrange(8)
        try:
            found = await checked(bytes(other))
        except Exception as error:
            assert "is no bundle" in str(error), (place, error)
            continue
        assert not found.ok or files_of(bytes(other)) == files, place


async def test_what_is_missing_added_or_said_twice_is_found(server: Running) -> None:
    files = files_of(await taken(server))
    for name in files:
        found = await checked(packed({one: files[one] for one in files if one != name}))
        assert found.bad == name
    found = await checked(packed(files | {"more.txt": b"more"}))
    assert (found.bad, found.reason) == ("more.txt", "the manifest does not name it")
    twice = io.BytesIO(packed(files))
    with ZipFile(twice, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("README.txt", files["README.txt"])
    assert (await checked(twice.getvalue())).bad == "the zip"


def forged(files: dict[str, bytes], folder: Path, **counts: Any) -> bytes:
    """The files with a manifest that fits them, signed by a key of the forger's own."""
    folder.mkdir(exist_ok=True)
    key = InstallationKey.load_or_make(folder)
    from scoreboard.admin.proof.layout import pem_of

    files = files | {"public-key.pem": pem_of(key.public)}
    manifest = json.loads(files["manifest.json"]) | counts
    manifest["members"] = {
        name: {"bytes": len(body), "sha256": sha256(body).hexdigest()}
        for name, body in files.items()
        if not name.startswith("manifest.")
    }
    said = json.dumps(manifest).encode()
    return packed(files | {"manifest.json": said, "manifest.sig": key.sign_bytes(said)})


async def test_a_forger_who_signs_anew_is_found_at_the_first_bad_position_or_board(
    server: Running, tmp_path: Path
) -> None:
    files = files_of(await taken(server))
    lines = files["ledger.ndjson"].splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if b'"id":"4"' in line and b"data" in line)

    def with_lines(*changed: bytes) -> bytes:
        return forged(files | {"ledger.ndjson": b"".join(changed)}, tmp_path / "forger")

    mended = lines[place].replace(b'\\"minute\\":4', b'\\"minute\\":9')
    assert mended != lines[place]
    found = await checked(with_lines(*lines[:place], mended, *lines[place + 1 :]))
    assert (found.bad, found.reason) == (
        f"position {place + 1}", "the payload is not the one that was written"
    )  # fmt: skip
    found = await checked(with_lines(*lines[:place], *lines[place + 1 :]))
    assert (found.bad, found.reason) == (f"position {place + 1}", "the entry is missing")
    found = await checked(with_lines(*lines[:-1]))
    assert found.bad == f"position {len(lines)}"

    board = json.loads(files["boards/standings.json"])
    board["content"]["rows"]["ada"]["figures"]["pts"] += 3
    shown = files | {"boards/standings.json": json.dumps(board).encode()}
    found = await checked(forged(shown, tmp_path / "forger"))
    assert (found.bad, found.reason) == (
        "board standings", "is not what the entries come to"
    )  # fmt: skip
    left_out = {name: body for name, body in files.items() if name != "boards/flags.json"}
    found = await checked(forged(left_out, tmp_path / "forger"))
    assert (found.bad, found.reason) == ("board flags", "is missing")

    same = await checked(forged(files, tmp_path / "forger"))
    assert same.ok  # but for the key:
    assert same.fingerprint != fingerprint_of(server.app.ledger.key.public)


async def test_the_command_line_takes_a_bundle_and_checks_it_with_no_server(
    server: Running, tmp_path: Path
) -> None:
    file = tmp_path / "cup.zip"
    where = ("--url", server.private_url, "--key", server.admin_key)
    told = await command("export", "--bundle", str(file), "cup", *where)
    assert told.exit_code == 0, told.output
    fingerprint = fingerprint_of(server.app.ledger.key.public)
    assert fingerprint in told.output
    good = await command("verify", str(file), "--fingerprint", fingerprint.upper())
    assert good.exit_code == 0, good.output
    assert fingerprint in good.output
    other = await command("verify", str(file), "--fingerprint", "00" * 32)
    assert (other.exit_code, "another key" in other.output) == (1, True)
    files = files_of(file.read_bytes())
    file.write_bytes(packed(files | {"README.txt": b"trust me"}))
    bad = await command("verify", str(file))
    assert bad.exit_code == 1
    assert "README.txt: is not the file that the manifest was signed with" in bad.output
    nowhere = await command("export", "--bundle", str(tmp_path / "x.zip"), "nowhere", *where)
    assert nowhere.exit_code == 1
    assert [path.name for path in tmp_path.glob("x.zip*")] == []


async def command(*words: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, main, list(words))


async def test_bundles_are_for_officials_and_say_so_of_a_frozen_competition(
    server: Running,
) -> None:
    async with client_of(server) as admin:
        keys = {}
        for role, reach in (("official", "cup"), ("official", "quiz"), ("device", "cup")):
            said = {"name": f"{role}-{reach}", "role": role, "competition": reach}
            made = await admin.post("/api/v1/keys", json=said)
            assert made.status_code == 201, made.text
            keys[role, reach] = made.json()["key"]
        frozen = {"id": "f", "source": "desk", "type": "competition.frozen"}
        (await admin.post(f"{API}/cup/events", json=frozen)).raise_for_status()
    for (role, reach), key in keys.items():
        async with client_of(server, key) as client:
            status = (await client.get(PATH)).status_code
            assert status == (200 if (role, reach) == ("official", "cup") else 403), (role, reach)
    async with httpx2.AsyncClient(base_url=server.public_url) as public:
        assert (await public.get(PATH)).status_code == 404
    bundle = await taken(server)
    assert (await checked(bundle)).frozen
    assert b"FROZEN" in files_of(bundle)["README.txt"]
    [*_, act] = [
        entry
        for entry in await server.app.ledger.read(0)
        if entry.type == "ledger.exported" and entry.actor.startswith("admin:")
    ]
    assert act.subject == "cup"


async def test_bundles_and_exports_share_their_places(settings: Settings) -> None:
    async with running(settings_of(settings, exports_max=1)) as server, client_of(server) as admin:
        await play(admin)
        async with server.app.projection.folding:  # so that the first cannot come to its end
            first = asyncio.create_task(admin.get(PATH))
            await asyncio.sleep(HEAD_START_S)
            while (second := await admin.get("/api/v1/export", params={"upto": 1})).is_success:
                if first.done():  # it came while that export had the place
                    first = asyncio.create_task(admin.get(PATH))
                await asyncio.sleep(HEAD_START_S)
            assert (second.status_code, second.headers["retry-after"]) == (503, "5")
            assert (await admin.get(PATH)).status_code == 503
        assert (await checked((await first).content)).ok
        assert (await admin.get("/api/v1/export", params={"upto": 1})).status_code == 200
