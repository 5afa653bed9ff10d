"""States of a result: approved by two, disputed, reviewed, over real sockets on both databases."""

import contextlib
import itertools

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
CUP = {
    "name": "Cup",
    "sport": "football",
    "results": {"approvals": 2, "review_hidden": True},
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["bel", "ada"], "group": "a"},
    ],
}


class Desk:
    """The officials' desk of one cup: each speaks with a key of their own."""

    def __init__(self, clients, public, slug):
        self.clients = clients
        self.public = public
        self.url = f"{API}/{slug}"
        self._said = 0

    async def say(self, who, type_, data, contest=None):
        self._said += 1
        event = {"id": f"e{self._said}", "source": "desk", "type": type_, "data": data}
        event |= {"contest": contest} if contest else {}
        answer = await self.clients[who].post(f"{self.url}/events", json=event)
        if answer.status_code == 201:
            after = {"after": answer.json()["position"]}
            await self.clients["ref"].get(f"{self.url}/boards/standings", params=after)
        return answer

    async def goal(self, team, minute, contest="m1"):
        return await self.say(
            "pad", "football.goal", {"team": team, "minute": minute}, contest=contest
        )

    async def whistle(self, contest="m1"):
        await self.say("pad", "football.full_time", {}, contest=contest)

    async def state(self, who, state, contest="m1", **more):
        data = {"contest": contest, "state": state, **more}
        return await self.say(who, "competition.result", data)

    async def content(self, name, who="ref"):
        return (await self.clients[who].get(f"{self.url}/boards/{name}")).json()["content"]

    async def seen(self, contest="m1"):
        """State, how many approvals are missing, and whether it is final, on every board alike."""
        row = (await self.content("contests"))["rows"][contest]
        box = await self.content(f"box:{contest}")
        found = tuple(row.get(name) for name in ("result", "awaiting", "final"))
        assert found == tuple(box.get(name) for name in ("result", "awaiting", "final"))
        return found


@contextlib.asynccontextmanager
async def desks_of(settings, keys=None):
    """A server, and what makes a desk of a cup there; without keys they are made."""
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(free))

        async def client(url, key=None):
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            made = httpx2.AsyncClient(base_url=url, headers=headers)
            return await stack.enter_async_context(made)

        if keys is None:
            keys = {"admin": server.admin_key}
            admin = await client(server.private_url, server.admin_key)
            for name, role in (("ref", "official"), ("jury", "official"), ("pad", "device")):
                made = await admin.post("/api/v1/keys", json={"role": role, "name": name})
                keys[name] = made.json()["key"]
        clients = {name: await client(server.private_url, key) for name, key in keys.items()}
        public = await client(server.public_url)

        async def desk(slug, *, defined=False):
            if not defined:
                made = await clients["admin"].post(API, json=CUP | {"slug": slug})
                assert made.status_code == 201
            return Desk(clients, public, slug)

        yield desk, keys


@pytest_asyncio.fixture(scope="module")
async def desks(shared_settings):
    async with desks_of(shared_settings) as (made, _keys):
        yield made


numbers = itertools.count(1)


@pytest_asyncio.fixture
async def desk(desks):
    """That of a cup of which no other test knows."""
    return await desks(f"cup-{next(numbers)}")


async def test_a_result_is_official_once_two_different_people_say_so(desk):
    assert await desk.seen() == (None, None, False)
    await desk.goal("ada", 3)
    assert await desk.seen() == ("entered", None, False)
    await desk.whistle()
    assert await desk.seen() == ("provisional", 2, False)
    await desk.state("ref", "official")
    await desk.state("ref", "official")
    assert await desk.seen() == ("provisional", 1, False)
    await desk.state("jury", "official")
    assert await desk.seen() == ("official", None, True)


async def test_only_officials_state_results(desk):
    refused = await desk.state("pad", "official")
    assert refused.status_code == 403
    assert (await desk.state("ref", "golden")).json()["pointer"] == "/data/state"


async def approve(desk, contest="m1"):
    for who in ("ref", "jury"):
        assert (await desk.state(who, "official", contest)).status_code == 201


async def test_a_result_is_no_longer_final_once_it_is_taken_back_or_changed(desk):
    await desk.goal("ada", 3)
    await desk.whistle()
    await approve(desk)
    await desk.state("ref", "disputed", reason="two balls on the pitch")
    assert await desk.seen() == ("disputed", None, False)
    await approve(desk)
    assert await desk.seen() == ("official", None, True)
    await desk.goal("bel", 80)
    assert await desk.seen() == ("provisional", 2, False)


async def test_an_approval_of_a_contest_in_play_approves_nothing_and_is_flagged(desk):
    await desk.goal("ada", 3)
    early = [(await desk.state(who, "official")).json()["record"] for who in ("ref", "jury")]
    assert await desk.seen() == ("entered", None, False)
    rows = (await desk.content("flags"))["rows"]
    row = {"flags": ["not-over"], "contest": "m1"}
    assert {record: rows.get(record) for record in early} == dict.fromkeys(early, row)
    await desk.whistle()
    assert not (await desk.content("flags"))["rows"].keys() & set(early)
    assert await desk.seen() == ("provisional", 2, False)
    await approve(desk)
    assert await desk.seen() == ("official", None, True)


async def test_a_final_result_is_not_final_while_the_contest_goes_on_after_all(desk):
    await desk.whistle()
    await approve(desk)
    await desk.say("ref", "competition.status", {"contest": "m2", "status": "finished"})
    await approve(desk, "m2")
    assert (await desk.seen(), await desk.seen("m2")) == (("official", None, True),) * 2
    await desk.say("ref", "competition.status", {"contest": "m2", "status": "live"})
    await desk.state("jury", "disputed")
    assert (await desk.seen())[::2] == ("disputed", False)
    assert not (await desk.seen("m2"))[2]


@pytest.mark.parametrize(
    ("type_", "more"),
    [
        ("result", {"state": "official"}),
        ("status", {"status": "finished"}),
        ("frozen", {}),
        ("thawed", {}),
    ],
)
async def test_a_word_about_a_contest_that_nobody_defined_is_kept_and_flagged(desk, type_, more):
    said = await desk.say("ref", f"competition.{type_}", {"contest": "m9", **more})
    assert said.status_code == 201
    record = said.json()["record"]
    row = {"flags": ["unknown-contest"], "contest": "m9"}
    assert (await desk.content("flags"))["rows"] == {record: row}
    url = f"{desk.url}/records/{record}/corrections"
    void = {"action": "void", "reason": "mistyped"}
    position = (await desk.clients["ref"].post(url, json=void)).json()["position"]
    after = {"after": position}
    flags = await desk.clients["ref"].get(f"{desk.url}/boards/flags", params=after)
    assert flags.json()["content"]["rows"] == {}


async def test_who_approves_names_what_they_saw(desk):
    await desk.whistle()
    box = (await desk.clients["ref"].get(f"{desk.url}/boards/box:m1")).json()
    await desk.goal("bel", 80)
    await desk.state("ref", "official", seen=box["position"])
    assert await desk.seen() == ("provisional", 2, False)


async def test_standings_say_how_many_contests_behind_them_are_not_final(desk):
    async def open_ones():
        content = await desk.content("standings")
        return content["not_final"], content["groups"]["a"]["not_final"]

    assert await open_ones() == (2, 2)
    await desk.whistle()
    await approve(desk)
    assert await open_ones() == (1, 1)
    await desk.whistle("m2")
    await approve(desk, "m2")
    assert await open_ones() == (0, 0)


async def test_the_history_tells_who_said_what_when_and_why(desk):
    await desk.whistle()
    stated = await desk.state("ref", "official")
    await desk.state("jury", "disputed", reason="offside")
    record = stated.json()["record"]
    void = {"action": "void", "reason": "wrong match"}
    url = f"{desk.url}/records/{record}/corrections"
    position = (await desk.clients["ref"].post(url, json=void)).json()["position"]
    url = f"{desk.url}/contests/m1/result"
    shown = (await desk.clients["jury"].get(url)).json()
    assert (shown["state"], shown["final"], shown["approvals"]) == ("disputed", False, 2)
    told = [
        (one["action"], one.get("state"), one["actor"], one.get("reason"), "in_force" in one)
        for one in shown["history"]
    ]
    assert told == [
        ("record", "official", "official:ref", None, False),
        ("record", "disputed", "official:jury", "offside", True),
        ("void", None, "official:ref", "wrong match", False),
    ]
    assert shown["history"][-1]["position"] == position
    assert all(one["received"].endswith("Z") for one in shown["history"])
    assert (await desk.clients["pad"].get(url)).status_code == 403
    assert (await desk.public.get(url)).status_code == 404
    assert (await desk.clients["ref"].get(f"{desk.url}/contests/m9/result")).status_code == 404


async def public_box(desk, **params):
    return (await desk.public.get(f"{desk.url}/boards/box:m1", params=params)).json()


async def test_a_result_under_review_is_hidden_until_the_review_is_over(desk):
    await desk.goal("ada", 3)
    reviewed = await desk.state("ref", "under-review")
    before = await public_box(desk)
    assert before["content"]["result"] == "under-review"
    await desk.goal("bel", 4)
    assert await public_box(desk) == before
    assert (await desk.content("box:m1"))["line"]["score"] == [1, 1]
    stood = await public_box(desk, at=reviewed.json()["position"] + 9)
    assert stood["content"] == before["content"]
    await desk.state("jury", "provisional")
    after = (await public_box(desk))["content"]
    assert (after["result"], after["line"]["score"]) == ("provisional", [1, 1])


async def test_what_is_said_of_a_frozen_contests_result_is_not_for_the_public(desk):
    await desk.whistle()
    await desk.say("ref", "competition.frozen", {"contest": "m1"})
    before = await public_box(desk)
    await approve(desk)
    assert await public_box(desk) == before
    assert await desk.seen() == ("official", None, True)
    await desk.say("ref", "competition.thawed", {"contest": "m1"})
    assert (await public_box(desk))["content"]["final"]


async def test_results_outlive_a_restart_and_stand_as_they_stood(settings):
    async with desks_of(settings) as (desk_of, keys):
        desk = await desk_of("cup")
        await desk.whistle()
        first = await desk.state("ref", "official")
        await desk.state("jury", "official")
    async with desks_of(settings, keys) as (desk_of, _keys):
        again = await desk_of("cup", defined=True)
        assert await again.seen() == ("official", None, True)
        at = {"at": first.json()["position"]}
        stood = await again.clients["ref"].get(f"{again.url}/boards/contests", params=at)
        assert stood.json()["content"]["rows"]["m1"]["awaiting"] == 1


@pytest.mark.parametrize("approvals", [-1, 10, "two"])
async def test_a_definition_asks_for_a_sensible_number_of_approvals(desk, approvals):
    odd = CUP | {"slug": "odd", "results": {"approvals": approvals}}
    refused = await desk.clients["admin"].post(API, json=odd)
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/results/approvals")
