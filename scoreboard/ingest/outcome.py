"""What became of an event: it is in the ledger, or an error says why not."""

from collections import Counter
from collections.abc import Iterable, Iterator

from scoreboard import telemetry
from scoreboard.errors import BadInput, ScoreboardError
from scoreboard.facts.entry import Accepted, Fate

Outcome = Accepted | ScoreboardError


def _all(root: type[ScoreboardError]) -> Iterator[type[ScoreboardError]]:
    yield root
    for child in root.__subclasses__():
        yield from _all(child)


# A kind of error without a code of its own is told by hand, not by the ledger.
_BY_CODE = {error.code: error for error in _all(ScoreboardError) if "code" in vars(error)}
RETRY_AFTER_S = 1.0


def outcome_of(fate: Fate) -> Outcome:
    """The ledger's refusal as the error of its code; an acceptance as it is."""
    if isinstance(fate, Accepted):
        return fate
    error = _BY_CODE.get(fate.code, BadInput)
    return error(fate.message, hint=fate.hint, retry_after_s=RETRY_AFTER_S)


def status_of(outcome: Outcome) -> int:
    """The HTTP status of an outcome: 201, 200 for what was there already, else the error's."""
    if isinstance(outcome, Accepted):
        return 200 if outcome.repeated else 201
    return outcome.status


def count(outcomes: Iterable[Outcome]) -> None:
    """Count what became of a batch."""
    codes = Counter(
        ("repeated" if outcome.repeated else "accepted")
        if isinstance(outcome, Accepted)
        else outcome.code
        for outcome in outcomes
    )
    for code, times in codes.items():
        telemetry.INGESTED.labels(code).inc(times)
