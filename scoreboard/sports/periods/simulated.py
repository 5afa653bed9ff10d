"""A game as it might go, period by period, with overtimes until it is not level."""

from typing import Any

from scoreboard.sports.periods.facts import Ended, Foul, GameClock, PeriodBegan, PeriodEnded, Score
from scoreboard.sports.periods.game import PeriodsParams
from scoreboard.sports.simulating import Chance, Sayings

SCORE_S, SINGLE_S = 18.0, 240.0
"""Between two scores; where each is worth one (goals) they are rarer."""
FOULS = 0.2
PLAYERS = range(4, 16)
REST_S = 120.0
CLOCK_MS = 60_000
"""The clock is put right when something happens so long after it was said last, or later."""


class Simulated:
    """One game between two teams."""

    def __init__(self, teams: list[str], rules: PeriodsParams, chance: Chance) -> None:
        self._teams = teams
        self._rules = rules
        self._chance = chance
        self._score = dict.fromkeys(teams, 0)
        self._fouls: dict[tuple[str, int], int] = {}
        self._sequence = 0

    def play(self) -> Sayings:
        """From the first period to the end."""
        at_s, period = 0.0, 1
        while period <= self._rules.periods or len(set(self._score.values())) == 1:
            length_ms = self._rules.length_ms(period)
            yield at_s, PeriodBegan(period=period)
            yield at_s, self._clock(period, length_ms)
            clocked_ms = length_ms
            for left_ms in self._moments(length_ms):
                moment_s = at_s + (length_ms - left_ms) / 1_000
                if clocked_ms - left_ms >= CLOCK_MS:  # a rehearsal is faster than clocks
                    clocked_ms = left_ms
                    yield moment_s, self._clock(period, left_ms)
                yield moment_s, self._said(period, left_ms)
            at_s += length_ms / 1_000
            yield at_s, self._clock(period, 0)
            yield at_s, PeriodEnded(period=period)
            at_s, period = at_s + REST_S, period + 1
        yield at_s, Ended()

    def _clock(self, period: int, left_ms: int) -> GameClock:
        self._sequence += 1
        return GameClock(
            period=period, clock_ms=left_ms, sequence=self._sequence, running=left_ms > 0
        )

    def _moments(self, length_ms: int) -> list[int]:
        """What the game clock shows when something happens, downwards; something always does."""
        points = self._rules.points or [1]
        every_ms = (SINGLE_S if max(points) == 1 else SCORE_S) * 1_000
        count = max(1, round(length_ms / every_ms * self._chance.uniform(0.8, 1.2)))
        moments = [self._chance.randint(1, length_ms - 1) for _ in range(count)]
        return sorted(moments, reverse=True)

    def _said(self, period: int, left_ms: int) -> Score | Foul:
        self._sequence += 1
        team = self._chance.choice(self._teams)
        player = self._chance.choice(PLAYERS)
        at: dict[str, Any] = {"period": period, "clock_ms": left_ms, "sequence": self._sequence}
        fouls = self._fouls.get((team, player), 0)
        may_foul = not self._rules.player_fouls or fouls + 1 < self._rules.player_fouls
        if may_foul and self._chance.random() < FOULS:
            self._fouls[team, player] = fouls + 1
            return Foul(**at, team=team, player=str(player))
        points = self._chance.choice(self._rules.points or [1])
        self._score[team] += points
        return Score(**at, team=team, points=points, player=str(player))
