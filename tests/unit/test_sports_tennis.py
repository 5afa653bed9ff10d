"""Tennis and other games of sets: every format against a plain scorer, score lines, nonsense."""

import random

import msgspec
import plain_tennis
import pytest
from plain_tennis import FORMATS, Plain, winners_of

from scoreboard.facts.competition import Competition, Contest, Definition
from scoreboard.sports.sport import Fact, params_of
from scoreboard.sports.tennis import Tennis
from scoreboard.sports.tennis.facts import Ended, Let, Penalty, Point, Server

KINDS = {kind.newest: kind for kind in Tennis.fact_kinds}
SIDES = ("ada", "bel")
MATCH = Contest(id="m", entrants=list(SIDES))


def tennis(form=None):
    return Tennis(params_of(Tennis, form or {}))


def fact(number, payload, contest="m"):
    return Fact(
        record=f"u/{number}",
        type=KINDS[type(payload)].type,
        payload=payload,
        contest=contest,
        position=number,
        time=number,
        source="u",
        id=f"{number:05}",
    )


def fold(sport, payloads, contest=MATCH):
    """The state, and flags by the payload's place."""
    state, flags = sport.start(contest), {}
    told = [fact(n, payload, contest.id) for n, payload in enumerate(payloads)]
    for one in sorted(told, key=sport.sort_key):
        if found := sport.apply(state, one):
            flags[one.position] = found
    return {"": state}, flags


def points(winners, first=1):
    return [Point(number=n, winner=SIDES[w]) for n, w in enumerate(winners, first)]


def line(payloads, form=None):
    sport = tennis(form)
    return sport.line(MATCH, fold(sport, payloads)[0])


def box(payloads, form=None):
    sport = tennis(form)
    return sport.box(MATCH, fold(sport, payloads)[0])


# every format ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", FORMATS)
def test_a_generated_match_is_scored_as_a_plain_scorer_does(name, seed):
    form, chance = FORMATS[name], random.Random(f"{name} {seed}")
    bias = chance.uniform(0.44, 0.56)
    winners = [int(chance.random() < bias) for _ in range(1_500)]
    plain = Plain(form, winners, first=0)
    assert plain.winner is not None
    sport = tennis(form)
    state = sport.start(MATCH)
    sport.apply(state, fact(0, Server(entrant="ada")))
    for number, point in enumerate(points(winners[: plain.used]), 1):
        shown = sport.line(MATCH, {"": state})
        assert shown["server"] == SIDES[plain.servers[number - 1]], number
        assert sport.apply(state, fact(number, point)) == ()
    shown = sport.line(MATCH, {"": state})
    assert shown["winner"] == SIDES[plain.winner]
    assert list(shown["sets"].values()) == plain.sets
    assert {int(n): s for n, s in shown.get("tie_breaks", {}).items()} == plain.tie_breaks
    rows = sport.box(MATCH, {"": state})["rows"]
    assert [rows[side]["breaks"] for side in SIDES] == plain.breaks
    assert sport.apply(state, fact(9_999, points([0], plain.used + 1)[0])) == ("after-the-match",)


@pytest.mark.parametrize("name", FORMATS)
def test_a_match_cut_off_anywhere_stands_as_a_plain_scorer_says(name):
    form, chance = FORMATS[name], random.Random(name)
    winners = [chance.randrange(2) for _ in range(120)]
    for cut in range(0, 120, 7):
        plain = Plain(form, winners[:cut], first=0)
        sport = tennis(form)
        states, _ = fold(sport, points(winners[: plain.used]))
        begun = plain.sets if any(plain.sets[-1]) or any(plain.game) else plain.sets[:-1]
        assert list(sport.line(MATCH, states)["sets"].values()) == begun
        assert states[""].points == plain.game


@pytest.mark.parametrize(
    ("form", "written", "by_points", "winner"),
    [
        ("tour", "6-4 3-6 7-6(5)", (), "ada"),
        ("tour", "7-6(12) 7-5", (), "ada"),
        ("twelve all", "7-6(5) 1-6 7-6(4) 4-6 13-12(3)", (), "ada"),
        ("advantage final", "6-4 3-6 6-7(7) 7-6(3) 70-68", (), "ada"),
        ("doubles", "6-2 6-7(5) [8-10]", (3,), "bel"),
        ("doubles", "6-2 6-7(5) [15-13]", (3,), "ada"),
        ("fast", "4-3(4) 2-4 [10-3]", (3,), "ada"),
        ("pro set", "9-8(2)", (), "ada"),
        ("volleyball", "25-23 20-25 25-17 32-34 15-13", (1, 2, 3, 4, 5), "ada"),
        ("badminton", "19-21 30-29 22-24", (1, 2, 3), "bel"),
        ("table tennis", "11-9 9-11 15-13 11-4 11-0", (1, 2, 3, 4, 5), "ada"),
    ],
)
def test_score_lines_made_by_hand(form, written, by_points, winner):
    shown = line(points(winners_of(written, by_points)), FORMATS[form])
    assert (shown["score"], shown.get("winner")) == (written, winner)


# games -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("winners", "advantage", "called", "games"),
    [
        ([], True, ["0", "0"], [0, 0]),
        ([0, 0, 1], True, ["30", "15"], [0, 0]),
        ([0, 0, 0, 1, 1, 1], True, ["40", "40"], [0, 0]),
        ([0, 0, 0, 1, 1, 1, 1], True, ["40", "A"], [0, 0]),
        ([0, 0, 0, 1, 1, 1, 1, 0], True, ["40", "40"], [0, 0]),
        ([0, 0, 0, 1, 1, 1, 1, 1], True, ["0", "0"], [0, 1]),
        ([0, 0, 0, 1, 1, 1, 1], False, ["0", "0"], [0, 1]),
    ],
)
def test_points_are_called_as_umpires_do(winners, advantage, called, games):
    shown = line(points(winners), {"advantage": advantage})
    assert shown["points"] == called
    assert shown["sets"].get("1", [0, 0]) == games


def test_points_in_a_tie_break_are_plain_numbers():
    shown = line(points([*winners_of("6-6"), 0, 0, 1]))
    assert (shown["points"], shown["tie_breaks"]) == (["2", "1"], {"1": [2, 1]})


# what else happens -----------------------------------------------------------------------------


def test_lets_and_replayed_points_are_nobodys():
    told = [*points([0, 0]), Let(number=3, reason="ball on court"), *points([1], first=4)]
    shown = box(told)
    assert (shown["points"], shown["lets"], shown["points_played"]) == (["30", "15"], 1, 3)


def test_a_point_that_was_forgotten_is_put_in_afterwards():
    told = [*points([0, 0, 0, 0]), Point(number=2, part=1, winner="bel")]
    sport = tennis()
    states, flags = fold(sport, told)
    assert sport.line(MATCH, states)["sets"] == {"1": [1, 0]}
    assert flags == {}


def test_a_penalty_costs_a_point_or_a_game():
    told = [*points([0, 0, 0]), Penalty(number=4, entrant="bel")]
    assert line(told)["sets"] == {"1": [1, 0]}
    assert line([*points([0, 0, 0]), Penalty(number=4, entrant="ada", lost="game")])["sets"] == {
        "1": [0, 1]
    }


@pytest.mark.parametrize("how", ["retired", "defaulted", "walkover"])
def test_a_side_that_does_not_go_on_loses_at_the_score_as_it_is(how):
    told = [*points([0] * 9), Ended(entrant="ada", how=how)]
    shown = line(told)
    assert (shown["winner"], shown["ended"], shown["score"]) == ("bel", how, "2-0")
    sport = tennis()
    states, _ = fold(sport, told)
    assert sport.status(MATCH, states) == "finished"
    assert sport.placings(MATCH, states) == ("bel", "ada")


def test_serve_breaks_and_momentum_are_in_the_box():
    told = [Server(entrant="ada")]
    told += [Point(number=1, winner="ada", how="ace"), *points([1, 1, 1], first=2)]
    told += [Point(number=5, winner="bel", how="double_fault"), *points([0], first=6)]
    shown = box(told)
    ada, bel = shown["rows"]["ada"], shown["rows"]["bel"]
    assert (ada["serves"], ada["serves_won"], ada["aces"], ada["double_faults"]) == (5, 1, 1, 1)
    assert (bel["chances"], bel["breaks"], bel["longest"], bel["serves"]) == (1, 1, 4, 1)
    assert (ada["recent"], ada["streak"], bel["recent"], bel["streak"]) == (2, 1, 4, 0)
    assert shown["server"] == "bel"


def test_a_break_point_is_shown_while_it_lasts():
    told = [Server(entrant="ada"), *points([1, 1, 1])]
    assert line(told)["break_point"] is True
    assert "break_point" not in line(told[:-1])


def test_who_serves_is_not_made_up():
    assert "server" not in line(points([0, 1]))


def test_the_server_of_a_later_set_can_be_told():
    told = [Server(entrant="ada"), Server(entrant="ada", set=2), *points(winners_of("6-1"))]
    assert line(told)["server"] == "ada"
    assert line([*told[:1], *told[2:]])["server"] == "bel"


def test_the_timeline_has_the_score_after_every_point():
    sport = tennis()
    told = [fact(n, p) for n, p in enumerate(points([0, 0, 1, 0, 0]))]
    assert [h.score for h in sport.timeline(MATCH, told)] == [
        "0-0 15-0",
        "0-0 30-0",
        "0-0 30-15",
        "0-0 40-15",
        "1-0",
    ]


# tables ----------------------------------------------------------------------------------------


def table(results, form):
    """Rows by entrant from score lines by pair of sides."""
    sport = tennis(form)
    contests = [Contest(id=f"{a}{b}", entrants=[a, b]) for a, b in results]
    competition = Competition(slug="t", name="T", sport="tennis", contests=contests)
    states = {}
    for contest, written in zip(contests, results.values(), strict=True):
        sets = range(1, len(written.split()) + 1)
        told = [
            Point(number=n, winner=contest.entrants[w])
            for n, w in enumerate(winners_of(written, sets), 1)
        ]
        states[contest.id] = fold(sport, told, contest)[0]
    return {row.entrant: row for row in sport.standings(Definition(competition), states)}


def test_a_volleyball_table_gives_three_two_one_and_parts_by_ratios():
    league = {"win": 3, "narrow_win": 2, "narrow_loss": 1, "ties": ["wins", "points", "set_ratio"]}
    sweep, narrow = "25-0 25-0 25-0", "25-0 0-25 25-0 0-25 15-0"
    results = {("a", "b"): narrow, ("c", "d"): sweep, ("e", "f"): "25-0 0-25 25-0 25-0"}
    rows = table(results, FORMATS["volleyball"] | league)
    assert {e: (r.rank, r.figures["points"]) for e, r in rows.items()} == {
        "c": (1, 3),
        "e": (2, 3),
        "a": (3, 2),
        "b": (4, 1),
        "f": (5, 0),
        "d": (6, 0),
    }
    assert {e: r.decided for e, r in rows.items() if r.decided} == {
        "c": "set_ratio",
        "e": "set_ratio",
        "a": "points",
        "b": "points",
        "f": "set_ratio",
        "d": "set_ratio",
    }


def test_a_match_tie_break_is_one_set_and_one_game_in_box_and_table():
    """ITF Rules of Tennis, Appendix V: one tie-break game replaces the deciding set."""
    sport = tennis({"set": {"to": 2}, "final": {"by": "points", "to": 10}})
    told = points([0] * 8 + [1] * 8 + [0, 1] * 9 + [0, 0])
    states = {"m": fold(sport, told)[0]}
    box = sport.box(MATCH, states["m"])
    assert (box["sets"]["3"], box["score"], box["sets_won"]) == ([11, 9], "2-0 0-2 [11-9]", [2, 1])
    assert [box["rows"][side]["games"] for side in MATCH.entrants] == [3, 2]
    competition = Competition(slug="t", name="T", sport="tennis", contests=[MATCH])
    rows = {row.entrant: row.figures for row in sport.standings(Definition(competition), states)}
    home, away = MATCH.entrants
    assert (rows[home]["sets"], rows[away]["sets"]) == (2, 1)
    assert (rows[home]["games"], rows[home]["games_against"]) == (3, 2)
    assert (rows[away]["games"], rows[away]["games_against"]) == (2, 3)


def test_the_order_of_service_goes_on_in_a_match_tie_break():
    sport = tennis({"set": {"to": 2}, "final": {"by": "points", "to": 10}})
    told = [Server(entrant=MATCH.entrants[0]), *points([0] * 8 + [0] * 4 + [1] * 12)]
    states, _ = fold(sport, told)
    assert sport.line(MATCH, states)["sets"] == {"1": [2, 0], "2": [1, 3]}
    assert sport.line(MATCH, states)["server"] == MATCH.entrants[0]


def test_a_match_tie_break_that_nobody_won_is_nobodys_game():
    sport = tennis({"set": {"to": 2}, "final": {"by": "points", "to": 10}})
    told = [*points([0] * 8 + [1] * 8 + [0] * 5), Ended(entrant=MATCH.entrants[0])]
    states = {"m": fold(sport, told)[0]}
    competition = Competition(slug="t", name="T", sport="tennis", contests=[MATCH])
    rows = {row.entrant: row.figures for row in sport.standings(Definition(competition), states)}
    home, away = (rows[side] for side in MATCH.entrants)
    assert (home["games"], away["games"], home["sets"], away["sets"]) == (2, 2, 1, 1)
    assert (away["won"], sport.line(MATCH, states["m"])["score"]) == (1, "2-0 0-2 [5-0]")


def test_a_match_under_way_is_not_in_the_table():
    rows = table({("a", "b"): "21-0"}, FORMATS["badminton"])
    assert {e: r.figures["played"] for e, r in rows.items()} == {"a": 0, "b": 0}


# nonsense --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payloads", "flag"),
    [
        ([Point(number=1, winner="cyd")], "unknown-side"),
        ([Point(number=1, winner="ada"), Point(number=1, winner="bel")], "number-repeated"),
        ([Point(number=1, winner="ada"), Point(number=3, winner="bel")], "numbers-missing"),
        ([Server(entrant="ada"), Server(entrant="bel")], "second-server"),
        ([Ended(entrant="ada"), Ended(entrant="bel")], "after-the-match"),
        (
            [Server(entrant="ada"), Point(number=1, winner="bel", how="ace")],
            "not-the-one-who-serves",
        ),
    ],
)
def test_nonsense_is_flagged_on_its_own_record(payloads, flag):
    assert fold(tennis(), payloads)[1] == {len(payloads) - 1: (flag,)}


def test_a_game_cannot_be_lost_where_there_are_none():
    told = [Penalty(number=1, entrant="ada", lost="game")]
    assert fold(tennis(FORMATS["badminton"]), told)[1] == {0: ("no-games-to-lose",)}


def test_a_doubled_point_counts_once():
    assert line([*points([0, 0]), *points([0], first=2)])["points"] == ["30", "0"]


def test_an_unplanned_match_takes_the_first_two_sides():
    sport = tennis()
    contest = Contest(id="late")
    states, flags = fold(sport, points([0, 1]), contest)
    assert (sport.line(contest, states)["sides"], flags) == (["ada", "bel"], {})


@pytest.mark.parametrize(
    "params", [{"sets": 2}, {"set": {"by": "points", "to": 21, "cap": 20}}, {"set": {"to": 0}}]
)
def test_a_format_that_cannot_be_played_is_refused(params):
    with pytest.raises(msgspec.ValidationError):
        params_of(Tennis, params)


def test_the_plain_scorer_itself_knows_a_famous_line():
    winners = winners_of("7-6(5) 1-6 7-6(4) 4-6 13-12(3)")
    plain = plain_tennis.Plain(FORMATS["twelve all"], winners, first=0)
    assert plain.sets == [[7, 6], [1, 6], [7, 6], [4, 6], [13, 12]]
    assert (plain.winner, plain.used) == (0, len(winners))
