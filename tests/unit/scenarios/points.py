"""Points: three entrants over two rounds and a round that nobody planned, points below zero."""

from hypothesis import strategies as st

PARAMS = [
    {},
    {"mode": "best", "rounds": "best", "order": "ascending"},
    {"mode": "last", "increment_min": -2},
    {"mode": "count"},
]


def definition(params):
    return {
        "slug": "quiz",
        "name": "Quiz",
        "sport": "points",
        "params": params,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in ("ada", "bel", "cyd")],
        "contests": [{"id": "r1"}, {"id": "r2"}],
    }


def facts():
    return st.lists(
        st.tuples(
            st.sampled_from(["r1", "r2", "late", ""]),
            st.just("points.scored"),
            st.fixed_dictionaries(
                {
                    "entrant": st.sampled_from(["ada", "bel", "cyd", "nobody"]),
                    "points": st.integers(-5, 5),
                }
            ),
            st.integers(0, 9),
        ),
        max_size=24,
    )
