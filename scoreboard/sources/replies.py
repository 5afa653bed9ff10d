"""What an event's sender is told: position, record and version, or a problem."""

from urllib.parse import quote

import msgspec
from msgspec import UNSET, Struct, UnsetType

from scoreboard.facts.entry import Accepted
from scoreboard.http.problem import Problem, problem_of
from scoreboard.ingest.outcome import Outcome, status_of


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event's fate.

    `status`: 201 new, 200 the same as before (with the first answer), else that of `problem`.
    """

    status: int
    position: int | UnsetType = UNSET
    record: str | UnsetType = UNSET
    version: int | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class Results(Struct, frozen=True):
    """The fates of a batch, in the order of its events."""

    results: list[Result]


def result_of(outcome: Outcome) -> Result:
    """The result of one outcome."""
    if isinstance(outcome, Accepted):
        return Result(
            status=200 if outcome.repeated else 201,
            position=outcome.position,
            record=outcome.record,
            version=outcome.version,
        )
    return Result(status=status_of(outcome), problem=problem_of(outcome))


def location_of(competition: str, record: str) -> str:
    """Where a record is shown."""
    return f"/api/v1/competitions/{competition}/records/{quote(record)}"


encode = msgspec.json.Encoder().encode
encode_lines = msgspec.json.Encoder().encode_lines
