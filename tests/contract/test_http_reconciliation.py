"""Shots and strokes reconciled over real sockets, on both databases."""

import asyncio
import contextlib

import httpx2
import msgspec
import pytest
import pytest_asyncio
import simulator_golf
from click.testing import CliRunner
from made_anew import contents, made_anew
from simulator_golf import record

from scoreboard.app import running
from scoreboard.cli import main
from scoreboard.cli.client import console
from scoreboard.cli.serving import rebuild_all

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
LIST = f"{API}/bays/reconciliation"


class Desk:
    """An official's desk at a running server, and what the public can ask it."""

    def __init__(self, server, client, public):
        self.server = server
        self.client = client
        self.public = public
        self.last = 0

    async def say(self, *events):
        for first in range(0, len(events), 500):
            answer = await self.client.post(f"{API}/bays/events", json=events[first : first + 500])
            assert answer.status_code in (200, 207), answer.text
            results = answer.json()["results"]
            assert all(one["status"] == 201 for one in results), results
            self.last = max(one["position"] for one in results)

    async def board(self, name, client=None, **params):
        params = params or {"after": self.last}
        answer = await (client or self.client).get(f"{API}/bays/boards/{name}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["content"]

    async def waiting(self, **params):
        answer = await self.client.get(LIST, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ruled(self, action, **said):
        body = {"action": action, "reason": "seen on the video", **said}
        return await self.client.post(LIST, json=body)

    async def rule(self, action, **said):
        answer = await self.ruled(action, **said)
        assert answer.status_code == 201, answer.text
        self.last = answer.json()["position"]
        return answer.json()

    async def both(self, **params):
        """What is combined (decisions by observation), and what waits and why."""
        combined = await self.board("combined:r1", **params)
        waits = await self.board("reconciliation:r1", **params)
        return (
            {shot: list(row["decided"]) for shot, row in combined["rows"].items()},
            {one: row["why"] for one, row in waits["rows"].items()},
        )


@contextlib.asynccontextmanager
async def desk_of(settings, key=None):
    free = msgspec.structs.replace(
        settings,
        private_port=0,
        public_port=0,
        limits=msgspec.structs.replace(settings.limits, board_rows_max=5_000),
    )
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(free))
        key = key or server.admin_key
        client = await stack.enter_async_context(
            httpx2.AsyncClient(
                base_url=server.private_url, headers={"Authorization": f"Bearer {key}"}
            )
        )
        public = await stack.enter_async_context(httpx2.AsyncClient(base_url=server.public_url))
        desk = Desk(server, client, public)
        desk.key = key
        yield desk


@pytest_asyncio.fixture
async def desk(settings):
    async with defined_desk_of(settings) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module")
async def refused_desk(shared_settings):
    """A desk all whose rulings are refused, so that one serves for all of them."""
    async with defined_desk_of(shared_settings) as desk:
        card = stroke("card") | {"type": "golf.carded", "data": {"entrant": "g00", "total": 30}}
        await desk.say(shot("a"), stroke("x"), stroke("gone"), card)
        void = {"action": "void", "reason": "not played"}
        await desk.client.post(f"{API}/bays/records/scorer/gone/corrections", json=void)
        yield desk


@contextlib.asynccontextmanager
async def defined_desk_of(settings):
    async with desk_of(settings) as desk:
        answer = await desk.client.post(API, json=simulator_golf.COMPETITION)
        assert answer.status_code == 201, answer.text
        yield desk


def shot(id_, at_s=10.0, entrant="g00", **data):
    data = {"entrant": entrant, **data}
    return simulator_golf.said(id_, "sim", "golf.shot", at_s, data)


def stroke(id_, at_s=12.0, hole=1, number=1, **data):
    data = {"entrant": "g00", "hole": hole, "number": number, **data}
    return simulator_golf.said(id_, "scorer", "golf.stroke", at_s, data)


# the list worked through --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_field_of_thirty_told_in_a_mixed_order_is_worked_through(desk, seed, tmp_path):
    played = simulator_golf.field(seed)
    await desk.say(*simulator_golf.events(played, seed))
    combined, waiting = simulator_golf.expected(played)
    assert len(combined) > 900
    assert set(waiting.values()) == {"doubtful", "unmatched"}
    assert await desk.both() == ({shot: [one] for shot, one in combined.items()}, waiting)
    assert await listed(desk) == waiting

    await work_through(desk, played)
    assert (await desk.waiting())["total"] == 0
    rest = {
        record(one.shots[0]): [record(one.stroke)] for one in played if one.shots and one.stroke
    }
    assert await desk.both() == (rest, {})
    live = await contents(desk.server.app.projection)
    assert await made_anew(desk.server.app.ledger, tmp_path / "anew") == without_bound(live)


def without_bound(live):
    """Boards as a projection with the usual bound of rows makes them."""
    shown = dict(live)
    rows = shown["bays", "combined:r1"]["rows"]
    newest = sorted(rows, key=lambda one: (rows[one]["at_ms"], one))[-500:]
    shown["bays", "combined:r1"] = shown["bays", "combined:r1"] | {
        "rows": {one: rows[one] for one in newest}
    }
    return shown


async def listed(desk):
    """What waits, page by page, and why."""
    found, after = {}, {}
    while True:
        page = await desk.waiting(limit=40, **after)
        assert len(page["waiting"]) <= 40
        found |= {one["record"]: one["why"] for one in page["waiting"]}
        if "next" not in page:
            assert len(found) == page["total"]
            return found
        after = {"after": page["next"]}


async def work_through(desk, played):
    """Rule as an official would who has seen every stroke."""
    for one in played:
        if len(one.shots) == 2:
            await desk.rule("dismiss", record=record(one.shots[1]))
        if one.mistaken and one.stroke:
            pair = {"observed": record(one.shots[0]), "decided": record(one.stroke)}
            await desk.rule("link", **pair)
        elif one.stroke is None:
            for seen in one.shots[:1]:
                await desk.rule("dismiss", record=record(seen))
        elif not one.shots:
            await desk.rule("dismiss", record=record(one.stroke))


# rulings ------------------------------------------------------------------------------------------


async def test_what_waits_is_listed_with_what_was_said_and_candidates_by_distance(desk):
    await desk.say(shot("a", 10.0, hole=1, number=1, carry=99.5), shot("b", 11.5, hole=1, number=1))
    await desk.say(stroke("x", 12.0))
    page = await desk.waiting()
    assert page["total"] == 3
    assert page["waiting"][0] == {
        "contest": "r1",
        "record": "sim/a",
        "side": "observed",
        "why": "doubtful",
        "type": "golf.shot",
        "said": {"entrant": "g00", "hole": 1, "number": 1, "carry": 99.5},
        "href": f"{API}/bays/records/sim/a",
        "candidates": [{"record": "scorer/x", "distance_ms": 2_000, "entrant": "g00"}],
        "entrant": "g00",
        "at_ms": 1_777_708_810_000,
    }
    assert page["waiting"][2]["candidates"] == [
        {"record": "sim/b", "distance_ms": 500, "entrant": "g00"},
        {"record": "sim/a", "distance_ms": 2_000, "entrant": "g00"},
    ]


async def test_a_ruling_says_who_and_why_can_be_sent_again_and_undone(desk):
    await desk.say(shot("a", hole=1, number=1), stroke("x"), stroke("y", 300.0, number=2))
    pair = {"observed": "sim/a", "decided": "scorer/y"}
    ruled = await desk.rule("link", **pair, id="r-1")
    assert await desk.both() == ({"sim/a": ["scorer/y"]}, {"scorer/x": "unmatched"})
    again = await desk.ruled("link", **pair, id="r-1")
    assert (again.status_code, again.json()) == (200, ruled)
    [version] = (await desk.client.get(f"{API}/bays/records/{ruled['record']}")).json()["versions"]
    assert version["type"] == "ruling.linked"
    assert (version["actor"], version["reason"]) == ("admin:first-admin", "seen on the video")
    undo = {"positions": [ruled["position"]], "reason": "it was the other one"}
    answer = await desk.client.post(f"{API}/bays/undo", json=undo)
    assert answer.status_code == 201, answer.text
    desk.last = answer.json()["corrections"][0]["position"]
    assert await desk.both() == ({"sim/a": ["scorer/x"]}, {"scorer/y": "unmatched"})


async def test_rulings_are_listed_with_who_why_and_whether_they_count(desk):
    await desk.say(shot("a", hole=1, number=1), stroke("x"), stroke("y", 300.0, number=2))
    first = await desk.rule("dismiss", record="scorer/y")
    second = await desk.rule("link", observed="sim/a", decided="scorer/x")
    undo = {"positions": [first["position"]], "reason": "it was played"}
    assert (await desk.client.post(f"{API}/bays/undo", json=undo)).status_code == 201
    listed = (await desk.client.get(f"{LIST}/rulings")).json()["rulings"]
    assert [(one["position"], one["in_force"]) for one in listed] == [
        (first["position"], False),
        (second["position"], True),
    ]
    assert listed[0]["data"] == {"record": "scorer/y"}
    assert {(one["actor"], one["reason"], one["contest"]) for one in listed} == {
        ("admin:first-admin", "seen on the video", "r1")
    }
    page = (await desk.client.get(f"{LIST}/rulings", params={"limit": 1})).json()
    assert [one["position"] for one in page["rulings"]] == [first["position"]]
    rest = await desk.client.get(f"{LIST}/rulings", params={"after": page["next"]})
    assert rest.json() == {"rulings": listed[1:]}
    assert (await desk.public.get(f"{LIST}/rulings")).status_code == 404


async def test_what_is_unlinked_waits_and_what_is_corrected_joins_again(desk):
    await desk.say(shot("a", hole=1, number=1), stroke("x"))
    await desk.rule("unlink", observed="sim/a", decided="scorer/x")
    assert (await desk.both())[1] == {"sim/a": "unmatched", "scorer/x": "unmatched"}
    data = {"entrant": "g00", "hole": 2, "number": 1}
    await desk.say(stroke("y", 90.0, hole=2))
    correction = {"action": "amend", "reason": "second hole", "data": data}
    answer = await desk.client.post(f"{API}/bays/records/sim/a/corrections", json=correction)
    desk.last = answer.json()["position"]
    assert await desk.both() == ({"sim/a": ["scorer/y"]}, {"scorer/x": "unmatched"})


async def test_a_ruling_is_told_as_a_correction_of_what_was_combined(desk):
    await desk.say(shot("a", hole=1, number=1))
    await desk.say(stroke("x"))
    await desk.board("combined:r1")
    wrong = await desk.client.get(f"{API}/bays/boards/combined:r1")
    await desk.rule("unlink", observed="sim/a", decided="scorer/x")
    await desk.board("combined:r1")
    url = f"{API}/bays/boards/combined:r1/corrections"
    [notice] = (await desk.client.get(url)).json()["corrections"]
    assert notice["wrong_from"] == wrong.json()["version"]
    assert any(one["pointer"].startswith("/rows/sim~1a/") for one in notice["changes"])
    waits = await desk.client.get(f"{API}/bays/boards/reconciliation:r1/corrections")
    assert waits.json()["corrections"] == []


@pytest.mark.parametrize(
    ("said", "status", "pointer"),
    [
        ({"action": "link", "observed": "sim/a", "decided": "scorer/none"}, 404, "/decided"),
        ({"action": "link", "observed": "scorer/x", "decided": "sim/a"}, 409, "/observed"),
        ({"action": "link", "observed": "sim/a", "decided": "scorer/gone"}, 409, "/decided"),
        ({"action": "dismiss", "record": "scorer/card"}, 409, "/record"),
        ({"action": "dismiss", "record": "sim/\0"}, 404, "/record"),
        ({"action": "dismiss"}, 422, "/record"),
        ({"action": "marry", "record": "sim/a"}, 422, "/action"),
    ],
)
async def test_what_cannot_be_ruled_is_refused_with_a_pointer(refused_desk, said, status, pointer):
    answer = await refused_desk.client.post(LIST, json={"reason": "why", **said})
    assert (answer.status_code, answer.json().get("pointer")) == (status, pointer), answer.text


async def test_a_device_can_neither_rule_nor_see_the_list(desk):
    wanted = {"role": "device", "name": "sim-1"}
    made = (await desk.client.post("/api/v1/keys", json=wanted)).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    await desk.say(shot("a"))
    data = {"record": "sim/a"}
    event = shot("r") | {"type": "ruling.dismissed", "data": data}
    for answer in (
        await desk.client.get(LIST, headers=headers),
        await desk.client.post(LIST, headers=headers, json={"action": "dismiss", **data}),
        await desk.client.post(f"{API}/bays/events", headers=headers, json=event),
        await desk.client.get(f"{API}/bays/boards/reconciliation:r1", headers=headers),
    ):
        assert answer.status_code == 403, answer.text


async def test_an_official_can_rule_by_events_too(desk):
    ruling = shot("r") | {"type": "ruling.dismissed", "data": {"record": "sim/a"}}
    await desk.say(shot("a"), ruling)
    assert await desk.both() == ({}, {})
    answer = await desk.client.post(f"{API}/bays/events", json=ruling | {"contest": None})
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/contest")


async def test_the_command_line_shows_what_waits_and_rules(desk, monkeypatch):
    monkeypatch.setattr(console, "width", 250)  # a wide terminal: nothing is wrapped

    async def command(*words):
        where = ["--url", desk.server.private_url, "--key", desk.key]
        told = ["reconcile", "bays", *words, *where]
        return await asyncio.to_thread(CliRunner().invoke, main, told)

    await desk.say(shot("a", hole=1, number=1), shot("b", 11.0, hole=1, number=1), stroke("x"))
    shown = (await command()).output
    assert "sim/b 1 s (g00)" in shown
    assert shown.count("doubtful") == 3
    refused = await command("--dismiss", "sim/a")
    assert (refused.exit_code, "--reason" in refused.output) == (1, True)
    ruled = await command("--link", "sim/a", "scorer/x", "--reason", "seen")
    assert "in the ledger at" in ruled.output
    listed = (await command("--rulings")).output
    assert "ruling.linked" in listed
    assert "sim/a scorer/x" in listed
    shown = (await command("--contest", "r1")).output
    assert shown.count("unmatched") == 1
    assert "scorer/x 1 s (g00) taken" in shown


async def test_pages_are_asked_for_within_bounds(desk):
    for query, pointer in (("limit=0", "/limit"), ("limit=501", "/limit"), ("after=x", "/after")):
        answer = await desk.client.get(f"{LIST}?{query}")
        assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)
    await desk.say(shot("a"))
    assert (await desk.waiting(contest="elsewhere")) == {"waiting": [], "total": 0}


# time and audience --------------------------------------------------------------------------------


async def test_it_is_as_it_was_after_a_restart_a_rebuild_and_at_any_position(settings):
    stood = []
    async with desk_of(settings) as desk:
        key = desk.key
        await desk.client.post(API, json=simulator_golf.COMPETITION)
        await desk.say(shot("a", hole=1, number=1), stroke("x"), stroke("y", 300.0, number=2))
        stood.append((desk.last, await desk.both()))
        await desk.rule("link", observed="sim/a", decided="scorer/y")
        stood.append((desk.last, await desk.both()))
    assert stood[0] != stood[1]
    async with desk_of(settings, key) as desk:
        assert await desk.both(after=stood[1][0]) == stood[1][1]
        assert (await desk.waiting())["total"] == 1
        for position, both in stood:
            assert await desk.both(at=position) == both
        await desk.rule("dismiss", record="scorer/x")
        last = await desk.both()
        assert last == ({"sim/a": ["scorer/y"]}, {})
    await rebuild_all(settings)
    async with desk_of(settings, key) as desk:
        assert await desk.both(after=0) == last


async def test_a_record_that_is_voided_after_a_restart_is_combined_no_longer(settings):
    async with desk_of(settings) as desk:
        key = desk.key
        await desk.client.post(API, json=simulator_golf.COMPETITION)
        await desk.say(shot("a", hole=1, number=1), stroke("x"))
        assert (await desk.both())[0]
    async with desk_of(settings, key) as desk:
        for of in ("sim/a", "scorer/x"):
            void = {"action": "void", "reason": "not played"}
            answer = await desk.client.post(f"{API}/bays/records/{of}/corrections", json=void)
            desk.last = answer.json()["position"]
        assert await desk.both() == ({}, {})


async def test_the_public_sees_what_is_combined_but_never_what_waits_nor_past_a_freeze(desk):
    await desk.say(shot("a", hole=1, number=1), stroke("x"), shot("lone", 900.0))
    before = await desk.board("combined:r1", desk.public)
    assert list(before["rows"]) == ["sim/a"]
    frozen = {"id": "f", "source": "desk", "type": "competition.frozen", "data": {}}
    await desk.say(frozen)
    secret = 123.25
    await desk.say(shot("late", 600.0, hole=2, number=1, carry=secret), stroke("y", 601.0, hole=2))
    await desk.rule("unlink", observed="sim/a", decided="scorer/x")
    assert list((await desk.both())[0]) == ["sim/late"]
    assert await desk.board("combined:r1", desk.public) == before
    listed = (await desk.public.get(f"{API}/bays/boards")).json()["boards"]
    seen = [
        await desk.public.get(f"{API}/bays/boards/{one['board']}{query}")
        for one in listed
        for query in ("", f"?at={desk.last}", f"?after={desk.last}")
    ]
    for answer in seen:
        assert answer.status_code == 200
        assert str(secret) not in answer.text
        assert "late" not in answer.text
    for path in (
        LIST,
        f"{API}/bays/boards/reconciliation:r1",
        f"{API}/bays/boards/reconciliation:r1/stream",
        f"{API}/bays/boards/reconciliation:r1?at={desk.last}",
    ):
        assert (await desk.public.get(path)).status_code == 404, path
    names = {one["board"] for one in listed}
    assert "combined:r1" in names
    assert "reconciliation:r1" not in names


async def test_a_reveal_goes_on_to_the_last_ruling(desk):
    await desk.say({"id": "f", "source": "desk", "type": "competition.frozen", "data": {}})
    await desk.say(shot("a", hole=1, number=1), stroke("x", hole=2), stroke("y"))
    await desk.rule("link", observed="sim/a", decided="scorer/x")
    for _step in range(5):
        answer = await desk.client.post(f"{API}/bays/reveal", json={})
        if answer.status_code == 200:
            break
        desk.last = answer.json()["position"]
    assert answer.json() == {"position": None, "records": []}
    await desk.board("combined:r1")
    rows = (await desk.board("combined:r1", desk.public))["rows"]
    assert {shot: list(row["decided"]) for shot, row in rows.items()} == {"sim/a": ["scorer/x"]}


async def test_a_preview_shows_what_would_be_combined_and_wait(desk):
    await desk.say(shot("a", hole=1, number=1), stroke("x"))
    await desk.board("combined:r1")
    wanted = {"corrections": [{"record": "sim/a", "action": "void", "reason": "a practice swing"}]}
    answer = await desk.client.post(f"{API}/bays/corrections/preview", json=wanted)
    merges = {one["board"]: one["merge"] for one in answer.json()["boards"]}
    assert merges["combined:r1"] == {"rows": {"sim/a": None}, "total": 0}
    assert list(merges["reconciliation:r1"]["rows"]) == ["scorer/x"]
    wanted |= {name: answer.json()[name] for name in ("basis", "digest")}
    signed = await desk.client.post(f"{API}/bays/corrections", json=wanted)
    assert signed.status_code == 201, signed.text
    desk.last = signed.json()["corrections"][-1]["position"]
    assert await desk.both() == ({}, {"scorer/x": "unmatched"})


async def test_a_competition_whose_sport_joins_nothing_takes_no_rulings(desk):
    quiz = {"slug": "quiz", "name": "Quiz", "sport": "points", "contests": [{"id": "r1"}]}
    assert (await desk.client.post(API, json=quiz)).status_code == 201
    data = {"record": "sim/a"}
    event = {"id": "1", "source": "s", "type": "ruling.dismissed", "contest": "r1", "data": data}
    answer = await desk.client.post(f"{API}/quiz/events", json=event)
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/type")
    listed = await desk.client.get(f"{API}/quiz/reconciliation")
    assert listed.json() == {"waiting": [], "total": 0}


# explained ----------------------------------------------------------------------------------------

RACE = {
    "slug": "fit",
    "name": "Fitness race",
    "sport": "race",
    "params": {
        "points": [{"id": "start"}, {"id": "out", "readers": ["mat1"]}, {"id": "finish"}],
        "stations": [{"id": "sled", "no_rep": 15_000, "point": "out"}],
    },
    "entrants": [{"id": "ada", "name": "Ada", "attributes": {"chip": "c1"}}],
    "contests": [{"id": "heat"}],
}


async def explained(client, slug, board, entrant):
    """The figures of a row, each with the records that did something to it."""
    path = f"{API}/{slug}/boards/{board}/rows/{entrant}/explain"
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["figures"]


async def test_a_split_and_a_no_rep_explain_each_other(desk):
    assert (await desk.client.post(API, json=RACE)).status_code == 201
    told = (
        ("g", "gun", {"at": 0}),
        ("r", "read", {"reader": "mat1", "at": 300_000, "chip": "c1"}),
        ("n", "reps", {"entrant": "ada", "station": "sled", "no_reps": 2, "at": 280_000}),
    )
    events = [
        {"id": id_, "source": "x", "type": f"race.{type_}", "contest": "heat", "data": data}
        for id_, type_, data in told
    ]
    answer = await desk.client.post(f"{API}/fit/events", json=events)
    after = {"after": answer.json()["results"][-1]["position"]}
    [row] = (
        (await desk.client.get(f"{API}/fit/boards/combined:heat", params=after))
        .json()["content"]["rows"]
        .values()
    )
    assert row["combined"] == {
        "station": "sled",
        "read_ms": 300_000,
        "good": 0,
        "no_reps": 2,
        "penalty_ms": 30_000,
    }
    figures = await explained(desk.client, "fit", "box:heat", "ada")
    [split], [no_reps] = (
        [part for part in figures[name]["parts"] if part.get("record") == record]
        for name, record in (("leg1_ms", "x/r"), ("no_reps", "x/n"))
    )
    why = {"by": "key", "distance_ms": 20_000}
    path = f"{API}/fit/records/x"
    assert split["joined"] == [{"record": "x/n", **why, "href": f"{path}/n"}]
    assert no_reps["joined"] == [{"record": "x/r", **why, "href": f"{path}/r"}]


async def test_the_public_is_told_of_no_partner_that_came_after_a_freeze(desk):
    await desk.say(stroke("x", holed=True))
    await desk.say({"id": "f", "source": "desk", "type": "competition.frozen", "data": {}})
    await desk.say(shot("late", hole=1, number=1))
    await desk.board("combined:r1")
    for client, partners in ((desk.client, ["sim/late"]), (desk.public, [])):
        figures = await explained(client, "bays", "standings", "g00")
        [part] = [one for one in figures["total"]["parts"] if one.get("record") == "scorer/x"]
        assert [one["record"] for one in part.get("joined", [])] == partners
