"""Two FIRST Robotics events of 2015 (Arkansas, Tennessee), and how their teams were ranked.

Made from The Blue Alliance's data (MIT): every match's alliances and scores. The files do not split
scores by category, so ties that auto, container or coopertition points broke stay ties here. The
matches' times are not in the files either; they follow each other five minutes apart.
"""

import csv
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import real_data

EVENTS = ("2015arfa", "2015tnkn")
START = datetime(2015, 3, 26, 9, 0, tzinfo=UTC)
STAGES = ("qm", "qf", "sf", "f")


@cache
def matches(event: str) -> tuple[dict[str, Any], ...]:
    """Matches in the order they were played: id, stage, six teams, two scores."""
    path = real_data.folder("frc-2015") / f"{event}_matches.csv"
    read = []
    for row in csv.reader(path.open(encoding="utf-8")):
        id_ = row[0].split("_")[1]
        stage, numbers = re.match(r"[a-z]+", id_)[0], [int(n) for n in re.findall(r"\d+", id_)]
        read.append(
            {
                "id": id_,
                "stage": stage,
                "order": (STAGES.index(stage), numbers[::-1]),
                "teams": row[1:7],
                "scores": [int(row[7]), int(row[8])],
            }
        )
    return tuple(sorted(read, key=lambda match: match["order"]))


def competition(event: str) -> dict[str, Any]:
    """Teams and matches; what is no qualification match does not count for the ranking."""
    teams = sorted({team for match in matches(event) for team in match["teams"]})
    return {
        "slug": event,
        "name": event,
        "sport": "rounds",
        "params": {"side_size": 3, "rank": "average", "decimals": 1},
        "entrants": [{"id": team, "name": team.removeprefix("frc")} for team in teams],
        "contests": [
            {
                "id": match["id"],
                "start": (START + timedelta(minutes=5 * number)).isoformat(),
                "entrants": match["teams"],
            }
            | ({} if match["stage"] == "qm" else {"params": {"counts": False}})
            for number, match in enumerate(matches(event))
        ],
    }


def events(event: str) -> list[dict[str, Any]]:
    """Each alliance's score as it was counted, the end of the match, the official results."""
    told = []
    for number, match in enumerate(matches(event)):
        begin = START + timedelta(minutes=5 * number)
        sides = list(zip(("red", "blue"), match["scores"], strict=True))
        halves = [(side, part) for side, score in sides for part in (score // 2, -(-score // 2))]
        said = [
            *(("scored", {"side": side, "points": part}) for side, part in halves),
            ("ended", {}),
            *(("result", {"side": side, "points": {"total": score}}) for side, score in sides),
        ]
        told += [
            {
                "id": f"{match['id']}-{place}",
                "source": "field",
                "type": f"rounds.{kind}",
                "time": (begin + timedelta(seconds=30 * place)).isoformat(),
                "contest": match["id"],
                "data": data,
            }
            for place, (kind, data) in enumerate(said)
        ]
    return told


def official(event: str) -> dict[str, dict[str, Any]]:
    """By team: rank, average in tenths, matches played."""
    path = real_data.folder("frc-2015") / f"{event}_rankings.csv"
    return {
        f"frc{row['Team']}": {
            "rank": int(row["Rank"]),
            "tenths": round(float(row["Qual Avg"]) * 10),
            "played": int(row["Played"]),
        }
        for row in csv.DictReader(path.open(encoding="utf-8"))
    }
