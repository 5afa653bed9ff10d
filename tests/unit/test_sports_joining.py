"""Observations and decisions joined: by key, by time or not, in whatever order they arrive."""

from hypothesis import given
from hypothesis import strategies as st

from scoreboard.sports.joining import (
    LOOKED_AT_MAX,
    NEAREST_MAX,
    Candidate,
    JoinParams,
    Pair,
    Part,
    contradict,
    joined,
    repeated,
)

PARAMS = JoinParams(within_ms=10_000, doubt_ms=2_000)


def part(record, at=None, *key, repeat_ms=None):
    return Part(record, key or (None,), at, (record,), repeat_ms)


def pairs(observed, decided, **more):
    outcome = joined(observed, decided, more.pop("params", PARAMS), **more)
    return [(pair.observed, pair.decided) for pair in outcome.pairs]


def test_what_names_the_same_thing_is_joined_however_far_apart_in_time():
    near = part("stroke-2", 1_500, 3, 2)
    found = joined([part("shot", 1_000, 3, 1)], [near, part("stroke-1", 900_000, 3, 1)], PARAMS)
    assert found.pairs == [Pair("shot", "stroke-1", "key", 899_000)]
    assert [(one.record, one.doubtful) for one in found.waiting] == [("stroke-2", False)]


def test_a_distance_can_be_too_far_even_for_what_names_the_same_thing():
    params = JoinParams(key_within_ms=60_000)
    shots, strokes = [part("shot", 0, 3, 1)], [part("stroke", 60_001, 3, 1)]
    found = joined(shots, strokes, params)
    assert (found.pairs, [one.doubtful for one in found.waiting]) == ([], [True, True])
    assert found.waiting[0].candidates == (Candidate("stroke", 60_001),)


def test_what_names_the_same_thing_needs_no_time():
    assert joined([part("shot", None, 3, 1)], [part("stroke", 5, 3, 1)], PARAMS).pairs == [
        Pair("shot", "stroke", "key", None)
    ]


def test_what_does_not_say_all_is_joined_with_the_nearest_that_it_does_not_contradict():
    shots = [part("shot", 10_000, 3, None)]
    strokes = [part("elsewhere", 10_100, 4, 1), part("here", 14_000, 3, 2)]
    assert joined(shots, strokes, PARAMS).pairs == [Pair("shot", "here", "time", 4_000)]


def test_nothing_is_joined_beyond_the_window():
    assert pairs([part("shot", 0)], [part("stroke", 10_000)]) == [("shot", "stroke")]
    assert pairs([part("shot", 0)], [part("stroke", 10_001)]) == []


def test_two_that_are_about_as_near_are_doubtful_and_wait_with_their_distances():
    found = joined(
        [part("first", 1_000, 3, 1), part("again", 2_000, 3, 1)],
        [part("stroke", 3_000, 3, 1)],
        PARAMS,
    )
    assert found.pairs == []
    assert all(one.doubtful for one in found.waiting)
    assert found.waiting[-1].candidates == (Candidate("again", 1_000), Candidate("first", 2_000))


def test_of_two_the_one_that_is_clearly_nearer_is_joined_and_the_other_waits_alone():
    found = joined(
        [part("shot", 1_000, 3, 1), part("again", 9_000, 3, 1)],
        [part("stroke", 1_200, 3, 1)],
        PARAMS,
    )
    assert [(pair.observed, pair.distance_ms) for pair in found.pairs] == [("shot", 200)]
    [waiting] = found.waiting
    assert (waiting.record, waiting.doubtful) == ("again", False)
    assert waiting.candidates == (Candidate("stroke", 7_800, taken=True),)


def test_a_doubt_is_gone_once_its_rival_is_joined_elsewhere():
    shots = [part("a", 0), part("b", 6_000)]
    strokes = [part("x", 0), part("y", 3_500)]
    assert pairs(shots, strokes) == [("a", "x"), ("b", "y")]


def test_what_is_in_doubt_by_key_is_not_joined_by_time():
    shots = [part("shot", 0, 3, 1), part("twin", 100, 3, 1)]
    strokes = [part("stroke", 50, 3, 1), part("vague", 60, 3, None)]
    assert pairs(shots, strokes) == []


def test_an_official_keeps_two_apart():
    shots, strokes = [part("a", 0), part("b", 3_000)], [part("x", 0)]
    assert pairs(shots, strokes) == [("a", "x")]
    assert pairs(shots, strokes, apart={("a", "x")}) == [("b", "x")]


def test_what_an_official_has_joined_is_taken_but_seen_as_a_candidate():
    found = joined([part("a", 0), part("b", 500)], [part("x", 0)], PARAMS, linked={"a", "x"})
    assert found.pairs == []
    [waiting] = found.waiting
    assert waiting.candidates == (Candidate("x", 500, taken=True),)


def test_one_observation_may_have_several_decisions():
    splits = [part("out-1", 60_000, "sled", None), part("out-2", 600_000, "sled", None)]
    judged = [
        part(f"no-rep-{n}", at, "sled", None) for n, at in enumerate((52_000, 55_000, 599_000))
    ]
    assert pairs(splits, judged, several=True) == [
        ("out-1", "no-rep-0"),
        ("out-1", "no-rep-1"),
        ("out-2", "no-rep-2"),
    ]


def test_a_decision_between_two_observations_is_doubtful_even_where_one_may_have_several():
    splits = [part("one", 0, "sled"), part("two", 4_000, "sled")]
    found = joined(splits, [part("no-rep", 2_000, "sled")], PARAMS, several=True)
    assert not found.pairs
    assert [one.doubtful for one in found.waiting] == [True, True, True]


def test_observations_repeat_the_first_of_their_passing():
    reads = [part(f"r{at}", at, "mat", repeat_ms=10) for at in (0, 7, 10, 11, 20)]
    assert repeated(reads) == {"r7": "r0", "r10": "r0", "r20": "r11"}
    assert repeated([part("a", 0, "mat"), part("b", 0, "mat")]) == {}


# whatever is said --------------------------------------------------------------------------------

KEYS = st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([None, "x", "y"]))
TIMES = st.none() | st.integers(0, 40).map(lambda second: second * 1_000)


def parts(prefix):
    return st.lists(st.tuples(KEYS, TIMES), max_size=8).map(
        lambda said: [
            Part(f"{prefix}{number}", key, at, (number,)) for number, (key, at) in enumerate(said)
        ]
    )


PARAMETERS = st.builds(
    JoinParams,
    within_ms=st.sampled_from([0, 3_000, 10_000]),
    doubt_ms=st.sampled_from([0, 1_000, 5_000]),
    key_within_ms=st.sampled_from([None, 4_000]),
)


@given(parts("o"), parts("d"), PARAMETERS, st.booleans(), st.randoms())
def test_the_order_of_arrival_is_no_matter(observed, decided, params, several, random):
    whole = joined(observed, decided, params, several=several)
    shuffled = joined(
        random.sample(observed, len(observed)),
        random.sample(decided, len(decided)),
        params,
        several=several,
    )
    assert shuffled == whole


@given(parts("o"), parts("d"), PARAMETERS, st.booleans())
def test_everything_is_joined_or_waits_and_what_is_joined_fits(observed, decided, params, several):
    found = joined(observed, decided, params, several=several)
    known = {one.record: one for one in (*observed, *decided)}
    records = [one.decided for one in found.pairs] + [one.record for one in found.waiting]
    records += (
        list({one.observed for one in found.pairs})
        if several
        else [one.observed for one in found.pairs]
    )
    assert sorted(records) == sorted(known)
    for pair in found.pairs:
        one, other = known[pair.observed], known[pair.decided]
        assert not contradict(one.key, other.key)
        if pair.by == "time":
            assert abs(one.at - other.at) == pair.distance_ms <= params.within_ms
        else:
            assert one.key == other.key


@given(parts("o"), parts("d"), PARAMETERS, st.booleans())
def test_it_comes_to_what_a_plain_search_comes_to(observed, decided, params, several):
    found = joined(observed, decided, params, several=several)
    plain, doubtful = plainly_joined(observed, decided, params, several)
    assert {(pair.observed, pair.decided): pair.by for pair in found.pairs} == plain
    assert {one.record for one in found.waiting if one.doubtful} == doubtful


def plainly_joined(observed, decided, params, several):
    """The same by looking at all pairs again and again, one clear pair at a time."""
    made, doubtful = {}, set()
    for by in ("key", "time"):
        fitting = {
            (o.record, d.record): distance_of(o, d)
            for o in observed
            for d in decided
            if fits(o, d, by, params) and not {o.record, d.record} & doubtful
        }
        most = params.key_within_ms if by == "key" else None
        while (pair := next_clear(fitting, made, params.doubt_ms, several, most)) is not None:
            made[pair] = by
        left = free(fitting, made, several)
        joined_ones = {record for pair in made for record in pair}
        doubtful |= {record for pair in left for record in pair} - joined_ones
    return made, doubtful


def distance_of(one, other):
    return None if one.at is None or other.at is None else abs(one.at - other.at)


def fits(one, other, by, params):
    if by == "key":
        return None not in one.key and one.key == other.key
    far = distance_of(one, other)
    agree = all(None in pair or len(set(pair)) == 1 for pair in zip(one.key, other.key))  # noqa: B905
    return agree and far is not None and far <= params.within_ms


def free(fitting, made, several):
    """Pairs of which neither is joined; of several decisions only the decision must not be."""
    gone = {record for o, d in made for record in ((d,) if several else (o, d))}
    return {pair: far for pair, far in fitting.items() if not gone & set(pair)}


def next_clear(fitting, made, doubt_ms, several, most):
    left = free(fitting, made, several)
    for pair, far in left.items():
        if most is not None and far is not None and far > most:
            continue
        sides = (1,) if several else (0, 1)
        rivals = [
            other_far
            for other, other_far in left.items()
            if other != pair and any(other[side] == pair[side] for side in sides)
        ]
        if not rivals or (
            far is not None and all(one is not None and one - far > doubt_ms for one in rivals)
        ):
            return pair
    return None


def test_a_thousand_at_one_moment_are_weighed_in_bounds():
    crowd = [part(f"o{n:04}", 1_000) for n in range(1_000)]
    found = joined(crowd, [part("stroke", 1_000)], PARAMS)
    assert not found.pairs
    assert len(found.waiting[-1].candidates) == NEAREST_MAX < LOOKED_AT_MAX
