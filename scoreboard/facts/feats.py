"""Records to beat, which a competition's definition names so that it is told when one falls."""

from typing import Annotated

from msgspec import Meta, Struct

from scoreboard.facts.names import Id, Line, Text200, spelled

RECORDS_TO_BEAT_MAX = 100

# The year, the month or the day: of old records often no more is known.
When = Annotated[
    str,
    spelled(
        r"(\d{4}(-\d\d(-\d\d)?)?)?",
        "a year, a month or a day, such as `1994`, `1994-06` or `1994-06-17`",
    ),
]


class RecordToBeat(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A record as it stood before the competition, such as `National record, women`.

    `figure`: what the sport measures, such as `squat`; `value` in that figure's `unit` (`kg`; times
    in seconds, `s`). `contest`, `group`: only what happens there counts, or who is in that group or
    division.
    """

    name: Text200
    figure: Id
    value: Annotated[float, Meta(ge=0, le=1e12)]
    unit: Id
    holder: Line = ""
    date: When = ""
    contest: Id | None = None
    group: Id | None = None
