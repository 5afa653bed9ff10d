"""Rounds: two sides of two, line-ups that overlap, results that contradict, a side that is none."""

from hypothesis import strategies as st

PARAMS = [
    {"side_size": 2, "ties": ["auto", "best"], "live_counts": True},
    {"side_size": 1, "rank": "win_points", "ties": ["sum"], "decimals": 0},
    {"rank": "sum", "sides": ["red", "blue", "green"], "side_size": 1},
]
CONTESTS = st.sampled_from(["m1", "m2", "f", "late", ""])
ENTRANTS = st.sampled_from(["ada", "bel", "cyd", "nobody"])
SIDES = st.sampled_from(["red", "blue", "blue", "green"])
POINTS = st.integers(-2, 5)


def definition(params):
    ids = ["ada", "bel", "cyd"]
    return {
        "slug": "robots",
        "name": "Robots",
        "sport": "rounds",
        "params": params,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in ids],
        "contests": [
            {"id": "m1", "entrants": ids},
            {"id": "m2", "entrants": ids[::-1]},
            {"id": "f", "params": {"counts": False}},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"rounds.{type_}"), st.fixed_dictionaries(data), st.integers(0, 9)
    )


def facts():
    categories = st.sampled_from(["auto", "points"])
    members = st.lists(ENTRANTS, min_size=1, max_size=3)
    return st.lists(
        st.one_of(
            _said("scored", side=SIDES, points=POINTS, category=categories),
            _said("result", side=SIDES, points=st.dictionaries(categories, POINTS, min_size=1)),
            _said(
                "lineup", side=SIDES, entrants=members, surrogates=st.lists(ENTRANTS, max_size=1)
            ),
            _said("barred", entrant=ENTRANTS, kind=st.sampled_from(["absent", "disqualified"])),
            _said("ended"),
        ),
        max_size=16,
    )
