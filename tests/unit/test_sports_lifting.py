"""Lifting: what makes an attempt good, a total, a place."""

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant, Group
from scoreboard.sports.lifting import Lifting, LiftingParams
from scoreboard.sports.sport import Fact

KINDS = {kind.type: kind for kind in Lifting.fact_kinds}
CONTEST = Contest(id="c")
REFEREES = ("left", "centre", "right")


def sport(**params):
    return Lifting(msgspec.convert({"lifts": ["squat"], **params}, LiftingParams))


def said(type_, entrant="ada", **data):
    return (type_, {"entrant": entrant, **data})


def lift(attempt, weight, lights="www", *, lift="squat", entrant="ada"):
    """An attempt and its lights, `w` white and `r` red."""
    which = {"entrant": entrant, "lift": lift, "attempt": attempt}
    shown = zip(REFEREES, lights, strict=False)
    return [
        said("attempt", weight_g=weight, **which),
        *(said("light", referee=r, good=light == "w", **which) for r, light in shown),
    ]


def fact(number, type_, data):
    return Fact(
        record=f"pad/{number}",
        type=f"lifting.{type_}",
        payload=KINDS[f"lifting.{type_}"].read(msgspec.json.encode(data)),
        contest="c",
        position=number,
        time=number,
        source="pad",
        id=f"{number:04}",
    )


def lifted(lifting, told, contest=CONTEST):
    """States and flags by the number of the telling."""
    facts = [fact(number, *one) for number, one in enumerate(told)]
    states, flags = {}, {}
    for one in sorted(facts, key=lifting.sort_key):
        state = states.setdefault(lifting.fold_key(one), lifting.start(contest))
        if found := lifting.apply(state, one):
            flags[one.position] = found
    return states, flags


def row(lifting, told, entrant="ada", contest=CONTEST):
    return lifting.box(contest, lifted(lifting, told, contest)[0])["lifters"][entrant]


@pytest.mark.parametrize(
    ("lights", "good"), [("www", True), ("wwr", True), ("wrr", False), ("rrr", False)]
)
def test_two_of_three_lights_decide(lights, good):
    assert row(sport(), lift(1, 100_000, lights))["lifts"]["squat"]["1"]["good"] is good


def test_an_attempt_is_open_until_all_three_lights_are_there():
    made = row(sport(), lift(1, 100_000, "ww"))
    assert "good" not in made["lifts"]["squat"]["1"]
    assert made["total"] == 0


@pytest.mark.parametrize("jury", [True, False])
def test_the_jury_stands_above_the_lights(jury):
    told = lift(1, 100_000, "rrr" if jury else "www")
    told.append(said("jury", lift="squat", attempt=1, good=jury))
    assert row(sport(), told)["total"] == (100 if jury else 0)


def test_lights_are_shown_to_nobody_before_the_last_is_in_or_the_jury_spoke():
    two = row(sport(), lift(1, 200_000, "wr"))["lifts"]["squat"]["1"]
    assert two == {"weight": 200, "lights_in": ["centre", "left"]}
    *rest, last = lift(1, 200_000, "wrw")
    last[1]["reason"] = "depth"
    three = row(sport(), [*rest, last])["lifts"]["squat"]["1"]
    assert three["lights"] == {"left": True, "centre": False, "right": True}
    assert three["reasons"] == {"right": "depth"}
    jury = said("jury", lift="squat", attempt=1, good=False, reason="seen again")
    ruled = row(sport(), [*lift(1, 200_000, "w"), jury])["lifts"]["squat"]["1"]
    assert (ruled["lights"], ruled["reasons"]) == ({"left": True}, {"jury": "seen again"})


def test_the_attempt_that_was_loaded_last_is_on_until_it_is_decided():
    told = [*lift(1, 200_000, ""), *lift(1, 180_000, "w", entrant="bel")]
    on = {"entrant": "bel", "lift": "squat", "attempt": 1, "weight": 180}
    assert line(sport(), told)["on"] == on
    assert line(sport(), [*told, *lift(1, 180_000, "ww", entrant="bel")[1:]])["on"] == on
    done = [*lift(1, 200_000), *lift(1, 180_000, entrant="bel")]
    assert "on" not in line(sport(), done)


def line(lifting, told):
    return lifting.line(CONTEST, lifted(lifting, told)[0])


def test_the_total_is_the_sum_of_the_best_good_attempts_in_kilograms():
    lifting = sport(lifts=["snatch", "jerk"])
    told = [
        *lift(1, 82_500, lift="snatch"),
        *lift(2, 87_500, "rrr", lift="snatch"),
        *lift(1, 100_000, lift="jerk"),
        *lift(2, 105_000, "wwr", lift="jerk"),
    ]
    made = row(lifting, told)
    assert made["bests"] == {"snatch": 82.5, "jerk": 105}
    assert made["total"] == 187.5


def test_without_a_good_attempt_at_a_lift_there_is_no_total():
    lifting = sport(lifts=["snatch", "jerk"], attempts=2)
    told = [*lift(1, 100_000, lift="jerk"), *lift(1, 80_000, "rrr", lift="snatch")]
    assert row(lifting, told)["total"] == 100
    told += lift(2, 80_000, "wrr", lift="snatch")
    assert row(lifting, told) | {"lifts": {}} == {
        "lifts": {},
        "bests": {"jerk": 100},
        "total": 0,
        "out": "no good lift",
    }


def test_who_never_tried_a_lift_is_out_when_officials_call_the_contest_finished():
    lifting = sport(lifts=["squat", "bench"])
    told = [
        *(t for which in ("squat", "bench") for t in lift(1, 100_000, lift=which)),
        *lift(1, 300_000, entrant="bel"),
    ]
    open_, closed = CONTEST, msgspec.structs.replace(CONTEST, status="finished")
    states, _ = lifted(lifting, told)
    assert lifting.box(open_, states)["leader"] == "bel"
    box = lifting.box(closed, states)
    assert (box["leader"], box["done"], box["lifters"]["bel"]["out"]) == ("ada", 2, "no good lift")
    assert lifting.placings(closed, states) == ["ada"]
    competition = Competition(slug="l", name="L", sport="lifting", contests=[closed])
    rows = lifting.standings(Definition(competition), {"c": states})
    assert [(r.entrant, r.rank, r.figures["total"]) for r in rows] == [
        ("ada", 1, 200),
        ("bel", 2, 0),
    ]


def test_an_attempt_beyond_the_last_is_for_records_and_not_for_the_total():
    told = [*lift(1, 100_000), *lift(4, 120_000)]
    lifting = sport()
    states, flags = lifted(lifting, told)
    assert states["ada"].total_g() == 100_000
    assert {word for words in flags.values() for word in words} == {
        "attempt-too-many",
        "attempt-skipped",
    }


def standings(lifting, told):
    states, _ = lifted(lifting, told)
    competition = Competition(slug="s", name="S", sport="lifting", contests=[CONTEST])
    return lifting.standings(Definition(competition), {"c": states})


def test_equal_totals_go_to_the_lighter_then_to_whom_reached_it_first():
    told = [
        said("weigh_in", "ada", body_weight_g=62_000),
        said("weigh_in", "bel", body_weight_g=61_500),
        said("weigh_in", "cyd", body_weight_g=62_000),
        *lift(1, 100_000, entrant="cyd"),
        *lift(1, 100_000, entrant="ada"),
        *lift(1, 100_000, entrant="bel"),
    ]
    rows = standings(sport(), told)
    assert [(r.entrant, r.rank, r.decided) for r in rows] == [
        ("bel", 1, "body_weight"),
        ("cyd", 2, "first"),
        ("ada", 3, "first"),
    ]
    rows = standings(sport(ties=["body_weight"]), told)
    assert [(r.entrant, r.rank, r.tied) for r in rows] == [
        ("bel", 1, False),
        ("ada", 2, True),
        ("cyd", 2, True),
    ]


def test_points_follow_the_competitions_formula_and_may_rank():
    told = [
        said("weigh_in", "ada", body_weight_g=60_000),
        said("weigh_in", "bel", body_weight_g=90_000),
        *lift(1, 120_000, entrant="ada"),
        *lift(1, 135_000, entrant="bel"),
    ]
    rows = standings(sport(rank_by="points", points="total / body_weight"), told)
    assert [(r.entrant, r.figures["points"], r.figures["total"]) for r in rows] == [
        ("ada", 2, 120),
        ("bel", 1.5, 135),
    ]


def test_a_session_of_several_classes_is_in_the_table_of_each():
    lifting = sport(attempts=1)
    session, other = Contest(id="c"), Contest(id="d", group="light")
    competition = Competition(
        slug="l",
        name="L",
        sport="lifting",
        groups=[
            Group(id="light", name="Light", entrants=["ada"]),
            Group(id="heavy", name="Heavy", entrants=["bel"]),
        ],
        contests=[session, other],
    )
    told = [t for e in ("ada", "bel", "cyd") for t in lift(1, 100_000, entrant=e)]
    guest, _ = lifted(lifting, lift(1, 200_000, entrant="bel"), other)
    states = {"c": lifted(lifting, told, session)[0], "d": guest}
    rows = lifting.standings(Definition(competition), states)
    assert [(r.group, r.entrant, r.rank, r.figures["total"]) for r in rows] == [
        ("light", "ada", 1, 100),
        ("heavy", "bel", 1, 100),
        ("", "cyd", 1, 100),
    ]


def test_columns_are_the_competitions_own_lifts():
    lifting = sport(lifts=["snatch", "jerk"])
    assert [c.key for c in lifting.columns] == ["body_weight", "snatch", "jerk", "total"]


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        (lift(2, 90_000, ""), "weight-lowered"),
        (lift(2, 100_000, ""), "weight-not-raised"),
        (lift(2, 101_000, ""), "weight-off-step"),
        (lift(3, 105_000, ""), "attempt-skipped"),
        (lift(1, 105_000, ""), "second-weight"),
        (lift(1, 50_000, "", lift="curl"), "unknown-lift"),
        ([said("light", lift="squat", attempt=2, referee="left", good=True)], "no-attempt"),
        ([said("light", lift="squat", attempt=1, referee="left", good=True)], "second-light"),
        ([said("weigh_in", body_weight_g=64_000)], "outside-weight-class"),
        (
            [
                said("excluded", kind="withdrawn"),
                said("excluded", kind="disqualified"),
            ],
            "second-exclusion",
        ),
    ],
)
def test_what_makes_no_sense_is_kept_and_flagged(more, flag):
    lifting = sport(body_weight_max_g=63_000)
    told = lift(1, 100_000)
    states, flags = lifted(lifting, [*told, *more])
    assert list(flags.values()) == [(flag,)]
    assert lifting.box(CONTEST, states)


def test_a_contest_is_finished_when_nobody_has_an_attempt_left():
    lifting = sport(attempts=1)
    contest = Contest(id="c", entrants=["ada", "bel", "cyd"])
    told = [*lift(1, 100_000), said("excluded", "bel", kind="withdrawn")]
    states, _ = lifted(lifting, told, contest)
    assert lifting.status(contest, states) == "live"
    assert lifting.placings(contest, states) == ()
    told.append(said("declined", "cyd", lift="squat", attempt=1))
    states, _ = lifted(lifting, told, contest)
    assert lifting.status(contest, states) == "finished"
    assert lifting.placings(contest, states) == ["ada"]


def test_nobody_waits_for_who_withdrew_and_what_was_lifted_before_stands():
    lifting = sport(lifts=["squat", "bench"])
    contest = Contest(id="c", entrants=["ada", "bel", "cyd", "dan"])
    entrants = [Entrant(id=e, name=e, withdrawn=e != "ada") for e in contest.entrants]
    competition = Competition(
        slug="l", name="L", sport="lifting", entrants=entrants, contests=[contest]
    )
    told = [
        *(t for n in (1, 2, 3) for w in ("squat", "bench") for t in lift(n, n * 10_000, lift=w)),
        *(t for w in ("squat", "bench") for t in lift(1, 50_000, lift=w, entrant="bel")),
        *lift(1, 90_000, entrant="cyd"),
    ]
    states, _ = lifted(lifting, told, contest)
    assert lifting.status(contest, states) == "live"
    lifting.enrol(Definition(competition))
    assert lifting.status(contest, states) == "finished"
    assert lifting.placings(contest, states) == ["bel", "ada"]
    box = lifting.box(contest, states)
    assert (box["lifters"]["cyd"]["out"], box["done"]) == ("withdrawn", 3)
    rows = lifting.standings(Definition(competition), {"c": states})
    assert [(r.entrant, r.rank, r.unplaced, r.figures["total"]) for r in rows] == [
        ("bel", 1, False, 100),
        ("ada", 2, False, 60),
        ("cyd", 3, True, 0),
    ]


def test_the_timeline_has_attempts_and_the_light_that_decided():
    told = [
        said("weigh_in", body_weight_g=62_000),
        *lift(1, 100_000, "wwr"),
        said("jury", lift="squat", attempt=1, good=False),
    ]
    lifting = sport()
    facts = sorted((fact(n, *one) for n, one in enumerate(told)), key=lifting.sort_key)
    assert [h.text for h in lifting.timeline(CONTEST, facts)] == [
        "Weigh-in: 62 kg",
        "Squat 1: 100 kg",
        "Squat 1: good lift",
        "Jury: Squat 1: no lift",
    ]


@pytest.mark.parametrize(
    "params",
    [{"points": "total * wilks"}, {"rank_by": "points"}, {"lifts": ["squat", "squat"]}],
)
def test_rules_that_cannot_work_are_refused(params):
    with pytest.raises(msgspec.ValidationError):
        sport(**params)
