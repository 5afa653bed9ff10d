"""Results and start lists: stamped, safe in spreadsheets, and never past a freeze."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import Running, running
from scoreboard.boards.spreadsheet import safe
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
NAMES = {"ada": '=HYPERLINK("http://x")', "bel": 'Bel, the "Bell"', "cad": "Čád"}
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "results": {"approvals": 1},
    "entrants": [{"id": id_, "name": name} for id_, name in NAMES.items()],
    "groups": [
        {"id": "a", "name": "Group A", "entrants": ["ada", "bel"]},
        {"id": "b", "name": "Group B", "entrants": ["cad"]},
    ],
    "contests": [
        {"id": "m1", "name": "Opening", "entrants": ["ada", "bel"], "group": "a",
         "start": "2026-06-01T12:00:00Z"},
        {"id": "m2", "entrants": ["winner:m1", "cad"], "start": "2026-06-02T12:00:00Z"},
    ],
}  # fmt: skip
RUN = {
    "slug": "run",
    "name": "Run",
    "sport": "race",
    "entrants": [{"id": "7", "name": "Seven"}, {"id": "8", "name": "Eight"}],
    "contests": [{"id": "final", "name": "Final"}],
}


@pytest_asyncio.fixture
async def server(settings: Settings) -> AsyncIterator[Running]:
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as served:
        async with client_of(served) as admin:
            for competition in (CUP, RUN):
                (await admin.post(API, json=competition)).raise_for_status()
            await say(admin, "k", "football.kick_off")
            await say(admin, "1", "football.goal", team="ada", minute=3)
        yield served


def client_of(server: Running) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    return httpx2.AsyncClient(base_url=server.private_url, headers=headers, timeout=60)


def anybody(server: Running) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=server.public_url, timeout=60)


async def say(
    admin: httpx2.AsyncClient, id_: str, type_: str, contest: str | None = "m1", /, **data: Any
) -> int:
    event = {"id": id_, "source": "pad", "type": type_, "data": data}
    event |= {"contest": contest} if contest else {}
    answer = await admin.post(f"{API}/cup/events", json=event)
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    shown = await admin.get(f"{API}/cup/boards/standings", params={"after": position})
    assert shown.status_code == 200
    return position


def lines_of(answer: httpx2.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_results_are_the_ranking_with_the_stamp_of_its_board(server: Running) -> None:
    async with anybody(server) as public:
        board = (await public.get(f"{API}/cup/boards/standings")).json()
        sheet = (await public.get(f"{API}/cup/results.json", params={"group": "a"})).json()
        assert [(row["rank"], row["entrant"]) for row in sheet["rows"]] == [(1, "ada"), (2, "bel")]
        assert sheet["rows"][0]["figures"] == board["content"]["rows"]["ada"]["figures"]
        assert (sheet["position"], sheet["as_of"]) == (board["position"], board["as_of"])
        assert (sheet["state"], sheet["group_name"]) == ("not final", "Group A")
        answer = await public.get(f"{API}/cup/results.csv", params={"group": "a"})
        first, second = lines_of(answer)
        assert first["name"] == "'" + NAMES["ada"]
        assert second["name"] == NAMES["bel"]
        assert (first["pts"], second["gd"]) == ("3", "-1")  # a number stays one
        assert first["ledger_position"] == second["ledger_position"] == str(board["position"])
        assert (first["as_of"], first["state"]) == (board["as_of"], "not final")
        assert answer.content.count(b"\r\n") == 3
        assert 'filename="cup-results-a.csv"' in answer.headers["content-disposition"]
        headers = {"If-None-Match": answer.headers["etag"]}
        again = await public.get(f"{API}/cup/results.csv?group=a", headers=headers)
        assert again.status_code == 304
        marked = await public.get(f"{API}/cup/results.csv", params={"bom": "true"})
        assert marked.content.startswith(b"\xef\xbb\xbf")
        assert len(lines_of(marked)) == 3


async def test_the_result_of_a_contest_and_how_it_becomes_official(server: Running) -> None:
    path = f"{API}/cup/results.json?contest=m1"
    async with client_of(server) as admin, anybody(server) as public:
        before = (await public.get(path)).json()
        assert (before["contest_name"], before["state"]) == ("Opening", "not final")
        assert [row["figures"]["score"] for row in before["rows"]] == [1, 0]
        await say(admin, "ft", "football.full_time")
        assert (await public.get(path)).json()["state"] == "not final"  # nobody has approved it
        await say(admin, "word", "competition.result", None, contest="m1", state="official")
        assert (await public.get(path)).json()["state"] == "official"
        then = (await public.get(path, params={"contest": "m1", "at": before["position"]})).json()
        assert then == before
        for query in ("contest=m9", "group=x", "contest=m1&group=x", "at=x", "bom=maybe"):
            refused = await public.get(f"{API}/cup/results.csv?{query}")
            assert refused.status_code in (404, 422), query
            assert refused.json()["pointer"] == "/" + query.split("&")[-1].partition("=")[0]
        assert (await public.get(f"{API}/nowhere/results.json")).status_code == 404


async def test_a_ranking_that_goes_on_is_not_official_though_it_waits_for_no_contest(
    server: Running,
) -> None:
    open_ = {"slug": "open", "name": "Open", "sport": "points", "params": {"open_entry": True}}
    async with client_of(server) as admin, anybody(server) as public:
        (await admin.post(API, json=open_)).raise_for_status()
        assert (await public.get(f"{API}/open/results.json")).json()["state"] == "not final"


async def test_a_group_without_contests_is_not_official_when_another_is(server: Running) -> None:
    members = {"a": ["ada", "bel"], "b": ["cad"]}
    groups = [{"id": id_, "name": id_, "entrants": who} for id_, who in members.items()]
    contests = [{"id": "m1", "entrants": ["ada", "bel"], "group": "a"}]
    duo = CUP | {"slug": "duo", "groups": groups, "contests": contests, "results": {}}
    async with client_of(server) as admin, anybody(server) as public:
        (await admin.post(API, json=duo)).raise_for_status()
        for id_, type_ in (("duo-k", "football.kick_off"), ("duo-f", "football.full_time")):
            event = {"id": id_, "source": "pad", "type": type_, "contest": "m1", "data": {}}
            said = (await admin.post(f"{API}/duo/events", json=event)).raise_for_status().json()
        await public.get(f"{API}/duo/boards/standings?after={said['position']}")
        states = {}
        for group in ("a", "b"):
            path = f"{API}/duo/results.json?group={group}"
            states[group] = (await public.get(path)).json()["state"]
        assert states == {"a": "official", "b": "not final"}


async def test_start_lists_name_everybody_in_the_order_of_contests(server: Running) -> None:
    async with client_of(server) as admin, anybody(server) as public:
        lines = lines_of(await public.get(f"{API}/cup/startlist.csv"))
        assert [(one["contest"], one["number"], one["entrant"]) for one in lines] == [
            ("m1", "1", "ada"), ("m1", "2", "bel"), ("m2", "1", "winner:m1"), ("m2", "2", "cad"),
        ]  # fmt: skip
        assert lines[0]["start"] == "2026-06-01T12:00:00.000000Z"
        of_group = lines_of(await public.get(f"{API}/cup/startlist.csv?group=a"))
        assert [one["entrant"] for one in of_group] == ["ada", "bel"]
        of_m2 = (await public.get(f"{API}/cup/startlist.json?contest=m2")).json()
        assert [row["name"] for row in of_m2["rows"]] == ["Winner of Opening", NAMES["cad"]]
        everybody = (await public.get(f"{API}/run/startlist.json")).json()
        assert [row["name"] for row in everybody["rows"]] == ["Seven", "Eight"]
        await say(admin, "ft", "football.full_time")
        goes_on = (await public.get(f"{API}/cup/startlist.json?contest=m2")).json()
        assert [row["entrant"] for row in goes_on["rows"]] == ["ada", "cad"]


async def test_a_freeze_holds_in_every_table_and_officials_see_on(server: Running) -> None:
    async with client_of(server) as admin, anybody(server) as public:
        await say(admin, "f", "competition.frozen", None)
        paths = [
            f"{API}/cup/{name}.{kind}{query}"
            for name in ("results", "startlist")
            for kind in ("csv", "json")
            for query in ("", "?contest=m1", "?at=99999")
        ]
        before = {path: (await public.get(path)).content for path in paths}
        await say(admin, "late", "football.goal", team="bel", minute=9)
        await say(admin, "late-2", "football.goal", team="bel", minute=10)
        await say(admin, "ft", "football.full_time")
        assert {path: (await public.get(path)).content for path in paths} == before
        frozen = (await public.get(f"{API}/cup/results.json")).json()
        assert (frozen["frozen"], frozen["state"]) == (True, "not final")
        live = (await admin.get(f"{API}/cup/results.json")).json()
        assert (live["frozen"], live["rows"][0]["entrant"]) == (False, "bel")


@pytest.mark.parametrize("said", ["=1+1", "+A1", "-cmd", "@sum", "\tx", "-", "=", "+1 2", "-1e3"])
def test_what_a_spreadsheet_would_run_is_text(said: str) -> None:
    assert safe(said) == "'" + said


@pytest.mark.parametrize("said", ["", "Ada", "-3", "+4", "-1.5", "0", "a=b", "1:02.5"])
def test_what_no_spreadsheet_runs_is_left_as_it_is(said: str) -> None:
    assert safe(said) == said
