"""What a programming contest configures: its problems, verdicts, clock, penalty and medals."""

from typing import Annotated

from msgspec import Meta, Struct, field

from scoreboard.facts.names import Id, Line
from scoreboard.sports.sport import Params


class Problem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A problem: `id` as devices send it, `label` as the board heads it (A, B, C)."""

    id: Id
    label: Id
    name: Line = ""
    color: Line = ""


class Verdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a verdict means: whether it solves, and whether a rejection costs penalty time."""

    solved: bool = False
    penalty: bool = True


VERDICTS = {
    "AC": Verdict(solved=True, penalty=False),
    "CE": Verdict(penalty=False),
    **{name: Verdict() for name in ("WA", "TLE", "MLE", "OLE", "RTE", "NO")},
}
"""The usual ones: a compiler error is no try (ICPC World Finals Rules, Scoring)."""

Medals = Annotated[int, Meta(ge=0, le=1_000)]


class ProblemsParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contest's problems in order and how it is scored.

    `duration_min`: what is handed in at or after it does not count. `freeze_min`: from when on the
    public does not see how submissions are judged, once officials freeze the board; None: what is
    judged after the freezing itself. `penalty_min`: for each rejected try at a problem that is
    solved in the end. `gold`, `silver`, `bronze`: places that get a medal.
    """

    problems: Annotated[list[Problem], Meta(max_length=100)] = []
    verdicts: Annotated[dict[Id, Verdict], Meta(max_length=100)] = field(
        default_factory=lambda: dict(VERDICTS)
    )
    duration_min: Annotated[int, Meta(ge=1, le=44_640)] = 300
    freeze_min: Annotated[int, Meta(ge=0, le=44_640)] | None = 240
    penalty_min: Annotated[int, Meta(ge=0, le=10_000)] = 20
    gold: Medals = 4
    silver: Medals = 4
    bronze: Medals = 4

    def __post_init__(self) -> None:
        """Two problems of one id or label would be one column: ValueError."""
        ids = [problem.id for problem in self.problems]
        labels = [problem.label for problem in self.problems]
        if len(set(ids)) < len(ids) or len(set(labels)) < len(labels):
            raise ValueError("a problem's id or label is there twice")

    def has(self, id_: str) -> bool:
        """Whether a problem is one of the contest's."""
        for problem in self.problems:  # noqa: SIM110 - twice as fast, and asked for each submission
            if problem.id == id_:
                return True
        return False
