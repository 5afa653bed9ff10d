"""Points: tallies that take facts in any order and give them back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.facts.competition import Contest
from scoreboard.sports.points import MARKS_MAX, OUT_OF_BOUNDS, SCORED, Points, PointsParams, Scored
from scoreboard.sports.sport import Fact, Row, params_of

CONTEST = Contest(id="quiz")
PARAMS = st.builds(
    PointsParams,
    mode=st.sampled_from(["sum", "best", "last", "count"]),
    order=st.sampled_from(["descending", "ascending"]),
    rounds=st.sampled_from(["sum", "best"]),
)
SAID = st.tuples(st.integers(-5, 5), st.one_of(st.none(), st.integers(0, 9)))
MANY = st.lists(SAID, max_size=3 * MARKS_MAX)


def fact(number: int, points: int, time: int | None = None) -> Fact:
    return Fact(
        record=f"pad/{number}",
        type=SCORED.type,
        payload=Scored(entrant="ann", points=points),
        contest="quiz",
        position=number,
        time=time,
        source="pad",
        id=str(number),
    )


def facts(said):
    return [fact(number, points, time) for number, (points, time) in enumerate(said)]


def tally(sport, some):
    state = sport.start(CONTEST)
    for one in some:
        sport.apply(state, one)
    return state


def shown(sport, state):
    return sport.merit([state]), sport.figures([state])


def value(params, some):
    """What a tally must say, by brute force."""
    points = [f.payload.points for f in some]
    match params.mode:
        case "sum":
            return sum(points)
        case "count":
            return len(points)
        case "last":
            return max(some, key=lambda f: f.in_time).payload.points
    return max(points) if params.order == "descending" else min(points)


@given(PARAMS, MANY, st.randoms())
def test_the_order_of_arrival_does_not_matter(params, said, random):
    sport, some = Points(params), facts(said)
    shuffled = random.sample(some, len(some))
    assert tally(sport, some) == tally(sport, shuffled)
    if some:
        assert sport.figures([tally(sport, some)])["points"] == value(params, some)


@given(PARAMS, MANY, st.data())
def test_what_is_taken_back_was_never_there(params, said, data):
    sport, some = Points(params), facts(said)
    state = tally(sport, some)
    left = list(some)
    for gone in data.draw(st.lists(st.sampled_from(some), unique_by=id) if some else st.just([])):
        if not sport.retract(state, gone):
            state = tally(sport, [f for f in left if f is not gone])
        left.remove(gone)
        assert shown(sport, state) == shown(sport, tally(sport, left))


@given(PARAMS, MANY, SAID, st.integers(0, 200))
def test_an_amendment_and_its_reversal_leave_all_as_before(params, said, other, which):
    sport, some = Points(params), facts(said)
    if not some:
        return
    before = some[which % len(some)]
    after = fact(before.position, *other)
    state = tally(sport, some)
    for old, new in ((before, after), (after, before)):
        if sport.retract(state, old):
            sport.apply(state, new)
        else:
            state = tally(sport, [*(f for f in some if f is not before), new])
    assert shown(sport, state) == shown(sport, tally(sport, some))


@given(PARAMS, MANY, st.integers(0, 100))
def test_a_fold_resumes_from_any_checkpoint(params, said, cut):
    sport, some = Points(params), facts(said)
    saved = msgspec.msgpack.encode(tally(sport, some[:cut]))
    state = msgspec.msgpack.decode(saved, type=Points.State)
    for one in some[cut:]:
        sport.apply(state, one)
    assert state == tally(sport, some)


def test_the_best_that_are_remembered_can_be_taken_back_and_then_no_more():
    sport = Points(PointsParams(mode="best"))
    some = [fact(n, n) for n in range(MARKS_MAX + 5)]
    state = tally(sport, some)
    best_first = some[::-1]
    assert all(sport.retract(state, f) for f in best_first[: MARKS_MAX - 1])
    assert not sport.retract(state, best_first[MARKS_MAX - 1])
    assert state.facts == 6


def test_a_fact_that_was_never_taken_cannot_be_given_back():
    for mode in ("sum", "best", "last", "count"):
        sport = Points(PointsParams(mode=mode))
        assert not sport.retract(sport.start(CONTEST), fact(1, 1))


def test_an_entrant_without_facts_in_force_is_not_ranked():
    sport = Points(PointsParams())
    state = tally(sport, [fact(1, 0)])
    assert sport.merit([state]) == 0
    assert sport.retract(state, fact(1, 0))
    assert sport.merit([state]) is None
    assert sport.merit([]) is None
    assert sport.status(CONTEST, {"ann": state}) == "scheduled"


def test_points_out_of_bounds_are_flagged_and_do_not_count():
    sport = Points(PointsParams(increment_min=0, increment_max=10))
    state = sport.start(CONTEST)
    assert sport.apply(state, fact(1, 11)) == (OUT_OF_BOUNDS,)
    assert sport.apply(state, fact(2, -1)) == (OUT_OF_BOUNDS,)
    assert sport.apply(state, fact(3, 10)) == ()
    assert sport.figures([state]) == {"points": 10, "facts": 1}
    assert sport.retract(state, fact(1, 11))
    assert sport.figures([state]) == {"points": 10, "facts": 1}


@pytest.mark.parametrize(
    ("rounds", "order", "merit"),
    [
        ("sum", "descending", -12),
        ("best", "descending", -7),
        ("sum", "ascending", 12),
        ("best", "ascending", 5),
    ],
)
def test_rounds_are_added_or_the_best_of_them_counts(rounds, order, merit):
    sport = Points(PointsParams(rounds=rounds, order=order))
    states = [tally(sport, [fact(1, 3), fact(2, 4)]), tally(sport, [fact(3, 5)])]
    assert sport.merit([*states, sport.start(CONTEST)]) == merit


@pytest.mark.parametrize(
    "params",
    [
        {"mode": "worst"},
        {"tops": [0]},
        {"increment_min": 5, "increment_max": 4},
        {"order": "up"},
        {"unknown": 1},
    ],
)
def test_wrong_parameters_are_refused(params):
    with pytest.raises(msgspec.ValidationError):
        params_of(Points, params)


@given(st.binary(max_size=40))
def test_hostile_payloads_are_refused_by_name_and_nothing_else_is_raised(data):
    try:
        SCORED.read(data)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError):
        return


def test_milliseconds_are_shown_as_times_and_told_in_seconds():
    sport = Points(PointsParams(mode="best", order="ascending", unit="ms"))
    best = tally(sport, [fact(1, 83_412), fact(2, 61_050)])
    assert sport.figures([best]) == {"points": 61_050, "facts": 2, "time": "1:01.050"}
    assert [column.key for column in sport.columns if column.main] == ["time"]
    row = Row(entrant="ann", rank=1, figures=sport.figures([best]))
    assert [feat.value for feat in sport.feats_of(row, "quiz")] == [61.05]
    assert {measure.unit for measure in sport.measures} == {"s"}
