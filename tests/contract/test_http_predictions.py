"""Prediction games over HTTP, their points made by the real worker, on both databases."""

import pytest
import pytest_asyncio
from game import API, Play, served

pytestmark = pytest.mark.one_database


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings):
    async with served(shared_settings) as found:
        yield found


@pytest.fixture
def new(server):
    """A cup and a game of a test's own."""
    return Play(*server)


async def test_points_follow_final_results_and_their_corrections(new):
    play = await new.define()
    await play.guess("ann", "m1", 2, 1)  # exact
    await play.guess("bob", "m1", 1, 0)  # the difference
    await play.guess("cem", "m1", 3, 0)  # the tendency
    await play.guess("dee", "m1", 0, 0)
    assert set((await play.board()).values()) == {(1, 0)}
    goals = await play.final("m1", 2, 1)
    assert await play.board() == {"ann": (1, 4), "bob": (2, 3), "cem": (3, 2), "dee": (4, 0)}
    await play.correct(play.cup, goals[1])
    assert await play.board() == {"dee": (1, 3), "ann": (2, 0), "bob": (2, 0), "cem": (2, 0)}
    await play.correct(play.cup, goals[-1])
    assert set((await play.board()).values()) == {(1, 0)}


async def test_a_guess_after_the_first_fact_is_kept_and_does_not_count(new):
    play = await new.define()
    await play.guess("ann", "m1", 2, 1)
    goal = await play.goal("m1", "ada")
    await play.guess("ann", "m1", 1, 0, joker=True)
    await play.guess("ann", "nowhere", 1, 0)
    ann = await play.user("ann")
    assert ann["guesses"] == [{"contest": "m1", "home": 2, "away": 1}]
    late = {"contest": "m1", "home": 1, "away": 0, "joker": True, "flags": ["late"]}
    assert ann["left_out"] == [late]
    await play.correct(play.cup, goal)  # that was another match: guesses are open again
    ann = await play.user("ann")
    assert ann["guesses"] == [{"contest": "m1", "home": 1, "away": 0, "joker": True}]
    assert ann["left_out"] == []
    flags = (await play.admin.get(f"{API}/{play.tips}/boards/flags")).json()["content"]["rows"]
    assert [row["flags"] for row in flags.values()] == [["unknown-contest"]]


async def test_an_official_locks_a_contest_and_a_device_cannot(new):
    play = await new.define()
    await play.guess("ann", "m1", 2, 1)
    made = await play.admin.post("/api/v1/keys", json={"role": "device", "name": play.tips})
    event = {"id": "x", "source": "app", "type": "guesses.locked", "data": {"contest": "m1"}}
    device = {"Authorization": f"Bearer {made.json()['key']}"}
    answer = await play.admin.post(f"{API}/{play.tips}/events", json=event, headers=device)
    assert answer.status_code == 403
    await play.guess("ann", "m1", 3, 1)
    assert (await play.user("ann"))["guesses"][0]["home"] == 3
    lock = await play.say(play.tips, "guesses.locked", {"contest": "m1"})
    await play.guess("ann", "m1", 4, 1)
    assert (await play.user("ann"))["guesses"][0]["home"] == 3
    await play.correct(play.tips, lock)
    assert (await play.user("ann"))["guesses"][0]["home"] == 4


async def test_the_planned_start_locks_by_the_servers_clock(new):
    early = [
        {"id": "m1", "entrants": ["ada", "bel"], "start": "2001-01-01T00:00:00Z"},
        {"id": "m2", "entrants": ["ada", "bel"], "start": "2190-01-01T00:00:00Z"},
    ]
    play = await new.define(cup={"contests": early}, lock="planned")
    await play.guess("ann", "m1", 1, 0)
    await play.guess("ann", "m2", 1, 0)
    await play.goal("m2", "ada")
    await play.guess("ann", "m2", 2, 0)
    ann = await play.user("ann")
    assert [(g["contest"], g["home"]) for g in ann["guesses"]] == [("m2", 2)]
    moved = {"contest": early[0] | {"start": "2190-01-01T00:00:00Z"}}
    await play.say(play.cup, "competition.scheduled", moved)
    ann = await play.user("ann")
    assert [(g["contest"], g["home"]) for g in ann["guesses"]] == [("m1", 1), ("m2", 2)]


async def test_nobody_guesses_a_contest_that_is_over_before_its_planned_start(new):
    contests = [
        {"id": "m1", "entrants": ["ada", "bel"], "start": "2190-01-01T00:00:00Z"},
        {"id": "m2", "entrants": ["ada", "bel"]},
    ]
    play = await new.define(cup={"contests": contests}, lock="planned")
    for contest in ("m1", "m2"):
        await play.guess("ann", contest, 1, 0)
        await play.final(contest, 2, 0)
        await play.guess("ann", contest, 2, 0)
        await play.guess("bob", contest, 2, 0)
    assert await play.board() == {"ann": (1, 4), "bob": (2, 0)}
    assert [g["flags"] for g in (await play.user("bob"))["left_out"]] == [["late"], ["late"]]


async def test_jokers_double_and_one_too_many_does_not(new):
    play = await new.define(joker_factor=2)
    card = [
        {"contest": "m1", "home": 1, "away": 0, "joker": True},
        {"contest": "m4", "home": 1, "away": 0, "joker": True},
    ]
    await play.say(play.tips, "guesses.made", {"user": "ann", "guesses": card})
    await play.final("m1", 1, 0)
    await play.final("m4", 1, 0)
    ann = await play.user("ann")
    assert (ann["points"], ann["rank"]) == (2 * 4 + 3 * 4, 1)
    assert [g.get("flags") for g in ann["guesses"]] == [None, ["joker-too-many"]]
    assert [g["points"] for g in ann["guesses"]] == [8, 12]


async def test_a_voided_guess_gives_way_to_the_one_before_it(new):
    play = await new.define()
    await play.guess("ann", "m1", 1, 0)
    second = await play.guess("ann", "m1", 5, 0)
    await play.final("m1", 1, 0)
    assert (await play.user("ann"))["points"] == 2
    await play.correct(play.tips, second)
    assert (await play.user("ann"))["points"] == 4
    assert await play.board() == {"ann": (1, 4)}
    said = {"user": "ann", "contest": "m1", "home": 2, "away": 1}
    await play.correct(play.tips, second, "amend", **said)
    assert (await play.user("ann"))["points"] == 3


async def test_ranks_are_shared_and_a_user_finds_neighbours(new):
    play = await new.define()
    for number, user in enumerate(["ann", "bob", "cem", "dee", "eva", "fay"]):
        await play.guess(user, "m1", [2, 1, 1, 3, 0, 0][number], [1, 0, 0, 0, 0, 0][number])
    await play.final("m1", 2, 1)
    assert await play.board() == {
        "ann": (1, 4), "bob": (2, 3), "cem": (2, 3), "dee": (4, 2), "eva": (5, 0), "fay": (5, 0),
    }  # fmt: skip
    top = await play.document(top=3)
    assert list(top["content"]["rows"]) == ["ann", "bob", "cem"]
    assert top["content"]["total"] == 6
    dee = await play.user("dee")
    assert (dee["rank"], dee["sharing"], dee["users"]) == (4, 1, 6)
    around = [(row["user"], row["rank"]) for row in dee["neighbours"]]
    assert around == [("ann", 1), ("bob", 2), ("cem", 2), ("dee", 4), ("eva", 5), ("fay", 5)]
    assert (await play.user("cem"))["sharing"] == 2
    assert (await play.public.get(f"{API}/{play.tips}/users/nobody")).status_code == 404


async def test_friends_are_ranked_among_themselves(new):
    play = await new.define()
    for user, home in (("ann", 1), ("bob", 5), ("cem", 1), ("dee", 0)):
        await play.guess(user, "m1", home, 0)
    joined = {}
    for user in ("bob", "cem", "dee", "eva"):
        friend = {"league": "office", "user": user}
        joined[user] = await play.say(play.tips, "league.joined", friend)
    await play.final("m1", 1, 0)
    everybody = [("cem", 4, 1), ("bob", 2, 2), ("dee", 0, 3), ("eva", 0, 3)]
    assert await play.league("office") == everybody
    await play.say(play.tips, "league.left", {"league": "office", "user": "cem"})
    assert await play.league("office") == [("bob", 2, 1), ("dee", 0, 2), ("eva", 0, 2)]
    await play.correct(play.tips, joined["eva"])
    assert await play.league("office") == [("bob", 2, 1), ("dee", 0, 2)]


async def test_the_public_sees_guesses_once_they_are_locked(new):
    play = await new.define()
    await play.guess("ann", "m1", 1, 0)
    await play.guess("ann", "m2", 1, 0)
    await play.goal("m1", "bel")
    assert [g["contest"] for g in (await play.user("ann", public=True))["guesses"]] == ["m1"]
    assert len((await play.user("ann"))["guesses"]) == 2


async def test_what_is_frozen_counts_once_it_is_shown(new):
    play = await new.define()
    await play.guess("ann", "m1", 1, 0)
    await play.final("m2", 1, 0)
    await play.say(play.cup, "competition.frozen", {})
    await play.final("m1", 1, 0)
    assert await play.board() == {"ann": (1, 0)}
    await play.say(play.cup, "competition.thawed", {})
    assert await play.board() == {"ann": (1, 4)}


async def test_a_frozen_game_shows_the_public_nothing_new(new):
    play = await new.define()
    await play.guess("ann", "m1", 1, 0)
    before = (await play.document())["content"]
    await play.say(play.tips, "competition.frozen", {})
    await play.final("m1", 1, 0)
    path = f"{API}/{play.tips}/boards/leaderboard"
    seen = (await play.admin.get(path, params={"after": play.position})).json()
    assert seen["content"]["rows"]["ann"]["figures"]["points"] == 4
    frozen = (await play.public.get(path)).json()
    assert (frozen["content"], frozen["frozen"]) == (before, True)
    assert (await play.public.get(f"{API}/{play.tips}/users/ann")).status_code == 404
    await play.say(play.tips, "competition.thawed", {})
    assert await play.board() == {"ann": (1, 4)}


async def test_another_scheme_moves_all_points(new):
    play = await new.define()
    await play.guess("ann", "m1", 2, 0)
    await play.guess("bob", "m1", 1, 0)
    await play.final("m1", 1, 0)
    assert await play.board() == {"bob": (1, 4), "ann": (2, 2)}
    await play.define_game(scheme={"exact": 10, "tendency": 1})
    assert await play.board() == {"bob": (1, 10), "ann": (2, 1)}


async def test_a_game_defined_again_over_another_cup_starts_again(new, server):
    play = await new.define()
    await play.guess("ann", "m1", 1, 0)
    await play.final("m1", 1, 0)
    assert await play.board() == {"ann": (1, 4)}
    other = Play(*server)
    await other.define_cup()
    await play.define_game(over=other.cup)
    assert await play.board() == {"ann": (1, 0)} or await play.board() == {}


async def test_what_is_wrong_with_a_guess_is_said_at_the_door(new):
    play = await new.define()
    path = f"{API}/{play.tips}/events"
    event = {"id": "x", "source": "app", "type": "guess.made"}
    bad = {"user": "ann", "contest": "m1", "home": -1, "away": 0}
    answer = await play.admin.post(path, json=event | {"data": bad})
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/data/home")
    answer = await play.admin.post(path, json=event | {"data": bad | {"user": "no one"}})
    assert answer.status_code == 422


async def test_an_erased_guess_is_gone_and_the_one_before_it_counts(new):
    play = await new.define()
    await play.guess("ann", "m1", 1, 0)
    erased = await play.guess("ann", "m1", 5, 0)
    await play.final("m1", 1, 0)
    assert await play.board() == {"ann": (1, 2)}
    path = f"{API}/{play.tips}/records/{erased}/erasures"
    answer = await play.admin.post(path, json={"reason": "asked for"})
    assert answer.status_code in (200, 201), answer.text
    play.position += 1
    assert await play.board() == {"ann": (1, 4)}
    await play.guess("bob", "m1", 1, 0)
    assert await play.board() == {"ann": (1, 4), "bob": (2, 0)}
