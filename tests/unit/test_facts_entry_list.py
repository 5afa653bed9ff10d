"""Lists of entrants as they come out of spreadsheets."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.errors import BadInput
from scoreboard.facts.competition import Entrant
from scoreboard.facts.entry_list import Asked, EntryList, read


def listed(text: str, **more: Any) -> EntryList:
    return read(Asked(text=text, **more))


def test_columns_are_told_by_their_headings() -> None:
    found = listed(
        "Bib;Last name;First name;Club;Group;Seed\n007;Ångström;Eva;SK Vik;A;1\n12;Ng;Bo;;B;2"
    )
    means = [column.means for column in found.columns]
    assert means == ["attribute:bib", "last", "first", "team", "group", "seed"]
    eva, bo = found.lines
    assert eva.entrant == Entrant(
        id="eva-angstrom", name="Eva Ångström", team="sk-vik", attributes={"bib": "007"}
    )
    assert (eva.group, eva.seed, eva.fate) == ("A", 1.0, "added")
    assert bo.entrant is not None and bo.entrant.attributes == {"bib": 12}


@pytest.mark.parametrize("text", ["Ada\nBob\n", "1\tAda\n2\tBob", "\ufeffName,x\nAda,1\nBob,2"])
def test_names_alone_are_enough(text: str) -> None:
    names = [line.entrant.name for line in listed(text).lines if line.entrant]
    assert names == ["Ada", "Bob"]


def test_teams_compete_themselves_where_nobody_else_does() -> None:
    [line] = listed("Team,Short,Pronounced\nGulls,GUL,GULZ").lines
    assert line.entrant == Entrant(id="gulls", name="Gulls", short="GUL", say="GULZ")


def test_what_is_wrong_is_told_by_line() -> None:
    found = listed(
        "id,name,seed\na,Ada,1\na,Bob,2\n,Cy,3\nd!,Dee,4\ne,,5\nf,Fay,first\ng," + "g" * 201
    )
    wrong = {line.line: line.problem for line in found.lines if line.fate == "wrong"}
    assert wrong[3] == "the id a stands on line 2 already"
    assert "d!" in wrong[5] and wrong[6] == "the name is missing"
    assert "first is not a number" in wrong[7] and "length <= 200" in wrong[8]
    assert set(wrong) == {3, 5, 6, 7, 8}


def test_a_name_that_stands_twice_needs_ids() -> None:
    first, second = listed("name\nAda\nada").lines
    assert (first.fate, second.fate) == ("added", "wrong")
    both = listed("id,name\n1,Ada\n2,Ada").lines
    assert [line.fate for line in both] == ["added", "added"]


def test_who_is_entered_keeps_the_id_and_what_was_known() -> None:
    ada = Entrant(id="x1", name="Ada", short="ADA", attributes={"bib": 1})
    bob = Entrant(id="bob", name="Bob")
    found = listed("name,bib\nADA,2\nBob,\nCy,3", entrants=[ada, bob, Entrant(id="d", name="D")])
    assert [line.fate for line in found.lines] == ["changed", "left", "added"]
    assert found.lines[0].entrant == Entrant(
        id="x1", name="ADA", short="ADA", attributes={"bib": 2}
    )
    assert found.absent == ["d"]


def test_columns_can_be_said() -> None:
    found = listed("12,Ada\n13,Bob", columns=["attribute:bib", "name"])
    assert found.lines[1].entrant == Entrant(id="bob", name="Bob", attributes={"bib": 13})
    with pytest.raises(BadInput, match="no column has the names"):
        listed("12,Ada", columns=["short", ""])
    with pytest.raises(BadInput, match="there are no lines"):
        listed(" \n\n")


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=30))
def test_ids_are_unique_and_stay_when_the_list_is_read_again(names: list[str]) -> None:
    text = "name\n" + "\n".join(" ".join(name.split()).replace('"', "") for name in names)
    try:
        entered = [line.entrant for line in listed(text).lines if line.entrant]
    except BadInput:
        return
    assert len({one.id for one in entered}) == len(entered)
    msgspec.convert(msgspec.to_builtins(entered), list[Entrant])
    again = listed(text, entrants=entered)
    assert [line.entrant for line in again.lines if line.entrant] == entered
    assert again.absent == []
