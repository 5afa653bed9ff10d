"""What boards showed last is shown again, but only as long as nothing below it has changed."""

import msgspec
from declared import declared_sports

from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.entry import GENESIS, Draft, Head
from scoreboard.ledger.chain import entry_of, link
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.projections.kept import Kept

ROWS_MAX = 100


def entry(position, type_, data, *, contest=None, record=None):
    draft = Draft(
        competition="cup",
        contest=contest,
        source="pad",
        id=f"{position}",
        type=type_,
        actor="admin:ada",
        data=msgspec.json.encode(data),
    )
    planned = [(draft, "record", record or f"pad/{position}", 1)]
    return entry_of(link(Head("l", position - 1, GENESIS, 1, 0), planned, 0)[0][0])


def made(sport, entrants, contests, groups=()):
    """A competition by its definition, without any facts."""
    definition = {
        "slug": "cup",
        "name": "Cup",
        "sport": sport,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in entrants],
        "contests": contests,
        "groups": list(groups),
    }
    fold = CompetitionFold("cup", DefinitionFold(), declared_sports())
    fold.define([entry(1, "competition.defined", definition, record="competition")])
    return fold


def feed(fold, position, type_, contest, **data):
    """One fact, and the rankings with it."""
    if contest not in fold.contests:
        fold.contests[contest] = fold.new_contest(contest)
    fold.contests[contest].feed([entry(position, type_, data, contest=contest)])
    fold.dirty = {contest}
    fold.rerank()
    fold.contests[contest].dirty_keys = set()


def board(fold, name):
    return render.content(fold, name, ROWS_MAX)["rows"]


def quiz():
    fold = made("points", ["ada", "bel"], [{"id": "r1", "name": "1"}, {"id": "r2", "name": "2"}])
    feed(fold, 2, "points.scored", "r1", entrant="ada", points=5)
    feed(fold, 3, "points.scored", "r2", entrant="bel", points=3)
    return fold


def test_the_row_of_an_entrant_who_did_not_score_is_the_one_shown_before():
    fold = quiz()
    before = board(fold, "standings")
    feed(fold, 4, "points.scored", "r2", entrant="bel", points=1)
    after = board(fold, "standings")
    assert after["ada"] is before["ada"]
    assert after["bel"]["figures"] == {"points": 4, "facts": 2}


def test_a_row_is_made_again_if_only_its_rank_changed():
    fold = quiz()
    board(fold, "standings")
    feed(fold, 4, "points.scored", "r2", entrant="bel", points=9)
    assert [row["rank"] for row in board(fold, "standings").values()] == [1, 2]


def test_what_a_board_showed_does_not_change_when_rows_are_made_again():
    fold = quiz()
    before = board(fold, "standings")
    feed(fold, 4, "points.scored", "r2", entrant="bel", points=9)
    board(fold, "standings")
    assert before["bel"]["figures"] == {"points": 3, "facts": 1}
    assert list(before) == ["ada", "bel"]


def test_trying_something_out_leaves_what_is_shown():
    fold = quiz()
    before = board(fold, "standings"), board(fold, "contests")
    twin = fold.contests["r1"].twin()
    twin.feed([entry(4, "points.scored", {"entrant": "bel", "points": 50}, contest="r1")])
    with fold.hypothetically({"r1": twin}):
        assert board(fold, "standings")["bel"]["figures"]["points"] == 53
        assert board(fold, "contests")["r1"]["status"] == "live"
    assert (board(fold, "standings"), board(fold, "contests")) == before


def test_a_contest_that_is_tried_out_is_live_by_facts_that_nobody_looked_at():
    fold = quiz()
    twin = fold.contests["r1"].twin()
    assert render.contest_status(fold, fold.definition.contests["r1"]) == "live"
    with fold.hypothetically({"r1": twin}):
        assert render.contest_status(fold, fold.definition.contests["r1"]) == "live"


def test_lines_of_contests_are_made_again_where_something_happened():
    contests = [{"id": id_, "name": id_, "entrants": ["ada", "bel"]} for id_ in ("m1", "m2")]
    fold = made("football", ["ada", "bel"], contests)
    feed(fold, 2, "football.kick_off", "m1")
    feed(fold, 3, "football.kick_off", "m2")
    before = board(fold, "contests")
    feed(fold, 4, "football.goal", "m2", team="ada", minute=3)
    after = board(fold, "contests")
    assert after["m1"] is before["m1"]
    assert after["m2"]["line"]["score"] == [1, 0]


def test_milestones_are_told_anew_where_something_happened_and_of_all_together():
    start = "2027-06-01T12:00:00Z"
    contests = [{"id": id_, "entrants": ["ada", "bel"], "start": start} for id_ in ("m1", "m2")]
    fold = made("football", ["ada", "bel"], contests)
    for position, (contest, minute) in enumerate([("m1", 9), ("m1", 8), ("m2", 30)], 2):
        feed(fold, position, "football.goal", contest, team="ada", player="Kay", minute=minute)
    assert texts(fold) == ["First goal of Cup: Kay, Ada, 8'", "Top scorer: Kay, Ada, 3 goals"]
    feed(fold, 5, "football.goal", "m2", team="bel", player="Lee", minute=1)
    assert texts(fold)[0] == "First goal of Cup: Lee, Bel, 1'"
    fold.contests["m2"] = fold.new_contest("m2")
    assert texts(fold) == ["First goal of Cup: Kay, Ada, 8'", "Top scorer: Kay, Ada, 2 goals"]


def test_milestones_that_are_tried_out_are_told_no_more_afterwards():
    contests = [{"id": id_, "name": id_, "entrants": ["ada", "bel"]} for id_ in ("m1", "m2")]
    fold = made("football", ["ada", "bel"], contests)
    feed(fold, 2, "football.goal", "m1", team="ada", player="Kay", minute=8)
    before = texts(fold)
    tried = fold.new_contest("m1")
    goals = [{"team": "bel", "player": "Lee", "minute": minute} for minute in (1, 2, 3)]
    tried.feed([entry(n, "football.goal", goal, contest="m1") for n, goal in enumerate(goals)])
    with fold.hypothetically({"m1": tried}):
        assert "Hat-trick: Lee, Bel" in texts(fold)
    assert texts(fold) == before


def texts(fold):
    return [row["text"] for row in board(fold, "milestones").values()]


def test_what_is_forgotten_is_made_again_though_no_contest_has_moved():
    made_of = []
    kept = Kept()
    for forgotten in ("m1", "", "m2"):
        kept.forget(forgotten)
        assert kept.all(["m1", "m2"], {}, lambda id_: made_of.append(id_) or id_) == {
            "m1": "m1",
            "m2": "m2",
        }
    assert made_of == ["m1", "m2", "m2"]


def test_another_definition_makes_everything_again():
    fold = quiz()
    board(fold, "standings")
    board(fold, "contests")
    renamed = {"entrant": {"id": "ada", "name": "Ada the First"}}
    assert any("Ada," in text for text in texts(fold))
    fold.define([entry(5, "competition.entered", renamed)])
    assert board(fold, "standings")["ada"]["name"] == "Ada the First"
    assert any("Ada the First," in text for text in texts(fold))


def test_what_a_sport_learns_of_the_entrants_makes_other_rules():
    fold = made("race", ["ada"], [{"id": "run", "name": "Run"}])
    feed(fold, 2, "race.gun", "run", at=0)
    feed(fold, 3, "race.read", "run", reader="finish", at=60_000, chip="c7")
    assert board(fold, "standings") == {}
    late = {"entrant": {"id": "bel", "name": "Bel"}}
    assert not fold.define([entry(4, "competition.entered", late)])
    late["entrant"]["attributes"] = {"chip": "c7"}
    assert fold.define([entry(5, "competition.entered", late)])


def test_a_gun_ranks_everybody_again():
    fold = made("race", ["ada", "bel"], [{"id": "run", "name": "Run"}])
    feed(fold, 2, "race.gun", "run", at=0)
    feed(fold, 3, "race.read", "run", reader="finish", at=60_000, entrant="ada")
    before = board(fold, "standings")
    feed(fold, 4, "race.gun", "run", at=10_000)
    assert board(fold, "standings")["ada"]["figures"]["time_ms"] == 50_000
    assert before["ada"]["figures"]["time_ms"] == 60_000


def test_divisions_of_a_field_are_groups_of_its_boards():
    fold = made("race", ["ada"], [{"id": "run", "name": "Run"}])
    for number, division in enumerate(("women", "men", "women"), 2):
        entrant = {"id": f"n{number}", "name": "N", "attributes": {"division": division}}
        fold.define([entry(number, "competition.entered", {"entrant": entrant})])
    feed(fold, 5, "race.gun", "run", at=0)
    for number in (2, 3, 4):
        feed(fold, number + 4, "race.read", "run", reader="finish", at=number, entrant=f"n{number}")
    for name in ("standings", "box:run"):
        content = render.content(fold, name, ROWS_MAX)
        assert {id_: group["name"] for id_, group in content["groups"].items()} == {
            "men": "men",
            "women": "women",
        }
        places = {id_: (row["rank"], row["group_rank"]) for id_, row in content["rows"].items()}
        assert places == {"n2": (1, 1), "n3": (2, 1), "n4": (3, 2)}


def test_a_session_of_no_group_is_behind_every_groups_table_and_a_knock_out_behind_none():
    groups = [{"id": "a", "name": "A", "entrants": ["ada"]}]
    contests = [{"id": "c", "group": "a"}, {"id": "s"}]
    for sport, behind in (("lifting", 2), ("football", 1)):
        fold = made(sport, ["ada"], contests, groups)
        content = render.content(fold, "standings", ROWS_MAX)
        assert (content["not_final"], content["groups"]["a"]["not_final"]) == (behind, behind)


def test_a_field_whose_first_rows_did_not_change_is_shown_as_one_and_the_same():
    fold = quiz()
    first = render.content(fold, "standings", 1)["rows"]
    feed(fold, 4, "points.scored", "r2", entrant="bel", points=1)
    assert render.content(fold, "standings", 1)["rows"] is first
    feed(fold, 5, "points.scored", "r2", entrant="bel", points=9)
    assert list(render.content(fold, "standings", 1)["rows"]) == ["bel"]
    assert list(first) == ["ada"]


def test_a_row_that_only_moved_shows_its_new_rank_and_else_what_it_did():
    fold = quiz()
    before = board(fold, "standings")
    feed(fold, 4, "points.scored", "r2", entrant="bel", points=9)
    assert board(fold, "standings")["ada"] == before["ada"] | {"rank": 2}
    assert before["ada"]["rank"] == 1
