"""Scores by period, the winner and the state of play, from the state of a match.

Half-time, full time (90 minutes), after extra time and the shoot-out are each shown once they are
settled. Kicks from the penalty mark decide who goes on and are no part of the score (Law 10.3).
"""

from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Contest
from scoreboard.facts.instant import to_text
from scoreboard.sports.football.clock import (
    EXTRA_FIRST,
    EXTRA_SECOND,
    FIRST,
    SECOND,
    SHOOTOUT,
    Clock,
    clock_text,
)
from scoreboard.sports.football.facts import PERIODS, Timed
from scoreboard.sports.football.match import KICKS, NOTHING, Match

BREAKS = {
    FIRST: "half_time",
    SECOND: "regular_time_over",
    EXTRA_FIRST: "extra_half_time",
    EXTRA_SECOND: "extra_time_over",
}
LABELS = {
    "not_started": "",
    "first": "1st half",
    "half_time": "HT",
    "second": "2nd half",
    "regular_time_over": "90 min",
    "extra_first": "Extra time, 1st half",
    "extra_half_time": "Extra time, HT",
    "extra_second": "Extra time, 2nd half",
    "extra_time_over": "120 min",
    "shootout": "Penalties",
    "finished": "FT",
}


class Result(Struct, frozen=True, gc=False):
    """Scores in the order of the contest's entrants; None where not (yet) settled or not played.

    `decided`: how the winner was found: `extra_time`, `penalties`, `walkover`, else "".
    """

    score: tuple[int, ...]
    ht: tuple[int, ...] | None = None
    ft: tuple[int, ...] | None = None
    et: tuple[int, ...] | None = None
    p: tuple[int, ...] | None = None
    winner: str = ""
    decided: str = ""


def begun(match: Match) -> bool:
    """Whether anything is known of the match."""
    return match.latest > 0 or is_over(match)


def is_over(match: Match) -> bool:
    """Whether the final whistle went, or the match was decided without play."""
    return match.whistle is not None or match.walkover is not None


def goals(match: Match, team: str) -> int:
    """The team's goals, extra time included, the shoot-out not; a valid walkover's stand above."""
    awarded = match.walkover
    if awarded is not None and awarded.winner in match.teams and team in match.teams:
        return awarded.score[0 if team == awarded.winner else 1]
    return sum(match.tally.get(team, NOTHING)[:KICKS])


def result(contest: Contest, match: Match, over: bool) -> Result:
    """The result so far; `over` if the contest is finished."""
    teams = contest.entrants

    def upto(period: int) -> tuple[int, ...]:
        return tuple(sum(match.tally.get(team, NOTHING)[:period]) for team in teams)

    score = tuple(goals(match, team) for team in teams)
    extra = _extra_time(match)
    shot = SHOOTOUT <= match.latest
    p = tuple(match.tally.get(team, NOTHING)[KICKS] for team in teams) if shot else None
    winner, decided = _winner(teams, match, score, p, extra) if over else ("", "")
    if match.walkover is not None and not match.latest:
        return Result(score, winner=winner, decided=decided)
    return Result(
        score=score,
        ht=upto(FIRST) if _settled(match, FIRST, over) else None,
        ft=upto(SECOND) if _settled(match, SECOND, over) else None,
        et=upto(EXTRA_SECOND) if extra and _settled(match, EXTRA_SECOND, over) else None,
        p=p,
        winner=winner,
        decided=decided,
    )


def _extra_time(match: Match) -> bool:
    """Whether extra time was begun."""
    periods = {*match.kicked, *match.ended}
    return (
        EXTRA_FIRST in periods
        or EXTRA_SECOND in periods
        or EXTRA_FIRST <= match.latest <= EXTRA_SECOND
        or any(any(tally[SECOND:EXTRA_SECOND]) for tally in match.tally.values())
    )


def _settled(match: Match, period: int, over: bool) -> bool:
    return over or period in match.ended or period < match.latest


def _winner(
    teams: list[str],
    match: Match,
    score: tuple[int, ...],
    p: tuple[int, ...] | None,
    extra: bool,
) -> tuple[str, str]:
    """Who won and how; two empty texts for a draw."""
    awarded = match.walkover
    if awarded is not None and awarded.winner in teams:
        return awarded.winner, "walkover"
    if len(teams) != 2:
        return "", ""
    if score[0] != score[1]:
        return teams[score[0] < score[1]], "extra_time" if extra else ""
    if p is not None and p[0] != p[1]:
        return teams[p[0] < p[1]], "penalties"
    return "", ""


def phase(match: Match, over: bool) -> str:
    """The state of play: a period, a break, `not_started` or `finished`."""
    if over:
        return "finished"
    if not match.latest:
        return "not_started"
    if match.latest == SHOOTOUT:
        return "shootout"
    return BREAKS[match.latest] if match.latest in match.ended else PERIODS[match.latest - 1]


def line(contest: Contest, match: Match, over: bool) -> dict[str, Any]:
    """The match in one line. `since`: when the period under way was kicked off, if known."""
    now = phase(match, over)
    made: dict[str, Any] = {"phase": now, "label": LABELS[now]}
    if now == "not_started":
        return made
    if len(contest.entrants) == 2:
        found = result(contest, match, over)
        made["score"] = list(found.score)
        for name in ("ht", "ft", "et", "p"):
            scores = getattr(found, name)
            if scores is not None:
                made[name] = list(scores)
        if found.winner:
            made["winner"] = found.winner
        if found.decided:
            made["decided"] = found.decided
            made["label"] = {"extra_time": "AET", "penalties": "Pens", "walkover": "W/O"}[
                found.decided
            ]
    if now in PERIODS and (at := match.kicked.get(match.latest)):
        made["since"] = to_text(at)
    return made


def box(contest: Contest, match: Match, over: bool, clock: Clock) -> dict[str, Any]:
    """The match in full: the line, and what happened, in objects by record, numbered in order."""
    made = line(contest, match, over)
    for name in ("goals", "cards", "substitutions"):
        rows: dict[str, Timed] = getattr(match, name)
        in_order = sorted(rows.items(), key=lambda item: clock.moment(item[1]))
        if in_order:
            made[name] = {record: _row(at, row) for at, (record, row) in enumerate(in_order, 1)}
    if match.kicks:
        made["shootout"] = {
            record: _row(at, kick) for at, (record, kick) in enumerate(match.kicks.items(), 1)
        }
    return made


def _row(order: int, happened: Any) -> dict[str, Any]:
    """A payload as JSON without nulls and empty texts, with its place in order and on the clock."""
    made: dict[str, Any] = {"order": order}
    for name in happened.__struct_fields__:
        value = getattr(happened, name)
        if value is not None and value != "" and name not in ("minute", "stoppage", "period"):
            made[name] = value
    if isinstance(happened, Timed) and (clock := clock_text(happened)):
        made["clock"] = clock
    return made
