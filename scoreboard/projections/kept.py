"""What was made of each contest to be shown, kept to be shown again while its fold stays."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from scoreboard.projections.contest import ContestFold

T = TypeVar("T")


class Kept(Generic[T]):
    """By contest: what was made of it last, of which fold, and that fold's position then.

    A show asks for all of them several times, and mostly one contest has moved since the last.
    """

    def __init__(self) -> None:
        self._made: dict[str, tuple[ContestFold | None, int, T]] = {}
        self._all: dict[str, T] = {}
        self._as_of: Any = None  # the folds and positions of which `_all` is

    def all(
        self, ids: Iterable[str], folds: Mapping[str, ContestFold], make: Callable[[str], T]
    ) -> Mapping[str, T]:
        """What was made of contests, in their order; made again where a fold is new or has moved.

        They must be the same ones as long as the folds are.
        """
        as_of = list(folds.values()), [fold.position for fold in folds.values()]
        if as_of != self._as_of:
            self._all = {id_: self._of(id_, folds.get(id_), make) for id_ in ids}
            self._as_of = as_of
        return self._all

    def _of(self, id_: str, fold: ContestFold | None, make: Callable[[str], T]) -> T:
        position = fold.position if fold else 0
        kept = self._made.get(id_)
        if kept is not None and kept[0] is fold and kept[1] == position:
            return kept[2]
        made = make(id_)
        self._made[id_] = (fold, position, made)
        return made

    def forget(self, id_: str) -> None:
        """Make it again in any case: others meet in the contest now."""
        self._made.pop(id_, None)
        self._as_of = None
