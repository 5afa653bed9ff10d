"""One match as its points have made it: the score, who serves, and what the points were like."""

from typing import Any

from msgspec import Struct, field

from scoreboard.facts.competition import Contest
from scoreboard.sports.sport import OK, Fact, Flags
from scoreboard.sports.tennis.facts import Ended, Let, Numbered, Penalty, Point, Server
from scoreboard.sports.tennis.rules import SetRules, TennisParams, has_won, wins_game

RECENT = 10  # points that momentum looks at
NOBODY = -1

UNKNOWN_SIDE = "unknown-side"
AFTER_MATCH = "after-the-match"
NUMBER_REPEATED = "number-repeated"
NUMBERS_MISSING = "numbers-missing"
SECOND_SERVER = "second-server"
NO_GAMES = "no-games-to-lose"
SERVER_DIFFERS = "not-the-one-who-serves"


class Side(Struct, omit_defaults=True):
    """What a side has done. `serves`, `serves_won`: points on its own serve, played and won.

    `games`: a match tie-break is one. `chances`, `breaks`: break points and games won against the
    serve. `longest`: points in a row.
    """

    points: int = 0
    games: int = 0
    serves: int = 0
    serves_won: int = 0
    aces: int = 0
    double_faults: int = 0
    chances: int = 0
    breaks: int = 0
    longest: int = 0


class SetScore(Struct):
    """One set: `score` in games or points, `tie_break` if there was one, who served `first`."""

    score: list[int]
    tie_break: list[int] | None = None
    first: int = NOBODY
    winner: int = NOBODY


class Match(Struct, omit_defaults=True):
    """A match's state. Sides are 0 and 1, NOBODY as long as it is not known.

    `sets`: the last is under way unless it has a winner. `points`: of the game under way.
    `last`: the number and part last taken. `taker`: who won the last point, or was given it.
    `recent`: who won the last points; `streak`: how many in a row the last of them did.
    """

    sides: list[str] = []
    loose: bool = False
    sets: list[SetScore] = []
    points: list[int] = field(default_factory=lambda: [0, 0])
    firsts: dict[int, int] = {}
    winner: int = NOBODY
    ended: str = ""
    last: tuple[int, int] = (0, 0)
    taker: int = NOBODY
    lets: int = 0
    done: list[Side] = []
    recent: list[int] = []
    streak: int = 0


def new_match(contest: Contest) -> Match:
    """A match before its first point; the sides are the contest's first two entrants."""
    sides = list(dict.fromkeys(contest.entrants))[:2]
    return Match(sides=sides, loose=not contest.id, done=[Side(), Side()])


# facts into the state --------------------------------------------------------------------------


def apply(match: Match, fact: Fact, params: TennisParams) -> Flags:
    """Put a fact into the match; what makes no sense counts for nothing and is flagged."""
    payload = fact.payload
    if isinstance(payload, Numbered):
        return _numbered(match, payload, params)
    side = _side(match, payload.entrant)
    if side == NOBODY:
        return (UNKNOWN_SIDE,)
    if isinstance(payload, Server):
        again = payload.set in match.firsts
        match.firsts[payload.set] = side
        return (SECOND_SERVER,) if again else OK
    return _ended(match, payload, side)


def _ended(match: Match, payload: Ended, side: int) -> Flags:
    if match.winner != NOBODY:
        return (AFTER_MATCH,)
    match.winner, match.ended = 1 - side, payload.how
    return OK


def _side(match: Match, entrant: str) -> int:
    """0 or 1; a match that is not planned takes the first two it hears of."""
    if entrant in match.sides:
        return match.sides.index(entrant)
    if match.loose or len(match.sides) == 2:
        return NOBODY
    match.sides.append(entrant)
    return len(match.sides) - 1


def _numbered(match: Match, payload: Numbered, params: TennisParams) -> Flags:
    place = (payload.number, payload.part)
    if place == match.last:
        return (NUMBER_REPEATED,)
    flags: Flags = (NUMBERS_MISSING,) if payload.number > match.last[0] + 1 else OK
    match.last = place
    match payload:
        case Let():
            match.lets += 1
            return flags if match.winner == NOBODY else (*flags, AFTER_MATCH)
        case Penalty(entrant=entrant, lost=lost):
            loser = _side(match, entrant)
            side = NOBODY if loser == NOBODY else 1 - loser
            return flags + _won(match, side, params, payload, game=lost == "game")
        case Point(winner=winner):
            return flags + _won(match, _side(match, winner), params, payload, game=False)
    return flags


def _won(match: Match, side: int, params: TennisParams, payload: Any, *, game: bool) -> Flags:
    if side == NOBODY:
        return (UNKNOWN_SIDE,)
    if match.winner != NOBODY:
        return (AFTER_MATCH,)
    flags: Flags = OK
    under_way = _set_under_way(match, params)
    rules = params.rules_of(len(match.sets))
    if isinstance(payload, Point):
        flags = _noted(match, side, params, payload)
    if game and rules.by == "points":
        return (*flags, NO_GAMES)
    match.taker = side
    if rules.by == "points":
        under_way.score[side] += 1
        mine, other = under_way.score[side], under_way.score[1 - side]
        if has_won(mine, other, rules.to, 2, rules.cap):
            match.done[side].games += params.is_match_tie_break(len(match.sets))
            _set_won(match, under_way, side, params)
        return flags
    match.points[side] += 1
    if under_way.tie_break is not None:
        under_way.tie_break = list(match.points)
    if game or _wins_game(match, under_way, side, rules, params):
        _game_won(match, under_way, side, rules, params)
    return flags


def _set_under_way(match: Match, params: TennisParams) -> SetScore:
    if match.sets and match.sets[-1].winner == NOBODY:
        return match.sets[-1]
    fresh = SetScore([0, 0], first=first_server(match, params))
    match.sets.append(fresh)
    _begin_tie_break(fresh, params.rules_of(len(match.sets)))
    return fresh


def _wins_game(
    match: Match, under_way: SetScore, side: int, rules: SetRules, params: TennisParams
) -> bool:
    mine, other = match.points[side], match.points[1 - side]
    if under_way.tie_break is not None:
        return has_won(mine, other, rules.tie_break_to, rules.tie_break_lead)
    return wins_game(mine, other, params.advantage)


def _game_won(
    match: Match, under_way: SetScore, side: int, rules: SetRules, params: TennisParams
) -> None:
    in_tie_break = under_way.tie_break is not None
    if not in_tie_break and server(match, params) == 1 - side:
        match.done[side].breaks += 1
    match.done[side].games += 1
    under_way.score[side] += 1
    match.points = [0, 0]
    if in_tie_break or has_won(under_way.score[side], under_way.score[1 - side], rules.to):
        _set_won(match, under_way, side, params)
    else:
        _begin_tie_break(under_way, rules)


def _begin_tie_break(under_way: SetScore, rules: SetRules) -> None:
    at = rules.tie_break_at
    if rules.by == "games" and at is not None and under_way.score == [at, at]:
        under_way.tie_break = [0, 0]


def _set_won(match: Match, under_way: SetScore, side: int, params: TennisParams) -> None:
    under_way.winner = side
    if 2 * sets_won(match)[side] > params.sets:
        match.winner = side


def _noted(match: Match, side: int, params: TennisParams, point: Point) -> Flags:
    """Serve, breaks and momentum, as they were before the point counts."""
    flags: Flags = OK
    serving = server(match, params)
    done = match.done
    done[side].points += 1
    if serving != NOBODY:
        done[serving].serves += 1
        done[serving].serves_won += side == serving
        if is_break_point(match, params, serving):
            done[1 - serving].chances += 1
    if point.how == "ace":
        done[side].aces += 1
    elif point.how == "double_fault":
        done[1 - side].double_faults += 1
    if serving != NOBODY and point.how in ("ace", "double_fault"):
        expected = serving if point.how == "ace" else 1 - serving
        flags = OK if side == expected else (SERVER_DIFFERS,)
    match.streak = match.streak + 1 if match.recent[-1:] == [side] else 1
    done[side].longest = max(done[side].longest, match.streak)
    match.recent = [*match.recent[-(RECENT - 1) :], side]
    return flags


# what the state says ---------------------------------------------------------------------------


def sets_won(match: Match) -> tuple[int, int]:
    """Sets won by each side."""
    winners = [one.winner for one in match.sets]
    return (winners.count(0), winners.count(1))


def first_server(match: Match, params: TennisParams) -> int:
    """Who serves first in the next set, NOBODY as long as it is not known (ITF Rule 14, 15)."""
    told = match.firsts.get(len(match.sets) + 1)
    if told is not None or not match.sets:
        return NOBODY if told is None else told
    before = match.sets[-1]
    if params.first_server == "winner" and params.serve != "games":
        return before.winner
    if before.first == NOBODY:
        return NOBODY
    if params.serve == "games" and params.rules_of(len(match.sets)).by == "games":
        return before.first ^ (sum(before.score) % 2)
    return 1 - before.first


def server(match: Match, params: TennisParams) -> int:
    """Who serves the next point, NOBODY if the match is over or it is not known."""
    if match.winner != NOBODY:
        return NOBODY
    if not match.sets or match.sets[-1].winner != NOBODY:
        return first_server(match, params)
    one = match.sets[-1]
    rules = params.rules_of(len(match.sets))
    if params.serve == "winner":
        return match.taker if sum(one.score) else one.first
    if one.first == NOBODY:
        return NOBODY
    if params.serve == "two":
        return one.first ^ (_turns_by_two(sum(one.score), rules.to) % 2)
    if rules.by == "points":
        return one.first ^ ((sum(one.score) + 1) // 2 % 2)
    turn = sum(one.score)
    if one.tie_break is not None:
        turn += (sum(match.points) + 1) // 2
    return one.first ^ (turn % 2)


def _turns_by_two(played: int, to: int) -> int:
    """How often the serve has changed: after every two points, after each from ten all on."""
    level = 2 * (to - 1)
    return played // 2 if played < level else to - 1 + played - level


def is_break_point(match: Match, params: TennisParams, serving: int) -> bool:
    """Whether the receiver wins a game with the next point."""
    rules = params.rules_of(len(match.sets))
    if serving == NOBODY or not match.sets or rules.by == "points":
        return False
    if match.sets[-1].tie_break is not None:
        return False
    return wins_game(match.points[1 - serving] + 1, match.points[serving], params.advantage)
