"""Where each thing stands on the match's clock, and in which order facts are folded.

The frame of a match (kick-offs, period ends, final whistle, walkover, lots) is folded first, so
that what happened within it can be measured against it: a goal is before the kick-off or after the
final whistle by the devices' clocks, whichever arrived first. What happened is then folded by
period, minute and stoppage, then by the device's corrected time, then by identity.
"""

from typing import Any

from msgspec.structs import replace

from scoreboard.sports.football.facts import (
    PERIODS,
    FullTime,
    KickOff,
    Lots,
    Period,
    PeriodEnd,
    ShootoutKick,
    Timed,
    Walkover,
)
from scoreboard.sports.sport import Fact

FIRST, SECOND, EXTRA_FIRST, EXTRA_SECOND, SHOOTOUT, AFTER = 1, 2, 3, 4, 5, 6
PERIOD_NUMBERS: dict[Period, int] = {period: n for n, period in enumerate(PERIODS, 1)}
MINUTE_US = 60_000_000
LAST_MINUTE = 1_000
FRAME = {KickOff: 0, PeriodEnd: 1, FullTime: 2, Walkover: 3, Lots: 4}

Moment = tuple[int, int, int]
"""Period, minute, stoppage."""


class Clock:
    """The clock of matches with halves of `half` minutes and extra halves of `extra_half`."""

    def __init__(self, half: int, extra_half: int) -> None:
        whole = 2 * half
        self.ends = (half, whole, whole + extra_half, whole + 2 * extra_half)
        self.begins = (0, *self.ends[:3])

    def period(self, timed: Timed) -> int:
        """The period that something happened in: as named, else by its minute; 0 if neither."""
        if timed.period is not None:
            return PERIOD_NUMBERS[timed.period]
        minute = timed.minute
        if minute is None:
            return 0
        first, second, extra_first, _ = self.ends
        if minute <= second:
            return FIRST if minute <= first else SECOND
        return EXTRA_FIRST if minute <= extra_first else EXTRA_SECOND

    def fits(self, timed: Timed, period: int) -> bool:
        """Whether the minute lies within the period."""
        return (
            timed.minute is None or self.begins[period - 1] < timed.minute <= self.ends[period - 1]
        )

    def inside(self, timed: Timed, period: int) -> bool:
        """Whether stoppage time was added although the period was not at its end."""
        return bool(timed.stoppage) and timed.minute != self.ends[period - 1]

    def timed_by(self, timed: Timed, time: int | None, kicked: dict[int, int]) -> Timed:
        """What has no minute, with the one that its device's time (microseconds) tells.

        `kicked`: when each period was kicked off, 0 if unknown. Unchanged if they do not tell.
        """
        begun = [period for period, at in kicked.items() if time and 0 < at <= time]
        if time is None or not begun:
            return timed
        period = PERIOD_NUMBERS[timed.period] if timed.period else max(begun)
        if period not in begun:
            return timed
        minute = self.begins[period - 1] + (time - kicked[period]) // MINUTE_US + 1
        end = self.ends[period - 1]
        return replace(
            timed,
            period=PERIODS[period - 1],
            minute=min(minute, end),
            stoppage=max(0, minute - end),
        )

    def moment(self, payload: Any) -> Moment:
        """Where something is shown: a period's kick-off before all else in it, its end after."""
        match payload:
            case Timed():
                return (self.period(payload), payload.minute or 0, payload.stoppage)
            case KickOff(period=period):
                return (PERIOD_NUMBERS[period], -1, 0)
            case PeriodEnd(period=period):
                return (PERIOD_NUMBERS[period], LAST_MINUTE, 0)
            case ShootoutKick(number=number):
                return (SHOOTOUT, number or 0, 0)
            case _:
                return (AFTER, 0, 0)

    def fold_order(self, fact: Fact) -> tuple[Any, ...]:
        """The sort key of a fact: the frame, then what happened; last its identity."""
        payload = fact.payload
        frame = FRAME.get(type(payload))
        place = (-1, frame, 0) if frame is not None else self.moment(payload)
        return (*place, fact.time or 0, fact.source, fact.id)


def clock_text(timed: Timed) -> str:
    """The match's clock as it is written: `23'`, `90+4'`; nothing if the minute is unknown."""
    if timed.minute is None:
        return ""
    return f"{timed.minute}+{timed.stoppage}'" if timed.stoppage else f"{timed.minute}'"
