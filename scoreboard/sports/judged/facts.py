"""What can be said about a judged performance: calls, marks, deductions, and that it is final.

All points and marks are integers of thousandths: a mark of 9.25 is 9250.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta

from scoreboard.facts.names import Id, Line
from scoreboard.facts.payload import Kind, Payload

Number = Annotated[int, Meta(ge=1, le=99)]
Mark = Annotated[int, Meta(ge=-100_000, le=1_000_000)]
Points = Annotated[int, Meta(ge=0, le=1_000_000)]


class Element(Payload, frozen=True, kw_only=True):
    """The technical panel's call of an element (ISU rule 353): what it was and what it is worth.

    `base`: its base value or difficulty, in thousandths. `scale`: which of the competition's scales
    turns its grades into points; without one a mark is worth itself.
    """

    entrant: Id
    element: Number
    code: Line
    base: Points
    scale: Id | None = None


class Marked(Payload, frozen=True, kw_only=True):
    """One judge's mark, in thousandths, for an element by its number or for a component by name.

    A judge who changes a mark amends the record, or says it again: the last one counts.
    """

    entrant: Id
    judge: Id
    mark: Mark
    element: Number | None = None
    component: Id | None = None

    def __post_init__(self) -> None:
        """A mark for both or neither would count nowhere: ValueError."""
        if (self.element is None) == (self.component is None):
            raise ValueError("a mark is for an `element` or for a `component`, one of the two")


class Deduction(Payload, frozen=True, kw_only=True):
    """Points taken off the performance, in thousandths, above zero (falls, time, costume)."""

    entrant: Id
    points: Points
    reason: Line = ""


class Released(Payload, frozen=True, kw_only=True):
    """The performance's result is announced; what is said later is a surprise."""

    entrant: Id


class Retired(Payload, frozen=True, kw_only=True):
    """The entrant did not perform this segment or did not finish it: no result in it."""

    entrant: Id
    reason: Line = ""


def _entrant(payload: Any) -> Iterable[str]:
    return (payload.entrant,)


KINDS = (
    Kind("judged.element", Element, entrants=_entrant),
    Kind("judged.mark", Marked, entrants=_entrant),
    Kind("judged.deduction", Deduction, entrants=_entrant),
    Kind("judged.released", Released, entrants=_entrant),
    Kind("judged.retired", Retired, entrants=_entrant),
)
