"""Rounds of matches between alliances or pairs that change from match to match.

    facts.py   what can be said about a match
    match.py   one match as its facts have made it
    table.py   averages, sums, points for wins; ties
    simulated.py  a match that is made up

A contest is one match between sides; entrants play with and against each other in turn and are
ranked one by one: robotics tournaments, pairs, mixers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.rounds import match as match_
from scoreboard.sports.rounds import simulated, table
from scoreboard.sports.rounds.facts import KINDS, Barred, Ended, Lineup, Result, Scored
from scoreboard.sports.rounds.match import Match, RoundsParams, new_match
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import Column, Fact, Flags, Happening, Row, Sport, States

WHOLE = ""
ORDER = (Ended, Lineup, Scored, Barred, Result)


class Rounds(Sport[Match]):
    """Alliances scoring per match, ranked by average, sum or points for wins."""

    name = "rounds"
    version = 2
    title = "Rounds of alliances"
    rulebook = "FIRST Robotics Competition 2015 game manual: ranking of teams"
    Params = RoundsParams
    State = Match
    fact_kinds = KINDS
    params: RoundsParams

    def __init__(self, params: RoundsParams) -> None:
        super().__init__(params)
        main = params.rank
        self.columns = (
            Column(key="played", label="P", title="Matches played", brief=True),
            Column(key="average", label="Avg", title="Average score", main=main == "average"),
            Column(key="sum", label="Sum", title="Sum of scores", main=main == "sum"),
            Column(key="won", label="W", title="Won", brief=True),
            Column(key="drawn", label="D", title="Drawn"),
            *(
                [Column(key="win_points", label="Pts", title="Points for wins", main=True)]
                if main == "win_points"
                else []
            ),
        )

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """The end first, so that what came after it can be told; line-ups; then by time."""
        return (ORDER.index(type(fact.payload)), *fact.in_time)

    def start(self, contest: Contest) -> Match:
        """A match that has not begun, with its sides as scheduled."""
        return new_match(self.params_in(contest), contest)

    def apply(self, state: Match, fact: Fact) -> Flags:
        """Put a fact into the match; nonsense is kept and flagged."""
        return match_.apply(state, fact)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """Points of the sides as they fall; sides that nobody is named for are drawn."""
        field = starters(competition, contest)
        return simulated.match(contest, field, self.params_in(contest), chance)

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The winning side's entrants, then the others'; nothing after a draw."""
        match = states.get(WHOLE)
        winners = match.winners() if match else []
        if match is None or len(winners) != 1:
            return ()
        order = sorted(match.sides.items(), key=lambda side: -side[1].score())
        return [entrant for _, side in order for entrant in side.entrants]

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first points, finished with the end or all sides' results."""
        match = states.get(WHOLE)
        if contest.status in ("delayed", "abandoned", "finished") or match is None:
            return contest.status
        if match.is_over():
            return "finished"
        return "live" if match.has_begun() else contest.status

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`sides` with entrants and score; `winner` once there is one."""
        match = states.get(WHOLE) or self.start(contest)
        made: dict[str, Any] = {
            "sides": {
                name: {"entrants": side.entrants}
                | ({"score": side.score()} if match.has_begun() else {})
                for name, side in match.sides.items()
            }
        }
        if len(match.winners()) == 1:
            made["winner"] = match.winners()[0]
        return made

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line; each side's points by category, surrogates, who was barred."""
        match = states.get(WHOLE) or self.start(contest)
        made = self.line(contest, states)
        for name, side in match.sides.items():
            if side.points():
                made["sides"][name]["points"] = dict(sorted(side.points().items()))
            if side.surrogates:
                made["sides"][name]["surrogates"] = side.surrogates
            if side.result is not None and side.scored:
                made["sides"][name]["counted"] = sum(side.scored.values())
        if match.barred:
            made["barred"] = dict(sorted(match.barred.items()))
        return made

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """What happened by device time, with the running score."""
        flags, whole = {}, self.start(contest)
        for fact in facts:
            flags[fact.record] = list(self.apply(whole, fact))
        running, happenings = self.start(contest), []
        for fact in sorted(facts, key=lambda f: f.in_time):
            self.apply(running, fact)
            happening = Happening(
                record=fact.record,
                type=fact.type,
                text=_text(fact.payload),
                entrant=getattr(fact.payload, "entrant", ""),
                score="-".join(str(side.score()) for side in running.sides.values()),
                flags=flags[fact.record],
            )
            happenings.append(happening)
        return happenings

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Entrants ranked over the matches that count."""
        counting = {}
        for id_, states in contests.items():
            contest, match = competition.contests.get(id_), states.get(WHOLE)
            if contest is None or match is None or contest.status == "abandoned":
                continue
            rules = self.params_in(contest)
            over = match.is_over() or contest.status == "finished"
            if rules.counts and (over or (rules.live_counts and match.has_begun())):
                counting[id_] = match
        return table.standings(self.params, competition, counting)


def _text(payload: Any) -> str:
    match payload:
        case Lineup(side=side, entrants=entrants):
            return f"{side}: {', '.join(entrants)}"
        case Scored(side=side, points=points, category=category):
            return f"{side}: {points:+} {category}"
        case Result(side=side, points=points):
            return f"{side}: {sum(points.values())} is official"
        case Barred(entrant=entrant, kind=kind):
            return f"{entrant} {kind}"
    return "End"


__all__ = ["Match", "Rounds", "RoundsParams"]
