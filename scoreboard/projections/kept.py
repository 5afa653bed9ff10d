"""What was made of each contest to be shown, kept to be shown again while its fold stays."""

from collections.abc import Callable
from typing import Generic, TypeVar

from scoreboard.projections.contest import ContestFold

T = TypeVar("T")


class Kept(Generic[T]):
    """By contest: what was made of it last, of which fold, and that fold's position then."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[ContestFold | None, int, T]] = {}

    def of(self, id_: str, folded: ContestFold | None, make: Callable[[str], T]) -> T:
        """What was made of a contest; made again if its fold is another one or has moved."""
        position = folded.position if folded else 0
        kept = self._made.get(id_)
        if kept is not None and kept[0] is folded and kept[1] == position:
            return kept[2]
        made = make(id_)
        self._made[id_] = (folded, position, made)
        return made

    def forget(self, id_: str) -> None:
        """Make it again in any case: others meet in the contest now."""
        self._made.pop(id_, None)
