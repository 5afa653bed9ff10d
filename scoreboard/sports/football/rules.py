"""Football behind the contract of a sport."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta

from scoreboard.facts.competition import Contest, ContestStatus, Definition
from scoreboard.sports.football.clock import Clock
from scoreboard.sports.football.facts import KINDS
from scoreboard.sports.football.match import Match, Referee
from scoreboard.sports.football.result import begun, box, is_over, line
from scoreboard.sports.football.tables import COLUMNS, FIFA_2018, Played, Table, Tie, counted
from scoreboard.sports.football.timeline import happenings
from scoreboard.sports.sport import Fact, Flags, Happening, Params, Row, Sport, States

TablePoints = Annotated[int, Meta(ge=0, le=100)]
Minutes = Annotated[int, Meta(ge=1, le=60)]


class FootballParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How tables are made and how long matches are.

    `ties`: the chain of tie-breaks, `points` included; what it leaves equal shares a rank.
    `live_counts`: whether a match counts for its table while it is under way.
    """

    win: TablePoints = 3
    draw: TablePoints = 1
    ties: tuple[Tie, ...] = FIFA_2018
    live_counts: bool = True
    half_minutes: Minutes = 45
    extra_half_minutes: Minutes = 15

    def __post_init__(self) -> None:
        """A tie-break that stands twice in the chain is a slip: ValueError."""
        if len(set(self.ties)) != len(self.ties):
            raise ValueError("a tie-break stands twice in `ties`")


class Football(Sport[Match]):
    """Matches of two teams, group tables, knock-outs with extra time and shoot-out."""

    name = "football"
    title = "Football"
    rulebook = "IFAB Laws of the Game; tables by FIFA World Cup 2018 regulations, article 32.5"
    Params = FootballParams
    State = Match
    fact_kinds = KINDS
    columns = COLUMNS
    params: FootballParams

    def __init__(self, params: FootballParams) -> None:
        super().__init__(params)
        self.clock = Clock(params.half_minutes, params.extra_half_minutes)
        self.referee = Referee(self.clock)

    def sort_key(self, fact: Fact) -> tuple[Any, ...]:
        """The match's frame first, then what happened, by the match's clock."""
        return self.clock.fold_order(fact)

    def start(self, contest: Contest) -> Match:
        """Before the kick-off."""
        return self.referee.start(contest)

    def apply(self, state: Match, fact: Fact) -> Flags:
        """Put a fact into the match."""
        return self.referee.put(state, fact)

    def status(self, contest: Contest, states: States) -> ContestStatus:
        """Live from the first fact on, finished by the whistle; an official's word stands above."""
        if contest.status in ("delayed", "abandoned", "finished"):
            return contest.status
        match: Match | None = states.get("")
        if match is None:
            return contest.status
        if is_over(match):
            return "finished"
        return "live" if begun(match) else contest.status

    def line(self, contest: Contest, states: States) -> dict[str, Any]:
        """`phase`, `label`, then `score`, `ht`, `ft`, `et`, `p`, `winner`, `decided`, `since`."""
        match = states.get("")
        return {} if match is None else line(contest, match, self._over(contest, states))

    def box(self, contest: Contest, states: States) -> dict[str, Any]:
        """The line with goals, cards, substitutions and the shoot-out, each by record."""
        match = states.get("")
        if match is None:
            return {}
        return box(contest, match, self._over(contest, states), self.clock)

    def timeline(self, contest: Contest, facts: Sequence[Fact]) -> Iterable[Happening]:
        """What happened, from kick-off to final whistle."""
        match = self.start(contest)
        flags = {fact.record: self.apply(match, fact) for fact in sorted(facts, key=self.sort_key)}
        return happenings(self.clock, contest.entrants, match, facts, flags)

    def standings(self, competition: Definition, contests: Mapping[str, States]) -> list[Row]:
        """The tables of all groups; contests without a group (knock-outs) count for none."""
        played: dict[str, list[Played]] = {group: [] for group in competition.groups}
        for contest in competition.contests.values():
            states = contests.get(contest.id, {})
            if contest.group in played and self._counts(contest, states):
                home, away = contest.entrants
                played[contest.group].append(counted(home, away, states[""]))
        outside: Match | None = contests.get("", {}).get("")
        lots = outside.lots if outside else {}
        return [
            row
            for group in competition.groups.values()
            for row in Table(
                group, played[group.id], self.params.win, self.params.draw, lots.get(group.id, ())
            ).rows(self.params.ties, competition)
        ]

    def _over(self, contest: Contest, states: States) -> bool:
        return self.status(contest, states) == "finished"

    def _counts(self, contest: Contest, states: States) -> bool:
        """Whether a match counts for its group: it has two teams, was begun, and is not off."""
        match: Match | None = states.get("")
        if match is None or len(set(contest.entrants)) != 2 or not begun(match):
            return False
        status = self.status(contest, states)
        return status == "finished" or (status == "live" and self.params.live_counts)
