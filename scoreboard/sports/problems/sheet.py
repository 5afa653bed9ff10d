"""One team's submissions as they were judged, and the cells of the board that they make.

    submission ─ the judgement that began last ─▶ solved · rejected · no try · pending
    a problem's submissions in order ──────────▶ a cell: tries, pending, when solved

The contest as a whole (key "") has a sheet too: its clock, and what was removed from it.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from scoreboard.sports.problems.facts import (
    Ended,
    Finalized,
    IntervalRemoved,
    Judged,
    Judging,
    OfSubmission,
    Started,
    Submitted,
)
from scoreboard.sports.problems.rules import ProblemsParams
from scoreboard.sports.sport import OK, Fact, Flags

UNKNOWN_PROBLEM = "unknown-problem"
UNKNOWN_VERDICT = "unknown-verdict"
UNKNOWN_SUBMISSION = "unknown-submission"
SECOND_SUBMISSION = "second-submission-of-id"
CONTRADICTED = "contradicts-submission"
BEFORE_START = "before-start"
AFTER_END = "after-end"
NOT_IN_CONTEST = "not-in-contest"
REPEATED = "said-twice"
BACKWARD = "interval-ends-before-it-begins"

MINUTE_MS = 60_000
Clock = Callable[[int], int]
"""Contest time in milliseconds as it counts, from what was measured."""


class Submission(Struct, frozen=True, array_like=True, gc=False):
    """What was handed in: for which problem, when (milliseconds of contest time)."""

    problem: str
    at_ms: int


class Judgement(Struct, frozen=True, array_like=True, order=True, gc=False):
    """When a judgement began, its id, and its verdict, "" while it goes on.

    Of two the greater is in force: the one that began later, then the one that came to a verdict.
    """

    started_ms: int
    judgement: str
    verdict: str


class Sheet(Struct):
    """The state of a team, or of the contest as a whole; `judgements` in force by submission."""

    rules: ProblemsParams
    planned: list[str] = []
    submissions: dict[str, Submission] = {}
    judgements: dict[str, Judgement] = {}
    milestones: list[str] = []
    removed: dict[str, tuple[int, int]] = {}


class Cell(Struct, frozen=True):
    """A team at a problem. `rejected`: tries that cost, before the solution if there is one.

    `solved_ms`: contest time of the solution, None without one; `pending`: tries without verdict
    that may still matter; `judging_ms`: when the first of these was made.
    """

    rejected: int
    pending: int
    solved_ms: int | None
    judging_ms: int | None

    @property
    def solved_min(self) -> int:
        """The whole minutes of the solution's time."""
        return (self.solved_ms or 0) // MINUTE_MS


# facts into the state --------------------------------------------------------------------------


def apply(sheet: Sheet, fact: Fact) -> Flags:
    """Put a fact into the sheet; returns what is surprising about it."""
    match fact.payload:
        case Submitted() as submitted:
            return _submitted(sheet, submitted)
        case Judging() as judging:
            return _judging(sheet, judging)
        case IntervalRemoved(from_ms=begin, until_ms=end):
            sheet.removed[fact.record] = (begin, end)
            return OK if begin <= end else (BACKWARD,)
        case Started() | Ended() | Finalized():
            name = fact.type.partition(".")[2]
            if name in sheet.milestones:
                return (REPEATED,)
            sheet.milestones.append(name)
    return OK


def _submitted(sheet: Sheet, submitted: Submitted) -> Flags:
    if submitted.submission in sheet.submissions:
        return (SECOND_SUBMISSION,)
    sheet.submissions[submitted.submission] = Submission(submitted.problem, submitted.submitted_ms)
    return _flags(sheet, submitted)


def _flags(sheet: Sheet, said: OfSubmission) -> Flags:
    checks = (
        (bool(sheet.planned) and said.entrant not in sheet.planned, NOT_IN_CONTEST),
        (not sheet.rules.has(said.problem), UNKNOWN_PROBLEM),
        (said.submitted_ms < 0, BEFORE_START),
        (said.submitted_ms >= sheet.rules.duration_min * MINUTE_MS, AFTER_END),
    )
    return tuple(flag for surprising, flag in checks if surprising)


def _judging(sheet: Sheet, judging: Judging) -> Flags:
    flags = []
    submission = sheet.submissions.get(judging.submission)
    if submission is None:
        flags.append(UNKNOWN_SUBMISSION)
    elif submission != Submission(judging.problem, judging.submitted_ms):
        flags.append(CONTRADICTED)
    verdict = judging.verdict if isinstance(judging, Judged) else ""
    if verdict and verdict not in sheet.rules.verdicts:
        flags.append(UNKNOWN_VERDICT)
    judgement = Judgement(judging.started_ms, judging.judgement, verdict)
    known = sheet.judgements.get(judging.submission)
    if known is None or judgement > known:
        sheet.judgements[judging.submission] = judgement
    return tuple(flags)


# what the state says ---------------------------------------------------------------------------


def clock(whole: Sheet | None) -> Clock:
    """Contest time without the intervals that were removed; within one the clock stands still."""
    removed = _merged(whole.removed.values() if whole else ())
    if not removed:
        return lambda at_ms: at_ms

    def counted(at_ms: int) -> int:
        return at_ms - sum(max(0, min(at_ms, end) - begin) for begin, end in removed)

    return counted


def _merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Intervals without overlaps; those that end before they begin are none."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(i for i in intervals if i[0] < i[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def verdict_of(sheet: Sheet, submission: str) -> str:
    """The verdict in force: of the judgement that began last; "" while it is open or unknown."""
    judgement = sheet.judgements.get(submission)
    if judgement is None or judgement.verdict not in sheet.rules.verdicts:
        return ""
    return judgement.verdict


def cells(sheet: Sheet, counted: Clock) -> dict[str, Cell]:
    """The team's cells by problem, of the problems that it has tried within the contest."""
    rules = sheet.rules
    end = rules.duration_min * MINUTE_MS
    tries: dict[str, list[tuple[int, str]]] = {}
    for id_, submission in sheet.submissions.items():
        at = counted(submission.at_ms)
        if submission.at_ms >= 0 and at < end and rules.has(submission.problem):
            tries.setdefault(submission.problem, []).append((at, id_))
    return {problem: _cell(sheet, sorted(some)) for problem, some in tries.items()}


def _cell(sheet: Sheet, tries: list[tuple[int, str]]) -> Cell:
    rejected = pending = 0
    judging: int | None = None
    for at, submission in tries:
        verdict = verdict_of(sheet, submission)
        if not verdict:
            pending += 1
            judging = at if judging is None else judging
        elif sheet.rules.verdicts[verdict].solved:
            return Cell(rejected, pending, at, judging)
        else:
            rejected += sheet.rules.verdicts[verdict].penalty
    return Cell(rejected, pending, None, judging)
