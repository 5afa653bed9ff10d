"""Group tables: points, and the chain of tie-breaks.

The default chain is that of the FIFA World Cup 2018 (competition regulations, article 32.5): points,
goal difference and goals in all group matches; then points, goal difference and goals among the
teams concerned; fair play; drawing of lots. Head-to-head is applied once more to the teams that it
leaves equal, among themselves alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct

from scoreboard.facts.competition import Definition, Group
from scoreboard.sports.football.match import Match
from scoreboard.sports.football.result import goals
from scoreboard.sports.sport import Column, Row
from scoreboard.sports.ties import Criterion, by_entrant, place

Tie = Literal[
    "points", "goal_difference", "goals", "wins", "head_to_head", "fair_play", "lots", "name"
]
FIFA_2018: tuple[Tie, ...] = (
    *("points", "goal_difference", "goals"),
    *("head_to_head", "fair_play", "lots"),
)
COLUMNS = (
    Column(key="played", label="P", title="Played"),
    Column(key="won", label="W", title="Won"),
    Column(key="drawn", label="D", title="Drawn"),
    Column(key="lost", label="L", title="Lost"),
    Column(key="gf", label="GF", title="Goals for"),
    Column(key="ga", label="GA", title="Goals against"),
    Column(key="gd", label="GD", title="Goal difference"),
    Column(key="pts", label="Pts", title="Points", main=True),
)


class Played(Struct, frozen=True, gc=False):
    """A match that counts for a table: its two teams and their goals."""

    home: str
    away: str
    home_goals: int
    away_goals: int
    match: Match


class Sums(Struct, gc=False):
    """A team's figures over some matches."""

    won: int = 0
    drawn: int = 0
    lost: int = 0
    gf: int = 0
    ga: int = 0

    def add(self, scored: int, conceded: int) -> None:
        """Count one match."""
        self.gf += scored
        self.ga += conceded
        self.won += scored > conceded
        self.drawn += scored == conceded
        self.lost += scored < conceded


class Table:
    """The table of one group. `win` and `draw`: points for each; `lots`: teams in drawn order."""

    def __init__(
        self, group: Group, played: Sequence[Played], win: int, draw: int, lots: Sequence[str]
    ) -> None:
        self.group = group
        self.played = played
        self.win = win
        self.draw = draw
        self.lots = {team: at for at, team in enumerate(lots)}
        self.teams = list(group.entrants) or sorted({t for p in played for t in (p.home, p.away)})
        self.sums = self._sums(self.teams, played)

    def rows(self, ties: Iterable[Tie], competition: Definition) -> list[Row]:
        """The group's rows, best first; entrants before their first match have zeros."""
        chain = [self._criterion(tie, competition) for tie in ties]
        return [
            Row(
                entrant=placing.entrant,
                rank=placing.rank,
                figures=self._figures(self.sums[placing.entrant]),
                group=self.group.id,
                decided=placing.decided,
                tied=placing.tied,
            )
            for placing in place(self.teams, chain)
        ]

    def _figures(self, sums: Sums) -> dict[str, Any]:
        return {
            "played": sums.won + sums.drawn + sums.lost,
            "won": sums.won,
            "drawn": sums.drawn,
            "lost": sums.lost,
            "gf": sums.gf,
            "ga": sums.ga,
            "gd": sums.gf - sums.ga,
            "pts": self._points(sums),
        }

    def _points(self, sums: Sums) -> int:
        return sums.won * self.win + sums.drawn * self.draw

    @staticmethod
    def _sums(teams: Iterable[str], played: Iterable[Played]) -> dict[str, Sums]:
        """Sums of the teams over the matches; a match may have a team that is not among them."""
        sums = {team: Sums() for team in teams}
        for one in played:
            if one.home in sums:
                sums[one.home].add(one.home_goals, one.away_goals)
            if one.away in sums:
                sums[one.away].add(one.away_goals, one.home_goals)
        return sums

    # tie-breaks: smaller is better --------------------------------------------------------------

    def _criterion(self, tie: Tie, competition: Definition) -> Criterion:
        sums = self.sums
        match tie:
            case "points":
                return by_entrant(tie, lambda team: -self._points(sums[team]))
            case "goal_difference":
                return by_entrant(tie, lambda team: sums[team].ga - sums[team].gf)
            case "goals":
                return by_entrant(tie, lambda team: -sums[team].gf)
            case "wins":
                return by_entrant(tie, lambda team: -sums[team].won)
            case "head_to_head":
                return Criterion(tie, self._head_to_head, again=True)
            case "fair_play":
                return by_entrant(tie, self._fair_play)
            case "lots":
                return Criterion(tie, self._drawn)
            case "name":
                named = competition.entrants
                return by_entrant(tie, lambda t: (named[t].name if t in named else t, t))

    def _head_to_head(self, block: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        among = [one for one in self.played if one.home in block and one.away in block]
        sums = self._sums(block, among)
        return {t: (-self._points(s), s.ga - s.gf, -s.gf) for t, s in sums.items()}

    def _fair_play(self, team: str) -> int:
        """Points taken off for cards (article 32.5 g): one deduction for a player and match.

        First caution 1; second caution 3; sending-off 4; caution and sending-off 5. A card without
        a player's name is a player of its own.
        """
        taken_off = 0
        for one in self.played:
            players: dict[str, set[str]] = {}
            for record, card in one.match.cards.items():
                if card.team == team:
                    # A name cannot begin with a line break, so no record passes for a player.
                    players.setdefault(card.player or f"\n{record}", set()).add(card.colour)
            taken_off += sum(_deduction(colours) for colours in players.values())
        return taken_off

    def _drawn(self, block: Sequence[str]) -> dict[str, int]:
        """The order drawn; a draw that leaves one of the tied out parts nobody."""
        whole = all(team in self.lots for team in block)
        return {team: self.lots[team] if whole else 0 for team in block}


def _deduction(colours: set[str]) -> int:
    if "red" in colours:
        return 5 if len(colours) > 1 else 4
    return 3 if "second_yellow" in colours else 1


def counted(home: str, away: str, match: Match) -> Played:
    """A match as it counts for its table."""
    return Played(home, away, goals(match, home), goals(match, away), match)
