"""A round as it might go: who came where, who did not, the fastest lap, and that it is final."""

from scoreboard.facts.competition import Contest, Definition
from scoreboard.sports.season.facts import FastestLap, Final, Result
from scoreboard.sports.season.rules import SeasonParams
from scoreboard.sports.simulating import Chance, Sayings, starters

RACE_S, BEHIND_S = 3_600.0, 4.0
OUT = 0.08


def drivers(competition: Definition, contest: Contest, rules: SeasonParams) -> list[str]:
    """Who drives: not the teams."""
    group = competition.groups.get(rules.teams) if rules.teams else None
    teams = {one.team for one in competition.entrants.values()}
    teams |= set(group.entrants) if group else set()
    return [one for one in starters(competition, contest) if one not in teams]


def round_of(field: list[str], rules: SeasonParams, chance: Chance) -> Sayings:
    """Results as they come in."""
    order = chance.sample(field, len(field))
    out = [one for one in order[1:] if chance.random() < OUT]
    classified = [one for one in order if one not in out]
    for place, entrant in enumerate(classified, 1):
        yield RACE_S + place * BEHIND_S, Result(entrant=entrant, place=place)
    at_s = RACE_S + len(order) * BEHIND_S
    for entrant in out:
        yield at_s, Result(entrant=entrant, status="dnf")
    if classified and rules.fastest_lap:
        yield at_s + 60, FastestLap(entrant=chance.choice(classified))
    yield at_s + 120, Final()
