"""The ledger as NDJSON: everything that is needed to check it without this program.

A line is an entry with all its fields (see `facts.entry`): times in microseconds, hashes and salts
in hex, `data` as the very text that was said, fields that are null left out. Of competitions that
were not asked for a line has only `position` and `leaf`, so that the chain of hashes can be walked
all the same (`ledger.chain` says how). An export is an administrative act, entered in the system's
stream before the first line is sent.

Pages are read by position and sent one by one, each when the last was taken: memory stays flat
however slow the reader is, and one that takes nothing is cut off.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from scoreboard.access.access import principal_of
from scoreboard.errors import BadInput, NotFound, ScoreboardError, Unavailable
from scoreboard.facts.entry import Draft, Entry
from scoreboard.facts.names import SYSTEM, Slug
from scoreboard.http.body import whole_number
from scoreboard.http.endpoint import NDJSON, Answer, Content, Endpoint, Parameter
from scoreboard.ingest.gate import Gate
from scoreboard.ingest.outcome import outcome_of
from scoreboard.ledger.chain import leaf_of
from scoreboard.ledger.kinds import EXPORTED
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits

PATH = "/api/v1/export"
UPTO = "Scoreboard-Upto"
BYTES = frozenset({"data", "salt", "digest", "hash", "origin_hash"})
PAGE_ENTRIES = 1_000
POSITION_MAX = 2**62
Position = Annotated[int, Meta(ge=0, le=POSITION_MAX)]


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry as it is exported; what is null is left out."""

    position: int
    competition: str
    source: str
    id: str
    type: str
    schema: int
    action: str
    record: str
    version: int
    actor: str
    received: int
    digest: str
    hash: str
    contest: str | None = None
    time: int | None = None
    sent: int | None = None
    subject: str | None = None
    place: str | None = None
    reason: str | None = None
    flags: str | None = None
    extensions: str | None = None
    data: str | None = None
    salt: str | None = None
    origin_ledger: str | None = None
    origin_position: int | None = None
    origin_hash: str | None = None


class Leaf(Struct, frozen=True):
    """An entry of another competition: what the chain needs of it, in hex."""

    position: int
    leaf: str


class Export(Struct, frozen=True, kw_only=True):
    """What is asked for: the entries after a position up to another, of one competition or all."""

    competition: str | None
    after: int
    upto: int


class Taking:
    """What all ways of taking the ledger out share: so many at once, each entered as an act."""

    def __init__(self, gate: Gate, ledger: Ledger, limits: Limits) -> None:
        self._gate = gate
        self._ledger = ledger
        self._running_max = limits.exports_max
        self._running = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places while the block lasts; Unavailable if none is free."""
        if self._running >= self._running_max:
            raise Unavailable("too many exports are running", retry_after_s=5.0)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def known(self, competition: str) -> None:
        """NotFound for a competition that there is not."""
        await self._gate.ensure_known(competition)

    async def enter(self, wanted: Export, actor: str) -> None:
        """Enter in the system's stream what is taken out, and by whom."""
        draft = Draft(
            competition=SYSTEM,
            source=SYSTEM,
            id=f"export-{secrets.token_hex(8)}",
            type=EXPORTED,
            actor=actor,
            subject=wanted.competition,
            data=msgspec.json.encode(wanted),
        )
        [fate] = await self._ledger.append([draft])
        outcome = outcome_of(fate)
        if isinstance(outcome, ScoreboardError):
            raise outcome


class Exports:
    """The door through which the ledger is taken out."""

    def __init__(self, ledger: Ledger, limits: Limits, taking: Taking) -> None:
        self._ledger = ledger
        self._limits = limits
        self._taking = taking

    def endpoints(self) -> list[Endpoint]:
        """What this room answers."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self._export,
                raw=True,
                summary="The ledger as NDJSON, with all that is needed to check its chain",
                tag="export",
                role="admin",
                parameters=(
                    Parameter(
                        name="competition",
                        schema=Slug,
                        description="of the others only the leaves of the chain",
                    ),
                    Parameter(name="after", schema=Position, description="begin after it (0)"),
                    Parameter(name="upto", schema=Position, description="end with it (the head)"),
                ),
                answers=(
                    Answer(
                        status=200,
                        description="an entry a line",
                        contents=(Content(NDJSON, {"type": "string"}),),
                        headers={UPTO: "the position that the export ends with"},
                    ),
                ),
                refusals=(NotFound, Unavailable),
            )
        ]

    async def _export(self, scope: Scope, _receive: Receive, send: Send) -> None:
        request = Request(scope)
        wanted = await self._wanted(request)
        with self._taking.place():
            await self._taking.enter(wanted, principal_of(request).actor)
            headers = {"content-type": NDJSON, UPTO.lower(): str(wanted.upto)}
            await send_in_turn(headers, self._pages(wanted), send, self._limits)

    async def _wanted(self, request: Request) -> Export:
        query = request.query_params
        head = await self._ledger.refresh_head()
        competition = query.get("competition")
        if competition is not None:
            await self._taking.known(competition)
        after = whole_number(query.get("after", "0"), "after", POSITION_MAX)
        upto = whole_number(query.get("upto", str(head.position)), "upto", POSITION_MAX)
        if upto > head.position:
            raise BadInput(f"the ledger ends at {head.position}", pointer="/upto")
        return Export(competition=competition, after=after, upto=upto)

    async def _pages(self, wanted: Export) -> AsyncIterator[bytes]:
        async for entries in pages_of(self._ledger, wanted.after, wanted.upto):
            yield await asyncio.to_thread(lines_of, entries, wanted.competition)


async def pages_of(ledger: Ledger, after: int, upto: int) -> AsyncIterator[list[Entry]]:
    """The entries after a position up to another, page by page; Unavailable if one is missing."""
    while after < upto:
        entries = await ledger.read(after, limit=PAGE_ENTRIES, upto=upto)
        if not entries:
            raise Unavailable(f"entry {after + 1} could not be read")
        yield entries
        after = entries[-1].position


async def send_in_turn(
    headers: dict[str, str], pages: AsyncIterator[bytes], send: Send, limits: Limits
) -> None:
    """Answer with pages, each made when the one before was taken; who takes nothing is cut off."""
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    named.append((b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": 200, "headers": named})

    async def offer(body: bytes) -> None:
        async with asyncio.timeout(limits.stream_stalled_s):
            await send({"type": "http.response.body", "body": body, "more_body": bool(body)})

    async for page in pages:
        if page:
            await offer(page)
    await offer(b"")  # nothing at all ends the answer


def lines_of(entries: list[Entry], competition: str | None) -> bytes:
    """A page of the export."""
    return _encode_lines([line_of(entry, competition) for entry in entries])


def line_of(entry: Entry, competition: str | None) -> Line | Leaf:
    """An entry as it is exported, or its leaf if another competition was asked for."""
    if competition not in (None, entry.competition):
        return Leaf(entry.position, leaf_of(entry).hex())
    fields = {name: _plain(name, getattr(entry, name)) for name in Line.__struct_fields__}
    return Line(**fields)


def entry_of_line(line: Line) -> Entry:
    """The entry of a line; ValueError if what should be hex is not."""
    fields = {name: _original(name, getattr(line, name)) for name in Line.__struct_fields__}
    return Entry(**fields)


def _original(name: str, value: Any) -> Any:
    if value is None or name not in BYTES:
        return value
    return value.encode() if name == "data" else bytes.fromhex(value)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode() if name == "data" else value.hex()
    return value


_encode_lines = msgspec.json.Encoder().encode_lines
