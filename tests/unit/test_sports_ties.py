"""Rankings by a chain of tie-breaks."""

from hypothesis import given
from hypothesis import strategies as st

from scoreboard.sports.ties import Criterion, Placing, by_entrant, place


def by(name, values):
    return by_entrant(name, lambda entrant: values.get(entrant, 0))


def test_the_first_criterion_needs_no_mention_and_later_ones_do():
    chain = [by("points", {"a": -3, "b": -1, "c": -1}), by("goals", {"b": -2})]
    assert place("abc", chain) == [
        Placing("a", 1),
        Placing("b", 2, "goals"),
        Placing("c", 3, "goals"),
    ]


def test_what_nothing_parts_shares_a_rank_and_the_next_rank_is_skipped():
    chain = [by("points", {"d": 5, "a": -5})]
    assert place("dcba", chain) == [
        Placing("a", 1),
        Placing("b", 2, "", True),
        Placing("c", 2, "", True),
        Placing("d", 4),
    ]


def test_a_criterion_applied_again_sees_only_those_still_tied():
    # a beat everybody; among b, c and d the value depends on who else is still in the block.
    def values(block):
        return {e: (0 if e == "a" or (e == "c" and len(block) == 3) else 1) for e in block}

    once = place("abcd", [by("points", {}), Criterion("among", values)])
    again = place("abcd", [by("points", {}), Criterion("among", values, again=True)])
    assert [(p.entrant, p.rank, p.tied) for p in once[1:]] == [
        ("b", 2, True),
        ("c", 2, True),
        ("d", 2, True),
    ]
    assert [(p.entrant, p.rank, p.tied) for p in again] == [
        ("a", 1, False),
        ("c", 2, False),
        ("b", 3, True),
        ("d", 3, True),
    ]


def test_nobody_is_ranked_in_an_empty_field():
    assert place([], [by("points", {})]) == []


TABLES = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-2, 2)), min_size=1, max_size=4
)


@given(TABLES, st.sets(st.sampled_from("abcdefgh")))
def test_a_chain_ranks_like_the_tuple_of_its_values(tables, entrants):
    chain = [by(f"criterion {n}", table) for n, table in enumerate(tables)]
    merit = {e: tuple(table.get(e, 0) for table in tables) for e in entrants}
    placings = place(entrants, chain)
    assert {p.entrant: p.rank for p in placings} == {
        e: 1 + sum(other < merit[e] for other in merit.values()) for e in entrants
    }
    for p in placings:
        assert p.tied == (list(merit.values()).count(merit[p.entrant]) > 1)
