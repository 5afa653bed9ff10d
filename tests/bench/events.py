"""Competitions and events to measure with: a quiz of points, and leagues of football.

Football events are those of matches in play, `MATCH_EVENTS` each: kick-off, goals, cards,
substitutions, half-time and the final whistle, in order; the matches of a batch follow each other.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from scoreboard.facts.entry import Draft

Sport = Literal["points", "football"]
SPORTS: tuple[Sport, ...] = ("points", "football")
ENTRANTS = 500  # no more than a board shows, so that the board tells what was counted
ROUNDS = 10
TEAMS = 20
MATCHES = 100  # of one league
MATCH_EVENTS = 25
Json = dict[str, Any]


def definition(sport: Sport, slug: str) -> Json:
    """A competition's definition."""
    made: Json = {"slug": slug, "name": slug.title(), "sport": sport}
    if sport == "points":
        made["entrants"] = [{"id": f"e{n}", "name": f"Entrant {n}"} for n in range(ENTRANTS)]
        made["contests"] = [{"id": f"c{n}", "name": f"Round {n}"} for n in range(ROUNDS)]
        return made
    made["entrants"] = [{"id": f"t{n}", "name": f"Team {n}"} for n in range(TEAMS)]
    made["contests"] = [
        {"id": f"c{n}", "name": f"Match {n}", "entrants": list(teams(n))} for n in range(MATCHES)
    ]
    return made


def teams(match: int) -> tuple[str, str]:
    """Home and away of a match."""
    return f"t{match % TEAMS}", f"t{(match + 1 + match // TEAMS) % TEAMS}"


def slugs(sport: Sport, events: int) -> list[str]:
    """The competitions that so many events belong to: one quiz, or leagues of whole matches."""
    if sport == "points":
        return ["quiz"]
    return [f"league-{n}" for n in range(-(-events // (MATCHES * MATCH_EVENTS)))]


def events(sport: Sport, count: int) -> Iterator[tuple[str, Json]]:
    """So many events, each with its competition."""
    for number in range(count):
        if sport == "points":
            data = {"entrant": f"e{number * 7919 % ENTRANTS}", "points": number % 10}
            yield "quiz", event(number, "points.scored", f"c{number % ROUNDS}", data)
            continue
        match, step = divmod(number, MATCH_EVENTS)
        league, match = divmod(match, MATCHES)
        type_, data = _football(match, step)
        yield f"league-{league}", event(number, type_, f"c{match}", data)


def event(number: int, type_: str, contest: str, data: Json) -> Json:
    """One event; its number decides its id, source and time."""
    second = number // 1000 % 60
    return {
        "specversion": "1.0",
        "id": f"{number:08d}",
        "source": f"pad-{number % 8}",
        "type": type_,
        "time": f"2027-06-12T18:{number // 60000 % 60:02d}:{second:02d}.{number % 1000:03d}Z",
        "contest": contest,
        "data": data,
    }


def _football(match: int, step: int) -> tuple[str, Json]:
    team = teams(match)[step % 2]
    minute = min(90, 1 + step * 90 // MATCH_EVENTS)
    match step:
        case 0:
            return "football.kick_off", {}
        case 12:
            return "football.period_end", {"period": "first"}
        case 24:
            return "football.full_time", {}
    timed: Json = {"team": team, "minute": minute}
    if step % 6 == 1:
        return "football.goal", timed | {"player": f"{step}"}
    if step % 3 == 0:
        return "football.card", timed | {"colour": "yellow", "player": f"{step}"}
    return "football.substitution", timed | {"off": f"{step}", "on": f"{step + 20}"}


def batches(sport: Sport, count: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Bodies of at most `size` events, none over two competitions, with the competition.

    JSON arrays; a single event stands without one.
    """
    encode = msgspec.json.encode
    if size == 1:
        yield from ((slug, encode(event)) for slug, event in events(sport, count))
        return
    slug, waiting = "", []
    for competition, event in events(sport, count):
        if waiting and (competition != slug or len(waiting) == size):
            yield slug, encode(waiting)
            waiting = []
        slug = competition
        waiting.append(event)
    yield slug, encode(waiting)


def drafts(sport: Sport, count: int) -> Iterator[Draft]:
    """The same events as the ledger takes them."""
    for number, (competition, event) in enumerate(events(sport, count)):
        yield Draft(
            competition=competition,
            contest=event["contest"],
            source=event["source"],
            id=event["id"],
            type=event["type"],
            actor="device:bench",
            time=1_800_000_000_000_000 + number * 1_000,
            data=msgspec.json.encode(event["data"]),
        )
