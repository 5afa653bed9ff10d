"""The 2018 World Cup as its devices would have sent it, on both databases.

Every match has a device with a key of its own; what was played at the same time is sent at the same
time; requests and answers are lost and sent again; what happened within a minute arrives in any
order. Boards are read from the public listener.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import worldcup
from devices import MODES, Device, LossyNetwork
from made_anew import Contents, contents, made_anew
from msgspec.structs import replace

from scoreboard.app import Running, running
from scoreboard.facts.document import Patch
from scoreboard.ledger.verify import verify
from scoreboard.settings import Settings

BASE = f"/api/v1/competitions/{worldcup.SLUG}"
EVENTS = f"{BASE}/events"
LOSS = 0.1
CORRECTIONS = 100  # on each database, of others on each


class Played:
    """The tournament as it was sent: the server, the official's client, what devices heard."""

    def __init__(self, server: Running, official: httpx2.AsyncClient) -> None:
        self.server = server
        self.official = official
        self.answers: dict[str, dict[str, Any]] = {}
        self.repeated = 0
        self.losses = {"request": 0, "answer": 0}

    async def contents(self) -> Contents:
        """The content of every board, as it stands."""
        return await contents(self.server.app.projection)

    async def board(self, name: str) -> dict[str, Any]:
        """A board's content over HTTP, with all that is in the ledger."""
        answer = await self.official.get(
            f"{BASE}/boards/{name}",
            params={"after": self.server.app.ledger.head.position},
        )
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()["content"]
        return content

    async def read_everything(self) -> Contents:
        """The same, each read over HTTP by an official."""
        boards = list(await self.contents())
        return {board: await self.board(board[1]) for board in boards}

    async def sign(self, record: str, **correction: Any) -> Contents:
        """Preview a correction and sign it; returns every board's content with it.

        What is emitted on the way must be what the preview showed, board by board.
        """
        proposal = {"corrections": [{"record": record, "reason": "a mistake", **correction}]}
        answer = await self.official.post(f"{BASE}/corrections/preview", json=proposal)
        assert answer.status_code == 200, answer.text
        preview = answer.json()
        shown = [(c["board"], c["before"], c["merge"]) for c in preview.pop("boards")]
        emitted: list[Patch] = []
        heard = self.server.app.projection.shelf.on_change
        heard.append(emitted.append)
        answer = await self.official.post(f"{BASE}/corrections", json=proposal | preview)
        assert answer.status_code == 201, answer.text
        await self.board("standings")
        heard.remove(emitted.append)
        boards = {board for board, _before, _merge in shown}
        told = [p for p in emitted if p.merge or p.after.board in boards]  # else: other rules alone
        assert sorted((p.after.board, p.before, p.merge) for p in told) == sorted(shown)
        return await self.contents()

    async def undo(self, record: str, **correction: Any) -> Contents:
        """Correct a record back, without looking; returns every board's content with it."""
        path = f"{BASE}/records/{record}/corrections"
        answer = await self.official.post(path, json={"reason": "as it was", **correction})
        assert answer.status_code == 201, answer.text
        await self.board("standings")
        return await self.contents()


@pytest_asyncio.fixture(scope="module")
async def played(shared_settings: Settings) -> AsyncIterator[Played]:
    """One for all tests here, which leave the tournament as it was played."""
    settings = replace(shared_settings, private_port=0, public_port=0)
    async with running(settings) as server, client_of(server, server.admin_key) as official:
        answer = await official.post("/api/v1/competitions", json=worldcup.competition(drawn=True))
        assert answer.status_code == 201, answer.text
        played = Played(server, official)
        await play(played, random.Random(2018))
        yield played


def client_of(server: Running, key: str, **more: Any) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=30, **more)


async def play(played: Played, chance: random.Random) -> None:
    """Send everything: days in turn, each day's devices at once."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for event in arriving(worldcup.events(), chance):
        by_source.setdefault(event["source"], []).append(event)
    days: dict[Any, list[str]] = {}
    for source, events in by_source.items():
        days.setdefault(when(events[0]).date(), []).append(source)
    mode = 0
    for day in sorted(days):
        devices = []
        for source in days[day]:
            mode += 1
            devices.append(send(played, source, by_source[source], MODES[mode % 3], chance))
        await asyncio.gather(*devices)


def arriving(events: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Events by arrival: up to a minute after they happened."""
    late = {id(e): when(e) + timedelta(seconds=chance.uniform(0, 60)) for e in events}
    return sorted(events, key=lambda event: late[id(event)])


def when(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["time"])


async def send(
    played: Played, source: str, events: list[dict[str, Any]], mode: str, chance: random.Random
) -> None:
    answer = await played.official.post("/api/v1/keys", json={"name": source, "role": "device"})
    assert answer.status_code == 201, answer.text
    network = LossyNetwork(random.Random(chance.random()), LOSS)
    async with client_of(played.server, answer.json()["key"], transport=network) as client:
        device = Device(client, EVENTS, mode, random.Random(chance.random()))
        await device.send(events)
    assert set(device.answers) == {event["id"] for event in events}
    played.answers |= device.answers
    played.repeated += device.repeated
    for kind, count in network.losses.items():
        played.losses[kind] += count


async def test_64_scores_and_8_tables_read_over_http_are_the_official_ones(
    played: Played,
) -> None:
    assert played.repeated > 20
    assert min(played.losses.values()) > 20
    lines = {id_: row["line"] for id_, row in (await played.board("contests"))["rows"].items()}
    official = worldcup.official_scores()
    assert {id_: line["periods"] for id_, line in lines.items()} == official
    assert {id_: line["score"] for id_, line in lines.items()} == {
        id_: score.get("extra_time", score["full_time"]) for id_, score in official.items()
    }
    rows = (await played.board("standings"))["rows"]
    for group, table in worldcup.official_tables().items():
        found = [
            {"entrant": entrant, "rank": row["rank"], **row["figures"]}
            for entrant, row in rows.items()
            if row["group"] == group
        ]
        found.sort(key=lambda row: row["rank"])
        assert found == table
    assert (await played.board("flags"))["rows"] == {}


async def test_every_event_is_in_the_ledger_once_where_its_device_was_told(
    played: Played,
) -> None:
    ledger = played.server.app.ledger
    said = [e for e in await ledger.read(0, limit=10_000, competition=worldcup.SLUG) if e.contest]
    told = {id_: (a["position"], a["record"], a["version"]) for id_, a in played.answers.items()}
    del told["lots-h"]  # the one ruling that belongs to no contest
    assert {e.id: (e.position, e.record, e.version) for e in said} == told
    assert len(said) == len(told)
    assert (await verify(ledger.engine)).ok


async def test_the_knock_outs_are_those_that_were_played_though_nobody_named_who_met(
    played: Played,
) -> None:
    official = {c["id"]: c["entrants"] for c in worldcup.competition()["contests"]}
    drawn = worldcup.competition(drawn=True)["contests"]
    assert sum(official[c["id"]] != c["entrants"] for c in drawn) == 16
    for name in ("contests", "bracket"):
        rows = (await played.board(name))["rows"]
        derived = {id_: [one["id"] for one in row["entrants"]] for id_, row in rows.items()}
        assert derived == {id_: official[id_] for id_ in rows}
    assert rows["m64"]["placings"] == ["FRA", "CRO"]
    assert rows["m63"]["placings"] == ["BEL", "ENG"]


async def test_a_goal_that_would_have_swapped_who_went_on_calls_for_a_ruling(
    played: Played,
) -> None:
    """Without Iran's late penalty Portugal would have won group B, and met Russia, not Uruguay."""
    before = await played.read_everything()
    [late] = [e for e in worldcup.events() if e["data"].get("player") == "Karim Ansarifard"]
    record = played.answers[late["id"]]["record"]
    after = await played.sign(record, action="void")
    assert after[worldcup.SLUG, "flags"]["needs_ruling"] == {
        "m50": {"played": ["URU", "POR"], "goes_on": ["URU", "ESP"]},
        "m51": {"played": ["ESP", "RUS"], "goes_on": ["POR", "RUS"]},
    }
    assert await played.undo(record, action="restore") == before


@pytest.mark.parametrize(
    "params",
    [{"win": 2}, {"ties": ["goals", "points", "goal_difference", "lots"]}],
    ids=["two points for a win", "goals before points"],
)
async def test_by_other_rules_tables_are_those_of_a_plain_computation_and_back(
    played: Played, params: dict[str, Any]
) -> None:
    drawn = worldcup.competition(drawn=True)
    before = await played.read_everything()
    tables = worldcup.plain_tables(params)
    after = await played.sign("competition", action="amend", data=drawn | {"params": params})
    rows = after[worldcup.SLUG, "standings"]["rows"]
    found: dict[str, dict[str, tuple[int, int]]] = {group: {} for group in tables}
    for entrant, row in rows.items():
        found[row["group"]][entrant] = (row["rank"], row["figures"]["pts"])
    assert found == tables
    assert after[worldcup.SLUG, "flags"].get("needs_ruling", {}) == swapped(drawn, tables)
    for name in ("standings", "contests", "bracket", "flags", "box:m50"):
        answer = await played.official.get(f"{BASE}/boards/{name}", params={"rules": 1})
        assert answer.json()["content"] == before[worldcup.SLUG, name]
    assert await played.undo("competition", action="amend", data=drawn) == before
    listed = (await played.official.get(f"{BASE}/rules")).json()["rules"]
    assert [one["params"] for one in listed[-3:]] == [{}, params, {}]


def swapped(
    drawn: dict[str, Any], tables: dict[str, dict[str, tuple[int, int]]]
) -> dict[str, dict[str, list[str]]]:
    """The matches after the groups that others would have played by these tables."""
    official = {c["id"]: c["entrants"] for c in worldcup.competition()["contests"]}
    found = {}
    for contest in drawn["contests"]:
        if not contest["entrants"][0].startswith("place:"):
            continue
        goes_on = []
        for reference in contest["entrants"]:
            _place, group, rank = reference.split(":")
            goes_on += [e for e, (at, _pts) in tables[group].items() if at == int(rank)]
        if goes_on != official[contest["id"]]:
            found[contest["id"]] = {"played": official[contest["id"]], "goes_on": goes_on}
    return found


async def test_what_is_previewed_signed_and_undone_leaves_every_board_as_it_was(
    played: Played, shared_settings: Settings
) -> None:
    told = {event["id"]: event for event in worldcup.events()}
    before = await played.read_everything()
    chance = random.Random(11 if shared_settings.database else 7)
    for _ in range(CORRECTIONS):
        id_ = chance.choice(sorted(told))
        record, data = played.answers[id_]["record"], told[id_]["data"]
        wrong = otherwise(data, chance)
        if wrong is None:
            corrected = await played.sign(record, action="void")
            undone = await played.undo(record, action="restore")
        else:
            corrected = await played.sign(record, action="amend", data=wrong)
            undone = await played.undo(record, action="amend", data=data)
        assert corrected != before, told[id_]
        assert undone == before, told[id_]
    assert await played.read_everything() == before


def otherwise(data: dict[str, Any], chance: random.Random) -> dict[str, Any] | None:
    """A payload with another truth in it; None where the event is to be voided instead."""
    if "minute" in data and chance.random() < 0.7:
        return {**data, "minute": (data["minute"] + chance.randint(1, 30)) % 90 or 1}
    if "scored" in data and chance.random() < 0.7:
        return {**data, "scored": not data["scored"]}
    return None


async def test_boards_made_anew_from_the_ledger_are_the_live_ones(
    played: Played, tmp_path: Path
) -> None:
    live = await played.contents()
    assert len(live) == 5 + 2 * 64
    assert await made_anew(played.server.app.ledger, tmp_path) == live
