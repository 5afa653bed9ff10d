"""A disc golf tournament as its scorers would have told it, and its official results.

Made from the PDGA's file of event 95560: 60 players in three divisions, two rounds of 18 holes.
Scorers send throws hole by hole; at the end of a round the player signs a card with the total.
"""

import json
from functools import cache
from typing import Any

import real_data

SLUG = "tecumseh-takeover"
FOLDER = "discgolf-95560"


@cache
def _read() -> Any:
    return json.loads((real_data.folder(FOLDER) / "95560.json").read_text(encoding="utf-8"))


def _id(player: dict[str, Any]) -> str:
    return f"p{player['ResultID']}"


def _holes(numbered: dict[str, Any]) -> list[Any]:
    return [numbered[str(hole)] for hole in range(1, 19)]


def competition() -> dict[str, Any]:
    """The tournament as its director would post it."""
    players = _read()["results"]
    divisions = sorted({player["Division"] for player in players})
    pars = [hole["Par"] for hole in _holes(players[0]["Scores"][0]["Layout"]["Detail"])]
    return {
        "slug": SLUG,
        "name": _read()["tournament_info"]["SimpleName"],
        "sport": "golf",
        "params": {"pars": pars},
        "entrants": [{"id": _id(player), "name": player["Name"]} for player in players],
        "groups": [
            {
                "id": division,
                "name": division,
                "entrants": [_id(p) for p in players if p["Division"] == division],
            }
            for division in divisions
        ],
        "contests": [{"id": f"round{number}", "name": f"Round {number}"} for number in (1, 2)],
    }


def events() -> list[dict[str, Any]]:
    """Throws by hole, and signed cards."""
    return [
        event
        for player in _read()["results"]
        for round_ in player["Scores"]
        for event in _told(_id(player), round_)
    ]


def _told(player: str, round_: dict[str, Any]) -> list[dict[str, Any]]:
    contest = f"round{round_['Round']}"
    said: list[tuple[str, dict[str, Any]]] = [
        ("holed", {"hole": hole, "strokes": throws})
        for hole, throws in enumerate(_holes(round_["HoleScores"]), 1)
    ]
    said.append(("carded", {"total": round_["RoundScore"]}))
    return [
        {
            "id": f"{player}-{contest}-{number:02}",
            "source": f"scorer-{player}",
            "type": f"golf.{type_}",
            "contest": contest,
            "data": {"entrant": player, **data},
        }
        for number, (type_, data) in enumerate(said, 1)
    ]


def official() -> dict[str, dict[str, Any]]:
    """By player: name, division, place, total, to par, and the total of each round."""
    return {
        _id(player): {
            "name": player["Name"],
            "group": player["Division"],
            "rank": player["Place"],
            "tied": player["Tied"],
            "total": player["Total"],
            "to_par": player["ToPar"],
            "rounds": [round_["RoundScore"] for round_ in player["Scores"]],
            "holes": [_holes(round_["HoleScores"]) for round_ in player["Scores"]],
        }
        for player in _read()["results"]
    }
