"""Points in time: integers of microseconds since 1970-01-01T00:00:00Z, RFC 3339 outside."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_us(when: datetime) -> int:
    """Microseconds since the epoch of an aware datetime."""
    return (when - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """The aware datetime (UTC) of microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=us)


def to_text(us: int) -> str:
    """RFC 3339 in UTC with microseconds, such as `2026-11-21T12:00:00.000000Z`."""
    return from_us(us).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> int:
    """Microseconds of an RFC 3339 text with an offset; ValueError if it is none."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("a time needs an offset, such as Z or +02:00")
    return to_us(when)
