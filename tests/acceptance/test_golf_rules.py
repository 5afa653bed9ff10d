"""The rules of golf on a disc golf tournament: every round, total and place."""

import disc_golf
import pytest
from folding import board, flags, folded

from scoreboard.sports.golf import Golf

RULED = "Cedric de Bussy"
"""Whose second card is signed for 74 while its holes add up to 77: the signed total stands."""


@pytest.fixture(scope="module", params=[1, 95560], ids=["shuffled", "shuffled otherwise"])
def played(request):
    return folded(Golf, disc_golf.competition(), disc_golf.events(), request.param)


def test_all_60_players_have_the_official_total_and_place_in_their_division(played):
    official = disc_golf.official()
    rows = board(played, "standings")["rows"]
    assert len(official) == 60
    assert {
        id_: (row["group"], row["rank"], row.get("tied", False), row["figures"]["total"])
        for id_, row in rows.items()
    } == {id_: (o["group"], o["rank"], o["tied"], o["total"]) for id_, o in official.items()}
    assert {id_: row["figures"]["to_par"] for id_, row in rows.items()} == {
        id_: o["to_par"] for id_, o in official.items()
    }


def test_all_120_rounds_have_the_official_total_and_every_hole(played):
    rounds = 0
    for number in (1, 2):
        cards = board(played, f"box:round{number}")["box"]["rows"]
        for id_, official in disc_golf.official().items():
            assert cards[id_]["total"] == official["rounds"][number - 1]
            assert list(cards[id_]["holes"].values()) == official["holes"][number - 1]
            rounds += 1
    assert rounds == 120


def test_the_holes_of_119_rounds_add_up_and_the_one_card_that_differs_is_shown_as_ruled(played):
    names = {id_: official["name"] for id_, official in disc_golf.official().items()}
    ruled = {
        (names[id_], number): card["ruled"]
        for number in (1, 2)
        for id_, card in board(played, f"box:round{number}")["box"]["rows"].items()
        if "ruled" in card
    }
    assert ruled == {(RULED, 2): {"official": 74, "holes": 77}}
    (flagged,) = flags(played).items()
    assert flagged[1] == ["card-differs-from-holes"]
    (id_,) = [id_ for id_, name in names.items() if name == RULED]
    figures = board(played, "standings")["rows"][id_]["figures"]
    assert (figures["round2"], figures["round2_holes"]) == (74, 77)


def test_without_the_signed_cards_only_one_total_differs():
    observed = [event for event in disc_golf.events() if event["type"] == "golf.holed"]
    rows = board(folded(Golf, disc_golf.competition(), observed, 1), "standings")["rows"]
    official = disc_golf.official()
    differing = {
        official[id_]["name"]: row["figures"]["total"] - official[id_]["total"]
        for id_, row in rows.items()
        if row["figures"]["total"] != official[id_]["total"]
    }
    assert differing == {RULED: 3}
