"""Times as people write them; sports count in whole milliseconds."""

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000


def rounded_up(ms: int, resolution_ms: int) -> int:
    """The time in whole steps of `resolution_ms`, a part of a step counting as one.

    Officials round to the next longer time, never to the nearest (World Athletics, Technical Rules
    19.17 and 19.24).
    """
    return -(-ms // resolution_ms) * resolution_ms


def text(ms: int, resolution_ms: int = 1) -> str:
    """`59.87`, `4:05.3` or `1:02:03`, with as many decimals as the resolution has."""
    decimals = 3 - min(3, len(str(resolution_ms)) - 1)
    sign, left = ("-", -ms) if ms < 0 else ("", ms)
    hours, left = divmod(left, HOUR_MS)
    minutes, left = divmod(left, MINUTE_MS)
    seconds, left = divmod(left, SECOND_MS)
    fraction = f".{left:03}"[: decimals + 1] if decimals else ""
    if hours:
        return f"{sign}{hours}:{minutes:02}:{seconds:02}{fraction}"
    if minutes:
        return f"{sign}{minutes}:{seconds:02}{fraction}"
    return f"{sign}{seconds}{fraction}"
