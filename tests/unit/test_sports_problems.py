"""Programming contests: what a verdict does to a cell, what a board makes of cells."""

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Contest, Definition
from scoreboard.sports.problems import Problems, ProblemsParams
from scoreboard.sports.sport import Fact

KINDS = {kind.type: kind for kind in Problems.fact_kinds}
TEAMS = ["ada", "bel", "cyd"]
CONTEST = Contest(id="main", entrants=TEAMS)
PROBLEMS = [{"id": "apples", "label": "A"}, {"id": "bridges", "label": "B"}]
MINUTE = 60_000


def sport(**params):
    return Problems(msgspec.convert({"problems": PROBLEMS, **params}, ProblemsParams))


def said(type_, **data):
    return (type_, data)


def submitted(number, minute, *, team="ada", problem="apples", verdict=None, **more):
    """A submission and, if there is a verdict, its judgement at once."""
    what = {
        "entrant": team,
        "problem": problem,
        "submission": f"s{number}",
        "submitted_ms": int(minute * MINUTE),
    }
    told = [said("submitted", **what)]
    if verdict:
        told.append(judged(number, minute, verdict, team=team, problem=problem, **more))
    return told


def judged(number, minute, verdict, *, team="ada", problem="apples", began=None, judgement="j1"):
    return said(
        "judged",
        entrant=team,
        problem=problem,
        submission=f"s{number}",
        submitted_ms=int(minute * MINUTE),
        judgement=judgement,
        started_ms=int((minute if began is None else began) * MINUTE),
        verdict=verdict,
    )


def facts(told):
    return [
        Fact(
            record=f"feed/{number}",
            type=f"problems.{type_}",
            payload=KINDS[f"problems.{type_}"].read(msgspec.json.encode(data)),
            contest="main",
            position=number,
            time=number,
            source="feed",
            id=f"{number:04}",
        )
        for number, (type_, data) in enumerate(told)
    ]


def folded(problems, told, contest=CONTEST):
    states, flags = {}, {}
    for fact in sorted(facts(told), key=problems.sort_key):
        state = states.setdefault(problems.fold_key(fact), problems.start(contest))
        if found := problems.apply(state, fact):
            flags[fact.position] = found
    return states, flags


def box(problems, *told):
    return problems.box(CONTEST, folded(problems, told)[0])


def cell(*told, team="ada", label="A", **params):
    return box(sport(**params), *told)["teams"][team]["cells"].get(label)


def row(*told, team="ada", **params):
    made = box(sport(**params), *told)["teams"][team]
    return (made["rank"], made["solved"], made["time"])


def test_a_solution_costs_its_minute_and_20_for_each_rejected_try_before_it():
    told = [
        *submitted(1, 10, verdict="WA"),
        *submitted(2, 20, verdict="TLE"),
        *submitted(3, 33.9, verdict="AC"),
        *submitted(4, 40, verdict="WA"),
    ]
    assert cell(*told) == {"rejected": 2, "solved": 33, "first": True}
    assert row(*told) == (1, 1, 73)
    assert row(*told, penalty_min=5) == (1, 1, 43)


def test_rejected_tries_at_a_problem_that_is_not_solved_cost_nothing():
    assert row(*submitted(1, 10, verdict="WA"), *submitted(2, 12, verdict="WA")) == (1, 0, 0)


def test_a_compiler_error_is_no_try():
    told = [*submitted(1, 10, verdict="CE"), *submitted(2, 20, verdict="AC")]
    assert cell(*told) == {"rejected": 0, "solved": 20, "first": True}


def test_a_submission_without_verdict_is_pending():
    assert cell(*submitted(1, 10)) == {"rejected": 0, "pending": 1}


def test_the_judgement_that_began_last_is_in_force_whatever_order_they_come_in():
    told = submitted(1, 10)
    first = judged(1, 10, "AC", began=11, judgement="j1")
    again = judged(1, 10, "WA", began=90, judgement="j2")
    for order in ([first, again], [again, first]):
        assert cell(*told, *order) == {"rejected": 1}


def test_a_rejudging_under_way_makes_a_solution_pending_again():
    told = submitted(1, 10, verdict="AC")
    data = judged(1, 10, "-", began=60, judgement="j2")[1]
    begun = said("judging", **{k: v for k, v in data.items() if k != "verdict"})
    assert cell(*told, begun) == {"rejected": 0, "pending": 1}
    assert cell(*told, begun, judged(1, 10, "AC", began=60, judgement="j2"))["solved"] == 10


def test_an_interval_removed_from_the_clock_adds_to_nobodys_time():
    removed = said("interval_removed", from_ms=20 * MINUTE, until_ms=30 * MINUTE)
    overlap = said("interval_removed", from_ms=25 * MINUTE, until_ms=32 * MINUTE)
    told = [
        *submitted(1, 19, verdict="AC"),
        *submitted(2, 25, team="bel", verdict="AC"),
        *submitted(3, 50, team="cyd", verdict="AC"),
    ]
    made = box(sport(), removed, overlap, *told)["teams"]
    assert [made[team]["time"] for team in TEAMS] == [19, 20, 38]


def test_who_is_first_to_solve_is_not_sure_while_an_earlier_try_is_judged():
    told = [*submitted(1, 9, team="bel"), *submitted(2, 10, verdict="AC")]
    made = box(sport(), *told)["problems"]["A"]["first"]
    assert made == {"team": "ada", "minute": 10, "sure": False}
    assert "first" not in cell(*told)
    assert "first" in cell(*told, judged(1, 9, "WA", team="bel"))


def test_equals_on_solved_and_time_are_parted_by_the_last_solution_in_minutes():
    told = [
        *submitted(1, 30, team="ada", verdict="AC"),
        *submitted(2, 50, team="ada", problem="bridges", verdict="AC"),
        *submitted(3, 40, team="bel", verdict="AC"),
        *submitted(4, 40.5, team="bel", problem="bridges", verdict="AC"),
        *submitted(5, 40.2, team="cyd", verdict="AC"),
        *submitted(6, 40.9, team="cyd", problem="bridges", verdict="AC"),
    ]
    problems = sport()
    states, _ = folded(problems, told)
    competition = Competition(slug="c", name="C", sport="problems", contests=[CONTEST])
    rows = problems.standings(Definition(competition), {"main": states})
    assert [(r.entrant, r.rank, r.decided, r.tied) for r in rows] == [
        ("bel", 1, "last_solution", True),
        ("cyd", 1, "last_solution", True),
        ("ada", 3, "last_solution", False),
    ]
    assert rows[2].figures == {"solved": 2, "time": 80, "A": "1/30", "B": "1/50"}


def test_figures_say_tries_minute_rejected_and_pending():
    told = [
        *submitted(1, 10, verdict="WA"),
        *submitted(2, 20),
        *submitted(3, 30, problem="bridges", verdict="CE"),
    ]
    problems = sport()
    competition = Competition(slug="c", name="C", sport="problems", contests=[CONTEST])
    rows = problems.standings(Definition(competition), {"main": folded(problems, told)[0]})
    assert rows[0].figures == {"solved": 0, "time": 0, "pending": 1, "A": "-1 ?1"}


def test_medals_and_awards_are_given_when_results_are_final():
    told = [*submitted(1, 10, verdict="AC"), *submitted(2, 20, team="bel", verdict="AC")]
    problems = sport(gold=1, silver=1, bronze=0)
    assert "awards" not in box(problems, *told)
    final = box(problems, *told, said("ended"), said("finalized"))
    assert final["awards"] == {
        "winner": ["ada"],
        "gold": ["ada"],
        "silver": ["bel"],
        "bronze": [],
        "first_to_solve": {"A": "ada"},
    }
    assert final["teams"]["bel"]["medal"] == "silver"
    assert "medal" not in final["teams"]["cyd"]


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        (submitted(1, -1), "before-start"),
        (submitted(1, 300), "after-end"),
        (submitted(1, 10, problem="cranes"), "unknown-problem"),
        (submitted(1, 10, team="dan"), "not-in-contest"),
        ([*submitted(1, 10), *submitted(1, 11)], "second-submission-of-id"),
        ([judged(1, 10, "AC")], "unknown-submission"),
        ([*submitted(1, 10), judged(1, 11, "AC")], "contradicts-submission"),
        (submitted(1, 10, verdict="HMM"), "unknown-verdict"),
        ([said("started"), said("started")], "said-twice"),
        ([said("interval_removed", from_ms=9, until_ms=1)], "interval-ends-before-it-begins"),
    ],
)
def test_what_makes_no_sense_is_kept_and_flagged(told, flag):
    problems = sport()
    states, flags = folded(problems, told)
    assert list(flags.values()) == [(flag,)]
    assert problems.box(CONTEST, states)


@pytest.mark.parametrize("minute", [-1, 300])
def test_what_is_handed_in_outside_the_contest_does_not_count(minute):
    assert cell(*submitted(1, minute, verdict="AC")) is None


def test_a_freeze_veils_judgements_of_what_was_handed_in_after_it():
    problems = sport(freeze_min=240)
    told = [*submitted(1, 239.99, verdict="AC", began=250), *submitted(2, 240, verdict="AC")]
    veiled = [problems.veiled(fact) for fact in facts([*told, said("ended"), said("finalized")])]
    assert veiled == [False, False, False, True, False, True]
    assert sport(freeze_min=None).veiled(facts(told)[1])


def test_the_reveal_begins_with_the_last_teams_first_hidden_problem():
    problems = sport(freeze_min=0)
    told = [
        *submitted(1, 10, team="ada", verdict="AC"),
        *submitted(2, 11, team="cyd", problem="bridges", verdict="AC"),
        *submitted(3, 12, team="cyd", verdict="WA"),
        *submitted(4, 13, team="cyd", verdict="AC"),
    ]
    competition = Competition(slug="c", name="C", sport="problems", contests=[CONTEST])
    hidden = [fact for fact in facts(told) if problems.veiled(fact)]
    rows = problems.standings(Definition(competition), {})
    assert problems.next_revealed(hidden, rows, {}) == ["feed/5", "feed/7"]


def test_the_timeline_goes_by_contest_time():
    problems = sport()
    told = [said("ended"), *submitted(1, 83.5, verdict="AC"), said("started")]
    ordered = sorted(facts(told), key=problems.sort_key)
    assert [(h.clock, h.text) for h in problems.timeline(CONTEST, ordered)] == [
        ("", "Start"),
        ("1:23:30", "A: submitted"),
        ("1:23:30", "A: AC"),
        ("", "End"),
    ]


def test_two_problems_of_one_label_are_refused():
    with pytest.raises(msgspec.ValidationError, match="twice"):
        sport(problems=[{"id": "x", "label": "A"}, {"id": "y", "label": "A"}])
