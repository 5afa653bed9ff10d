"""Rows explained over real sockets, on both databases: records, versions, who said what."""

import contextlib
import itertools
from decimal import Decimal

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.settings import Limits, Settings

pytestmark = pytest.mark.one_database

NUMBERS = itertools.count()
API = "/api/v1/competitions"
TEAMS = [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}]
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": TEAMS,
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["bel", "ada"], "group": "a"},
    ],
}
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": TEAMS,
    "contests": [{"id": "r1"}, {"id": "r2"}],
}
LIFT = {
    "slug": "lift",
    "name": "Lift",
    "sport": "lifting",
    "params": {"lifts": ["snatch", "jerk"], "ties": ["body_weight"]},
    "entrants": TEAMS,
    "contests": [{"id": "open", "entrants": ["ada", "bel"]}],
}


@contextlib.asynccontextmanager
async def served(settings, **limits):
    """A server's clients: an official's and the public's."""
    free = msgspec.structs.replace(settings, private_port=0, public_port=0, limits=Limits(**limits))
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=headers) as official,
            httpx2.AsyncClient(base_url=server.public_url) as public,
        ):
            yield official, public


@pytest_asyncio.fixture(scope="module")
async def clients(shared_settings):
    """One server for all tests; each plays competitions of its own."""
    async with served(shared_settings) as (official, public):
        yield official, public


@pytest_asyncio.fixture
async def cup(clients):
    return await defined(clients, CUP)


@pytest_asyncio.fixture
async def quiz(clients):
    return await defined(clients, QUIZ)


@pytest_asyncio.fixture
async def lift(clients):
    return await defined(clients, LIFT)


async def defined(clients, competition):
    """The slug of a fresh competition."""
    official, _public = clients
    slug = f"{competition['slug']}-{next(NUMBERS)}"
    answer = await official.post(API, json=competition | {"slug": slug})
    assert answer.status_code == 201, answer.text
    return slug


async def say(client, slug, id_, type_, contest=None, **data):
    event = {"id": id_, "source": "pad/1", "type": type_, "data": data, "contest": contest}
    answer = await client.post(f"{API}/{slug}/events", json=event)
    assert answer.status_code == 201, answer.text
    return answer.json()["position"]


async def correct(client, slug, id_, action, reason, **data):
    said = {"action": action, "reason": reason} | ({"data": data} if data else {})
    url = f"{API}/{slug}/records/pad/1/{id_}/corrections"
    answer = await client.post(url, json=said)
    assert answer.status_code == 201, answer.text
    return answer.json()["position"]


async def explained(client, slug, entrant, board="standings", **query):
    """The explanation of a row, whose changes are checked to add up."""
    url = f"{API}/{slug}/boards/{board}/rows/{entrant}/explain"
    answer = await client.get(url, params=query)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    for figure in made["figures"].values():
        changes = [Decimal(str(p["change"])) for p in figure["parts"] if "change" in p]
        if len(changes) == len(figure["parts"]):
            assert sum(changes) == Decimal(str(figure["value"]))
    return made


def told(made, figure):
    """The records behind a figure and what each did."""
    return [
        (part.get("record", part.get("remainder")), part["change"])
        for part in made["figures"][figure]["parts"]
    ]


async def test_a_table_is_explained_by_the_goals_that_count_in_it(clients, cup):
    official, public = clients
    await say(official, cup, "1", "football.goal", "m1", team="ada", minute=10)
    await say(official, cup, "2", "football.goal", "m1", team="ada", minute=20)
    await say(official, cup, "3", "football.goal", "m1", team="bel", minute=30)
    position = await say(official, cup, "4", "football.goal", "m2", team="ada", minute=5)
    before = await explained(public, cup, "ada", after=position)
    assert before["figures"]["gf"]["value"] == 3
    await correct(official, cup, "1", "amend", "own goal seen again", team="bel", minute=10)
    position = await correct(official, cup, "4", "void", "offside")
    made = await explained(official, cup, "ada", after=position)
    assert (made["rank"], made["group"]) == (2, "a")
    assert told(made, "gf") == [("pad/1/2", 1)]
    assert told(made, "ga") == [("pad/1/1", 1), ("pad/1/3", 1)]
    assert told(made, "pts") == [("pad/1/2", 1), ("pad/1/3", -1)]
    assert made["figures"]["pts"]["label"] == "Pts"
    amended = next(p for p in made["figures"]["ga"]["parts"] if p["record"] == "pad/1/1")
    assert (amended["contest"], amended["versions"]) == ("m1", 2)
    assert amended["text"].startswith("Goal")
    assert [(v["version"], v["source"], v.get("reason")) for v in amended["said"]] == [
        (1, "pad/1", None),
        (2, "admin:first-admin", "own goal seen again"),
    ]
    record = (await official.get(amended["href"])).json()
    assert record["versions"][0]["position"] == amended["position"]
    box = await explained(official, cup, "ada", board="box:m1")
    assert told(box, "score") == [("pad/1/2", 1)]
    assert "rank" not in box


async def test_the_public_is_not_told_who_said_what(clients, cup):
    official, public = clients
    await say(official, cup, "1", "football.goal", "m1", team="ada", minute=10)
    position = await correct(
        official, cup, "1", "amend", "a slip of Kim's pen", team="ada", minute=11
    )
    made = await explained(official, cup, "ada", after=position)
    url = f"{API}/{cup}/boards/standings/rows/ada/explain"
    seen = await public.get(url)
    assert "Kim" in str(made)
    assert not any(word in seen.text for word in ("Kim", "admin", "said", "href"))
    assert told(seen.json(), "gf") == told(made, "gf") == [("pad/1/1", 1)]
    assert (await public.get(url, headers={"If-None-Match": seen.headers["etag"]})).status_code == (
        304
    )


async def test_a_sum_of_points_is_explained_from_the_ledger(clients, quiz):
    official, public = clients
    for n in range(4):
        await say(official, quiz, f"a{n}", "points.scored", "r1", entrant="ada", points=n + 1)
        await say(official, quiz, f"b{n}", "points.scored", "r2", entrant="bel", points=10)
    await correct(official, quiz, "a1", "amend", "miscounted", entrant="ada", points=7)
    await correct(official, quiz, "a2", "amend", "it was Bel", entrant="bel", points=3)
    position = await correct(official, quiz, "a3", "void", "too late")
    ada = await explained(public, quiz, "ada", after=position)
    assert told(ada, "points") == [("pad/1/a0", 1), ("pad/1/a1", 7)]
    bel = await explained(public, quiz, "bel")
    assert (bel["rank"], bel["figures"]["points"]["value"]) == (1, 43)
    assert told(bel, "points")[0] == ("pad/1/a2", 3)
    one = await explained(public, quiz, "bel", board="box:r1")
    assert told(one, "points") == [("pad/1/a2", 3)]


async def test_a_tie_break_and_each_attempt_are_named_in_lifting(clients, lift):
    official, public = clients
    for entrant, grams in (("ada", 61_000), ("bel", 60_000)):
        await say(
            official, lift, f"w{entrant}", "lifting.weigh_in", "open",
            entrant=entrant, body_weight_g=grams,
        )  # fmt: skip
        for what, weight in (("snatch", 52_500), ("jerk", 60_000)):
            said = {"entrant": entrant, "lift": what, "attempt": 1}
            name = f"{entrant}-{what}"
            await say(official, lift, name, "lifting.attempt", "open", weight_g=weight, **said)
            for referee in ("left", "centre", "right"):
                position = await say(
                    official, lift, f"{name}-{referee}", "lifting.light", "open",
                    referee=referee, good=True, **said,
                )  # fmt: skip
    made = await explained(public, lift, "bel", after=position)
    assert (made["rank"], made["decided"]) == (1, "body_weight")
    assert made["figures"]["total"]["value"] == 112.5
    decisive = [("pad/1/bel-snatch", 52.5), ("pad/1/bel-jerk", 60)]  # by the second good light
    assert [(record.rpartition("-")[0], change) for record, change in told(made, "total")] == (
        decisive
    )
    box = await explained(public, lift, "bel", board="box:open")
    assert box["figures"]["lifters.total"]["value"] == 112.5


async def test_a_row_is_explained_as_it_stood(clients, quiz):
    official, public = clients
    first = await say(official, quiz, "1", "points.scored", "r1", entrant="ada", points=1)
    await say(official, quiz, "2", "points.scored", "r1", entrant="ada", points=2)
    last = await say(official, quiz, "3", "points.scored", "r1", entrant="bel", points=9)
    now = await explained(public, quiz, "ada", after=last)
    then = await explained(public, quiz, "ada", at=first)
    assert (now["rank"], now["figures"]["points"]["value"]) == (2, 3)
    assert (then["rank"], told(then, "points")) == (1, [("pad/1/1", 1)])


async def test_a_row_is_explained_by_another_version_of_the_rules_as_its_board_is(clients, cup):
    official, public = clients
    first = await say(official, cup, "1", "football.goal", "m1", team="ada", minute=10)
    await say(official, cup, "2", "football.full_time", "m1")
    two = CUP | {"slug": cup, "params": {"win": 2}}
    assert (await official.post(API, json=two)).status_code == 200
    last = await say(official, cup, "3", "football.goal", "m2", team="bel", minute=5)
    for query, rules in (
        ({"after": last}, 2),
        ({"rules": 1}, 1),
        ({"rules": 2}, 2),
        ({"rules": 1, "at": last}, 1),
        ({"rules": 2, "at": first}, 2),
    ):
        made = await explained(public, cup, "ada", **query)
        board = (await public.get(f"{API}/{cup}/boards/standings", params=query)).json()
        figures = board["content"]["rows"]["ada"]["figures"]
        assert {key: figure["value"] for key, figure in made["figures"].items()} == figures
        assert made["rules"] == board["rules"] == rules
    url = f"{API}/{cup}/boards/standings/rows/ada/explain"
    unknown = await public.get(url, params={"rules": 3})
    assert (unknown.status_code, unknown.json()["pointer"]) == (404, "/rules")
    odd = await public.get(url, params={"rules": "new"})
    assert (odd.status_code, odd.json()["pointer"]) == (422, "/rules")


@pytest.mark.parametrize("kind", ["cup", "quiz"])
async def test_nothing_after_a_freeze_is_explained_to_the_public(clients, kind):
    official, public = clients
    slug = await defined(clients, CUP if kind == "cup" else QUIZ)

    async def score(id_, value):
        if kind == "cup":
            return await say(official, slug, id_, "football.goal", "m1", team="ada", minute=value)
        return await say(official, slug, id_, "points.scored", "r1", entrant="ada", points=value)

    await score("1", 7)
    position = await say(official, slug, "freeze", "competition.frozen")
    before = await explained(public, slug, "ada", after=position)
    assert before["frozen"]
    await score("2", 77)
    await correct(official, slug, "1", "void", "seen again")
    position = await score("3", 77)
    live = await explained(official, slug, "ada", after=position)
    figure = "gf" if kind == "cup" else "points"
    assert [record for record, _change in told(live, figure)] == ["pad/1/2", "pad/1/3"]
    for query in ({}, {"at": position}):
        assert await explained(public, slug, "ada", **query) == before
    await say(official, slug, "show", "competition.revealed", records=["pad/1/2"])
    position = await correct(
        official, slug, "2", "amend", "a slip",
        **({"team": "ada", "minute": 78} if kind == "cup" else {"entrant": "ada", "points": 78}),
    )  # fmt: skip
    await explained(official, slug, "ada", after=position)
    row = (await public.get(f"{API}/{slug}/boards/standings")).json()["content"]["rows"]["ada"]
    for query in ({}, {"at": position}):
        shown = await explained(public, slug, "ada", **query)
        assert [record for record, _change in told(shown, figure)] == ["pad/1/1", "pad/1/2"]
        assert shown["figures"][figure]["value"] == row["figures"][figure]


async def test_what_has_no_row_is_not_explained(clients, cup, quiz):
    official, public = clients
    position = await say(official, quiz, "1", "points.scored", "r1", entrant="ada", points=1)
    await explained(public, quiz, "ada", after=position)
    for path in (
        f"{quiz}/boards/standings/rows/bel/explain",
        f"{quiz}/boards/contests/rows/r1/explain",
        f"{quiz}/boards/flags/rows/ada/explain",
        f"{quiz}/boards/box:r2/rows/ada/explain",
        f"{quiz}/boards/nothing/rows/ada/explain",
        "none/boards/standings/rows/ada/explain",
        f"{cup}/boards/standings/rows/zed/explain",
    ):
        answer = await public.get(f"{API}/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["hint"]


async def test_a_row_with_more_entries_than_are_read_is_refused(tmp_path):
    settings = Settings(data=str(tmp_path))
    async with served(settings, explained_entries_max=3) as clients:
        official, public = clients
        quiz = await defined(clients, QUIZ)
        said = {"entrant": "ada", "points": 1}
        for n in range(4):
            contest = f"r{n % 2 + 1}"
            position = await say(official, quiz, str(n), "points.scored", contest, **said)
        url = f"{API}/{quiz}/boards/standings/rows/ada/explain"
        refused = await public.get(url, params={"after": position})
        assert refused.status_code == 413
        assert "box of one contest" in refused.json()["hint"]
        one = await explained(public, quiz, "ada", board="box:r1")
        assert one["figures"]["points"]["value"] == 2
