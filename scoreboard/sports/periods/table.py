"""Tables of games: points for wins and losses, head to head, difference (FIBA, classification)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from scoreboard.facts.competition import Contest, Definition
from scoreboard.sports.periods.game import Game, PeriodsParams, Tie
from scoreboard.sports.sport import Row
from scoreboard.sports.ties import Criterion, by_entrant, place

Given = Literal["", "forfeit", "default"]


class Record(Struct):
    """A team's games added up; those `forfeited` or `defaulted` are among the lost ones."""

    won: int = 0
    drawn: int = 0
    lost: int = 0
    forfeited: int = 0
    defaulted: int = 0
    scored: int = 0
    allowed: int = 0

    def points(self, rules: PeriodsParams) -> int:
        """Points for the table."""
        played = rules.win * self.won + rules.draw * self.drawn
        lost = rules.loss * (self.lost - self.forfeited - self.defaulted)
        return played + lost + rules.forfeit * self.forfeited + rules.default * self.defaulted


class Result(Struct, frozen=True):
    """A game that counts: teams and scores, home first; how it was `given` to the winner, if so."""

    teams: tuple[str, str]
    scores: tuple[int, int]
    given: Given


def counts(rules: PeriodsParams, contest: Contest, game: Game) -> bool:
    """Whether a game is in its table."""
    if len(game.sides) != 2 or (contest.status == "abandoned" and not given(game)):
        return False
    return (
        game.is_over() or contest.status == "finished" or (rules.live_counts and game.has_begun())
    )


def given(game: Game) -> Given:
    """How a game was given to its winner, "" if it was played to its end."""
    if game.forfeit is not None:
        return "forfeit"
    return "" if game.default is None else "default"


def standings(
    rules: PeriodsParams, competition: Definition, games: Mapping[str, Game]
) -> list[Row]:
    """Each group's table from its games; without groups one of all games.

    A team that plays in a group's games is in its table, whether the group names it or not.
    """
    tables = {id_: list(group.entrants) for id_, group in competition.groups.items()}
    rows: list[Row] = []
    for group, teams in (tables or {"": list(competition.entrants)}).items():
        results = [
            Result((home, away), (scores[0], scores[1]), given(games[contest.id]))
            for contest in competition.contests.values()
            if contest.id in games and (not tables or contest.group == group)
            and counts(rules, contest, games[contest.id])
            for (home, away), scores in [(games[contest.id].sides, games[contest.id].scores())]
        ]  # fmt: skip
        played = (team for result in results for team in result.teams)
        rows += _table(rules, group, list(dict.fromkeys((*teams, *played))), results)
    return rows


def _table(
    rules: PeriodsParams, group: str, teams: Sequence[str], results: Sequence[Result]
) -> list[Row]:
    records = added_up(teams, results)
    known = {
        "points": by_entrant("points", lambda t: -records[t].points(rules)),
        "wins": by_entrant("wins", lambda t: -records[t].won),
        "difference": by_entrant("difference", lambda t: records[t].allowed - records[t].scored),
        "scored": by_entrant("scored", lambda t: -records[t].scored),
        "head_to_head": Criterion("head_to_head", _head_to_head(rules, results), again=True),
    }
    chain: list[Tie] = rules.ties
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(rules, records[placing.entrant]),
            group=group,
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in place(records, [known[tie] for tie in chain])
    ]


def added_up(teams: Iterable[str], results: Iterable[Result]) -> dict[str, Record]:
    """The teams' records in the games between two of them."""
    records = {team: Record() for team in teams}
    for result in results:
        home, away = result.teams
        if home in records and away in records:
            _add(records[home], *result.scores, given=result.given)
            _add(records[away], *reversed(result.scores), given=result.given)
    return records


def _add(record: Record, scored: int, allowed: int, *, given: Given) -> None:
    record.won += scored > allowed
    record.drawn += scored == allowed
    record.lost += scored < allowed
    record.forfeited += given == "forfeit" and scored < allowed
    record.defaulted += given == "default" and scored < allowed
    record.scored += scored
    record.allowed += allowed


def _head_to_head(rules: PeriodsParams, results: Sequence[Result]) -> Any:
    def values(tied: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        return {
            team: (-record.points(rules), record.allowed - record.scored, -record.scored)
            for team, record in added_up(tied, results).items()
        }

    return values


def _figures(rules: PeriodsParams, record: Record) -> dict[str, Any]:
    return {
        "played": record.won + record.drawn + record.lost,
        "won": record.won,
        "drawn": record.drawn,
        "lost": record.lost,
        "scored": record.scored,
        "allowed": record.allowed,
        "difference": record.scored - record.allowed,
        "points": record.points(rules),
    }
