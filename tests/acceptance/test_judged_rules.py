"""The rules of judged sports on Skate America 2017: every mark, every figure, every order."""

import pytest
import skating
from folding import board, flags, folded

from scoreboard.sports.judged import Judged


def milli(figure):
    return round(figure * 1_000)


@pytest.fixture(scope="module", params=[1, 2017], ids=["shuffled", "shuffled otherwise"])
def skated(request):
    return folded(Judged, skating.competition(), skating.events(), request.param)


@pytest.fixture(scope="module")
def performances(skated):
    """Rows of the boxes by segment and entrant."""
    return {
        (segment, entrant): row
        for segment in skated.definition.contests
        for entrant, row in board(skated, f"box:{segment}")["box"]["performances"].items()
    }


def test_all_77_performances_have_the_official_elements_components_and_total(performances):
    official = skating.official()
    assert len(official) == 77
    assert performances.keys() == official.keys()
    for key, printed in official.items():
        for figure in ("elements_score", "components_score", "total"):
            assert milli(performances[key][figure]) == printed[figure], (key, figure)


def test_each_of_the_689_elements_and_385_components_has_the_panels_printed_score(performances):
    elements = components = 0
    for key, printed in skating.official().items():
        row = performances[key]
        made = {number: milli(element["points"]) for number, element in row["elements"].items()}
        assert made == printed["elements"], key
        panels = {name: milli(component["panel"]) for name, component in row["components"].items()}
        assert panels == printed["components"], key
        elements, components = elements + len(made), components + len(panels)
    assert (elements, components) == (689, 385)


def test_all_8_segments_are_in_the_official_order(performances):
    official = skating.official()
    assert len({segment for segment, _ in official}) == 8
    assert {k: row["rank"] for k, row in performances.items()} == {
        k: printed["rank"] for k, printed in official.items()
    }


def test_events_are_ranked_by_the_sum_of_both_segments(skated):
    sums = {}
    for (segment, entrant), printed in skating.official().items():
        group = skated.definition.contests[segment].group
        sums[group, entrant] = sums.get((group, entrant), 0) + printed["total"]
    rows = board(skated, "standings")["rows"]
    assert {(row["group"], e): milli(row["figures"]["total"]) for e, row in rows.items()} == sums
    for (group, entrant), total in sums.items():
        ahead = sum(other > total for (g, _), other in sums.items() if g == group)
        assert rows[entrant]["rank"] == ahead + 1


def test_nothing_is_surprising_and_every_segment_is_over(skated):
    assert flags(skated) == {}
    rows = board(skated, "contests")["rows"].values()
    assert {row["status"] for row in rows} == {"finished"}
