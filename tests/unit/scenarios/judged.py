"""Judged: two segments of an event, three judges, grades off the scale, an unplanned segment."""

from hypothesis import strategies as st

PARAMS = [
    {"judges": 3, "factors": {"style": 0.8}, "scales": {"jump": [-700, 0, 700]}, "grade_min": -1},
    {
        "judges": 0,
        "elements": {"trim": 0, "combine": "sum", "rounding": "down"},
        "base": "multiply",
        "segment_tie": "components",
        "ties": ["total", "elements"],
    },
]
CONTESTS = st.sampled_from(["short", "free", "late", ""])
ENTRANTS = st.sampled_from(["ada", "bel", "cyd", "nobody"])
MARKS = st.sampled_from([-2000, -1000, 0, 500, 1000, 9250])


def definition(params):
    ids = ["ada", "bel", "cyd"]
    return {
        "slug": "skate",
        "name": "Skate",
        "sport": "judged",
        "params": params,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in ids],
        "groups": [{"id": "ladies", "name": "Ladies", "entrants": ids}],
        "contests": [
            {"id": "short", "group": "ladies", "entrants": ids},
            {"id": "free", "group": "ladies", "params": {"factors": {"style": 1.6, "flow": 1}}},
        ],
    }


def _said(type_, optional=None, **data):
    whole = st.fixed_dictionaries({"entrant": ENTRANTS, **data}, optional=optional)
    return st.tuples(CONTESTS, st.just(f"judged.{type_}"), whole, st.integers(0, 9))


def facts():
    judges = st.sampled_from(["J1", "J2", "J3", "J4"])
    scales = st.sampled_from(["jump", "spin"])
    calls = {"element": st.integers(1, 2), "base": st.integers(0, 5000), "code": st.just("3T")}
    return st.lists(
        st.one_of(
            _said("element", {"scale": scales}, **calls),
            _said("mark", element=st.integers(1, 2), judge=judges, mark=MARKS),
            _said("mark", component=st.sampled_from(["style", "flow"]), judge=judges, mark=MARKS),
            _said("deduction", points=st.sampled_from([500, 1000])),
            _said("released"),
            _said("retired"),
        ),
        max_size=16,
    )
