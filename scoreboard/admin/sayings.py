"""What is said in a rehearsal: what was said before once more, or what is made up.

Either is the definition first, under the rehearsal's own name, then what happens, each with who
says it and when it happened, so that whoever says it can keep the pace.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from scoreboard.admin.simulation import Made, Simulation
from scoreboard.facts.competition import DEFINED, Competition
from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Event
from scoreboard.facts.names import SYSTEM
from scoreboard.facts.roles import RANK, Principal
from scoreboard.ingest.definitions import RECORD
from scoreboard.ingest.gate import ABOUT_THE_COMPETITION
from scoreboard.ledger.ledger import Ledger

SOURCE = "_rehearsal"
MADE_UP = "simulation"
DEFINING = Principal(key=SOURCE, name="rehearsal", role="admin")


class Saying(Struct, frozen=True, kw_only=True):
    """One event and its author; `at_s` on a clock of its own, None: at once.

    `timed`: it tells when it happens, which is known when it is said.
    """

    said_by: Principal
    event: Event
    at_s: float | None = None
    timed: bool = False

    def at(self, time: datetime) -> Event:
        """The event as it is said at a moment."""
        return replace(self.event, time=time) if self.timed else self.event


def as_rehearsed(competition: Competition, slug: str) -> Competition:
    """A definition under a rehearsal's name, with nothing played yet."""
    return replace(
        competition,
        slug=slug,
        name=_name(competition.name),
        rehearsal=True,
        contests=[replace(contest, status="scheduled") for contest in competition.contests],
    )


async def made_up(competition: Competition, simulation: Simulation) -> AsyncIterator[Saying]:
    """A competition that has its rehearsal's name already, and what is made up in it."""
    defined = Event(
        id="definition",
        type=DEFINED.type,
        source=SOURCE,
        record=RECORD,
        data=Raw(msgspec.json.encode(competition)),
    )
    yield Saying(said_by=DEFINING, event=defined)
    for number, made in enumerate(simulation, 1):
        yield _made_up(made, f"{number:07}")


def _made_up(made: Made, id_: str) -> Saying:
    by = Principal(key=SOURCE, name="rehearsal of a device", role="device")
    if made.official:
        name = f"rehearsal of official {made.official}"
        by = Principal(key=SOURCE, name=name, role="official")
    event = Event(
        id=id_,
        type=made.type,
        source=MADE_UP,
        contest=made.contest or None,
        data=Raw(made.data),
    )
    return Saying(said_by=by, event=event, at_s=made.at_s, timed=not made.official)


async def again(ledger: Ledger, competition: str, slug: str) -> AsyncIterator[Saying]:
    """What was said in a competition up to now, as far apart as the server heard it."""
    after, upto = 0, ledger.head.position
    while after < upto:
        entries = await ledger.read(after, competition=competition, upto=upto)
        for entry in entries:
            event = _event_of(entry, slug)
            if event is not None:
                happened = not entry.type.startswith(ABOUT_THE_COMPETITION)
                at_s = entry.received / 1e6 if happened else None
                yield Saying(
                    said_by=_again_by(entry),
                    event=event,
                    at_s=at_s,
                    timed=entry.time is not None,
                )
        if not entries:
            return
        after = entries[-1].position


def _again_by(entry: Entry) -> Principal:
    role, _, name = entry.actor.partition(":")
    return Principal(
        key=SOURCE,
        name=f"rehearsal of {name}",
        role=role if role in RANK and role != "player" else "device",  # type: ignore[arg-type]
    )


def _event_of(entry: Entry, slug: str) -> Event | None:
    """What an entry said, to be said again; None if it was erased or is about the ledger."""
    data = entry.data
    if data is None or entry.source == SYSTEM:
        return None
    defines = entry.type == DEFINED.type
    if defines and entry.action in ("record", "amend"):
        said: dict[str, Any] = msgspec.json.decode(data)
        rules = said.get("corrections", {}) | {"second_approval": ""}  # nobody is there to give it
        own = {"slug": slug, "name": _name(said["name"]), "corrections": rules, "rehearsal": True}
        data = msgspec.json.encode(said | own)
    return Event(
        id=entry.id,
        type=entry.type,
        source=SOURCE if defines else entry.source,
        contest=entry.contest,
        record=entry.record,
        subject=entry.subject,
        place=entry.place,
        reason=entry.reason,
        action=entry.action,
        dataversion=entry.schema,
        data=Raw(data),
    )


def _name(name: str) -> str:
    return f"Rehearsal: {name}"[:200]
