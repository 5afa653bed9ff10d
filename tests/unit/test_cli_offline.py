"""Commands that need no server: what is wrong with a definition, and what sports take."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from declared import declared_sports

from scoreboard.cli import main
from scoreboard.cli.lines import Lines
from scoreboard.sports.sport import Sport

EXAMPLES = sorted((Path(__file__).parents[2] / "config" / "examples").glob("*.toml"))
SPORTS = declared_sports().classes
DEFINITION = """\
slug = "harbour-cup"
name = "Harbour Cup"
sport = "football"

[params]
draw = 1

[[entrants]]
id = "ANC"
name = "Anchor"

[[entrants]]
id = "BUO"
name = "Buoy"

[[contests]]
id = "a1"
entrants = [
  "ANC",
  "BUO",
]

[contests.params]
win = 2
"""


def told(*arguments):
    return CliRunner().invoke(main, list(arguments), env={"COLUMNS": "200"})


def problems(tmp_path, text):
    """What is said of a definition, without the file's name: line, pointer and message."""
    file = tmp_path / "cup.toml"
    file.write_text(text)
    result = told("competition", "check", str(file))
    assert result.exit_code == 1
    return [line.removeprefix(f"{file}:") for line in result.output.splitlines()]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_examples(path):
    result = told("competition", "check", str(path))
    assert (result.exit_code, "nothing is wrong" in result.output) == (0, True), result.output


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ('slug = "harbour-cup"', 'slug = "Harbour Cup"', "1: /slug: Expected `str` matching"),
        ('name = "Harbour Cup"', 'nome = "Harbour Cup"', "2: /nome: there is no field `nome`"),
        ('name = "Harbour Cup"', "", "1: /: `name` is missing (add `name`)"),
        ('"football"', '"footbal"', "3: /sport: the sport footbal is not installed"),
        ("draw = 1", 'draw = "one"', "6: /params/draw: params of football: Expected `int`"),
        ("draw = 1", "drawn = 1", "6: /params/drawn: params of football: Object contains unknown"),
        ('id = "BUO"', 'id = "ANC"', "13: /entrants/1/id: the id ANC stands twice"),
        ('name = "Buoy"', "", "12: /entrants/1/name: Object missing required field `name`"),
        ('  "BUO",', '  "ZZZ",', "18: /contests/0/entrants/1: there is no entrant ZZZ"),
        ('  "BUO",', '  "ANC",', "18: /contests/0/entrants/1: the entrant ANC stands twice"),
        ('id = "a1"', 'id = "a1"\ngroup = "B"', "18: /contests/0/group: there is no group B"),
        ("win = 2", "win = true", "24: /contests/0/params/win: params of football: Expected"),
        ('[[contests]]\nid = "a1"', "[[contests]]", "16: /contests/0/id: Object missing required"),
    ],
)
def test_a_problem_is_named_with_its_line(tmp_path, right, wrong, expected):
    assert right in DEFINITION
    said = problems(tmp_path, DEFINITION.replace(right, wrong, 1))
    assert any(line.startswith(expected) for line in said), said


def test_all_problems_are_named_in_the_order_of_their_lines(tmp_path):
    wrong = DEFINITION.replace("harbour-cup", "Cup").replace("draw", "drew")
    said = problems(tmp_path, wrong.replace('name = "Buoy"', 'nam = "Buoy"'))
    assert [line.split(": ")[:2] for line in said] == [
        ["1", "/slug"],
        ["6", "/params/drew"],
        ["14", "/entrants/1/nam"],
    ]


def test_what_cannot_be_parsed_is_one_line_with_its_place(tmp_path):
    file = tmp_path / "cup.toml"
    file.write_text(DEFINITION.replace("draw = 1", "draw = = 1"))
    result = told("competition", "check", str(file))
    assert result.exit_code == 1
    assert "line 6, column 8" in result.output


def test_a_definition_in_json_is_checked_without_lines(tmp_path):
    file = tmp_path / "cup.json"
    file.write_bytes(msgspec.json.encode({"slug": "cup", "name": "Cup", "sport": "chess"}))
    result = told("competition", "check", str(file))
    assert result.exit_code == 1
    assert "/sport: the sport chess is not installed (installed: " in result.output


def test_lines_are_found_through_long_values_nested_tables_and_quoted_keys():
    lines = Lines(
        'a = [\n 1,\n 2]\n"b/c" = """\n[x]\n"""\n[[t]]\n[[t.u]]\nv.w = 1\n[[t.u]]\nv = 2\n'
    )
    found = {
        pointer: lines.of(pointer)
        for pointer in ("/a/1", "/b~1c", "/t/0", "/t/0/u/0/v/w", "/t/0/u/1/v", "/t/0/u/1/z", "/z")
    }
    assert found == {
        "/a/1": 1,
        "/b~1c": 4,
        "/t/0": 7,
        "/t/0/u/0/v/w": 9,
        "/t/0/u/1/v": 11,
        "/t/0/u/1/z": 10,
        "/z": 1,
    }


def test_all_installed_sports_are_listed():
    listed = told("sport", "list").output
    assert all(name in listed for name in SPORTS)


@pytest.mark.parametrize("name", SPORTS)
def test_a_sport_shows_its_parameters_events_and_columns(name):
    shown = told("sport", "show", name)
    assert shown.exit_code == 0, shown.output
    sport = SPORTS[name]
    for field in msgspec.structs.fields(sport.Params):
        assert field.name in shown.output
    for kind in sport.fact_kinds:
        assert f"event {kind.type}" in shown.output
        for field in msgspec.structs.fields(kind.newest):
            assert field.name in shown.output
    assert ("joined: " in shown.output) == (sport.join is not Sport.join)


def test_a_sport_that_is_not_installed_is_refused_with_those_that_are():
    refused = told("sport", "show", "chess")
    assert refused.exit_code == 1
    assert "installed: football" in refused.output
