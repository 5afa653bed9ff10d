"""What a guess is worth, which guesses are in force, and how they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.facts.competition import Contest
from scoreboard.predictions.guesses import (
    HISTORY_GUESSES_MAX,
    JOKER,
    REFUSED,
    WITHDRAWN,
    Made,
    bounded,
    guess_of,
    in_force,
    pack_history,
    pack_slots,
    score_of,
    unpack_history,
    unpack_slots,
)
from scoreboard.predictions.kept import Published
from scoreboard.predictions.settling import Outcome, Terms, moved, relocks
from scoreboard.predictions.shown import Total, Totals
from scoreboard.sports.predictions import SCORE_MAX, PredictionsParams, Scheme, worth

SCHEME = Scheme(exact=5, difference=3, tendency=1)
scores = st.integers(0, SCORE_MAX)


@pytest.mark.parametrize(
    ("guess", "points"),
    [((2, 1), 5), ((1, 0), 3), ((4, 1), 1), ((1, 1), 0), ((1, 2), 0), ((0, 3), 0)],
)
def test_a_guess_is_worth_what_is_right_of_it(guess, points):
    assert worth(SCHEME, (2, 1), guess) == points


def test_a_draw_guessed_with_another_score_is_worth_what_the_scheme_says():
    assert worth(SCHEME, (1, 1), (0, 0)) == 3
    assert worth(Scheme(exact=5, tendency=1, draws="tendency"), (1, 1), (0, 0)) == 1
    assert worth(SCHEME, (1, 1), (1, 0)) == 0


def test_a_contest_counts_by_its_round_or_else_by_its_group():
    params = PredictionsParams(multipliers={"Final": 3, "a": 2})
    of = {"Final": "Final", "": "", "Semi-final": "Semi-final"}
    times = [params.times(Contest(id="m", round=of[r], group="a")) for r in of]
    assert times == [3, 2, 2]
    assert params.times(Contest(id="m")) == 1


@given(scores, scores, st.booleans())
def test_a_guess_survives_its_packing(home, away, joker):
    guess = guess_of(home, away, joker=joker)
    assert score_of(guess) == (home, away)
    assert bool(guess & JOKER) == joker
    assert unpack_slots(pack_slots({3: guess})) == (0, 0, 0, guess)
    made = [Made(2**40, 7, guess), Made(1, 0, WITHDRAWN)]
    assert unpack_history(pack_history(made)) == made


def test_the_newest_guess_in_time_is_in_force():
    first, second, late = (guess_of(n, 0, joker=False) for n in range(3))
    made = [Made(10, 0, first), Made(20, 0, second), Made(30, 0, late)]
    assert in_force(made, {}, 0) == {0: late}
    assert in_force(made, {0: 30}, 0) == {0: second}
    assert in_force(made, {0: 20}, 0) == {0: first}
    assert in_force(made, {0: 10}, 0) == {}
    assert in_force([*made[:1], Made(20, 0, WITHDRAWN), *made[2:]], {0: 30}, 0) == {}


def test_a_joker_is_granted_when_its_guess_is_made_and_never_later():
    with_joker, without = guess_of(1, 0, joker=True), guess_of(1, 0, joker=False)
    first, second = Made(10, 0, with_joker), Made(20, 1, with_joker)
    refused = with_joker & ~JOKER | REFUSED
    assert in_force([first, second], {}, 1) == {0: with_joker, 1: refused}
    taken_back = Made(30, 0, without)
    assert in_force([first, second, taken_back], {}, 1) == {0: without, 1: refused}
    again = Made(40, 1, with_joker)
    assert in_force([first, second, taken_back, again], {}, 1) == {0: without, 1: with_joker}


def test_the_history_of_a_contest_is_bounded_and_in_order():
    guess = guess_of(1, 0, joker=False)
    made = [Made(n, n % 2, guess) for n in range(100, 0, -1)]
    kept = bounded(made, {}, 0)
    assert [one.position for one in kept] == list(range(101 - 2 * HISTORY_GUESSES_MAX, 101))


def test_what_is_late_displaces_nothing_that_was_in_time():
    joker = guess_of(1, 0, joker=True)
    late = [Made(20 + n, 0, guess_of(n, 0, joker=False)) for n in range(2 * HISTORY_GUESSES_MAX)]
    made = [Made(10, 0, joker), *late, Made(99, 1, joker)]
    locks = {0: 20}
    kept = bounded(made, locks, 1)
    assert len(kept) == 2 + HISTORY_GUESSES_MAX
    assert in_force(kept, locks, 1) == in_force(made, locks, 1)
    assert in_force(kept, locks, 1)[0] == joker


def test_nobody_gets_a_refused_joker_by_guessing_on():
    joker, without = (guess_of(1, 0, joker=joker) for joker in (True, False))
    made = [Made(10, 0, joker), Made(20, 1, joker)]
    made += [Made(30 + n, 0, without) for n in range(HISTORY_GUESSES_MAX)]
    refused = joker & ~JOKER | REFUSED
    assert in_force(made, {1: 25}, 1) == {0: without, 1: refused}
    kept = bounded(made, {1: 25}, 1)
    assert len(kept) == 1 + HISTORY_GUESSES_MAX
    assert in_force(kept, {1: 25}, 1) == {0: without, 1: refused}
    again = bounded([*kept, Made(90, 0, without)], {1: 25}, 1)
    assert in_force(again, {1: 25}, 1) == {0: without, 1: refused}


def test_contests_move_whose_result_or_worth_is_another():
    before = Terms(outcomes={0: Outcome(1, 0, 1), 1: Outcome(1, 0, 1, 5), 2: Outcome(1, 0, 1)})
    after = Terms(outcomes={0: Outcome(2, 0, 1), 1: Outcome(1, 0, 1, 9), 3: Outcome(0, 0, 1)})
    assert moved(before, after) == [0, 2, 3]
    assert moved(before, Terms(joker_factor=3, outcomes=before.outcomes)) == [0, 1, 2]


def test_guesses_are_found_again_where_a_lock_moved_over_some_that_were_taken():
    def at(lock):
        return Terms(locks={} if lock is None else {0: lock})

    assert not relocks(at(None), at(101), 100)
    assert not relocks(at(None), at(None), 100)
    assert relocks(at(None), at(100), 100)
    assert relocks(at(50), at(None), 100)
    assert relocks(at(50), at(60), 100)
    assert not relocks(at(150), at(160), 100)
    assert relocks(at(50), Terms(locks={0: 50}, jokers=1), 100)


def test_who_came_since_the_board_was_published_is_ranked_by_it():
    published = Published(run=3, position=9, as_of=0, users=4, contests=1, top=[])
    rows = [Total(9, 1, 0, ["ann"]), Total(5, 2, 1, ["bob", "cem"]), Total(-1, 1, 3, ["dee"])]
    totals = Totals("owner", 3, published, rows)
    assert totals.ranked("eva", 0)[:2] == (4, 1)
    assert totals.ranked("eva", -7)[:2] == (5, 1)
    assert totals.ranked("bob", 5)[:2] == (2, 2)
    around = [(one.user, one.rank) for one in totals.ranked("cem", 5)[2]]
    assert around == [("ann", 1), ("bob", 2), ("cem", 2), ("dee", 4)]
