"""Periods: two teams, overtimes, clocks set back, fouls and time-outs too many, forfeits."""

from hypothesis import strategies as st

PARAMS = [
    {"periods": 2, "live_counts": True},
    {
        "periods": 1,
        "bonus_fouls": 1,
        "player_fouls": 1,
        "time_outs": [{"until": 1, "count": 1, "late": 0, "late_s": 300}],
        "ties": ["wins", "head_to_head"],
        "overtime_fouls": "anew",
    },
]
CONTESTS = st.sampled_from(["g1", "g2", "k", "late", ""])
TEAMS = st.sampled_from(["ada", "bel", "cyd", "nobody"])
PERIODS = st.integers(1, 3)
TIMED = {
    "period": PERIODS,
    "clock_ms": st.sampled_from([0, 300_000, 300_001, 7_200_000]),
    "sequence": st.integers(0, 2),
}


def definition(params):
    teams = ["ada", "bel", "cyd"]
    return {
        "slug": "hoops",
        "name": "Hoops",
        "sport": "periods",
        "params": params,
        "entrants": [{"id": team, "name": team.title()} for team in teams],
        "groups": [{"id": "g", "name": "Group", "entrants": teams}],
        "contests": [
            {"id": "g1", "entrants": ["ada", "bel"], "group": "g"},
            {"id": "g2", "entrants": ["bel", "cyd"], "group": "g", "params": {"period_s": 10}},
            {"id": "k", "entrants": ["cyd", "ada"]},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"periods.{type_}"), st.fixed_dictionaries(data), st.integers(0, 9)
    )


def facts():
    players = st.sampled_from(["", "7", "8"])
    kinds = st.sampled_from(["personal", "offensive", "technical"])
    return st.lists(
        st.one_of(
            _said("score", team=TEAMS, player=players, points=st.integers(1, 4), **TIMED),
            _said("score", team=TEAMS, player=players, points=st.integers(1, 3), **TIMED),
            _said("foul", team=TEAMS, player=players, kind=kinds, **TIMED),
            _said("time_out", team=TEAMS, **TIMED),
            _said("clock", running=st.booleans(), **TIMED),
            _said("period_began", period=PERIODS),
            _said("period_ended", period=PERIODS),
            _said("ended"),
            _said("forfeited", winner=TEAMS),
            _said("defaulted", winner=TEAMS),
        ),
        max_size=16,
    )
