"""Clocks as facts: a screen is told since when a clock runs and what it showed then, and ticks.

Nothing is sent while a clock runs. Every screen makes the time from the same two figures, so all
agree; they need only the server's time, which they ask for.
"""

from typing import Any

from msgspec import Struct

from scoreboard.facts.instant import to_text


class Clock(Struct, frozen=True, array_like=True, gc=False):
    """What was last said of a clock.

    `at_ms`: what it showed then. `running`: whether it went on from there. `told_us`: when that
    was, in microseconds, corrected for the device's skew, 0 if unknown. `source` and `id` of the
    fact settle which of two of the same moment counts.
    """

    at_ms: int
    running: bool
    told_us: int
    source: str
    id: str

    def after(self, other: "Clock | None") -> bool:
        """Whether this was said later than the other."""
        if other is None:
            return True
        return (self.told_us, self.source, self.id) > (other.told_us, other.source, other.id)


def shown(clock: Clock, *, limit_ms: int | None = None) -> dict[str, Any]:
    """A clock that counts up, as boards carry it.

    `elapsed_ms` had passed at `running_since` (the server's time, RFC 3339), or when it was last
    seen if that is left out; `stopped` says whether it stands. `limit_ms`: where what it measures
    ends; it does not stop there by itself (football's added time).
    """
    made: dict[str, Any] = {
        "direction": "up",
        "elapsed_ms": clock.at_ms,
        "stopped": not clock.running,
    }
    if limit_ms is not None:
        made["limit_ms"] = limit_ms
    if clock.running and clock.told_us:
        made["running_since"] = to_text(clock.told_us)
    return made


def shown_down(clock: Clock, *, limit_ms: int) -> dict[str, Any]:
    """The same for a clock that shows what remains of `limit_ms`, and stops at zero."""
    told = Clock(limit_ms - clock.at_ms, clock.running, clock.told_us, clock.source, clock.id)
    return shown(told, limit_ms=limit_ms) | {"direction": "down"}


def minutes_seconds(at_ms: int) -> str:
    """`4:07`, and tenths in the last minute: `34.5`."""
    if at_ms < 60_000 and at_ms % 1_000:
        return f"{at_ms // 1_000}.{at_ms % 1_000 // 100}"
    return f"{at_ms // 60_000}:{at_ms // 1_000 % 60:02}"
