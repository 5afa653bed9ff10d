"""Golf: cards and leaderboards, matches hole by hole, raises, nonsense."""

import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant, Group
from scoreboard.sports.golf import Golf
from scoreboard.sports.golf.facts import (
    Carded,
    Conceded,
    Declined,
    Holed,
    Penalty,
    PlayOff,
    Raised,
    Shot,
    Status,
    Stroke,
)
from scoreboard.sports.sport import Fact, params_of

KINDS = {kind.newest: kind for kind in Golf.fact_kinds}
MATCH = Contest(id="m", entrants=["ada", "bel"])


def golf(**params):
    return Golf(params_of(Golf, params))


def fold(sport, payloads, contest=MATCH):
    """States by key, and flags by the payload's place."""
    told = [
        Fact(
            record=f"r/{n}",
            type=KINDS[type(payload)].type,
            payload=payload,
            contest="" if contest.id == "outside" else contest.id,
            position=n,
            time=n,
            source="r",
            id=f"{n:03}",
        )
        for n, payload in enumerate(payloads)
    ]
    states, flags = {}, {}
    for fact in sorted(told, key=sport.sort_key):
        key = sport.fold_key(fact)
        if key not in states:
            states[key] = sport.start(contest)
        if found := sport.apply(states[key], fact):
            flags[fact.position] = found
    return states, flags


# strokes ---------------------------------------------------------------------------------------


def strokes(entrant, *taken, first=1):
    return [Holed(entrant=entrant, hole=n, strokes=s) for n, s in enumerate(taken, first)]


def test_the_stroke_that_is_holed_scores_the_hole_and_shots_count_for_nothing():
    told = [Stroke(entrant="ada", hole=1, number=n, holed=n == 5) for n in (1, 2, 4, 5)]
    told += [Shot(entrant="ada", hole=1, number=n, carry=200.0) for n in (1, 2, 3, 4, 5, 6)]
    told += [Stroke(entrant="ada", hole=2, number=1)]
    rows = leaderboard({"r1": told})
    assert rows["ada"].figures == leaderboard({"r1": strokes("ada", 5)})["ada"].figures


def test_a_hole_that_is_scored_by_strokes_and_by_its_score_is_flagged():
    told = [Stroke(entrant="ada", hole=1, number=4, holed=True), *strokes("ada", 4)]
    _, flags = fold(golf(pars=[4, 4, 3]), told)
    assert list(flags.values()) == [("second-score",)]


def test_a_match_is_decided_by_strokes_too():
    sport = golf(play="match", pars=[4])
    told = [Stroke(entrant=e, hole=1, number=n, holed=True) for e, n in (("ada", 3), ("bel", 4))]
    states, _ = fold(sport, told)
    assert sport.line(MATCH, states)["winner"] == "ada"


def leaderboard(rounds, groups=(), **params):
    """Rows by entrant from payloads by round; the round "" is outside."""
    sport = golf(pars=[4, 4, 3], **params)
    contests = [Contest(id=id_) for id_ in rounds if id_]
    entrants = [Entrant(id=id_, name=id_) for id_ in ("ada", "bel", "cyd")]
    definition = Definition(
        Competition(
            slug="g",
            name="G",
            sport="golf",
            entrants=entrants,
            contests=contests,
            groups=list(groups),
        )
    )
    states = {
        id_: fold(sport, told, Contest(id=id_ or "outside"))[0] for id_, told in rounds.items()
    }
    return {row.entrant: row for row in sport.standings(definition, states)}


def ranks(rows):
    return {entrant: row.rank for entrant, row in rows.items()}


def test_a_round_under_way_ranks_by_strokes_to_par_not_by_strokes():
    rows = leaderboard({"r1": [*strokes("ada", 4, 5, 3), *strokes("bel", 4)]})
    assert ranks(rows) == {"bel": 1, "ada": 2, "cyd": 3}
    assert rows["ada"].figures["to_par"] == 1
    assert (rows["bel"].figures["thru"], rows["cyd"].figures["status"]) == (1, "waiting")


def test_rounds_add_up_and_each_has_its_figure():
    rows = leaderboard({"r1": strokes("ada", 4, 4, 4), "r2": strokes("ada", 3, 4, 3)})
    figures = rows["ada"].figures
    assert (figures["total"], figures["round1"], figures["round2"]) == (22, 12, 10)
    assert figures["to_par"] == 0


def test_penalty_strokes_and_a_signed_card():
    told = [*strokes("ada", 4, 4, 3), Penalty(entrant="ada", strokes=2)]
    assert leaderboard({"r1": told})["ada"].figures["total"] == 13
    signed = [*told, Carded(entrant="ada", total=12, reason="committee")]
    figures = leaderboard({"r1": signed})["ada"].figures
    assert (figures["total"], figures["round1_holes"]) == (12, 13)
    assert fold(golf(pars=[4, 4, 3]), signed)[1] == {4: ("card-differs-from-holes",)}


def test_penalties_can_be_taken_back_but_no_strokes_that_were_played():
    told = [*strokes("ada", 4, 4, 3), *(Penalty(entrant="ada", strokes=n) for n in (2, -2))]
    assert leaderboard({"r1": told})["ada"].figures["total"] == 11
    assert fold(golf(pars=[4, 4, 3]), told)[1] == {}
    told.append(Penalty(entrant="ada", strokes=-50))
    assert leaderboard({"r1": told})["ada"].figures["total"] == 11
    assert fold(golf(pars=[4, 4, 3]), told)[1] == {5: ("more-strokes-taken-back-than-given",)}


def test_those_who_are_out_come_after_all_others_by_kind():
    told = [*strokes("ada", 3), Status(entrant="ada", status="wd"), *strokes("bel", 9)]
    told += [Status(entrant="cyd", status="dq")]
    assert ranks(leaderboard({"r1": told})) == {"bel": 1, "ada": 2, "cyd": 3}


def test_no_round_waits_for_who_withdrew_and_who_misses_one_has_no_place():
    ids = ["ada", "bel", "cyd"]
    first, second = Contest(id="r1", entrants=ids), Contest(id="r2", entrants=["ada", "bel"])
    entrants = [Entrant(id=id_, name=id_, withdrawn=id_ != "ada") for id_ in ids]
    competition = Competition(
        slug="g", name="g", sport="golf", entrants=entrants, contests=[first, second]
    )
    sport = golf(pars=[4, 4])
    whole = [one for id_ in ids for one in strokes(id_, 5, 5)]
    states = {
        "r1": fold(sport, whole, first)[0],
        "r2": fold(sport, [*strokes("ada", 5, 5), *strokes("bel", 3)], second)[0],
    }
    assert sport.status(second, states["r2"]) == "live"
    sport.enrol(Definition(competition))
    assert sport.status(second, states["r2"]) == "finished"
    rows = sport.standings(Definition(competition), states)
    assert [(r.entrant, r.rank, r.unplaced, r.figures["status"]) for r in rows] == [
        ("cyd", 1, False, "in"),
        ("ada", 2, False, "in"),
        ("bel", 3, True, "wd"),
    ]


def test_a_play_off_parts_the_winner_and_the_others_stay_equal():
    told = [s for e in ("ada", "bel", "cyd") for s in strokes(e, 4, 4, 3)]
    rows = leaderboard({"r1": told, "": [PlayOff(order=["cyd"])]})
    assert ranks(rows) == {"cyd": 1, "ada": 2, "bel": 2}
    assert (rows["cyd"].decided, rows["ada"].tied) == ("play_off", True)


def test_card_back_looks_at_the_last_holes():
    told = [*strokes("ada", 4, 5, 3), *strokes("bel", 4, 4, 4)]
    rows = leaderboard({"r1": told}, ties=["card_back"])
    assert ranks(rows) == {"ada": 1, "bel": 2, "cyd": 3}
    assert rows["ada"].decided == "card_back"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(strokes("bel", 4, 4), id="still under way"),
        pytest.param([Carded(entrant="bel", total=11)], id="no holes told"),
        pytest.param([*strokes("bel", 3, 4, 4), Status(entrant="bel", status="cut")], id="cut"),
    ],
)
def test_card_back_parts_nobody_before_all_have_every_hole_of_the_round(other):
    rows = leaderboard({"r1": [*strokes("ada", 4, 4, 3), *other]}, ties=["card_back"])
    assert not any(row.decided == "card_back" for row in rows.values())
    assert (rows["ada"].rank, rows["ada"].tied) == (1, rows["bel"].rank == 1)


def test_who_is_out_is_parted_by_no_card_back():
    told = [*strokes("ada", 4, 4, 4), *strokes("bel", 5, 5, 5)]
    told += [Status(entrant=e, status="dq") for e in ("ada", "bel")]
    rows = leaderboard({"r1": told}, ties=["card_back"])
    assert ranks(rows) == {"cyd": 1, "ada": 2, "bel": 2}


def test_groups_are_ranked_by_themselves():
    told = [*strokes("ada", 4), *strokes("bel", 5), *strokes("cyd", 6)]
    groups = [Group(id="pro", name="Pro", entrants=["ada"])]
    assert ranks(leaderboard({"r1": told}, groups)) == {"bel": 1, "cyd": 2, "ada": 1}


# matches ---------------------------------------------------------------------------------------


def holes(results):
    """A match from a text: `a` and `b` win a hole, `-` halves it."""
    told = []
    for hole, winner in enumerate(results, 1):
        for side, letter in (("ada", "a"), ("bel", "b")):
            told.append(Holed(entrant=side, hole=hole, strokes=3 if winner == letter else 4))
    return told


def line(told, **params):
    sport = golf(play="match", **params)
    states, _ = fold(sport, told)
    return sport.line(MATCH, states) | {"is": sport.status(MATCH, states)}


@pytest.mark.parametrize(
    ("results", "status", "over"),
    [
        ("", "all square", False),
        ("a", "1 up", False),
        ("ab--", "all square", False),
        ("bbb", "3 up", False),
        ("aa" + "-" * 14, "2 up, dormie", False),
        ("aaa" + "-" * 13, "3 & 2", True),
        ("a" * 10, "10 & 8", True),
        ("a" + "-" * 17, "1 up", True),
        ("aa" + "-" * 15, "2 & 1", True),
        ("aa" + "-" * 14 + "b-", "1 up", True),
        ("-" * 17 + "a", "1 up", True),
        ("-" * 18, "all square", True),
    ],
)
def test_the_status_of_a_match(results, status, over):
    shown = line(holes(results))
    assert (shown["status"], shown["is"] == "finished") == (status, over)


def test_a_match_that_may_not_be_halved_goes_on_to_extra_holes():
    level = "-" * 18
    assert line(holes(level), halved=False)["is"] == "live"
    assert line(holes(level + "-b"), halved=False)["status"] == "1 up after 20"
    assert line(holes(level + "-b"), halved=False)["winner"] == "bel"


def test_holes_and_matches_can_be_conceded():
    told = [*holes("a"), Conceded(entrant="bel", hole=2)]
    assert line(told)["status"] == "2 up"
    shown = line([*told, Conceded(entrant="ada")])
    assert (shown["status"], shown["winner"], shown["is"]) == ("conceded", "bel", "finished")
    assert line([Status(entrant="ada", status="wd")])["winner"] == "bel"


def test_a_hole_that_is_still_to_be_told_counts_as_left():
    told = [fact for fact in holes("aaa" + "-" * 13) if fact.hole != 9]
    assert line(told)["status"] == "3 up, dormie"


def test_holes_whose_worth_is_raised():
    params = {"count": "points", "raise_max": 2, "pars": [4] * 3}
    told = [*holes("a"), Raised(entrant="bel", hole=1), Raised(entrant="ada", hole=1)]
    assert line(told, **params)["won"] == [3, 0]
    declined = [Raised(entrant="ada", hole=2), Declined(entrant="bel", hole=2)]
    shown = line([*told, *declined], **params)
    assert (shown["won"], shown["is"]) == ([4, 0], "live")
    third = [Holed(entrant=e, hole=3, strokes=n) for e, n in (("ada", 4), ("bel", 3))]
    shown = line([*told, *declined, *third], **params)
    assert (shown["status"], shown["winner"], shown["is"]) == ("4-1", "ada", "finished")


def test_the_best_ball_of_a_side_counts_in_four_ball():
    told = [Holed(entrant="ada", hole=1, strokes=s, player=p) for s, p in ((5, "A"), (3, "B"))]
    told += [Holed(entrant="bel", hole=1, strokes=4, player=p) for p in ("C", "D")]
    assert line(told, balls="best")["leader"] == "ada"
    assert line(told[:1] + told[2:], balls="best")["leader"] == "bel"


def test_alternate_shot_is_one_ball_whoever_plays_it():
    told = [Holed(entrant="ada", hole=1, strokes=3, player="A")]
    told += [Holed(entrant="bel", hole=1, strokes=4, player="C")]
    assert line(told)["leader"] == "ada"


def test_teams_gather_points_and_halves_from_matches_that_are_over():
    sport = golf(play="match", pars=[4, 4])
    entrants = [Entrant(id=i, name=i, team=t) for i, t in (("ada", "red"), ("bel", "blue"))]
    contests = [Contest(id=f"m{n}", entrants=["ada", "bel"]) for n in range(3)]
    definition = Definition(
        Competition(slug="g", name="G", sport="golf", entrants=entrants, contests=contests)
    )
    results = ("a-", "--", "b")
    states = {
        c.id: fold(sport, holes(text), c)[0] for c, text in zip(contests, results, strict=True)
    }
    rows = {row.entrant: row for row in sport.standings(definition, states)}
    assert ranks(rows) == {"red": 1, "blue": 2}
    assert rows["red"].figures == {
        "played": 2,
        "won": 1,
        "halved": 1,
        "lost": 0,
        "points": 1.5,
    }


def test_the_winner_goes_on():
    sport = golf(play="match", pars=[4])
    assert sport.placings(MATCH, fold(sport, holes("b"))[0]) == ["bel", "ada"]
    assert sport.placings(MATCH, fold(sport, holes("-"))[0]) == ()


# nonsense --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "payloads", "flag"),
    [
        ({}, strokes("ada", 4) * 2, "second-score"),
        ({}, strokes("ada", 4, first=19), "no-such-hole"),
        ({}, [Carded(entrant="ada", total=70)] * 2, "second-card"),
        ({}, [Conceded(entrant="ada", hole=1)], "not-match-play"),
        ({}, [Status(entrant="ada", status="reinstated")], "nothing-to-reinstate"),
        ({}, [PlayOff(order=["ada"])], "misplaced"),
        ({"play": "match"}, strokes("cyd", 4), "unknown-side"),
        ({"play": "match"}, [Raised(entrant="ada", hole=1)], "may-not-raise"),
        ({"play": "match"}, [Declined(entrant="ada", hole=1)], "nothing-to-decline"),
        (
            {"play": "match", "raise_max": 3},
            [Raised(entrant="ada", hole=1)] * 2,
            "raised-its-own-raise",
        ),
        (
            {"play": "match"},
            [*holes("a" * 10), Conceded(entrant="ada", hole=11)],
            "after-the-match",
        ),
    ],
)
def test_nonsense_is_flagged_on_its_own_record(params, payloads, flag):
    assert fold(golf(**params), payloads)[1] == {len(payloads) - 1: (flag,)}
