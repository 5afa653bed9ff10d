"""Versions of a competition's rules: its sport and parameters, each time that they changed.

They are counted apart from the definition's own versions: who corrects a name changes no rules, and
who amends the parameters back makes one more version, which says what an earlier one said.
"""

from typing import Any

from msgspec import Struct

from scoreboard.facts.competition import Competition
from scoreboard.facts.entry import Entry


class Rules(Struct, frozen=True, kw_only=True):
    """One version of the rules (1, 2, 3, ...) and the entry that put it in force.

    `received` in microseconds. An erased payload says nothing: its rules are not counted.
    """

    version: int
    position: int
    received: int
    actor: str
    reason: str
    sport: str
    params: dict[str, Any]

    def differ(self, said: Competition) -> bool:
        """Whether a definition says other rules than these."""
        return (self.sport, self.params) != (said.sport, said.params)


def following(before: Rules | None, entry: Entry, said: Competition) -> Rules | None:
    """The rules that are in force after an entry, by what counts then; None if they stay."""
    if before is not None and not before.differ(said):
        return None
    return Rules(
        version=before.version + 1 if before else 1,
        position=entry.position,
        received=entry.received,
        actor=entry.actor,
        reason=entry.reason or "",
        sport=said.sport,
        params=said.params,
    )
