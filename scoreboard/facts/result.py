"""The state of a contest's result: who said what of it, and whether it is final.

    entered       facts have come in, the contest is not over
    provisional   it is over, and approvals that the competition asks for are missing
    official      all of them were given: final
    disputed      somebody objects
    under-review  officials look at it again; hidden from the public if the competition says so

Officials state these; without a word of theirs the state follows from the facts. `official` is an
approval: as many different people as `approvals` says must give one after whatever else was stated
last. An approval holds for what was approved: as soon as anything more is said of the contest, even
if it is taken back, it lapses, and the result has to be approved again. One that does not hold
takes nothing away: neither others' approvals, nor an objection that came after what was looked at.
A contest in play has no result to approve: until it is over an approval makes nothing official, and
officials are shown that it came too early. It holds if nothing but their word ends the contest.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta, Struct

ResultState = Literal["entered", "provisional", "official", "disputed", "under-review"]
APPROVALS_MAX = 9


class ResultRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a competition asks of its results.

    `approvals`: how many different officials must call a result official before it is; 0: nobody
    need. `review_hidden`: the public sees nothing more of a contest that is under review.
    """

    approvals: Annotated[int, Meta(ge=0, le=APPROVALS_MAX)] = 0
    review_hidden: bool = False


class Statement(Struct, frozen=True):
    """What an official said of a result, in a record of the competition's definition.

    `seen`: the last position that they had seen of it.
    """

    state: ResultState
    actor: str
    position: int
    seen: int
    record: str = ""


class Result(Struct, frozen=True):
    """A result as it stands; `awaiting`: how many approvals are missing once it is over.

    `state` is "" as long as nothing is known of the contest.
    """

    state: ResultState | Literal[""]
    awaiting: int = 0

    @property
    def final(self) -> bool:
        """Whether the result is official."""
        return self.state == "official"


def result_of(
    statements: Iterable[Statement], rules: ResultRules, *, over: bool, position: int
) -> Result:
    """The result of a contest that is `over` or not, its last entry at a position (0: none yet)."""
    stated, approvals = _holding(statements, position)
    if stated is not None:
        return Result(stated.state)
    if not over:
        return Result("entered" if position else "")
    missing = rules.approvals - len({said.actor for said in approvals})
    return Result("provisional", missing) if missing > 0 else Result("official")


def too_early(statements: Iterable[Statement], position: int) -> list[Statement]:
    """The approvals that would hold if the contest, its last entry at a position, were over."""
    return _holding(statements, position)[1]


def _holding(
    statements: Iterable[Statement], position: int
) -> tuple[Statement | None, list[Statement]]:
    """What was stated last, if no approval came after it, and the approvals that hold."""
    stated: Statement | None = None
    approvals: list[Statement] = []
    for said in sorted(statements, key=lambda said: said.position):
        if said.state != "official":
            stated, approvals = said, []
        elif said.seen >= position:
            stated = None
            approvals.append(said)
        elif stated is not None and said.seen >= stated.position:
            stated = None
    return stated, approvals
