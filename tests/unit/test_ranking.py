"""The order of a field against sorting it by brute force."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreboard.projections import merits, ranking
from scoreboard.projections.ranking import Ranking

ENTRANTS = st.sampled_from([f"e{n}" for n in range(12)])
SCORES = st.integers(-3, 3)
WHOLE = st.lists(st.dictionaries(ENTRANTS, st.one_of(st.none(), SCORES), max_size=6), max_size=20)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Leaves and groups so small that few entrants fill, cut, sort and empty them."""
    monkeypatch.setattr(merits, "LEAF", 2)
    monkeypatch.setattr(merits, "SPAN", 2)
    monkeypatch.setattr(ranking, "UNSORTED_MAX", 2)


def brute(field: dict) -> list:
    order = sorted((m, e) for e, m in field.items() if m is not None)
    return [(e, 1 + sum(1 for other, _ in order if other < m)) for m, e in order]


def check(kept: Ranking, field: dict) -> None:
    expected = brute(field)
    assert len(kept) == len(expected)
    assert list(kept.top(len(expected) + 1)) == expected
    for place, (entrant, rank) in enumerate(expected):
        assert entrant in kept
        assert kept.rank(entrant) == rank
        assert list(kept.top(place)) == expected[:place]
        assert list(kept.around(entrant, 2)) == expected[max(0, place - 2) : place + 3]
    some = [e for e, _ in expected[::2]]
    assert kept.among(some) == brute({e: field[e] for e in some})


@pytest.mark.parametrize("merit", [lambda score: score, lambda score: (score // 2, score % 2)])
@given(changes=WHOLE)
def test_ranks_are_shared_by_equals_and_follow_every_change(merit, changes):
    kept, field = Ranking(), {}
    for scores in changes:
        change = {e: None if s is None else merit(s) for e, s in scores.items()}
        kept.update(change)
        field.update(change)
        check(kept, field)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([5, 40, 10**12]))
def test_single_changes_in_a_wide_field_come_to_the_same_as_sorting_it(seed, scores):
    chance = random.Random(seed)
    field = {f"e{n:02d}": chance.randrange(scores) for n in range(60)}
    kept = Ranking()
    kept.update(field)
    for step in range(150):
        entrant = chance.choice(list(field))
        field[entrant] = chance.choice([None, chance.randrange(scores)])
        if step > 75:  # the field dwindles to nobody
            field[entrant] = None
        kept.update({entrant: field[entrant]})
        expected = brute(field)
        assert list(kept.top(5)) == expected[:5]
        if step % 15 == 0:
            check(kept, field)


def test_the_first_are_shown_anew_when_one_who_was_not_among_them_comes_before_them():
    kept = Ranking()
    kept.update({"ann": 1, "bob": 2, "cid": 3})
    assert list(kept.top(2)) == [("ann", 1), ("bob", 2)]
    kept.update({"cid": 2})
    assert list(kept.top(3)) == [("ann", 1), ("bob", 2), ("cid", 2)]
    kept.update({"cid": 0})
    assert list(kept.top(2)) == [("cid", 1), ("ann", 2)]
    kept.update({"cid": None})
    assert list(kept.top(2)) == [("ann", 1), ("bob", 2)]
    assert list(kept.around("cid", 2)) == []
