"""What a row shows, looked up in states by contest: the figures that an explanation adds up to.

A field's figures and those of standings are the sport's own. A box has no rows that all sports
share; there an entrant's figures are what stands under its id, and its items of lists that stand
beside a list of ids.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scoreboard.facts.competition import Contest, Definition
from scoreboard.projections import render
from scoreboard.projections.attribution import Figures
from scoreboard.sports.sport import FieldSport, Row, Sport, States


class Looking:
    """The figures of one row, from states by contest; `row` is the one that was seen last."""

    def __init__(
        self,
        sport: Sport[Any],
        definition: Definition,
        contests: Mapping[str, Contest],
        board: str,
        entrant: str,
    ) -> None:
        self._sport = sport
        self._definition = definition
        self._contests = contests  # those in which the entrant has a part
        self._board = board
        self._entrant = entrant
        self.row: Row | None = None

    def __call__(self, states: Mapping[str, States]) -> Figures:
        """The figures; none while the board has no such row."""
        if isinstance(self._sport, FieldSport):
            self.row = self._of_field(self._sport, states)
        elif self._board == render.STANDINGS:
            ranked = self._sport.standings(self._definition, states)
            own = [row for row in ranked if row.entrant == self._entrant]
            self.row = own[-1] if own else None
        else:
            self.row = self._of_box(states)
        return self.row.figures if self.row else {}

    def _of_field(self, sport: FieldSport[Any], states: Mapping[str, States]) -> Row | None:
        entrant = self._entrant
        resolved = [
            one
            for id_, contest in self._contests.items()
            if entrant in states[id_]
            and (one := sport.resolve(contest, entrant, states[id_])) is not None
        ]
        if not resolved or sport.merit(resolved) is None:
            return None
        return Row(
            entrant=entrant,
            rank=0,  # among the others, who are not looked at
            figures=sport.figures(resolved),
            group=sport.division(entrant),
            unplaced=sport.unplaced(resolved),
        )

    def _of_box(self, states: Mapping[str, States]) -> Row | None:
        entrant = self._entrant
        figures: dict[str, Any] = {}
        for id_, contest in self._contests.items():
            box = self._sport.box(contest, states[id_])
            figures |= dict(own_leaves(box, entrant))
        return Row(entrant=entrant, rank=0, figures=figures) if figures else None


def own_leaves(box: Any, entrant: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """What of a box is an entrant's own: values by dotted path.

    Everything in an object that has the entrant's id for its key; and where a list names entrants
    (such as `teams`), the entrant's item of every list of this length beside it (such as `score`),
    alone or in an object of such lists.
    """
    for key, value in box.items():
        if key == entrant:
            yield from leaves(value, path)
        elif isinstance(value, dict):
            yield from own_leaves(value, entrant, (*path, key))
    for names, ids in box.items():
        if isinstance(ids, list) and entrant in ids:
            for key, value in box.items():
                if key != names:
                    yield from own_items(value, ids.index(entrant), len(ids), (*path, key))


def own_items(
    value: Any, place: int, length: int, path: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    """The item at a place of a list of this length, or of each list of an object of such lists."""
    if isinstance(value, list) and len(value) == length:
        yield from leaves(value[place], path)
    elif isinstance(value, dict) and all(
        isinstance(one, list) and len(one) == length for one in value.values()
    ):
        for key, one in value.items():
            yield from leaves(one[place], (*path, key))


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Values that are no containers, by dotted path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, str(number)))
    else:
        yield ".".join(path) or "value", value
