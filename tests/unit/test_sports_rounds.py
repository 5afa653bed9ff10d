"""Alliances: who gets which score, averages and sums, what contradicts."""

import msgspec
import pytest

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant, Group
from scoreboard.sports.rounds import Rounds, RoundsParams
from scoreboard.sports.sport import Fact

KINDS = {kind.type: kind for kind in Rounds.fact_kinds}
TEAMS = ["ada", "bel", "cyd", "dan"]


def sport(**params):
    return Rounds(msgspec.convert({"side_size": 2, **params}, RoundsParams))


def contest(id_="m1", entrants=TEAMS, **more):
    return Contest(id=id_, entrants=list(entrants), **more)


def said(type_, at=0, **data):
    return (type_, at, data)


def result(red, blue):
    return [
        said("result", side="red", points={"all": red}),
        said("result", side="blue", points={"all": blue}),
    ]


def facts(told, id_="m1"):
    return [
        Fact(
            record=f"{id_}/{number}",
            type=f"rounds.{type_}",
            payload=KINDS[f"rounds.{type_}"].read(msgspec.json.encode(data)),
            contest=id_,
            position=number,
            time=at,
            source="field",
            id=f"{number:04}",
        )
        for number, (type_, at, data) in enumerate(told)
    ]


def played(rounds, told, contest_=None):
    contest_ = contest_ or contest()
    match, flags = rounds.start(contest_), {}
    for fact in sorted(facts(told, contest_.id), key=rounds.sort_key):
        if found := rounds.apply(match, fact):
            flags[fact.position] = found
    return {"": match}, flags


def table(rounds, *matches):
    """Rows by entrant; each match is a contest and what was said of it."""
    competition = Competition(
        slug="r",
        name="R",
        sport="rounds",
        entrants=[Entrant(id=id_, name=id_) for id_ in TEAMS],
        contests=[contest_ for contest_, _ in matches],
    )
    states = {c.id: played(rounds, told, c)[0] for c, told in matches}
    return {row.entrant: row for row in rounds.standings(Definition(competition), states)}


def test_everyone_gets_the_score_of_the_own_side():
    rows = table(
        sport(),
        (contest("m1"), result(10, 5)),
        (contest("m2", ["ada", "cyd", "bel", "dan"]), result(7, 8)),
    )
    assert {e: (r.figures["sum"], r.figures["average"]) for e, r in rows.items()} == {
        "ada": (17, 8.5),
        "bel": (18, 9),
        "cyd": (12, 6),
        "dan": (13, 6.5),
    }
    assert [(e, r.rank) for e, r in rows.items()] == [
        ("bel", 1),
        ("ada", 2),
        ("dan", 3),
        ("cyd", 4),
    ]


def test_ranks_go_by_the_exact_average_and_not_by_the_rounded_one():
    matches = [
        (contest(f"m{n}", ["ada", "bel"]), result(red, blue))
        for n, (red, blue) in enumerate([(1, 1), (1, 1), (2, 1)])
    ]
    rows = table(sport(side_size=1, decimals=0), *matches)
    assert [rows[e].figures["average"] for e in ("ada", "bel")] == [1, 1]
    assert [rows[e].rank for e in ("ada", "bel")] == [1, 2]


def test_points_for_wins_and_draws_may_rank():
    rows = table(
        sport(rank="win_points", win=3),
        (contest("m1"), result(10, 5)),
        (contest("m2", ["ada", "cyd", "bel", "dan"]), result(7, 7)),
    )
    assert {e: r.figures["win_points"] for e, r in rows.items()} == {
        "ada": 4,
        "bel": 4,
        "cyd": 1,
        "dan": 1,
    }


def test_equals_are_parted_by_a_category_and_the_row_says_so():
    told = [
        said("result", side="red", points={"tote": 6, "auto": 4}),
        said("result", side="blue", points={"tote": 8, "auto": 2}),
    ]
    rows = table(sport(ties=["auto"]), (contest(), told))
    assert (rows["ada"].rank, rows["cyd"].rank) == (1, 3)
    assert rows["cyd"].decided == "auto"
    assert rows["cyd"].figures["auto"] == 2


def test_an_absent_entrant_gets_nothing_and_a_surrogates_match_does_not_count():
    lineup = said("lineup", side="red", entrants=["ada"], surrogates=["bel"])
    rows = table(sport(), (contest(), [lineup, said("barred", entrant="ada"), *result(10, 5)]))
    assert (rows["ada"].figures["played"], rows["ada"].figures["sum"]) == (1, 0)
    assert rows["bel"].figures["played"] == 0


def test_only_what_is_over_and_counts_is_in_the_table():
    under_way = [said("scored", side="red", points=5)]
    assert table(sport(), (contest(), under_way))["ada"].figures["played"] == 0
    assert table(sport(live_counts=True), (contest(), under_way))["ada"].figures["sum"] == 5
    final = contest("final", params={"counts": False})
    assert table(sport(), (final, result(1, 2)))["ada"].figures["played"] == 0


def test_a_match_of_no_group_counts_for_everybodys_own_and_who_has_none_is_beside_the_groups():
    rounds = sport()
    mixed, own = (
        contest("m1"),
        contest("m2", ["ada", "eve"], group="green", params={"side_size": 1}),
    )
    competition = Competition(
        slug="r",
        name="R",
        sport="rounds",
        entrants=[Entrant(id=id_, name=id_) for id_ in (*TEAMS, "eve", "fay")],
        groups=[
            Group(id="green", name="Green", entrants=["ada", "cyd"]),
            Group(id="blue", name="Blue", entrants=["bel"]),
        ],
        contests=[mixed, own],
    )
    states = {c.id: played(rounds, result(10, 5), c)[0] for c in (mixed, own)}
    rows = rounds.standings(Definition(competition), states)
    assert [(r.group, r.entrant, r.rank, r.figures["sum"]) for r in rows] == [
        ("green", "ada", 1, 20),
        ("green", "cyd", 2, 5),
        ("green", "eve", 2, 5),
        ("blue", "bel", 1, 10),
        ("", "dan", 1, 5),
        ("", "fay", 2, 0),
    ]


def test_an_official_result_stands_above_what_was_counted_and_shows_both():
    told = [said("scored", side="red", points=5), *result(7, 0)]
    rounds = sport()
    states, flags = played(rounds, told)
    assert flags == {1: ("differs-from-scored",)}
    assert rounds.box(contest(), states)["sides"]["red"] == {
        "entrants": ["ada", "bel"],
        "score": 7,
        "points": {"all": 7},
        "counted": 5,
    }


def test_the_winners_come_first_and_a_draw_places_nobody():
    rounds = sport()
    assert rounds.placings(contest(), played(rounds, result(1, 2))[0]) == [
        "cyd",
        "dan",
        "ada",
        "bel",
    ]
    assert rounds.placings(contest(), played(rounds, result(2, 2))[0]) == ()
    assert rounds.placings(contest(), {}) == ()


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ([said("scored", side="green", points=1)], "unknown-side"),
        ([said("ended", 5), said("scored", 6, side="red", points=1)], "after-end"),
        ([said("ended"), said("ended")], "second-end"),
        ([said("barred", entrant="eve")], "not-in-lineup"),
        ([said("lineup", side="red", entrants=["ada", "cyd"])], "on-two-sides"),
        (
            [
                said("lineup", side="red", entrants=["ada"]),
                said("lineup", side="red", entrants=["bel"]),
            ],
            "second-lineup",
        ),
        ([*result(1, 2), said("result", side="red", points={"all": 2})], "second-result"),
    ],
)
def test_what_makes_no_sense_is_kept_and_flagged(told, flag):
    rounds = sport()
    states, flags = played(rounds, told)
    assert list(flags.values()) == [(flag,)]
    assert rounds.box(contest(), states)


def test_the_timeline_has_the_running_score():
    told = [
        said("ended", 9),
        said("scored", 2, side="blue", points=3, category="tote"),
        said("scored", 1, side="red", points=-1),
    ]
    rounds = sport()
    ordered = sorted(facts(told), key=rounds.sort_key)
    assert [(h.text, h.score) for h in rounds.timeline(contest(), ordered)] == [
        ("red: -1 points", "-1-0"),
        ("blue: +3 tote", "-1-3"),
        ("End", "-1-3"),
    ]


def test_a_side_named_twice_is_refused():
    with pytest.raises(msgspec.ValidationError, match="twice"):
        sport(sides=["red", "red"])
