"""Who goes on: references resolved, those who met kept, cycles found."""

import msgspec
import pytest

from scoreboard.facts.advancing import (
    Premise,
    cycle,
    is_overturned,
    label,
    reference,
    resolved,
    shown,
)
from scoreboard.facts.competition import Contest

CONTESTS = {
    "g1": ["a", "b"],
    "s1": ["place:g:1", "place:h:2"],
    "s2": ["place:h:1", "place:g:2"],
    "f": ["winner:s1", "winner:s2"],
    "third": ["loser:s1", "loser:s2"],
}
GROUPS = {"g", "h"}


def go_on(places, premises=None, contests=CONTESTS):
    def came_out(of, is_group, entrants):
        assert is_group == (of in GROUPS)
        found = places.get(of, [])
        return found(entrants) if callable(found) else found

    return resolved(contests, GROUPS, premises or {}, came_out)


def test_nobody_goes_on_before_anything_is_over():
    assert go_on({}) == {id_: CONTESTS[id_] for id_ in ("s1", "s2", "f", "third")}


def test_places_of_groups_and_winners_and_losers_of_contests_go_on():
    found = go_on({"g": ["a", "b"], "h": ["c", "d"], "s1": ["d", "a"], "s2": ["c", "b"]})
    assert found == {"s1": ["a", "d"], "s2": ["c", "b"], "f": ["d", "c"], "third": ["a", "b"]}


def test_a_shared_place_lets_nobody_go_on():
    assert go_on({"g": ["a", ""]})["s2"] == ["place:h:1", "place:g:2"]


def test_a_contest_is_asked_with_those_who_go_on_to_it():
    found = go_on({"g": ["a", "b"], "h": ["c", "d"], "s1": lambda meet: meet, "s2": lambda m: m})
    assert found["f"] == ["a", "c"]


def test_those_who_met_are_kept_and_come_out_of_it():
    premises = {"s1": Premise(7, ("x", ""))}
    places = {"g": ["a", "b"], "h": ["c", "d"], "s1": lambda meet: meet}
    found = go_on(places, premises)
    assert found["s1"] == ["a", "d"]
    assert shown(found["s1"], premises["s1"]) == ["x", "d"]
    assert found["f"] == ["x", "winner:s2"]


def test_a_premise_is_overturned_only_if_somebody_else_goes_on():
    assert is_overturned(["a", "b"], Premise(1, ("a", "c")))
    assert not is_overturned(["a", "b"], Premise(1, ("a", "b")))
    assert not is_overturned(["a", "winner:m1"], Premise(1, ("a", "c")))
    assert not is_overturned(["a", "b"], Premise(1, ("a", "")))
    assert not is_overturned(["a", "b"], None)


def test_a_place_of_a_contest_is_meant_where_no_group_is_called_so():
    contests = {"heat": ["a", "b", "c"], "final": ["place:heat:2"]}
    assert go_on({"heat": ["c", "a", "b"]}, contests=contests) == {"final": ["a"]}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("winner:m49", ("Winner of Match", "W m49")),
        ("loser:m49", ("Loser of Match", "L m49")),
        ("place:a:1", ("1st of Match", "1a")),
        ("place:a:2", ("2nd of Match", "2a")),
        ("place:a:11", ("11th of Match", "11a")),
        ("place:a:23", ("23rd of Match", "23a")),
    ],
)
def test_who_is_not_known_yet_is_called_by_where_they_come_from(said, names):
    assert label(said, lambda _of: "Match") == names


@pytest.mark.parametrize("odd", ["winner:", "first:m1", "place:a", "place:a:0", "winner:a:1", ":a"])
def test_a_reference_is_spelled_in_one_way(odd):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": "m1", "entrants": [odd]}, Contest)


def test_what_depends_on_its_own_outcome_is_found():
    assert cycle(CONTESTS, {"g": ["g1"], "h": []}) is None
    assert cycle({"m1": ["winner:m1"]}, {}) == "m1"
    looped = {"m1": ["winner:m2"], "m2": ["place:g:1"], "m3": ["winner:m1"]}
    assert cycle(looped, {"g": ["m3"]}) in looped


def test_a_cycle_that_got_in_nevertheless_lets_nobody_go_on():
    looped = {"m1": ["winner:m2"], "m2": ["winner:m1"]}
    assert go_on({}, contests=looped) == looped


def test_ids_are_no_references():
    assert reference("place:m.4-x:12").of == "m.4-x"
    assert msgspec.convert({"id": "m1", "entrants": ["m.4-x"]}, Contest).entrants == ["m.4-x"]
