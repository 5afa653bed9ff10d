"""Competitions: made and changed by admins, read by everybody.

Writing the same definition again changes nothing; another one amends the record `competition`. What
happened since (late entries, reschedulings) stays: it is folded on top of whatever is defined.
"""

import secrets
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from scoreboard.access.access import principal_of
from scoreboard.catalogue import Catalogue
from scoreboard.errors import BadInput, Conflict, ScoreboardError, Stale, UnsupportedMedia
from scoreboard.facts.competition import DEFINED, KINDS, Competition, Definition
from scoreboard.facts.entry import Entry
from scoreboard.facts.event import Event, Instant
from scoreboard.facts.instant import after_leap_seconds
from scoreboard.facts.ruling import in_force
from scoreboard.http.body import media_of, read_body
from scoreboard.http.cached import UNCHANGED, cacheable
from scoreboard.http.endpoint import COMPETITION, JSON, Content, Endpoint, json_answer
from scoreboard.http.problem import UNREADABLE, from_validation
from scoreboard.ingest.definitions import RECORD
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits
from scoreboard.sports.registry import Sports

PATH = "/api/v1/competitions"
TOML = "application/toml"


class Summary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A competition in a list. `contests`: how many there are by planned status.

    `status`: how far it is, as its boards tell the public; left out while they are not in memory.
    """

    slug: str
    name: str
    sport: str
    title: str = ""
    place: str = ""
    start: Instant | None = None
    entrants: int = 0
    contests: dict[str, int] = {}
    status: str = ""
    rehearsal: bool = False


class Defined(Struct, frozen=True, kw_only=True):
    """What became of a definition; `changed` is false if it was in force already."""

    slug: str
    position: int
    version: int
    changed: bool


IsOfficial = Callable[[Scope, str], Awaitable[bool]]


class Competitions:
    """Competitions on one listener; `public` leaves out writing."""

    def __init__(
        self,
        gate: Gate,
        ledger: Ledger,
        catalogue: Catalogue,
        sports: Sports,
        limits: Limits,
        is_official: IsOfficial,
        status_of: Callable[[str], str],
        *,
        public: bool,
    ) -> None:
        self._status_of = status_of
        self._is_official = is_official
        self._limits = limits
        self._gate = gate
        self._ledger = ledger
        self._catalogue = catalogue
        self._sports = sports
        self._public = public

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        found = [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._list,
                summary="All competitions",
                tag="competitions",
                answers=(json_answer(list[Summary], "oldest definition first"), UNCHANGED),
            ),
            Endpoint(
                method="GET",
                path=PATH + "/{competition}",
                handler=self._show,
                summary="One competition as it is defined now",
                tag="competitions",
                key_shows_more=not self._public,
                parameters=(COMPETITION,),
                answers=(json_answer(Competition, "late entries and the like included"), UNCHANGED),
            ),
        ]
        return found if self._public else [*found, self._writing()]

    def _writing(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path=PATH,
            handler=self._define,
            summary="Make a competition, or change its definition",
            tag="competitions",
            role="admin",
            request=(
                Content(JSON, Competition),
                Content(TOML, {"type": "string", "description": "the same, written as TOML"}),
            ),
            answers=(
                json_answer(Defined, "a new competition", status=201),
                json_answer(Defined, "changed, or in force already"),
            ),
            refusals=(Conflict, Stale),
        )

    async def _list(self, request: Request) -> Response:
        await self._catalogue.catch_up(self._ledger.head.position)
        shown = [await self._seen(request, one.slug) for one in self._catalogue.all()]
        return cacheable(request, [self._summary(found) for found in shown if found is not None])

    async def _show(self, request: Request) -> Response:
        slug = request.path_params["competition"]
        await self._catalogue.catch_up(self._ledger.head.position)
        await self._gate.ensure_known(slug)
        definition = await self._seen(request, slug)
        assert definition is not None
        return cacheable(request, definition.as_competition())

    async def _seen(self, request: Request, slug: str) -> Definition | None:
        """The competition as whoever asks may see it."""
        if self._public or not await self._is_official(request.scope, slug):
            return self._catalogue.seen(slug)
        return self._catalogue.get(slug)

    async def _define(self, request: Request) -> Response:
        competition = await _read(request, self._limits.definition_bytes_max)
        await self._catalogue.catch_up()
        versions = self._catalogue.versions(competition.slug, RECORD)
        standing = in_force(versions)
        if standing is not None and _says(standing) == competition:
            defined = Defined(
                slug=competition.slug,
                position=standing.position,
                version=standing.version,
                changed=False,
            )
            return _answer(defined, 200)
        principal = principal_of(request)
        event = Event(
            id=f"definition-{secrets.token_hex(8)}",
            type=DEFINED.type,
            source=principal.actor,
            record=RECORD,
            # Somebody else may be defining it at this moment: then look again.
            seenversion=len(versions),
            data=Raw(msgspec.json.encode(competition)),
        )
        [outcome] = await self._gate.submit(principal, competition.slug, [event])
        if isinstance(outcome, ScoreboardError):
            raise _of_the_body(outcome)
        defined = Defined(
            slug=competition.slug,
            position=outcome.position,
            version=outcome.version,
            changed=True,
        )
        return _answer(defined, 200 if versions else 201)

    def _summary(self, definition: Definition) -> Summary:
        sport = self._sports.classes.get(definition.sport)
        return Summary(
            slug=definition.slug,
            name=definition.name,
            sport=definition.sport,
            title=sport.title if sport else "",
            place=definition.place,
            start=definition.start,
            entrants=len(definition.entrants),
            contests=dict(Counter(contest.status for contest in definition.contests.values())),
            status=self._status_of(definition.slug),
            rehearsal=definition.rehearsal,
        )


async def _read(request: Request, bytes_max: int) -> Competition:
    media = media_of(request.headers)
    if media not in (JSON, TOML):
        raise UnsupportedMedia(
            f"{media or 'no content type'} is not read here", hint=f"send {JSON} or {TOML}"
        )
    body = await read_body(request.scope, request.receive, bytes_max)
    try:
        if media == JSON:
            said: Competition = DEFINED.read(body)
            return said
        return msgspec.convert(after_leap_seconds(_toml(body)), Competition)
    except UNREADABLE as error:
        raise from_validation(error) from error


def _toml(body: bytes) -> Any:
    try:
        return tomllib.loads(body.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"not TOML: {error}", pointer="") from error


def _says(entry: Entry) -> Competition | None:
    if entry.data is None:
        return None
    said: Competition = KINDS[entry.type].read(entry.data, entry.schema)
    return said


def _of_the_body(error: ScoreboardError) -> ScoreboardError:
    """The same error, pointing into the definition itself rather than into an event's data."""
    if error.pointer is not None:
        error.pointer = error.pointer.removeprefix("/data")
    return error


def _answer(defined: Defined, status: int) -> Response:
    return Response(
        msgspec.json.encode(defined),
        status,
        {"Location": f"{PATH}/{defined.slug}"},
        media_type=JSON,
    )
