"""Rehearsals: a competition played at speed on the real screens, in one that is made for it.

What is played is what was said in it, said again (`sayings.py`), or, of one that nobody has played
yet, what its sport makes up for it (`simulation.py`), the same for the same seed. It goes through
the gate like anything else, by actors that are called `rehearsal of ...`. Its definition says that
it is a rehearsal, and so does everything that shows it; displays that show the competition show the
rehearsal instead. One at a time.

Its end voids the definition. From then on it is over: no list has it, and its boards, streams,
tables and pages answer that it is over, whoever asks; displays show what they showed before. The
ledger keeps it, as it keeps everything, under the rehearsal's own slug: it is in no other
competition's history, results or export. The read store keeps what was made of it, since whatever
is over may be defined again. A start of the program ends what was left of one.

Of many processes the one that was asked plays it and knows how far it is; any can end it, and one
that begins to lead ends it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from scoreboard.admin.sayings import DEFINING, SOURCE, Saying, again, as_rehearsed, made_up
from scoreboard.admin.simulation import Simulation
from scoreboard.catalogue import Catalogue
from scoreboard.errors import BadInput, Conflict, NotFound, ScoreboardError
from scoreboard.facts.competition import DEFINED, Definition
from scoreboard.facts.event import Event
from scoreboard.facts.names import Slug
from scoreboard.http.body import read_struct
from scoreboard.http.endpoint import JSON, Answer, Content, Endpoint, Parameter, json_answer
from scoreboard.ingest.definitions import RECORD
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits
from scoreboard.sports.registry import Sports
from scoreboard.telemetry import log

PATH = "/api/v1/rehearsals"
PREFIX = "rehearsal-"
SPEED_MAX = 10_000.0
TICK = timedelta(microseconds=1)
PAUSE_MAX_S = 10.0  # however long nothing happened


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is rehearsed: a competition, and how many times faster than it was or would be.

    `events`: those that were said in it, or made-up ones, by a `seed`. `displays`: whether those
    that show the competition show its rehearsal.
    """

    competition: Slug
    speed: Annotated[float, Meta(gt=0, le=SPEED_MAX)] = 60.0
    events: Literal["said", "made-up"] = "said"
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 1
    displays: bool = True


class Rehearsal(Struct, kw_only=True):
    """A rehearsal under way; `said` of the competition's entries, and how many were `refused`.

    `displays`: those that show it. `over`: all is said. `unplayed`: contests for which nothing is
    made up, as nobody can say who meets in them; known once all is said. `elsewhere`: another
    process plays it, and alone knows more of it than its slug.
    """

    slug: str
    competition: str = ""
    speed: float = 0.0
    events: Literal["said", "made-up"] = "said"
    seed: int = 0
    displays: list[str] = []
    said: int = 0
    refused: int = 0
    over: bool = False
    unplayed: list[str] = []
    elsewhere: bool = False


class Screens(Protocol):
    """The venue's displays."""

    async def show_instead(self, shown: str, slug: str, actor: str) -> list[str]:
        """Let displays that show a competition show another; returns which."""

    async def show_again(self, slug: str, actor: str) -> None:
        """Let displays that show a competition show what they showed before it."""


class Rehearsals:
    """At most one at a time, on the private listener."""

    def __init__(
        self,
        gate: Gate,
        ledger: Ledger,
        catalogue: Catalogue,
        sports: Sports,
        limits: Limits,
        screens: Screens,
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._sports = sports
        self._limits = limits
        self._screens = screens
        self._now: Rehearsal | None = None
        self._playing: asyncio.Task[None] | None = None
        self._told = datetime.now(UTC)  # each event later than the one before

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
                summary="Play a competition, at speed, on the real screens",
                description="What was said in it, or, before anything was, made-up events.",
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
                summary="End a rehearsal: nothing of it is shown any more",
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
        await self._catalogue.catch_up()
        await self._look()
        if self._now is not None:
            return _json([self._now])
        return _json([Rehearsal(slug=one.slug, elsewhere=True) for one in self._left()])

    async def _begin(self, request: Request) -> Response:
        wanted = await read_struct(request, Wanted, self._limits.form_bytes_max)
        await self._gate.ensure_known(wanted.competition)
        await self._look()
        if self._now is not None or self._left():
            raise Conflict("a rehearsal is under way", hint=f"end it first: DELETE {PATH}/SLUG")
        definition = self._catalogue.get(wanted.competition)
        assert definition is not None
        now = Rehearsal(
            slug=f"{PREFIX}{wanted.competition[:44].strip('-')}-{secrets.token_hex(3)}",
            competition=wanted.competition,
            speed=wanted.speed,
            events=wanted.events,
            seed=wanted.seed,
        )
        sayings, simulation = self._sayings(definition, now)
        self._now = now
        try:
            await self._say(now, await anext(sayings))
            if wanted.displays:
                now.displays = await self._screens.show_instead(
                    wanted.competition, now.slug, DEFINING.actor
                )
        except BaseException:
            self._now = None
            raise
        self._playing = asyncio.create_task(self._play(now, sayings, simulation), name="rehearsal")
        return _json(now, 201)

    def _sayings(
        self, definition: Definition, now: Rehearsal
    ) -> tuple[AsyncIterator[Saying], Simulation | None]:
        """What is to be said, the definition first; BadInput if there is nothing."""
        sport = self._sports.classes.get(definition.sport)
        if sport is None or sport.apart:
            raise BadInput(f"{definition.sport} cannot be rehearsed", pointer="/competition")
        if now.events == "said":
            return again(self._ledger, now.competition, now.slug), None
        if not self._sports.simulates(definition.sport):
            raise BadInput(f"{sport.title} makes no events up", pointer="/events")
        if not (definition.contests and definition.entrants):
            raise BadInput(
                "without entrants and contests there is nothing to make events up for",
                pointer="/competition",
                hint="enter somebody, and plan a contest",
            )
        competition = as_rehearsed(definition.as_competition(), now.slug)
        simulation = Simulation(competition, self._sports, now.seed)
        return made_up(competition, simulation), simulation

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

    async def _look(self) -> None:
        """Say no more in a rehearsal that another process has ended."""
        if self._now is not None and self._catalogue.standing(self._now.slug) == "over":
            await self._stop()

    async def _stop(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._playing
        self._now = self._playing = None

    async def _hide(self, slug: str) -> None:
        await self._screens.show_again(slug, DEFINING.actor)
        event = Event(
            id=f"end-{secrets.token_hex(8)}",
            type=DEFINED.type,
            source=SOURCE,
            record=RECORD,
            action="void",
            reason="the rehearsal is over",
        )
        await self._submit(slug, Saying(said_by=DEFINING, event=event))

    async def _play(
        self, now: Rehearsal, sayings: AsyncIterator[Saying], simulation: Simulation | None
    ) -> None:
        """Say all that follows the definition, as far apart as it is, at the speed."""
        before: float | None = None
        try:
            async for one in sayings:
                if one.at_s is not None:
                    if before is not None:
                        pause_s = max(0.0, one.at_s - before) / now.speed
                        await asyncio.sleep(min(pause_s, PAUSE_MAX_S))
                    before = one.at_s
                if self._catalogue.standing(now.slug) == "over":
                    break  # another process has ended it
                try:
                    await self._say(now, one)
                except ScoreboardError as error:
                    now.refused += 1
                    log.info("not rehearsed", id=one.event.id, error=error.message)
        except ScoreboardError as error:
            log.warning("rehearsal ended early", slug=now.slug, error=error.message)
        now.unplayed = simulation.left if simulation else []
        now.over = True

    async def _say(self, now: Rehearsal, one: Saying) -> None:
        await self._submit(now.slug, one)
        now.said += 1

    async def _submit(self, slug: str, one: Saying) -> None:
        self._told = max(self._told + TICK, datetime.now(UTC))
        [outcome] = await self._gate.submit(one.said_by, slug, [one.at(self._told)])
        if isinstance(outcome, ScoreboardError):
            raise outcome


def _json(answer: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type=JSON)
