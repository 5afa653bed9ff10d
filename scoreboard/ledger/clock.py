"""The server's clock, in the unit of all receipt times."""

import time


def now_us() -> int:
    """Microseconds since 1970-01-01T00:00:00Z by this machine's clock."""
    return time.time_ns() // 1_000
