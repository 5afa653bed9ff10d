"""Two Formula One seasons as race control would have told them, and what officially came of them.

Made from f1db's files (CC BY 4.0). Rounds are `r01`, `r02` and so on, the sprint before round 10 is
`r10-sprint`. The files do not say who drove the fastest lap: it is who has more points than the
place gives. Reserve drivers drive for the team that the result names.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import real_data
import yaml

FOLDERS = {2021: "f1db-2021", 1988: "f1db-1988"}
SCHEMES: dict[int, dict[str, Any]] = {
    2021: {"points": [25, 18, 15, 12, 10, 8, 6, 4, 2, 1], "fastest_lap": 1, "teams": "teams"},
    1988: {"points": [9, 6, 4, 3, 2, 1], "best": 11, "count_back_within": 6, "teams": "teams"},
}
SPRINT: dict[str, Any] = {"points": [3, 2, 1], "fastest_lap": 0, "count_back": False}
HALF_POINTS = {(2021, "r12"): (1, 2)}  # Spa: three laps behind the safety car
STATUS = {"DNF": "dnf", "DNS": "dns", "DSQ": "dsq", "EX": "dsq", "NC": "dnf"}


@cache
def _read(year: int, *path: str) -> Any:
    file = real_data.folder(FOLDERS[year]).joinpath(*path)
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None


@cache
def races(year: int) -> dict[str, list[dict[str, Any]]]:
    """The results of each round in order, its sprint before its race."""
    found = {}
    for folder in sorted((real_data.folder(FOLDERS[year]) / "races").iterdir()):
        round_ = f"r{folder.name[:2]}"
        if sprint := _read(year, "races", folder.name, "sprint-race-results.yml"):
            found[f"{round_}-sprint"] = sprint
        found[round_] = _read(year, "races", folder.name, "race-results.yml")
    return found


def competition(year: int) -> dict[str, Any]:
    """The season as its organiser would post it."""
    drivers = {
        row["driverId"]: row["constructorId"] for some in races(year).values() for row in some
    }
    teams = sorted(set(drivers.values()) | {row["constructorId"] for _, row in _rows(year)})
    return {
        "slug": f"formula-one-{year}",
        "name": f"Formula One {year}",
        "sport": "season",
        "params": SCHEMES[year],
        "entrants": [
            *({"id": id_, "name": _name(id_), "team": team} for id_, team in drivers.items()),
            *({"id": id_, "name": _name(id_)} for id_ in teams),
        ],
        "contests": [
            {"id": id_, "round": f"Round {int(id_[1:3])}"}
            | ({"params": SPRINT} if id_.endswith("sprint") else {})
            for id_ in races(year)
        ],
    }


def _name(id_: str) -> str:
    return id_.replace("-", " ").title()


def _rows(year: int) -> list[tuple[str, dict[str, Any]]]:
    return [(id_, row) for id_, some in races(year).items() for row in some]


def events(year: int) -> list[dict[str, Any]]:
    """What race control sent: results, fastest laps, shares of points, the end of each round."""
    told: list[dict[str, Any]] = []
    start = datetime(year, 3, 1, tzinfo=UTC)

    def tell(contest: str, type_: str, **data: Any) -> None:
        told.append(
            {
                "id": f"{contest}-{len(told):04}",
                "source": "race-control",
                "type": f"season.{type_}",
                "contest": contest,
                "time": (start + timedelta(seconds=len(told))).isoformat(),
                "data": data,
            }
        )

    for contest, rows in races(year).items():
        if share := HALF_POINTS.get((year, contest)):
            tell(contest, "shortened", share=share, reason="red flag")
        for row in rows:
            position, team = row["position"], {"team": row["constructorId"]}
            if isinstance(position, int):
                tell(contest, "result", entrant=row["driverId"], place=position, **team)
            else:
                status = STATUS.get(position, "dnq")
                tell(contest, "result", entrant=row["driverId"], status=status, **team)
        if fastest := _fastest(year, contest, rows):
            tell(contest, "fastest_lap", entrant=fastest)
        tell(contest, "final")
    return told


def _fastest(year: int, contest: str, rows: list[dict[str, Any]]) -> str | None:
    """Who has more points than the place gives."""
    scheme = SPRINT["points"] if contest.endswith("sprint") else SCHEMES[year]["points"]
    share = Fraction(*HALF_POINTS.get((year, contest), (1, 1)))
    for row in rows:
        place = row["position"]
        listed = scheme[place - 1] if isinstance(place, int) and place <= len(scheme) else 0
        if Fraction(str(row.get("points") or 0)) > listed * share:
            return str(row["driverId"])
    return None


# what came of it -------------------------------------------------------------------------------


def official(year: int, kind: str) -> dict[str, list[tuple[str, int, Fraction]]]:
    """After each round: `driver`s or `constructor`s with rank and points."""
    tables = {}
    for folder in sorted((real_data.folder(FOLDERS[year]) / "races").iterdir()):
        rows = _read(year, "races", folder.name, f"{kind}-standings.yml")
        tables[f"r{folder.name[:2]}"] = [
            (row[f"{kind}Id"], row["position"], Fraction(str(row["points"]))) for row in rows
        ]
    return tables


def final(year: int) -> list[tuple[str, Fraction]]:
    """The drivers' final table."""
    rows = _read(year, "driver-standings.yml")
    return [(row["driverId"], Fraction(str(row["points"]))) for row in rows]
