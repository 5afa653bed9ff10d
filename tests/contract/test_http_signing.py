"""Corrections previewed on every board and signed, over real sockets, on both databases."""

import contextlib
import itertools

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.facts.document import merge

pytestmark = pytest.mark.one_database

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "name": "First", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "name": "Second", "entrants": ["bel", "ada"], "group": "a"},
    ],
}
LEAGUE = {
    "slug": "league",
    "name": "League",
    "sport": "points",
    "entrants": [{"id": f"p{n}", "name": f"P {n}"} for n in range(6)],
    "contests": [{"id": "r1"}, {"id": "r2"}],
}
API = "/api/v1/competitions"


numbers = itertools.count(1)


class Client(httpx2.AsyncClient):
    """An official's, with competitions of its own, whose slugs end in the same number."""

    def __init__(self, server):
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        super().__init__(base_url=server.private_url, headers=headers)
        self._number = next(numbers)

    def own(self, definition):
        return definition | {"slug": f"{definition['slug']}-{self._number}"}

    def at(self, slug):
        return f"{API}/{slug}-{self._number}"


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings):
    free = msgspec.structs.replace(shared_settings, private_port=0, public_port=0)
    async with running(free) as server:
        yield server


@pytest_asyncio.fixture
async def client(server):
    async with client_of(server) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def previewing(server):
    """A client for all tests that only look."""
    async with client_of(server) as client:
        yield client


@contextlib.asynccontextmanager
async def client_of(server):
    async with Client(server) as client:
        for competition in (CUP, LEAGUE):
            assert (await client.post(API, json=client.own(competition))).status_code == 201
        events = [
            event("1", "football.goal", team="ada", minute=10),
            event("2", "football.goal", team="bel", minute=11),
            event("3", "football.card", team="bel", colour="yellow", minute=20, player="10"),
        ]
        assert (await client.post(f"{client.at('cup')}/events", json=events)).status_code == 200
        scores = [score(str(n), f"p{n}", n) for n in range(5)]
        answer = await client.post(f"{client.at('league')}/events", json=scores)
        client.headers["x-last"] = str(answer.json()["results"][-1]["position"])
        yield client


def event(id_, type_, contest="m1", **data):
    return {"id": id_, "source": "pad", "type": type_, "contest": contest, "data": data}


def score(id_, entrant, points, contest="r1"):
    return event(id_, "points.scored", contest, entrant=entrant, points=points)


async def newest(client, slug):
    """All boards of a competition, its officials' own included, with all that was posted."""
    await client.get(
        f"{client.at(slug)}/boards/standings", params={"after": client.headers["x-last"]}
    )
    listed = (await client.get(f"{client.at(slug)}/boards")).json()["boards"]
    names = [board["board"] for board in listed] + ["flags"]
    answers = [await client.get(f"{client.at(slug)}/boards/{name}") for name in names]
    return {name: answer.json() for name, answer in zip(names, answers, strict=True)}


def contents(boards):
    return {name: (board["status"], board["content"]) for name, board in boards.items()}


def after_patches(boards, changes):
    """What the boards show once the previewed patches are applied."""
    made = contents(boards)
    for change in changes:
        content = boards[change["board"]]["content"] if change["board"] in boards else {}
        made[change["board"]] = (change["status"], merge(content, change["merge"]))
    return made


async def sign(client, slug, corrections, preview):
    signature = {
        "corrections": corrections,
        "basis": preview["basis"],
        "digest": preview["digest"],
    }
    return await client.post(f"{client.at(slug)}/corrections", json=signature)


async def previewed(client, slug, corrections):
    answer = await client.post(
        f"{client.at(slug)}/corrections/preview", json={"corrections": corrections}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


RENAMED = [{"id": "ada", "name": "Ada II"}, {"id": "bel", "name": "Bel"}]
CASES = {
    "a void": ("cup", [("pad/1", "void", None)]),
    "an amendment": ("cup", [("pad/2", "amend", {"team": "ada", "minute": 12})]),
    "two that belong together": (
        "cup",
        [("pad/1", "void", None), ("pad/2", "amend", {"team": "ada", "minute": 45})],
    ),
    "a void undone in the same list": (
        "cup",
        [("pad/1", "void", None), ("pad/1", "restore", None), ("pad/3", "void", None)],
    ),
    "points taken back": ("league", [("pad/4", "void", None)]),
    "points of another entrant": ("league", [("pad/4", "amend", {"entrant": "p5", "points": 2})]),
    "an entrant's name": ("cup", [("competition", "amend", CUP | {"entrants": RENAMED})]),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_boards_show_after_signing_is_what_the_preview_showed(client, case):
    slug, said = CASES[case]
    corrections = [
        {"record": record, "action": action, "reason": "seen again"}
        | ({} if data is None else {"data": client.own(data) if "slug" in data else data})
        for record, action, data in said
    ]
    before = await newest(client, slug)
    preview = await previewed(client, slug, corrections)
    assert preview["boards"]
    assert {c["board"]: c["before"] for c in preview["boards"]} == {
        c["board"]: before[c["board"]]["version"] for c in preview["boards"]
    }
    assert contents(await newest(client, slug)) == contents(before)
    signed = await sign(client, slug, corrections, preview)
    assert signed.status_code == 201, signed.text
    client.headers["x-last"] = str(signed.json()["corrections"][-1]["position"])
    after = await newest(client, slug)
    assert contents(after) == after_patches(before, preview["boards"])


async def test_the_patch_that_is_emitted_is_the_one_that_was_previewed(server, client):
    corrections = [
        {"record": "pad/1", "action": "void", "reason": "offside"},
        {"record": "pad/3", "action": "void", "reason": "wrong player"},
    ]
    url = f"{server.public_url}{client.at('cup')}/boards/standings/stream"
    await newest(client, "cup")
    async with contextlib.AsyncExitStack() as open_:
        follower = await open_.enter_async_context(httpx2.AsyncClient(timeout=20))
        response = await open_.enter_async_context(follower.stream("GET", url))
        lines = response.aiter_lines()
        await data_of(lines, "snapshot")
        preview = await previewed(client, "cup", corrections)
        assert (await sign(client, "cup", corrections, preview)).status_code == 201
        emitted = await data_of(lines, "patch")
    shown = next(c for c in preview["boards"] if c["board"] == "standings")
    assert (emitted["before"], emitted["merge"]) == (shown["before"], shown["merge"])


async def data_of(lines, wanted):
    """The data of the next event of a stream that has this name."""
    name = None
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: ") and name == wanted:
            return msgspec.json.decode(line.removeprefix("data: ").encode())
    raise AssertionError("the stream ended")


async def test_nothing_is_signed_if_something_came_in_between(client):
    corrections = [{"record": "pad/1", "action": "void", "reason": "offside"}]
    preview = await previewed(client, "cup", corrections)
    other = event("9", "football.goal", team="bel", minute=50)
    assert (await client.post(f"{client.at('cup')}/events", json=other)).status_code == 201
    refused = await sign(client, "cup", corrections, preview)
    assert refused.status_code == 412
    shown = (await client.get(f"{client.at('cup')}/records/pad/1")).json()
    assert shown["in_force"] == 1
    again = await previewed(client, "cup", corrections)
    assert (await sign(client, "cup", corrections, again)).status_code == 201


async def test_another_competition_does_not_spoil_a_preview(client):
    corrections = [{"record": "pad/1", "action": "void", "reason": "offside"}]
    preview = await previewed(client, "cup", corrections)
    await client.post(f"{client.at('league')}/events", json=score("77", "p1", 7))
    assert (await sign(client, "cup", corrections, preview)).status_code == 201


async def test_only_what_was_previewed_can_be_signed(client):
    corrections = [{"record": "pad/1", "action": "void", "reason": "offside"}]
    preview = await previewed(client, "cup", corrections)
    other = [{"record": "pad/2", "action": "void", "reason": "offside"}]
    refused = await sign(client, "cup", other, preview)
    assert (refused.status_code, refused.json()["pointer"]) == (412, "/digest")
    half = {"corrections": corrections, "basis": preview["basis"]}
    refused = await client.post(f"{client.at('cup')}/corrections", json=half)
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/digest")


async def test_signing_twice_answers_with_the_first_signing(client):
    corrections = [{"record": "pad/1", "action": "void", "reason": "offside"}]
    preview = await previewed(client, "cup", corrections)
    first = await sign(client, "cup", corrections, preview)
    again = await sign(client, "cup", corrections, preview)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    record = (await client.get(f"{client.at('cup')}/records/pad/1")).json()
    assert record["versions"][1]["extensions"] == {"signeddigest": preview["digest"]}


async def test_corrections_of_one_list_are_made_together_or_not_at_all(client):
    corrections = [
        {"record": "pad/1", "action": "void", "reason": "offside"},
        {"record": "pad/2", "action": "void", "reason": "offside", "version": 7},
    ]
    refused = await client.post(
        f"{client.at('cup')}/corrections", json={"corrections": corrections}
    )
    assert (refused.status_code, refused.json()["pointer"]) == (412, "/corrections/1")
    assert (await client.get(f"{client.at('cup')}/records/pad/1")).json()["in_force"] == 1
    corrections[1]["version"] = 1
    made = await client.post(f"{client.at('cup')}/corrections", json={"corrections": corrections})
    assert made.status_code == 201
    assert [one["version"] for one in made.json()["corrections"]] == [2, 2]


@pytest.mark.parametrize(
    ("correction", "status", "pointer"),
    [
        ({"record": "pad/none", "action": "void"}, 404, "/corrections/0"),
        ({"record": "pad/1", "action": "void", "data": {}}, 422, "/corrections/0/data"),
        ({"record": "pad/1", "action": "amend"}, 422, "/corrections/0/data"),
        (
            {"record": "pad/1", "action": "amend", "data": {"minute": 3}},
            422,
            "/corrections/0/data/team",
        ),
        ({"record": "pad/1", "action": "void", "version": 9}, 412, "/corrections/0/version"),
        ({"action": "void"}, 422, "/corrections/0/record"),
    ],
)
async def test_a_preview_refuses_what_could_not_be_signed(previewing, correction, status, pointer):
    proposal = {"corrections": [{"reason": "?", **correction}]}
    refused = await previewing.post(f"{previewing.at('cup')}/corrections/preview", json=proposal)
    assert (refused.status_code, refused.json()["pointer"]) == (status, pointer), refused.text


async def test_a_long_list_is_refused(previewing):
    one = {"record": "pad/1", "action": "void", "reason": "?"}
    refused = await previewing.post(
        f"{previewing.at('cup')}/corrections/preview", json={"corrections": [one] * 101}
    )
    assert (refused.status_code, refused.json()["pointer"]) == (413, "/corrections")


async def test_devices_neither_preview_nor_sign(server, client):
    made = await client.post("/api/v1/keys", json={"role": "device", "name": "pad"})
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    proposal = {"corrections": [{"record": "pad/1", "action": "void", "reason": "?"}]}
    for path in ("corrections/preview", "corrections"):
        refused = await client.post(f"{client.at('cup')}/{path}", json=proposal, headers=headers)
        assert refused.status_code == 403


async def test_a_record_stays_in_its_contest(client):
    moved = {**event("7", "football.goal", "m2", team="ada", minute=10), "record": "pad/1"}
    refused = await client.post(f"{client.at('cup')}/events", json=moved | {"action": "amend"})
    assert refused.status_code == 409
    void = {"id": "8", "source": "pad", "type": "football.goal", "record": "pad/1"}
    void |= {"action": "void", "reason": "offside"}
    for status in (201, 200):
        answer = await client.post(f"{client.at('cup')}/events", json=void)
        assert answer.status_code == status, answer.text
    client.headers["x-last"] = str(answer.json()["position"])
    boards = await newest(client, "cup")
    assert boards["box:m1"]["content"]["line"]["score"] == [0, 1]
