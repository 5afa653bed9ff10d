"""A match in a line, in a box and as a timeline."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from scoreboard.facts.competition import Contest
from scoreboard.sports.sport import Fact, Happening
from scoreboard.sports.tennis.facts import Ended, Let, Penalty, Point, Server, place_in_match
from scoreboard.sports.tennis.match import (
    NOBODY,
    Match,
    apply,
    is_break_point,
    new_match,
    server,
    sets_won,
)
from scoreboard.sports.tennis.rules import TennisParams

CALLED = ("0", "15", "30", "40")
HOW_TEXT = {
    "ace": "Ace",
    "double_fault": "Opponent's double fault",
    "winner": "Winner",
    "error": "Opponent's error",
    "": "Point",
}


def line(match: Match, params: TennisParams) -> dict[str, Any]:
    """`sets` by number (each side's games or points), tie-breaks, the game, server, winner."""
    shown: dict[str, Any] = {
        "sides": list(match.sides),
        "sets_won": list(sets_won(match)),
        "sets": {str(n): list(one.score) for n, one in enumerate(match.sets, 1)},
        "score": score(match, params),
    }
    tie_breaks = {
        str(n): list(one.tie_break)
        for n, one in enumerate(match.sets, 1)
        if one.tie_break is not None
    }
    if tie_breaks:
        shown["tie_breaks"] = tie_breaks
    if match.winner != NOBODY and match.winner < len(match.sides):
        shown["winner"] = match.sides[match.winner]
        if match.ended:
            shown["ended"] = match.ended
        return shown
    if in_games(match, params):
        shown["points"] = game(match)
    serving = server(match, params)
    if NOBODY < serving < len(match.sides):
        shown["server"] = match.sides[serving]
    if is_break_point(match, params, serving):
        shown["break_point"] = True
    return shown


def in_games(match: Match, params: TennisParams) -> bool:
    """Whether the set under way (or the next) is won by games."""
    under_way = bool(match.sets) and match.sets[-1].winner == NOBODY
    return params.rules_of(len(match.sets) + (not under_way)).by == "games"


def game(match: Match) -> list[str]:
    """The points of the game under way as they are called: `40`, `A`; plain in a tie-break."""
    first, second = match.points
    if match.sets and match.sets[-1].tie_break is not None:
        return [str(first), str(second)]
    if min(first, second) >= 3:
        return [
            "40" if mine <= other else "A" for mine, other in ((first, second), (second, first))
        ]
    return [CALLED[min(first, 3)], CALLED[min(second, 3)]]


def score(match: Match, params: TennisParams) -> str:
    """The match as it is written, the first side's first: `6-4 3-6 7-6(5)`, `7-5 3-6 [10-8]`."""
    written = []
    for number, one in enumerate(match.sets, 1):
        text = "{}-{}".format(*one.score)
        if params.is_match_tie_break(number):
            text = f"[{text}]"
        if one.tie_break is not None and one.winner != NOBODY:
            text += f"({min(one.tie_break)})"
        written.append(text)
    return " ".join(written)


def box(match: Match, params: TennisParams) -> dict[str, Any]:
    """The line; by side what it did (see `match.Side`) and how it has the momentum."""
    shown = line(match, params)
    shown["rows"] = {}
    for number, side in enumerate(match.sides):
        row = asdict(match.done[number])
        row["recent"] = match.recent.count(number)
        row["streak"] = match.streak if match.recent[-1:] == [number] else 0
        shown["rows"][side] = row
    shown["points_played"] = sum(done.points for done in match.done)
    if match.lets:
        shown["lets"] = match.lets
    return shown


def timeline(contest: Contest, facts: Sequence[Fact], params: TennisParams) -> list[Happening]:
    """Every point in the match's order, with the score after it."""
    match = new_match(contest)
    happenings = []
    for fact in sorted(facts, key=place_in_match):
        flags = apply(match, fact, params)
        payload = fact.payload
        points = "-".join(game(match)) if any(match.points) else ""
        happenings.append(
            Happening(
                record=fact.record,
                type=fact.type,
                text=_text(payload),
                entrant=getattr(payload, "winner", getattr(payload, "entrant", "")),
                score=f"{score(match, params)} {points}".strip(),
                flags=list(flags),
            )
        )
    return happenings


def _text(payload: Any) -> str:
    match payload:
        case Point(how=how, player=player):
            return f"{HOW_TEXT[how]}: {player}" if player else HOW_TEXT[how]
        case Let(reason=reason):
            return f"Replayed: {reason}" if reason else "Let"
        case Penalty(lost=lost):
            return f"Penalty: a {lost}"
        case Server(set=number):
            return f"Serves first in set {number}"
        case Ended(how=how):
            return str(how).capitalize()
    return ""
