"""The rules of programming contests on two real ones, read from their feeds, in any order."""

import icpc
import msgspec
import pytest
from folding import board, flags, folded

from scoreboard.facts.entry import Entry
from scoreboard.sources.clics import ClicsFeed, Seen
from scoreboard.sports.problems import Problems

SEEDS = pytest.mark.parametrize("seed", [3, 47])


def contest(feed, seed, *, public=False):
    """The fold of a feed's events; `public`: without what a freeze veils."""
    events = [e for e in icpc.events(feed) if not e["type"].startswith("competition.")]
    fold = folded(Problems, icpc.competition(feed), events, seed)
    if not public:
        return fold
    hidden = {f.record for f in fold.contests["main"].facts() if fold.sport.veiled(f)}
    seen = [e for e in events if e["record"] not in hidden]
    return folded(Problems, icpc.competition(feed), seen, seed)


def cells(fold):
    """Cells by team and label."""
    teams = board(fold, "box:main")["box"]["teams"]
    return {(t, label): cell for t, row in teams.items() for label, cell in row["cells"].items()}


@SEEDS
def test_every_cell_of_the_world_finals_solved_before_the_freeze_is_the_official_one(seed):
    made = cells(contest(icpc.WF47, seed))
    before = {k: c for k, c in icpc.official_cells().items() if c["solved"] and c["time"] < 240}
    assert len(before) == 519
    for key, official in before.items():
        assert made[key]["solved"] == official["time"], key
        assert made[key]["rejected"] + 1 == official["num_judged"], key
    assert {key for key, cell in made.items() if "solved" in cell} == before.keys()


@SEEDS
def test_the_85_cells_of_the_world_finals_solved_after_the_freeze_are_pending(seed):
    made = cells(contest(icpc.WF47, seed))
    after = {k for k, c in icpc.official_cells().items() if c["solved"] and c["time"] >= 240}
    assert len(after) == 85
    assert all(made[key]["pending"] > 0 and "solved" not in made[key] for key in after)


def test_who_was_first_to_solve_before_the_freeze_is_the_official_first():
    problems = board(contest(icpc.WF47, 1), "box:main")["box"]["problems"]
    official = {
        label: team for (team, label), cell in icpc.official_cells().items()
        if cell["solved"] and cell["first_to_solve"] and cell["time"] < 240
    }  # fmt: skip
    sure = {label: p["first"]["team"] for label, p in problems.items() if "first" in p}
    assert len(official) == 9
    assert sure == official


@SEEDS
def test_the_europe_championship_has_its_winner_and_all_11_firsts(seed):
    fold = contest(icpc.EUC2025, seed)
    first = next(iter(board(fold, "standings")["rows"].items()))
    assert (first[0], first[1]["figures"]["solved"], first[1]["figures"]["time"]) == ("30", 8, 1299)
    awards = board(fold, "box:main")["box"]["awards"]
    assert awards["winner"] == ["30"]
    labels = {p["id"]: p["label"] for p in icpc.competition(icpc.EUC2025)["params"]["problems"]}
    official = {labels[id_]: team for id_, team in icpc.official_firsts().items()}
    assert len(official) == 11
    assert awards["first_to_solve"] == official


def test_nothing_in_either_contest_is_surprising():
    for feed in (icpc.WF47, icpc.EUC2025):
        fold = contest(feed, None)
        assert flags(fold) == {}
        assert board(fold, "contests")["rows"]["main"]["status"] == "finished"


def test_during_the_freeze_the_public_sees_what_was_handed_in_but_not_how_it_was_judged():
    whole, public = cells(contest(icpc.EUC2025, 1)), cells(contest(icpc.EUC2025, 1, public=True))
    assert whole.keys() == public.keys() | {
        key
        for key in whole
        if whole[key] == {"rejected": 0}  # nothing but compiler errors
    }
    for key, cell in whole.items():
        if cell.get("solved", 999) < 240:
            assert public[key] == cell
        else:
            assert "solved" not in public[key]
    late = [key for key, cell in whole.items() if cell.get("solved", 0) >= 240]
    assert len(late) > 20
    assert all(public[key]["pending"] > 0 for key in late)
    assert "awards" not in board(contest(icpc.EUC2025, 1, public=True), "box:main")["box"]


def test_the_reveal_goes_up_the_board_one_problem_at_a_time():
    whole, fold = contest(icpc.EUC2025, None), contest(icpc.EUC2025, None, public=True)
    sport = fold.sport
    hidden = [f for f in whole.contests["main"].facts() if sport.veiled(f)]
    entries: dict[str, list[Entry]] = whole.contests["main"]._versions
    last = 1_000
    while hidden:
        ranked = sport.standings(fold.definition, fold.states())
        records = sport.next_revealed(hidden, ranked, fold.states())
        shown = [fact for fact in hidden if fact.record in records]
        assert shown
        if hasattr(shown[0].payload, "problem"):
            assert len({(f.payload.entrant, f.payload.problem) for f in shown}) == 1
            place = [row.entrant for row in ranked].index(shown[0].payload.entrant)
            assert place <= last
            last = place + 1  # what is revealed may move others down by one, never up past it
        fold.contests["main"].feed([one for record in records for one in entries[record]])
        hidden = [fact for fact in hidden if fact.record not in records]
    assert board(fold, "box:main") == board(whole, "box:main")


@pytest.mark.parametrize("cut", [1, 400, 1_200, 2_500])
def test_a_reader_that_is_taken_up_again_says_the_same(cut):
    path = icpc.real_data.folder(icpc.EUC2025[0]) / icpc.EUC2025[1]
    lines = path.read_bytes().splitlines()
    before = ClicsFeed()
    events = [event for line in lines[:cut] for event in before.take(line)]
    seen = msgspec.json.decode(msgspec.json.encode(before.seen), type=Seen)
    after = ClicsFeed(seen=seen)
    events += [event for line in lines[cut:] for event in after.take(line)]
    assert events == icpc.events(icpc.EUC2025)
    assert after.seen.ended
    assert after.definition("icpc-euc2025") == icpc.competition(icpc.EUC2025)
