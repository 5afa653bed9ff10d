"""Points in time: integers of microseconds since 1970-01-01T00:00:00Z, RFC 3339 outside.

Like POSIX clocks these count no leap seconds: 23:59:60 is read as the start of the next second.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_LEAP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):60(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


def to_us(when: datetime) -> int:
    """Microseconds since the epoch of an aware datetime."""
    return (when - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """The aware datetime (UTC) of microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=us)


def to_text(us: int) -> str:
    """RFC 3339 in UTC with microseconds, such as `2026-11-21T12:00:00.000000Z`."""
    return from_us(us).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> int:
    """Microseconds of an RFC 3339 text with an offset; ValueError if it is none."""
    when = datetime.fromisoformat(after_leap_second(text))
    if when.tzinfo is None:
        raise ValueError("a time needs an offset, such as Z or +02:00")
    return to_us(when)


def after_leap_second(text: str) -> str:
    """The start of the second after a leap second (RFC 3339, section 5.7); other texts as they are.

    There is one at the end of a month in UTC alone; what such a second has of fractions is dropped.
    """
    found = _LEAP.fullmatch(text)
    if found is None:
        return text
    try:
        before = datetime.fromisoformat(f"{found[1]}:59{found[2]}".upper()).astimezone(UTC)
        after = before + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return text
    ends_a_month = (after.day, after.hour, after.minute) == (1, 0, 0)
    return after.isoformat() if ends_a_month else text


def after_leap_seconds(said: Any) -> Any:
    """What JSON or TOML says, with each text that is a leap second read as `after_leap_second`."""
    match said:
        case str():
            return after_leap_second(said)
        case dict():
            return {name: after_leap_seconds(value) for name, value in said.items()}
        case list():
            return [after_leap_seconds(value) for value in said]
    return said
