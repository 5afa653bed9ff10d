"""Draws: whatever the field, everybody meets whom the form says, and nobody is in two places."""

from collections import Counter
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.errors import BadInput
from scoreboard.facts.advancing import cycle, is_reference, reference
from scoreboard.facts.competition import Contest
from scoreboard.facts.drawing import Pool, Wanted, drawn, in_lanes, seeding, snake

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
FIELDS = st.integers(2, 40)


def field(size: int, word: str = "e") -> list[str]:
    return [f"{word}{number}" for number in range(size)]


def draw(form: Any, size: int, **more: Any) -> list[Contest]:
    return drawn(Wanted(form=form, pools=[Pool(entrants=field(size))], **more))


def by_round(contests: list[Contest]) -> dict[str, list[Contest]]:
    rounds: dict[str, list[Contest]] = {}
    for contest in contests:
        rounds.setdefault(contest.round, []).append(contest)
    return rounds


def out_of(contests: list[Contest], best: Any) -> tuple[list[str], Counter[str]]:
    """Who is in each final place to win, and how often everybody lost, if `best` decides."""
    came_out: dict[str, list[str]] = {}
    lost: Counter[str] = Counter()
    for contest in contests:
        met = [
            came_out[reference(one).of][reference(one).place - 1] if is_reference(one) else one
            for one in contest.entrants
        ]
        assert len(set(met)) == len(met) == 2
        winner = best(*met)
        loser = next(one for one in met if one != winner)
        came_out[contest.id] = [winner, loser]
        lost[loser] += 1
    return came_out[contests[-1].id], lost


def better(one: str, other: str) -> str:
    return min(one, other, key=lambda entrant: int(entrant[1:]))


@given(FIELDS, st.integers(1, 3))
def test_everybody_meets_everybody_as_often_as_there_are_legs(size: int, legs: int) -> None:
    contests = draw("round-robin", size, legs=legs)
    met = Counter(frozenset(one.entrants) for one in contests)
    assert met == {frozenset(pair): legs for pair in combinations(field(size), 2)}
    for round_ in by_round(contests).values():
        playing = [entrant for one in round_ for entrant in one.entrants]
        assert len(set(playing)) == len(playing) >= size - 1


@given(FIELDS)
def test_home_and_away_are_balanced(size: int) -> None:
    contests = draw("round-robin", size)
    home = Counter(one.entrants[0] for one in contests)
    away = Counter(one.entrants[1] for one in contests)
    assert all(abs(home[one] - away[one]) <= 1 for one in field(size))
    twice = draw("round-robin", size, legs=2)
    assert len({tuple(one.entrants) for one in twice}) == len(twice)


@given(FIELDS, st.integers(1, 5))
def test_nobody_is_in_two_places_at_once(size: int, places: int) -> None:
    where = [f"Court {number}" for number in range(places)]
    contests = draw("round-robin", size, places=where, start=START, minutes=20)
    at = [(one.start, one.place) for one in contests]
    assert len(set(at)) == len(at)
    assert min(one.start for one in contests if one.start) == START
    busy = [(one.start, entrant) for one in contests for entrant in one.entrants]
    assert len(set(busy)) == len(busy)


@given(FIELDS)
def test_the_better_half_of_a_knock_out_wins_and_the_best_rest_first(size: int) -> None:
    contests = draw("single-elimination", size)
    assert len(contests) == size - 1
    [first, second], lost = out_of(contests, better)
    assert (first, second) == ("e0", "e1")
    assert set(lost.values()) == {1}
    byes = (1 << (size - 1).bit_length()) - size
    assert {e for one in contests for e in one.entrants if not is_reference(e)} == set(field(size))
    opening = [one for one in contests if one.round == contests[0].round]
    waits = set(field(size)) - {e for one in opening for e in one.entrants}
    assert waits <= set(field(byes))
    assert contests[-1].name == "Final"


@given(st.integers(4, 40))
def test_the_losers_of_the_semi_finals_meet(size: int) -> None:
    contests = draw("single-elimination", size, third=True)
    [third] = [one for one in contests if one.round == "Third place"]
    assert all(reference(one).said == "loser" for one in third.entrants)
    assert contests[-1].name == "Final"
    assert len(contests) == size


@given(st.integers(3, 40), st.randoms(use_true_random=False))
def test_who_loses_twice_is_out(size: int, chance: Any) -> None:
    contests = draw("double-elimination", size)
    assert len(contests) == 2 * size - 2
    _, lost = out_of(contests, lambda one, other: chance.choice([one, other]))
    assert sorted(lost.values())[-1] == 2
    assert sum(lost.values()) == len(contests)
    assert sum(times == 2 for times in lost.values()) >= size - 2
    assert cycle({one.id: one.entrants for one in contests}, {}) is None


@given(FIELDS, st.integers(1, 3))
def test_no_contest_begins_before_those_that_it_waits_for(size: int, places: int) -> None:
    form = "double-elimination" if size > 2 else "single-elimination"
    contests = draw(form, size, start=START, places=field(places, "c"))
    starts = {one.id: one.start for one in contests}
    for one in contests:
        for entrant in filter(is_reference, one.entrants):
            before, now = starts[reference(entrant).of], one.start
            assert before is not None and now is not None and before < now


@given(st.integers(2, 200), st.integers(2, 12))
def test_heats_are_equally_large_and_strong(size: int, lanes: int) -> None:
    contests = draw("heats", size, lanes=lanes)
    sizes = [len(one.entrants) for one in contests]
    assert max(sizes) <= lanes and max(sizes) - min(sizes) <= 1
    assert sorted(e for one in contests for e in one.entrants) == sorted(field(size))
    heats = len(contests)
    if heats > 1:
        tops = [min(int(e[1:]) for e in one.entrants) for one in contests]
        assert tops == list(range(heats))


def test_seeds_are_dealt_there_and_back_and_swim_in_the_middle() -> None:
    assert snake(field(7), 3) == [["e0", "e5", "e6"], ["e1", "e4"], ["e2", "e3"]]
    assert in_lanes(field(5)) == ["e3", "e1", "e0", "e2", "e4"]
    assert seeding(8) == [0, 7, 3, 4, 1, 6, 2, 5]


def test_the_best_of_each_heat_go_on() -> None:
    *heats, final = draw("heats", 6, lanes=3, through=2)
    assert [one.name for one in heats] == ["Heat 1", "Heat 2"]
    assert set(final.entrants) == {"place:m-1:1", "place:m-2:1", "place:m-1:2", "place:m-2:2"}


def test_groups_are_held_side_by_side_with_ids_of_their_own() -> None:
    pools = [Pool(entrants=field(4, word), group=word) for word in ("a", "b")]
    contests = drawn(Wanted(form="round-robin", pools=pools, taken=["a-1"]))
    assert [one.id for one in contests][:4] == ["a-2", "a-3", "b-1", "b-2"]
    assert {one.group for one in contests} == {"a", "b"}
    assert len({one.id for one in contests}) == 12


def test_a_knock_out_can_follow_groups() -> None:
    seeds = ["place:a:1", "place:b:1", "place:b:2", "place:a:2"]
    contests = drawn(Wanted(form="single-elimination", pools=[Pool(entrants=seeds)], prefix="k"))
    assert [one.entrants for one in contests] == [
        ["place:a:1", "place:a:2"],
        ["place:b:1", "place:b:2"],
        ["winner:k-1", "winner:k-2"],
    ]


@pytest.mark.parametrize(
    ("pools", "pointer"),
    [
        ([Pool(entrants=["a", "b"]), Pool(entrants=["c", "b"])], "/pools/1/entrants/1"),
        ([Pool(entrants=field(600))], "/pools"),
    ],
)
def test_what_cannot_be_drawn_is_told(pools: list[Pool], pointer: str) -> None:
    with pytest.raises(BadInput) as refused:
        drawn(Wanted(form="round-robin", pools=pools))
    assert refused.value.pointer == pointer
