"""A programming contest as it is shown: a line, the board in full, a timeline. Times in minutes."""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports.problems.board import WHOLE, Board, Result, added, chain
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
from scoreboard.sports.problems.sheet import MINUTE_MS, Cell, Sheet, apply
from scoreboard.sports.sport import Column, Fact, Happening, Row, States
from scoreboard.sports.ties import place


def columns(rules: ProblemsParams) -> tuple[Column, ...]:
    """Solved, time, and a column for each problem."""
    return (
        Column(key="solved", label="Solved", title="Problems solved", main=True),
        Column(key="time", label="Time", title="Total time with penalties, in minutes", brief=True),
        *(
            Column(key=problem.label, label=problem.label, title=problem.name or problem.label)
            for problem in rules.problems
        ),
        Column(key="medal", label="Medal", title="Medal"),
    )


def cell_text(cell: Cell) -> str:
    """`3/58`: solved with the third try in minute 58; `-2`: two rejected; `?1`: one pending."""
    if cell.solved_ms is not None:
        return f"{cell.rejected + 1}/{cell.solved_min}"
    rejected = f"-{cell.rejected}" if cell.rejected else ""
    pending = f"?{cell.pending}" if cell.pending else ""
    return f"{rejected} {pending}".strip()


def status(contest: Contest, states: States) -> ContestStatus:
    """Live from its start or first submission; finished with its end."""
    if contest.status in ("delayed", "abandoned", "finished") or not states:
        return contest.status
    whole: Sheet | None = states.get(WHOLE)
    milestones = whole.milestones if whole else []
    if "ended" in milestones or "finalized" in milestones:
        return "finished"
    begun = "started" in milestones or any(s.submissions for s in states.values())
    return "live" if begun else contest.status


def line(board: Board) -> dict[str, Any]:
    """How many tries were solved or are pending, and who leads."""
    results = board.results.values()
    made: dict[str, Any] = {
        "solved": sum(result.solved for result in results),
        "pending": sum(result.pending for result in results),
    }
    if board.milestones:
        made["state"] = board.milestones[-1]
    if board.ranks and board.results[board.ranks[0].entrant].solved:
        leader = board.ranks[0].entrant
        made |= {"leader": leader, "leader_solved": board.results[leader].solved}
    return made


def box(board: Board) -> dict[str, Any]:
    """The line; `teams` with their cells by problem; `problems` with their first solutions."""
    labels = {problem.id: problem.label for problem in board.rules.problems}
    ranks = {placing.entrant: placing.rank for placing in board.ranks}
    made = line(board) | {
        "teams": {team: _team(board, team, ranks[team], labels) for team in board.results},
        "problems": {label: _problem(board, id_) for id_, label in labels.items()},
    }
    if "finalized" in board.milestones:
        made["awards"] = awards(board)
    return made


def _team(board: Board, team: str, rank: int, labels: Mapping[str, str]) -> dict[str, Any]:
    result = board.results[team]
    row: dict[str, Any] = {"rank": rank, "solved": result.solved, "time": result.time_min}
    if medal := board.medal(rank):
        row["medal"] = medal
    row["cells"] = {
        labels[id_]: _cell(board, team, id_, cell) for id_, cell in board.cells[team].items()
    }
    return row


def _cell(board: Board, team: str, problem: str, cell: Cell) -> dict[str, Any]:
    made: dict[str, Any] = {"rejected": cell.rejected}
    if cell.pending:
        made["pending"] = cell.pending
    if cell.solved_ms is not None:
        made["solved"] = cell.solved_min
        first = board.firsts.get(problem)
        if first is not None and first.team == team and first.sure:
            made["first"] = True
    return made


def _problem(board: Board, id_: str) -> dict[str, Any]:
    problem = next(p for p in board.rules.problems if p.id == id_)
    tried = [made[id_] for made in board.cells.values() if id_ in made]
    row: dict[str, Any] = {
        "solved_by": sum(cell.solved_ms is not None for cell in tried),
        "tried_by": len(tried),
        "pending": sum(cell.pending for cell in tried),
    }
    row |= {name: text for name in ("name", "color") if (text := getattr(problem, name))}
    if (first := board.firsts.get(id_)) is not None:
        row["first"] = {"team": first.team, "minute": first.at_ms // MINUTE_MS, "sure": first.sure}
    return row


def awards(board: Board) -> dict[str, Any]:
    """The winners, the medals and who was first to solve each problem."""
    made: dict[str, Any] = {"winner": [p.entrant for p in board.ranks if p.rank == 1]}
    for medal in ("gold", "silver", "bronze"):
        made[medal] = [p.entrant for p in board.ranks if board.medal(p.rank) == medal]
    made["first_to_solve"] = {
        problem.label: board.firsts[problem.id].team
        for problem in board.rules.problems
        if problem.id in board.firsts and board.firsts[problem.id].sure
    }
    return made


# the ranking -----------------------------------------------------------------------------------


def standings(boards: Sequence[Board]) -> list[Row]:
    """All teams in one table; the contests of a competition of several add up.

    A withdrawn team stays where its solutions put it.
    """
    of_team: dict[str, list[Board]] = {}
    for board in boards:
        for team in board.results:
            of_team.setdefault(team, []).append(board)
    results = {team: added([b.results[team] for b in some]) for team, some in of_team.items()}
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(placing.entrant, placing.rank, results[placing.entrant], boards),
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in place(results, chain(results))
    ]


def _figures(team: str, rank: int, result: Result, boards: Sequence[Board]) -> dict[str, Any]:
    figures: dict[str, Any] = {"solved": result.solved, "time": result.time_min}
    if result.pending:
        figures["pending"] = result.pending
    for board in boards:
        made = board.cells.get(team, {})
        for problem in board.rules.problems:
            if problem.id in made and (text := cell_text(made[problem.id])):
                figures[problem.label] = text
    if len(boards) == 1 and (medal := boards[0].medal(rank)):
        figures["medal"] = medal
    return figures


# the timeline ----------------------------------------------------------------------------------


def moment(payload: Any) -> tuple[int, int]:
    """When something happened in contest time, and what comes first of what happened at once."""
    match payload:
        case Judged(started_ms=at):
            return (at, 3)
        case Judging(started_ms=at):
            return (at, 2)
        case Submitted(submitted_ms=at):
            return (at, 1)
        case IntervalRemoved(from_ms=at):
            return (at, 0)
        case Started():
            return (0, -1)
    return (2**40, 4 if isinstance(payload, Ended) else 5)


def timeline(rules: ProblemsParams, start: Sheet, facts: Sequence[Fact]) -> list[Happening]:
    """Submissions and verdicts in contest time, with what is surprising about them."""
    labels = {problem.id: problem.label for problem in rules.problems}
    sheets: dict[str, Sheet] = {}
    flags = {}
    for fact in facts:
        team = getattr(fact.payload, "entrant", WHOLE)
        sheet = sheets.setdefault(team, _blank(start))
        flags[fact.record] = list(apply(sheet, fact))
    told = [fact for fact in facts if type(fact.payload) is not Judging]
    return [
        Happening(
            record=fact.record,
            type=fact.type,
            text=_text(fact.payload, labels),
            clock=_clock(fact.payload),
            entrant=getattr(fact.payload, "entrant", ""),
            flags=flags[fact.record],
        )
        for fact in sorted(told, key=lambda f: (*moment(f.payload), f.source, f.id))
    ]


def _blank(start: Sheet) -> Sheet:
    return Sheet(rules=start.rules, planned=start.planned)


def _text(payload: Any, labels: Mapping[str, str]) -> str:
    problem = labels.get(payload.problem, payload.problem) if hasattr(payload, "problem") else ""
    match payload:
        case Judged(verdict=verdict):
            return f"{problem}: {verdict}"
        case Submitted():
            return f"{problem}: submitted"
        case IntervalRemoved(from_ms=begin, until_ms=end):
            return f"Removed from the clock: {_hms(begin)} to {_hms(end)}"
        case Started():
            return "Start"
        case Finalized():
            return "Results are final"
    return "End"


def _clock(payload: Any) -> str:
    return _hms(moment(payload)[0]) if isinstance(payload, OfSubmission | IntervalRemoved) else ""


def _hms(at_ms: int) -> str:
    """Contest time as it is written: `3:58:07`."""
    seconds = abs(at_ms) // 1_000
    sign = "-" if at_ms < 0 else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
