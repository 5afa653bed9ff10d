"""Rules that change while the competition runs: listed, previewed, and read by other versions."""

import asyncio
import itertools

import httpx2
import msgspec
import pytest
import pytest_asyncio
from click.testing import CliRunner
from follower import Follower

from scoreboard.app import running
from scoreboard.cli import main
from scoreboard.facts.document import merge
from scoreboard.settings import Projection

pytestmark = pytest.mark.one_database

# Ada has won once, the others have drawn twice: by two points for a win all have two points, and
# goal difference puts Ada and Bel first; Ada and Dot have the most goals.
TEAMS = {"ada": "Ada", "bel": "Bel", "cyd": "Cyd", "dot": "Dot"}
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "params": {"win": 2},
    "entrants": [{"id": id_, "name": name} for id_, name in TEAMS.items()],
    "groups": [{"id": "a", "name": "Group A", "entrants": list(TEAMS)}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "dot"], "group": "a"},
        {"id": "m2", "entrants": ["bel", "cyd"], "group": "a"},
        {"id": "m3", "entrants": ["bel", "dot"], "group": "a"},
        {"id": "m4", "entrants": ["cyd", "dot"], "group": "a"},
        {"id": "final", "entrants": ["place:a:1", "place:a:2"]},
    ],
}
GOALS = {
    "m1": ["ada", "dot", "ada", "dot", "ada", "dot", "ada"],
    "m2": ["bel", "cyd"],
    "m3": ["bel", "dot"],
    "m4": [],
}
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "params": {"mode": "sum"},
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(3)],
    "contests": [{"id": "r1"}],
}
SCORES = [("p0", 3), ("p0", 3), ("p1", 5), ("p2", 4), ("p2", -2), ("p0", -1)]
API = "/api/v1/competitions"


@pytest_asyncio.fixture
async def server(settings):
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1)
    )
    async with running(free) as server:
        yield server


@pytest_asyncio.fixture
async def client(server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(
        base_url=server.private_url, headers=headers, timeout=30
    ) as client:
        for competition in (CUP, QUIZ):
            assert (await client.post(API, json=competition)).status_code == 201
        for contest, scorers in GOALS.items():
            goals = [("goal", {"team": team, "minute": 10 + n}) for n, team in enumerate(scorers)]
            said = [("kick_off", {"period": "first"}), *goals, ("full_time", {})]
            await post(client, "cup", *(football(contest, kind, **data) for kind, data in said))
        await post(client, "quiz", *itertools.starmap(scored, SCORES))
        yield client


@pytest_asyncio.fixture
async def public(server, client):
    async with httpx2.AsyncClient(base_url=server.public_url) as public:
        yield public


async def post(client, slug, *events):
    said = [{"id": f"e{await count(client, slug)}", "source": "pad", **event} for event in events]
    answer = await client.post(f"{API}/{slug}/events", json=said)
    outcomes = answer.json()["results"]
    assert {one["status"] for one in outcomes} == {201}, answer.text
    client.headers["x-last"] = str(outcomes[-1]["position"])
    return outcomes[-1]["position"]


async def count(client, slug):
    client.headers[f"x-{slug}"] = str(int(client.headers.get(f"x-{slug}", "0")) + 1)
    return client.headers[f"x-{slug}"]


def football(contest, kind, **data):
    return {"type": f"football.{kind}", "contest": contest, "data": data}


def scored(entrant, points):
    data = {"entrant": entrant, "points": points}
    return {"type": "points.scored", "contest": "r1", "data": data}


async def say(client, slug, contest, kind, **data):
    return await post(client, slug, football(contest, kind, **data))


async def score(client, entrant, points):
    return await post(client, "quiz", scored(entrant, points))


async def boards(client, slug):
    """All boards of a competition, the officials' own too, with all that was posted."""
    await client.get(f"{API}/{slug}/boards/standings", params={"after": client.headers["x-last"]})
    listed = (await client.get(f"{API}/{slug}/boards")).json()["boards"]
    names = [board["board"] for board in listed] + ["flags"]
    answers = [await client.get(f"{API}/{slug}/boards/{name}") for name in names]
    return {name: answer.json() for name, answer in zip(names, answers, strict=True)}


async def read(client, slug, board="standings", **query):
    answer = await client.get(f"{API}/{slug}/boards/{board}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def contents(boards):
    return {name: (board["status"], board["content"]) for name, board in boards.items()}


def ranks(board):
    return {entrant: row["rank"] for entrant, row in board["content"]["rows"].items()}


def points(board):
    key = next(c["key"] for c in board["content"]["columns"] if c.get("main"))
    return {entrant: row["figures"][key] for entrant, row in board["content"]["rows"].items()}


async def rules(client, slug):
    answer = await client.get(f"{API}/{slug}/rules")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def amend(client, definition, reason="the scheme in the file was wrong"):
    """Amend the record of the definition; returns the answer of the door."""
    path = f"{API}/{definition['slug']}/records/competition/corrections"
    said = {"action": "amend", "reason": reason, "data": definition}
    answer = await client.post(path, json=said)
    if answer.status_code == 201:
        client.headers["x-last"] = str(answer.json()["position"])
    return answer


def correction(definition):
    return {
        "record": "competition",
        "action": "amend",
        "reason": "the scheme in the file was wrong",
        "data": definition,
    }


async def preview(client, definition):
    answer = await client.post(
        f"{API}/{definition['slug']}/corrections/preview",
        json={"corrections": [correction(definition)]},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def sign(client, definition, preview):
    seal = {"basis": preview["basis"], "digest": preview["digest"]}
    answer = await client.post(
        f"{API}/{definition['slug']}/corrections",
        json={"corrections": [correction(definition)], **seal},
    )
    if answer.status_code == 201:
        client.headers["x-last"] = str(answer.json()["corrections"][-1]["position"])
    return answer


THREE = CUP | {"params": {"win": 3}}
BEST = QUIZ | {"params": {"mode": "best"}}
OTHERS = {
    "three points for a win": (CUP, THREE),
    "another chain": (CUP, CUP | {"params": {"win": 2, "ties": ["goals", "goal_difference"]}}),
    "the best of the scores": (QUIZ, BEST),
    "the lowest first": (QUIZ, QUIZ | {"params": {"mode": "sum", "order": "ascending"}}),
    "only small scores": (QUIZ, QUIZ | {"params": {"mode": "last", "increment_max": 3}}),
}


async def test_a_version_counts_changes_of_the_rules_alone(client):
    first = await rules(client, "cup")
    assert first["in_force"] == 1
    assert [r["params"] for r in first["rules"]] == [{"win": 2}]
    renamed = CUP | {"name": "The Cup"}
    for definition in (renamed, renamed | {"params": {"win": 3}}, renamed):
        assert (await amend(client, definition, "as the rulebook says")).status_code == 201
    listed = await rules(client, "cup")
    assert listed["in_force"] == 3
    assert [(r["version"], r["params"], r.get("changed", [])) for r in listed["rules"]] == [
        (1, {"win": 2}, []),
        (2, {"win": 3}, ["/params/win"]),
        (3, {"win": 2}, ["/params/win"]),
    ]
    record = (await client.get(f"{API}/cup/records/competition")).json()
    last = record["versions"][-1]
    told = {"position", "received", "actor", "reason"}
    assert {k: v for k, v in listed["rules"][-1].items() if k in told} == {k: last[k] for k in told}


async def test_everybody_may_know_the_rules_and_officials_who_changed_them_and_why(client, public):
    assert (await amend(client, THREE)).status_code == 201
    for_all, for_officials = await rules(public, "cup"), await rules(client, "cup")
    assert for_all["in_force"] == 2
    assert for_all["rules"] == [
        {k: v for k, v in one.items() if k not in ("actor", "reason")}
        for one in for_officials["rules"]
    ]
    assert for_officials["rules"][1]["reason"] == "the scheme in the file was wrong"
    assert (await public.get(f"{API}/nobody/rules")).status_code == 404


@pytest.mark.parametrize("case", OTHERS)
async def test_what_a_preview_of_other_rules_shows_is_what_boards_become(server, client, case):
    now, then = OTHERS[case]
    before = await boards(client, now["slug"])
    shown = await preview(client, then)
    assert {change["board"] for change in shown["boards"]} >= {"standings"}
    emitted = []
    server.app.projection.shelf.on_change.append(emitted.append)
    assert contents(await boards(client, now["slug"])) == contents(before)
    signed = await sign(client, then, shown)
    assert signed.status_code == 201, signed.text
    after = await boards(client, now["slug"])
    expected = contents(before)
    for change in shown["boards"]:
        _status, content = expected.get(change["board"], ("", {}))
        expected[change["board"]] = (change["status"], merge(content, change["merge"]))
    assert contents(after) == expected
    moved = [(p.after.board, p.before, p.merge) for p in emitted if p.merge]
    assert sorted(moved) == sorted((c["board"], c["before"], c["merge"]) for c in shown["boards"])
    assert {board["rules"] for board in after.values()} == {2}


@pytest.mark.parametrize("name", ["standings", "timeline:m1"])
async def test_who_follows_a_board_hears_of_other_rules_whatever_they_change(server, client, name):
    held = (await boards(client, "cup"))[name]
    follower = Follower(f"{server.public_url}{API}/cup/boards/{name}/stream", held)
    async with follower.connected():
        await follower.until(lambda board: board["rules"] == 1)
        assert (await amend(client, THREE)).status_code == 201
        heard = await follower.until(lambda board: board["rules"] == 2)
    assert [event for event, _version in follower.seen[-2:]] == ["reset", "snapshot"]
    assert heard == (await boards(client, "cup"))[name]


async def test_other_rules_change_who_goes_on(client):
    _, by_goals = OTHERS["another chain"]
    before = (await boards(client, "cup"))["bracket"]
    assert finalists(before["content"]) == ["ada", "bel"]
    shown = await preview(client, by_goals)
    (bracket,) = [c for c in shown["boards"] if c["board"] == "bracket"]
    assert finalists(bracket["merge"]) == ["ada", "dot"]
    assert (await sign(client, by_goals, shown)).status_code == 201
    after = (await boards(client, "cup"))["bracket"]
    assert finalists(after["content"]) == ["ada", "dot"]
    assert finalists((await read(client, "cup", "bracket", rules=1))["content"]) == ["ada", "bel"]


def finalists(bracket):
    return [team["id"] for team in bracket["rows"]["final"]["entrants"]]


@pytest.mark.parametrize("case", OTHERS)
async def test_the_facts_read_by_an_earlier_version_are_what_boards_were(client, case):
    now, then = OTHERS[case]
    slug = now["slug"]
    before = await boards(client, slug)
    assert (await amend(client, then)).status_code == 201
    after = await boards(client, slug)
    assert ranks(after["standings"]) != ranks(before["standings"]) or points(
        after["standings"]
    ) != points(before["standings"])
    for name in before:
        by_first = await read(client, slug, name, rules=1)
        assert (by_first["content"], by_first["rules"]) == (before[name]["content"], 1)
        by_second = await read(client, slug, name, rules=2)
        assert by_second == after[name]
    assert (await amend(client, now)).status_code == 201
    assert contents(await boards(client, slug)) == contents(before)


async def test_what_came_since_is_read_by_the_earlier_version_too(client):
    middle = int(client.headers["x-last"])
    assert (await amend(client, BEST)).status_code == 201
    await score(client, "p1", 9)
    assert points(await boards_of_quiz(client)) == {"p0": 3, "p1": 9, "p2": 4}
    assert points(await read(client, "quiz", rules=1)) == {"p0": 5, "p1": 14, "p2": 2}
    assert points(await read(client, "quiz", at=middle)) == {"p0": 5, "p1": 5, "p2": 2}
    assert points(await read(client, "quiz", at=middle, rules=1)) == {"p0": 5, "p1": 5, "p2": 2}
    by_later = await read(client, "quiz", at=middle, rules=2)
    assert (points(by_later), by_later["rules"]) == ({"p0": 3, "p1": 5, "p2": 4}, 2)
    around = await read(client, "quiz", rules=1, around="p1", top=1)
    assert points(around) == {"p1": 14}


async def boards_of_quiz(client):
    return (await boards(client, "quiz"))["standings"]


async def test_a_correction_holds_by_every_version_of_the_rules(client):
    assert (await amend(client, BEST)).status_code == 201
    record = "pad/e3"  # p1's five points
    path = f"{API}/quiz/records/{record}/corrections"
    void = await client.post(path, json={"action": "void", "reason": "miscounted"})
    client.headers["x-last"] = str(void.json()["position"])
    assert points(await boards_of_quiz(client)) == {"p0": 3, "p2": 4}
    assert points(await read(client, "quiz", rules=1)) == {"p0": 5, "p2": 2}


@pytest.mark.parametrize("case", ["three points for a win", "the best of the scores"])
async def test_undoing_an_amendment_of_the_rules_leaves_boards_as_they_were(client, case):
    now, then = OTHERS[case]
    slug = now["slug"]
    before = await boards(client, slug)
    position = (await amend(client, then)).json()["position"]
    undo = {"positions": [position], "reason": "it was right"}
    shown = await client.post(f"{API}/{slug}/undo/preview", json=undo)
    assert shown.status_code == 200, shown.text
    seal = {name: shown.json()[name] for name in ("basis", "digest")}
    undone = await client.post(f"{API}/{slug}/undo", json=undo | seal)
    assert undone.status_code == 201, undone.text
    client.headers["x-last"] = str(undone.json()["corrections"][-1]["position"])
    after = await boards(client, slug)
    assert contents(after) == contents(before)
    assert {board["rules"] for board in after.values()} == {3}


async def test_nothing_is_signed_if_something_came_in_between(client):
    shown = await preview(client, BEST)
    await score(client, "p0", 1)
    assert (await sign(client, BEST, shown)).status_code == 412
    assert (await rules(client, "quiz"))["in_force"] == 1
    shown = await preview(client, BEST)
    other = QUIZ | {"params": {"mode": "last"}}
    refused = await sign(client, other, shown)
    assert (refused.status_code, refused.json()["pointer"]) == (412, "/digest")


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"mode": "most"}, "/data/params/mode"),
        ({"modus": "sum"}, "/data/params/modus"),
        ({"increment_min": 3, "increment_max": 1}, "/data/params"),
    ],
)
async def test_rules_that_the_sport_refuses_are_refused_at_the_door(client, params, pointer):
    wrong = QUIZ | {"params": params}
    refused = await amend(client, wrong)
    assert (refused.status_code, refused.json()["pointer"]) == (422, pointer), refused.text
    refused = await client.post(
        f"{API}/quiz/corrections/preview", json={"corrections": [correction(wrong)]}
    )
    assert refused.status_code == 422
    assert refused.json()["pointer"] == f"/corrections/0{pointer}"
    assert (await rules(client, "quiz"))["in_force"] == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [({"rules": 7}, 404), ({"rules": 0}, 404), ({"rules": "first"}, 422), ({"rules": "-1"}, 422)],
)
async def test_a_version_that_is_not_there_is_refused(client, public, query, status):
    for asking in (client, public):
        refused = await asking.get(f"{API}/cup/boards/standings", params=query)
        assert (refused.status_code, refused.json()["pointer"]) == (status, "/rules")
        refused = await asking.get(f"{API}/cup/boards/standings/stream", params=query)
        assert (refused.status_code, refused.json()["pointer"]) == (422, "/rules")


async def test_the_public_knows_no_rules_from_after_a_freeze(client, public):
    await score(client, "p1", 1)
    await post(client, "quiz", {"type": "competition.frozen", "data": {}})
    before = (await boards(client, "quiz"))["standings"]
    assert (await amend(client, BEST)).status_code == 201
    await score(client, "p1", 70)
    await boards(client, "quiz")
    assert len((await rules(public, "quiz"))["rules"]) == 1
    assert len((await rules(client, "quiz"))["rules"]) == 2
    refused = await public.get(f"{API}/quiz/boards/standings", params={"rules": 2})
    assert (refused.status_code, refused.json()["pointer"]) == (404, "/rules")
    by_first = await read(public, "quiz", rules=1)
    assert by_first["content"] == before["content"]
    assert (by_first["rules"], by_first["frozen"]) == (1, True)
    assert points(await read(client, "quiz", rules=1))["p1"] == 76
    await post(client, "quiz", {"type": "competition.thawed", "data": {}})
    await boards(client, "quiz")
    assert points(await read(public, "quiz", rules=2))["p1"] == 70


async def test_the_command_line_lists_rules_and_shows_a_board_by_them(server, client):
    assert (await amend(client, BEST)).status_code == 201
    await boards(client, "quiz")

    def run(*words):
        runner = CliRunner(env={"SCOREBOARD_URL": server.private_url, "COLUMNS": "200"})
        done = runner.invoke(main, words)
        assert done.exit_code == 0, done.output
        return done.output

    listed = await asyncio.to_thread(run, "competition", "rules", "quiz", "--key", server.admin_key)
    assert '{"mode":"best"}' in listed
    assert "/params/mode" in listed
    shown = await asyncio.to_thread(run, "board", "quiz", "standings", "--rules", "1")
    rows = [line.split("│") for line in shown.splitlines() if "│ P " in line]
    assert {row[3].strip(): row[4].strip() for row in rows} == {"P 0": "5", "P 1": "5", "P 2": "2"}


async def test_a_sport_can_change_until_something_has_happened(client):
    new = {"slug": "new", "name": "New", "sport": "points", "contests": [{"id": "m1"}]}
    assert (await client.post(API, json=new)).status_code == 201
    football = {**new, "sport": "football"}
    assert (await client.post(API, json=football)).status_code == 200
    listed = await rules(client, "new")
    assert [one.get("changed", []) for one in listed["rules"]] == [[], ["/sport"]]
    await post(client, "new", {"type": "football.full_time", "contest": "m1", "data": {}})
    refused = await client.post(API, json=new)
    assert (refused.status_code, refused.json()["pointer"]) == (409, "/sport")
    refused = await amend(client, new)
    assert (refused.status_code, refused.json()["pointer"]) == (409, "/data/sport")
    proposal = {"corrections": [correction(new)]}
    refused = await client.post(f"{API}/new/corrections/preview", json=proposal)
    assert (refused.status_code, refused.json()["pointer"]) == (409, "/corrections/0/data/sport")
    by_first = await client.get(f"{API}/new/boards/standings", params={"rules": 1})
    assert (by_first.status_code, by_first.json()["pointer"]) == (422, "/rules")
    renamed = await client.post(API, json={**football, "name": "Newer"})
    assert renamed.status_code == 200


async def test_a_batch_does_not_change_the_sport_of_what_it_says_itself(client):
    new = {"slug": "new", "name": "New", "sport": "points", "contests": [{"id": "m1"}]}
    define = {"source": "office", "type": "competition.defined", "record": "competition"}
    scored = {"source": "pad", "type": "points.scored", "contest": "m1"}
    scored |= {"data": {"entrant": "ada", "points": 1}}
    goal = {"source": "pad", "type": "football.goal", "contest": "m1"}
    goal |= {"data": {"team": "ada", "minute": 1}}
    batch = [
        {**define, "id": "d1", "data": new},
        {**scored, "id": "1"},
        {**define, "id": "d2", "action": "amend", "data": new | {"sport": "football"}},
        {**goal, "id": "2"},
        {**scored, "id": "3"},
    ]
    for first in (201, 200):  # sent again, nothing is said twice
        answer = await client.post(f"{API}/new/events", json=batch)
        statuses = [one["status"] for one in answer.json()["results"]]
        assert statuses == [first, first, 409, 422, first], answer.text


async def test_rules_go_with_contests_that_were_scheduled_since(client):
    contest = {"id": "r9", "params": {"increment_max": 3}}
    await post(client, "quiz", {"type": "competition.scheduled", "data": {"contest": contest}})
    refused = await amend(client, QUIZ | {"params": {"increment_min": 5}})
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/data/params")
    assert "r9" in refused.json()["detail"]
    assert (await amend(client, QUIZ | {"params": {"increment_min": 2}})).status_code == 201


GROUPED = QUIZ | {
    "groups": [{"id": "a", "name": "A", "entrants": ["p0", "p1", "p2"]}],
    "contests": [
        {"id": "r1", "group": "a", "status": "finished"},
        {"id": "r2", "entrants": ["place:a:1", "place:a:2"]},
    ],
}


@pytest.mark.parametrize("params", [{"mode": "best"}, {"mode": "sum", "order": "ascending"}])
async def test_who_goes_on_from_a_field_is_said_by_the_new_rules(client, params):
    assert (await amend(client, GROUPED)).status_code == 201
    then = GROUPED | {"params": params}
    before = await boards(client, "quiz")
    shown = await preview(client, then)
    assert (await sign(client, then, shown)).status_code == 201
    after = await boards(client, "quiz")
    expected = contents(before)
    for change in shown["boards"]:
        expected[change["board"]] = (
            change["status"],
            merge(expected[change["board"]][1], change["merge"]),
        )
    assert contents(after) == expected
