"""The example competitions can be run as they stand."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from declared import declared_sports

from scoreboard.facts.advancing import known
from scoreboard.facts.competition import Competition, Definition
from scoreboard.sports.sport import params_of

EXAMPLES = sorted((Path(__file__).parents[2] / "config" / "examples").glob("*.toml"))
SPORTS = declared_sports().classes


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_whole_definition(path):
    competition = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Competition)
    sport = SPORTS[competition.sport]
    sport(params_of(sport, competition.params))
    definition = Definition(competition)
    for contest in competition.contests:
        params_of(sport, competition.params | contest.params)
        assert set(known(contest.entrants)) <= set(definition.entrants)
        assert contest.group is None or contest.group in definition.groups
    for group in competition.groups:
        assert set(group.entrants) <= set(definition.entrants)
    assert definition.as_competition() == competition


def test_every_sport_has_an_example():
    shown = {tomllib.loads(path.read_text(encoding="utf-8"))["sport"] for path in EXAMPLES}
    assert shown == set(SPORTS)
