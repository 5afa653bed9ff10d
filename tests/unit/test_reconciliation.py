"""A contest's observations and decisions, joined as they come, corrected and ruled on."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sports_properties import competition, entry, feed

from scoreboard.projections import render

ROWS_MAX = 1_000
GOLF = {
    "slug": "any",
    "name": "Golf",
    "sport": "golf",
    "params": {"pars": [3, 4, 5], "join": {"within_ms": 5_000, "doubt_ms": 1_000}},
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "r1", "entrants": ["ada", "bel"]}],
}
RACE = {
    "slug": "any",
    "name": "Fitness race",
    "sport": "race",
    "params": {
        "points": [
            {"id": "start", "take": "last"},
            {"id": "out", "readers": ["mat1"], "window": 5_000},
            {"id": "finish"},
        ],
        "stations": [{"id": "sled", "reps": 4, "no_rep": 15_000, "point": "out"}, {"id": "row"}],
        "join": {"within_ms": 60_000},
    },
    "entrants": [
        {"id": "ada", "name": "Ada", "attributes": {"chip": "c1"}},
        {"id": "bel", "name": "Bel"},
    ],
    "contests": [{"id": "r1"}],
}


def shot(position, at=0, **data):
    return said(position, "golf.shot", at, **data)


def stroke(position, at=0, number=1, **data):
    return said(position, "golf.stroke", at, **{"hole": 1, "number": number, **data})


def said(position, type_, at=0, **data):
    data = {"entrant": "ada", **data}
    return entry(
        position, type_, {k: v for k, v in data.items() if v}, contest="r1", time=at * 1_000
    )


def ruling(position, action, **data):
    return entry(position, f"ruling.{action}", data, contest="r1")


def void(position, of, version=2):
    return entry(position, of.type, None, contest="r1", of=of, action="void", version=version)


def amended(position, of, payload, version=2):
    return entry(position, of.type, payload, contest="r1", of=of, action="amend", version=version)


def board(fold, name):
    return render.content(fold, f"{name}:r1", ROWS_MAX)


def combined(fold):
    return {record: list(row["decided"]) for record, row in board(fold, "combined")["rows"].items()}


def waiting(fold):
    return {record: row["why"] for record, row in board(fold, "reconciliation")["rows"].items()}


def golf(*entries):
    return feed(competition(GOLF), entries)


def race(*entries):
    return feed(competition(RACE), entries)


A, B = shot(2, 1_000, hole=1, number=1, carry=201.5, club="driver"), stroke(3, 3_000)


def test_a_shot_and_a_stroke_are_combined_whichever_comes_first():
    for entries in ((A, B), (B, A)):
        fold = golf(*entries)
        [row] = board(fold, "combined")["rows"].values()
        assert row == {
            "type": "computed",
            "entrant": "ada",
            "at_ms": 1_000,
            "observed": A.record,
            "decided": {B.record: {"by": "key", "distance_ms": 2_000}},
            "combined": {
                "hole": 1,
                "stroke": 1,
                "holed": False,
                "club": "driver",
                "carry": 201.5,
            },
        }
        assert waiting(fold) == {}


def test_a_correction_of_either_side_joins_again():
    fold = golf(A, B, amended(4, B, {"entrant": "ada", "hole": 1, "number": 2}))
    assert combined(fold) == {}
    assert waiting(fold) == {A.record: "unmatched", B.record: "unmatched"}
    feed(fold, [amended(5, A, {"entrant": "ada", "hole": 1, "number": 2})])
    assert combined(fold) == {A.record: [B.record]}
    feed(fold, [void(6, A, 3)])
    assert waiting(fold) == {B.record: "unmatched"}


def test_a_shot_that_was_sent_twice_waits_until_one_is_dismissed():
    twin = shot(4, 1_400, hole=1, number=1)
    fold = golf(A, B, twin)
    assert set(waiting(fold).values()) == {"doubtful"}
    feed(fold, [ruling(5, "dismissed", record=twin.record)])
    assert combined(fold) == {A.record: [B.record]}
    assert waiting(fold) == {}
    assert board(fold, "reconciliation")["dismissed"] == {twin.record: "pad/e0005"}


def test_a_link_stands_above_keys_and_times_and_across_entrants():
    wrong = shot(4, 90_000, entrant="bel", hole=3, number=9)
    fold = golf(A, B, wrong, ruling(5, "linked", observed=wrong.record, decided=B.record))
    rows = board(fold, "combined")["rows"]
    assert rows[wrong.record]["decided"] == {
        B.record: {"by": "ruling", "distance_ms": 87_000, "ruling": "pad/e0005"}
    }
    assert waiting(fold) == {A.record: "unmatched"}


def test_a_ruling_that_is_undone_has_never_been():
    wrong = shot(4, 90_000, entrant="bel")
    link = ruling(5, "linked", observed=wrong.record, decided=B.record)
    fold = golf(A, B, wrong, link, void(6, link))
    assert combined(fold) == {A.record: [B.record]}
    assert waiting(fold) == {wrong.record: "unmatched"}


def test_a_link_to_what_does_not_count_any_more_has_no_effect_until_it_does_again():
    other = shot(4, 90_000, entrant="bel")
    link = ruling(5, "linked", observed=other.record, decided=B.record)
    fold = golf(A, B, other, link, void(6, other))
    assert combined(fold) == {A.record: [B.record]}
    back = entry(7, other.type, None, contest="r1", of=other, action="restore", version=3)
    feed(fold, [back])
    assert combined(fold) == {other.record: [B.record]}


def test_what_is_unlinked_waits_and_a_later_link_stands_above_it():
    fold = golf(A, B, ruling(4, "unlinked", observed=A.record, decided=B.record))
    assert combined(fold) == {}
    feed(fold, [ruling(5, "linked", observed=A.record, decided=B.record)])
    assert combined(fold) == {A.record: [B.record]}


def test_what_was_said_of_somebody_else_is_a_candidate_nevertheless():
    wrong = shot(2, 1_000, entrant="bel", hole=1, number=1)
    far = shot(5, 9_500, entrant="bel", hole=1, number=2)
    fold = golf(wrong, B, far)
    row = board(fold, "reconciliation")["rows"][B.record]
    assert (row["why"], row["said"]["number"]) == ("unmatched", 1)
    assert row["candidates"] == {wrong.record: {"distance_ms": 2_000, "entrant": "bel"}}


def test_a_side_that_may_stand_alone_waits_for_nothing():
    params = {**GOLF["params"], "join": {"alone": ["decided"]}}
    fold = feed(competition({**GOLF, "params": params}), [B, shot(4, 500_000)])
    assert waiting(fold) == {"pad/e0004": "unmatched"}


def test_of_too_many_facts_about_one_the_first_in_order_are_joined_and_the_rest_counted():
    crowd = [shot(n, n * 10, hole=2, number=n % 90 + 1) for n in range(3, 1_100)]
    early, counted = shot(2, 0, hole=1, number=99), stroke(1_100, 5, number=99)
    fold = feed(competition(GOLF), [*crowd, counted, early])
    assert combined(fold) == {early.record: [counted.record]}
    assert board(fold, "reconciliation")["left_out"] == 99


# the race -----------------------------------------------------------------------------------------


def read(position, at, **data):
    who = data if data else {"entrant": "ada"}
    return entry(position, "race.read", {"reader": "mat1", "at": at, **who}, contest="r1")


def reps(position, at=None, **data):
    more = {} if at is None else {"at": at}
    payload = {"entrant": "ada", "station": "sled", **data, **more}
    return entry(position, "race.reps", payload, contest="r1")


def test_a_split_and_all_that_the_judge_said_of_the_station_are_one_record():
    given = {"entrant": "ada", "station": "sled", "time": 30_000, "at": 100_000}
    fold = race(
        read(2, 120_000, chip="c1"),
        read(3, 121_000, entrant="ada"),
        reps(4, 80_000, no_reps=1),
        reps(5, good=4),
        entry(6, "race.penalty", given, contest="r1"),
    )
    [row] = board(fold, "combined")["rows"].values()
    assert row["observed"] == "pad/e0002"
    assert row["repeats"] == ["pad/e0003"]
    assert {one: why["by"] for one, why in row["decided"].items()} == {
        "pad/e0004": "key",
        "pad/e0005": "key",
        "pad/e0006": "key",
    }
    assert row["combined"] == {
        "station": "sled",
        "read_ms": 120_000,
        "good": 4,
        "no_reps": 1,
        "penalty_ms": 45_000,
    }
    assert waiting(fold) == {}


def test_the_chip_of_nobody_waits_and_can_be_linked_by_hand():
    stray = read(2, 120_000, chip="c9")
    fold = race(stray, reps(3, 110_000, entrant="bel", good=4))
    assert waiting(fold) == {stray.record: "unmatched", "pad/e0003": "unmatched"}
    row = board(fold, "reconciliation")["rows"][stray.record]
    assert "entrant" not in row
    assert row["candidates"] == {"pad/e0003": {"distance_ms": 10_000, "entrant": "bel"}}
    feed(fold, [ruling(4, "linked", observed=stray.record, decided="pad/e0003")])
    assert board(fold, "combined")["rows"][stray.record]["entrant"] == "bel"


def test_in_laps_what_a_judge_said_belongs_to_the_split_that_is_nearest():
    first, later = read(2, 120_000), read(3, 180_000)
    judged = [reps(4, 119_000, good=4), reps(5, 181_000, good=4)]
    fold = feed(competition(laps()), [first, later, *judged])
    assert combined(fold) == {first.record: ["pad/e0004"], later.record: ["pad/e0005"]}


def test_a_reader_whose_clock_is_put_right_is_joined_again():
    first, later = read(2, 3_720_000), read(3, 3_780_000)
    judged = [reps(4, 119_000, good=4), reps(5, 181_000, good=4)]
    fold = feed(competition(laps()), [first, later, *judged])
    assert (combined(fold), len(waiting(fold))) == ({}, 4)
    clock = entry(6, "race.clock", {"reader": "mat1", "ahead": 3_600_000}, contest="r1")
    feed(fold, [clock])
    assert combined(fold) == {first.record: ["pad/e0004"], later.record: ["pad/e0005"]}
    feed(fold, [void(7, clock)])
    assert combined(fold) == {}


def laps():
    """The same race with the station in each of two laps."""
    points = [{"id": "out", "readers": ["mat1"], "lapped": True, "window": 5_000}]
    params = {**RACE["params"], "points": points, "start_line": False, "laps": 2}
    return {**RACE, "params": params}


def test_the_devices_clock_can_be_the_one_that_counts():
    params = {**laps()["params"], "join": {"clock": "device", "within_ms": 5_000}}
    told = [
        entry(n, type_, data, contest="r1", time=time * 1_000)
        for n, (type_, data, time) in enumerate(
            [
                ("race.read", {"reader": "mat1", "at": 1_000, "entrant": "ada"}, 50_000),
                ("race.read", {"reader": "mat1", "at": 90_000, "entrant": "ada"}, 139_000),
                ("race.reps", {"entrant": "ada", "station": "sled", "good": 4}, 137_000),
            ],
            2,
        )
    ]
    fold = feed(competition({**RACE, "params": params}), told)
    assert combined(fold) == {"pad/e0003": ["pad/e0004"]}


def test_the_course_says_which_station_a_shared_mat_was_passed_after():
    points = [
        {"id": "run", "readers": ["mat-in"]},
        {"id": "sled-out", "readers": ["mat1"]},
        {"id": "row-out", "readers": ["mat1"]},
    ]
    stations = [{"id": "sled", "point": "sled-out"}, {"id": "row", "point": "row-out"}]
    params = {"points": points, "start_line": False, "stations": stations}
    sled, row = read(2, 100_000), read(3, 400_000)
    fold = feed(
        competition({**RACE, "params": params}),
        [sled, row, reps(4, 130_000, station="row", no_reps=1), reps(5, 90_000, good=4)],
    )
    assert combined(fold) == {sled.record: ["pad/e0005"], row.record: ["pad/e0004"]}
    missed = read(6, 50_000)  # of the first station, and came late: what follows moves on
    feed(fold, [missed, void(7, sled)])
    assert combined(fold) == {missed.record: ["pad/e0005"], row.record: ["pad/e0004"]}


def test_what_is_not_at_such_a_station_is_not_joined_at_all():
    fold = race(
        entry(2, "race.read", {"reader": "start", "at": 1, "entrant": "ada"}, contest="r1"),
        reps(3, station="row", good=1),
        entry(4, "race.penalty", {"entrant": "ada", "time": 5}, contest="r1"),
    )
    assert waiting(fold) == {}


# whatever is said, in whatever order --------------------------------------------------------------

WHO = st.sampled_from(["ada", "bel"])
SECONDS = st.integers(0, 12)


def golf_payloads():
    number = st.integers(1, 2)
    return st.one_of(
        st.tuples(
            st.just("golf.shot"),
            st.fixed_dictionaries(
                {"entrant": WHO}, optional={"hole": st.just(1), "number": number}
            ),
        ),
        st.tuples(
            st.just("golf.stroke"),
            st.fixed_dictionaries({"entrant": WHO, "hole": st.just(1), "number": number}),
        ),
    )


def race_payloads():
    at = st.integers(0, 20).map(lambda second: second * 10_000)
    reads = {"reader": st.sampled_from(["mat1", "start"]), "at": at}
    judged = {"entrant": WHO, "station": st.sampled_from(["sled", "sledge"])}
    said = {
        "read": st.one_of(
            st.fixed_dictionaries({**reads, "entrant": WHO}),
            st.fixed_dictionaries({**reads, "chip": st.sampled_from(["c1", "c9"])}),
        ),
        "reps": st.fixed_dictionaries(judged, optional={"at": at}),
        "penalty": st.fixed_dictionaries({**judged, "time": st.just(5_000)}, optional={"at": at}),
        "gun": st.fixed_dictionaries({"at": at}),
        "clock": st.fixed_dictionaries({"reader": st.just("mat1"), "ahead": at}),
    }
    return st.one_of(
        st.tuples(st.just(f"race.{type_}"), payload) for type_, payload in said.items()
    )


TOLD = [(GOLF, golf_payloads()), (RACE, race_payloads()), (laps(), race_payloads())]


@st.composite
def stories(draw, told=tuple(TOLD)):
    """What is observed and decided, some of it corrected, and rulings in order of position."""
    definition, payloads = draw(st.sampled_from(told))
    heard = draw(st.lists(st.tuples(payloads, SECONDS), min_size=1, max_size=8))
    first = [
        entry(n, type_, payload, contest="r1", time=second * 1_000_000)
        for n, ((type_, payload), second) in enumerate(heard, 2)
    ]
    one_of_them = st.sampled_from(first).map(lambda one: one.record)
    more = []
    for n in range(draw(st.integers(0, 5))):
        position = len(first) + 2 + n
        action = draw(st.sampled_from(["linked", "unlinked", "dismissed", "void", "amend"]))
        if action in ("void", "amend"):
            known = first if action == "amend" else [*first, *more]
            of = draw(st.sampled_from([one for one in known if one.version == 1]))
            if of in [one for one, _ in corrected(more, first)]:
                continue
            alike = [one.data for one in (*first, *more) if one.type == of.type and one.data]
            says = msgspec.Raw(draw(st.sampled_from(alike)))
            more.append(void(position, of) if action == "void" else amended(position, of, says))
        elif action == "dismissed":
            more.append(ruling(position, action, record=draw(one_of_them)))
        else:
            pair = {"observed": draw(one_of_them), "decided": draw(one_of_them)}
            more.append(ruling(position, action, **pair))
    return definition, first, more


def corrected(more, first):
    known = {one.record: one for one in (*first, *more) if one.version == 1}
    return [(known[one.record], one) for one in more if one.version > 1]


def shown(fold):
    return board(fold, "combined"), board(fold, "reconciliation")


@settings(max_examples=300)  # rare: turns, rulings and corrections must fall together
@given(stories(), st.randoms())
def test_any_order_of_arrival_and_any_time_of_looking_give_the_same(story, random):
    definition, first, more = story
    whole = shown(feed(competition(definition), [*first, *more]))
    records = [*first, *(one for one in more if one.version == 1)]
    shuffled = random.sample(records, len(records))
    fold = competition(definition)
    for one in [*shuffled, *(one for one in more if one.version > 1)]:
        feed(fold, [one])
        contest = fold.contests["r1"]
        if random.random() < 0.5:
            contest.reconciliation.settle(contest.states, random.choice([1, None]))
    assert shown(fold) == whole


@given(stories(TOLD[:1]))
def test_nothing_is_combined_twice_or_both_combined_and_waiting(story):
    _, first, more = story
    fold = golf(*first, *more)
    rows, waits = board(fold, "combined")["rows"], board(fold, "reconciliation")
    used = [*rows, *(decided for row in rows.values() for decided in row["decided"])]
    gone = {of.record for of, version in corrected(more, first) if version.action == "void"}
    every = sorted([*used, *waits["rows"], *waits["dismissed"]])
    assert every == sorted({one.record for one in first} - gone)
