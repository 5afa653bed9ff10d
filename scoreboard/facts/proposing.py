"""Corrections that wait for a second official: proposed by one, approved or declined by another.

A proposal is a record of the competition outside contests. Its first version says what is to be
made, and by whom; the second decides it: an amendment approves, a void declines. It stands in the
ledger like everything and says nothing of what happened, so that no board is made of it. What was
approved are entries of who proposed it, with the one who approved it in an extension attribute.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Raw, Struct

from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Event
from scoreboard.facts.roles import KeyRole, Principal

PROPOSED = "competition.proposed"
"""The type of proposals' entries; events of this type are refused at the gate."""
APPROVED_BY = "approvedby"
"""The extension attribute of entries that a second official approved: who that was."""
State = Literal["waiting", "approved", "declined"]


class Proposed(Struct, frozen=True, kw_only=True):
    """What is to be made: `events`, each with the version that its record had as `seenversion`.

    `basis`, `digest`: of the preview that was signed; `meant`: what was asked for, as it went into
    the digest.
    """

    basis: int
    digest: str
    meant: Raw
    events: list[Event]


def state_of(versions: Sequence[Entry]) -> State:
    """What became of a proposal with these versions."""
    if len(versions) == 1:
        return "waiting"
    return "declined" if versions[-1].action == "void" else "approved"


def author_of(proposal: Entry) -> Principal:
    """Who proposed it, as far as that says who speaks in what is made of it."""
    said_as, _, name = proposal.actor.partition(":")
    role: KeyRole = "admin" if said_as == "admin" else "official"
    return Principal(key=proposal.record, name=name, role=role, competition=proposal.competition)


def overtaken(proposed: Proposed, versions: dict[str, int]) -> bool:
    """Whether a record has another version by now than it was corrected at; `versions`: the newest.

    Records are corrected in order, so that the first correction of each tells.
    """
    first: dict[str, int | None] = {}
    for event in proposed.events:
        first.setdefault(event.record or "", event.seenversion)
    return any(versions.get(record, 0) != seen for record, seen in first.items())
