"""Tables of matches: wins, points, sets and games for and against, with the chain's tie-breaks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Contest, Definition
from scoreboard.sports.sport import Row
from scoreboard.sports.tennis.match import NOBODY, Match, SetScore, sets_won
from scoreboard.sports.tennis.rules import TennisParams
from scoreboard.sports.ties import Criterion, by_entrant, place


class Record(Struct):
    """A side's matches that are over.

    `games` are points where all sets are won by points; a match tie-break is one game.
    """

    won: int = 0
    lost: int = 0
    points: int = 0
    sets: int = 0
    sets_against: int = 0
    games: int = 0
    games_against: int = 0


Results = Sequence[tuple[Match, TennisParams]]


def standings(
    params: TennisParams,
    params_in: Callable[[Contest], TennisParams],
    competition: Definition,
    matches: Mapping[str, Match],
) -> list[Row]:
    """Groups in the definition's order; where there are none, one table of all matches."""
    results: dict[str, list[tuple[Match, TennisParams]]] = {}
    for id_, contest in competition.contests.items():
        if id_ in matches and matches[id_].winner != NOBODY and len(matches[id_].sides) == 2:
            result = (matches[id_], params_in(contest))
            results.setdefault(contest.group or "", []).append(result)
    groups = {id_: group.entrants for id_, group in competition.groups.items()}
    if not groups:
        played = (e for c in competition.contests.values() for e in c.entrants[:2])
        groups = {"": list(dict.fromkeys(played))}
    rows: list[Row] = []
    for group, entrants in groups.items():
        rows += _table(params, group, entrants, results.get(group, []))
    return rows


def added_up(entrants: Iterable[str], results: Results) -> dict[str, Record]:
    """Records in the matches between two of these entrants."""
    records = {entrant: Record() for entrant in entrants}
    for match, params in results:
        if all(side in records for side in match.sides):
            for number, side in enumerate(match.sides):
                _add(records[side], match, params, number)
    return records


def _add(record: Record, match: Match, params: TennisParams, side: int) -> None:
    won = match.winner == side
    sets = sets_won(match)
    record.won += won
    record.lost += not won
    narrow = not match.ended and len(match.sets) == params.sets > 1
    if won:
        record.points += params.narrow_win if narrow else params.win
    elif narrow:
        record.points += params.narrow_loss
    record.sets += sets[side]
    record.sets_against += sets[1 - side]
    for number, one in enumerate(match.sets, 1):
        games = _games(one, params, number)
        record.games += games[side]
        record.games_against += games[1 - side]


def _games(one: SetScore, params: TennisParams, number: int) -> Sequence[int]:
    """A set's games of both sides; a match tie-break is one, its winner's (ITF, Appendix V)."""
    if not params.is_match_tie_break(number):
        return one.score
    return [int(one.winner == side) for side in (0, 1)]


def _table(
    params: TennisParams, group: str, entrants: Iterable[str], results: Results
) -> list[Row]:
    everybody = sorted({*entrants, *(side for match, _ in results for side in match.sides)})
    records = added_up(everybody, results)
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(records[placing.entrant]),
            group=group,
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in place(everybody, _chain(params, records, results))
    ]


def _figures(record: Record) -> dict[str, Any]:
    return {
        "played": record.won + record.lost,
        "won": record.won,
        "lost": record.lost,
        "sets": record.sets,
        "sets_against": record.sets_against,
        "games": record.games,
        "games_against": record.games_against,
        "points": record.points,
    }


def _chain(
    params: TennisParams, records: Mapping[str, Record], results: Results
) -> list[Criterion]:
    def by(name: str, key: Callable[[Record], Any]) -> Criterion:
        return by_entrant(name, lambda e: key(records[e]))

    known = {
        "wins": by("wins", lambda r: -r.won),
        "points": by("points", lambda r: -r.points),
        "head_to_head": Criterion("head_to_head", _head_to_head(results), again=True),
        "set_difference": by("set_difference", lambda r: r.sets_against - r.sets),
        "set_ratio": by("set_ratio", lambda r: _ratio(r.sets, r.sets_against)),
        "game_difference": by("game_difference", lambda r: r.games_against - r.games),
        "game_ratio": by("game_ratio", lambda r: _ratio(r.games, r.games_against)),
    }
    return [known[tie] for tie in params.ties]


def _ratio(mine: int, other: int) -> tuple[bool, Fraction]:
    """Smaller is better: none lost beats every ratio."""
    return (not (mine and not other), Fraction(-mine, other or 1))


def _head_to_head(results: Results) -> Callable[[Sequence[str]], dict[str, int]]:
    def values(tied: Sequence[str]) -> dict[str, int]:
        return {e: -record.won for e, record in added_up(tied, results).items()}

    return values
