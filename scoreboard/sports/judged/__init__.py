"""Judged sports: figure skating, diving, gymnastics and whatever else a panel marks.

    facts.py        what can be said: calls, marks, deductions, release, retirement
    panel.py        how marks become points, and what a competition configures of it
    performance.py  one entrant in one segment, and its score
    show.py         a segment in a line, in a box, as a timeline
    simulated.py    a segment that is made up

A contest is a segment (a short programme, a round of dives), a group an event (ladies, pairs) whose
entrants are ranked by the sum of their segments. Each entrant's performance folds by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.judged import performance as performance_
from scoreboard.sports.judged import show, table
from scoreboard.sports.judged.facts import KINDS
from scoreboard.sports.judged.panel import JudgedParams
from scoreboard.sports.judged.performance import Performance
from scoreboard.sports.judged.simulated import Simulated
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import Column, Fact, Flags, Happening, Row, Sport, States


class Judged(Sport[Performance]):
    """Panels of judges. Facts are ordered by device time, then identity; the last mark counts."""

    name = "judged"
    version = 3
    title = "Judged performances"
    rulebook = "ISU Special Regulations 2016, rule 353; World Aquatics, Diving Rules"
    Params = JudgedParams
    State = Performance
    fact_kinds = KINDS
    reasons = (
        "Judge's mistake",
        "Inquiry upheld",
        "Jury's decision",
        "Wrong entrant",
        "Typing mistake",
    )
    columns = (
        Column(key="total", label="Pts", title="Total", main=True),
        Column(key="elements", label="TES", title="Elements"),
        Column(key="components", label="PCS", title="Components"),
        Column(key="deductions", label="Ded", title="Deductions"),
        Column(key="segments", label="N", title="Segments performed", brief=True),
    )
    params: JudgedParams

    def __init__(self, params: JudgedParams) -> None:
        super().__init__(params)
        self._withdrawn: frozenset[str] = frozenset()

    def enrol(self, competition: Definition) -> frozenset[str]:
        """Who takes no further part: no segment waits for them."""
        self._withdrawn = competition.withdrawn
        return self._withdrawn

    def fold_key(self, fact: Fact) -> str:
        """The entrant: each performance is marked by itself."""
        entrant: str = fact.payload.entrant
        return entrant

    def start(self, contest: Contest) -> Performance:
        """A performance before its first mark, under the segment's own rules."""
        return Performance(rules=self.params_in(contest), planned=list(contest.entrants))

    def apply(self, state: Performance, fact: Fact) -> Flags:
        """Put a fact into the performance; nonsense is kept and flagged."""
        return performance_.apply(state, fact)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """Everybody's elements, components and result, with the whole panel's marks."""
        field = starters(competition, contest)
        return Simulated(self.params_in(contest), chance).perform(field)

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The segment's order once everyone's result is released."""
        if self.status(contest, states) != "finished":
            return ()
        return [placing.entrant for placing in table.segment(states)]

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first mark, finished when the part of everybody planned is done."""
        return show.status(contest, states, self._withdrawn)

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`performed` of `planned`, `leader` and its `score`, and who is `judged` just now."""
        return show.line(contest, states)

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line, and `performances` by entrant: scores, each element's and component's marks."""
        return show.box(contest, states)

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """Calls, deductions and results in order; single marks are in the box."""
        return show.timeline(self.start(contest), facts)

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Each group ranked by its segments' sum; without groups all are one field."""
        seen = {id_: show.together(states) for id_, states in contests.items()}
        return table.standings(self.params, competition, seen)


__all__ = ["Judged", "JudgedParams", "Performance"]
