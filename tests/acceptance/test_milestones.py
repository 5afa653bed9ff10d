"""Records and milestones, told of real competitions and of made-up ones that are small to check."""

from collections import Counter
from typing import Any

import field_race
import powerlifting
import pytest
import worldcup
from folding import board, folded

from scoreboard.ingest.definitions import problems_in
from scoreboard.sports.football import Football
from scoreboard.sports.lifting import Lifting
from scoreboard.sports.points import Points
from scoreboard.sports.race import Race
from scoreboard.sports.registry import Sports


def texts(fold: Any, prefix: str = "") -> list[str]:
    rows = board(fold, "milestones")["rows"]
    return [row["text"] for key, row in rows.items() if key.startswith(prefix)]


def record(figure: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    return {"name": f"The {figure} record", "figure": figure, "value": value, "unit": unit} | more


# football --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 2018], ids=["shuffled", "shuffled otherwise"])
def cup(request):
    most = record("goals", 6, "goals", holder="Hungary", date="1954")
    player = record("player_goals", 3, "goals", group="G")
    competition = worldcup.competition() | {"records_to_beat": [most, player]}
    return folded(Football, competition, worldcup.events(), request.param)


def test_the_world_cup_has_its_first_goal_hat_tricks_and_top_scorer(cup):
    first, *round_numbers = texts(cup, "goal.")
    assert first == "First goal of World Cup 2018: Gazinsky, Russia, 12'"
    assert [text.split(" of ")[0] for text in round_numbers] == [
        f"Goal number {number}" for number in (50, 100, 150)
    ]
    hat_tricks = texts(cup, "hat-trick.")
    assert hat_tricks == ["Hat-trick: Ronaldo, Portugal", "Hat-trick: Kane, England"]
    told = [e["data"] for e in worldcup.events() if e["type"] == "football.goal"]
    goals = Counter(goal["player"] for goal in told if goal.get("kind") != "own")
    ((scorer, most),) = goals.most_common(1)
    assert texts(cup, "top-scorer") == [f"Top scorer: {scorer}, England, {most} goals"]


def test_who_was_behind_and_came_to_lead_is_told_once_a_match(cup):
    told = texts(cup, "turned.")
    assert "From behind: Belgium lead 3–2, 90+4'" in told
    assert "From behind: Croatia lead 2–1, 109'" in told
    assert len(told) == len(set(told)) == 10


def test_a_record_of_a_group_may_be_equalled_where_another_stands(cup):
    assert texts(cup, "record.") == [
        "The goals record equalled: England, goals of a team in a match: 6",
        "The player_goals record equalled: Kane, England, goals of a player in a match: 3",
    ]


# lifting ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lifted():
    heaviest = record("squat", 240, "kg", holder="A. Name", date="2017-06-14")
    competition = powerlifting.competition() | {"records_to_beat": [heaviest]}
    return folded(Lifting, competition, powerlifting.events(), 1)


def test_the_heaviest_lifts_of_real_classes_are_the_bests_and_beat_records(lifted):
    official = powerlifting.official()
    for lift in powerlifting.LIFTS:
        grams, entrant = max((one["bests"].get(lift, 0), id_) for id_, one in official.items())
        (told,) = texts(lifted, f"best.{lift}")
        name = next(r["Name"] for r in powerlifting.rows() if powerlifting.entrant(r) == entrant)
        assert told == f"Best of the competition: {name}, {lift} {grams / 1_000:,.15g} kg"
    (beaten,) = texts(lifted, "record.")
    heaviest = max(one["bests"].get("squat", 0) for one in official.values()) / 1_000
    assert f"squat {heaviest:,.15g} kg (was 240 kg, A. Name, 2017-06-14)" in beaten


def test_whoever_missed_nothing_is_told(lifted):
    told = texts(lifted, "all-good.")
    tries = [f"{lift}{n}Kg" for lift in ("Squat", "Bench", "Deadlift") for n in (1, 2, 3)]
    inside = [r for r in powerlifting.rows() if r["Place"] != "DQ"]
    clean = [r for r in inside if all(float(r[t] or -1) > 0 for t in tries)]
    assert sorted(told) == sorted(f"{row['Name']}: 9 good lifts of 9" for row in clean)


# races and points ------------------------------------------------------------------------------


def test_the_fastest_of_a_field_and_of_each_division_are_told():
    competition = field_race.competition("chip") | {
        "records_to_beat": [record("time", 60.0, "s"), record("time", 36_000, "s", holder="Old")]
    }
    fold = folded(Race, competition, field_race.events(), seed=1)
    home = [r | {"id": id_} for id_, r in field_race.results(True).items()]
    home = [r for r in home if r["status"] == "finished"]
    rows = board(fold, "milestones")["rows"]
    first = {key: row["entrant"] for key, row in rows.items() if key.startswith("fastest.")}
    for division in {r["division"] for r in home}:
        best = {r["id"] for r in home if r["division"] == division and r["group_rank"] == 1}
        assert first[f"fastest.race.{division}"] in best
    assert first["fastest.race."] in {r["id"] for r in home if r["rank"] == 1}
    (beaten,) = texts(fold, "record.")
    assert beaten.endswith("(was 10:00:00, Old)")


QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "r1"}, {"id": "r2"}],
    "records_to_beat": [record("total", 120, "points")],
}


def scored(n: int, entrant: str, points: int, contest: str) -> dict[str, Any]:
    data = {"entrant": entrant, "points": points}
    return {
        "id": str(n),
        "source": "pad",
        "type": "points.scored",
        "contest": contest,
        "data": data,
    }


def test_round_numbers_own_bests_and_what_a_correction_takes_back():
    told = [scored(1, "ada", 60, "r1"), scored(2, "bel", 50, "r1"), scored(3, "ada", 70, "r2")]
    fold = folded(Points, QUIZ, told)
    assert texts(fold) == [
        "The total record beaten: Ada, points: 130 (was 120)",
        "Best of the competition: Ada, points in a contest: 70",
        "Own best of the competition: Ada, points in a contest: 70 (before 60)",
        "The lead is past 100 points",
    ]
    void = {"id": "9", "source": "desk", "type": "points.scored", "contest": "r2"}
    fold = folded(Points, QUIZ, [*told, void | {"action": "void", "record": "pad/3"}])
    assert texts(fold) == []


# definitions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (record("jump", 1, "m"), "/records_to_beat/0/figure"),
        (record("total", 1, "kg"), "/records_to_beat/0/unit"),
        (record("total", 1, "points", contest="r9"), "/records_to_beat/0/contest"),
        (record("total", 1, "points", group="x"), "/records_to_beat/0/group"),
        (record("total", 1, "points", date="in May"), "/records_to_beat/0/date"),
        (record("total", -1, "points"), "/records_to_beat/0/value"),
    ],
)
def test_a_record_that_nothing_can_be_measured_by_is_refused(wrong, pointer):
    problems = problems_in(QUIZ | {"records_to_beat": [wrong]}, Sports({"points": Points}))
    assert [problem.pointer for problem in problems] == [pointer]
