"""Group tables: figures from the matches, ranked by the competition's own chain of tie-breaks.

The chain that applies if none is configured is that of the Regulations of the 2018 FIFA World Cup
Russia, article 32.5: points, goal difference and goals in all group matches; points, goal
difference and goals in the matches among the tied; fair play; drawing of lots.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field

from scoreboard.facts.competition import Contest, Definition
from scoreboard.sports.football.facts import Card
from scoreboard.sports.football.match import Match, has_begun, is_over, score
from scoreboard.sports.sport import Params, Row
from scoreboard.sports.ties import Criterion, by_entrant, place

Tie = Literal["points", "goal_difference", "goals", "wins", "head_to_head", "fair_play", "lots"]

WORLD_CUP: tuple[Tie, ...] = (
    "points",
    "goal_difference",
    "goals",
    "head_to_head",
    "fair_play",
    "lots",
)
"""The chain of the 2018 World Cup's group stage (article 32.5)."""

# Points taken off for a player's cards in one match; only one of these per player and match
# (Regulations 2018 FIFA World Cup Russia, article 32.5 g).
YELLOW, SECOND_YELLOW, RED, YELLOW_AND_RED = 1, 3, 4, 5


class FootballParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`ties`: the chain, in order. `live_counts`: whether matches under way are in the table."""

    ties: list[Tie] = field(default_factory=lambda: list(WORLD_CUP))
    live_counts: bool = True
    win: int = 3
    draw: int = 1


class Record(Struct):
    """A team's matches added up."""

    won: int = 0
    drawn: int = 0
    lost: int = 0
    gf: int = 0
    ga: int = 0


class Result(Struct, frozen=True):
    """A match that counts for a table."""

    home: str
    away: str
    goals: tuple[int, int]
    match: Match


def standings(
    params: FootballParams, competition: Definition, matches: Mapping[str, Match], lots: Match
) -> list[Row]:
    """All groups' tables in the order of the definition; without groups one of all matches.

    `lots`: what was drawn, in that one table whatever group is named.
    """
    tables = {id_: list(group.entrants) for id_, group in competition.groups.items()}
    tables = tables or {"": list(competition.entrants)}
    results: dict[str, list[Result]] = {group: [] for group in tables}
    for id_, match in matches.items():
        contest = competition.contests.get(id_)
        if contest is None or not counts(params, contest, match):
            continue
        group = (contest.group or "") if competition.groups else ""
        if group in results:
            home, away = match.teams
            results[group].append(Result(home, away, score(match), match))
    rows: list[Row] = []
    for id_, teams in tables.items():
        drawn = [fact.order for fact in lots.lots.values() if fact.group == id_ or not id_]
        rows += _table(params, id_, teams, results[id_], drawn)
    return rows


def counts(params: FootballParams, contest: Contest, match: Match) -> bool:
    """Whether the match is in its group's table.

    An abandoned match is not, unless its points were given away: its replay or its ruling is.
    """
    if len(match.teams) != 2 or match.teams[0] == match.teams[1]:
        return False
    if match.walkover is not None:
        return True
    if contest.status == "abandoned" or not has_begun(match):
        return False
    return params.live_counts or is_over(match) or contest.status == "finished"


def _table(
    params: FootballParams,
    group: str,
    entrants: Iterable[str],
    results: Sequence[Result],
    drawn: Sequence[Sequence[str]],
) -> list[Row]:
    by_team: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_team[result.home].append(result)
        by_team[result.away].append(result)
    teams = sorted({*entrants, *by_team})
    records = added_up(teams, results)
    chain = _chain(params, records, by_team, drawn)
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(params, records[placing.entrant]),
            group=group,
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in place(teams, chain)
    ]


def added_up(teams: Iterable[str], results: Iterable[Result]) -> dict[str, Record]:
    """The teams' records in the matches between two of them."""
    records = {team: Record() for team in teams}
    for result in results:
        home, away = records.get(result.home), records.get(result.away)
        if home is None or away is None:
            continue
        home_goals, away_goals = result.goals
        home.gf += home_goals
        home.ga += away_goals
        away.gf += away_goals
        away.ga += home_goals
        if home_goals == away_goals:
            home.drawn += 1
            away.drawn += 1
        else:
            won, lost = (home, away) if home_goals > away_goals else (away, home)
            won.won += 1
            lost.lost += 1
    return records


def points(params: FootballParams, record: Record) -> int:
    """Points for a table: by default 3 for a win, 1 for a draw."""
    return params.win * record.won + params.draw * record.drawn


def _figures(params: FootballParams, record: Record) -> dict[str, Any]:
    return {
        "played": record.won + record.drawn + record.lost,
        "won": record.won,
        "drawn": record.drawn,
        "lost": record.lost,
        "gf": record.gf,
        "ga": record.ga,
        "gd": record.gf - record.ga,
        "pts": points(params, record),
    }


# the chain -------------------------------------------------------------------------------------


def _chain(
    params: FootballParams,
    records: Mapping[str, Record],
    by_team: Mapping[str, Sequence[Result]],
    drawn: Sequence[Sequence[str]],
) -> list[Criterion]:
    known: dict[Tie, Criterion] = {
        "points": by_entrant("points", lambda t: -points(params, records[t])),
        "goal_difference": by_entrant("goal_difference", lambda t: records[t].ga - records[t].gf),
        "goals": by_entrant("goals", lambda t: -records[t].gf),
        "wins": by_entrant("wins", lambda t: -records[t].won),
        "head_to_head": Criterion("head_to_head", _head_to_head(params, by_team), again=True),
        "fair_play": by_entrant("fair_play", lambda t: _deducted(t, by_team[t])),
        "lots": Criterion("lots", _lots(drawn)),
    }
    return [known[tie] for tie in params.ties]


def _head_to_head(params: FootballParams, by_team: Mapping[str, Sequence[Result]]) -> Any:
    def values(tied: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        among = added_up(tied, (r for team in tied for r in by_team[team] if r.home == team))
        return {
            team: (-points(params, record), record.ga - record.gf, -record.gf)
            for team, record in among.items()
        }

    return values


def _deducted(team: str, results: Iterable[Result]) -> int:
    """Fair-play points taken off a team over its matches; fewer is better."""
    return sum(deducted_in(team, result.match.cards) for result in results if result.match.cards)


def deducted_in(team: str, cards: Mapping[str, Card]) -> int:
    """Fair-play points taken off a team in one match; a card without a name is a player's own."""
    colours: dict[str, list[str]] = {}
    for record, card in cards.items():
        if card.team == team:
            player = f"player {card.player}" if card.player else f"record {record}"
            colours.setdefault(player, []).append(card.colour)
    return sum(_deducted_for(shown) for shown in colours.values())


def _deducted_for(shown: Sequence[str]) -> int:
    if "red" in shown:
        return YELLOW_AND_RED if "yellow" in shown else RED
    if "second_yellow" in shown or len(shown) > 1:
        return SECOND_YELLOW
    return YELLOW


def _lots(drawn: Sequence[Sequence[str]]) -> Any:
    def values(tied: Sequence[str]) -> dict[str, int]:
        """Places in the last drawing that all the tied took part in; without one all are equal."""
        for order in reversed(drawn):
            if set(tied) <= set(order):
                return {team: order.index(team) for team in tied}
        return dict.fromkeys(tied, 0)

    return values
