"""The rules of alliances on two real robotics events: every average, and the order."""

import pytest
import robotics
from folding import board, flags, folded

from scoreboard.sports.rounds import Rounds

EVENTS = pytest.mark.parametrize("event", robotics.EVENTS)
TEAMS = {"2015arfa": 54, "2015tnkn": 51}
TIED = {"2015arfa": {"1706", "4522", "5006", "2040", "2200", "3931", "5153", "5437"},
        "2015tnkn": {"3319", "4524", "3843", "281"}}  # fmt: skip


@pytest.fixture(scope="module")
def played():
    return {
        event: folded(Rounds, robotics.competition(event), robotics.events(event), 2015)
        for event in robotics.EVENTS
    }


@EVENTS
def test_every_teams_average_and_number_of_matches_is_official(played, event):
    rows = board(played[event], "standings")["rows"]
    official = robotics.official(event)
    assert len(official) == TEAMS[event]
    assert rows.keys() == official.keys()
    for team, printed in official.items():
        figures = rows[team]["figures"]
        assert round(figures["average"] * 10) == printed["tenths"], team
        assert figures["played"] == printed["played"], team


@EVENTS
def test_the_order_is_official_but_for_ties_that_other_columns_broke(played, event):
    rows = board(played[event], "standings")["rows"]
    official = robotics.official(event)
    for team, printed in official.items():
        equals = [t for t, other in official.items() if other["tenths"] == printed["tenths"]]
        assert rows[team]["rank"] == min(official[t]["rank"] for t in equals), team
    assert {row["name"] for row in rows.values() if row.get("tied")} == TIED[event]


@EVENTS
def test_every_match_has_the_official_score_and_nothing_is_surprising(played, event):
    rows = board(played[event], "contests")["rows"]
    for match in robotics.matches(event):
        sides = rows[match["id"]]["line"]["sides"]
        assert [sides[side]["score"] for side in ("red", "blue")] == match["scores"]
        assert rows[match["id"]]["status"] == "finished"
    assert flags(played[event]) == {}
