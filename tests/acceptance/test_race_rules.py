"""The rules of races on a made-up field of 3,000, against results computed plainly."""

import field_race
import pytest
from folding import board, flags, folded

from scoreboard.sports.race import Race


@pytest.fixture(scope="module", params=["chip", "gun"])
def run(request):
    """The fold of all that was told, shuffled, and the plain results."""
    competition = field_race.competition(request.param)
    fold = folded(Race, competition, field_race.events(), seed=1)
    return fold, field_race.results(request.param == "chip")


def test_everybody_has_the_plain_rank_over_all_and_in_the_division(run):
    fold, results = run
    rows = board(fold, "standings")["rows"]
    assert len(rows) > 2_900
    assert {id_: (row["rank"], row["group_rank"], row["group"]) for id_, row in rows.items()} == {
        id_: (r["rank"], r["group_rank"], r["division"]) for id_, r in results.items()
    }


def test_everybody_has_the_plain_status_time_and_splits(run):
    fold, results = run
    for id_, row in board(fold, "box:race")["rows"].items():
        shown, plain = row["figures"], results[id_]
        assert shown["status"] == plain["status"], id_
        assert shown.get("time_ms", plain.get("time_ms")) == plain.get("time_ms"), id_
        splits = {n: shown[f"leg{n}_ms"] for n in (1, 2, 3) if f"leg{n}_ms" in shown}
        assert splits == plain["splits"], id_


def test_the_field_has_every_quirk(run):
    _, results = run
    seen = dict.fromkeys(("finished", "racing", "dnf", "dsq", "dns"), 0)
    for result in results.values():
        seen[result["status"]] = seen.get(result["status"], 0) + 1
    assert all(seen.values()), seen
    finished = [r for r in results.values() if r["status"] == "finished"]
    assert len({r["order"] for r in finished}) < len(finished)  # some share a rank
    assert any(len(r["splits"]) < 3 for r in finished)  # some were missed on the way
    assert any(runner.early for runner in field_race.field())
    assert any(runner.decisions[-1:] == ["reinstated"] for runner in field_race.field())


def test_only_the_chip_of_nobody_and_second_thoughts_are_flagged(run):
    fold, _ = run
    words = {word for found in flags(fold).values() for word in found}
    assert words == {"unknown-chip"}
