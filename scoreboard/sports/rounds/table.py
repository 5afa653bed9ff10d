"""Rankings of entrants over matches in which each plays with and against others.

FIRST Robotics Competition 2015, game manual, ranking of teams: they are ranked by the average of
their alliances' scores over the qualification matches; then by sums of categories of points. A team
that did not show up or was disqualified gets zero points, a surrogate's match does not count.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from msgspec import Struct

from scoreboard.facts.advancing import known
from scoreboard.facts.competition import Definition
from scoreboard.sports.exact import MILLI, divided, shown, unit_of
from scoreboard.sports.groups import NO_GROUP, counts_for, homes
from scoreboard.sports.rounds.match import Match, RoundsParams
from scoreboard.sports.sport import Row
from scoreboard.sports.ties import by_entrant, place


class Record(Struct):
    """An entrant's matches added up: scores, wins and draws, points by category."""

    scores: list[int] = []
    won: int = 0
    drawn: int = 0
    barred: int = 0
    categories: dict[str, int] = {}

    def average(self) -> Fraction:
        """The exact average of the scores; 0 without matches."""
        return Fraction(sum(self.scores), len(self.scores) or 1)

    def win_points(self, rules: RoundsParams) -> int:
        """Points for wins and draws."""
        return rules.win * self.won + rules.tie * self.drawn


def standings(
    rules: RoundsParams, competition: Definition, counting: Mapping[str, Match]
) -> list[Row]:
    """Each group's table, or one of all entrants; `counting`: the matches that count, by contest.

    An entrant is in the table of the group that names it, else of its first match's. A match of no
    group counts for everybody's own; who has no group is in a table beside the groups'.
    """
    tables: dict[str, dict[str, Record]] = {id_: {} for id_ in (*competition.groups, NO_GROUP)}
    members = {id_: _members(match) for id_, match in counting.items()}
    present = {
        contest.id: [*known(contest.entrants), *members.get(contest.id, ())]
        for contest in competition.contests.values()
    }
    home = dict.fromkeys(competition.entrants, NO_GROUP) | homes(competition, present)
    for entrant in home:
        tables[home[entrant]][entrant] = Record()
    for contest in competition.contests.values():
        for entrant, name in members.get(contest.id, {}).items():
            if counts_for(contest, home[entrant], competition):
                _add(tables[home[entrant]][entrant], counting[contest.id], entrant, name)
    return [row for group, table in tables.items() for row in _table(rules, group, table)]


def _members(match: Match) -> dict[str, str]:
    """Those for whom the match counts, and their sides."""
    return {
        entrant: name
        for name, side in reversed(match.sides.items())
        for entrant in side.entrants
        if entrant not in side.surrogates
    }


def _add(record: Record, match: Match, entrant: str, name: str) -> None:
    if entrant in match.barred:
        record.barred += 1
        record.scores.append(0)
        return
    side, winners = match.sides[name], match.winners()
    record.scores.append(side.score())
    record.won += winners == [name]
    record.drawn += len(winners) > 1 and name in winners
    for category, points in side.points().items():
        record.categories[category] = record.categories.get(category, 0) + points


def _table(rules: RoundsParams, group: str, table: Mapping[str, Record]) -> list[Row]:
    known: dict[str, Callable[[Record], Any]] = {
        "average": Record.average,
        "sum": lambda record: sum(record.scores),
        "win_points": lambda record: record.win_points(rules),
        "best": lambda record: max(record.scores, default=0),
    }

    def value(name: str, record: Record) -> Any:
        made = known.get(name)
        return made(record) if made else record.categories.get(name, 0)

    def criterion(name: str) -> Any:
        return by_entrant(name, lambda e: (not table[e].scores, -value(name, table[e])))

    placings = place(table, [criterion(name) for name in (rules.rank, *rules.ties)])
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(rules, table[placing.entrant]),
            group=group,
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in placings
    ]


def _figures(rules: RoundsParams, record: Record) -> dict[str, Any]:
    played, total = len(record.scores), sum(record.scores)
    figures: dict[str, Any] = {
        "played": played,
        "sum": total,
        "average": shown(divided(total * MILLI, played or 1, unit_of(rules.decimals))),
        "won": record.won,
        "drawn": record.drawn,
        "win_points": record.win_points(rules),
    }
    if record.barred:
        figures["barred"] = record.barred
    figures |= {t: record.categories[t] for t in rules.ties if t in record.categories}
    return figures
