"""What is worth saying of matches: many goals, hat-tricks, matches turned round, round numbers.

Goals of all matches are numbered by the planned start and the match's clock, so that those of
matches at one time go by turns. An own goal is nobody's; goals of a match that was given as a
walkover do not count.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from operator import itemgetter

from msgspec import Struct

from scoreboard.facts.competition import Definition
from scoreboard.facts.instant import to_us
from scoreboard.sports.feats import Feat, Measure, Milestone
from scoreboard.sports.football.facts import Goal, clock
from scoreboard.sports.football.match import Match
from scoreboard.sports.players import called

TEAM_GOALS, PLAYER_GOALS = "goals", "player_goals"
MEASURES = (
    Measure(key=TEAM_GOALS, title="Goals of a team in a match", unit="goals"),
    Measure(key=PLAYER_GOALS, title="Goals of a player in a match", unit="goals"),
)
TEAM_LEAST, PLAYER_LEAST = 3, 2  # fewer in a match are nothing to speak of
TOP_LEAST = 2  # a top scorer has so many in the competition
HAT_TRICK = 3
MINUTE_US = 60_000_000
Scorers = Counter[tuple[str, str]]
"""Goals by team and player."""
ROUND = 50  # the 50th goal, the 100th


def counted(match: Match) -> Mapping[str, Goal]:
    """The match's goals by record, in order, as far as they count."""
    return {} if match.walkover is not None else match.goals


def scorers(match: Match) -> Scorers:
    """Goals by team and player; of those of whom nobody said who scored them, none."""
    goals = counted(match).values()
    return Counter((g.team, g.player) for g in goals if g.player and g.kind != "own")


def feats(match: Match) -> Iterator[Feat]:
    """What may be a record in one match."""
    for team, goals in Counter(goal.team for goal in counted(match).values()).items():
        if goals >= TEAM_LEAST:
            yield Feat(measure=TEAM_GOALS, value=goals, entrant=team)
    for (team, player), goals in scorers(match).items():
        if goals >= PLAYER_LEAST:
            yield Feat(measure=PLAYER_GOALS, value=goals, entrant=team, by=player)


class Summary(Struct, frozen=True):
    """What one match adds to what is told of all.

    `goals`: those that count, with their match and, in microseconds, when they fell as planned; in
    a match without a planned start, before those of all that have one.
    """

    goals: list[tuple[int, str, Goal]]
    scorers: Scorers
    milestones: list[Milestone]


def summary(competition: Definition, id_: str, match: Match) -> Summary:
    """A match by itself: what is told of it alone, and what is counted over all."""
    start = competition.contests[id_].start
    began, minute = (to_us(start), MINUTE_US) if start else (0, 0)
    own = scorers(match)
    return Summary(
        goals=[
            (began + (goal.minute + goal.stoppage) * minute, id_, goal)
            for goal in counted(match).values()
        ],
        scorers=own,
        milestones=[*_turned(competition, match, id_), *_hat_tricks(competition, own, id_)],
    )


def milestones(competition: Definition, matches: Collection[Summary]) -> Iterator[Milestone]:
    """What is worth saying of all matches, which come in the order of their schedule."""
    goals = [goal for match in matches for goal in match.goals]
    goals.sort(key=itemgetter(0))
    for number in (1, *range(ROUND, len(goals) + 1, ROUND)) if goals else ():
        _, id_, goal = goals[number - 1]
        yield _numbered(competition, number, id_, goal)
    scored: Scorers = Counter()
    for match in matches:
        yield from match.milestones
        for scorer, count in match.scorers.items():
            scored[scorer] += count
    yield from _top_scorer(competition, scored)


def _numbered(competition: Definition, number: int, id_: str, goal: Goal) -> Milestone:
    which = "First goal" if number == 1 else f"Goal number {number}"
    who = ", ".join(filter(None, (called(goal.player), competition.called(goal.team))))
    return Milestone(
        key=f"goal.{number}",
        text=f"{which} of {competition.name}: {who}, {clock(goal)}",
        entrant=goal.team,
        contest=id_,
    )


def _turned(competition: Definition, match: Match, id_: str) -> Iterator[Milestone]:
    """The goals by which a team that was behind came to be in front, the last of each team."""
    goals: Counter[str] = Counter()
    behind: set[str] = set()
    for total, goal in enumerate(counted(match).values(), 1):
        goals[goal.team] += 1
        others = total - goals[goal.team]
        if goals[goal.team] > others and goal.team in behind:
            behind.remove(goal.team)
            lead = f"{goals[goal.team]}–{others}"
            yield Milestone(
                key=f"turned.{id_}.{goal.team}",
                text=f"From behind: {competition.called(goal.team)} lead {lead}, {clock(goal)}",
                entrant=goal.team,
                contest=id_,
            )
        behind.update(team for team in match.teams if 2 * goals[team] < total)


def _hat_tricks(competition: Definition, scored: Scorers, id_: str) -> Iterator[Milestone]:
    for (team, player), goals in scored.items():
        if goals >= HAT_TRICK:
            what = "Hat-trick" if goals == HAT_TRICK else f"{goals} goals in a match"
            yield Milestone(
                key=f"hat-trick.{id_}.{team}.{player}",
                text=f"{what}: {called(player)}, {competition.called(team)}",
                entrant=team,
                contest=id_,
            )


def _top_scorer(competition: Definition, total: Scorers) -> Iterator[Milestone]:
    """Who alone has most goals of all."""
    (first, second) = (*total.most_common(2), (("", ""), 0), (("", ""), 0))[:2]
    ((team, player), goals), (_, next_best) = first, second
    if goals >= TOP_LEAST and goals > next_best:
        yield Milestone(
            key="top-scorer",
            text=f"Top scorer: {called(player)}, {competition.called(team)}, {goals} goals",
            entrant=team,
        )
