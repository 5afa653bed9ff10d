"""What a sport is told: facts, and the states that it has made of them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

States = Mapping[str, Any]
"""The states of one contest by fold key."""


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """A record as it counts: its payload in force, and where it comes from.

    `position` is that of the record's first entry. `time` is the device's corrected time in
    microseconds, None if unknown.
    """

    record: str
    type: str
    payload: Any
    contest: str
    position: int
    time: int | None
    source: str
    id: str
