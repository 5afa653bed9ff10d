"""Seasons: points by place, what counts, teams, nonsense."""

import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant
from scoreboard.sports.season import Season
from scoreboard.sports.season.facts import Adjusted, FastestLap, Final, Result, Shortened
from scoreboard.sports.sport import Fact, params_of

KINDS = {kind.newest: kind for kind in Season.fact_kinds}
DRIVERS = {"ada": "red", "bel": "red", "cyd": "blue"}


def result(entrant, place=None, **more):
    return Result(entrant=entrant, place=place, **more)


def fold(payloads, contest="r1"):
    """The round's state, and flags by the payload's place."""
    sport = Season(params_of(Season, {}))
    state, flags = sport.start(Contest(id=contest)), {}
    for n, payload in enumerate(payloads):
        fact = Fact(
            record=f"r/{n}",
            type=KINDS[type(payload)].type,
            payload=payload,
            contest=contest,
            position=n,
            time=n,
            source="r",
            id=f"{n:03}",
        )
        if found := sport.apply(state, fact):
            flags[n] = found
    return state, flags


def rows(rounds, params=None, contests=None):
    """Rows by entrant from payloads by round."""
    sport = Season(params_of(Season, params or {}))
    competition = Competition(
        slug="s",
        name="S",
        sport="season",
        entrants=[Entrant(id=id_, name=id_, team=team) for id_, team in DRIVERS.items()],
        contests=contests or [Contest(id=id_) for id_ in rounds if id_],
    )
    states = {id_: {"": fold(payloads, id_)[0]} for id_, payloads in rounds.items()}
    return {r.entrant: r for r in sport.standings(Definition(competition), states)}


def points(made):
    return {entrant: row.figures["points"] for entrant, row in made.items()}


def test_places_give_points_and_those_not_classified_none():
    made = rows({"r1": [result("ada", 1), result("bel", 2), result("cyd", 3, status="dsq")]})
    assert points(made) == {"ada": 25, "bel": 18, "cyd": 0}


def test_a_shortened_round_gives_its_share_of_everything():
    told = [result("ada", 1), FastestLap(entrant="ada"), Shortened(share=(1, 2))]
    assert points(rows({"r1": told}, {"fastest_lap": 1}))["ada"] == 13
    assert points(rows({"r1": [result("ada", 1), Shortened(share=(1, 2))]}))["ada"] == 12.5


def test_the_fastest_lap_counts_within_the_first_ten_alone():
    params = {"fastest_lap": 1, "fastest_lap_within": 2}
    for place, extra in ((2, 1), (3, 0)):
        told = [result("ada", place), FastestLap(entrant="ada")]
        assert points(rows({"r1": told}, params))["ada"] == {2: 18, 3: 15}[place] + extra


def test_those_who_share_a_place_share_the_points_of_all_they_take():
    told = [result("ada", 1), result("bel", 2), result("cyd", 2)]
    assert points(rows({"r1": told})) == {"ada": 25, "bel": 16.5, "cyd": 16.5}
    assert points(rows({"r1": told}, {"dead_heat": "full"}))["cyd"] == 18


def test_thirds_of_a_point_are_exact_in_the_ranking():
    thirds = {f"r{n}": [result(e, 1) for e in DRIVERS] for n in range(3)}
    made = rows(thirds, {"points": [1]})
    assert points(made) == {"ada": 1, "bel": 1, "cyd": 1}
    assert all(row.tied for row in made.values())


def test_only_the_best_results_of_each_part_count():
    rounds = {f"r{n}": [result("ada", n)] for n in (1, 2, 3)}
    contests = [
        Contest(id="r1", params={"part": "spring", "best": 1}),
        Contest(id="r2", params={"part": "spring", "best": 1}),
        Contest(id="r3", params={"part": "autumn", "best": 1}),
    ]
    row = rows(rounds, contests=contests)["ada"]
    assert (row.figures["points"], row.figures["gross"]) == (25 + 15, 25 + 18 + 15)


def test_equals_are_parted_by_their_better_places_and_a_sprint_may_not_count_there():
    rounds = {
        "r1": [result("ada", 1), result("bel", 2)],
        "r2": [result("ada", 3), result("bel", 2)],
    }
    made = rows(rounds, {"points": [3, 2, 1]})
    assert (made["ada"].rank, made["bel"].rank, made["ada"].decided) == (1, 2, "count_back")
    sprint = Contest(id="r1", params={"count_back": False})
    made = rows(rounds, {"points": [3, 2, 1]}, [sprint, Contest(id="r2")])
    assert (made["bel"].rank, made["ada"].rank) == (1, 2)


def test_points_given_or_taken_by_decision_always_count():
    rounds = {
        "r1": [result("ada", 1), Adjusted(entrant="ada", points=-5)],
        "": [Adjusted(entrant="red", points=-100)],
    }
    made = rows(rounds, {"best": 1, "teams": "teams"})
    assert points(made)["ada"] == 20
    assert points(made)["red"] == 25 - 100


def test_teams_add_up_their_best_entrants():
    told = [result("ada", 1), result("bel", 2), result("cyd", 3)]
    made = rows({"r1": told}, {"teams": "teams"})
    assert {e: (r.rank, r.figures["points"]) for e, r in made.items() if r.group == "teams"} == {
        "red": (1, 43),
        "blue": (2, 15),
    }
    assert points(rows({"r1": told}, {"teams": "teams", "team_best": 1}))["red"] == 25


def test_a_result_may_score_for_another_team():
    made = rows({"r1": [result("ada", 1, team="blue")]}, {"teams": "teams"})
    assert (points(made)["blue"], points(made)["red"]) == (25, 0)


def test_one_id_is_never_an_entrant_and_a_team():
    told = [result("ada", 1, team="cyd"), result("cyd", 2), result("red", 3)]
    made = rows({"r1": told}, {"teams": "teams"})
    assert {e: r.group for e, r in made.items()} == {
        **dict.fromkeys(DRIVERS, ""),
        **dict.fromkeys(("red", "blue"), "teams"),
    }


@pytest.mark.parametrize(
    ("payloads", "flag"),
    [
        ([result("ada", 1), result("ada", 2)], "second-result"),
        ([result("ada", 1), result("bel", 1)], "place-shared"),
        ([result("ada")], "no-place"),
        ([FastestLap(entrant="ada"), FastestLap(entrant="bel")], "second-fastest-lap"),
        ([Shortened(share=(1, 2)), Shortened(share=(1, 1))], "second-share"),
        ([Final(), result("ada", 1)], "after-final"),
    ],
)
def test_nonsense_is_flagged_on_its_own_record(payloads, flag):
    assert fold(payloads)[1] == {len(payloads) - 1: (flag,)}


def test_a_round_is_live_with_its_first_result_and_finished_when_final():
    sport = Season(params_of(Season, {}))
    seen = []
    for told in ([], [result("ada", 1)], [result("bel", 2), result("ada", 1), Final()]):
        states = {"": fold(told)[0]}
        contest = Contest(id="r1")
        seen.append((sport.status(contest, states), list(sport.placings(contest, states))))
    assert seen == [("scheduled", []), ("live", []), ("finished", ["ada", "bel"])]
