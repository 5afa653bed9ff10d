"""Games in periods: scores by period, fouls, time-outs, clocks that tick by themselves, tables."""

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant, Group
from scoreboard.sports.clock import minutes_seconds
from scoreboard.sports.periods import Periods, PeriodsParams
from scoreboard.sports.sport import Fact

KINDS = {kind.type: kind for kind in Periods.fact_kinds}
GAME = Contest(id="g1", entrants=["LAM", "MOL"], group="league")
SECOND_US = 1_000_000


def sport(**params):
    return Periods(msgspec.convert(params, PeriodsParams))


def at(type_, period=1, clock_s=600, *, time=0, **data):
    """Something with a place in the game, said `time` seconds after the epoch."""
    return (type_, time, {"period": period, "clock_ms": int(clock_s * 1_000), **data})


def score(team="LAM", points=2, period=1, clock_s=300, **more):
    return at("score", period, clock_s, team=team, points=points, **more)


def said(type_, time=0, **data):
    return (type_, time, data)


def facts(told, contest="g1"):
    return [
        Fact(
            record=f"{contest}/{number}",
            type=f"periods.{type_}",
            payload=KINDS[f"periods.{type_}"].read(msgspec.json.encode(data)),
            contest=contest,
            position=number,
            time=time * SECOND_US,
            source="table",
            id=f"{number:04}",
        )
        for number, (type_, time, data) in enumerate(told)
    ]


def played(periods, told, contest=GAME):
    game, flags = periods.start(contest), {}
    for fact in sorted(facts(told, contest.id), key=periods.sort_key):
        if found := periods.apply(game, fact):
            flags[fact.position] = found
    return {"": game}, flags


def line(*told, **params):
    periods = sport(**params)
    return periods.line(GAME, played(periods, told)[0])


def box(*told, **params):
    periods = sport(**params)
    return periods.box(GAME, played(periods, told)[0])


def test_points_stand_in_their_period_and_in_the_score():
    told = [score(points=3), score("MOL", 2), score("MOL", 1, 2), score("LAM", 2, 5)]
    made = line(*told)
    assert made["score"] == [5, 3]
    assert made["by_period"] == {
        "1": [3, 2],
        "2": [0, 1],
        "3": [0, 0],
        "4": [0, 0],
        "OT1": [2, 0],
    }
    assert made["period"] == "OT1"


def test_the_winner_is_known_with_the_end_and_a_draw_has_none():
    assert "winner" not in line(score())
    assert line(score(), said("ended"))["winner"] == "LAM"
    assert "winner" not in line(said("ended"))


def test_a_game_that_officials_call_finished_has_a_winner_without_its_end():
    called = msgspec.structs.replace(GAME, status="finished")
    periods = sport()
    states, _ = played(periods, [score("MOL")])
    assert periods.placings(GAME, states) == ()
    assert periods.placings(called, states) == ["MOL", "LAM"]
    assert periods.box(called, states)["winner"] == "MOL"
    assert periods.placings(msgspec.structs.replace(GAME, status="abandoned"), states) == ()


def test_a_forfeit_gives_the_ruled_score():
    made = line(score("LAM", 3), said("forfeited", winner="MOL"))
    assert (made["score"], made["forfeit"], made["winner"]) == ([0, 20], True, "MOL")


def test_a_running_clock_says_since_when_and_what_it_showed():
    made = line(at("clock", 1, 600, time=100, running=True))
    assert made["clock"] == {
        "direction": "down",
        "elapsed_ms": 0,
        "limit_ms": 600_000,
        "stopped": False,
        "running_since": "1970-01-01T00:01:40.000000Z",
    }
    stopped = line(
        at("clock", 1, 600, time=100, running=True), at("clock", 1, 588.5, time=112, running=False)
    )
    assert stopped["clock"] == {
        "direction": "down",
        "elapsed_ms": 11_500,
        "limit_ms": 600_000,
        "stopped": True,
    }


def test_a_clock_that_officials_set_back_shows_what_was_said_last():
    told = [
        at("clock", 1, 588, time=112, running=False),
        at("clock", 1, 591, time=115, running=False),
        at("clock", 1, 600, time=100, running=True),
    ]
    assert line(*told)["clock"]["elapsed_ms"] == 9_000


def test_there_is_no_clock_after_the_end():
    assert "clock" not in line(at("clock", time=1, running=True), said("ended"))


def fouls(count, team="LAM", period=1, **more):
    return [at("foul", period, 500 - n, team=team, **more) for n in range(count)]


def test_the_bonus_comes_with_the_fifth_team_foul_of_a_period_for_the_others():
    made = box(*fouls(4), *fouls(1, kind="technical"))["sides"]  # a technical of the bench
    assert (made["LAM"]["fouls"], made["MOL"]["bonus"]) == (4, False)
    made = box(*fouls(5))["sides"]
    assert (made["MOL"]["bonus"], made["LAM"]["bonus"]) == (True, False)
    assert box(*fouls(5), score(period=2))["sides"]["LAM"]["fouls"] == 0


@pytest.mark.parametrize(("rule", "count"), [("continue", 5), ("anew", 2)])
def test_overtime_goes_on_with_the_last_periods_fouls_if_the_rules_say_so(rule, count):
    told = [*fouls(3, period=4), *(at("foul", 5, 100 - n, team="LAM") for n in range(2))]
    assert box(*told, overtime_fouls=rule)["sides"]["LAM"]["fouls"] == count


@pytest.mark.parametrize(
    ("params", "counted"),
    [({}, (3, 3)), ({"team_foul_kinds": ["personal"], "player_foul_kinds": ["technical"]}, (1, 1))],
)
def test_which_fouls_of_players_count_the_rules_say_fiba_all(params, counted):
    kinds = ("personal", "offensive", "technical")
    told = [one for kind in kinds for one in fouls(1, player="7", kind=kind)]
    side = box(*told, **params)["sides"]["LAM"]
    assert (side["fouls"], side["players"]["7"]["fouls"]) == counted


def test_players_have_their_points_and_fouls_and_teams_their_time_outs():
    told = [
        score(player="7", points=3),
        at("foul", 1, 200, team="LAM", player="7"),
        at("foul", 1, 190, team="LAM", player="7", kind="technical"),
        at("time_out", 1, 180, team="LAM"),
    ]
    made = box(*told)["sides"]
    assert made["LAM"]["players"] == {"7": {"points": 3, "fouls": 2}}
    assert (made["LAM"]["time_outs_left"], made["MOL"]["time_outs_left"]) == (1, 2)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ([], 2),
        ([("LAM", 1, 300), ("LAM", 2, 300)], 0),
        ([("LAM", 1, 300), score("MOL", 2, 3)], 3),  # those of the first half are lost
        ([("LAM", 3, 300), score("MOL", 2, 4)], 2),
        ([score("MOL", 2, 4, clock_s=120)], 2),  # one was not taken before the last two minutes
        ([("LAM", 3, 300), score("MOL", 2, 4, clock_s=120)], 2),
        ([("LAM", 3, 300), ("LAM", 4, 121), score("MOL", 2, 4, clock_s=9)], 1),
        ([("LAM", 4, 120), score("MOL", 2, 4, clock_s=9)], 1),
        ([("LAM", 4, 90), score("MOL", 2, 5)], 1),
        ([("LAM", 5, 90), score("MOL", 2, 6)], 1),
        ([("LAM", 5, 90), score("MOL", 2, 5, clock_s=9)], 0),
    ],
)
def test_time_outs_are_by_halves_two_in_the_last_two_minutes_and_one_in_each_overtime(told, left):
    """FIBA rule 18.2.5 and 18.2.6: unused ones are not carried over."""
    facts_ = [
        at("time_out", one[1], one[2], team="LAM") if len(one) == 3 and one[0] == "LAM" else one
        for one in told
    ]
    _, flags = played(sport(), facts_)
    assert (box(*facts_)["sides"]["LAM"]["time_outs_left"], flags) == (left, {})


def test_a_third_time_out_in_the_last_two_minutes_is_flagged_though_three_were_left():
    told = [at("time_out", 4, 120 - n, team="LAM") for n in range(3)]
    assert played(sport(), told)[1] == {2: ("no-time-out-left",)}
    whole = {"time_outs": [{"until": 4, "count": 3}]}
    assert played(sport(**whole), told)[1] == {}


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ([score("LAM", 3), score("MOL", 2)], [3, 2]),
        ([score("LAM", 2), score("MOL", 2)], [2, 0]),
        ([score("LAM", 2), score("MOL", 3)], [2, 0]),
        ([], [2, 0]),
    ],
)
def test_who_wins_by_default_keeps_the_score_if_it_was_ahead_else_it_is_two_to_nothing(told, shown):
    made = line(*told, said("defaulted", winner="LAM"))
    assert (made["score"], made["default"], made["winner"]) == (shown, True, "LAM")
    assert sport().status(GAME, played(sport(), [said("defaulted", winner="LAM")])[0]) == "finished"


def test_a_forfeit_has_the_rules_score_unless_one_is_ruled():
    assert line(said("forfeited", winner="MOL"), forfeit_score=[10, 0])["score"] == [0, 10]
    assert line(said("forfeited", winner="MOL", score=[5, 1]))["score"] == [1, 5]


@pytest.mark.parametrize(
    "params",
    [
        {"time_outs": []},
        {"time_outs": [{"until": 2, "count": 2}, {"until": 2, "count": 3}]},
        {"default_score": [0, 2]},
        {"forfeit_score": [0, 0]},
    ],
)
def test_rules_that_cannot_work_are_refused(params):
    with pytest.raises(msgspec.ValidationError):
        sport(**params)


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ([score("NET")], "unknown-team"),
        ([said("ended", 5), at("score", 4, 0, time=6, team="LAM", points=2)], "after-end"),
        ([said("ended"), said("ended")], "second-end"),
        ([said("period_began", period=1), said("period_began", period=1)],
         "second-beginning-of-period"),
        ([said("period_ended", period=1), said("period_ended", period=1)], "second-end-of-period"),
        ([score(clock_s=601)], "clock-outside-period"),
        ([score(points=4)], "points-not-in-rules"),
        ([score(), score(period=5, clock_s=200)], "overtime-not-level"),
        ([*fouls(5, player="7"), at("foul", 2, 100, team="LAM", player="7")], "player-fouled-out"),
        ([*fouls(5, player="7"), score(period=2, player="7")], "player-fouled-out"),
        ([at("time_out", 1, 90 - n, team="LAM") for n in range(3)], "no-time-out-left"),
        ([said("forfeited", winner="LAM"), said("defaulted", winner="LAM")], "second-forfeit"),
        ([said("defaulted", winner="NET")], "unknown-team"),
        ([said("forfeited", winner="LAM"), said("forfeited", winner="MOL")], "second-forfeit"),
        ([said("forfeited", winner="NET")], "unknown-team"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_kept_and_flagged(told, flag):
    periods = sport()
    states, flags = played(periods, told)
    assert list(flags.values()) == [(flag,)]
    assert periods.box(GAME, states)


def test_the_timeline_goes_down_the_clock_with_the_running_score():
    told = [
        said("ended"),
        score("MOL", 3, clock_s=34.5),
        score("LAM", 2, clock_s=300),
        at("clock", 1, 300, running=False),
        said("period_began", period=1),
    ]
    periods = sport()
    ordered = sorted(facts(told), key=periods.sort_key)
    assert [(h.clock, h.text, h.score) for h in periods.timeline(GAME, ordered)] == [
        ("", "Period 1 begins", "0-0"),
        ("P1 5:00", "+2", "2-0"),
        ("P1 34.5", "+3", "2-3"),
        ("", "End", "2-3"),
    ]


def test_a_clock_is_written_in_tenths_in_the_last_minute():
    written = [minutes_seconds(ms) for ms in (600_000, 67_900, 60_000, 34_500, 34_000)]
    assert written == ["10:00", "1:07", "1:00", "34.5", "0:34"]


def table(results, **params):
    periods = sport(**params)
    teams = ["LAM", "MOL", "NET"]
    contests = [Contest(id="-".join(pair), entrants=list(pair), group="l") for pair in results]
    competition = Competition(
        slug="p",
        name="P",
        sport="periods",
        groups=[Group(id="l", name="L", entrants=teams)],
        contests=contests,
    )
    states = {}
    for contest, (home, away) in zip(contests, results.values(), strict=True):
        told = [
            *(score(contest.entrants[0], 1, clock_s=n) for n in range(home)),
            *(score(contest.entrants[1], 1, clock_s=n) for n in range(away)),
        ]
        states[contest.id] = played(periods, [*told, said("ended")], contest)[0]
    return periods.standings(Definition(competition), states)


@pytest.mark.parametrize(
    ("how", "params", "points"),
    [
        ("forfeited", {}, 0),
        ("forfeited", {"forfeit": 1}, 1),
        ("defaulted", {}, 1),
        ("defaulted", {"default": 0}, 0),
    ],
)
def test_who_forfeits_has_no_point_who_defaults_one_unless_the_rules_say_otherwise(
    how, params, points
):
    periods = sport(**params)
    competition = Competition(
        slug="p",
        name="P",
        sport="periods",
        entrants=[Entrant(id="LAM", name="L"), Entrant(id="MOL", name="M")],
        contests=[GAME, Contest(id="g2", entrants=["LAM", "MOL"])],
    )
    lost = played(periods, [score("LAM"), said("ended")], competition.contests[1])[0]
    states = {"g1": played(periods, [said(how, winner="LAM")])[0], "g2": lost}
    rows = periods.standings(Definition(competition), states)
    figures = {r.entrant: (r.figures["points"], r.figures["lost"]) for r in rows}
    assert figures == {"LAM": (4, 0), "MOL": (1 + points, 2)}


def test_a_team_that_its_group_does_not_name_is_in_the_table_of_its_games():
    rows = table({("LAM", "OWL"): (2, 1)})
    assert {r.entrant: (r.group, r.rank, r.figures["points"]) for r in rows} == {
        "LAM": ("l", 1, 2),
        "OWL": ("l", 2, 1),
        "MOL": ("l", 3, 0),
        "NET": ("l", 3, 0),
    }


def test_equals_are_parted_head_to_head_before_the_difference():
    rows = table({("LAM", "MOL"): (2, 1), ("MOL", "NET"): (9, 1), ("NET", "MOL"): (1, 9)})
    assert [(r.entrant, r.figures["points"]) for r in rows] == [("MOL", 5), ("LAM", 2), ("NET", 2)]
    assert rows[1].decided == "difference"
    rows = table({("LAM", "MOL"): (2, 1), ("MOL", "NET"): (9, 1), ("NET", "LAM"): (5, 4)})
    assert {row.figures["points"] for row in rows} == {3}
    assert [row.entrant for row in rows] == ["MOL", "LAM", "NET"]
    assert {row.decided for row in rows} == {"head_to_head"}
