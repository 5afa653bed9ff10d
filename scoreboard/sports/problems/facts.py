"""What can be said about a programming contest: submissions, how they are judged, its clock.

Times are integers of milliseconds of contest time, since the contest's start.

What concerns a submission names its team, its problem and when it was made each time: so it is
known of a judgement by itself whether the public may see it during a freeze.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta

from scoreboard.facts.names import Id
from scoreboard.facts.payload import Kind, Payload

DAY_MS = 86_400_000

ContestTime = Annotated[int, Meta(ge=-DAY_MS, le=31 * DAY_MS)]


class OfSubmission(Payload, frozen=True, kw_only=True):
    """Something about a submission: whose, for which problem, made when."""

    entrant: Id
    problem: Id
    submission: Id
    submitted_ms: ContestTime


class Submitted(OfSubmission, frozen=True, kw_only=True):
    """A team hands in a solution."""


class Judging(OfSubmission, frozen=True, kw_only=True):
    """A judgement of the submission begins, the first one or a rejudging."""

    judgement: Id
    started_ms: ContestTime


class Judged(Judging, frozen=True, kw_only=True):
    """A judgement's verdict, such as `AC`; the judgement that began last is the one in force."""

    verdict: Id


class Started(Payload, frozen=True, kw_only=True):
    """The contest's clock runs."""


class Ended(Payload, frozen=True, kw_only=True):
    """Nothing more may be handed in."""


class Finalized(Payload, frozen=True, kw_only=True):
    """The results are official: medals and awards are given."""


class IntervalRemoved(Payload, frozen=True, kw_only=True):
    """The contest's clock stood still (a power cut): the interval adds to nobody's time."""

    from_ms: ContestTime
    until_ms: ContestTime


def _entrant(payload: Any) -> Iterable[str]:
    return (payload.entrant,)


KINDS = (
    Kind("problems.submitted", Submitted, entrants=_entrant),
    Kind("problems.judging", Judging, entrants=_entrant),
    Kind("problems.judged", Judged, entrants=_entrant),
    Kind("problems.started", Started),
    Kind("problems.ended", Ended),
    Kind("problems.finalized", Finalized),
    Kind("problems.interval_removed", IntervalRemoved),
)
