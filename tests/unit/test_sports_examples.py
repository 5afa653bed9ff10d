"""The example competitions can be run as they stand."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Definition
from scoreboard.sports.football import Football
from scoreboard.sports.points import Points
from scoreboard.sports.sport import params_of

EXAMPLES = sorted((Path(__file__).parents[2] / "config" / "examples").glob("*.toml"))
SPORTS = {sport.name: sport for sport in (Football, Points)}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_whole_definition(path):
    competition = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Competition)
    sport = SPORTS[competition.sport]
    sport(params_of(sport, competition.params))
    definition = Definition(competition)
    for contest in competition.contests:
        assert set(contest.entrants) <= set(definition.entrants)
        assert contest.group is None or contest.group in definition.groups
    for group in competition.groups:
        assert set(group.entrants) <= set(definition.entrants)
    assert definition.as_competition() == competition


def test_both_sports_have_an_example():
    assert len(EXAMPLES) >= 2
