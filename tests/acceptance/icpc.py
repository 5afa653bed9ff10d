"""Two ICPC contests from their CLICS feeds, and what their juries made of them.

The feed of the 47th World Finals is the public one, without judgements after the freeze (from
icpc/live-v3, MIT; results from DOMjudge, GPL-2.0+); that of the Europe Championship 2025 is whole,
thawed and finalised (icpc/live-v3, MIT). Both are read by the project's own reader of feeds.
"""

import json
from functools import cache
from typing import Any

import real_data

from scoreboard.sources.clics import ClicsFeed

WF47 = ("icpc-wf47", "event-feed.frozen.ndjson")
EUC2025 = ("icpc-euc2025", "event-feed.ndjson")


@cache
def read(feed: tuple[str, str]) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """The competition that a feed defines, and its events."""
    folder, name = feed
    reader = ClicsFeed()
    events = []
    with (real_data.folder(folder) / name).open("rb") as lines:
        for line in lines:
            events += reader.take(line)
    return reader.definition(folder), tuple(events)


def competition(feed: tuple[str, str]) -> dict[str, Any]:
    """The definition, as it would be posted."""
    return read(feed)[0]


def events(feed: tuple[str, str]) -> list[dict[str, Any]]:
    """The events, as they would be posted, in the order of the feed."""
    return list(read(feed)[1])


def official_cells() -> dict[tuple[str, str], dict[str, Any]]:
    """The jury's final scoreboard of the World Finals: cells by team and label."""
    path = real_data.folder("icpc-wf47") / "sample-scoreboard.json"
    rows = json.loads(path.read_text("utf-8"))["rows"]
    return {(row["team_id"], p["label"]): p for row in rows for p in row["problems"]}


def official_firsts() -> dict[str, str]:
    """The first-to-solve awards of the Europe Championship: team by problem's id."""
    folder, name = EUC2025
    with (real_data.folder(folder) / name).open(encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines if line.strip()]
    awards = [one["data"] for one in read if one["type"] == "awards"]
    prefix = "first-to-solve-"
    return {
        a["id"].removeprefix(prefix): a["team_ids"][0] for a in awards if a["id"].startswith(prefix)
    }
