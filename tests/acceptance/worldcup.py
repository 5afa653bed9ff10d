"""The 2018 World Cup as its devices would have told it, and what officially came of it.

Made from openfootball's files (CC0) in the folder of real data: `SCOREBOARD_REAL_DATA`, or
`../shared/data/real` beside the project. Contests are `m01` to `m64` in order of kick-off, entrants
have FIFA's codes as ids, groups are `A` to `H`.

What the files do not say: cards (so Japan and Senegal, whom fair play parted, are parted by a
ruling of the same outcome), the penalties that were missed in shoot-outs (only scored ones are
told), and what the clock did between periods (breaks of a usual length are assumed).
"""

import json
import os
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SLUG = "wc-2018"
FOLDER = "worldcup-2018"

HALF_TIME_MISPRINTS = {("Japan", "Poland"): (0, 0), ("Senegal", "Colombia"): (0, 0)}
"""Half-time scores that contradict the same file's goals: both say 0-1 at half-time, with the only
goal in minutes 59 (Bednarek) and 74 (Mina). The goals' minutes are right."""

BREAK_MIN = {1: 0, 2: 20, 3: 30, 4: 45, 5: 55}
"""Minutes that real time is ahead of the match's clock, by period: breaks and stoppages."""

PERIODS = ("first", "second", "extra_first", "extra_second")
PERIOD_ENDS = (45, 90, 105, 120)


def data_folder() -> Path:
    """The folder of real data; without it tests fail in CI and are skipped elsewhere."""
    beside = Path(__file__).parents[2].parent / "shared" / "data" / "real"
    folder = Path(os.environ.get("SCOREBOARD_REAL_DATA") or beside) / FOLDER
    if (folder / "worldcup.json").exists():
        return folder
    missing = f"the real data is missing: {folder} (set SCOREBOARD_REAL_DATA)"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@cache
def _read(name: str) -> Any:
    return json.loads((data_folder() / name).read_text(encoding="utf-8"))


@cache
def _matches() -> tuple[tuple[str, dict[str, Any]], ...]:
    ordered = sorted(_read("worldcup.json")["matches"], key=lambda m: (_start(m), m["team1"]))
    return tuple((f"m{number:02}", match) for number, match in enumerate(ordered, 1))


@cache
def _codes() -> dict[str, str]:
    groups = _read("worldcup.standings.json")["groups"]
    return {row["team"]["name"]: row["team"]["code"] for g in groups for row in g["standings"]}


def _start(match: dict[str, Any]) -> datetime:
    """The kick-off; the file writes `2018-06-14` and `18:00 UTC+3`."""
    clock, offset = match["time"].split(" UTC")
    zone = timezone(timedelta(hours=int(offset)))
    return datetime.fromisoformat(f"{match['date']}T{clock}:00").replace(tzinfo=zone)


def _teams(match: dict[str, Any]) -> list[str]:
    return [_codes()[match["team1"]], _codes()[match["team2"]]]


def _group(name: str) -> str:
    return name.removeprefix("Group ")


# the definition --------------------------------------------------------------------------------


def competition(*, drawn: bool = False) -> dict[str, Any]:
    """The competition as an organiser would post it: 32 entrants, 8 groups, 64 contests.

    `drawn`: as it was drawn before it began, when nobody knew who would meet in the knock-outs.
    """
    contests = [_contest(id_, match) for id_, match in _matches()]
    if drawn:
        for contest in contests:
            if "group" not in contest:
                contest["name"] = f"Match {int(contest['id'][1:])}"
                contest["entrants"] = [_whence(contest, team) for team in contest["entrants"]]
    return {
        "slug": SLUG,
        "name": "World Cup 2018",
        "sport": "football",
        "place": "Russia",
        "start": _start(_matches()[0][1]).isoformat(),
        "entrants": [
            {"id": code, "name": name, "short": code} for name, code in sorted(_codes().items())
        ],
        "groups": [
            {
                "id": _group(group["name"]),
                "name": group["name"],
                "entrants": [_codes()[team] for team in group["teams"]],
            }
            for group in _read("worldcup.groups.json")["groups"]
        ],
        "contests": contests,
    }


def _whence(contest: dict[str, Any], team: str) -> str:
    """Where a team of a knock-out came from, as the draw said: a group's place or a contest."""
    earlier = [
        (id_, match)
        for id_, match in _matches()
        if id_ < contest["id"] and "group" not in match and team in _teams(match)
    ]
    if earlier:
        id_, match = earlier[-1]
        return f"{'winner' if knocked_out(match) != team else 'loser'}:{id_}"
    places = official_tables().items()
    group, rank = next((g, r["rank"]) for g, rows in places for r in rows if r["entrant"] == team)
    return f"place:{group}:{rank}"


def knocked_out(match: dict[str, Any]) -> str:
    """Who lost a knock-out: by its last score, that of the shoot-out if there was one."""
    score = match["score"]
    home, away = score.get("p") or score.get("et") or score["ft"]
    return _teams(match)[0 if home < away else 1]


def _contest(id_: str, match: dict[str, Any]) -> dict[str, Any]:
    contest = {
        "id": id_,
        "name": f"{match['team1']} - {match['team2']}",
        "start": _start(match).isoformat(),
        "place": match["ground"],
        "entrants": _teams(match),
        "round": match["round"],
    }
    return contest | ({"group": _group(match["group"])} if "group" in match else {})


# the events ------------------------------------------------------------------------------------


def events() -> list[dict[str, Any]]:
    """What the devices at 64 matches sent, by time, and the organisers' ruling on group H."""
    told = [event for id_, match in _matches() for event in _told(id_, match)]
    last = max(datetime.fromisoformat(event["time"]) for event in told if event["contest"] <= "m48")
    ruling = {
        "id": "lots-h",
        "source": "organiser",
        "type": "football.lots",
        "time": (last + timedelta(hours=1)).isoformat(),
        "data": {"group": "H", "order": ["JPN", "SEN"]},
    }
    return sorted([*told, ruling], key=lambda event: datetime.fromisoformat(event["time"]))


def _told(id_: str, match: dict[str, Any]) -> list[dict[str, Any]]:
    start = _start(match)
    source = f"pad-{id_}"

    def event(name: str, kind: str, period: int, minute: int, /, **data: Any) -> dict[str, Any]:
        time = start + timedelta(minutes=BREAK_MIN[period] + minute)
        return {
            "id": f"{id_}-{name}",
            "source": source,
            "type": f"football.{kind}",
            "time": time.isoformat(),
            "contest": id_,
            "data": data,
        }

    told = []
    for period, name in enumerate(PERIODS[: 4 if "et" in match["score"] else 2], 1):
        begin, end = (0, *PERIOD_ENDS)[period - 1], PERIOD_ENDS[period - 1]
        told.append(event(f"kick-off-{period}", "kick_off", period, begin, period=name))
        told.append(event(f"end-{period}", "period_end", period, end + 9, period=name))
    for number, (minute, stoppage, data) in enumerate(_goals(match), 1):
        period = 1 + sum(minute > end for end in PERIOD_ENDS)
        told.append(event(f"goal-{number}", "goal", period, minute + stoppage, **data))
    for number, team in enumerate(_scored_penalties(match), 1):
        told.append(
            event(f"kick-{number}", "shootout_kick", 5, 120 + number, team=team, scored=True)
        )
    whistle = (5, 150) if "p" in match["score"] else (4, 130) if "et" in match["score"] else (2, 99)
    told.append(event("whistle", "full_time", *whistle))
    return told


def _goals(match: dict[str, Any]) -> list[tuple[int, int, dict[str, Any]]]:
    """Minute, stoppage and payload of each goal; the file credits own goals as we do."""
    goals = []
    by_team = (match.get("goals1", []), match.get("goals2", []))
    for team, listed in zip(_teams(match), by_team, strict=True):
        for goal in listed:
            kind = "own" if goal.get("owngoal") else "penalty" if goal.get("penalty") else "open"
            minute, stoppage = goal["minute"], goal.get("offset", 0)
            data = {"team": team, "kind": kind, "player": goal["name"], "minute": minute}
            goals.append((minute, stoppage, data | ({"stoppage": stoppage} if stoppage else {})))
    return goals


def _scored_penalties(match: dict[str, Any]) -> list[str]:
    """Who scored in the shoot-out, in turns as far as both did."""
    home, away = match["score"].get("p", (0, 0))
    first, second = _teams(match)
    turns = [team for _ in range(min(home, away)) for team in (first, second)]
    return turns + [first] * (home - away) + [second] * (away - home)


# what came of it -------------------------------------------------------------------------------


def official_scores() -> dict[str, dict[str, list[int]]]:
    """By contest: `half_time`, `full_time`, and `extra_time`, `shootout` where there were any.

    As printed in the file, but for HALF_TIME_MISPRINTS.
    """
    names = {"ht": "half_time", "ft": "full_time", "et": "extra_time", "p": "shootout"}
    scores = {}
    for id_, match in _matches():
        score = {names[key]: list(pair) for key, pair in match["score"].items()}
        corrected = HALF_TIME_MISPRINTS.get((match["team1"], match["team2"]))
        scores[id_] = score | ({"half_time": list(corrected)} if corrected else {})
    return scores


def official_tables() -> dict[str, list[dict[str, Any]]]:
    """By group, best first: entrant, rank and the eight figures."""
    return {
        _group(group["name"]): [_official_row(row) for row in group["standings"]]
        for group in _read("worldcup.standings.json")["groups"]
    }


def _official_row(row: dict[str, Any]) -> dict[str, Any]:
    scored, conceded = row["goals_for"], row["goals_against"]
    return {
        "entrant": row["team"]["code"],
        "rank": row["pos"],
        "played": row["played"],
        "won": row["won"],
        "drawn": row["drawn"],
        "lost": row["lost"],
        "gf": scored,
        "ga": conceded,
        "gd": scored - conceded,
        "pts": row["pts"],
    }


def plain_tables(params: dict[str, Any]) -> dict[str, dict[str, tuple[int, int]]]:
    """By group and entrant: rank and points by other rules, computed from the printed scores alone.

    `params`: `win` and `ties`, of which points, goals and differences of all matches are known
    here, and the lots that parted Japan and Senegal.
    """
    played: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for _id, match in _matches():
        if "group" in match:
            home, away = match["score"]["ft"]
            table = played.setdefault(_group(match["group"]), {})
            for team, goals in zip(_teams(match), ((home, away), (away, home)), strict=True):
                table.setdefault(team, []).append(goals)
    win, ties = params.get("win", 3), params.get("ties", ["points", "goal_difference", "goals"])
    tables = {}
    for group, teams in played.items():
        points = {t: sum(win * (f > a) + (f == a) for f, a in goals) for t, goals in teams.items()}
        figures = {
            "points": points,
            "goal_difference": {t: sum(f - a for f, a in goals) for t, goals in teams.items()},
            "goals": {t: sum(f for f, _a in goals) for t, goals in teams.items()},
            "lots": {t: -int(t == "SEN") for t in teams},
        }
        key = {t: [figures[tie][t] for tie in (*ties, "lots")] for t in teams}
        tables[group] = {
            t: (1 + sum(key[other] > key[t] for other in teams), points[t]) for t in teams
        }
    return tables
