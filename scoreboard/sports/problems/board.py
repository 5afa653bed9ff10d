"""The board of a programming contest: who solved what, ranks, first to solve, medals and awards.

ICPC World Finals Rules, Scoring: most problems solved; then least total time (the minutes of each
solution and a penalty for each rejected try at it); then the earliest last solution, in minutes.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from scoreboard.facts.competition import Contest
from scoreboard.sports.problems.rules import ProblemsParams
from scoreboard.sports.problems.sheet import Cell, Sheet, cells, clock
from scoreboard.sports.sport import States
from scoreboard.sports.ties import Criterion, Placing, by_entrant, place

WHOLE = ""


class Result(Struct, frozen=True):
    """What a team's cells add up to; times in whole minutes."""

    solved: int
    time_min: int
    last_min: int
    pending: int


class First(Struct, frozen=True):
    """The first to solve a problem; `sure` unless an earlier try at it is still being judged."""

    team: str
    at_ms: int
    sure: bool


class Board(Struct, frozen=True):
    """A contest: cells by team, then by problem; results by team; first solutions by problem."""

    rules: ProblemsParams
    cells: dict[str, dict[str, Cell]]
    results: dict[str, Result]
    firsts: dict[str, First]
    milestones: list[str]
    ranks: list[Placing]

    def medal(self, rank: int) -> str:
        """The medal of a place once the results are final, "" for none."""
        if "finalized" not in self.milestones:
            return ""
        below = 0
        for medal in ("gold", "silver", "bronze"):
            below += getattr(self.rules, medal)
            if rank <= below:
                return medal
        return ""


def board_of(rules: ProblemsParams, contest: Contest, states: States) -> Board:
    """The board of a contest from its sheets; planned teams are on it from the start."""
    whole: Sheet | None = states.get(WHOLE)
    counted = clock(whole)
    teams = dict.fromkeys([*contest.entrants, *sorted(id_ for id_ in states if id_ != WHOLE)])
    by_team = {t: cells(states[t], counted) if t in states else {} for t in teams}
    results = {team: _result(rules, made) for team, made in by_team.items()}
    return Board(
        rules=rules,
        cells=by_team,
        results=results,
        firsts=_firsts(rules, by_team),
        milestones=list(whole.milestones) if whole else [],
        ranks=place(results, chain(results)),
    )


def _result(rules: ProblemsParams, made: Mapping[str, Cell]) -> Result:
    solved = [cell for cell in made.values() if cell.solved_ms is not None]
    return Result(
        solved=len(solved),
        time_min=sum(c.solved_min + c.rejected * rules.penalty_min for c in solved),
        last_min=max((c.solved_min for c in solved), default=0),
        pending=sum(c.pending for c in made.values()),
    )


def added(results: Sequence[Result]) -> Result:
    """Several contests of one team as one."""
    return Result(
        solved=sum(r.solved for r in results),
        time_min=sum(r.time_min for r in results),
        last_min=max((r.last_min for r in results), default=0),
        pending=sum(r.pending for r in results),
    )


def chain(results: Mapping[str, Result]) -> list[Criterion]:
    """The order of teams."""
    return [
        by_entrant("solved", lambda t: -results[t].solved),
        by_entrant("time", lambda t: results[t].time_min),
        by_entrant("last_solution", lambda t: results[t].last_min),
    ]


def _firsts(rules: ProblemsParams, by_team: Mapping[str, Mapping[str, Cell]]) -> dict[str, First]:
    """The earliest solution of each problem, to the millisecond; equals by their team's id."""
    firsts = {}
    for problem in rules.problems:
        tried = [(t, made[problem.id]) for t, made in by_team.items() if problem.id in made]
        solved = [(c.solved_ms, team) for team, c in tried if c.solved_ms is not None]
        if not solved:
            continue
        at_ms, team = min(solved)
        judging = [c.judging_ms for _, c in tried if c.judging_ms is not None]
        firsts[problem.id] = First(team, at_ms, all(other > at_ms for other in judging))
    return firsts
