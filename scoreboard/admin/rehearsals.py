"""Rehearsals: what was said in a competition is said again, at speed, in one made for it.

It goes through the gate as it did then, by actors that are called `rehearsal of ...`; the screens
show it like any other, by a name that says what it is. One at a time. Its end voids the definition,
so that it is listed no more and its pages are gone; the ledger keeps it. A start of the program
ends what was left of one.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.catalogue import Catalogue
from scoreboard.errors import BadInput, Conflict, NotFound, ScoreboardError
from scoreboard.facts.competition import DEFINED, Definition
from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Event
from scoreboard.facts.names import SYSTEM, Slug
from scoreboard.facts.roles import RANK, Principal
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.definitions import RECORD
from scoreboard.ingest.gate import ABOUT_THE_COMPETITION, Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits
from scoreboard.sports.registry import Sports
from scoreboard.telemetry import log

PATH = "/api/v1/rehearsals"
SOURCE = "_rehearsal"
PREFIX = "rehearsal-"
SPEED_MAX = 10_000.0
PAUSE_MAX_S = 10.0  # however long nothing happened
DEFINING = Principal(key=SOURCE, name="rehearsal", role="admin")


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is rehearsed: a competition that has been, and how many times faster than it was."""

    competition: Slug
    speed: Annotated[float, Meta(gt=0, le=SPEED_MAX)] = 60.0


class Rehearsal(Struct, kw_only=True):
    """A rehearsal under way; `said` of the competition's entries, and how many were refused."""

    slug: str
    competition: str
    speed: float
    said: int = 0
    refused: int = 0
    over: bool = False


class Rehearsals:
    """At most one at a time, on the private listener."""

    def __init__(
        self, gate: Gate, ledger: Ledger, catalogue: Catalogue, sports: Sports, limits: Limits
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._sports = sports
        self._limits = limits
        self._now: Rehearsal | None = None
        self._playing: asyncio.Task[None] | None = None

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        slug = Parameter(name="slug", where="path", schema=Slug, description="the rehearsal's own")
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="The rehearsal under way, if there is one",
                tag="set-up",
                role="admin",
                answers=(json_answer(list[Rehearsal], "one or none"),),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self._begin,
                summary="Play a competition again, at speed, on the real screens",
                tag="set-up",
                role="admin",
                request=(Content(JSON, Wanted),),
                answers=(json_answer(Rehearsal, "it has begun", status=201),),
                refusals=(NotFound, Conflict),
            ),
            Endpoint(
                method="DELETE",
                path=PATH + "/{slug}",
                handler=self._end,
                summary="End a rehearsal: it is listed no more",
                tag="set-up",
                role="admin",
                parameters=(slug,),
                answers=(Answer(status=204, description="it is over"),),
                refusals=(NotFound,),
            ),
        ]

    async def clear(self) -> None:
        """End what an earlier run of the program has left."""
        left = [one.slug for one in self._left()]
        for slug in left:
            if self._now is None or slug != self._now.slug:
                try:
                    await self._hide(slug)
                except ScoreboardError as error:
                    log.warning("rehearsal not ended", slug=slug, error=error.message)

    async def finished(self) -> None:
        """Return when all is said that there was to say."""
        if self._playing is not None:
            await asyncio.wait([self._playing])

    async def close(self) -> None:
        """Say no more; the next start ends it."""
        await self._stop()

    async def _list(self, _request: Request) -> Response:
        return _json([] if self._now is None else [self._now])

    async def _begin(self, request: Request) -> Response:
        wanted = await read_struct(request, Wanted, self._limits.form_bytes_max)
        await self._gate.ensure_known(wanted.competition)
        if self._now is not None or self._left():
            raise Conflict("a rehearsal is under way", hint=f"end it first: DELETE {PATH}/SLUG")
        definition = self._catalogue.get(wanted.competition)
        assert definition is not None
        sport = self._sports.classes.get(definition.sport)
        if sport is None or sport.apart:
            raise BadInput(f"{definition.sport} cannot be rehearsed", pointer="/competition")
        slug = f"{PREFIX}{wanted.competition[:44].strip('-')}-{secrets.token_hex(3)}"
        now = Rehearsal(slug=slug, competition=wanted.competition, speed=wanted.speed)
        self._now = now
        entries = self._entries(wanted.competition, self._ledger.head.position)
        try:
            await self._say(now, await anext(entries))
        except BaseException:
            self._now = None
            raise
        self._playing = asyncio.create_task(self._play(now, entries), name="rehearsal")
        return _json(now, 201)

    async def _end(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        await self._catalogue.catch_up()
        if slug not in {one.slug for one in self._left()}:
            raise NotFound(f"there is no rehearsal {slug}", hint=f"GET {PATH} lists it")
        if self._now is not None and self._now.slug == slug:
            await self._stop()
        await self._hide(slug)
        return Response(status_code=204)

    def _left(self) -> list[Definition]:
        """The rehearsals that are not hidden yet."""
        return [
            one
            for one in self._catalogue.all()
            if one.slug.startswith(PREFIX)
            and self._catalogue.versions(one.slug, RECORD)[0].source == SOURCE
        ]

    async def _stop(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._playing
        self._now = self._playing = None

    async def _hide(self, slug: str) -> None:
        event = Event(
            id=f"end-{secrets.token_hex(8)}",
            type=DEFINED.type,
            source=SOURCE,
            record=RECORD,
            action="void",
            reason="the rehearsal is over",
        )
        [outcome] = await self._gate.submit(DEFINING, slug, [event])
        if isinstance(outcome, ScoreboardError):
            raise outcome

    async def _entries(self, competition: str, upto: int) -> AsyncIterator[Entry]:
        """What was said in a competition up to a position, its definition first."""
        after = 0
        while after < upto:
            entries = await self._ledger.read(after, competition=competition, upto=upto)
            for entry in entries:
                yield entry
            if not entries:
                return
            after = entries[-1].position

    async def _play(self, now: Rehearsal, entries: AsyncIterator[Entry]) -> None:
        """Say all that follows the definition, as far apart as it was, at the speed."""
        before: int | None = None
        try:
            async for entry in entries:
                happened = not entry.type.startswith(ABOUT_THE_COMPETITION)
                if happened and before is not None:
                    pause_s = (entry.received - before) / 1e6 / now.speed
                    await asyncio.sleep(min(pause_s, PAUSE_MAX_S))
                if happened:
                    before = entry.received
                try:
                    await self._say(now, entry)
                except ScoreboardError as error:
                    now.refused += 1
                    log.info("not rehearsed", position=entry.position, error=error.message)
        except ScoreboardError as error:
            log.warning("rehearsal ended early", slug=now.slug, error=error.message)
        now.over = True

    async def _say(self, now: Rehearsal, entry: Entry) -> None:
        event = _again(entry, now.slug)
        if event is None:
            return
        role, _, name = entry.actor.partition(":")
        said_by = Principal(
            key=SOURCE,
            name=f"rehearsal of {name}",
            role=role if role in RANK and role != "player" else "device",  # type: ignore[arg-type]
        )
        [outcome] = await self._gate.submit(said_by, now.slug, [event])
        if isinstance(outcome, ScoreboardError):
            raise outcome
        now.said += 1


def _again(entry: Entry, slug: str) -> Event | None:
    """What an entry said, to be said again; None if it was erased or is about the ledger."""
    data = entry.data
    if data is None or entry.source == SYSTEM:
        return None
    defines = entry.type == DEFINED.type
    if defines and entry.action in ("record", "amend"):
        said: dict[str, Any] = msgspec.json.decode(data)
        name = f"Rehearsal: {said['name']}"[:200]
        rules = said.get("corrections", {}) | {"second_approval": ""}  # nobody is there to give it
        again = {"slug": slug, "name": name, "corrections": rules, "rehearsal": True}
        data = msgspec.json.encode(said | again)
    happened = datetime.now(UTC)
    return Event(
        id=entry.id,
        type=entry.type,
        source=SOURCE if defines else entry.source,
        time=happened if entry.time is not None else None,
        contest=entry.contest,
        record=entry.record,
        subject=entry.subject,
        place=entry.place,
        reason=entry.reason,
        action=entry.action,
        dataversion=entry.schema,
        data=Raw(data),
    )


def _json(answer: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type=JSON)
