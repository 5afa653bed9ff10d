"""The season's tables: entrants and teams, with their best results and the places of ties."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Contest, Definition
from scoreboard.sports.season.round import Round, place_of, points
from scoreboard.sports.season.rules import SeasonParams
from scoreboard.sports.sport import Row
from scoreboard.sports.ties import Criterion, by_entrant, place

ParamsIn = Callable[[Contest], SeasonParams]


class Tally(Struct):
    """What one entrant or team has gathered. `results`: by part of the season; `places`: how often.

    `limits`: how many results of each part count, 0 for all.
    """

    results: dict[str, list[Fraction]] = {}
    limits: dict[str, int] = {}
    adjusted: int = 0
    places: dict[int, int] = {}
    rounds: int = 0

    def gross(self) -> Fraction:
        """All points, whether they count or not."""
        return sum((sum(r, Fraction(0)) for r in self.results.values()), Fraction(self.adjusted))

    def points(self) -> Fraction:
        """The points that count: the best results of each part, and all adjustments."""
        total = Fraction(self.adjusted)
        for part, results in self.results.items():
            limit = self.limits.get(part, 0) or len(results)
            total += sum(sorted(results, reverse=True)[:limit], Fraction(0))
        return total


def standings(
    params: SeasonParams,
    params_in: ParamsIn,
    competition: Definition,
    rounds: Mapping[str, Round],
    loose: Round,
) -> list[Row]:
    """Entrants by group, then teams; `loose` are adjustments outside any round."""
    entrants, teams = tallies(params, params_in, competition, rounds, loose)
    group_of = {
        entrant: id_ for id_, group in competition.groups.items() for entrant in group.entrants
    }
    by_group: dict[str, list[str]] = {}
    for entrant in entrants:
        by_group.setdefault(group_of.get(entrant, ""), []).append(entrant)
    rows: list[Row] = []
    for group in sorted(
        by_group, key=lambda id_: (list(competition.groups).index(id_) + 1) if id_ else 0
    ):
        rows += _ranked(params, group, {e: entrants[e] for e in by_group[group]})
    if params.teams is not None:
        rows += _ranked(params, params.teams, teams)
    return rows


def tallies(
    params: SeasonParams,
    params_in: ParamsIn,
    competition: Definition,
    rounds: Mapping[str, Round],
    loose: Round,
) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """What entrants and teams have gathered in the rounds of the definition."""
    own = {id_: entrant.team for id_, entrant in competition.entrants.items()}
    is_team = _team_ids(own, rounds) if params.teams is not None else set()
    entrants = {id_: Tally() for id_ in own if id_ not in is_team}
    teams: dict[str, Tally] = {id_: Tally() for id_ in sorted(is_team)}
    for id_, contest in competition.contests.items():
        if id_ in rounds:
            _add(params_in(contest), rounds[id_], own, entrants, teams)
    for one in (*rounds.values(), loose):
        for change in one.adjusted.values():
            tally = teams if change.entrant in teams else entrants
            tally.setdefault(change.entrant, Tally()).adjusted += change.points
    return entrants, teams


def _team_ids(own: Mapping[str, str | None], rounds: Mapping[str, Round]) -> set[str]:
    """Who is a team: whom entrants name as theirs, and whom results do unless it races itself."""
    defined = {team for team in own.values() if team}
    results = [result for one in rounds.values() for result in one.results.values()]
    return defined | ({r.team for r in results if r.team} - {r.entrant for r in results})


def _add(
    params: SeasonParams,
    one: Round,
    own: Mapping[str, str | None],
    entrants: dict[str, Tally],
    teams: dict[str, Tally],
) -> None:
    """Add a round to what entrants and their teams have gathered."""
    given = points(one, params)
    by_team: dict[str, list[Fraction]] = {}
    for entrant, result in one.results.items():
        if entrant in teams:
            continue  # a team does not race
        tally = entrants.setdefault(entrant, Tally())
        _gather(params, tally, given[entrant])
        tally.limits[params.part or ""] = max(tally.limits.get(params.part or "", 0), params.best)
        team = result.team or own.get(entrant)
        if team in teams:
            by_team.setdefault(team, []).append(given[entrant])
            _count(params, teams[team], place_of(result))
        _count(params, tally, place_of(result))
    for team, scored in by_team.items():
        limit = params.team_best or len(scored)
        _gather(params, teams[team], sum(sorted(scored, reverse=True)[:limit], Fraction(0)))


def _gather(params: SeasonParams, tally: Tally, given: Fraction) -> None:
    tally.results.setdefault(params.part or "", []).append(given)
    tally.rounds += 1


def _count(params: SeasonParams, tally: Tally, at: int | None) -> None:
    if at is not None and params.count_back:
        tally.places[at] = tally.places.get(at, 0) + 1


# ranking ---------------------------------------------------------------------------------------


def _ranked(params: SeasonParams, group: str, tallied: Mapping[str, Tally]) -> list[Row]:
    last = max((at for tally in tallied.values() for at in tally.places), default=0)
    last = min(last, params.count_back_within or last)
    scored = {id_: tally.points() for id_, tally in tallied.items()}
    known: dict[str, Criterion] = {
        "points": by_entrant("points", lambda id_: -scored[id_]),
        "count_back": by_entrant("count_back", lambda id_: _back(tallied[id_], last)),
    }
    return [
        Row(
            entrant=placing.entrant,
            rank=placing.rank,
            figures=_figures(tallied[placing.entrant], scored[placing.entrant]),
            group=group,
            decided=placing.decided,
            tied=placing.tied,
        )
        for placing in place(tallied, [known[tie] for tie in params.ties])
    ]


def _back(tally: Tally, last: int) -> tuple[int, ...]:
    """First places, second places and so on; more are better."""
    return tuple(-tally.places.get(at, 0) for at in range(1, last + 1))


def _figures(tally: Tally, scored: Fraction) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "rounds": tally.rounds,
        "wins": tally.places.get(1, 0),
        "podiums": sum(tally.places.get(at, 0) for at in (1, 2, 3)),
        "points": as_figure(scored),
    }
    if tally.gross() != scored:
        shown["gross"] = as_figure(tally.gross())
    return shown


def as_figure(exact: Fraction) -> int | float:
    """Points as people read them: 12 or 12.5, thirds to the third decimal; ranks use exact ones."""
    return exact.numerator if exact.denominator == 1 else round(float(exact), 3)


def order_of(one: Round) -> Iterable[str]:
    """A round's entrants: the classified by place, then the others, equals by id."""
    return sorted(one.results, key=lambda id_: (place_of(one.results[id_]) or 1 << 30, id_))
