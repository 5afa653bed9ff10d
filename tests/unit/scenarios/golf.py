"""Golf: two rounds of three holes by strokes, or two matches, with raises and extra holes."""

from hypothesis import strategies as st

PARAMS = [
    {"pars": [3, 4, 5]},
    {"pars": [3, 4, 5], "ties": ["card_back", "play_off"]},
    {"pars": [3, 4, 5], "play": "match", "halved": False, "join": {"within_ms": 3_000}},
    {"pars": [3, 4, 5], "play": "match", "count": "points", "raise_max": 2, "balls": "best"},
]
CONTESTS = st.sampled_from(["one", "two", "one", "late", ""])
SIDES = st.sampled_from(["ada", "bel", "ada", "bel", "cyd", "nobody"])
HOLES = st.integers(1, 4)


def definition(params):
    return {
        "slug": "golf",
        "name": "Golf",
        "sport": "golf",
        "params": params,
        "entrants": [
            {"id": "ada", "name": "Ada", "team": "red"},
            {"id": "bel", "name": "Bel"},
            {"id": "cyd", "name": "Cyd", "team": "red"},
        ],
        "groups": [{"id": "open", "name": "Open", "entrants": ["ada", "bel"]}],
        "contests": [
            {"id": "one", "entrants": ["ada", "bel"]},
            {"id": "two", "entrants": ["bel", "cyd"], "params": {"pars": [3, 3]}},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"golf.{type_}"), st.fixed_dictionaries(data), st.integers(0, 9)
    )


def facts():
    strokes = st.integers(1, 6)
    return st.lists(
        st.one_of(
            _said("holed", entrant=SIDES, hole=HOLES, strokes=strokes),
            _said("holed", entrant=SIDES, hole=HOLES, strokes=strokes),
            _said(
                "holed",
                entrant=SIDES,
                hole=st.integers(1, 72),
                strokes=strokes,
                player=st.sampled_from(["", "Kim", "Ola"]),
            ),
            _said("stroke", entrant=SIDES, hole=HOLES, number=strokes, holed=st.booleans()),
            _said(
                "shot",
                entrant=SIDES,
                hole=st.none() | HOLES,
                number=st.none() | strokes,
                carry=st.none() | st.floats(0, 300),
            ),
            _said("carded", entrant=SIDES, total=st.integers(9, 14)),
            _said("penalty", entrant=SIDES, strokes=st.integers(-1, 2)),
            _said("conceded", entrant=SIDES, hole=st.none() | HOLES),
            _said("raised", entrant=SIDES, hole=HOLES),
            _said("declined", entrant=SIDES, hole=HOLES),
            _said(
                "status",
                entrant=SIDES,
                status=st.sampled_from(["cut", "wd", "dq", "reinstated"]),
            ),
            _said("play_off", order=st.lists(SIDES, min_size=1, max_size=3)),
        ),
        max_size=18,
    )
