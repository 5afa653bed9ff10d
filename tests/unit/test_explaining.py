"""Every row's explanation adds up to its figures, in every sport, whatever is said."""

from collections import defaultdict
from decimal import Decimal

from test_sports_properties import boards, entry, folded, sport_property

from scoreboard.errors import NotFound
from scoreboard.projections.attribution import OTHERS, START, is_number
from scoreboard.projections.explaining import basis_of, by_record, explain
from scoreboard.projections.looking import own_leaves
from scoreboard.sports.sport import FieldSport


def explained(fold, told, board, entrant):
    """An explanation from the entries that the fold has taken."""
    basis = basis_of(fold, board, entrant, {})
    by_contest = defaultdict(list)
    for one in told:
        by_contest[one.contest or ""].append(one)
    return explain(basis, {one.id: by_record(by_contest[one.id]) for one in basis.sources})


def adds_up(made):
    """Changes of numbers add up to each figure, exactly; others end in it."""
    by_figure = defaultdict(list)
    for change in made.changes:
        by_figure[change.figure].append(change)
    assert set(by_figure) <= set(made.row.figures)
    for figure, value in made.row.figures.items():
        changes = by_figure[figure]
        before = None
        for change in changes:
            assert change.before == before
            before = change.after
        assert before == value
        if all(is_number(c.before) and is_number(c.after) for c in changes):
            assert sum(Decimal(str(c.by)) for c in changes) == Decimal(str(value))


@sport_property()
def test_the_changes_of_every_figure_of_the_standings_add_up_to_it(definition, told):
    fold = folded(definition, told)
    rows = boards(fold)["standings"]["rows"]
    for entrant, row in rows.items():
        if not row["figures"]:
            continue
        made = explained(fold, told, "standings", entrant)
        assert made.row.figures == row["figures"]
        assert (made.row.rank, made.row.group_rank) == (row["rank"], row.get("group_rank", 0))
        assert (made.row.decided, made.row.tied) == (
            row.get("decided", ""),
            row.get("tied", False),
        )
        adds_up(made)


@sport_property()
def test_the_changes_of_every_figure_of_a_box_add_up_to_it(definition, told):
    fold = folded(definition, told)
    shown = boards(fold)
    for contest in definition["contests"]:
        board = f"box:{contest['id']}"
        for entrant in (e["id"] for e in definition["entrants"]):
            if isinstance(fold.sport, FieldSport):
                row = shown[board]["rows"].get(entrant, {})
                figures = row.get("figures", {})
            else:
                figures = dict(own_leaves(shown[board]["box"], entrant))
            try:
                made = explained(fold, told, board, entrant)
            except NotFound:
                assert not figures or contest["id"] not in fold.contests
                continue
            assert made.row.figures == figures
            adds_up(made)


def test_where_many_meet_what_is_said_of_others_makes_one_remainder():
    ids = [f"d{n}" for n in range(10)]
    definition = {
        "slug": "any",
        "name": "Any",
        "sport": "season",
        "params": {"points": [10, 6]},
        "entrants": [{"id": id_, "name": id_} for id_ in ids],
        "contests": [{"id": "r1", "entrants": ids}],
    }
    said = [("d0", 1), ("d1", 1), ("d2", 3), ("d3", 4)]
    told = [
        entry(n, "season.result", {"entrant": id_, "place": place}, contest="r1", time=n)
        for n, (id_, place) in enumerate(said, 2)
    ]
    made = explained(folded(definition, told), told, "standings", "d0")
    points = [c for c in made.changes if c.figure == "points"]
    assert [(c.by, c.remainder) for c in points] == [(0, START), (10, ""), (-2, OTHERS)]


def test_an_entrants_own_part_of_a_box_stands_under_its_id_or_beside_a_list_of_ids():
    box = {
        "teams": ["ada", "bel"],
        "score": [2, 1],
        "periods": {"half_time": [1, 0]},
        "others": {"half_time": [1, 0], "three": [1, 2, 3]},
        "cards": {"r1": {"team": "bel"}},
        "rows": {"bel": {"lifts": {"best": 5}, "tags": ["x", "y"]}},
    }
    assert dict(own_leaves(box, "ada")) == {"score": 2, "periods.half_time": 1}
    assert dict(own_leaves(box, "bel")) == {
        "score": 1,
        "periods.half_time": 0,
        "rows.lifts.best": 5,
        "rows.tags.0": "x",
        "rows.tags.1": "y",
    }
