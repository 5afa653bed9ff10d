"""Selective undo: reverse what some entries did, and keep everything that came after.

The server computes the corrections that bring each record to what it would be without the entries
(`facts/undoing.py`) and makes them together, or not at all; a preview shows them beforehand, to be
signed like any corrections. What stands on top of an entry is shown as a conflict (409, with the
later positions). With `over` the later version stays and its effect with it: where it wins, nothing
is said of the record, and the answer tells so.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.admin.corrections import Corrected, Correction, event_of
from scoreboard.admin.previewing import Preview, Previewing
from scoreboard.admin.proposals import Proposal
from scoreboard.admin.signing import Seal, Signing, identity
from scoreboard.errors import (
    BadInput,
    Conflict,
    NotDone,
    NotFound,
    Overtaken,
    ScoreboardError,
    Stale,
    TooLarge,
    Unavailable,
)
from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Event
from scoreboard.facts.instant import from_us
from scoreboard.facts.names import Text500
from scoreboard.facts.proposing import PROPOSED
from scoreboard.facts.roles import Principal
from scoreboard.facts.ruling import happened
from scoreboard.facts.undoing import UNDOES, Reversal, reversal, undone
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.loading import ADMINISTRATIVE
from scoreboard.settings import Limits

PATH = "/api/v1/competitions/{competition}/undo"
Position = Annotated[int, Meta(ge=1, le=2**62)]


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries to undo, and why; `over`: although later versions stand on them and stay."""

    positions: Annotated[list[Position], Meta(min_length=1)]
    reason: Text500
    over: bool = False


class Order(Seal, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries to be undone; with `basis` and `digest`, exactly as it was previewed."""

    positions: Annotated[list[Position], Meta(min_length=1)]
    reason: Text500
    over: bool = False


class Undoing(Struct, frozen=True, kw_only=True):
    """What is said of one record to undo entries of it.

    `action` is null where nothing has to be said: later versions win, or nothing was done.
    `kept`: the positions of later versions, which keep their effect.
    """

    record: str
    undone: list[int]
    kept: list[int]
    action: str | None


class UndoPreview(Preview, frozen=True, kw_only=True):
    """What undoing would say and change, as of `basis`."""

    undoing: list[Undoing]


class Undone(Struct, frozen=True, kw_only=True):
    """What was said to undo entries, and where it stands in the ledger."""

    undoing: list[Undoing]
    corrections: list[Corrected]


class Plan(Struct, frozen=True):
    """The records concerned: what each goes through, and the versions that it has."""

    undoing: list[Undoing]
    reversals: list[tuple[list[Entry], Reversal]]


class Undo:
    """Undoing entries."""

    def __init__(
        self,
        gate: Gate,
        ledger: Ledger,
        previewing: Previewing,
        signing: Signing,
        limits: Limits,
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._previewing = previewing
        self._signing = signing
        self._limits = limits

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        refusals: tuple[type[ScoreboardError], ...] = (BadInput, NotFound, Conflict, Stale)
        return [
            Endpoint(
                method="POST",
                path=PATH + "/preview",
                handler=self._preview,
                summary="What undoing entries would say and change, without doing it",
                tag="corrections",
                role="official",
                parameters=(COMPETITION,),
                request=(Content(JSON, Wish),),
                answers=(json_answer(UndoPreview, "what would change, and the digest to sign"),),
                refusals=(*refusals, Unavailable),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._undo,
                summary="Reverse what entries did and keep what came after",
                tag="corrections",
                role="official",
                parameters=(COMPETITION,),
                request=(Content(JSON, Order),),
                answers=(
                    json_answer(Undone, "undone", status=201),
                    json_answer(Undone, "undone already, or nothing had to be said"),
                    json_answer(Proposal, "it waits for a second official", status=202),
                ),
                refusals=(*refusals, NotDone, Unavailable),
            ),
        ]

    async def _preview(self, request: Request) -> Response:
        wish = await self._read(request, Wish)
        competition, principal = request.path_params["competition"], principal_of(request)
        basis = await self._ledger.last_position(competition)
        plan = await self._plan(competition, wish.positions, wish.over, upto=basis)
        events = events_of(principal, plan, wish.positions, wish.reason, Seal())
        preview = await self._previewing.preview(principal, competition, events, meant(wish), basis)
        shown = UndoPreview(**msgspec.structs.asdict(preview), undoing=plan.undoing)
        return Response(msgspec.json.encode(shown), media_type=JSON)

    async def _undo(self, request: Request) -> Response:
        order = await self._read(request, Order)
        competition, principal = request.path_params["competition"], principal_of(request)
        # Signed once more, it is planned once more as it was previewed, and the ledger knows it.
        plan = await self._plan(competition, order.positions, order.over, upto=order.basis)
        events = events_of(principal, plan, order.positions, order.reason, order)
        corrected: list[Corrected] = []
        status = 200
        if events:
            made, status = await self._signing.make(
                principal, competition, events, meant(order), order
            )
            if isinstance(made, Proposal):
                return Response(msgspec.json.encode(made), status, media_type=JSON)
            corrected = made
        answer = Undone(undoing=plan.undoing, corrections=corrected)
        return Response(msgspec.json.encode(answer), status, media_type=JSON)

    async def _plan(
        self, competition: str, positions: Sequence[int], over: bool, upto: int | None
    ) -> Plan:
        """What is to be said of each record, as of a position (None: now).

        Raises Overtaken if later versions are in the way, Conflict for what cannot be undone.
        """
        by_record = await self._by_record(competition, positions, upto)
        known = await self._ledger.versions(competition, by_record, upto=upto)
        undoing: list[Undoing] = []
        reversals: list[tuple[list[Entry], Reversal]] = []
        for record, own in by_record.items():
            versions = known[record]
            _refuse_undone(versions, own, positions)
            found = reversal(versions, own)
            _keep_the_competition(versions, found)
            undoing.append(
                Undoing(record=record, undone=own, kept=list(found.later), action=found.action)
            )
            reversals.append((versions, found))
        later = [position for one in undoing for position in one.kept]
        if later and not over:
            raise Overtaken(
                "later versions of the same records stand on these entries",
                sorted(later),
                pointer="/positions",
                hint="undo these as well, or send `over` to keep what they say where they win",
            )
        return Plan(undoing, reversals)

    async def _by_record(
        self, competition: str, positions: Sequence[int], upto: int | None
    ) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, position in enumerate(positions):
            entry = await self._ledger.entry(position)
            if entry is None or entry.competition != competition:
                raise NotFound(
                    f"{competition} has no entry {position}", pointer=f"/positions/{number}"
                )
            if upto is not None and position > upto:
                raise Stale(f"{position} came after the preview", pointer=f"/positions/{number}")
            if entry.type in ADMINISTRATIVE or entry.type == PROPOSED:
                raise Conflict(
                    f"{position} is {entry.type}, which cannot be undone",
                    pointer=f"/positions/{number}",
                )
            own = found.setdefault(entry.record, [])
            if position not in own:
                own.append(position)
        return found

    async def _read(self, request: Request, kind: Any) -> Any:
        await self._gate.ensure_known(request.path_params["competition"])
        read = await read_struct(request, kind, self._limits.body_bytes_max)
        most = self._limits.corrections_signed_max
        if len(read.positions) > most:
            raise TooLarge(
                f"{len(read.positions)} entries are too many at once",
                pointer="/positions",
                hint=f"at most {most} in one list",
            )
        return read


def meant(wish: Wish | Order) -> tuple[Any, ...]:
    """What was asked for, as it goes into the digest."""
    return ("undo", wish.positions, wish.reason, wish.over)


def events_of(
    principal: Principal, plan: Plan, positions: Sequence[int], reason: str, seal: Seal
) -> list[Event]:
    """The events that undo entries, one for each record of which something has to be said."""
    all_of_them = " ".join(str(position) for position in sorted(set(positions)))
    events: list[Event] = []
    for versions, found in plan.reversals:
        if found.action in ("void", "restore", "amend"):
            event = _event(principal, versions, found, reason, identity(seal, len(events)))
            events.append(replace(event, extensions={UNDOES: all_of_them}))
    return events


def _event(
    principal: Principal, versions: list[Entry], found: Reversal, reason: str, id_: str
) -> Event:
    says = found.says if found.action == "amend" else None
    assert found.action is not None
    assert found.action != "record"
    correction = Correction(
        action=found.action,
        reason=reason,
        data=UNSET if says is None or says.data is None else Raw(says.data),
        dataversion=1 if says is None else says.schema,
        version=versions[-1].version,
        id=id_,
    )
    event = event_of(principal, versions, correction)
    time = happened(says, versions[0]) if says is not None else None
    if says is None or time is None or time == versions[0].happened:
        return event  # it keeps the record's time
    return replace(event, time=from_us(time))


def _refuse_undone(versions: Sequence[Entry], own: Sequence[int], all_: Sequence[int]) -> None:
    gone = undone(versions)
    for position in own:
        if position in gone:
            raise Conflict(
                f"{position} was undone by {gone[position]}",
                pointer=f"/positions/{all_.index(position)}",
                hint=f"undo {gone[position]} to have it back",
            )


def _keep_the_competition(versions: Sequence[Entry], found: Reversal) -> None:
    if found.action == "void" and versions[0].type == DEFINED.type:
        raise Conflict("without this entry there would be no competition", pointer="/positions")
