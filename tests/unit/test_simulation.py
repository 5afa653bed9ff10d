"""Made-up competitions: what is said makes sense and comes to final results, in every sport."""

import importlib
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from declared import declared_sports

from scoreboard.admin.simulation import Simulation
from scoreboard.facts.competition import Competition
from scoreboard.projections import render

HERE = Path(__file__).parent
SPORTS = declared_sports()
OPEN = ("top-ten", "predictions-friends")  # nobody is entered, or it is over another competition
EXAMPLES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((HERE.parents[1] / "config" / "examples").glob("*.toml"))
    if path.stem not in OPEN
}
SCENARIOS = {
    f"{path.stem}-{number}": scenario.definition(params)
    for path in sorted((HERE / "scenarios").glob("*.py"))
    for scenario in (importlib.import_module(f"scenarios.{path.stem}"),)
    for number, params in enumerate(scenario.PARAMS)
}
ALL = EXAMPLES | SCENARIOS
PAIRS = [("a", "b"), ("c", "d")]
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "results": {"approvals": 2},
    "entrants": [{"id": id_, "name": id_} for id_ in "abcd"],
    "contests": [
        {"id": "final", "entrants": ["winner:s1", "winner:s2"]},
        {"id": "third", "entrants": ["loser:s1", "loser:s2"]},
        *({"id": f"s{n}", "entrants": pair} for n, pair in enumerate(PAIRS, 1)),
    ],
}


def simulated(written: dict[str, Any], seed: int = 1) -> Simulation:
    return Simulation(msgspec.convert(written, Competition), SPORTS, seed)


def comes_to_final_results(simulation: Simulation) -> None:
    fold = simulation.fold
    flags = {id_: contest.flags for id_, contest in fold.contests.items() if contest.flags}
    assert (simulation.left, flags) == ([], {})
    rows = render.content(fold, render.CONTESTS, 100)["rows"]
    assert all(row["final"] for row in rows.values()), rows
    assert render.content(fold, render.STANDINGS, 100)["rows"]


@pytest.mark.parametrize("name", ALL)
def test_all_comes_to_final_results_and_nothing_is_surprising(name: str) -> None:
    simulation = simulated(ALL[name])
    said = list(simulation)
    assert [one.at_s for one in said] == sorted(one.at_s for one in said)
    comes_to_final_results(simulation)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_seed_says_what_happens(name: str) -> None:
    said = list(simulated(EXAMPLES[name]))
    assert said == list(simulated(EXAMPLES[name]))
    assert said != list(simulated(EXAMPLES[name], seed=2))


@pytest.mark.parametrize("seed", range(8))
def test_who_meets_in_a_knock_out_has_won_before(seed: int) -> None:
    simulation = simulated(CUP, seed)
    said = list(simulation)
    comes_to_final_results(simulation)
    slots = simulation.fold.advancement.slots
    assert {slots["final"][0], slots["third"][0]} == {"a", "b"}
    assert {slots["final"][1], slots["third"][1]} == {"c", "d"}
    approvals = [one.official for one in said if one.type == "competition.result"]
    assert approvals == [1, 2] * 4
    last = {one.contest: one.at_s for one in said if one.contest}
    first = {one.contest: one.at_s for one in reversed(said) if one.contest}
    assert first["final"] > max(last["s1"], last["s2"])
    assert first["s1"] == first["s2"] == 0


def clock_of(simulation: Simulation, contest: str) -> dict[str, Any]:
    board = render.content(simulation.fold, render.BOX + contest, 100)
    return dict(board["line"].get("clock", {}))


def test_clocks_run_and_agree_with_what_happens() -> None:
    simulation = simulated(CUP)
    goals = 0
    for made in simulation:
        if made.type == "football.kick_off":
            assert clock_of(simulation, made.contest)["running_since"]
        if made.type == "football.goal":
            goal = msgspec.json.decode(made.data)
            minute = goal["minute"] + goal.get("stoppage", 0)
            clock = clock_of(simulation, made.contest)
            assert clock["elapsed_ms"] // 60_000 + 1 == minute
            assert clock["running_since"]
            goals += 1
    assert goals


def test_a_game_clock_runs_down_to_each_period_s_end() -> None:
    simulation = simulated(EXAMPLES["periods-basketball"])
    shown = []
    for made in simulation:
        if made.type == "periods.score":
            clock = clock_of(simulation, made.contest)
            said = msgspec.json.decode(made.data)["clock_ms"]
            length = clock["limit_ms"]
            assert 0 <= length - clock["elapsed_ms"] - said < 60_000
            assert clock["running_since"]
        if made.type == "periods.period_ended":
            shown.append(clock_of(simulation, made.contest))
    assert shown
    assert all(one["stopped"] and one["elapsed_ms"] == one["limit_ms"] for one in shown)


def test_every_sport_makes_its_events_up() -> None:
    apart = {name for name, sport in SPORTS.classes.items() if sport.apart}
    able = {name for name in SPORTS.classes if SPORTS.simulates(name)}
    assert able == set(SPORTS.classes) - apart == {one["sport"] for one in EXAMPLES.values()}
