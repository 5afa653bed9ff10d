"""What a sport is told: facts, and the states that it has made of them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

States = Mapping[str, Any]
"""The states of one contest by fold key."""


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """A record as it counts: its payload in force, and where it comes from.

    `position` is that of the record's first entry. `time` is the device's corrected time in
    microseconds, None if unknown. `heard`: of what an official or a user said without a time, when
    the server heard it first, in microseconds; else 0.
    """

    record: str
    type: str
    payload: Any
    contest: str
    position: int
    time: int | None
    source: str
    id: str
    heard: int = 0

    @property
    def in_time(self) -> tuple[int, int, str, str]:
        """Where the fact stands among those of which the sport knows no order; unique.

        By the time that it says. Who decides at a desk gives none, nor do users, and they mean what
        they say last to count: their word stands where it was heard, in the order in which it was.
        Devices send late and again, so that of theirs without a time the order of arrival means
        nothing: these stand before all others, by identity.
        """
        if self.time is None and self.heard:
            return (self.heard, self.position, self.source, self.id)
        return (self.time or 0, 0, self.source, self.id)
