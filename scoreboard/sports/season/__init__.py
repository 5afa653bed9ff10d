"""Seasons of rounds: points by place, best results, sprints, half points, count-back, teams.

    facts.py   what can be said of a round
    rules.py   how the season counts
    round.py   one round, and the points that it gives
    table.py   the tables of entrants and teams
    simulated.py  a round that is made up

Rules: FIA Formula One Sporting Regulations 2021, articles 6 (points, half points), 6.5 to 6.8
(fastest lap, dead heats) and 7 (count-back); 1988's article on a driver's eleven best results.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.season import round as one_round
from scoreboard.sports.season import simulated, table
from scoreboard.sports.season.facts import KINDS, Adjusted, FastestLap, Result, Shortened
from scoreboard.sports.season.round import Round, place_of
from scoreboard.sports.season.rules import SeasonParams
from scoreboard.sports.simulating import Chance, Sayings
from scoreboard.sports.sport import Column, Fact, Flags, Happening, Row, Sport, States

WHOLE = ""


class Season(Sport[Round]):
    """A season: every contest is a round, its facts ordered by their time."""

    name = "season"
    officials_only = frozenset({"season.adjusted"})
    title = "Season"
    rulebook = "FIA Formula One Sporting Regulations 2021, articles 6 and 7"
    Params = SeasonParams
    State = Round
    fact_kinds = KINDS
    columns = (
        Column(key="rounds", label="R", title="Rounds", brief=True),
        Column(key="wins", label="W", title="First places", brief=True),
        Column(key="podiums", label="Pod", title="First, second and third places"),
        Column(key="gross", label="Gross", title="Points with results that do not count"),
        Column(key="points", label="Pts", title="Points", main=True),
    )
    params: SeasonParams

    def start(self, contest: Contest) -> Round:
        """A round that has not been driven."""
        return Round()

    def apply(self, state: Round, fact: Fact) -> Flags:
        """Put a fact into the round; nonsense is kept and flagged."""
        return one_round.apply(state, fact)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """Results as they come in, until they are final."""
        rules = self.params_in(contest)
        return simulated.round_of(simulated.drivers(competition, contest, rules), rules, chance)

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The classified, once the round is finished."""
        if self.status(contest, states) != "finished":
            return ()
        results = states[WHOLE].results if WHOLE in states else {}
        ordered = table.order_of(states[WHOLE]) if results else ()
        return [entrant for entrant in ordered if place_of(results[entrant]) is not None]

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live with the first result, finished once results are final."""
        if contest.status in ("delayed", "abandoned", "finished") or WHOLE not in states:
            return contest.status
        if states[WHOLE].final:
            return "finished"
        return "live" if states[WHOLE].results else contest.status

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`first`: who came first; how many results there are; the share of points given."""
        one = states.get(WHOLE) or Round()
        shown: dict[str, Any] = {"results": len(one.results)}
        first = [id_ for id_, result in sorted(one.results.items()) if place_of(result) == 1]
        if first:
            shown["first"] = first
        if one.share is not None:
            shown["share"] = "{}/{}".format(*one.share)
        return shown

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line, and `results` by entrant with their points."""
        one = states.get(WHOLE) or Round()
        shown = self.line(contest, states)
        given = one_round.points(one, self.params_in(contest))
        shown["rows"] = {}
        for order, entrant in enumerate(table.order_of(one)):
            result = one.results[entrant]
            row = {
                "order": order,
                "status": result.status,
                "points": table.as_figure(given[entrant]),
            }
            if (at := place_of(result)) is not None:
                row["place"] = at
            if result.team is not None:
                row["team"] = result.team
            if entrant == one.fastest_lap:
                row["fastest_lap"] = True
            shown["rows"][entrant] = row
        return shown

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """What was said of the round, in order of time."""
        state = Round()
        return [
            Happening(
                record=fact.record,
                type=fact.type,
                text=_text(fact.payload),
                entrant=getattr(fact.payload, "entrant", ""),
                flags=list(one_round.apply(state, fact)),
            )
            for fact in sorted(facts, key=self.sort_key)
        ]

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Entrants by group, then teams, from the rounds of the definition."""
        rounds = {id_: states[WHOLE] for id_, states in contests.items() if WHOLE in states}
        loose = rounds.pop("", None) or Round()
        return table.standings(self.params, self.params_in, competition, rounds, loose)


def _text(payload: Any) -> str:
    match payload:
        case Result(place=place, status="classified"):
            return f"Place {place}" if place else "Classified"
        case Result(status=status):
            return status.upper()
        case FastestLap():
            return "Fastest lap"
        case Shortened(share=share):
            return "{} of {} of the points".format(*share)
        case Adjusted(points=points, reason=reason):
            return f"{points:+} points" + (f": {reason}" if reason else "")
    return "Results final"


__all__ = ["Round", "Season", "SeasonParams"]
