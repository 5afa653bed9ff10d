"""The rules of lifting on five real weight classes: every best lift, total and place."""

import powerlifting
import pytest
from folding import board, flags, folded

from scoreboard.sports.lifting import Lifting


def grams(kilograms):
    return round(kilograms * 1_000)


@pytest.fixture(scope="module", params=[1, 1804], ids=["shuffled", "shuffled otherwise"])
def lifted(request):
    return folded(Lifting, powerlifting.competition(), powerlifting.events(), request.param)


def test_all_56_lifters_have_the_official_bests_and_total(lifted):
    official = powerlifting.official()
    assert len(official) == 56
    rows = board(lifted, "standings")["rows"]
    assert rows.keys() == official.keys()
    for entrant, printed in official.items():
        figures = rows[entrant]["figures"]
        bests = {lift: grams(figures[lift]) for lift in powerlifting.LIFTS if lift in figures}
        assert bests == printed["bests"], entrant
        assert grams(figures["total"]) == printed["total"], entrant


def test_all_places_are_the_official_ones_and_ties_go_to_the_lighter(lifted):
    rows = board(lifted, "standings")["rows"]
    for entrant, printed in powerlifting.official().items():
        row = rows[entrant]
        assert row["group"] == printed["class"]
        if printed["place"]:
            assert row["rank"] == printed["place"], entrant
    decided = {row["name"] for row in rows.values() if row.get("decided")}
    totals = {}
    for row in powerlifting.rows():
        if row["TotalKg"]:
            totals.setdefault((row["WeightClassKg"], row["TotalKg"]), []).append(row["Name"])
    assert decided == {name for names in totals.values() if len(names) > 1 for name in names}
    assert len(decided) == 6


def test_the_two_without_a_total_are_last_of_their_class_and_say_why(lifted):
    rows = board(lifted, "standings")["rows"].values()
    out = {
        row["name"]: (row["figures"]["out"], row["rank"]) for row in rows if "out" in row["figures"]
    }
    classes = [row["WeightClassKg"] for row in powerlifting.rows()]
    assert out == {
        "Sebastian Sądej": ("no good lift", classes.count("74")),
        "Tracey Kelly": ("disqualified", classes.count("84+")),
    }


def test_every_class_is_over_and_nothing_is_surprising(lifted):
    statuses = {row["status"] for row in board(lifted, "contests")["rows"].values()}
    assert statuses == {"finished"}
    assert flags(lifted) == {}
