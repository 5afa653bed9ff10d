"""Tennis and volleyball in miniature: short sets, a match tie-break, numbers that repeat."""

from hypothesis import strategies as st

SHORT = {"to": 2, "tie_break_at": 2, "tie_break_to": 2}
PARAMS = [
    {"set": SHORT, "final": {"by": "points", "to": 3}, "advantage": False},
    {"sets": 1, "set": {"to": 1}},
    {
        "set": {"by": "points", "to": 3, "cap": 4},
        "serve": "two",
        "ties": ["points", "set_ratio", "game_ratio", "head_to_head"],
        "win": 3,
        "narrow_win": 2,
        "narrow_loss": 1,
    },
    {"set": {"by": "points", "to": 2}, "serve": "winner", "first_server": "winner"},
]
CONTESTS = st.sampled_from(["m1", "m1", "m1", "m2", "late", ""])
SIDES = st.sampled_from(["ada", "bel", "ada", "bel", "ada", "bel", "cyd", "nobody"])


def definition(params):
    return {
        "slug": "tennis",
        "name": "Tennis",
        "sport": "tennis",
        "params": params,
        "entrants": [{"id": id_, "name": id_.title()} for id_ in ("ada", "bel", "cyd")],
        "groups": [{"id": "g", "name": "Group", "entrants": ["ada", "bel", "cyd"]}],
        "contests": [
            {"id": "m1", "entrants": ["ada", "bel"], "group": "g"},
            {"id": "m2", "entrants": ["bel", "cyd"], "group": "g", "params": {"sets": 1}},
        ],
    }


def _said(type_, **data):
    return st.tuples(
        CONTESTS, st.just(f"tennis.{type_}"), st.fixed_dictionaries(data), st.integers(0, 9)
    )


def facts():
    number = st.integers(1, 30)
    point = _said("point", number=number, winner=SIDES)
    return st.lists(
        st.one_of(
            point,
            point,
            point,
            _said(
                "point",
                number=number,
                part=st.integers(0, 1),
                winner=SIDES,
                how=st.sampled_from(["ace", "double_fault", "error"]),
            ),
            _said("let", number=number),
            _said("penalty", number=number, entrant=SIDES, lost=st.sampled_from(["point", "game"])),
            _said("server", entrant=SIDES, set=st.integers(1, 3)),
            _said("ended", entrant=SIDES, how=st.sampled_from(["retired", "walkover"])),
        ),
        max_size=30,
    )
