"""Races: what reads mean on a course, what decisions change, what is flagged."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant
from scoreboard.sports.race import Race, RaceParams
from scoreboard.sports.race.facts import Clock, Gun, Penalty, Read, Reps, Status
from scoreboard.sports.sport import Fact, params_of
from scoreboard.sports.times import rounded_up, text

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
KINDS = {kind.newest: kind for kind in Race.fact_kinds}
CONTEST = Contest(id="run")
LOOP = {
    "points": [
        {"id": "start", "take": "last", "latest": 5_000},
        {"id": "loop", "lapped": True, "window": 2_000},
    ],
    "laps": 3,
}


def race(params=None, **attributes):
    """The sport with an entrant of each name, with these attributes."""
    sport = Race(params_of(Race, params or {}))
    entrants = [Entrant(id=id_, name=id_, attributes=a) for id_, a in attributes.items()]
    competition = Competition(slug="r", name="r", sport="race", entrants=entrants)
    sport.enrol(Definition(competition))
    return sport


def fold(sport, payloads, contest=CONTEST):
    """States by key, and flags by the payload's place."""
    told = [
        Fact(
            record=f"r/{n}",
            type=KINDS[type(payload)].type,
            payload=payload,
            contest=contest.id,
            position=n,
            time=n,
            source="r",
            id=f"{n:03}",
        )
        for n, payload in enumerate(payloads)
    ]
    states, flags = {}, {}
    for fact in sorted(told, key=sport.sort_key):
        state = states.setdefault(sport.fold_key(fact), sport.start(contest))
        if found := sport.apply(state, fact):
            flags[fact.position] = found
    return states, flags


def result(sport, payloads, entrant="ada", contest=CONTEST):
    return sport.resolve(contest, entrant, fold(sport, payloads, contest)[0])


def figures(sport, payloads, entrant="ada"):
    return sport.figures([result(sport, payloads, entrant)])


def read(reader, at, entrant="ada"):
    return Read(reader=reader, at=at, entrant=entrant)


# clocks ----------------------------------------------------------------------------------------


def test_gun_and_chip_time_are_two_readings_of_the_same_reads():
    told = [Gun(at=1_000), read("start", 4_000), read("finish", 64_000)]
    by_gun, by_chip = (result(race({"time": time}), told) for time in ("gun", "chip"))
    assert (by_gun.time_ms, by_chip.time_ms) == (63_000, 60_000)
    assert (by_gun.gun_ms, by_gun.chip_ms) == (by_chip.gun_ms, by_chip.chip_ms) == (63_000, 60_000)


def test_a_missed_start_read_falls_back_to_the_gun_and_the_other_way_round():
    assert result(race({"time": "chip"}), [Gun(at=0), read("finish", 9)]).time_ms == 9
    assert result(race(), [read("start", 5), read("finish", 65_000)]).time_ms == 64_995
    assert result(race(), [Gun(at=0), Penalty(entrant="ada", time=5)]).time_ms is None


def test_waves_start_by_their_offset_or_their_own_gun():
    sport = race({"waves": {"b": 60_000}}, ada={"wave": "b"}, bel={"wave": "c"})
    told = [Gun(at=0), Gun(at=90_000, wave="c")]
    told += [read("finish", 100_000, entrant) for entrant in ("ada", "bel", "cyd")]
    assert [result(sport, told, e).time_ms for e in ("ada", "bel", "cyd")] == [
        40_000,
        10_000,
        100_000,
    ]


def test_a_reader_that_was_ahead_is_put_right_for_everybody():
    told = [Gun(at=0), read("finish", 100_000), Clock(reader="finish", ahead=1_500)]
    assert result(race(), told).time_ms == 98_500


def test_times_are_rounded_up_and_written_with_the_decimals_they_have():
    assert figures(race({"resolution": 100}), [Gun(at=0), read("finish", 59_801)])["time"] == "59.9"
    assert [rounded_up(ms, 1000) for ms in (0, 1, 999, 1000)] == [0, 1000, 1000, 1000]
    assert text(3_723_004) == "1:02:03.004"
    assert text(245_300, 100) == "4:05.3"
    assert text(-15_000, 1000) == "-15"


# the course ------------------------------------------------------------------------------------


def test_lingering_and_strolling_over_the_start_line_do_not_start_the_clock():
    told = [read("start", 500), Gun(at=1_000), read("start", 2_000), read("start", 3_500)]
    assert result(race({"time": "chip"}), [*told, read("finish", 13_500)]).time_ms == 10_000


def test_the_first_read_at_the_finish_counts():
    told = [Gun(at=0), read("finish", 60_000), read("finish", 61_000)]
    assert result(race(), told).time_ms == 60_000


def test_a_finish_where_the_start_was_is_told_from_it_by_its_time():
    line = {"readers": ["mat"]}
    points = [
        {"id": "start", "latest": 60_000} | line,
        {"id": "finish", "earliest": 600_000} | line,
    ]
    sport = race({"points": points})
    missed_start = [Gun(at=0), read("mat", 700_000)]
    assert result(sport, missed_start).finished
    assert not result(sport, [Gun(at=0), read("mat", 30_000), read("mat", 90_000)]).finished


def test_laps_are_counted_at_one_mat_and_a_doubled_read_is_no_lap():
    told = [Gun(at=0), read("start", 1_000)]
    told += [read("loop", at) for at in (11_000, 11_500, 21_000, 31_000)]
    assert result(race(LOOP), told[:-1]).laps == 2
    assert result(race(LOOP), told).finished
    assert figures(race(LOOP), told)["leg2_ms"] == 21_000


def test_a_missed_split_is_a_gap_and_no_more():
    points = [{"id": id_} for id_ in ("start", "k5", "finish")]
    shown = figures(race({"points": points}), [Gun(at=0), read("finish", 9_000)])
    assert (shown["leg2_ms"], shown["status"]) == (9_000, "finished")
    assert "leg1_ms" not in shown


# decisions -------------------------------------------------------------------------------------


def order(sport, told, *entrants):
    states = fold(sport, told)[0]
    merits = {e: sport.merit([sport.resolve(CONTEST, e, states)]) for e in entrants}
    return sorted(entrants, key=merits.__getitem__)


def test_penalties_late_as_they_are_change_the_order():
    told = [Gun(at=0), read("finish", 10_000, "ada"), read("finish", 11_000, "bel")]
    assert order(race(), told, "ada", "bel") == ["ada", "bel"]
    late = [*told, Penalty(entrant="ada", time=1_001)]
    assert order(race(), late, "ada", "bel") == ["bel", "ada"]
    assert figures(race(), late)["penalty"] == "1.001"


def test_a_lap_taken_off_puts_one_behind_all_who_have_theirs():
    told = [Gun(at=0), read("finish", 10, "ada"), read("finish", 9_999, "bel")]
    assert order(race(), [*told, Penalty(entrant="ada", laps=1)], "ada", "bel") == ["bel", "ada"]


def test_by_laps_the_one_with_more_laps_is_ahead_whoever_was_faster():
    sport = race(LOOP | {"order": "laps"})
    told = [Gun(at=0), read("loop", 5_000, "ada"), read("loop", 8_000, "bel")]
    told += [read("loop", 16_000, "bel")]
    assert order(sport, told, "ada", "bel") == ["bel", "ada"]


def test_neither_time_nor_laps_go_below_zero_and_what_did_not_count_is_shown():
    told = [Gun(at=0), read("start", 1_000), read("loop", 11_000)]
    late = [Penalty(entrant="ada", time=-60_000), Penalty(entrant="ada", laps=999)]
    states, flags = fold(race(LOOP), [*told, *late])
    shown = race(LOOP).figures([race(LOOP).resolve(CONTEST, "ada", states)])
    assert (shown["time_ms"], shown["time"], shown.get("laps", 0)) == (0, "0.000", 0)
    assert (shown["uncounted_ms"], shown["uncounted_laps"]) == (49_000, 998)
    assert (shown["penalty_ms"], shown["lost_laps"]) == (-60_000, 999)
    assert flags == {
        3: ("more-time-given-back-than-raced",),
        4: ("more-laps-taken-off-than-there-are",),
    }


def test_time_that_there_was_to_give_back_is_given_without_a_flag():
    told = [Gun(at=0), read("finish", 10_000)]
    told += [Penalty(entrant="ada", time=-65_000), Penalty(entrant="ada", time=60_000)]
    states, flags = fold(race(), told)
    shown = race().figures([race().resolve(CONTEST, "ada", states)])
    assert (shown["time_ms"], "uncounted_ms" in shown, flags) == (5_000, False, {})


def test_those_who_are_out_come_last_and_can_be_reinstated():
    told = [Gun(at=0)] + [read("finish", 9 + n, e) for n, e in enumerate(("ada", "bel"))]
    told += [Status(entrant="ada", status="dsq"), Status(entrant="cyd", status="dns")]
    assert order(race(), told, "ada", "bel", "cyd") == ["bel", "ada", "cyd"]
    assert [race().unplaced([result(race(), told, e)]) for e in ("ada", "bel")] == [True, False]
    back = [*told, Status(entrant="ada", status="reinstated")]
    assert order(race(), back, "ada", "bel", "cyd") == ["ada", "bel", "cyd"]


def test_equal_times_share_their_merit():
    told = [Gun(at=0), read("finish", 5_400, "ada"), read("finish", 5_900, "bel")]
    sport = race({"resolution": 1000})
    states = fold(sport, told)[0]
    merits = {sport.merit([sport.resolve(CONTEST, e, states)]) for e in ("ada", "bel")}
    assert len(merits) == 1


def test_stages_are_added_up_and_one_without_the_last_is_behind():
    sport = race()
    first = fold(sport, [Gun(at=0), read("finish", 9, "ada"), read("finish", 5, "bel")])[0]
    second = fold(sport, [Gun(at=0), read("finish", 7, "ada")])[0]
    ada = [sport.resolve(CONTEST, "ada", states) for states in (first, second)]
    bel = [sport.resolve(CONTEST, "bel", first)]
    assert sport.merit(ada) < sport.merit(bel)
    assert sport.figures(ada)["time_ms"] == 16


def test_a_contest_may_have_another_course():
    contest = Contest(id="short", params={"points": [{"id": "line"}], "start_line": False})
    assert result(race(), [Gun(at=0), read("line", 7)], contest=contest).finished


# a fitness race --------------------------------------------------------------------------------


def fitness(*judged):
    path = EXAMPLES / "race-fitness.toml"
    definition = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Competition)
    sport = Race(params_of(Race, definition.params))
    sport.enrol(Definition(definition))
    told = [Gun(at=0, wave="w0900"), Read(reader="start", at=0, chip="c1")]
    for leg in range(1, 16):
        reader = "mat-in" if leg % 2 else "mat-out"
        told.append(Read(reader=reader, at=leg * 240_000, chip="c1"))
    told.append(Read(reader="finish", at=16 * 240_000, chip="c1"))
    return figures(sport, [*told, *judged], "n1")


def test_eight_runs_and_eight_stations_have_sixteen_splits():
    shown = fitness()
    assert [shown[f"leg{n}_ms"] for n in range(1, 17)] == [n * 240_000 for n in range(1, 17)]
    assert (shown["status"], shown["time"]) == ("finished", "1:04:00")


def test_no_reps_cost_what_the_station_says_and_missing_ones_too():
    assert fitness(Reps(entrant="n1", station="burpees", no_reps=2))["penalty_ms"] == 10_000
    balls = [Reps(entrant="n1", station="balls", good=n, no_reps=1) for n in (60, 38)]
    shown = fitness(*balls)
    assert (shown["penalty_ms"], shown["no_reps"]) == (30_000, 2)
    assert shown["time"] == "1:04:30"


# nonsense --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payloads", "flag"),
    [
        ([Read(reader="finish", at=5, chip="c9")], "unknown-chip"),
        ([read("nowhere", 5)], "unknown-reader"),
        ([Clock(reader="nowhere", ahead=5)], "unknown-reader"),
        ([Reps(entrant="ada", station="nowhere", good=1)], "unknown-station"),
        ([Gun(at=0), Gun(at=1)], "second-gun"),
        ([Status(entrant="ada", status="dns"), read("finish", 5)], "read-of-one-not-in-the-race"),
        ([Status(entrant="ada", status="dsq")] * 2, "status-repeated"),
        ([Status(entrant="ada", status="reinstated")], "nothing-to-reinstate"),
        ([Status(entrant="ada", status=s) for s in ("dns", "dnf")], "contradicts-status"),
    ],
)
def test_nonsense_is_flagged(payloads, flag):
    assert fold(race(), payloads)[1] == {len(payloads) - 1: (flag,)}


def test_a_chip_of_nobody_ranks_nobody_until_it_is_given_out():
    told = [Gun(at=0), Read(reader="finish", at=5, chip="c9")]
    states, _ = fold(race(), told)
    assert race().resolve(CONTEST, "?c9", states) is None
    assert result(race(ada={"chip": "c9"}), told).finished


@pytest.mark.parametrize("who", [{}, {"chip": "c1", "entrant": "ada"}])
def test_a_read_of_nobody_or_of_two_is_refused(who):
    with pytest.raises(msgspec.ValidationError, match="chip or entrant"):
        KINDS[Read].read(msgspec.json.encode({"reader": "finish", "at": 1} | who))


@pytest.mark.parametrize(
    "params",
    [
        {"laps": 2},
        {"points": [{"id": "a"}, {"id": "a"}]},
        {"points": [{"id": "a", "lapped": True}], "start_line": True},
        {"points": [{"id": i, "lapped": i != "b"} for i in "abc"], "start_line": False},
        {"points": []},
        {"resolution": 7},
    ],
)
def test_a_course_that_cannot_be_walked_is_refused(params):
    with pytest.raises(msgspec.ValidationError):
        params_of(Race, params)


def test_the_defaults_are_a_start_and_a_finish():
    assert [point.id for point in RaceParams().points] == ["start", "finish"]


def test_the_clock_runs_from_the_first_gun_until_the_race_is_over():
    sport = race()
    states, _ = fold(sport, [Gun(at=5_000, wave="late"), Gun(at=1_000), read("start", 2_000)])
    clock = sport.line(CONTEST, states)["clock"]
    assert clock == {
        "direction": "up",
        "elapsed_ms": 0,
        "stopped": False,
        "running_since": "1970-01-01T00:00:00.000001Z",
    }
    over = Contest(id="run", status="finished")
    assert "clock" not in sport.line(over, states)
