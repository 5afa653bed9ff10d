"""A fold of what came in any order differs in nothing from one made again, in every sport."""

from hypothesis import strategies as st
from scenarios import golf
from test_sports_properties import competition, entry, feed, folded, sport_property

from scoreboard.projections.shadow import differences

GOLF = golf.definition(golf.PARAMS[0])


@sport_property(st.randoms(), st.integers(0, 99))
def test_a_fold_made_again_is_no_difference(definition, told, random, which):
    live = folded(definition, random.sample(told, len(told)))
    if told:
        gone = told[which % len(told)]
        void = entry(len(told) + 2, gone.type, None, contest=gone.contest, of=gone, version=2,
                     action="void")  # fmt: skip
        if not live.sport.commutative:
            live.contests[gone.contest or ""].feed([void])
            told = [*told, void]
    again = feed(competition(definition), told)
    assert set(again.contests) == set(live.contests)
    for id_, contest in live.contests.items():
        assert differences(again, contest, again.contests[id_]) == []


def test_what_is_joined_otherwise_is_a_difference():
    told = [
        entry(2, "golf.shot", {"entrant": "ada", "hole": 1, "number": 1}, contest="one"),
        entry(3, "golf.stroke", {"entrant": "ada", "hole": 1, "number": 1}, contest="one"),
    ]
    live = folded(GOLF, told)
    again = folded(GOLF, told)
    assert differences(again, live.contests["one"], again.contests["one"]) == []
    live.contests["one"].reconciliation.take("pad/e0002")
    found = differences(again, live.contests["one"], again.contests["one"])
    assert found == ["pad/e0002", "pad/e0003"]
