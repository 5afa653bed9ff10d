"""Games in timed periods with a running score: basketball and its like.

    facts.py   what can be said about a game, and where it stands in it
    game.py    one game as its facts have made it
    show.py    a game in a line, in a box, as a timeline
    simulated.py  a game that is made up
    table.py   tables

Facts are ordered by period, game clock and the scorer's own count, never by their arrival.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.periods import game as game_
from scoreboard.sports.periods import show, table
from scoreboard.sports.periods.facts import KINDS, Defaulted, Ended, Forfeited, place
from scoreboard.sports.periods.game import Game, PeriodsParams, new_game
from scoreboard.sports.periods.simulated import Simulated
from scoreboard.sports.simulating import Chance, Sayings
from scoreboard.sports.sport import Column, Fact, Flags, Happening, Row, Sport, States

WHOLE = ""


class Periods(Sport[Game]):
    """Timed periods, overtime, fouls, time-outs, a game clock that every screen ticks by itself."""

    name = "periods"
    version = 6
    title = "Games in periods"
    rulebook = (
        "FIBA Official Basketball Rules (periods, scores, fouls, time-outs: rule 18, forfeit: 20, "
        "default: 21, classification)"
    )
    Params = PeriodsParams
    State = Game
    fact_kinds = KINDS
    knock_outs = True
    columns = (
        Column(key="played", label="P", title="Played"),
        Column(key="won", label="W", title="Won", brief=True),
        Column(key="lost", label="L", title="Lost", brief=True),
        Column(key="scored", label="PF", title="Points for"),
        Column(key="allowed", label="PA", title="Points against"),
        Column(key="difference", label="+/−", title="Difference", brief=True, signed=True),
        Column(key="points", label="Pts", title="Points", main=True),
    )
    params: PeriodsParams

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """The end first, so that what came after it can be told; then the place in the game."""
        end = isinstance(fact.payload, Ended | Forfeited | Defaulted)
        at = (0, 0, 0) if end else place(fact.payload)
        return (*at, *fact.in_time)

    def start(self, contest: Contest) -> Game:
        """A game that has not begun."""
        return new_game(self.params_in(contest), contest)

    def apply(self, state: Game, fact: Fact) -> Flags:
        """Put a fact into the game; nonsense is kept and flagged."""
        return game_.apply(state, fact)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """A game period by period, overtimes too as long as it is level."""
        teams, rules = contest.entrants[:2], self.params_in(contest)
        return Simulated(teams, rules, chance).play() if len(teams) == 2 else iter(())

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """Winner and loser; nothing after a draw."""
        game = states.get(WHOLE)
        winner = game.winner(contest.status) if game else ""
        return [winner, *(t for t in game.sides if t != winner)] if game and winner else ()

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first fact, finished with the end, a forfeit or a default."""
        return show.status(contest, states.get(WHOLE))

    def score(self, contest: Contest, states: States) -> tuple[int, int] | None:
        """Points of home and away, overtime included, or those of a forfeit."""
        one = states.get(WHOLE)
        if one is None or len(one.sides) != 2:
            return None
        home, away = one.scores()
        return home, away

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`teams`, `score`, `period`, `clock`, `by_period`, `winner`; pairs are home, away."""
        return show.line(states.get(WHOLE) or self.start(contest), contest.status)

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line; by team its fouls in this period, bonus, time-outs left and players."""
        return show.box(states.get(WHOLE) or self.start(contest), contest.status)

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """What happened in the game's order, with the running score; not the clock's own facts."""
        return show.timeline(self.start(contest), self.start(contest), facts)

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Groups' tables, or one of all."""
        games = {id_: states[WHOLE] for id_, states in contests.items() if WHOLE in states}
        return table.standings(self.params, competition, games)


__all__ = ["Game", "Periods", "PeriodsParams"]
