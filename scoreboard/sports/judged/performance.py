"""One entrant's performance in one segment, as its facts have made it, and the score it adds up to.

Everything said is kept; what cannot count (a mark for a component that the segment has not, a
judge too many) is flagged and left out when the score is made.
"""

from msgspec import Struct
from msgspec.structs import replace

from scoreboard.sports.judged.facts import Deduction, Element, Marked, Released, Retired
from scoreboard.sports.judged.panel import JudgedParams
from scoreboard.sports.sport import OK, Fact, Flags

UNKNOWN_COMPONENT = "unknown-component"
UNKNOWN_SCALE = "unknown-scale"
OUT_OF_RANGE = "mark-out-of-range"
OFF_SCALE = "grade-not-on-scale"
SECOND_MARK = "second-mark-of-judge"
SECOND_CALL = "second-call"
JUDGE_TOO_MANY = "judge-too-many"
AFTER_RELEASE = "after-release"
SECOND_RELEASE = "second-release"
RETIRED_SCORED = "scored-though-retired"
NOT_IN_CONTEST = "not-in-contest"

Panel = dict[str, int]
"""Marks in thousandths by judge."""


class Performance(Struct):
    """The state. `called` and `marks` by element number, `components` by name, then by judge.

    `rules`: the segment's. `planned`: the segment's entrants, nobody where it names none.
    """

    rules: JudgedParams
    planned: list[str] = []
    called: dict[int, Element] = {}
    marks: dict[int, Panel] = {}
    components: dict[str, Panel] = {}
    deductions: dict[str, Deduction] = {}
    released: bool = False
    retired: bool = False


class Score(Struct, frozen=True):
    """Points of a performance, in thousandths; `whole` if no mark is missing."""

    elements: dict[int, int]
    panels: dict[str, int]
    factored: dict[str, int]
    deducted: int
    whole: bool

    @property
    def technical(self) -> int:
        """The elements' points (ISU: TES)."""
        return sum(self.elements.values())

    @property
    def presented(self) -> int:
        """The components' points (ISU: PCS)."""
        return sum(self.factored.values())

    @property
    def total(self) -> int:
        """What counts."""
        return self.technical + self.presented - self.deducted


def as_shown(performance: Performance) -> Performance:
    """The performance without the marks of parts that the panel is still at work on.

    Where the panel may be of any size nothing is known to be missing.
    """
    rules = performance.rules
    if not rules.judges or rules.marks == "as_they_come" or is_over(performance):
        return performance
    panels = [*performance.components.values(), *performance.marks.values()]
    if all(len(panel) >= rules.judges for panel in panels):
        return performance
    return replace(
        performance,
        marks={part: p for part, p in performance.marks.items() if len(p) >= rules.judges},
        components={n: p for n, p in performance.components.items() if len(p) >= rules.judges},
    )


# facts into the state --------------------------------------------------------------------------


def apply(performance: Performance, fact: Fact) -> Flags:
    """Put a fact into the performance; returns what is surprising about it."""
    flags: list[str] = []
    if performance.planned and fact.payload.entrant not in performance.planned:
        flags.append(NOT_IN_CONTEST)
    if performance.released:
        flags.append(SECOND_RELEASE if isinstance(fact.payload, Released) else AFTER_RELEASE)
    if performance.retired:
        flags.append(RETIRED_SCORED)
    match fact.payload:
        case Marked() as marked:
            flags += _mark(performance, marked)
        case Element() as call:
            flags += _call(performance, call)
        case Deduction() as deduction:
            performance.deductions[fact.record] = deduction
        case Released():
            performance.released = True
        case Retired():
            performance.retired = True
    return tuple(flags) if flags else OK


def _call(performance: Performance, call: Element) -> list[str]:
    rules = performance.rules
    flags = [SECOND_CALL] if call.element in performance.called else []
    performance.called[call.element] = call
    if call.scale is not None and call.scale not in rules.scales:
        return [*flags, UNKNOWN_SCALE]
    marks = performance.marks.get(call.element, {}).values()
    if any(rules.value_of(mark, call.scale) is None for mark in marks):
        flags.append(OFF_SCALE)
    return flags


def _mark(performance: Performance, marked: Marked) -> list[str]:
    rules = performance.rules
    flags = []
    if marked.component is not None:
        if marked.component not in rules.factors:
            return [UNKNOWN_COMPONENT]
        if not rules.is_component_mark(marked.mark):
            return [OUT_OF_RANGE]
        panel = performance.components.setdefault(marked.component, {})
    else:
        assert marked.element is not None
        panel = performance.marks.setdefault(marked.element, {})
        call = performance.called.get(marked.element)
        if call is not None and rules.value_of(marked.mark, call.scale) is None:
            flags.append(OFF_SCALE)
    if marked.judge in panel:
        flags.append(SECOND_MARK)
    elif rules.judges and len(panel) >= rules.judges:
        return [JUDGE_TOO_MANY]
    panel[marked.judge] = marked.mark
    return flags


# what the state adds up to ---------------------------------------------------------------------


def score(performance: Performance) -> Score:
    """The performance's points from its marks."""
    rules = performance.rules
    elements = {
        number: _element(rules, call, performance.marks.get(number, {}))
        for number, call in sorted(performance.called.items())
    }
    panels = {
        name: rules.components.combined(performance.components[name].values())
        for name in rules.factors
        if name in performance.components
    }
    return Score(
        elements=elements,
        panels=panels,
        factored={n: rules.components.by(p, rules.factors[n]) for n, p in panels.items()},
        deducted=sum(deduction.points for deduction in performance.deductions.values()),
        whole=_is_whole(performance),
    )


def _element(rules: JudgedParams, call: Element, panel: Panel) -> int:
    """An element's points; a call without marks is worth its base value where that is added."""
    values = [rules.value_of(mark, call.scale) for mark in panel.values()]
    figure = rules.elements.combined([value for value in values if value is not None])
    if rules.base == "add":
        return call.base + figure
    return rules.elements.multiplied(figure, call.base)


def _is_whole(performance: Performance) -> bool:
    """Whether each component, and each element that has marks, has a mark of every judge."""
    rules = performance.rules
    if any(name not in performance.components for name in rules.factors):
        return False
    panels = [*performance.components.values(), *performance.marks.values()]
    return not rules.judges or all(len(panel) >= rules.judges for panel in panels)


def has_score(performance: Performance) -> bool:
    """Whether there is anything to rank: retired entrants and those not begun have nothing."""
    return not performance.retired and bool(
        performance.called or performance.components or performance.marks
    )


def is_over(performance: Performance) -> bool:
    """Whether the entrant's part in the segment is done."""
    return performance.released or performance.retired
