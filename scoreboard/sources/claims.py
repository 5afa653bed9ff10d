"""Who holds which position at a contest: court 1 scorer, left referee, announcer.

A pad claims a position before it scores, so that two do not score the same by mistake. One holds it
at a time. Whoever claims a position that another holds says so (`takes`: the version of the claim
that it has seen), and the former holder finds the new one's name in the list, which pads read every
few seconds. Nothing is refused for want of a claim: what a pad said while it was cut off counts.

A claim is an entry of the ledger's own stream, in a record of its own for each position: its
newest version is the holder, `void` means that nobody holds it, and of two who claim at once one
has seen an older version (412). So who held what when is kept like everything else, and needs no
table.
"""

import secrets
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.errors import Conflict, NotFound, ScoreboardError, Stale, Unavailable
from scoreboard.facts.entry import Draft, Entry
from scoreboard.facts.event import Action
from scoreboard.facts.instant import to_text
from scoreboard.facts.names import NO_ZERO, SYSTEM, WITHOUT_ZERO, Id, spelled
from scoreboard.facts.roles import Principal, reaches
from scoreboard.http.body import read_struct
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import outcome_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.system import SystemEntries

PATH = "/api/v1/competitions/{competition}/claims"
CLAIMED = "device.claimed"
CLAIMS_MAX = (
    10_000  # positions that are remembered for the list; the one unchanged for longest goes
)

Position = Annotated[str, spelled(WITHOUT_ZERO, NO_ZERO, min_length=1, max_length=80)]
DeviceName = Annotated[str, spelled(WITHOUT_ZERO, NO_ZERO, max_length=80)]


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position at a contest, claimed by a device that calls itself `name` for people.

    `takes`: the version of another's claim that is taken over; 0 claims what nobody holds.
    """

    contest: Id
    position: Position
    device: Id
    name: DeviceName = ""
    takes: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device gives its position back; an official may take any device's."""

    contest: Id
    position: Position
    device: Id


class Claim(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who holds a position: the device, the key that it spoke with, since when.

    `before`: from whom it was taken over, by name, if from anybody.
    """

    contest: str
    position: str
    device: str
    actor: str
    since: str
    version: int
    name: str = ""
    before: str = ""


class Claims(Struct, frozen=True):
    """The positions of a competition that are held."""

    claims: list[Claim]


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands in the ledger."""

    competition: str
    position: str
    device: str
    name: str = ""
    before: str = ""


class ClaimsDoor:
    """Positions claimed, given back and listed."""

    def __init__(self, gate: Gate, ledger: Ledger, body_bytes_max: int) -> None:
        self._gate = gate
        self._ledger = ledger
        self._bytes_max = body_bytes_max
        self._said = SystemEntries(ledger, CLAIMED, self._take)
        self._held: dict[str, tuple[str, Claim]] = {}

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        contest = Parameter(name="contest", schema=Id, description="of this contest alone")
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="Who holds which position",
                tag="claims",
                role="device",
                parameters=(COMPETITION, contest),
                answers=(json_answer(Claims, "positions that are held"), UNCHANGED),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._claim,
                summary="Claim a position, or take it over",
                tag="claims",
                role="device",
                parameters=(COMPETITION,),
                request=(Content(JSON, Wish),),
                answers=(
                    json_answer(Claim, "it is yours now", status=201),
                    json_answer(Claim, "it was yours already"),
                ),
                refusals=(Conflict, Stale, Unavailable),
            ),
            Endpoint(
                method="POST",
                path=PATH + "/releases",
                handler=self._release,
                summary="Give a position back",
                tag="claims",
                role="device",
                parameters=(COMPETITION,),
                request=(Content(JSON, Release),),
                answers=(json_answer(Claim, "what was given back"),),
                refusals=(Conflict, Stale, Unavailable),
            ),
        ]

    async def _list(self, request: Request) -> Response:
        slug: str = request.path_params["competition"]
        await self._gate.ensure_known(slug)
        await self._said.catch_up()
        contest = request.query_params.get("contest")
        found = [
            claim
            for competition, claim in self._held.values()
            if competition == slug and contest in (None, claim.contest)
        ]
        found.sort(key=lambda claim: (claim.contest, claim.position))
        return cacheable(request, Claims(found))

    async def _claim(self, request: Request) -> Response:
        slug: str = request.path_params["competition"]
        wish = await read_struct(request, Wish, self._bytes_max)
        await self._gate.ensure_known(slug)
        last, held = await self._standing(slug, wish.contest, wish.position)
        if held is not None and (held.device, held.name) == (wish.device, wish.name):
            return Response(msgspec.json.encode(held), media_type=JSON)
        own = held is not None and held.device == wish.device  # it calls itself otherwise now
        if held is not None and not own and wish.takes != held.version:
            raise Conflict(
                f"{wish.position} is held by {held.name or held.device} since {held.since}",
                pointer="/takes",
                hint=f"to take it over, send `takes` {held.version}",
            )
        before = "" if held is None or own else held.name or held.device
        said = Said(
            competition=slug,
            position=wish.position,
            device=wish.device,
            name=wish.name,
            before=before,
        )
        data = msgspec.json.encode(said)
        principal = principal_of(request)
        await self._say(principal, slug, wish.contest, wish.position, "record", data, last)
        _, made = await self._standing(slug, wish.contest, wish.position)
        if made is None or made.device != wish.device:
            raise Stale(f"{wish.position} was claimed by another at the same moment")
        return Response(msgspec.json.encode(made), 201, media_type=JSON)

    async def _release(self, request: Request) -> Response:
        slug: str = request.path_params["competition"]
        wish = await read_struct(request, Release, self._bytes_max)
        await self._gate.ensure_known(slug)
        last, held = await self._standing(slug, wish.contest, wish.position)
        if held is None:
            raise NotFound(f"nobody holds {wish.position}")
        principal = principal_of(request)
        if held.device != wish.device:
            raise Conflict(f"{wish.position} is held by {held.name or held.device}")
        if held.actor != principal.actor and not reaches(principal, "official"):
            raise Conflict(
                f"{wish.position} was claimed with another key", hint="officials may give it back"
            )
        await self._say(principal, slug, wish.contest, wish.position, "void", b"{}", last)
        return Response(msgspec.json.encode(held), media_type=JSON)

    async def _standing(
        self, slug: str, contest: str, position: str
    ) -> tuple[Entry | None, Claim | None]:
        """The last entry about a position, and who holds it."""
        record = record_of(slug, contest, position)
        versions = (await self._ledger.versions(SYSTEM, [record])).get(record, [])
        last = versions[-1] if versions else None
        return last, None if last is None else claim_of(last)

    async def _say(
        self,
        principal: Principal,
        slug: str,
        contest: str,
        position: str,
        action: Action,
        data: bytes,
        last: Entry | None,
    ) -> None:
        draft = Draft(
            competition=SYSTEM,
            source=SYSTEM,
            id=f"claim-{secrets.token_hex(8)}",
            type=CLAIMED,
            actor=principal.actor,
            data=data,
            contest=contest,
            record=record_of(slug, contest, position),
            action=action,
            expected=last.version if last else 0,
            subject=slug,
        )
        [fate] = await self._ledger.append([draft])
        outcome = outcome_of(fate)
        if isinstance(outcome, ScoreboardError):
            raise outcome

    def _take(self, entry: Entry) -> None:
        self._held.pop(entry.record, None)
        claim = claim_of(entry)
        if claim is not None:
            self._held[entry.record] = (entry.subject or "", claim)
        if len(self._held) > CLAIMS_MAX:
            del self._held[next(iter(self._held))]


def record_of(competition: str, contest: str, position: str) -> str:
    """The record of a position's claims in the ledger's own stream."""
    return f"claim/{competition}/{contest}/{position}"


def claim_of(entry: Entry) -> Claim | None:
    """What an entry says: who holds the position from then on; None if nobody does."""
    if entry.action == "void" or entry.data is None:
        return None
    said = msgspec.json.decode(Raw(entry.data), type=Said)
    return Claim(
        contest=entry.contest or "",
        position=said.position,
        device=said.device,
        actor=entry.actor,
        since=to_text(entry.received),
        version=entry.version,
        name=said.name,
        before=said.before,
    )
