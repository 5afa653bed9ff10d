"""Five weight classes of the 2018 IPF World University Championships, and what came of them.

Made from OpenPowerlifting's files (public domain): three attempts at three lifts, a minus for one
that failed, a blank for one not taken. The files say whether a lift was good, not who showed which
light: a good lift is told here with two or three white lights, a failed one with one or none, and
every seventh decision is one that the jury turned round.

Weight classes are contests and groups. The files' `DQ` is a lifter without a total: for want of a
good squat, and in one case, with nine good lifts, by a disqualification.
"""

import csv
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import real_data

SLUG = "ipf-1804"
FILES = ("ipf1804_women_63up.csv", "ipf1804_men_74.csv")
START = datetime(2018, 7, 10, 8, 0, tzinfo=UTC)
LIFTS = {"squat": "Squat", "bench": "Bench", "deadlift": "Deadlift"}
REFEREES = ("left", "centre", "right")


@cache
def rows() -> tuple[dict[str, str], ...]:
    """The files' lines."""
    folder = real_data.folder("powerlifting-ipf1804")
    return tuple(
        row for name in FILES for row in csv.DictReader((folder / name).open(encoding="utf-8"))
    )


def grams(kilograms: str) -> int:
    """Grams, exactly."""
    whole, _, part = kilograms.lstrip("-").partition(".")
    return int(whole) * 1_000 + int(f"{part:0<3}")


def entrant(row: dict[str, str]) -> str:
    """An id in plain letters."""
    plain = unicodedata.normalize("NFKD", row["Name"]).encode("ascii", "ignore").decode()
    return re.sub("[^A-Za-z]+", "-", plain)


def weight_class(row: dict[str, str]) -> str:
    """Such as `W63`, `W84up`, `M74`."""
    sex = "M" if row["Sex"] == "M" else "W"
    return sex + row["WeightClassKg"].replace("+", "up")


def competition() -> dict[str, Any]:
    """Five classes; the women's and the men's formulas are those of IPF GL (classic, 2020)."""
    classes = list(dict.fromkeys(map(weight_class, rows())))
    of_class = {c: [entrant(r) for r in rows() if weight_class(r) == c] for c in classes}
    return {
        "slug": SLUG,
        "name": "World University Powerlifting",
        "sport": "lifting",
        "entrants": [
            {"id": entrant(r), "name": r["Name"], "team": re.sub(r"\W+", "-", r["Country"])}
            for r in rows()
        ],
        "groups": [{"id": c, "name": f"{c} kg", "entrants": of_class[c]} for c in classes],
        "contests": [
            {
                "id": f"class-{c}",
                "name": f"{c} kg",
                "start": (START + timedelta(hours=3 * number)).isoformat(),
                "group": c,
                "entrants": of_class[c],
                "params": _class_params(c),
            }
            for number, c in enumerate(classes)
        ],
    }


def _class_params(class_: str) -> dict[str, Any]:
    a, b, c = (1199.72839, 1025.18162, 0.00921)
    if class_.startswith("W"):
        a, b, c = (610.32796, 1045.59282, 0.03048)
    limits = {"W63": (57_001, 63_000), "W72": (63_001, 72_000), "W84": (72_001, 84_000)}
    limits |= {"W84up": (84_001, 500_000), "M74": (66_001, 74_000)}
    low, high = limits[class_]
    return {
        "body_weight_min_g": low,
        "body_weight_max_g": high,
        "points": f"100 * total / ({a} - {b} * exp(-{c} * body_weight))",
    }


def events() -> list[dict[str, Any]]:
    """Weigh-ins, attempts and lights of every lifter."""
    classes = list(dict.fromkeys(map(weight_class, rows())))
    return [
        {
            "id": f"{entrant(row)}-{number}",
            "source": f"platform-{weight_class(row)}",
            "type": f"lifting.{kind}",
            "time": (_start(row, classes) + timedelta(seconds=10 * number)).isoformat(),
            "contest": f"class-{weight_class(row)}",
            "data": {"entrant": entrant(row), **said},
        }
        for row in rows()
        for number, (kind, said) in enumerate(_told(row))
    ]


def _start(row: dict[str, str], classes: list[str]) -> datetime:
    return START + timedelta(hours=3 * classes.index(weight_class(row)))


def _told(row: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    told: list[tuple[str, dict[str, Any]]] = [
        ("weigh_in", {"body_weight_g": grams(row["BodyweightKg"])})
    ]
    decisions = count(len(row["Name"]))
    for lift, column in LIFTS.items():
        for attempt in (1, 2, 3):
            which = {"lift": lift, "attempt": attempt}
            written = row[f"{column}{attempt}Kg"]
            if not written:
                told.append(("declined", which))
                continue
            good, number = not written.startswith("-"), next(decisions)
            overruled = number % 7 == 0
            told.append(("attempt", which | {"weight_g": grams(written)}))
            told += [
                ("light", which | {"referee": referee, "good": shown})
                for referee, shown in zip(REFEREES, _lights(good != overruled, number), strict=True)
            ]
            if overruled:
                told.append(("jury", which | {"good": good, "reason": "seen by the jury"}))
    if row["Place"] == "DQ" and row["Best3SquatKg"]:
        told.append(("excluded", {"kind": "disqualified"}))
    return told


def _lights(good: bool, number: int) -> tuple[bool, ...]:
    """Three lights with a majority for the decision, not always all of them."""
    odd = number % 4
    return tuple(good != (place == odd) for place in range(3))


def official() -> dict[str, dict[str, Any]]:
    """By entrant: the class, the place (0 for none), bests and total in grams."""
    return {
        entrant(row): {
            "class": weight_class(row),
            "place": int(row["Place"]) if row["Place"].isdigit() else 0,
            "total": grams(row["TotalKg"]) if row["TotalKg"] else 0,
            "bests": {
                lift: grams(row[f"Best3{column}Kg"])
                for lift, column in LIFTS.items()
                if row[f"Best3{column}Kg"]
            },
        }
        for row in rows()
    }
