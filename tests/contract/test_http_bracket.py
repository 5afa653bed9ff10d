"""Who goes on, derived and corrected, over real sockets, on both databases."""

import contextlib

import httpx2
import msgspec
import pytest
import pytest_asyncio
from made_anew import contents, made_anew

from scoreboard.app import running
from scoreboard.facts.document import merge

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
NAMES = ("ada", "bel", "cad", "dot")
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": id_, "name": id_.title(), "short": id_.upper()} for id_ in NAMES],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "g1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "s1", "name": "Semi-final 1", "entrants": ["place:a:1", "cad"]},
        {"id": "s2", "name": "Semi-final 2", "entrants": ["place:a:2", "dot"]},
        {"id": "f", "name": "Final", "entrants": ["winner:s1", "winner:s2"]},
    ],
}


class Desk:
    """What devices and officials say, and what boards show of it."""

    def __init__(self, server, client, public):
        self.server = server
        self.client = client
        self.public = public
        self.last = 0

    async def say(self, id_, type_, contest=None, **data):
        event = {"id": id_, "source": "pad", "type": type_, "data": data}
        event |= {"contest": contest} if contest else {}
        answer = await self.client.post(f"{API}/cup/events", json=event)
        assert answer.status_code == 201, answer.text
        self.last = answer.json()["position"]
        return self.last

    async def play(self, contest, winner, loser=None):
        """A match that ends 1-0; without a loser, no whistle yet."""
        await self.say(f"{contest}-1", "football.goal", contest, team=winner, minute=9)
        if loser is not None:
            await self.say(f"{contest}-2", "football.full_time", contest)

    async def correct(self, record, action, **data):
        body = {"action": action, "reason": "seen again"} | ({"data": data} if data else {})
        answer = await self.client.post(f"{API}/cup/records/{record}/corrections", json=body)
        assert answer.status_code == 201, answer.text
        self.last = answer.json()["position"]

    async def board(self, name, **params):
        params = params or {"after": self.last}
        answer = await self.client.get(f"{API}/cup/boards/{name}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["content"]

    async def meeting(self, contest, **params):
        """Who meets in a contest, as the schedule, the box and the bracket say alike."""
        found = [
            (await self.board("contests", **params))["rows"][contest]["entrants"],
            (await self.board(f"box:{contest}", **params))["entrants"],
        ]
        bracket = await self.board("bracket", **params)
        if contest in bracket["rows"]:
            found.append(bracket["rows"][contest]["entrants"])
        assert all(one == found[0] for one in found)
        return [one["id"] for one in found[0]]

    async def needs_ruling(self):
        return (await self.board("flags")).get("needs_ruling", {})

    async def everything(self):
        """The content of all boards, with everything that this desk has said."""
        await self.board("standings")
        return await contents(self.server.app.projection)


@contextlib.asynccontextmanager
async def desk_of(settings, key=None):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(free))
        headers = {"Authorization": f"Bearer {key or server.admin_key}"}
        client = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=server.private_url, headers=headers)
        )
        public = await stack.enter_async_context(httpx2.AsyncClient(base_url=server.public_url))
        desk = Desk(server, client, public)
        if key is None:
            assert (await client.post(API, json=CUP)).status_code == 201
        yield desk


@pytest_asyncio.fixture
async def desk(settings):
    async with desk_of(settings) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module")
async def refused_desk(shared_settings):
    """A desk all whose definitions are refused, so that one serves for all of them."""
    async with desk_of(shared_settings) as desk:
        yield desk


async def swap(desk):
    """The goal of the group's match was the other team's."""
    await desk.correct("pad/g1-1", "amend", team="bel", minute=9)


async def test_who_is_not_known_yet_is_named_by_where_they_come_from(desk):
    row = (await desk.board("contests"))["rows"]["f"]
    assert row["entrants"] == [
        {"id": "winner:s1", "name": "Winner of Semi-final 1", "short": "W s1"},
        {"id": "winner:s2", "name": "Winner of Semi-final 2", "short": "W s2"},
    ]
    row = (await desk.board("contests"))["rows"]["s2"]
    assert [one["name"] for one in row["entrants"]] == ["2nd of Group A", "Dot"]


async def test_winners_and_placed_go_on_as_soon_as_it_is_over(desk):
    await desk.play("g1", "ada")
    assert await desk.meeting("s1") == ["place:a:1", "cad"]
    await desk.say("g1-2", "football.full_time", "g1")
    assert await desk.meeting("s1") == ["ada", "cad"]
    assert await desk.meeting("s2") == ["bel", "dot"]
    await desk.play("s1", "cad", "ada")
    await desk.say("s2-1", "football.walkover", "s2", winner="dot")
    assert await desk.meeting("f") == ["cad", "dot"]
    bracket = (await desk.board("bracket"))["rows"]
    assert bracket["s1"]["placings"] == ["cad", "ada"]
    assert bracket["s1"]["from"] == ["place:a:1", "cad"]
    assert bracket["s2"]["to"] == [{"contest": "f", "slot": 1, "place": 1}]
    assert "g1" not in bracket


async def test_a_draw_sends_nobody_on_until_penalties_decide(desk):
    await desk.play("g1", "ada", "bel")
    await desk.say("s1-0", "football.full_time", "s1")
    assert await desk.meeting("f") == ["winner:s1", "winner:s2"]
    await desk.say("s1-1", "football.shootout_kick", "s1", team="cad", scored=True)
    assert await desk.meeting("f") == ["cad", "winner:s2"]


async def test_a_correction_sends_on_the_other_where_nothing_was_played(desk):
    await desk.play("g1", "ada", "bel")
    await swap(desk)
    assert await desk.meeting("s1") == ["bel", "cad"]
    assert await desk.needs_ruling() == {}


async def test_a_contest_played_on_the_old_premise_needs_a_ruling(desk):
    await desk.play("g1", "ada", "bel")
    await desk.play("s1", "cad", "ada")
    before = await desk.everything()
    await swap(desk)
    assert await desk.needs_ruling() == {
        "s1": {"played": ["ada", "cad"], "goes_on": ["bel", "cad"]}
    }
    assert await desk.meeting("s1") == ["ada", "cad"]
    row = (await desk.board("contests"))["rows"]["s1"]
    assert (row["needs_ruling"], row["final"]) == (True, False)
    assert await desk.meeting("s2") == ["ada", "dot"]
    shadow = desk.server.app.shadow
    assert {await shadow.check(id_) for id_ in shadow.contests()} == {"same"}
    await desk.correct("pad/g1-1", "amend", team="ada", minute=9)
    assert await desk.needs_ruling() == {}
    assert await desk.everything() == before


async def test_a_preview_shows_what_would_need_a_ruling(desk):
    await desk.play("g1", "ada", "bel")
    await desk.play("s1", "cad", "ada")
    await desk.board("standings")
    before = {board: content for (_slug, board), content in (await desk.everything()).items()}
    amended = {"record": "pad/g1-1", "action": "amend", "data": {"team": "bel", "minute": 9}}
    proposal = {"corrections": [amended | {"reason": "seen again"}]}
    url = f"{API}/cup/corrections"
    preview = (await desk.client.post(f"{url}/preview", json=proposal)).json()
    changes = {one["board"]: one["merge"] for one in preview["boards"]}
    assert changes["flags"]["needs_ruling"]["s1"]["goes_on"] == ["bel", "cad"]
    assert changes["bracket"]["rows"]["s2"]["entrants"][0]["id"] == "ada"
    assert "box:s2" in changes
    seal = {name: preview[name] for name in ("basis", "digest")}
    signed = await desk.client.post(url, json=proposal | seal)
    assert signed.status_code == 201, signed.text
    desk.last = signed.json()["corrections"][0]["position"]
    await desk.board("standings")
    after = {board: content for (_slug, board), content in (await desk.everything()).items()}
    assert after == {board: merge(shown, changes.get(board, {})) for board, shown in before.items()}


async def test_officials_rule_by_pinning_who_played_or_by_having_it_played_again(desk):
    await desk.play("g1", "ada", "bel")
    await desk.play("s1", "cad", "ada")
    await desk.play("s2", "dot", "bel")
    await swap(desk)
    assert set(await desk.needs_ruling()) == {"s1", "s2"}
    pinned = {"id": "s1", "name": "Semi-final 1", "entrants": ["ada", "cad"]}
    event = {
        "id": "ruling",
        "source": "desk",
        "type": "competition.scheduled",
        "data": {"contest": pinned},
    }
    answer = await desk.client.post(f"{API}/cup/events", json=event)
    desk.last = answer.json()["position"]
    assert set(await desk.needs_ruling()) == {"s2"}
    await desk.correct("pad/s2-1", "void")
    await desk.correct("pad/s2-2", "void")
    assert await desk.needs_ruling() == {}
    assert await desk.meeting("s2") == ["ada", "dot"]


async def test_a_contest_that_began_too_early_follows_who_goes_on(desk):
    await desk.play("s1", "ada")
    assert await desk.meeting("s1") == ["place:a:1", "cad"]
    await desk.play("g1", "ada", "bel")
    assert await desk.meeting("s1") == ["ada", "cad"]
    assert (await desk.board("box:s1"))["line"] == {
        "teams": ["ada", "cad"],
        "play": "first",
        "score": [1, 0],
    }


async def test_brackets_stand_as_they_stood_outlive_a_restart_and_are_made_anew(settings, tmp_path):
    async with desk_of(settings) as desk:
        await desk.play("g1", "ada", "bel")
        early = desk.last
        await desk.play("s1", "cad", "ada")
        late = desk.last
        key = desk.server.admin_key
    async with desk_of(settings, key) as again:
        again.last = late
        assert await again.meeting("f") == ["cad", "winner:s2"]
        await swap(again)
        assert await again.meeting("s1") == ["ada", "cad"]
        assert set(await again.needs_ruling()) == {"s1"}
        live = await again.everything()
        assert await made_anew(again.server.app.ledger, tmp_path / "anew") == live
        assert await made_anew(again.server.app.ledger, tmp_path / "one", batch=1) == live
        assert await again.meeting("s1", at=early) == ["ada", "cad"]
        assert await again.meeting("s2", at=early) == ["bel", "dot"]
        assert await again.meeting("f", at=early) == ["winner:s1", "winner:s2"]
        for name in ("bracket", "contests", "flags", "box:s1", "box:f", "standings"):
            assert await again.board(name, at=again.last) == live["cup", name]


async def test_who_goes_on_from_a_frozen_contest_is_not_for_the_public(desk):
    await desk.play("g1", "ada", "bel")
    await desk.play("s1", "cad")
    await desk.say("freeze", "competition.frozen", reason="finals")

    async def seen():
        await desk.board("standings")
        names = ("contests", "bracket", "box:f", "box:s2")
        answers = [await desk.public.get(f"{API}/cup/boards/{name}") for name in names]
        return [answer.json() for answer in answers]

    before = await seen()
    await desk.say("s1-2", "football.full_time", "s1")
    await desk.say("f-0", "football.kick_off", "f", period="first")
    assert await desk.meeting("f") == ["cad", "winner:s2"]
    assert await seen() == before
    rows = before[1]["content"]["rows"]
    assert [one["id"] for one in rows["s1"]["entrants"]] == ["ada", "cad"]
    await desk.say("thaw", "competition.thawed", reason="over")
    assert (await seen())[1]["content"] == await desk.board("bracket")


@pytest.mark.parametrize(
    ("entrants", "pointer"),
    [
        (["winner:m9", "cad"], "/contests/3/entrants/0"),
        (["cad", "place:b:1"], "/contests/3/entrants/1"),
        (["cad", "winner:a"], "/contests/3/entrants/1"),
        (["winner:f", "cad"], "/contests/3/entrants"),
        (["first:s1", "cad"], "/contests/3/entrants/0"),
    ],
)
async def test_a_definition_refers_to_what_there_is(refused_desk, entrants, pointer):
    *contests, final = CUP["contests"]
    odd = CUP | {"slug": "odd", "contests": [*contests, final | {"entrants": entrants}]}
    refused = await refused_desk.client.post(API, json=odd)
    assert (refused.status_code, refused.json()["pointer"]) == (422, pointer), refused.text
