"""Group tables of football, and what parts equals."""

from hypothesis import given
from hypothesis import strategies as st

from scoreboard.facts.competition import Competition, Contest, Definition, Entrant, Group
from scoreboard.sports.football import Football, FootballParams
from scoreboard.sports.football.facts import Card, FullTime, Goal, KickOff, Lots, Walkover
from scoreboard.sports.sport import Fact

KINDS = {kind.newest: kind for kind in Football.fact_kinds}
TEAMS = ["A", "B", "C", "D"]
PAIRS = [(h, a) for n, h in enumerate(TEAMS) for a in TEAMS[n + 1 :]]


def contest(home, away, **more) -> Contest:
    return Contest(id=f"{home}{away}", entrants=[home, away], group="g", **more)


def definition(contests=None) -> Definition:
    return Definition(
        Competition(
            slug="cup",
            name="Cup",
            sport="football",
            groups=[Group(id="g", name="Group", entrants=TEAMS)],
            contests=contests or [contest(*pair) for pair in PAIRS],
        )
    )


def states(football, told, cup):
    """States by contest from payloads by contest."""
    folded = {}
    for id_, payloads in told.items():
        state = football.start(cup.contests.get(id_) or Contest(id=id_))
        facts = [
            Fact(
                record=f"{id_}/{n}",
                type=KINDS[type(payload)].type,
                payload=payload,
                contest=id_,
                position=n,
                time=n,
                source="pad",
                id=str(n),
            )
            for n, payload in enumerate(payloads, 1)
        ]
        for fact in sorted(facts, key=football.sort_key):
            football.apply(state, fact)
        folded[id_] = {"": state}
    return folded


def played(home, away, goals, *more, whistle=True):
    told = [KickOff()]
    for team, count in zip((home, away), goals, strict=True):
        told += [Goal(team=team, minute=10) for _ in range(count)]
    return [*told, *more, *([FullTime()] if whistle else [])]


def table(results, *, ties=None, more=None, cup=None, **params):
    """Rows by entrant from scores such as `{"AB": (1, 0)}`."""
    football = Football(FootballParams(**params, **({"ties": ties} if ties else {})))
    cup = cup or definition()
    told = {pair: played(*pair, goals) for pair, goals in results.items()} | (more or {})
    return {row.entrant: row for row in football.standings(cup, states(football, told, cup))}


def ranks(rows):
    return {entrant: row.rank for entrant, row in rows.items()}


def test_everyone_is_in_the_table_before_the_first_match():
    rows = table({})
    assert ranks(rows) == dict.fromkeys(TEAMS, 1)
    assert all(row.tied and row.figures["played"] == 0 for row in rows.values())


def test_the_figures_of_a_win_a_draw_and_a_defeat():
    rows = table({"AB": (3, 1), "AC": (2, 2), "AD": (0, 1)})
    assert rows["A"].figures == {
        "played": 3,
        "won": 1,
        "drawn": 1,
        "lost": 1,
        "gf": 5,
        "ga": 4,
        "gd": 1,
        "pts": 4,
    }


def test_a_match_under_way_counts_unless_the_competition_says_otherwise():
    live = {"AB": played("A", "B", (1, 0), whistle=False)}
    assert table({}, more=live)["A"].figures["pts"] == 3
    assert table({}, more=live, live_counts=False)["A"].figures["played"] == 0


def test_a_knock_out_does_not_count_for_a_table():
    cup = definition([Contest(id="AB", entrants=["A", "B"])])
    assert table({"AB": (1, 0)}, cup=cup)["A"].figures["played"] == 0


def test_an_abandoned_match_counts_only_as_ruled():
    cup = definition([contest("A", "B", status="abandoned")])
    assert table({"AB": (1, 0)}, cup=cup)["A"].figures["played"] == 0
    rows = table({}, more={"AB": [KickOff(), Walkover(winner="B")]}, cup=cup)
    assert (rows["B"].figures["pts"], rows["B"].figures["gf"]) == (3, 3)


def test_head_to_head_first_puts_the_winner_of_the_direct_match_ahead():
    results = {"AB": (0, 1), "AC": (5, 0), "BD": (0, 1), "CD": (0, 0)}
    by_goals = table(results)
    assert (by_goals["A"].rank, by_goals["B"].rank) == (2, 3)
    assert by_goals["A"].decided == "goal_difference"
    direct = table(results, ties=["points", "head_to_head", "goal_difference"])
    assert (direct["B"].rank, direct["A"].rank) == (2, 3)
    assert direct["B"].decided == "head_to_head"


def test_head_to_head_is_applied_again_to_those_who_stay_equal():
    # A, B and C beat D and each other in a circle. Among the three all have 3 points and goal
    # difference 0; A has 3 goals, B and C have 2. Between B and C alone, B won.
    results = {
        "AB": (2, 1),
        "BC": (1, 0),
        "AC": (1, 2),
        "AD": (1, 0),
        "BD": (1, 0),
        "CD": (1, 0),
    }
    rows = table(results, ties=["points", "head_to_head"])
    assert ranks(rows) == {"A": 1, "B": 2, "C": 3, "D": 4}
    assert [rows[e].decided for e in TEAMS] == ["head_to_head"] * 3 + [""]


def test_fair_play_takes_off_one_deduction_a_player_and_match():
    results = {"AB": (0, 0)}
    cards = [
        Card(team="A", player="Kim", minute=5, colour="yellow"),
        Card(team="A", player="Kim", minute=50, colour="second_yellow"),
        Card(team="B", player="Ola", minute=6, colour="yellow"),
        Card(team="B", player="Per", minute=7, colour="yellow"),
    ]
    rows = table(results, more={"AB": played("A", "B", (0, 0), *cards)})
    assert (rows["B"].rank, rows["A"].rank) == (1, 2)
    assert rows["B"].decided == "fair_play"


def test_lots_part_those_whom_nothing_else_did():
    results = {"AB": (0, 0), "CD": (0, 0)}
    assert ranks(table(results)) == dict.fromkeys(TEAMS, 1)
    drawn = {"": [Lots(group="g", order=["C", "A", "D", "B"])]}
    rows = table(results, more=drawn)
    assert ranks(rows) == {"C": 1, "A": 2, "D": 3, "B": 4}
    assert {row.decided for row in rows.values()} == {"lots"}
    assert not any(row.tied for row in rows.values())


def test_lots_that_not_all_the_equals_took_part_in_decide_nothing():
    drawn = {"": [Lots(group="g", order=["C", "A"]), Lots(group="other", order=TEAMS)]}
    assert ranks(table({"AB": (0, 0), "CD": (0, 0)}, more=drawn)) == dict.fromkeys(TEAMS, 1)


SCORES = st.dictionaries(
    st.sampled_from([h + a for h, a in PAIRS]),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    max_size=6,
)
CHAINS = st.lists(
    st.sampled_from(["points", "goal_difference", "goals", "wins", "head_to_head", "fair_play"]),
    unique=True,
    min_size=1,
)


@given(SCORES, CHAINS)
def test_ranks_are_valid_whatever_the_results_and_the_chain(results, ties):
    rows = list(table(results, ties=ties).values())
    assert sorted(row.entrant for row in rows) == TEAMS
    for row in rows:
        ahead = sum(other.rank < row.rank for other in rows)
        assert row.rank == ahead + 1
        assert row.tied == (sum(other.rank == row.rank for other in rows) > 1)
    assert [row.rank for row in rows] == sorted(row.rank for row in rows)
    assert sum(row.figures["gd"] for row in rows) == 0


@given(SCORES)
def test_the_order_of_contests_does_not_matter(results):
    forward = table(results)
    backward = table(dict(reversed(results.items())))
    assert forward == backward


def test_a_league_without_groups_has_one_table_of_all_matches():
    cup = Definition(
        Competition(
            slug="cup",
            name="Cup",
            sport="football",
            entrants=[Entrant(id=team, name=team) for team in TEAMS],
            contests=[Contest(id="AB", entrants=["A", "B"])],
        )
    )
    rows = table({"AB": (2, 1)}, cup=cup)
    assert ranks(rows) == {"A": 1, "C": 2, "D": 2, "B": 4}
    assert {(row.group, row.figures["pts"]) for row in rows.values()} == {("", 3), ("", 0)}
