"""A competition folded by the real folds from events such as devices send, in any order."""

import random
from collections import Counter
from typing import Any

import msgspec

from scoreboard.catalogue import DefinitionFold
from scoreboard.facts.document import Content
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import from_text
from scoreboard.projections import render
from scoreboard.projections.competition import CompetitionFold
from scoreboard.sports.registry import Sports
from scoreboard.sports.sport import Sport

ROWS_MAX = 10_000
BATCH = 256  # entries fed at once, so that late ones come in a later batch than their neighbours


def folded(
    sport: type[Sport[Any]],
    competition: dict[str, Any],
    events: list[dict[str, Any]],
    seed: int | None = None,
) -> CompetitionFold:
    """The fold after all events, in the order given, or shuffled by a seed.

    Versions of one record keep their order: it is their arrival that makes them versions.
    """
    fold = CompetitionFold(competition["slug"], DefinitionFold(), Sports({sport.name: sport}))
    defined = {"id": "definition", "source": "organiser", "type": "competition.defined"}
    fold.define([entry(1, defined | {"data": competition})])
    by_contest: dict[str, list[Entry]] = {}
    versions: Counter[str] = Counter()
    for position, event in enumerate(_arrived(events, seed), 2):
        versions[record_of(event)] += 1
        made = entry(position, event, versions[record_of(event)])
        by_contest.setdefault(event.get("contest", ""), []).append(made)
    for contest, entries in by_contest.items():
        fold.contests[contest] = fold.new_contest(contest)
        for first in range(0, len(entries), BATCH):
            fold.contests[contest].feed(entries[first : first + BATCH])
    fold.rank_anew()
    return fold


def board(fold: CompetitionFold, name: str) -> Content:
    """A board's content."""
    return render.content(fold, name, ROWS_MAX)


def flags(fold: CompetitionFold) -> dict[str, list[str]]:
    """What was found surprising, by record."""
    return {record: row["flags"] for record, row in board(fold, "flags")["rows"].items()}


def _arrived(events: list[dict[str, Any]], seed: int | None) -> list[dict[str, Any]]:
    order = list(range(len(events)))
    if seed is not None:
        random.Random(seed).shuffle(order)
    places: dict[str, list[int]] = {}
    for place, number in enumerate(order):
        places.setdefault(record_of(events[number]), []).append(place)
    for some in places.values():
        for place, number in zip(some, sorted(order[place] for place in some), strict=True):
            order[place] = number
    return [events[number] for number in order]


def record_of(event: dict[str, Any]) -> str:
    """The record that an event speaks of."""
    return event.get("record") or f"{event['source']}/{event['id']}"


def entry(position: int, event: dict[str, Any], version: int = 1) -> Entry:
    """An event as the ledger would hold it."""
    action = event.get("action", "record")
    return Entry(
        position=position,
        competition="real",
        contest=event.get("contest"),
        source=event["source"],
        id=event["id"],
        type=event["type"],
        schema=1,
        action="amend" if action == "record" and version > 1 else action,
        record=record_of(event),
        version=version,
        actor=f"device:{event['source']}",
        received=position,
        time=from_text(event["time"]) if "time" in event else None,
        sent=None,
        subject=None,
        place=None,
        reason=None,
        flags=None,
        extensions=None,
        data=msgspec.json.encode(event["data"]) if "data" in event else None,
        salt=None,
        digest=b"",
        hash=b"",
    )
