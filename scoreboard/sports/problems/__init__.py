"""Programming contests by ICPC rules.

    facts.py   what can be said: submissions, judgements, the contest's clock
    rules.py   what a contest configures: problems, verdicts, penalty, medals
    sheet.py   one team's submissions and the cells that they make
    board.py   ranks, first solutions, medals
    show.py    the contest in a line, in a box, as a timeline; the table
    simulated.py  a contest that is made up

Each team folds by itself; what concerns the whole contest has the key "". During a freeze the
public goes on seeing submissions, as pending cells, and verdicts of what was handed in before it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.problems import sheet as sheet_
from scoreboard.sports.problems import show, simulated
from scoreboard.sports.problems.board import board_of
from scoreboard.sports.problems.facts import KINDS, Finalized, Judging, OfSubmission, Submitted
from scoreboard.sports.problems.rules import ProblemsParams
from scoreboard.sports.problems.sheet import MINUTE_MS, Sheet
from scoreboard.sports.simulating import Chance, Sayings, starters
from scoreboard.sports.sport import Fact, Flags, Happening, Row, Sport, States


class Problems(Sport[Sheet]):
    """Problems solved, total time with penalties, the earliest last solution."""

    name = "problems"
    title = "Programming contest"
    rulebook = "ICPC World Finals Rules (Scoring of the Contest); CLICS Contest API (judgements)"
    Params = ProblemsParams
    State = Sheet
    fact_kinds = KINDS
    reasons = (
        "Rejudged",
        "Wrong problem",
        "Wrong team",
        "Test data mended",
    )
    params: ProblemsParams

    def __init__(self, params: ProblemsParams) -> None:
        super().__init__(params)
        self.columns = show.columns(params)
        self._places = {problem.id: place for place, problem in enumerate(params.problems)}

    # facts into states -------------------------------------------------------------------------

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """Submissions by contest time, then judgements by theirs; then device time, identity."""
        match fact.payload:
            case Submitted(submitted_ms=at):
                place = (0, at, 0)
            case Judging(started_ms=at):
                place = (1, at, 1)
            case _:
                place = (2, 0, 2)
        return (*place, *fact.in_time)

    def fold_key(self, fact: Fact) -> str:
        """The team, or "" for the contest as a whole."""
        return fact.payload.entrant if isinstance(fact.payload, OfSubmission) else ""

    def start(self, contest: Contest) -> Sheet:
        """A sheet without submissions, under the contest's own rules."""
        return Sheet(rules=self.params_in(contest), planned=list(contest.entrants))

    def apply(self, state: Sheet, fact: Fact) -> Flags:
        """Put a fact into the sheet; nonsense is kept and flagged."""
        return sheet_.apply(state, fact)

    # what the public sees ----------------------------------------------------------------------

    def veiled(self, fact: Fact) -> bool:
        """Judgements of what was handed in after `freeze_min`, and that results are final."""
        if isinstance(fact.payload, Judging):
            freeze = self.params.freeze_min
            return freeze is None or fact.payload.submitted_ms >= freeze * MINUTE_MS
        return isinstance(fact.payload, Finalized)

    def next_revealed(
        self, hidden: Sequence[Fact], shown: Sequence[Row], contests: Mapping[str, States]
    ) -> Sequence[str]:
        """The first hidden problem of the last team that has one, all its judgements at once."""
        judged = [fact for fact in hidden if isinstance(fact.payload, Judging)]
        for row in reversed(shown):
            own = [fact for fact in judged if fact.payload.entrant == row.entrant]
            if own:
                first = min((f.payload.problem for f in own), key=self._place)
                return [fact.record for fact in own if fact.payload.problem == first]
        return [fact.record for fact in hidden[:1]]

    def _place(self, problem: str) -> tuple[int, str]:
        return (self._places.get(problem, len(self._places)), problem)

    # states into what is shown -----------------------------------------------------------------

    def simulate(self, competition: Definition, contest: Contest, chance: Chance) -> Sayings:
        """What teams hand in, in time, and how it is judged."""
        return simulated.contest(starters(competition, contest), self.params_in(contest), chance)

    def placings(self, contest: Contest, states: States) -> Sequence[str]:
        """The teams in order once the contest is over."""
        if self.status(contest, states) != "finished":
            return ()
        board = board_of(self.params_in(contest), contest, states)
        return [placing.entrant for placing in board.ranks]

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from its start or first submission; finished with its end."""
        return show.status(contest, states)

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`solved`, `pending`, the clock's last `state`, `leader`."""
        return show.line(board_of(self.params_in(contest), contest, states))

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line; `teams` with cells by label; `problems`; `awards` once results are final."""
        return show.box(board_of(self.params_in(contest), contest, states))

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> list[Happening]:
        """Submissions and verdicts in contest time."""
        return show.timeline(self.params_in(contest), self.start(contest), facts)

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """All teams in one table."""
        boards = [
            board_of(self.params_in(contest), contest, contests.get(contest.id, {}))
            for contest in competition.contests.values()
        ]
        return show.standings(boards)


__all__ = ["Problems", "ProblemsParams", "Sheet"]
