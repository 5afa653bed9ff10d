"""The state of a result from what officials said of it and what came in since."""

import pytest

from scoreboard.facts.result import Result, ResultRules, Statement, result_of, too_early

TWO = ResultRules(approvals=2)


def said(state, actor="ada", position=10, seen=None):
    return Statement(state, actor, position, position if seen is None else seen)


def result(*statements, rules=TWO, over=True, position=5):
    return result_of(statements, rules, over=over, position=position)


def test_without_a_word_of_officials_the_facts_say_how_far_it_is():
    assert result(over=False, position=0) == Result("")
    assert result(over=False) == Result("entered")
    assert result() == Result("provisional", 2)


def test_where_nobody_need_approve_a_result_is_official_when_it_is_over():
    assert result(rules=ResultRules()).final
    assert not result(rules=ResultRules(), over=False).final


def test_the_first_approval_awaits_the_second():
    assert result(said("official")) == Result("provisional", 1)


def test_a_second_person_makes_it_official_the_same_one_again_does_not():
    assert result(said("official"), said("official", "bel", 11)).final
    assert result(said("official"), said("official", "ada", 11)) == Result("provisional", 1)


@pytest.mark.parametrize("state", ["entered", "provisional", "disputed", "under-review"])
def test_what_is_stated_after_approvals_takes_all_of_them_back(state):
    approved = (said("official"), said("official", "bel", 11))
    assert result(*approved, said(state, "cad", 12)) == Result(state)
    again = result(*approved, said(state, "cad", 12), said("official", "bel", 13))
    assert again == Result("provisional", 1)


def test_approvals_lapse_as_soon_as_something_more_is_said_of_the_contest():
    approved = (said("official", "ada", 10), said("official", "bel", 12))
    assert result(*approved, position=13) == Result("provisional", 2)
    assert result(*approved, position=11) == Result("provisional", 1)


def test_who_approves_what_they_saw_earlier_does_not_approve_what_came_since():
    stale = said("official", "bel", 12, seen=7)
    assert result(stale, position=8) == Result("provisional", 2)


def test_an_approval_that_does_not_hold_takes_nothing_away():
    stale = said("official", "bel", 12, seen=7)
    assert result(said("official"), stale, position=8) == Result("provisional", 1)
    assert result(said("official"), stale, said("official", "cad", 13), position=8).final
    for rules in (TWO, ResultRules()):
        assert result(said("disputed"), stale, rules=rules, position=8) == Result("disputed")
    lapsed = said("official", "bel", 12)
    assert result(said("disputed"), lapsed, position=13) == Result("provisional", 2)


def test_a_dispute_stands_whatever_comes_in():
    assert result(said("disputed"), position=99) == Result("disputed")


def test_what_was_said_counts_in_the_order_in_which_it_was_said():
    corrected = (said("official", "bel", 12), said("disputed", "cad", 10))
    assert result(*corrected, rules=ResultRules(approvals=1)).final


def test_a_contest_in_play_has_no_result_to_approve():
    both = (said("official"), said("official", "bel", 11))
    assert result(*both, over=False) == Result("entered")
    assert result(*both, over=False, position=0) == Result("")
    assert result(said("official"), rules=ResultRules(), over=False) == Result("entered")
    assert [one.actor for one in too_early(both, 5)] == ["ada", "bel"]
    assert too_early((*both, said("disputed", "cad", 12)), 5) == []
    assert too_early(both, 12) == []


def test_an_approval_holds_if_an_officials_word_alone_ended_the_contest_after_it():
    assert result(said("official"), said("official", "bel", 11), over=True).final


def test_an_official_result_is_not_final_any_more_once_the_contest_goes_on():
    assert not result(said("official"), said("official", "bel", 11), over=False).final
