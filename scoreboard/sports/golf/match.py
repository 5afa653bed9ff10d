"""Match play: who won each hole, what it was worth, how the match stands (Rules 3.2, 22, 23)."""

from typing import Any

from msgspec import Struct

from scoreboard.sports.golf.rules import Course
from scoreboard.sports.golf.state import Card, Play

NOT_YET, HALVED = "?", ""
ALL_SQUARE = "all square"


class Standing(Struct, frozen=True):
    """How a match stands: what each side has won, holes that are done, holes still to be played.

    `over`: nothing more can change it. `winner`: "" for none (yet). `text`: `2 up`, `3 & 2`, `7-4`,
    or why a side gave up. `holes`: who won each, "" if halved.
    """

    won: tuple[int, int]
    done: int
    left: int
    over: bool
    winner: str
    text: str
    holes: dict[int, str]


def worth(play: Play, hole: int) -> int:
    """What a hole is worth: one, and one more for each raise that was not declined."""
    return 1 + len(play.raises.get(hole, ())) - (hole in play.declined)


def hole_winner(play: Play, course: Course, hole: int) -> str:
    """The side that won a hole, HALVED, or NOT_YET."""
    home, away = course.sides
    cards = (play.cards.get(home) or Card(), play.cards.get(away) or Card())
    if hole in play.declined:
        return away if play.declined[hole] == home else home
    given = [hole in card.conceded for card in cards]
    if any(given):
        return HALVED if all(given) else course.sides[given[0]]
    strokes = [card.at(hole) for card in cards]
    if strokes[0] is None or strokes[1] is None:
        return NOT_YET
    if strokes[0] == strokes[1]:
        return HALVED
    return home if strokes[0] < strokes[1] else away


def standing(play: Play, course: Course, before: int | None = None) -> Standing:
    """How the match stands, after all that is known or `before` a hole was played."""
    if len(course.sides) < 2:
        return Standing((0, 0), 0, course.holes, False, "", "", {})
    holes: dict[int, str] = {}
    won = [0, 0]
    for hole in _known(play):
        if before is not None and hole >= before:
            break
        winner = hole_winner(play, course, hole)
        if winner == NOT_YET or _is_decided(won, holes, course):
            continue
        if hole > course.holes and _left(holes, course):
            continue  # an extra hole, while one of the round is still to be told
        holes[hole] = winner
        if winner:
            won[course.sides.index(winner)] += worth(play, hole)
    return _stands(play, course, won, holes, given_up=before is None)


def _known(play: Play) -> list[int]:
    """Holes of which anything is known, in the order of play."""
    holes = {hole for card in play.cards.values() for hole in (*card.holes, *card.conceded)}
    return sorted(holes | play.declined.keys())


def _left(holes: dict[int, str], course: Course) -> int:
    return course.holes - sum(hole <= course.holes for hole in holes)


def _is_decided(won: list[int], holes: dict[int, str], course: Course) -> bool:
    """Whether no more can be gained: in points, all holes are played to their end."""
    left = _left(holes, course)
    if left:
        return course.params.count == "up" and abs(won[0] - won[1]) > left
    return won[0] != won[1] or course.params.halved


def _stands(
    play: Play, course: Course, won: list[int], holes: dict[int, str], *, given_up: bool
) -> Standing:
    left = _left(holes, course)
    over = _is_decided(won, holes, course)
    winner = ""
    if over and won[0] != won[1]:
        winner = course.sides[won[1] > won[0]]
    text = _text(course, won, len(holes), left, over)
    out = [play.cards[side].out if side in play.cards else "" for side in course.sides]
    if given_up and not over and bool(out[0]) != bool(out[1]):
        over, winner, text = True, course.sides[bool(out[0])], out[0] or out[1]
    return Standing((won[0], won[1]), len(holes), left, over, winner, text, holes)


def _text(course: Course, won: list[int], done: int, left: int, over: bool) -> str:
    if course.params.count == "points":
        return "{}-{}".format(*won)
    up = abs(won[0] - won[1])
    if not up:
        return ALL_SQUARE
    if over and done > course.holes:
        return f"{up} up after {done}"
    if over and 0 < left < up:
        return f"{up} & {left}"
    return f"{up} up, dormie" if left == up and not over else f"{up} up"


# what is shown ---------------------------------------------------------------------------------


def line(play: Play, course: Course) -> dict[str, Any]:
    """`status`, `thru`, `won` by each side, who leads or won."""
    stands = standing(play, course)
    shown: dict[str, Any] = {
        "sides": list(course.sides),
        "status": stands.text,
        "thru": stands.done,
        "won": list(stands.won),
    }
    if stands.winner:
        shown["winner"] = stands.winner
    elif stands.won[0] != stands.won[1]:
        shown["leader"] = course.sides[stands.won[1] > stands.won[0]]
    return shown


def box(play: Play, course: Course) -> dict[str, Any]:
    """The line, and every hole: par, worth, strokes by side, winner, the match after it."""
    shown = line(play, course)
    shown["holes"] = {}
    stands = standing(play, course)
    for hole in _known(play):
        row: dict[str, Any] = {"par": course.par(hole), "worth": worth(play, hole)}
        row["strokes"] = {
            side: strokes
            for side, card in play.cards.items()
            if (strokes := card.at(hole)) is not None
        }
        if hole in stands.holes:
            row["winner"] = stands.holes[hole] or "halved"
            row["status"] = standing(play, course, before=hole + 1).text
        shown["holes"][str(hole)] = row
    return shown
