"""Leaderboards of stroke play, and tables of teams (or players) over matches."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Definition
from scoreboard.sports.golf.match import standing
from scoreboard.sports.golf.rules import Course, GolfParams
from scoreboard.sports.golf.state import Card, Play
from scoreboard.sports.sport import Row
from scoreboard.sports.ties import Criterion, Placing, by_entrant, place

CLASSES = ("in", "waiting", "cut", "wd", "dq")
RANKED = 2  # classes above this one have no place and share the last rank
LAST_HOLES = (9, 6, 3, 1)
Rounds = list[tuple[Course, Card]]


def groups(competition: Definition, entrants: Sequence[str]) -> dict[str, list[str]]:
    """Entrants by the group that they are in, in the definition's order; "" for none."""
    group_of = {e: id_ for id_, group in competition.groups.items() for e in group.entrants}
    found: dict[str, list[str]] = {id_: [] for id_ in ("", *competition.groups)}
    for entrant in entrants:
        found[group_of.get(entrant, "")].append(entrant)
    return {id_: some for id_, some in found.items() if some}


def _rows(
    placings: Sequence[Placing],
    group: str,
    figures: Mapping[str, dict[str, Any]],
    unplaced: Collection[str] = (),
) -> list[Row]:
    return [
        Row(
            entrant=p.entrant,
            rank=p.rank,
            figures=figures[p.entrant],
            group=group,
            decided=p.decided,
            tied=p.tied and p.entrant not in unplaced,
            unplaced=p.entrant in unplaced,
        )
        for p in placings
    ]


# strokes ---------------------------------------------------------------------------------------


def leaderboard(
    params: GolfParams,
    competition: Definition,
    rounds: Mapping[str, Rounds],
    play_offs: Sequence[Sequence[str]],
) -> list[Row]:
    """Entrants by strokes to par over their rounds; those who are out at the end, by kind."""
    known: dict[str, Criterion] = {
        "play_off": Criterion("play_off", _played_off(play_offs)),
        "card_back": Criterion("card_back", _carded_back(rounds)),
    }
    chain = [
        by_entrant("strokes", lambda e: _merit(rounds[e])),
        *(known[tie] for tie in params.ties),
    ]
    order = list(competition.contests)
    rows: list[Row] = []
    for group, some in groups(competition, sorted(rounds)).items():
        figures = {e: _stroke_figures(rounds[e], order) for e in some}
        unplaced = [e for e in some if _class(rounds[e]) > RANKED]
        rows += _rows(place(some, chain), group, figures, unplaced)
    return rows


def _class(rounds: Rounds) -> int:
    """In play, not yet in play, or how the entrant came to be out: an index of CLASSES."""
    worst = max((CLASSES.index(c.out) for _, c in rounds if c.out in CLASSES), default=0)
    return worst or (0 if any(c.thru(course) for course, c in rounds) else 1)


def _merit(rounds: Rounds) -> tuple[int, int]:
    kind = _class(rounds)
    return (kind, _to_par(rounds) if kind <= RANKED else 0)


def _to_par(rounds: Rounds) -> int:
    return sum(card.to_par(course) for course, card in rounds)


def _carded_back(rounds: Mapping[str, Rounds]) -> Any:
    def values(tied: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Of those who all have the last round whole, and are not out; the others stay equal."""
        last = {e: rounds[e][-1] for e in tied if rounds[e] and _class(rounds[e]) <= RANKED}
        played = {course.contest.id for course, _ in last.values()}
        whole = len(last) == len(tied) and len(played) == 1
        if not whole or not all(_has_every_hole(*one) for one in last.values()):
            return dict.fromkeys(tied, ())
        return {e: _card_back(*one) for e, one in last.items()}

    return values


def _has_every_hole(course: Course, card: Card) -> bool:
    return all(card.at(hole) is not None for hole in range(1, course.holes + 1))


def _card_back(course: Course, card: Card) -> tuple[int, ...]:
    """Strokes at the last 9, 6, 3 and 1 holes of a round (Guidance, 5A(6))."""
    return tuple(
        sum(card.at(hole) or 0 for hole in range(course.holes - last + 1, course.holes + 1))
        for last in LAST_HOLES
    )


def _played_off(play_offs: Sequence[Sequence[str]]) -> Any:
    def values(tied: Sequence[str]) -> dict[str, int]:
        """Places in the last play-off in which one of the tied took part; the others come after."""
        for order in reversed(play_offs):
            if set(tied) & set(order):
                return {e: order.index(e) if e in order else len(order) for e in tied}
        return dict.fromkeys(tied, 0)

    return values


def _stroke_figures(rounds: Rounds, order: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "to_par": _to_par(rounds),
        "total": sum(card.total(course) for course, card in rounds),
        "status": CLASSES[_class(rounds)],
    }
    if rounds:
        course, card = rounds[-1]
        shown["thru"] = card.thru(course)
    for course, card in rounds:
        number = order.index(course.contest.id) + 1
        shown[f"round{number}"] = card.total(course)
        if card.official is not None and card.holes and card.official != card.strokes(course):
            shown[f"round{number}_holes"] = card.strokes(course)
    return shown


# matches ---------------------------------------------------------------------------------------


class Tally(Struct):
    """A side's matches; `half_points` of which two make a point."""

    won: int = 0
    halved: int = 0
    lost: int = 0
    half_points: int = 0


def match_table(
    params: GolfParams, competition: Definition, matches: Sequence[tuple[Course, Play]]
) -> list[Row]:
    """Teams (entrants without one stand for themselves) by points from matches that are over."""
    side_of = {id_: entrant.team or id_ for id_, entrant in competition.entrants.items()}
    sides = {side_of.get(e, e) for c in competition.contests.values() for e in c.entrants[:2]}
    tallies = {side: Tally() for side in sorted(sides)}
    for course, play in matches:
        stands = standing(play, course)
        if stands.over:
            for id_ in course.sides:
                tally = tallies.setdefault(side_of.get(id_, id_), Tally())
                _add(course.params, tally, id_, stands.winner)
    chain = [
        by_entrant("points", lambda e: -tallies[e].half_points),
        by_entrant("matches_won", lambda e: -tallies[e].won),
    ]
    rows: list[Row] = []
    for group, some in groups(competition, list(tallies)).items():
        figures = {e: _match_figures(tallies[e]) for e in some}
        rows += _rows(place(some, chain), group, figures)
    return rows


def _add(params: GolfParams, tally: Tally, side: str, winner: str) -> None:
    tally.won += winner == side
    tally.halved += not winner
    tally.lost += bool(winner) and winner != side
    tally.half_points += params.half if not winner else params.win if winner == side else 0


def _match_figures(tally: Tally) -> dict[str, Any]:
    whole, half = divmod(tally.half_points, 2)
    return {
        "played": tally.won + tally.halved + tally.lost,
        "won": tally.won,
        "halved": tally.halved,
        "lost": tally.lost,
        "points": whole + 0.5 if half else whole,
    }
