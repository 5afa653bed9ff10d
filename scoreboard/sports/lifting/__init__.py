"""Lifting: powerlifting, weightlifting and whatever else is lifted in attempts.

    facts.py   what can be said: weigh-ins, attempts, lights, the jury, exclusions
    lifter.py  one lifter's attempts, bests, total and points
    table.py   rankings
    feats.py   what may be a record, and who missed nothing
    show.py    a contest in a line, in a box, as a timeline
    simulated.py  a session that is made up

A contest is a weight class's (or session's) lifting, a group a weight class. Facts are ordered as
the competition is: lift by lift, round by round, never by their arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition, without
from scoreboard.sports.lifting import feats, show, table
from scoreboard.sports.lifting import lifter as lifter_
from scoreboard.sports.lifting.facts import KINDS, Excluded, Jury, Light, OfLift
from scoreboard.sports.lifting.lifter import Lifter, LiftingParams
from scoreboard.sports.lifting.simulated import session
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import Fact, Feat, Flags, Happening, Milestone, Row, Sport, States


class Lifting(Sport[Lifter]):
    """Attempts at lifts, good by two of three lights unless the jury says otherwise."""

    name = "lifting"
    officials_only = frozenset({"lifting.jury"})
    version = 5
    title = "Lifting"
    rulebook = "IPF Technical Rules Book (attempts, lights, jury, ties); IWF TCRR for `first`"
    Params = LiftingParams
    State = Lifter
    fact_kinds = KINDS
    reasons = (
        "Jury's decision",
        "Wrong lights",
        "Wrong weight",
        "Wrong lifter",
        "Typing mistake",
    )
    params: LiftingParams

    def __init__(self, params: LiftingParams) -> None:
        super().__init__(params)
        self.columns = table.columns(params)
        self.measures = feats.measures(params)
        self._order = {lift: place for place, lift in enumerate(params.lifts)}
        self._withdrawn: frozenset[str] = frozenset()

    def enrol(self, competition: Definition) -> frozenset[str]:
        """Who takes no further part: nobody waits for their attempts."""
        self._withdrawn = competition.withdrawn
        return self._withdrawn

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """Weigh-ins, then lift, round and the attempt's own order; exclusions come last."""
        return (*self._place(fact.payload), *fact.in_time)

    def _place(self, payload: Any) -> tuple[int, int, int]:
        last = len(self._order)
        match payload:
            case OfLift(lift=lift, attempt=attempt):
                step = 2 if isinstance(payload, Jury) else 1 if isinstance(payload, Light) else 0
                return (self._order.get(lift, last), attempt, step)
            case Excluded():
                return (last + 1, 0, 0)
        return (-1, 0, 0)

    def fold_key(self, fact: Fact) -> str:
        """The lifter."""
        entrant: str = fact.payload.entrant
        return entrant

    def start(self, contest: Contest) -> Lifter:
        """A lifter before the weigh-in, under the contest's own rules."""
        return Lifter(rules=self.params_in(contest), planned=list(contest.entrants))

    def apply(self, state: Lifter, fact: Fact) -> Flags:
        """Put a fact into the lifter's state; nonsense is kept and flagged."""
        return lifter_.apply(state, fact)

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """A session: weigh-ins, and everybody's attempts with their lights."""
        return session(starters(competition, contest), self.params_in(contest), chance)

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """Those with a total, best first, once the contest is over."""
        if self.status(contest, states) != "finished":
            return ()
        lifters = self._as_they_stand(contest, states)
        placings = table.ranked(self.params_in(contest), lifters)
        return [p.entrant for p in placings if not lifters[p.entrant].is_out()]

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first attempt, finished when nobody has one left."""
        contest = without(contest, self._withdrawn)
        return show.status(contest, self._as_they_stand(contest, states))

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`lifters` and how many are `done`; `leader` and its `total` in kilograms; who is `on`."""
        lifters = self._as_they_stand(contest, states)
        return show.line(self.params_in(contest), without(contest, self._withdrawn), lifters)

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line, and `lifters` by entrant: attempts with lights, bests, total, points."""
        lifters = self._as_they_stand(contest, states)
        return show.box(self.params_in(contest), without(contest, self._withdrawn), lifters)

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """Attempts and decisions, lift by lift and round by round."""
        return show.timeline(self.start(contest), facts)

    def feats(self, contest: Contest, states: States) -> Iterable[Feat]:
        """Every good attempt, an extra one for a record too; totals and points."""
        return feats.feats(self._as_they_stand(contest, states))

    def summary(self, competition: Definition, contest: Contest, states: States) -> list[Milestone]:
        """Who is through the contest without a miss."""
        return list(feats.milestones(competition, contest.id, states))

    def milestones(
        self, competition: Definition, contests: Mapping[str, list[Milestone]]
    ) -> Iterable[Milestone]:
        """Who is through without a miss."""
        return chain.from_iterable(contests.values())

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """Each group's table by total or points; those who are out come last."""
        return table.standings(self.params, competition, contests)

    def _as_they_stand(self, contest: Contest, states: States) -> States:
        return lifter_.as_they_stand(contest, states, self._withdrawn)


__all__ = ["Lifter", "Lifting", "LiftingParams"]
