"""Tennis, and all that is played for points in sets: volleyball, table tennis, badminton, padel.

    facts.py   what can be said of a match
    rules.py   how a match is won: sets of games or of points, tie-breaks, who serves
    match.py   one match as its points have made it
    show.py    a match in a line, in a box, as a timeline
    table.py   tables of groups and leagues
    simulated.py  a match that is made up

Rules: ITF Rules of Tennis 2024, rules 5 to 7, 14, 15, 22, 23, 29 and Appendix V (no-ad, short sets,
match tie-breaks); FIVB Rules of the Game 6; ITTF Laws 2.11 to 2.13; BWF Laws 7.

A match tie-break (`final` by points where sets are by games) is one tie-break game in place of the
deciding set (ITF, Appendix V): a set and a game for its winner, neither for the loser, however many
points it took. The order of service goes on in it; its points are written in brackets, `[10-8]`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.simulating import Chance, Sayings
from scoreboard.sports.sport import Column, Fact, Flags, Happening, Row, Sport, States
from scoreboard.sports.tennis import match, show, simulated, table
from scoreboard.sports.tennis.facts import KINDS, place_in_match
from scoreboard.sports.tennis.match import NOBODY, Match
from scoreboard.sports.tennis.rules import TennisParams

WHOLE = ""


class Tennis(Sport[Match]):
    """Points in sets. Facts are ordered by the umpire's numbers, never by their arrival."""

    name = "tennis"
    version = 3
    title = "Tennis and other games of sets"
    rulebook = "ITF Rules of Tennis 2024; FIVB Rules of the Game; ITTF and BWF Laws"
    Params = TennisParams
    State = Match
    fact_kinds = KINDS
    knock_outs = True
    columns = (
        Column(key="played", label="P", title="Played", brief=True),
        Column(key="won", label="W", title="Won", brief=True),
        Column(key="lost", label="L", title="Lost", brief=True),
        Column(key="sets", label="S+", title="Sets won"),
        Column(key="sets_against", label="S−", title="Sets lost"),
        Column(key="games", label="G+", title="Games (or points) won"),
        Column(key="games_against", label="G−", title="Games (or points) lost"),
        Column(key="points", label="Pts", title="Points", main=True),
    )
    params: TennisParams

    def __init__(self, params: TennisParams) -> None:
        super().__init__(params)
        self._rules: dict[str, tuple[Contest, TennisParams]] = {}

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """The umpire's number, then device time, then identity."""
        return place_in_match(fact)

    def start(self, contest: Contest) -> Match:
        """A match before its first point."""
        self._rules_of(contest)
        return match.new_match(contest)

    def apply(self, state: Match, fact: Fact) -> Flags:
        """Put a fact into the match; nonsense counts for nothing and is flagged."""
        kept = self._rules.get(fact.contest)
        return match.apply(state, fact, kept[1] if kept else self.params)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """A match point by point, until a side has won."""
        if len(contest.entrants) < 2:
            return iter(())
        return simulated.match(contest, self.params_in(contest), chance)

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The winner and the loser."""
        one = _match(contest, states)
        if one.winner == NOBODY or len(one.sides) < 2:
            return ()
        return (one.sides[one.winner], one.sides[1 - one.winner])

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first point, finished with the last."""
        if contest.status in ("delayed", "abandoned", "finished") or WHOLE not in states:
            return contest.status
        one = _match(contest, states)
        if one.winner != NOBODY:
            return "finished"
        return "live" if one.sets or one.lets else contest.status

    def score(self, contest: Contest, states: States) -> tuple[int, int] | None:
        """Sets won by each side."""
        one = states.get(WHOLE)
        return match.sets_won(one) if one is not None and len(one.sides) == 2 else None

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`sides`, `sets`, `points`, `server`, `winner`; pairs are in the order of the sides."""
        return show.line(_match(contest, states), self._rules_of(contest))

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line, and serve, breaks and momentum by side."""
        return show.box(_match(contest, states), self._rules_of(contest))

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """Every point in the match's order."""
        return show.timeline(contest, facts, self._rules_of(contest))

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Tables of the groups, or one of all matches."""
        matches = {id_: states[WHOLE] for id_, states in contests.items() if WHOLE in states}
        return table.standings(self.params, self._rules_of, competition, matches)

    def _rules_of(self, contest: Contest) -> TennisParams:
        kept = self._rules.get(contest.id)
        if kept is None or kept[0] is not contest:
            kept = self._rules[contest.id] = (contest, self.params_in(contest))
        return kept[1]


def _match(contest: Contest, states: States) -> Match:
    return states.get(WHOLE) or match.new_match(contest)


__all__ = ["Match", "Tennis", "TennisParams"]
