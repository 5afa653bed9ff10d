"""The order of a field against sorting it by brute force."""

from hypothesis import given
from hypothesis import strategies as st

from scoreboard.projections.ranking import Ranking

ENTRANTS = st.sampled_from([f"e{n}" for n in range(12)])
MERITS = st.one_of(st.none(), st.tuples(st.integers(-3, 3)))


def brute(merits: dict) -> list:
    order = sorted((m, e) for e, m in merits.items() if m is not None)
    return [(e, 1 + sum(1 for other, _ in order if other < m)) for m, e in order]


@given(st.lists(st.dictionaries(ENTRANTS, MERITS, max_size=6), max_size=20))
def test_ranks_are_shared_by_equals_and_follow_every_change(changes):
    ranking, merits = Ranking(), {}
    for change in changes:
        ranking.update(change)
        merits.update(change)
    expected = brute(merits)
    assert list(ranking.top(100)) == expected
    for place, (entrant, rank) in enumerate(expected):
        assert ranking.rank(entrant) == rank
        assert list(ranking.around(entrant, 2)) == expected[max(0, place - 2) : place + 3]
    some = [e for e, _ in expected[::2]]
    assert ranking.among(some) == brute({e: merits[e] for e in some})
