"""Panels of judges: what marks add up to, what is rounded when, what is surprising."""

from decimal import Decimal

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant, Group
from scoreboard.sports.exact import divided, shown, times
from scoreboard.sports.judged import Judged, JudgedParams
from scoreboard.sports.judged.panel import Stage
from scoreboard.sports.sport import Fact

KINDS = {kind.type: kind for kind in Judged.fact_kinds}
SCALE = [-2100, -1400, -700, 0, 700, 1400, 2100]


def sport(**params):
    return Judged(msgspec.convert({"judges": 3, **params}, JudgedParams))


def fact(number, type_, contest="short", **data):
    data = {"entrant": "ada", **data}
    return Fact(
        record=f"pad/{number}",
        type=f"judged.{type_}",
        payload=KINDS[f"judged.{type_}"].read(msgspec.json.encode(data)),
        contest=contest,
        position=number,
        time=number,
        source="pad",
        id=f"{number:04}",
    )


def performed(judged, *told, contest=None):
    """States by entrant and flags by record, from (type, data) pairs in order."""
    contest = contest or Contest(id="short")
    states, flags = {}, {}
    for number, (type_, data) in enumerate(told):
        said = fact(number, type_, contest.id, **data)
        state = states.setdefault(judged.fold_key(said), judged.start(contest))
        if found := judged.apply(state, said):
            flags[number] = found
    return states, flags


def marks(*given, **where):
    return [
        ("mark", {"judge": f"J{number}", "mark": mark, **where})
        for number, mark in enumerate(given, 1)
    ]


def row(judged, *told):
    states, _ = performed(judged, *told)
    return judged.box(Contest(id="short"), states)["performances"]["ada"]


def test_halves_are_rounded_as_the_rulebook_says_not_as_binary_fractions_fall():
    assert divided(2675, 1, 10) == 2680
    assert divided(-2675, 1, 10) == -2680
    assert divided(2675, 1, 10, "down") == 2670
    assert divided(2665, 1, 10, "half_even") == 2660
    assert divided(2675, 1, 10, "half_even") == 2680
    assert times(9035, Decimal("1.6"), 10) == 14460
    assert [shown(75370), shown(12000), shown(-500)] == [75.37, 12, -0.5]


def test_a_panel_without_its_best_and_worst_is_averaged():
    assert Stage(trim=1).combined([9000, 9250, 8750, 9000, 9500]) == 9080
    assert Stage(trim=1).combined([9000, 8000]) == 8500
    assert Stage(trim=2, combine="sum").combined([1000, 2000, 3000, 4000, 9000]) == 3000


def test_each_stage_is_rounded_before_the_next():
    # The mean of 9.00 and 9.25 and 9.25 is 9.1666..: 9.17, times 0.8 is 7.336: 7.34.
    judged = sport(factors={"style": 0.8}, components={"trim": 0})
    made = row(judged, *marks(9000, 9250, 9250, component="style"))
    assert made["components"]["style"]["panel"] == 9.17
    assert made["components_score"] == 7.34


def test_grades_become_points_by_the_elements_scale_and_are_added_to_its_base():
    judged = sport(scales={"triple": SCALE}, elements={"trim": 0})
    call = ("element", {"element": 1, "code": "3Lz", "base": 6000, "scale": "triple"})
    made = row(judged, call, *marks(1000, 2000, -1000, element=1))
    assert made["elements"]["1"] == {
        "code": "3Lz",
        "base": 6,
        "points": 6.47,
        "marks": {"J1": 1, "J2": 2, "J3": -1},
    }


def test_a_dive_is_the_sum_of_the_middle_marks_times_its_difficulty():
    judged = sport(judges=5, elements={"trim": 1, "combine": "sum"}, base="multiply")
    call = ("element", {"element": 1, "code": "107B", "base": 3100})
    made = row(judged, call, *marks(7000, 7500, 7500, 8000, 9500, element=1))
    assert made["total"] == 71.3


def test_deductions_are_taken_off_the_total():
    judged = sport()
    call = ("element", {"element": 1, "code": "1A", "base": 1100})
    made = row(judged, call, ("deduction", {"points": 1000, "reason": "fall"}))
    assert (made["total"], made["deducted"]) == (0.1, 1)


def test_a_judges_last_mark_counts_and_a_judge_too_many_does_not():
    judged = sport(factors={"style": 1}, components={"trim": 0})
    told = [*marks(5000, 5000, 5000, 9000, component="style"), *marks(8000, component="style")]
    states, flags = performed(judged, *told)
    assert flags == {3: ("judge-too-many",), 4: ("second-mark-of-judge",)}
    assert judged.line(Contest(id="short"), states)["score"] == 6


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        (("mark", {"judge": "J1", "mark": 5000, "component": "grace"}), "unknown-component"),
        (("mark", {"judge": "J1", "mark": 11000, "component": "style"}), "mark-out-of-range"),
        (("mark", {"judge": "J1", "mark": 500, "element": 1}), "grade-not-on-scale"),
        (("element", {"element": 1, "code": "3T", "base": 4300}), "second-call"),
        (
            ("element", {"element": 2, "code": "3T", "base": 4300, "scale": "lutz"}),
            "unknown-scale",
        ),
        (("deduction", {"points": 1000, "entrant": "bel"}), "not-in-contest"),
    ],
)
def test_what_makes_no_sense_is_kept_and_flagged(told, flag):
    judged = sport(factors={"style": 1}, scales={"triple": SCALE})
    call = ("element", {"element": 1, "code": "3T", "base": 4300, "scale": "triple"})
    contest = Contest(id="short", entrants=["ada", "cyd"])
    states, flags = performed(judged, call, told, contest=contest)
    assert flags == {1: (flag,)}
    assert judged.box(contest, states)


def test_what_comes_after_the_release_counts_and_is_flagged():
    call = ("element", {"element": 1, "code": "1A", "base": 1100})
    judged = sport()
    states, flags = performed(judged, ("released", {}), call, ("released", {}))
    assert flags == {1: ("after-release",), 2: ("second-release",)}
    assert judged.status(Contest(id="short"), states) == "finished"


def test_equal_totals_of_a_segment_are_parted_by_its_own_rule():
    judged = sport(judges=1, factors={"style": 1})

    def skater(entrant, base, style):
        return [
            ("element", {"entrant": entrant, "element": 1, "code": "E", "base": base}),
            (
                "mark",
                {"entrant": entrant, "judge": "J1", "component": "style", "mark": style},
            ),
            ("released", {"entrant": entrant}),
        ]

    for tie, first in (("elements", "ada"), ("components", "bel")):
        contest = Contest(id="short", params={"segment_tie": tie})
        told = [*skater("ada", 6000, 4000), *skater("bel", 4000, 6000)]
        states, _ = performed(judged, *told, contest=contest)
        assert judged.placings(contest, states)[0] == first
        assert judged.box(contest, states)["performances"][first]["decided"] == tie


def test_the_event_is_the_sum_of_segments_and_the_last_one_parts_equals():
    judged = sport()
    short, free = Contest(id="a-short"), Contest(id="b-free")
    competition = Competition(slug="s", name="S", sport="judged", contests=[short, free])

    def called(entrant, base):
        return ("element", {"entrant": entrant, "element": 1, "code": "E", "base": base})

    told = {
        short.id: [called("ada", 6000), called("bel", 4000)],
        free.id: [called("ada", 4000), called("bel", 6000), ("retired", {"entrant": "cyd"})],
    }
    states = {c.id: performed(judged, *told[c.id], contest=c)[0] for c in (short, free)}
    rows = judged.standings(Definition(competition), states)
    assert [(r.entrant, r.rank, r.decided, r.figures["total"]) for r in rows[:2]] == [
        ("bel", 1, "last_segment", 10),
        ("ada", 2, "last_segment", 10),
    ]


def event(judged, *, withdrawn=(), finalists=("ada", "bel", "cyd"), **last):
    """Rows by entrant: all but dan, who retires, perform the first of two segments.

    `last`: what of the finalists is told of the second.
    """
    ids = ["ada", "bel", "cyd", "dan", "eve"]
    short, free = Contest(id="a", entrants=ids), Contest(id="b", entrants=list(finalists))
    entrants = [Entrant(id=id_, name=id_, withdrawn=id_ in withdrawn) for id_ in ids]
    competition = Competition(
        slug="s", name="S", sport="judged", entrants=entrants, contests=[short, free]
    )

    def skated(entrant, base):
        call = {"entrant": entrant, "element": 1, "code": "E", "base": base}
        return [("element", call), ("released", {"entrant": entrant})]

    first = [t for n, e in enumerate(["ada", "bel", "cyd", "eve"]) for t in skated(e, 9000 - n)]
    second = [t for e, base in last.items() for t in skated(e, base)] if last else []
    if not last:
        second = [*skated("bel", 1000), *skated("cyd", 1000), ("retired", {"entrant": "ada"})]
    told = {"a": [*first, ("retired", {"entrant": "dan"})], "b": second}
    definition = Definition(competition)
    judged.enrol(definition)
    states = {c.id: performed(judged, *told[c.id], contest=c)[0] for c in (short, free)}
    rows = judged.standings(definition, states)
    return {r.entrant: (r.rank, r.unplaced) for r in rows}, judged.status(free, states["b"])


def test_who_retires_from_a_segment_has_no_place_in_the_event_who_did_not_qualify_has():
    rows, status = event(sport())
    assert rows == {
        "bel": (1, False),
        "cyd": (2, False),
        "eve": (3, False),
        "ada": (4, True),
        "dan": (4, True),
    }
    assert status == "finished"


def test_who_withdraws_before_a_segment_is_not_waited_for_and_has_no_place():
    rows, status = event(sport(), withdrawn=["ada"], bel=1000, cyd=1000)
    assert (rows["ada"], status) == ((4, True), "finished")
    rows, status = event(sport(), bel=1000, cyd=1000)
    assert (rows["ada"], status) == ((3, False), "live")


def test_who_withdraws_after_its_last_segment_keeps_the_place():
    rows, _ = event(sport(), withdrawn=["eve", "ada"], ada=9000, bel=1000, cyd=1000)
    assert (rows["ada"], rows["eve"]) == ((1, False), (4, False))


def test_an_all_around_may_rank_who_left_an_apparatus_out():
    rows, _ = event(sport(retired="ranked"))
    assert rows == {
        "bel": (1, False),
        "cyd": (2, False),
        "ada": (3, False),
        "eve": (4, False),
    }


def test_a_segment_of_no_group_counts_for_each_entrants_own_event():
    judged = sport()
    mixed = Contest(id="a-mixed")
    free = Contest(id="b-free", group="ladies")
    competition = Competition(
        slug="s",
        name="S",
        sport="judged",
        groups=[
            Group(id="ladies", name="Ladies", entrants=["ada"]),
            Group(id="men", name="Men", entrants=["bel"]),
        ],
        contests=[mixed, free],
    )

    def called(entrant, base):
        return ("element", {"entrant": entrant, "element": 1, "code": "E", "base": base})

    told = {
        mixed.id: [called(entrant, 1000) for entrant in ("ada", "bel", "cyd", "dan")],
        free.id: [called("ada", 2000), called("cyd", 4000)],
    }
    states = {c.id: performed(judged, *told[c.id], contest=c)[0] for c in (mixed, free)}
    rows = judged.standings(Definition(competition), states)
    assert [(r.group, r.entrant, r.rank, r.figures["total"]) for r in rows] == [
        ("ladies", "cyd", 1, 5),
        ("ladies", "ada", 2, 3),
        ("men", "bel", 1, 1),
        ("", "dan", 1, 1),
    ]


def test_marks_are_shown_and_count_together_once_the_panel_is_through():
    judged = sport(factors={"skills": "1"})
    call = ("element", {"element": 1, "code": "3A", "base": 8000})
    two = [call, *marks(1000, 2000, element=1), *marks(9000, component="skills")]
    early = row(judged, *two)
    assert (early["elements"]["1"]["marks"], early["components"]) == ({}, {})
    assert (early["total"], early["marks_in"]) == (8, {"1": 2, "skills": 1})
    assert early["marks_missing"]
    last = ("mark", {"judge": "J3", "mark": 3000, "element": 1})
    assert row(judged, *two, last)["elements"]["1"]["marks"] == {"J1": 1, "J2": 2, "J3": 3}
    released = row(judged, *two, ("released", {}))
    assert released["elements"]["1"]["marks"] == {"J1": 1, "J2": 2}
    assert "marks_in" not in released
    open_ = row(sport(marks="as_they_come"), *two)
    assert open_["elements"]["1"]["marks"] == {"J1": 1, "J2": 2}


def test_a_mark_for_nothing_or_for_both_is_refused():
    for where in ({}, {"element": 1, "component": "style"}):
        with pytest.raises(msgspec.ValidationError, match="one of the two"):
            fact(1, "mark", judge="J1", mark=1000, **where)


@pytest.mark.parametrize("factor", [0, -1, "NaN", "Infinity", 1001, "1E-9"])
def test_a_factor_that_is_no_plain_positive_number_is_refused(factor):
    with pytest.raises(msgspec.ValidationError, match="the factor of style"):
        sport(factors={"style": factor})


def test_the_timeline_has_calls_and_results_with_the_running_total():
    judged = sport()
    told = [
        ("element", {"element": 1, "code": "1A", "base": 1100}),
        *marks(1000, element=1),
        ("released", {}),
    ]
    facts = [fact(n, type_, **data) for n, (type_, data) in enumerate(told)]
    happenings = judged.timeline(Contest(id="short"), facts)
    assert [(h.text, h.score) for h in happenings] == [
        ("Element 1: 1A", "1.10"),
        ("Result", "2.10"),
    ]
