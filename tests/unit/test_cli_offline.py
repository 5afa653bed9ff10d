"""Commands that need no server: what is wrong with a definition, and what sports take."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from declared import declared_sports

from scoreboard.cli import main
from scoreboard.ingest.lines import JsonLines, TomlLines
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
    """What is said of a definition."""
    file = tmp_path / "cup.toml"
    file.write_text(text)
    return said_of(file)


def said_of(file):
    """What is said of a file, without its name: line, pointer and message."""
    result = told("competition", "check", str(file))
    assert result.exit_code == 1
    lines = [line for line in result.output.splitlines() if line.startswith(f"{file}:")]
    return [line.removeprefix(f"{file}:") for line in lines]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_examples(path):
    result = told("competition", "check", str(path))
    assert (result.exit_code, "nothing is wrong" in result.output) == (0, True), result.output


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ('slug = "harbour-cup"', 'slug = "Harbour Cup"', "1: /slug: Expected lower case letters"),
        ('name = "Harbour Cup"', 'nome = "Harbour Cup"', "2: /nome: there is no field `nome`"),
        ('name = "Harbour Cup"', "", "1: /name: `name` is missing (add `name`)"),
        ('"football"', '"footbal"', "3: /sport: the sport footbal is not installed"),
        ("draw = 1", 'draw = "one"', "6: /params/draw: params of football: Expected `int`"),
        (
            "draw = 1",
            "drawn = 1",
            "6: /params/drawn: params of football: there is no field",
        ),
        ('id = "BUO"', 'id = "ANC"', "13: /entrants/1/id: the id ANC stands twice"),
        ('name = "Buoy"', "", "12: /entrants/1/name: `name` is missing"),
        ('  "BUO",', '  "ZZZ",', "18: /contests/0/entrants/1: there is no entrant ZZZ"),
        ('  "BUO",', '  "ANC",', "18: /contests/0/entrants/1: the entrant ANC stands twice"),
        ('id = "a1"', 'id = "a1"\ngroup = "B"', "18: /contests/0/group: there is no group B"),
        ("win = 2", "win = true", "24: /contests/0/params/win: params of football: Expected"),
        ('[[contests]]\nid = "a1"', "[[contests]]", "16: /contests/0/id: `id` is missing"),
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
        ["12", "/entrants/1/name"],
        ["14", "/entrants/1/nam"],
    ]


def test_all_errors_of_parameters_of_form_and_of_sense_are_named_in_one_run(tmp_path):
    wrong = DEFINITION.replace("draw = 1", 'draw = "x"\nwon = 3\nties = ["points", "luck"]')
    wrong = wrong.replace("win = 2", "win = true\nlive_counts = 1\nlose = 0")
    wrong = wrong.replace('name = "Buoy"', 'name = 7\nshort = "far too long for it"')
    wrong = wrong.replace('  "BUO",\n', '  "BUO",\n  "ZZZ",\n')
    said = problems(tmp_path, wrong)
    assert [line.split(": ")[:2] for line in said] == [
        ["6", "/params/draw"],
        ["7", "/params/won"],
        ["8", "/params/ties/1"],
        ["16", "/entrants/1/name"],
        ["17", "/entrants/1/short"],
        ["21", "/contests/0/entrants/2"],
        ["28", "/contests/0/params/win"],
        ["29", "/contests/0/params/live_counts"],
        ["30", "/contests/0/params/lose"],
    ]


def test_what_rests_on_something_misformed_is_no_problem_of_its_own(tmp_path):
    wrong = "entrants = 3\ngroups = {}\n" + DEFINITION.replace("[[entrants]]", "[[groups]]", 0)
    head, _, contests = wrong.partition("[[entrants]]")
    said = problems(tmp_path, head + contests[contests.index("[[contests]]") :])
    assert [line.split(": ")[:2] for line in said] == [["1", "/entrants"], ["2", "/groups"]]


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("cup.toml", DEFINITION.replace("draw = 1", "draw = = 1").encode(), "6: not TOML: "),
        ("cup.toml", DEFINITION.encode() + b"[oh", "25: not TOML: "),
        ("cup.toml", DEFINITION.encode().replace(b"Buoy", b"Bu\xf6y"), "14: not UTF-8: "),
        ("cup.json", b'{\n"slug": "cup",\n"name" "Cup"}', "3: not JSON: "),
        ("cup.json", b'{\n"slug": "cup",\n"name": ', "3: not JSON: "),
        ("cup.json", b'{\n"slug": "c\xffp"}', "2: not UTF-8: "),
        ("cup.json", b"[" * 100_000, "1: not JSON: nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(tmp_path, name, raw, expected):
    file = tmp_path / name
    file.write_bytes(raw)
    result = told("competition", "check", str(file))
    assert result.exit_code == 1
    assert f"{file}:{expected}" in result.output


def test_a_definition_in_json_is_checked_line_by_line(tmp_path):
    file = tmp_path / "cup.json"
    file.write_text(
        '{"slug": "cup", "name": "Cup",\n "sport": "chess",\n "entrants": [\n'
        '  {"id": "a,]{", "name": "A\\"}"},\n  {"id": "b", "name": "B",\n   "nam": 1}\n ],\n'
        ' "start": "2016-12-31T23:59:60Z"}'
    )
    assert [line.split(": ")[:2] for line in said_of(file)] == [
        ["2", "/sport"],
        ["4", "/entrants/0/id"],
        ["6", "/entrants/1/nam"],
    ]


def test_lines_of_json_are_found_through_nested_lists_escapes_and_empty_things():
    lines = JsonLines('{"a": [[], {},\n [1,\n 2]],\n "b/c":\n {"d": {"e": ""},\n "f": {}}\n}')
    pointers = ("/a", "/a/0", "/a/2/1", "/b~1c", "/b~1c/d/e", "/b~1c/f", "/b~1c/x", "/z")
    assert [lines.of(pointer) for pointer in pointers] == [1, 1, 3, 4, 5, 6, 4, 1]


def test_lines_are_found_through_long_values_nested_tables_and_quoted_keys():
    lines = TomlLines(
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
