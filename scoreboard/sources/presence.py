"""Which devices are there: when each was heard last, how wrong its clock is, how full its battery.

    events ──────────────────┐
    heartbeats (POST) ───────┴─▶ the last of each source, in memory ─▶ the operator's desk

A device that has nothing to say may send a heartbeat now and then, with its battery and how many
events wait on it unsent. None of this is truth about the competition, so none is in the ledger: it
is what this process has heard since it started. Of more than `SOURCES_MAX` those unheard for
longest are forgotten.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.access.access import principal_of
from scoreboard.errors import Forbidden, TooLarge
from scoreboard.facts.event import Event, Instant
from scoreboard.facts.names import Id, Line, Slug, Text200
from scoreboard.facts.roles import Principal
from scoreboard.http.body import read_struct
from scoreboard.http.cached import uncached
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, json_answer
from scoreboard.http.scope import address_of

PATH = "/api/v1/devices"
SOURCES_MAX = 2_000
ONLINE_S = 60.0  # heartbeats come every 20 s or so


class Heartbeat(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device is there. `battery` from 0 to 1; `unsent`: events that wait on it."""

    source: Text200
    competition: Slug | None = None
    contest: Id | None = None
    senttime: Instant | None = None
    battery: Annotated[float, Meta(ge=0, le=1)] | None = None
    unsent: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    note: Line | None = None


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device as it was heard last. `at` is of the steady clock; `skew_s`: how far its clock is
    behind the server's.
    """

    source: str
    actor: str
    at: float
    address: str = ""
    competition: str | None = None
    contest: str | None = None
    skew_s: float | None = None
    battery: float | None = None
    unsent: int | None = None
    note: str = ""


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device at the desk; `seen_s`: seconds since it was heard."""

    source: str
    actor: str
    seen_s: float
    online: bool
    address: str = ""
    competition: str | None = None
    contest: str | None = None
    skew_s: float | None = None
    battery: float | None = None
    unsent: int | None = None
    note: str = ""


class Presence:
    """The sources that one process has heard."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], Source] = {}

    def said(
        self,
        principal: Principal,
        competition: str,
        events: Sequence[object],
        source: str | None,
        address: str,
    ) -> None:
        """Note who sent events: the last one that could be read stands for its batch.

        `source` is that of events that name none.
        """
        last = next((one for one in reversed(events) if isinstance(one, Event)), None)
        if last is None:
            return
        named = last.source if isinstance(last.source, str) else source or principal.name
        held = self._heard.get((named, principal.actor))
        base = held or Source(source=named, actor=principal.actor, at=0.0)
        self._put(
            replace(
                base,
                at=time.monotonic(),
                address=address,
                competition=competition,
                contest=last.contest or base.contest,
                skew_s=base.skew_s if last.senttime is None else behind(last.senttime),
            )
        )

    def beat(self, principal: Principal, beat: Heartbeat, address: str) -> None:
        """Note a heartbeat; what it leaves out stands as it was."""
        held = self._heard.get((beat.source, principal.actor))
        told = {
            name: value
            for name, value in msgspec.structs.asdict(beat).items()
            if value is not None and name not in ("source", "senttime")
        }
        if beat.senttime is not None:
            told["skew_s"] = behind(beat.senttime)
        base = held or Source(source=beat.source, actor=principal.actor, at=0.0)
        self._put(replace(base, at=time.monotonic(), address=address, **told))

    def _put(self, heard: Source) -> None:
        key = (heard.source, heard.actor)
        self._heard.pop(key, None)
        self._heard[key] = heard  # the last one heard is the last one here
        if len(self._heard) > SOURCES_MAX:
            del self._heard[next(iter(self._heard))]

    def listed(self) -> list[Listed]:
        """All of them, the last one heard first."""
        now = time.monotonic()
        return [
            Listed(**shown(one), seen_s=round(now - one.at, 1), online=now - one.at < ONLINE_S)
            for one in reversed(self._heard.values())
        ]


class PresenceDoor:
    """Heartbeats in, the list out; on the private listener."""

    def __init__(self, presence: Presence, body_bytes_max: int) -> None:
        self._presence = presence
        self._bytes_max = body_bytes_max

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="Devices as they were heard last: clock, battery, unsent events",
                tag="devices",
                role="official",
                answers=(json_answer(list[Listed], "the last one heard first"),),
            ),
            Endpoint(
                method="POST",
                path=PATH + "/heartbeat",
                handler=self._beat,
                summary="Say that a device is there",
                tag="devices",
                role="device",
                request=(Content(JSON, Heartbeat),),
                answers=(Answer(status=204, description="it is noted"),),
                refusals=(TooLarge, Forbidden),
            ),
        ]

    async def _list(self, request: Request) -> Response:
        only = principal_of(request).competition
        found = [one for one in self._presence.listed() if only in (None, one.competition)]
        return uncached(found)

    async def _beat(self, request: Request) -> Response:
        beat = await read_struct(request, Heartbeat, self._bytes_max)
        principal = principal_of(request)
        if beat.competition and principal.competition not in (None, beat.competition):
            raise Forbidden("this key is for another competition", pointer="/competition")
        self._presence.beat(principal, beat, address_of(request.scope))
        return Response(status_code=204)


def behind(sent: datetime) -> float:
    """How many seconds a device's clock is behind ours, by when it says that it sent."""
    return round(time.time() - sent.timestamp(), 3)


def shown(source: Source) -> dict[str, Any]:
    """What is told of a source, but for when it was heard."""
    return {name: value for name, value in msgspec.structs.asdict(source).items() if name != "at"}
