"""One NBA game with overtime (22 October 2019, New Orleans at Toronto), row by row.

Made from pbpstats' test data (MIT; facts from the NBA). Rows are in the scorers' order, which their
place in the file gives (`sequence`): event numbers are not always in it. Rows tell the time of day
to the minute; events are told some milliseconds apart in it. Shots that missed, rebounds,
substitutions and turnovers are no facts of this sport.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import real_data

SLUG = "nba-0021900001"
HOME, AWAY = "TOR", "NOP"
TEAM_IDS = {1610612761: HOME, 1610612740: AWAY}
MADE, FREE_THROW, FOUL, TIME_OUT, BEGIN, END = 1, 3, 6, 9, 12, 13
START = datetime(2019, 10, 22, 0, 0, tzinfo=UTC)

PARAMS = {
    "periods": 4,
    "period_s": 720,
    "overtime_s": 300,
    "bonus_fouls": 5,
    "overtime_fouls": "anew",
    "player_fouls": 6,
    "team_foul_kinds": ["personal"],
    "player_foul_kinds": ["personal", "offensive"],
    "time_outs": [{"until": 4, "count": 7}],
    "overtime_time_outs": 2,
}
"""The NBA's rules, where they differ from FIBA's."""


@cache
def rows() -> tuple[dict[str, Any], ...]:
    """The play by play."""
    path = real_data.folder("basketball") / "pbp_stats_0021900001.json"
    table = json.loads(path.read_text("utf-8"))["resultSets"][0]
    return tuple(dict(zip(table["headers"], row, strict=True)) for row in table["rowSet"])


def line_score() -> dict[str, list[int]]:
    """Points by quarter and overtime, and the final score last."""
    path = real_data.folder("basketball") / "game_details_stats_summary_0021900001.json"
    sets = {s["name"]: s for s in json.loads(path.read_text("utf-8"))["resultSets"]}
    table = sets["LineScore"]
    names = ["PTS_QTR1", "PTS_QTR2", "PTS_QTR3", "PTS_QTR4", "PTS_OT1", "PTS"]
    read = [dict(zip(table["headers"], row, strict=True)) for row in table["rowSet"]]
    return {row["TEAM_ABBREVIATION"]: [row[name] for name in names] for row in read}


def competition() -> dict[str, Any]:
    """One game."""
    return {
        "slug": SLUG,
        "name": "NBA opening night",
        "sport": "periods",
        "params": PARAMS,
        "entrants": [
            {"id": HOME, "name": "Toronto Raptors", "short": HOME},
            {"id": AWAY, "name": "New Orleans Pelicans", "short": AWAY},
        ],
        "contests": [{"id": "game", "entrants": [HOME, AWAY], "place": "Toronto"}],
    }


def events() -> list[dict[str, Any]]:
    """Baskets, fouls, time-outs, periods, and the game clock's stops for time-outs."""
    told = []
    for number, row in enumerate(rows()):
        for kind, data in _told(number, row):
            told.append(
                {
                    "id": f"row-{number}-{kind}",
                    "source": "scorers",
                    "type": f"periods.{kind}",
                    "time": (_time(row) + timedelta(milliseconds=number)).isoformat(),
                    "contest": "game",
                    "data": data,
                }
            )
    last = rows()[-1]
    end = {"id": "end", "source": "scorers", "type": "periods.ended", "contest": "game"}
    return [*told, end | {"time": (_time(last) + timedelta(minutes=1)).isoformat(), "data": {}}]


def _told(number: int, row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    kind, period = row["EVENTMSGTYPE"], row["PERIOD"]
    timed = {"period": period, "clock_ms": clock_ms(row), "sequence": number}
    text = row["HOMEDESCRIPTION"] or row["VISITORDESCRIPTION"] or ""
    player = str(row["PLAYER1_ID"])
    whose = {"team": row["PLAYER1_TEAM_ABBREVIATION"], "player": player}
    if kind == BEGIN:
        return [("period_began", {"period": period}), ("clock", timed | {"running": True})]
    if kind == END:
        return [("period_ended", {"period": period}), ("clock", timed | {"running": False})]
    if kind == MADE:
        return [("score", timed | whose | {"points": 3 if "3PT" in text else 2})]
    if kind == FREE_THROW and not text.startswith("MISS"):
        return [("score", timed | whose | {"points": 1})]
    if kind == FOUL:
        counted = re.search(r"\(P\d+\.(T\d|PN)\)", text)
        personal = "personal" if counted else "offensive"
        return [("foul", timed | whose | {"kind": "technical" if "T.FOUL" in text else personal})]
    if kind == TIME_OUT:
        team = TEAM_IDS[row["PLAYER1_ID"]]
        return [("time_out", timed | {"team": team}), ("clock", timed | {"running": False})]
    return []


def clock_ms(row: dict[str, Any]) -> int:
    """What the game clock showed, in milliseconds."""
    minutes, seconds = row["PCTIMESTRING"].split(":")
    return (int(minutes) * 60 + int(seconds)) * 1_000


def _time(row: dict[str, Any]) -> datetime:
    """The time of day in Toronto, all in the evening, as UTC."""
    hours, minutes = row["WCTIMESTRING"].split(" ")[0].split(":")
    return START + timedelta(hours=16 + int(hours), minutes=int(minutes))


def running_scores() -> dict[int, str]:
    """The score after each row that has one, home first, by the row's number."""
    scores = {}
    for number, row in enumerate(rows()):
        if row["SCORE"]:
            away, home = row["SCORE"].split(" - ")
            scores[number] = f"{home}-{away}"
    return scores


def counted_fouls() -> dict[int, tuple[int, int]]:
    """By the row's number: the player's fouls and the team's in the period, as printed (T3)."""
    counts = {}
    for number, row in enumerate(rows()):
        text = f"{row['HOMEDESCRIPTION'] or ''} {row['VISITORDESCRIPTION'] or ''}"
        if found := re.search(r"FOUL \(P(\d+)\.T(\d)\)", text):
            counts[number] = (int(found[1]), int(found[2]))
    return counts
