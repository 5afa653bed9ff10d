"""A match as it might go, minute by minute."""

from collections.abc import Sequence

from scoreboard.sports.football.facts import (
    PERIOD_ENDS,
    PERIODS,
    Card,
    FullTime,
    Goal,
    KickOff,
    MatchClock,
    Period,
    PeriodEnd,
    ShootoutKick,
    Substitution,
)
from scoreboard.sports.football.match import SHOOTOUT_KICKS
from scoreboard.sports.simulating import Chance, Sayings

GOALS_A_MINUTE = 0.03
CARDS_A_MINUTE = 0.04
MINUTE_S = 60.0
BREAK_S = (900, 300, 60, 300)
"""After each period."""
OUTFIELD, BENCH = range(2, 12), range(12, 24)
CHANGED_FROM, CHANGES_A_MINUTE = 55, 0.12
KICK_S, SCORED = 40, 0.75


def clocked(said: Sayings, period: Period, minute: int) -> Sayings:
    """What happens in a minute, the clock put right before: a rehearsal is faster than clocks."""
    for number, (at_s, payload) in enumerate(said):
        if number == 0:
            elapsed_ms = round((minute - 1) * MINUTE_S + MINUTE_S / 2) * 1_000
            yield at_s, MatchClock(period=period, elapsed_ms=elapsed_ms, running=True)
        yield at_s, payload


class Simulated:
    """One match. `score` by side; `booked`, `changed`: players of either side."""

    def __init__(self, teams: Sequence[str], chance: Chance) -> None:
        self._teams = teams
        self._chance = chance
        self._score = [0, 0]
        self._booked: set[tuple[str, int]] = set()
        self._on = {team: list(range(1, 12)) for team in teams}
        self._bench = {team: list(BENCH) for team in teams}

    def play(self, *, decided: bool) -> Sayings:
        """From kick-off to full time; `decided`: with extra time and a shoot-out if need be."""
        at_s, begins = 0.0, 0
        for number, (period, ends) in enumerate(zip(PERIODS, PERIOD_ENDS, strict=True)):
            if number == 2 and not (decided and self._level):
                break
            yield at_s, KickOff(period=period)
            for minute in range(begins + 1, ends + 1):
                yield from clocked(self._minute(at_s + MINUTE_S / 2, minute), period, minute)
                at_s += MINUTE_S
            added = self._chance.randint(0, 4)
            for stoppage in range(1, added + 1):
                goal = self._goal(at_s + MINUTE_S / 2, ends, stoppage)
                yield from clocked(goal, period, ends + stoppage)
                at_s += MINUTE_S
            yield at_s, PeriodEnd(period=period)
            at_s, begins = at_s + BREAK_S[number], ends
        if decided and self._level:
            yield from self._shoot_out(at_s)
            at_s += 600
        yield at_s, FullTime()

    @property
    def _level(self) -> bool:
        return self._score[0] == self._score[1]

    def _minute(self, at_s: float, minute: int) -> Sayings:
        yield from self._goal(at_s, minute)
        if self._chance.random() < CARDS_A_MINUTE:
            team = self._chance.choice(self._teams)
            player = self._chance.choice(self._on[team])
            if (team, player) not in self._booked:
                self._booked.add((team, player))
                yield at_s, Card(team=team, minute=minute, colour="yellow", player=str(player))
        if minute >= CHANGED_FROM and self._chance.random() < CHANGES_A_MINUTE:
            yield from self._change(at_s, minute)

    def _change(self, at_s: float, minute: int) -> Sayings:
        team = self._chance.choice(self._teams)
        if len(self._bench[team]) > len(BENCH) - 5:
            off = self._chance.choice([one for one in self._on[team] if one in OUTFIELD])
            on = self._bench[team].pop(0)
            self._on[team].remove(off)
            self._on[team].append(on)
            yield at_s, Substitution(team=team, minute=minute, off=str(off), on=str(on))

    def _goal(self, at_s: float, minute: int, stoppage: int = 0) -> Sayings:
        if self._chance.random() < GOALS_A_MINUTE:
            side = self._chance.randint(0, 1)
            self._score[side] += 1
            team = self._teams[side]
            player = str(self._chance.choice(self._on[team][1:]))
            yield at_s, Goal(team=team, minute=minute, stoppage=stoppage, player=player)

    def _shoot_out(self, at_s: float) -> Sayings:
        scored, taken = [0, 0], [0, 0]
        while not is_decided(scored, taken):
            side = int(taken[1] < taken[0])
            taken[side] += 1
            went_in = self._chance.random() < SCORED
            scored[side] += went_in
            at_s += KICK_S
            yield at_s, ShootoutKick(team=self._teams[side], scored=went_in, number=taken[side])


def is_decided(scored: Sequence[int], taken: Sequence[int]) -> bool:
    """Whether a shoot-out is: one side cannot come level any more (Law 10.3)."""
    kicks = max(SHOOTOUT_KICKS, *taken)
    home, away = (scored[side] + kicks - taken[side] for side in (0, 1))
    return scored[0] > away or scored[1] > home
