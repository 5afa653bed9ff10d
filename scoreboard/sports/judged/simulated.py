"""A segment as it might go: everybody's elements with the panel's marks, components, the result."""

from scoreboard.sports.exact import MILLI
from scoreboard.sports.judged.facts import Element, Marked, Released
from scoreboard.sports.judged.panel import JudgedParams
from scoreboard.sports.simulating import Chance, Sayings

DIVES, ELEMENTS, PANEL = 5, 7, 5
DIVE_S, ELEMENT_S, AFTER_S = 45.0, 20.0, 90.0
MARK_S = 2.0  # between two judges


class Simulated:
    """One segment under its rules."""

    def __init__(self, rules: JudgedParams, chance: Chance) -> None:
        self._rules = rules
        self._chance = chance
        self._judges = [f"J{number}" for number in range(1, (rules.judges or PANEL) + 1)]
        self._at_s = 0.0

    def perform(self, field: list[str]) -> Sayings:
        """In rounds of one element each where that is multiplied (dives), else one by one."""
        if self._rules.base == "multiply":
            for number in range(1, DIVES + 1):
                for entrant in field:
                    yield from self._element(entrant, number)
                    if number == DIVES:
                        yield from self._result(entrant)
                    self._at_s += DIVE_S
        else:
            for entrant in field:
                for number in range(1, ELEMENTS + 1):
                    yield from self._element(entrant, number)
                    self._at_s += ELEMENT_S
                yield from self._result(entrant)
                self._at_s += AFTER_S

    def _element(self, entrant: str, number: int) -> Sayings:
        scale = self._chance.choice(sorted(self._rules.scales)) if self._rules.scales else None
        multiplied = self._rules.base == "multiply"
        base = self._chance.randint(16, 36) * 100 if multiplied else self._base(scale)
        code = f"{self._chance.randint(1, 6)}0{self._chance.randint(1, 5)}B"
        called = Element(entrant=entrant, element=number, code=code, base=base, scale=scale)
        yield self._at_s, called
        middle = self._chance.uniform(0.45, 0.9)
        for judge in self._judges:
            self._at_s += MARK_S
            mark = self._mark(middle, scale)
            yield self._at_s, Marked(entrant=entrant, judge=judge, mark=mark, element=number)

    def _base(self, scale: str | None) -> int:
        return self._chance.randint(10, 60) * 100 if scale else 0

    def _mark(self, middle: float, scale: str | None) -> int:
        """Near the middle of all marks there are: whole grades of a scale, else half points."""
        near = min(1.0, max(0.0, middle + self._chance.uniform(-0.08, 0.08)))
        if scale is not None:
            last = len(self._rules.scales[scale]) - 1
            return (self._rules.grade_min + round(near * last)) * MILLI
        return round(near * 20) * MILLI // 2

    def _result(self, entrant: str) -> Sayings:
        low, high = self._rules.component_min, self._rules.component_max
        middle = self._chance.uniform(0.5, 0.9)
        for name in self._rules.factors:
            for judge in self._judges:
                self._at_s += MARK_S
                near = middle + self._chance.uniform(-0.05, 0.05)
                step = (high - low) // 40 or 1
                mark = low + round(near * (high - low) / step) * step
                yield self._at_s, Marked(entrant=entrant, judge=judge, mark=mark, component=name)
        self._at_s += MARK_S
        yield self._at_s, Released(entrant=entrant)
