"""Skate America 2017 as its judges' pads would have told it, and what officially came of it.

Made from the protocols in BuzzFeed News' figure-skating-scores (CC BY 4.0). Contests are segments,
groups the four events; an element's call, nine marks each for elements and components, deductions
and the release of each performance are events, a second apart.

The protocols print each element's base value, the nine grades and the panel's grade of execution,
not the season's Scale of Values by which grades become points. `scale_of` writes it down by kind of
element; it explains the printed figure of every one of the 685 elements that have marks.
"""

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import real_data

SLUG = "skate-america-2017"
START = datetime(2017, 11, 24, 18, 0, tzinfo=UTC)
JUDGES = [f"J{number}" for number in range(1, 10)]
SEGMENTS = {
    "PAIRS SHORT PROGRAM": "pairs",
    "MEN SHORT PROGRAM": "men",
    "ICE DANCE SHORT DANCE": "dance",
    "LADIES SHORT PROGRAM": "ladies",
    "PAIRS FREE SKATING": "pairs",
    "MEN FREE SKATING": "men",
    "ICE DANCE FREE DANCE": "dance",
    "LADIES FREE SKATING": "ladies",
}
SHORT = ("SHORT PROGRAM", "SHORT DANCE")

# The Scale of Values by kind of element: what a grade is worth, upward and downward, in thousandths
# a step, or the three values themselves where the steps are uneven (quadruple jumps).
SCALES: dict[str, tuple[int | tuple[int, int, int], int | tuple[int, int, int]]] = {
    "single-axel": (200, 200),
    "single": (200, 100),
    "double-small": (200, 200),
    "double-large": (300, 300),
    "double-axel": (500, 500),
    "triple": (700, 700),
    "triple-axel": (1000, 1000),
    "quadruple": (1000, (1200, 2400, 4000)),
    "quadruple-throw": (1000, 1000),
    "spin": (500, 300),
    "steps": (500, 300),
    "steps-4": (700, 700),
    "lift-3": (500, 500),
    "pairs": (700, 700),
    "dance-steps": (1100, 1000),
    "dance-rhythm": (600, 500),
    "twizzles-1": (600, 300),
}
JUMPS = {
    "1A": "single-axel",
    **dict.fromkeys(("1T", "1S", "1Lo", "1F", "1Lz"), "single"),
    **dict.fromkeys(("2T", "2S"), "double-small"),
    **dict.fromkeys(("2Lo", "2F", "2Lz"), "double-large"),
    "2A": "double-axel",
    **dict.fromkeys(("3T", "3S", "3Lo", "3F", "3Lz"), "triple"),
    "3A": "triple-axel",
    **dict.fromkeys(("4T", "4S", "4Lo", "4F", "4Lz"), "quadruple"),
}
OTHERS = (
    (r"STw1", "twizzles-1"),
    (r"(STw|RoLi|SlLi|StaLi|CuLi|CoSp|.RH)", "dance-rhythm"),
    (r"(Nt)?(CiSt|DiSt|MiSt|PSt|SSt|SeSt)", "dance-steps"),
    (r"StSq4", "steps-4"),
    (r"StSq", "steps"),
    (r"3Li", "lift-3"),
    (r"(4\w+Th)", "quadruple-throw"),
    (r"(\dTw|\w+Th$|5\w+Li|\w\wDs|Ch)", "pairs"),
    (r".*Sp", "spin"),
)


def scale_of(code: str) -> str:
    """The scale of an element's code; a combination has that of its most valuable jump."""
    for pattern, scale in OTHERS:
        if re.match(pattern, code):
            return scale
    jumps = [_jump(part) for part in code.split("+") if re.match(r"\d", part)]
    return max(jumps)[1]


def _jump(code: str) -> tuple[float, str]:
    """How valuable a jump is, and its scale; downgraded (`<<`) it is a jump with a turn less.

    An under-rotated (`<`) triple toe loop or Salchow is worth less than a double Axel.
    """
    turns, name = int(code[0]) - ("<<" in code), re.sub(r"[^A-Za-z]|e$", "", code)
    scale = JUMPS[f"{turns}{name}"]
    reduced = "<" in code and name in ("T", "S") and turns == 3
    order = list(SCALES)
    return (order.index("double-axel") - 0.5 if reduced else order.index(scale), scale)


def _values(up: Any, down: Any) -> list[int]:
    """The values of grades -3 to +3 in thousandths."""
    ups, downs = (s if isinstance(s, tuple) else (s, 2 * s, 3 * s) for s in (up, down))
    return [*(-value for value in reversed(downs)), 0, *ups]


@cache
def performances() -> tuple[dict[str, Any], ...]:
    """The protocols in starting order, segment by segment; numbers as text, exact."""
    path = real_data.folder("skating-gpusa2017") / "gpusa2017_protocol.json"
    read = json.loads(path.read_text("utf-8"), parse_float=str, parse_constant=lambda _: None)
    order = list(SEGMENTS)
    return tuple(
        sorted(
            read["performances"],
            key=lambda p: (
                order.index(p["metadata"]["program"]),
                int(p["metadata"]["starting_number"]),
            ),
        )
    )


def milli(text: str) -> int:
    """Thousandths of a decimal number written in text."""
    whole, _, part = text.lstrip("-").partition(".")
    value = int(whole) * 1_000 + int(f"{part:0<3}")
    return -value if text.startswith("-") else value


def entrant(performance: dict[str, Any]) -> str:
    """An id made from the nation and the name in plain letters."""
    data = performance["metadata"]
    plain = unicodedata.normalize("NFKD", data["name"]).encode("ascii", "ignore").decode()
    return f"{data['nation']}-{re.sub('[^A-Za-z]+', '-', plain)}".strip("-")


def contest(performance: dict[str, Any]) -> str:
    """The segment's id, such as `men-short-program`."""
    return performance["metadata"]["program"].lower().replace(" ", "-")


def component(described: dict[str, Any]) -> str:
    """A component's name as an id, such as `skating-skills`."""
    return re.sub("[^a-z]+", "-", described["component_desc"].lower())


# the definition --------------------------------------------------------------------------------


def competition() -> dict[str, Any]:
    """Four groups, eight segments; factors and ties differ by segment."""
    named = {entrant(p): {"id": entrant(p), "name": p["metadata"]["name"]} for p in performances()}
    groups = {
        group: sorted({entrant(p) for p in performances() if _group(p) == group})
        for group in dict.fromkeys(SEGMENTS.values())
    }
    return {
        "slug": SLUG,
        "name": "ISU GP 2017 Bridgestone Skate America",
        "sport": "judged",
        "place": "Lake Placid",
        "params": {"scales": {name: _values(*steps) for name, steps in SCALES.items()}},
        "entrants": list(named.values()),
        "groups": [
            {"id": group, "name": group.title(), "entrants": ids} for group, ids in groups.items()
        ],
        "contests": [_contest(number, program) for number, program in enumerate(SEGMENTS)],
    }


def _group(performance: dict[str, Any]) -> str:
    return SEGMENTS[performance["metadata"]["program"]]


def _contest(number: int, program: str) -> dict[str, Any]:
    skated = [p for p in performances() if p["metadata"]["program"] == program]
    factors = {component(c): c["factor"] for c in skated[0]["components"]}
    return {
        "id": contest(skated[0]),
        "name": program.title(),
        "start": (START + timedelta(hours=3 * number)).isoformat(),
        "group": SEGMENTS[program],
        "entrants": [entrant(p) for p in skated],
        "params": {
            "factors": factors,
            "segment_tie": "elements" if program.endswith(SHORT) else "components",
        },
    }


# the events ------------------------------------------------------------------------------------


def events() -> list[dict[str, Any]]:
    """What the technical panel, the nine judges and the referee said."""
    order = list(SEGMENTS)
    told = []
    for performance in performances():
        data = performance["metadata"]
        begin = START + timedelta(hours=3 * order.index(data["program"]))
        begin += timedelta(minutes=10 * int(data["starting_number"]))
        told += [
            {
                "id": f"{contest(performance)}-{entrant(performance)}-{number}",
                "source": source,
                "type": f"judged.{kind}",
                "time": (begin + timedelta(seconds=number)).isoformat(),
                "contest": contest(performance),
                "data": {"entrant": entrant(performance), **said},
            }
            for number, (source, kind, said) in enumerate(_told(performance))
        ]
    return told


def _told(performance: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    told: list[tuple[str, str, dict[str, Any]]] = []
    for element in performance["elements"]:
        number, code = int(element["element_num"]), element["element_desc"]
        call = {"element": number, "code": code, "base": milli(element["base_value"])}
        marks = {judge: element[judge] for judge in JUDGES if element[judge] is not None}
        if marks:
            call["scale"] = scale_of(code)
        told.append(("technical-panel", "element", call))
        told += [
            (judge, "mark", {"judge": judge, "element": number, "mark": milli(mark)})
            for judge, mark in marks.items()
        ]
    told += [
        (judge, "mark", {"judge": judge, "component": component(c), "mark": milli(c[judge])})
        for c in performance["components"]
        for judge in JUDGES
    ]
    deducted = milli(performance["metadata"]["total_deductions"])
    if deducted:
        told.append(("referee", "deduction", {"points": abs(deducted)}))
    told.append(("referee", "released", {}))
    return told


# what came of it -------------------------------------------------------------------------------


def official() -> dict[tuple[str, str], dict[str, Any]]:
    """By segment and entrant: rank, total, and what it is made of, as printed, in thousandths."""
    return {
        (contest(p), entrant(p)): {
            "rank": int(p["metadata"]["rank"]),
            "total": milli(p["metadata"]["total_segment_score"]),
            "elements_score": milli(p["metadata"]["total_element_score"]),
            "components_score": milli(p["metadata"]["total_component_score"]),
            "elements": {e["element_num"]: milli(e["scores_of_panel"]) for e in p["elements"]},
            "components": {component(c): milli(c["scores_of_panel"]) for c in p["components"]},
        }
        for p in performances()
    }
