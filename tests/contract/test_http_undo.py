"""Single entries undone and everything after them kept, over real sockets, on both databases."""

import contextlib
import itertools
import random

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.facts.document import merge

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["bel", "ada"], "group": "a"},
    ],
}
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(3)],
    "contests": [{"id": "r1"}],
}


class Desk:
    """An official's desk of a cup and a quiz, whose slugs end in the same way."""

    def __init__(self, client, ending=""):
        self.client = client
        self.last = 0
        self._ending = ending

    def url(self, of):
        """Where the cup is, or the quiz."""
        return f"{API}/{of}{self._ending}"

    async def define(self):
        for definition in (CUP, QUIZ):
            made = definition | {"slug": definition["slug"] + self._ending}
            assert (await self.client.post(API, json=made)).status_code == 201

    async def _posted(self, of, path, body):
        answer = await self.client.post(f"{self.url(of)}/{path}", json=body)
        if answer.status_code in (200, 201):
            shown = answer.json()
            made = [shown, *shown.get("corrections", [])]
            self.last = max([self.last, *(one.get("position", 0) for one in made)])
        return answer

    async def say(self, slug, id_, type_, contest=None, **data):
        event = {"id": id_, "source": "pad", "type": type_, "data": data}
        event |= {"contest": contest} if contest else {}
        answer = await self._posted(slug, "events", event)
        assert answer.status_code == 201, answer.text
        return answer.json()["position"]

    async def goal(self, id_, team, minute, contest="m1"):
        return await self.say("cup", id_, "football.goal", contest, team=team, minute=minute)

    async def correct(self, slug, record, action, **data):
        body = {"action": action, "reason": "seen again"} | ({"data": data} if data else {})
        answer = await self._posted(slug, f"records/{record}/corrections", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["position"]

    async def undo(self, slug, *positions, **more):
        wish = {"positions": positions, "reason": "taken back", **more}
        return await self._posted(slug, "undo", wish)

    async def preview(self, slug, *positions, **more):
        wish = {"positions": positions, "reason": "taken back", **more}
        answer = await self.client.post(f"{self.url(slug)}/undo/preview", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def boards(self, slug):
        """Status and content of all boards, with everything that this desk has said."""
        after = {"after": self.last}
        await self.client.get(f"{self.url(slug)}/boards/standings", params=after)
        listed = (await self.client.get(f"{self.url(slug)}/boards")).json()["boards"]
        found = {}
        for name in [one["board"] for one in listed] + ["flags"]:
            board = (await self.client.get(f"{self.url(slug)}/boards/{name}")).json()
            found[name] = (board["status"], board["content"])
        return found

    async def score(self):
        return (await self.boards("cup"))["box:m1"][1]["line"]["score"]


@contextlib.asynccontextmanager
async def desk_of(settings, key=None):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {key or server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            desk = Desk(client)
            desk.key = server.admin_key
            yield desk


numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module")
async def client(shared_settings):
    async with desk_of(shared_settings) as desk:
        yield desk.client


@pytest_asyncio.fixture
async def desk(client):
    """That of competitions of which no other test knows."""
    desk = Desk(client, f"-{next(numbers)}")
    await desk.define()
    return desk


async def test_one_entry_is_reversed_and_what_came_after_stays(desk):
    first = await desk.goal("1", "ada", 3)
    await desk.goal("2", "bel", 4)
    await desk.goal("3", "bel", 5)
    undone = await desk.undo("cup", first)
    assert undone.status_code == 201
    assert undone.json()["undoing"] == [
        {"record": "pad/1", "undone": [first], "kept": [], "action": "void"}
    ]
    assert await desk.score() == [0, 2]
    record = (await desk.client.get(f"{desk.url('cup')}/records/pad/1")).json()
    assert record["versions"][1]["extensions"] == {"undoes": str(first)}
    assert record["versions"][1]["reason"] == "taken back"


async def test_corrections_are_undone_to_what_was_in_force_before(desk):
    await desk.goal("1", "ada", 3)
    amended = await desk.correct("cup", "pad/1", "amend", team="bel", minute=44)
    before = await desk.boards("cup")
    voided = await desk.correct("cup", "pad/1", "void")
    assert (await desk.undo("cup", voided)).json()["undoing"][0]["action"] == "restore"
    assert await desk.boards("cup") == before
    assert (await desk.undo("cup", amended)).json()["undoing"][0]["action"] == "amend"
    assert await desk.score() == [1, 0]


async def test_what_stands_on_top_is_shown_as_a_conflict_and_wins_if_it_is_to_stay(desk):
    first = await desk.goal("1", "ada", 3)
    later = await desk.correct("cup", "pad/1", "amend", team="bel", minute=3)
    refused = await desk.undo("cup", first)
    assert (refused.status_code, refused.json()["later"]) == (409, [later])
    kept = await desk.undo("cup", first, over=True)
    assert kept.status_code == 200
    assert kept.json() == {
        "corrections": [],
        "undoing": [{"record": "pad/1", "undone": [first], "kept": [later], "action": None}],
    }
    assert await desk.score() == [0, 1]


async def test_an_undoing_is_undone_across_a_restart(settings):
    async with desk_of(settings) as desk:
        await desk.define()
        first = await desk.goal("1", "ada", 3)
        voided = await desk.correct("cup", "pad/1", "void")
        before = await desk.boards("cup")
        undone = (await desk.undo("cup", voided)).json()["corrections"][0]["position"]
    async with desk_of(settings, desk.key) as again:
        assert await again.score() == [1, 0]
        twice = await again.undo("cup", voided)
        assert twice.status_code == 409
        assert str(undone) in twice.json()["detail"]
        assert (await again.undo("cup", undone)).status_code == 201
        assert await again.boards("cup") == before
        assert (await again.undo("cup", first)).json()["later"] == [voided]


async def test_what_is_previewed_is_what_comes_and_it_comes_once(desk):
    positions = [await desk.goal("1", "ada", 3), await desk.goal("2", "bel", 4)]
    before = await desk.boards("cup")
    preview = await desk.preview("cup", *positions)
    assert [one["action"] for one in preview["undoing"]] == ["void", "void"]
    assert await desk.boards("cup") == before
    seal = {name: preview[name] for name in ("basis", "digest")}
    made = await desk.undo("cup", *positions, **seal)
    again = await desk.undo("cup", *positions, **seal)
    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json() == made.json()
    shown = dict(before)
    for change in preview["boards"]:
        content = merge(before[change["board"]][1], change["merge"])
        shown[change["board"]] = (change["status"], content)
    assert await desk.boards("cup") == shown


async def test_a_preview_that_something_has_overtaken_is_not_signed(desk):
    first = await desk.goal("1", "ada", 3)
    preview = await desk.preview("cup", first)
    await desk.goal("2", "bel", 4)
    seal = {name: preview[name] for name in ("basis", "digest")}
    assert (await desk.undo("cup", first, **seal)).status_code == 412
    other = await desk.preview("cup", first)
    seal = {"basis": other["basis"], "digest": preview["digest"]}
    assert (await desk.undo("cup", first, **seal)).json()["pointer"] == "/digest"


async def test_what_defines_the_competition_is_undone_likewise(desk):
    before = await desk.boards("cup")
    entrant = {"id": "cad", "name": "Cad"}
    late = await desk.say("cup", "late", "competition.entered", entrant=entrant, group="a")
    assert "cad" in (await desk.boards("cup"))["standings"][1]["rows"]
    assert (await desk.undo("cup", late)).status_code == 201
    assert await desk.boards("cup") == before
    record = (await desk.client.get(f"{desk.url('cup')}/records/competition")).json()
    refused = await desk.undo("cup", record["versions"][0]["position"])
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("wish", "status", "pointer"),
    [
        ({"positions": []}, 422, "/positions"),
        ({"positions": [0]}, 422, "/positions/0"),
        ({"positions": [10**6]}, 404, "/positions/0"),
        ({"positions": list(range(1, 102))}, 413, "/positions"),
    ],
)
async def test_what_cannot_be_undone_is_refused(desk, wish, status, pointer):
    refused = await desk.client.post(f"{desk.url('cup')}/undo", json={"reason": "?", **wish})
    assert (refused.status_code, refused.json()["pointer"]) == (status, pointer)


async def test_entries_of_other_competitions_are_out_of_reach_and_devices_undo_nothing(desk):
    first = await desk.goal("1", "ada", 3)
    assert (await desk.undo("quiz", first)).status_code == 404
    made = await desk.client.post("/api/v1/keys", json={"role": "device", "name": "pad"})
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    wish = {"positions": [first], "reason": "?"}
    refused = await desk.client.post(f"{desk.url('cup')}/undo", json=wish, headers=headers)
    assert refused.status_code == 403


@pytest.mark.parametrize("slug", ["cup", "quiz"])
async def test_any_entries_undone_and_the_undoing_undone_leave_every_board_as_it_was(desk, slug):
    chance = random.Random(2018)
    said = []
    for number in range(12):
        team = chance.choice(["ada", "bel"])
        data = {"team": team, "minute": 1 + number}
        if slug == "cup":
            said.append(await desk.goal(str(number), team, 1 + number))
        else:
            data = {"entrant": f"p{number % 3}", "points": number}
            said.append(await desk.say(slug, str(number), "points.scored", "r1", **data))
        for action in chance.sample(["amend", "void", "restore"], chance.randint(0, 3)):
            more = data if action == "amend" else {}
            said.append(await desk.correct(slug, f"pad/{number}", action, **more))
    before = await desk.boards(slug)
    for _ in range(6):
        chosen = chance.sample(said, chance.randint(1, 8))
        undone = (await desk.undo(slug, *chosen, over=True)).json()["corrections"]
        if undone:
            back = await desk.undo(slug, *(one["position"] for one in undone))
            assert back.status_code == 201, back.text
        assert await desk.boards(slug) == before
