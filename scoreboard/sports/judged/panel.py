"""How a panel's marks become points: trimmed, combined, rounded, multiplied; and a segment's rules.

    marks ─ scale ─▶ values ─ trim ─▶ mean or sum ─ round ─▶ with base or factor ─ round ─▶ points

Skating (ISU Special Regulations 2016, rule 353; the season's Scale of Values): the grades of an
element as values, without the highest and the lowest, averaged, rounded to 0.01 and added to the
base value; a component averaged in the same way, rounded, times its factor, rounded. Diving (World
Aquatics, Diving Rules): marks without the two highest and lowest, summed, times the difficulty.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from scoreboard.facts.names import Id
from scoreboard.sports.exact import MILLI, Rounding, divided, times, unit_of
from scoreboard.sports.sport import Params

FACTOR_MAX = 1_000


class Stage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How marks of one part are made into its points.

    `trim`: marks left out at each end. `decimals`: places kept at each rounding, `rounding` how.
    """

    trim: Annotated[int, Meta(ge=0, le=10)] = 1
    combine: Literal["mean", "sum"] = "mean"
    decimals: Annotated[int, Meta(ge=0, le=3)] = 2
    rounding: Rounding = "half_up"

    def combined(self, values: Collection[int]) -> int:
        """The panel's figure in thousandths; few marks (a panel still at work) are not trimmed."""
        kept = sorted(values)
        if len(kept) > 2 * self.trim:
            kept = kept[self.trim : len(kept) - self.trim]
        if not kept:
            return 0
        count = len(kept) if self.combine == "mean" else 1
        return divided(sum(kept), count, unit_of(self.decimals), self.rounding)

    def by(self, milli: int, factor: Decimal) -> int:
        """A figure times a factor, rounded."""
        return times(milli, factor, unit_of(self.decimals), self.rounding)

    def multiplied(self, milli: int, difficulty: int) -> int:
        """A figure times a difficulty, both in thousandths, rounded."""
        return divided(milli * difficulty, MILLI, unit_of(self.decimals), self.rounding)


class JudgedParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a segment is judged on; a contest's own `params` say what is different in it.

    `judges`: marks that make a part complete, more are flagged (0: any number). `elements` and
    `components`: how their marks count. `base`: whether an element's figure is added to its base
    value or multiplied by it. `factors`: the components and what each counts times, such as 0.8.
    `scales`: values in thousandths of the grades from `grade_min` upward, by name.
    `component_min`, `component_max`: marks outside are flagged and left out.
    `segment_tie`: what parts equal totals in a segment. `ties`: what parts equal sums of segments.
    `marks`: whether those of a part are shown, and count, `together` once the whole panel has
    marked it (or the result is released), so that no judge sees another's first, or `as_they_come`.
    `retired`: whether who retired from a segment has no place in the event (ISU), or is ranked by
    what it has (an all-around, where an apparatus may be left out).
    """

    judges: Annotated[int, Meta(ge=0, le=20)] = 9
    elements: Stage = Stage()
    components: Stage = Stage()
    base: Literal["add", "multiply"] = "add"
    factors: Annotated[dict[Id, Decimal], Meta(max_length=20)] = {}
    scales: Annotated[dict[Id, list[int]], Meta(max_length=200)] = {}
    grade_min: Annotated[int, Meta(ge=-100, le=100)] = -3
    component_min: int = 0
    component_max: int = 10_000
    segment_tie: Literal["elements", "components", "none"] = "elements"
    ties: list[Literal["total", "last_segment", "elements", "components"]] = field(
        default_factory=lambda: ["total", "last_segment"]
    )
    marks: Literal["together", "as_they_come"] = "together"
    retired: Literal["unplaced", "ranked"] = "unplaced"

    def __post_init__(self) -> None:
        """Factors that are no plain positive number, or a scale without values: ValueError."""
        for name, factor in self.factors.items():
            if not factor.is_finite() or not 0 < factor <= FACTOR_MAX:
                raise ValueError(f"the factor of {name} is not above 0 and at most {FACTOR_MAX}")
            if -int(factor.as_tuple().exponent) > 6:
                raise ValueError(f"the factor of {name} has more than 6 decimal places")
        for name, scale in self.scales.items():
            if not 1 <= len(scale) <= 201:
                raise ValueError(f"the scale {name} has no values, or more than 201")

    def value_of(self, mark: int, scale: str | None) -> int | None:
        """What a mark for an element is worth, in thousandths; None if the scale lacks it."""
        if scale is None:
            return mark
        values = self.scales.get(scale, ())
        place, rest = divmod(mark - self.grade_min * MILLI, MILLI)
        return values[place] if rest == 0 and 0 <= place < len(values) else None

    def is_component_mark(self, mark: int) -> bool:
        """Whether a mark may be given for a component."""
        return self.component_min <= mark <= self.component_max
