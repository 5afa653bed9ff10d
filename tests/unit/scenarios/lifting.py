"""Lifting: two classes, two lifts, lights and jury that contradict, lifts that are not there."""

from hypothesis import strategies as st

PARAMS = [
    {"lifts": ["snatch", "jerk"], "ties": ["body_weight", "first", "lot"]},
    {
        "lifts": ["snatch", "jerk"],
        "attempts": 2,
        "rank_by": "points",
        "points": "total / (body_weight - 61)",
    },
]
CONTESTS = st.sampled_from(["light", "heavy", "late", ""])
ENTRANTS = st.sampled_from(["ada", "bel", "cyd", "nobody"])
WHICH = {
    "lift": st.sampled_from(["snatch", "snatch", "jerk", "curl"]),
    "attempt": st.integers(1, 4),
}


def definition(params):
    ids = ["ada", "bel", "cyd"]
    return {
        "slug": "lift",
        "name": "Lift",
        "sport": "lifting",
        "params": params,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in ids],
        "groups": [
            {"id": "l", "name": "Light", "entrants": ["ada", "bel"]},
            {"id": "h", "name": "Heavy", "entrants": ["cyd"]},
        ],
        "contests": [
            {"id": "light", "group": "l", "entrants": ["ada", "bel"]},
            {"id": "heavy", "group": "h", "params": {"body_weight_min_g": 60_500}},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS,
        st.just(f"lifting.{type_}"),
        st.fixed_dictionaries({"entrant": ENTRANTS, **data}),
        st.integers(0, 9),
    )


def facts():
    referees = st.sampled_from(["left", "centre", "right"])
    return st.lists(
        st.one_of(
            _said("weigh_in", body_weight_g=st.sampled_from([60_000, 61_000, 62_000])),
            _said("attempt", weight_g=st.sampled_from([1, 50_000, 52_500, 55_000]), **WHICH),
            _said("light", referee=referees, good=st.booleans(), **WHICH),
            _said("light", referee=referees, good=st.booleans(), **WHICH),
            _said("jury", good=st.booleans(), **WHICH),
            _said("declined", **WHICH),
            _said("excluded", kind=st.sampled_from(["withdrawn", "disqualified"])),
        ),
        max_size=24,
    )
