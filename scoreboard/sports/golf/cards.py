"""What was said in a round or match, by entrant: the fold's state.

In stroke play every entrant has a state of its own in each round; a match is one state with the
cards of both sides.
"""

from typing import Any

from scoreboard.sports.golf import match
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
from scoreboard.sports.golf.rules import Course
from scoreboard.sports.golf.state import Card, Play
from scoreboard.sports.sport import OK, Fact, Flags

SECOND_SCORE = "second-score"
NO_SUCH_HOLE = "no-such-hole"
CARD_DIFFERS = "card-differs-from-holes"
SECOND_CARD = "second-card"
NOT_IN_PLAY = "not-in-play"
UNKNOWN_SIDE = "unknown-side"
AFTER_END = "after-the-match"
NOT_MATCH_PLAY = "not-match-play"
MAY_NOT_RAISE = "may-not-raise"
RAISED_OWN = "raised-its-own-raise"
NOTHING_TO_DECLINE = "nothing-to-decline"
NOTHING_TO_REINSTATE = "nothing-to-reinstate"
MISPLACED = "misplaced"
TAKEN_BACK = "more-strokes-taken-back-than-given"


def apply(state: Play, fact: Fact, course: Course) -> Flags:
    """Put a fact into the state; what makes no sense is kept and flagged."""
    payload = fact.payload
    if isinstance(payload, Shot):
        return OK  # a device observes, a scorer decides
    if isinstance(payload, PlayOff):
        state.play_offs[fact.record] = payload.order
        return OK if course.contest.id in ("", "outside") else (MISPLACED,)
    flags: Flags = OK
    if course.params.play == "match":
        flags = _match_flags(state, payload, course)
    elif isinstance(payload, Conceded | Raised | Declined):
        flags = (NOT_MATCH_PLAY,)
    card = state.cards.setdefault(payload.entrant, Card())
    return flags + _taken(state, card, payload, course)


def _match_flags(state: Play, payload: Any, course: Course) -> Flags:
    if payload.entrant not in course.sides:
        return (UNKNOWN_SIDE,)
    if isinstance(payload, Holed | Stroke | Conceded) and payload.hole is not None:
        before = match.standing(state, course, before=payload.hole)
        return (AFTER_END,) if before.over else OK
    return OK


def _taken(state: Play, card: Card, payload: Any, course: Course) -> Flags:
    match payload:
        case Holed():
            return _holed(card, payload.hole, payload.strokes, payload.player, course)
        case Stroke(hole=hole, number=number, player=player):
            return _holed(card, hole, number, player, course) if payload.holed else OK
        case Carded(total=total):
            again, card.official = card.official is not None, total
            differs = bool(card.holes) and total != card.strokes(course)
            return ((SECOND_CARD,) if again else OK) + ((CARD_DIFFERS,) if differs else OK)
        case Penalty(strokes=strokes):
            card.penalty += strokes
            return (TAKEN_BACK,) if strokes < 0 and card.penalty < 0 else OK
        case Conceded(hole=None):
            card.out = "conceded"
        case Conceded(hole=hole):
            card.conceded.append(hole or 0)
        case Raised(hole=hole, entrant=side):
            return _raised(state, hole, side, course)
        case Declined(hole=hole, entrant=side):
            raises = state.raises.get(hole, [])
            if not raises or raises[-1] == side or hole in state.declined:
                return (NOTHING_TO_DECLINE,)
            state.declined[hole] = side
        case Status(status=status):
            if status == "reinstated":
                before, card.out = card.out, ""
                return OK if before else (NOTHING_TO_REINSTATE,)
            card.out = status
    return OK


def _holed(card: Card, hole: int, strokes: int, player: str, course: Course) -> Flags:
    balls = card.holes.setdefault(hole, {})
    ball = player if course.params.balls == "best" else ""
    flags: Flags = (SECOND_SCORE,) if ball in balls else OK
    balls[ball] = strokes
    if hole > course.holes and course.params.play == "stroke":
        flags = (*flags, NO_SUCH_HOLE)
    return flags


def _raised(state: Play, hole: int, side: str, course: Course) -> Flags:
    raises = state.raises.setdefault(hole, [])
    if side not in course.sides or len(raises) >= course.params.raise_max:
        return (MAY_NOT_RAISE,)
    own = bool(raises) and raises[-1] == side
    raises.append(side)
    return (RAISED_OWN,) if own else OK
