"""Whose table an entrant and a contest count for, where a competition has groups.

Sports whose contests part nobody (a session of several weight classes, a flight of two categories,
a round of mixed alliances) rank everybody who takes part, whether a contest names a group or not.
In sports of matches a contest of no group is a knock-out, and counts for no table.
"""

from collections.abc import Iterable, Mapping

from scoreboard.facts.competition import Contest, Definition

NO_GROUP = ""


def homes(competition: Definition, present: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The group of each entrant: the one that names it, else that of its first contest of one.

    NO_GROUP for the others. `present`: who takes part in a contest, by contest, in order.
    """
    found = {e: group.id for group in competition.groups.values() for e in group.entrants}
    others: dict[str, str] = {}
    for id_, entrants in present.items():
        contest = competition.contests.get(id_)
        group = contest.group if contest is not None else None
        for entrant in entrants:
            if group in competition.groups and not others.get(entrant):
                others[entrant] = group or NO_GROUP
            others.setdefault(entrant, NO_GROUP)
    return others | found


def counts_for(contest: Contest, group: str, competition: Definition) -> bool:
    """Whether a contest is in a group's table: one that names no group is in each entrant's own."""
    return contest.group not in competition.groups or contest.group == group
