"""One match as its facts have made it: what happened, by record; scores are counted from it.

What makes no sense stays in the match and is flagged; it counts as long as it can (a goal after the
whistle does, a goal for a third team cannot), until an official amends or voids it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Contest, ContestStatus
from scoreboard.sports.clock import Clock
from scoreboard.sports.football.facts import (
    PERIODS,
    SHOOTOUT,
    Card,
    FullTime,
    Goal,
    KickOff,
    Lots,
    MatchClock,
    PeriodEnd,
    ShootoutKick,
    Substitution,
    Timed,
    Walkover,
    begins_ms,
    moment,
    period_number,
    period_of,
    period_of_minute,
)
from scoreboard.sports.sport import OK, Fact, Flags

Score = tuple[int, int]

NO_CONTEST = "no-contest"
MISPLACED = "misplaced"
REPEATED_ENTRANT = "repeated-entrant"
UNKNOWN_TEAM = "unknown-team"
NO_KICK_OFF = "no-kick-off"
SECOND_KICK_OFF = "second-kick-off"
SECOND_PERIOD_END = "second-period-end"
SECOND_WHISTLE = "second-full-time"
SECOND_WALKOVER = "second-walkover"
AFTER_WHISTLE = "after-full-time"
OUTSIDE_PERIOD = "minute-outside-period"
GROUP_EXTRA_TIME = "extra-time-in-group"
NOT_LEVEL = "shoot-out-not-level"
DECIDED = "shoot-out-decided"
SENT_OFF = "player-sent-off"

SHOOTOUT_KICKS = 5  # of each team before it is sudden death (Law 10.3)


class Match(Struct):
    """A match's state. `teams`: home, away; what happened is by record, in the match's order.

    `whistle`: when the final whistle went, in microseconds, 0 if that is not known.
    `loose`: facts outside any contest, where only drawn lots make sense.
    `tally`, `taken`, `scored`: by team, goals, kicks of the shoot-out and those of them that went
    in. `sent_off`: cards that ended a player's match, by team and player. `clock`: what was last
    said of the clock, in `clock_period`.
    """

    teams: list[str] = []
    in_group: bool = False
    loose: bool = False
    kicked_off: list[int] = []
    ended: list[int] = []
    finished: bool = False
    whistle: int = 0
    goals: dict[str, Goal] = {}
    cards: dict[str, Card] = {}
    substitutions: dict[str, Substitution] = {}
    kicks: dict[str, ShootoutKick] = {}
    tally: dict[str, int] = {}
    taken: dict[str, int] = {}
    scored: dict[str, int] = {}
    sent_off: dict[str, list[str]] = {}
    walkover: Walkover | None = None
    clock: Clock | None = None
    clock_period: int = 0
    lots: dict[str, Lots] = {}


def new_match(contest: Contest) -> Match:
    """The match before its first fact; home and away are the contest's first two entrants."""
    return Match(
        teams=list(contest.entrants[:2]), in_group=contest.group is not None, loose=not contest.id
    )


# facts into the state --------------------------------------------------------------------------


def apply(match: Match, fact: Fact) -> Flags:
    """Put a fact into the match; returns what is surprising about it."""
    if isinstance(fact.payload, Lots):
        return _lots(match, fact.record, fact.payload)
    flags = _taken(match, fact)
    return (NO_CONTEST, *flags) if match.loose else flags


def _taken(match: Match, fact: Fact) -> Flags:
    match fact.payload:
        case KickOff(period=period):
            return _kick_off(match, fact, period_number(period))
        case MatchClock() as told:
            _clock(match, fact, period_number(told.period), told.elapsed_ms, running=told.running)
            return (AFTER_WHISTLE,) if _is_after_whistle(match, fact) else OK
        case PeriodEnd(period=period):
            return _once(match.ended, period_number(period), SECOND_PERIOD_END)
        case Goal() as goal:
            match.goals[fact.record] = goal
            match.tally[goal.team] = match.tally.get(goal.team, 0) + 1
            return _flags_of_timed(match, fact, goal)
        case Card() as card:
            sent_off = bool(card.player) and card.player in match.sent_off.get(card.team, ())
            match.cards[fact.record] = card
            if card.colour != "yellow" and card.player and not sent_off:
                match.sent_off.setdefault(card.team, []).append(card.player)
            return _flags_of_timed(match, fact, card) + ((SENT_OFF,) if sent_off else OK)
        case Substitution() as substitution:
            match.substitutions[fact.record] = substitution
            return _flags_of_timed(match, fact, substitution)
        case ShootoutKick() as kick:
            return _kick(match, fact.record, kick)
        case Walkover() as walkover:
            return _walkover(match, walkover)
        case FullTime():
            return _full_time(match, fact)
    return OK


def _once(seen: list[int], number: int, flag: str) -> Flags:
    if number in seen:
        return (flag,)
    seen.append(number)
    return OK


def _kick_off(match: Match, fact: Fact, period: int) -> Flags:
    flags = _once(match.kicked_off, period, SECOND_KICK_OFF)
    if not flags and fact.time is not None:
        _clock(match, fact, period, begins_ms(period), running=True)
    return flags


def _clock(match: Match, fact: Fact, period: int, elapsed_ms: int, *, running: bool) -> None:
    """The clock goes by when it was said, in whatever order it came in."""
    clock = Clock(elapsed_ms, running, fact.time or 0, fact.source, fact.id)
    if clock.after(match.clock):
        match.clock, match.clock_period = clock, period


def _flags_of_timed(match: Match, fact: Fact, timed: Any) -> Flags:
    checks = (
        (not _plays(match, timed.team), UNKNOWN_TEAM),
        (not match.kicked_off, NO_KICK_OFF),
        (_is_after_whistle(match, fact), AFTER_WHISTLE),
        (period_of(timed) != period_of_minute(timed.minute), OUTSIDE_PERIOD),
        (match.in_group and period_of(timed) > 2, GROUP_EXTRA_TIME),
    )
    return tuple(flag for surprising, flag in checks if surprising)


def _plays(match: Match, team: str) -> bool:
    """Whether the team plays here; a match that is not planned takes the first two it hears of."""
    if len(match.teams) < 2 and team not in match.teams and not match.loose:
        match.teams.append(team)
    return team in match.teams


def _is_after_whistle(match: Match, fact: Fact) -> bool:
    return match.finished and bool(match.whistle) and (fact.time or 0) > match.whistle


def _kick(match: Match, record: str, kick: ShootoutKick) -> Flags:
    goals = score(match)
    checks = (
        (not _plays(match, kick.team), UNKNOWN_TEAM),
        (goals[0] != goals[1], NOT_LEVEL),
        (is_shootout_decided(match), DECIDED),
    )
    match.kicks[record] = kick
    match.taken[kick.team] = match.taken.get(kick.team, 0) + 1
    match.scored[kick.team] = match.scored.get(kick.team, 0) + kick.scored
    return tuple(flag for surprising, flag in checks if surprising)


def _walkover(match: Match, walkover: Walkover) -> Flags:
    if match.walkover is not None:
        return (SECOND_WALKOVER,)
    if not _plays(match, walkover.winner):
        return (UNKNOWN_TEAM,)
    match.walkover = walkover
    return OK


def _full_time(match: Match, fact: Fact) -> Flags:
    if match.finished:
        return (SECOND_WHISTLE,)
    match.finished = True
    match.whistle = fact.time or 0
    return OK


def _lots(match: Match, record: str, lots: Lots) -> Flags:
    match.lots[record] = lots
    flags = OK if match.loose else (MISPLACED,)
    return flags if len(set(lots.order)) == len(lots.order) else (*flags, REPEATED_ENTRANT)


# what the state says ---------------------------------------------------------------------------


def _pair(match: Match, by_team: Mapping[str, int]) -> Score:
    home, away = (*match.teams, "", "")[:2]
    return (by_team.get(home, 0), by_team.get(away, 0))


def score(match: Match, until: int = len(PERIODS)) -> Score:
    """Home's and away's goals up to the end of a period (1 to 4); the ruled score of a walkover."""
    if match.walkover is not None:
        won, lost = match.walkover.score
        return (won, lost) if match.walkover.winner == match.teams[0] else (lost, won)
    if until == len(PERIODS):
        return _pair(match, match.tally)
    return _pair(match, Counter(g.team for g in match.goals.values() if period_of(g) <= until))


def shootout(match: Match) -> Score:
    """Home's and away's scored penalties of the shoot-out."""
    return _pair(match, match.scored)


def is_shootout_decided(match: Match) -> bool:
    """Whether a team is ahead by more than the other can still score (Law 10.3)."""
    scored = shootout(match)
    taken = _pair(match, match.taken)
    left = [max(SHOOTOUT_KICKS, *taken) - kicks for kicks in taken]
    return scored[0] > scored[1] + left[1] or scored[1] > scored[0] + left[0]


def reached(match: Match) -> int:
    """The latest period of which anything is known: 1 to 4, 5 in the shoot-out, 0 before."""
    if match.kicks:
        return SHOOTOUT
    timed: list[Timed] = [
        *match.goals.values(),
        *match.cards.values(),
        *match.substitutions.values(),
    ]
    periods = [*match.kicked_off, *match.ended, *(period_of(t) for t in timed)]
    return max([*periods, match.clock_period], default=0)


def is_over(match: Match) -> bool:
    """Whether the result stands: the final whistle went or a walkover was given."""
    return match.finished or match.walkover is not None


def has_begun(match: Match) -> bool:
    """Whether anything of the match is known."""
    timed = match.goals or match.cards or match.substitutions or match.kicks
    return is_over(match) or bool(timed or match.kicked_off or match.ended or match.clock)


def status(contest: Contest, match: Match | None) -> ContestStatus:
    """How far the match is; delayed, abandoned and finished by an official's word stand above."""
    if contest.status in ("delayed", "abandoned", "finished") or match is None:
        return contest.status
    if is_over(match):
        return "finished"
    return "live" if has_begun(match) else contest.status


def winner(contest: Contest, match: Match) -> str:
    """The winner's id once the match is over or officials call it so, "" for a draw or before."""
    over = is_over(match) or contest.status == "finished"
    if not over or len(match.teams) < 2:
        return ""
    if match.walkover is not None:
        return match.walkover.winner
    goals = score(match)
    if goals[0] == goals[1]:
        goals = shootout(match)
    if goals[0] == goals[1]:
        return ""
    return match.teams[0] if goals[0] > goals[1] else match.teams[1]


def placings(contest: Contest, match: Match | None) -> tuple[str, ...]:
    """Winner and loser of a match that is over; nobody after a draw that was left standing."""
    if match is None or status(contest, match) not in ("finished", "abandoned"):
        return ()
    first = winner(contest, match)
    return (first, *(team for team in match.teams if team != first)) if first else ()


def fold_place(fact: Fact) -> tuple[int, int, int]:
    """Where a fact is folded: as in the match, but the end first, so that it is known afterwards.

    What was said with a device time after the whistle's can then be told from what was not.
    """
    return (0, 0, 0) if isinstance(fact.payload, FullTime | Walkover) else moment(fact.payload)
