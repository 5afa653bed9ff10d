"""The rules of games in periods on a real one: every running score, the line score, the fouls."""

import basketball
import pytest
from folding import board, flags, folded

from scoreboard.sports.periods import Periods


@pytest.fixture(scope="module", params=[1, 2019], ids=["shuffled", "shuffled otherwise"])
def played(request):
    return folded(Periods, basketball.competition(), basketball.events(), request.param)


def test_the_running_score_is_official_on_every_row_that_has_one(played):
    rows = board(played, "timeline:game")["rows"]
    told = {int(r.split("-")[1]): row["score"] for r, row in rows.items() if r != "scorers/end"}
    official = basketball.running_scores()
    assert len(official) == 146
    for number, score in official.items():  # three rows, replays, say what stood before them
        assert told[max(n for n in told if n <= number)] == score, number
    assert len(official.keys() - told.keys()) == 3


def test_the_line_score_and_the_result_are_official(played):
    line = board(played, "contests")["rows"]["game"]["line"]
    official = basketball.line_score()
    assert line["teams"] == ["TOR", "NOP"]
    assert list(line["by_period"]) == ["1", "2", "3", "4", "OT1"]
    for place, team in enumerate(line["teams"]):
        made = [pair[place] for pair in line["by_period"].values()]
        assert [*made, line["score"][place]] == official[team]
    assert (line["score"], line["winner"]) == ([130, 122], "TOR")


def test_the_fouls_of_player_and_team_are_as_printed_on_each_row_that_has_them():
    official = basketball.counted_fouls()
    assert len(official) > 30
    for number, (of_player, of_team) in official.items():
        row = basketball.rows()[number]
        until = [e for e in basketball.events()[:-1] if int(e["id"].split("-")[1]) <= number]
        game = folded(Periods, basketball.competition(), until).contests["game"].states[""]
        team = row["PLAYER1_TEAM_ABBREVIATION"]
        assert game.sides[team].players[str(row["PLAYER1_ID"])].fouls == of_player, number
        assert game.team_fouls(team, row["PERIOD"]) == of_team, number


def test_the_game_is_over_and_nothing_is_surprising(played):
    assert board(played, "contests")["rows"]["game"]["status"] == "finished"
    assert flags(played) == {}
    assert board(played, "standings")["rows"]["TOR"]["figures"]["points"] == 2
