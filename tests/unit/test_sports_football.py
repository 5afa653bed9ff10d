"""Football matches: any order of arrival, corrections, checkpoints, nonsense."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.facts.competition import Contest
from scoreboard.facts.document import encode_content
from scoreboard.sports.football import Football, FootballParams
from scoreboard.sports.football.facts import (
    Card,
    FullTime,
    Goal,
    KickOff,
    Lots,
    MatchClock,
    PeriodEnd,
    ShootoutKick,
    Substitution,
    Walkover,
)
from scoreboard.sports.sport import Fact

KINDS = {kind.newest: kind for kind in Football.fact_kinds}
FOOTBALL = Football(FootballParams())
MATCH = Contest(id="m1", entrants=["HOM", "AWY"])
GROUP_MATCH = Contest(id="m1", entrants=["HOM", "AWY"], group="A")

TEAMS = st.sampled_from(["HOM", "AWY", "THIRD"])
PERIODS = st.sampled_from(["first", "second", "extra_first", "extra_second"])
MINUTES = {
    "team": TEAMS,
    "minute": st.integers(0, 150),
    "stoppage": st.sampled_from([0, 0, 1, 6]),
    "period": st.one_of(st.none(), PERIODS),
}
PLAYERS = st.sampled_from(["", "Kim", "Ola"])
PAYLOADS = st.one_of(
    st.builds(KickOff, period=PERIODS),
    st.builds(Goal, kind=st.sampled_from(["open", "penalty", "own"]), player=PLAYERS, **MINUTES),
    st.builds(
        Card,
        colour=st.sampled_from(["yellow", "second_yellow", "red"]),
        player=PLAYERS,
        **MINUTES,
    ),
    st.builds(Substitution, off=PLAYERS, on=PLAYERS, **MINUTES),
    st.builds(MatchClock, period=PERIODS, elapsed_ms=st.integers(0, 10**6), running=st.booleans()),
    st.builds(PeriodEnd, period=PERIODS),
    st.builds(
        ShootoutKick,
        team=TEAMS,
        scored=st.booleans(),
        number=st.one_of(st.none(), st.integers(1, 7)),
    ),
    st.builds(FullTime),
    st.builds(Walkover, winner=TEAMS),
    st.builds(Lots, group=st.just("A"), order=st.lists(TEAMS, min_size=1, max_size=3)),
)
SAID = st.lists(st.tuples(PAYLOADS, st.one_of(st.none(), st.integers(1, 99))), max_size=14)
CONTESTS = st.sampled_from(
    [MATCH, GROUP_MATCH, Contest(id="late"), Contest(id=""), Contest(id="odd", entrants=["HOM"])]
)


def fact(number: int, payload, time: int | None = None) -> Fact:
    return Fact(
        record=f"pad/{number}",
        type=KINDS[type(payload)].type,
        payload=payload,
        contest="m1",
        position=number,
        time=time,
        source="pad",
        id=str(number),
    )


def facts(said):
    return [fact(number, payload, time) for number, (payload, time) in enumerate(said)]


def fold(some, contest=MATCH):
    state = FOOTBALL.start(contest)
    flags = {f.record: FOOTBALL.apply(state, f) for f in sorted(some, key=FOOTBALL.sort_key)}
    return state, {record: found for record, found in flags.items() if found}


def line(payloads, contest=MATCH):
    some = [fact(n, p, n) for n, p in enumerate(payloads, 1)]
    return FOOTBALL.line(contest, {"": fold(some, contest)[0]})


def has_no_nulls_or_rows_in_arrays(value) -> bool:
    if isinstance(value, dict):
        return all(has_no_nulls_or_rows_in_arrays(inner) for inner in value.values())
    if isinstance(value, list):
        return not any(isinstance(inner, dict | list) or inner is None for inner in value)
    return value is not None


# properties ------------------------------------------------------------------------------------


@given(SAID, CONTESTS, st.randoms())
def test_the_order_of_arrival_does_not_matter(said, contest, random):
    some = facts(said)
    shuffled = random.sample(some, len(some))
    assert fold(some, contest) == fold(shuffled, contest)
    assert FOOTBALL.timeline(contest, some) == FOOTBALL.timeline(contest, shuffled)


@given(SAID, CONTESTS, st.integers(0, 14))
def test_a_fold_resumes_from_any_checkpoint(said, contest, cut):
    some = sorted(facts(said), key=FOOTBALL.sort_key)
    saved = msgspec.msgpack.encode(fold(some[:cut], contest)[0])
    state = msgspec.msgpack.decode(saved, type=Football.State)
    for one in some[cut:]:
        FOOTBALL.apply(state, one)
    assert state == fold(some, contest)[0]


@given(SAID, PAYLOADS, CONTESTS, st.integers(0, 99))
def test_an_amendment_and_its_reversal_leave_the_box_as_before(said, other, contest, which):
    some = facts(said)
    if not some:
        return
    amended = list(some)
    old = some[which % len(some)]
    amended[which % len(some)] = fact(old.position, other, old.time)
    fold(amended, contest)
    before = FOOTBALL.box(contest, {"": fold(some, contest)[0]})
    amended[which % len(some)] = old
    assert FOOTBALL.box(contest, {"": fold(amended, contest)[0]}) == before


@given(SAID, CONTESTS)
def test_nothing_well_formed_raises_and_all_that_is_shown_can_be_patched(said, contest):
    some = facts(said)
    state, _ = fold(some, contest)
    box = FOOTBALL.box(contest, {"": state})
    assert has_no_nulls_or_rows_in_arrays(box)
    assert msgspec.json.decode(encode_content(box)) == box
    assert FOOTBALL.status(contest, {"": state}) in ("scheduled", "live", "finished")
    timeline = FOOTBALL.timeline(contest, some)
    told = {f.record for f in some if not isinstance(f.payload, MatchClock)}
    assert {happening.record for happening in timeline} == told


@given(SAID, CONTESTS)
def test_the_timeline_carries_the_flags_of_the_fold(said, contest):
    some = facts(said)
    found = {h.record: tuple(h.flags) for h in FOOTBALL.timeline(contest, some) if h.flags}
    clocks = {one.record for one in some if isinstance(one.payload, MatchClock)}
    flags = fold(some, contest)[1]
    assert found == {record: words for record, words in flags.items() if record not in clocks}


def test_a_match_without_facts_in_force_is_shown_as_one_that_never_began():
    for contest in (MATCH, Contest(id="late")):
        assert FOOTBALL.box(contest, {"": fold([], contest)[0]}) == FOOTBALL.box(contest, {})


# matches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        Goal(team="HOM", minute=1),
        Card(team="HOM", minute=1, colour="red"),
        Substitution(team="HOM", minute=1),
        MatchClock(period="first", elapsed_ms=0, running=True),
        PeriodEnd(period="first"),
        ShootoutKick(team="HOM", scored=False),
    ],
    ids=lambda payload: type(payload).__name__,
)
def test_a_match_has_begun_with_whatever_is_said_of_it_first(payload):
    state, _ = fold([fact(1, payload)])
    assert FOOTBALL.status(MATCH, {"": state}) == "live"


def test_a_match_is_live_from_the_kick_off_and_finished_by_the_whistle():
    for payloads, status in (
        ([], "scheduled"),
        ([KickOff()], "live"),
        ([KickOff(), FullTime()], "finished"),
    ):
        state, _ = fold([fact(n, p) for n, p in enumerate(payloads)])
        assert FOOTBALL.status(MATCH, {"": state}) == status


@pytest.mark.parametrize("word", ["delayed", "abandoned", "finished"])
def test_an_officials_word_stands_above_the_fold(word):
    state, _ = fold([fact(1, KickOff())])
    contest = msgspec.structs.replace(MATCH, status=word)
    assert FOOTBALL.status(contest, {"": state}) == word


def test_the_state_of_play_follows_the_periods():
    told, seen = [], []
    for payload in (
        KickOff(),
        PeriodEnd(period="first"),
        KickOff(period="second"),
        PeriodEnd(period="second"),
        KickOff(period="extra_first"),
        PeriodEnd(period="extra_first"),
        KickOff(period="extra_second"),
        PeriodEnd(period="extra_second"),
        ShootoutKick(team="HOM", scored=True),
        FullTime(),
    ):
        told.append(payload)
        seen.append(line(told)["play"])
    assert seen == [
        "first",
        "half_time",
        "second",
        "end_of_normal_time",
        "extra_first",
        "extra_half_time",
        "extra_second",
        "end_of_extra_time",
        "shootout",
        "finished",
    ]


def test_a_goal_in_stoppage_time_belongs_to_the_half_that_it_prolongs():
    shown = line(
        [
            KickOff(),
            Goal(team="HOM", minute=45, stoppage=3),
            Goal(team="AWY", minute=46),
            Goal(team="AWY", minute=90, stoppage=5, kind="own"),
            FullTime(),
        ]
    )
    assert shown["periods"] == {"half_time": [1, 0], "full_time": [1, 2]}
    assert (shown["score"], shown["winner"]) == ([1, 2], "AWY")


def test_a_shoot_out_decides_a_level_match_without_changing_its_score():
    kicks = [ShootoutKick(team="HOM", scored=False), ShootoutKick(team="AWY", scored=True)]
    shown = line([KickOff(), PeriodEnd(period="second"), *kicks, FullTime()])
    assert shown["score"] == [0, 0]
    assert shown["periods"] == {"half_time": [0, 0], "full_time": [0, 0], "shootout": [0, 1]}
    assert shown["winner"] == "AWY"


def test_a_walkover_is_a_result_without_play():
    shown = line([Walkover(winner="AWY")])
    assert shown == {
        "teams": ["HOM", "AWY"],
        "play": "finished",
        "score": [0, 3],
        "walkover": True,
        "winner": "AWY",
    }


def test_a_match_that_officials_call_finished_has_a_winner_without_the_whistle():
    called = msgspec.structs.replace(MATCH, status="finished")
    states = {"": fold([fact(1, KickOff()), fact(2, Goal(team="AWY", minute=5))])[0]}
    assert FOOTBALL.placings(MATCH, states) == ()
    assert FOOTBALL.placings(called, states) == ("AWY", "HOM")
    assert FOOTBALL.line(called, states)["winner"] == "AWY"


def test_a_drawn_group_match_has_no_winner():
    assert "winner" not in line([KickOff(), FullTime()], GROUP_MATCH)


# nonsense is kept and flagged --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payloads", "flag"),
    [
        ([KickOff(), Goal(team="THIRD", minute=5)], "unknown-team"),
        ([Goal(team="HOM", minute=5)], "no-kick-off"),
        ([KickOff(), KickOff()], "second-kick-off"),
        ([PeriodEnd(period="first"), PeriodEnd(period="first")], "second-period-end"),
        ([KickOff(), FullTime(), FullTime()], "second-full-time"),
        ([KickOff(), FullTime(), Goal(team="HOM", minute=90)], "after-full-time"),
        ([KickOff(), Goal(team="HOM", minute=60, period="first")], "minute-outside-period"),
        ([Walkover(winner="HOM"), Walkover(winner="AWY")], "second-walkover"),
        ([Walkover(winner="THIRD")], "unknown-team"),
        ([Lots(group="A", order=["HOM", "AWY"])], "misplaced"),
        (
            [KickOff(), Goal(team="HOM", minute=1), ShootoutKick(team="HOM", scored=True)],
            "shoot-out-not-level",
        ),
    ],
)
def test_nonsense_is_flagged_on_its_own_record(payloads, flag):
    _, flags = fold([fact(n, p, n) for n, p in enumerate(payloads, 1)])
    assert flags == {f"pad/{len(payloads)}": (flag,)}


def test_extra_time_in_a_group_is_flagged():
    told = [fact(1, KickOff(), 1), fact(2, Goal(team="HOM", minute=95), 2)]
    assert fold(told, GROUP_MATCH)[1] == {"pad/2": ("extra-time-in-group",)}
    assert fold(told, MATCH)[1] == {}


def test_a_shoot_out_that_goes_on_after_it_is_decided_is_flagged():
    kicks = [
        ShootoutKick(team=team, scored=team == "HOM", number=number)
        for number in (1, 2, 3, 4)
        for team in ("HOM", "AWY")
    ]
    _, flags = fold([fact(n, p, n) for n, p in enumerate(kicks, 1)])
    assert flags == {"pad/7": ("shoot-out-decided",), "pad/8": ("shoot-out-decided",)}


def test_the_goal_of_a_third_team_is_shown_and_counts_for_nobody():
    state, _ = fold([fact(1, KickOff()), fact(2, Goal(team="THIRD", minute=5))])
    box = FOOTBALL.box(MATCH, {"": state})
    assert box["goals"]["pad/2"]["team"] == "THIRD"
    assert box["score"] == [0, 0]


def test_an_unplanned_match_takes_the_first_two_teams_that_it_hears_of():
    some = [
        fact(1, KickOff()),
        fact(2, Goal(team="X", minute=3)),
        fact(3, Goal(team="Y", minute=4)),
    ]
    state, flags = fold(some, Contest(id="late"))
    assert (state.teams, flags) == (["X", "Y"], {})


# the timeline ----------------------------------------------------------------------------------


def test_the_timeline_tells_the_match_in_its_order_with_the_running_score():
    told = [
        FullTime(),
        Goal(team="AWY", minute=90, stoppage=4, player="Ola"),
        Card(team="HOM", minute=30, colour="yellow", player="Kim"),
        Goal(team="HOM", minute=12, kind="penalty"),
        Substitution(team="AWY", minute=70, on="Ola", off="Per"),
        KickOff(),
    ]
    happenings = FOOTBALL.timeline(MATCH, [fact(n, p) for n, p in enumerate(told)])
    assert [(h.clock, h.text, h.score) for h in happenings] == [
        ("", "Kick-off", ""),
        ("12'", "Penalty", "1-0"),
        ("30'", "Yellow card: Kim", ""),
        ("70'", "Substitution: on Ola, off Per", ""),
        ("90+4'", "Goal: Ola", "1-1"),
        ("", "Full time", "1-1"),
    ]


# the clock -------------------------------------------------------------------------------------


def clock_of(*told):
    """The clock on the line after payloads, each said at a second; None if there is none."""
    state = FOOTBALL.start(MATCH)
    facts = [
        Fact(
            record=f"pad/{n}",
            type=KINDS[type(payload)].type,
            payload=payload,
            contest="m1",
            position=n,
            time=second and second * 1_000_000,
            source="pad",
            id=str(n),
        )
        for n, (second, payload) in enumerate(told, 1)
    ]
    for fact in sorted(facts, key=FOOTBALL.sort_key):
        FOOTBALL.apply(state, fact)
    return FOOTBALL.line(MATCH, {"": state}).get("clock")


def test_the_kick_off_of_each_period_starts_the_clock():
    half, second = (60, KickOff()), (3_900, KickOff(period="second"))
    assert clock_of(half) == {
        "direction": "up",
        "elapsed_ms": 0,
        "limit_ms": 2_700_000,
        "stopped": False,
        "running_since": "1970-01-01T00:01:00.000000Z",
    }
    assert clock_of(half, (2_800, PeriodEnd(period="first"))) is None
    later = clock_of(half, (2_800, PeriodEnd(period="first")), second)
    assert (later["elapsed_ms"], later["limit_ms"]) == (2_700_000, 5_400_000)
    assert later["running_since"] == "1970-01-01T01:05:00.000000Z"
    assert clock_of(half, second, (7_000, FullTime())) is None


def test_the_clock_is_stopped_and_put_right_by_what_was_said_last():
    stop = (600, MatchClock(period="first", elapsed_ms=538_000, running=False))
    on = (700, MatchClock(period="first", elapsed_ms=540_000, running=True))
    for told in ([(60, KickOff()), stop], [stop, (60, KickOff())]):
        stopped = clock_of(*told)
        assert (stopped["elapsed_ms"], stopped["stopped"]) == (538_000, True)
        assert "running_since" not in stopped
    running = clock_of(on, (60, KickOff()), stop)
    assert (running["elapsed_ms"], running["stopped"]) == (540_000, False)
    assert running["running_since"] == "1970-01-01T00:11:40.000000Z"


def test_a_kick_off_of_an_unknown_moment_starts_no_clock():
    assert clock_of((None, KickOff())) is None
    assert clock_of((60, KickOff()), (90, KickOff()))["running_since"].endswith("00:01:00.000000Z")
