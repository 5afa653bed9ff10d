"""A season of two rounds and a sprint, with teams, shared places and decisions outside rounds."""

from hypothesis import strategies as st

PARAMS = [
    {},
    {"points": [3, 2, 1], "best": 1, "teams": "teams", "team_best": 1, "fastest_lap": 1},
    {"points": [9, 6, 4], "dead_heat": "full", "ties": ["points"], "teams": "teams"},
]
CONTESTS = st.sampled_from(["r1", "s1", "r2", "late", ""])
DRIVERS = st.sampled_from(["ada", "bel", "cyd", "nobody"])


def definition(params):
    return {
        "slug": "season",
        "name": "Season",
        "sport": "season",
        "params": params,
        "entrants": [
            {"id": "ada", "name": "Ada", "team": "red"},
            {"id": "bel", "name": "Bel", "team": "red"},
            {"id": "cyd", "name": "Cyd", "team": "blue"},
            {"id": "red", "name": "Red"},
        ],
        "groups": [{"id": "old", "name": "Seniors", "entrants": ["cyd"]}],
        "contests": [
            {"id": "r1"},
            {"id": "s1", "params": {"points": [1], "count_back": False, "part": "sprints"}},
            {"id": "r2", "params": {"best": 2}},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"season.{type_}"), st.fixed_dictionaries(data), st.integers(0, 9)
    )


def facts():
    statuses = st.sampled_from(["classified", "classified", "dnf", "dsq"])
    return st.lists(
        st.one_of(
            _said("result", entrant=DRIVERS, place=st.integers(1, 4), status=statuses),
            _said("result", entrant=DRIVERS, place=st.none() | st.integers(1, 2)),
            _said(
                "result",
                entrant=DRIVERS,
                place=st.integers(1, 3),
                team=st.sampled_from(["red", "blue", "nobody"]),
            ),
            _said("fastest_lap", entrant=DRIVERS),
            _said("shortened", share=st.sampled_from([[1, 2], [0, 1], [2, 1], [1, 3]])),
            _said(
                "adjusted",
                entrant=st.sampled_from(["ada", "red", "nobody"]),
                points=st.integers(-5, 5),
            ),
            _said("final"),
        ),
        max_size=16,
    )
