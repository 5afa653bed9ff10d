"""Association football: matches, shoot-outs, walkovers and group tables.

    facts.py   what can be said about a match, and where it stands in it
    match.py   one match as its facts have made it
    show.py    a match in a line, in a box, as a timeline
    simulated.py  a match that is made up
    table.py   group tables and their tie-breaks
    feats.py   hat-tricks, comebacks, round numbers of goals

Rules: IFAB Laws of the Game (Laws 3, 7, 8, 10, 12); FIFA's competition regulations for tables,
fair play and forfeits.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.football import feats, match, show, table
from scoreboard.sports.football.facts import KINDS, identity
from scoreboard.sports.football.feats import Summary
from scoreboard.sports.football.match import Match
from scoreboard.sports.football.simulated import Simulated
from scoreboard.sports.football.table import FootballParams
from scoreboard.sports.simulating import Chance, Sayings, must_be_won
from scoreboard.sports.sport import (
    Column,
    Fact,
    Feat,
    Flags,
    Happening,
    Milestone,
    Row,
    Sport,
    States,
)

WHOLE = ""


class Football(Sport[Match]):
    """Association football. Facts are ordered by the match's clock, never by their arrival."""

    name = "football"
    version = 5
    title = "Football"
    rulebook = "IFAB Laws of the Game; Regulations 2018 FIFA World Cup Russia, article 32.5"
    Params = FootballParams
    State = Match
    fact_kinds = KINDS
    reasons = (
        "Seen on video",
        "Wrong team",
        "Wrong player",
        "Wrong minute",
        "Entered twice",
        "Typing mistake",
    )
    knock_outs = True
    columns = (
        Column(key="played", label="P", title="Played", brief=True),
        Column(key="won", label="W", title="Won"),
        Column(key="drawn", label="D", title="Drawn"),
        Column(key="lost", label="L", title="Lost"),
        Column(key="gf", label="GF", title="Goals for"),
        Column(key="ga", label="GA", title="Goals against"),
        Column(key="gd", label="GD", title="Goal difference", brief=True, signed=True),
        Column(key="pts", label="Pts", title="Points", main=True),
    )
    measures = feats.MEASURES
    params: FootballParams

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """Period, minute, stoppage; then corrected device time; then identity."""
        return (*match.fold_place(fact), *identity(fact))

    def start(self, contest: Contest) -> Match:
        """A match that has not begun."""
        return match.new_match(contest)

    def apply(self, state: Match, fact: Fact) -> Flags:
        """Put a fact into the match; nonsense is kept and flagged."""
        return match.apply(state, fact)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """A match minute by minute; knock-outs with extra time and a shoot-out if need be."""
        decided = must_be_won(competition, contest)
        teams = contest.entrants[:2]
        return Simulated(teams, chance).play(decided=decided) if len(teams) == 2 else iter(())

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first fact, finished with the final whistle or a walkover."""
        return match.status(contest, states.get(WHOLE))

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """Winner and loser of a match that is over, after a shoot-out or by a walkover too."""
        return match.placings(contest, states.get(WHOLE))

    def score(self, contest: Contest, states: States) -> tuple[int, int] | None:
        """Goals of home and away, extra time included and a shoot-out not, or those ruled."""
        one = states.get(WHOLE)
        return match.score(one) if one is not None and len(one.teams) == 2 else None

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`teams`, `play`, `clock`, `score`, `periods`, `winner`; pairs are home, away."""
        return show.line(contest, states.get(WHOLE))

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line, and `goals`, `cards`, `substitutions` and `kicks` by record."""
        return show.box(contest, states.get(WHOLE))

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """What happened in the match's order, with the running score."""
        return show.timeline(contest, facts)

    def feats(self, contest: Contest, states: States) -> Iterable[Feat]:
        """Goals of a team and of a player in one match, once there are enough to speak of."""
        return feats.feats(states[WHOLE]) if WHOLE in states else ()

    def summary(self, competition: Definition, contest: Contest, states: States) -> Summary:
        """A match's goals with the time of each, its scorers, hat-tricks and comebacks."""
        return feats.summary(competition, contest.id, states.get(WHOLE) or Match())

    def milestones(
        self, competition: Definition, contests: Mapping[str, Summary]
    ) -> Iterable[Milestone]:
        """First and round-numbered goals, hat-tricks, comebacks, the top scorer."""
        return feats.milestones(competition, contests.values())

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Tables of groups, or one of all matches; lots are drawn outside any contest ("")."""
        matches = {id_: states[WHOLE] for id_, states in contests.items() if WHOLE in states}
        lots = matches.pop("", None) or Match()
        return table.standings(self.params, competition, matches, lots)


__all__ = ["Football", "FootballParams", "Match"]
