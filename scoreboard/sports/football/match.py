"""The state of a match, and how facts change it.

Every well-formed fact is kept and, if its team plays in the match, counted; what is surprising
about it is said in flags, and an official decides whether to void it (the referee's decisions are
final: Law 5.2; this program does not overrule them by itself).
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.facts.competition import Contest
from scoreboard.sports.football.clock import FIRST, SECOND, SHOOTOUT, Clock, PERIOD_NUMBERS
from scoreboard.sports.football.facts import (
    PERIODS,
    Card,
    FullTime,
    Goal,
    KickOff,
    Lots,
    PeriodEnd,
    ShootoutKick,
    Substitution,
    Timed,
    Walkover,
)
from scoreboard.sports.sport import OK, Fact, Flags

UNKNOWN_TEAM = "team-not-in-match"
BEFORE_KICK_OFF = "before-kick-off"
AFTER_WHISTLE = "after-final-whistle"
NO_MINUTE = "no-minute"
MINUTE_OUTSIDE = "minute-outside-period"
STOPPAGE_INSIDE = "stoppage-before-end-of-period"
REPEATED = "said-twice"
NO_FIRST_CAUTION = "second-caution-without-first"
ALREADY_BOOKED = "cautioned-before"
NOT_LEVEL = "shoot-out-but-score-not-level"
LOTS_IN_MATCH = "lots-drawn-in-a-match"

KICKS = 4  # where the shoot-out's goals stand in a tally
NOTHING = (0, 0, 0, 0, 0)


class Match(Struct, gc=False):
    """A match as its facts tell it; times in microseconds, 0 if unknown.

    `tally`: goals of each team by period (four) and in the shoot-out. `latest`: the latest period
    (1 to 4, 5 for the shoot-out) of which anything is known. What happened is kept by record.
    `lots`: by group, in the state of facts that belong to no match.
    """

    teams: list[str]
    kicked: dict[int, int] = {}
    ended: dict[int, int] = {}
    whistle: int | None = None
    walkover: Walkover | None = None
    latest: int = 0
    tally: dict[str, list[int]] = {}
    goals: dict[str, Goal] = {}
    cards: dict[str, Card] = {}
    substitutions: dict[str, Substitution] = {}
    kicks: dict[str, ShootoutKick] = {}
    lots: dict[str, list[str]] = {}


class Referee:
    """Puts facts into matches."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._puts: dict[type[Any], Callable[[Match, Fact, Any], Flags]] = {
            Goal: self._goal,
            Card: self._card,
            Substitution: self._substitution,
            ShootoutKick: self._shootout_kick,
            KickOff: self._kick_off,
            PeriodEnd: self._period_end,
            FullTime: self._full_time,
            Walkover: self._walkover,
            Lots: self._lots,
        }

    def start(self, contest: Contest) -> Match:
        """Before the kick-off."""
        teams = list(contest.entrants)
        return Match(teams, tally={team: list(NOTHING) for team in teams})

    def put(self, match: Match, fact: Fact) -> Flags:
        """Put a fact into the match in place; returns what is surprising about it."""
        return self._puts[type(fact.payload)](match, fact, fact.payload)

    # what happened ------------------------------------------------------------------------------

    def _goal(self, match: Match, fact: Fact, goal: Goal) -> Flags:
        goal, period, flags = self._placed(match, fact, goal)
        match.goals[fact.record] = goal
        self._count(match, goal.team, period - 1)
        return flags

    def _card(self, match: Match, fact: Fact, card: Card) -> Flags:
        card, _, flags = self._placed(match, fact, card)
        if card.player and card.colour != "red":
            booked = any(
                (other.team, other.player) == (card.team, card.player)
                for other in match.cards.values()
            )
            if card.colour == "yellow" and booked:
                flags = (*flags, ALREADY_BOOKED)
            elif card.colour == "second_yellow" and not booked:
                flags = (*flags, NO_FIRST_CAUTION)
        match.cards[fact.record] = card
        return flags

    def _substitution(self, match: Match, fact: Fact, swap: Substitution) -> Flags:
        swap, _, flags = self._placed(match, fact, swap)
        match.substitutions[fact.record] = swap
        return flags

    def _shootout_kick(self, match: Match, fact: Fact, kick: ShootoutKick) -> Flags:
        match.latest = SHOOTOUT
        match.kicks[fact.record] = kick
        if kick.scored:
            self._count(match, kick.team, KICKS)
        flags = self._surprises(match, fact, kick.team)
        goals = {sum(match.tally[team][:KICKS]) for team in match.teams}
        return flags if len(goals) < 2 else (*flags, NOT_LEVEL)

    def _placed(self, match: Match, fact: Fact, timed: Any) -> tuple[Any, int, Flags]:
        """What happened with a minute if one can be told, its period, and its flags."""
        flags = self._surprises(match, fact, timed.team)
        if timed.minute is None:
            timed = self.clock.timed_by(timed, fact.time, match.kicked)
        period = self.clock.period(timed)
        if timed.minute is None:
            flags = (*flags, NO_MINUTE)
        elif not self.clock.fits(timed, period):
            flags = (*flags, MINUTE_OUTSIDE)
        elif timed.stoppage and self.clock.inside(timed, period):
            flags = (*flags, STOPPAGE_INSIDE)
        if period == 0:
            # Counted in the second half: the half-time score then never claims it.
            timed, period = replace(timed, period=PERIODS[SECOND - 1]), SECOND
            match.latest = max(match.latest, FIRST)
        elif period > match.latest:
            match.latest = period
        return timed, period, flags

    def _surprises(self, match: Match, fact: Fact, team: str) -> Flags:
        time, flags = fact.time, OK
        if team not in match.teams:
            flags = (UNKNOWN_TEAM,)
        kicked = match.kicked.get(FIRST)
        if kicked is None or (time is not None and time < kicked):
            flags = (*flags, BEFORE_KICK_OFF)
        if match.whistle and time is not None and time > match.whistle:
            flags = (*flags, AFTER_WHISTLE)
        return flags

    @staticmethod
    def _count(match: Match, team: str, slot: int) -> None:
        tally = match.tally.get(team)
        if tally is None:
            tally = match.tally[team] = list(NOTHING)
        tally[slot] += 1

    # the frame ----------------------------------------------------------------------------------

    def _kick_off(self, match: Match, fact: Fact, kick_off: KickOff) -> Flags:
        return self._bound(match, match.kicked, kick_off.period, fact)

    def _period_end(self, match: Match, fact: Fact, end: PeriodEnd) -> Flags:
        return self._bound(match, match.ended, end.period, fact)

    @staticmethod
    def _bound(match: Match, bounds: dict[int, int], name: Any, fact: Fact) -> Flags:
        period = PERIOD_NUMBERS[name]
        if period in bounds:
            return (REPEATED,)
        bounds[period] = fact.time or 0
        match.latest = max(match.latest, period)
        return OK

    @staticmethod
    def _full_time(match: Match, fact: Fact, whistle: FullTime) -> Flags:
        if match.whistle is not None:
            return (REPEATED,)
        match.whistle = fact.time or 0
        return OK

    @staticmethod
    def _walkover(match: Match, fact: Fact, walkover: Walkover) -> Flags:
        repeated = match.walkover is not None
        match.walkover = walkover
        flags = (REPEATED,) if repeated else OK
        return flags if walkover.winner in match.teams else (*flags, UNKNOWN_TEAM)

    @staticmethod
    def _lots(match: Match, fact: Fact, lots: Lots) -> Flags:
        """The latest draw of a group counts."""
        repeated = lots.group in match.lots
        match.lots[lots.group] = lots.order
        flags = (REPEATED,) if repeated else OK
        return (*flags, LOTS_IN_MATCH) if match.teams else flags
