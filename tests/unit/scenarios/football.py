"""Football: two teams, a group match, a knock-out, a match that nobody planned, drawn lots."""

from hypothesis import strategies as st

PARAMS = [
    {},
    {"ties": ["points", "head_to_head", "fair_play", "lots"], "win": 2},
    {"live_counts": False},
]

CONTESTS = st.sampled_from(["g1", "g2", "k1", "late", ""])
TEAMS = st.sampled_from(["ARG", "BEL", "CHI", "nobody"])
PERIODS = st.sampled_from(["first", "second", "extra_first", "extra_second"])
PLAYERS = st.sampled_from(["", "Kim", "Ola"])
WHEN = {"minute": st.integers(0, 130), "stoppage": st.sampled_from([0, 0, 1, 6])}


def definition(params):
    teams = ["ARG", "BEL", "CHI"]
    return {
        "slug": "cup",
        "name": "Cup",
        "sport": "football",
        "params": params,
        "entrants": [{"id": team, "name": team.title()} for team in teams],
        "groups": [{"id": "g", "name": "Group", "entrants": teams}],
        "contests": [
            {"id": "g1", "entrants": ["ARG", "BEL"], "group": "g"},
            {"id": "g2", "entrants": ["BEL", "CHI"], "group": "g"},
            {"id": "k1", "entrants": ["CHI", "ARG"]},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"football.{type_}"), st.fixed_dictionaries(data), st.integers(0, 99)
    )


def facts():
    return st.lists(
        st.one_of(
            _said("kick_off", period=PERIODS),
            _said("goal", team=TEAMS, player=PLAYERS, **WHEN),
            _said("card", team=TEAMS, colour=st.sampled_from(["yellow", "red"]), **WHEN),
            _said("substitution", team=TEAMS, off=PLAYERS, on=PLAYERS, **WHEN),
            _said(
                "clock",
                period=PERIODS,
                elapsed_ms=st.integers(0, 9_000_000),
                running=st.booleans(),
            ),
            _said("period_end", period=PERIODS),
            _said("shootout_kick", team=TEAMS, scored=st.booleans(), number=st.integers(1, 7)),
            _said("full_time"),
            _said("walkover", winner=TEAMS),
            _said("lots", group=st.just("g"), order=st.lists(TEAMS, min_size=1, max_size=3)),
        ),
        max_size=14,
    )
