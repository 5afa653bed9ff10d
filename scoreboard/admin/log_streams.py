"""Who follows the log: what is new is read from the ledger for each, as fast as each one reads.

Nothing is queued: a follower holds a position. What came meanwhile is told in one event; if it is
more than `log_stream_entries_max`, only that there is more, which the log can be asked for.
"""

import asyncio
import contextlib
import time

import msgspec
from msgspec import Struct
from starlette.types import Receive, Scope, Send

from scoreboard.admin.records import Version, said_in
from scoreboard.bus.topic import Topic
from scoreboard.errors import Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.facts.instant import to_text
from scoreboard.http.endpoint import PRINCIPAL
from scoreboard.http.listeners import counted
from scoreboard.http.problem import abort
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits

HEARTBEAT_S = 15.0
PAUSE_S = 0.1  # between two looks for one follower: nobody reads faster
RETRY_MS = 2_000
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which entries somebody asks for."""

    competition: str
    source: str | None = None
    contest: str | None = None
    type: str | None = None
    record: str | None = None


class Line(Version, frozen=True, kw_only=True, omit_defaults=True):
    """An entry as the log shows it; its record's versions tell whether it counts."""

    competition: str
    record: str


class Follower:
    """Whoever is told: by which key and session, and why that ends."""

    def __init__(self, shown: tuple[str, ...]) -> None:
        self.shown = shown
        self.reason = ""
        self.ended = asyncio.Event()

    def end(self, reason: str) -> None:
        """Let it go, with a word."""
        self.reason = self.reason or reason
        self.ended.set()


class LogStreams:
    """Reads of the log, and all who follow it; `committed` is how far the ledger has come."""

    def __init__(self, ledger: Ledger, committed: Topic, limits: Limits) -> None:
        self._ledger = ledger
        self._committed = committed
        self._limits = limits
        self._followers: set[Follower] = set()
        self._stopped = False

    async def run(self, stop: asyncio.Event) -> None:
        """Tell all good-bye when the program stops."""
        await stop.wait()
        self._stopped = True
        for follower in self._followers:
            follower.end("the server stops")

    def revoked(self, id_: str) -> None:
        """End what a key or a session let in."""
        for follower in self._followers:
            if id_ in follower.shown:
                follower.end("the key was revoked, or the session has ended")

    def shown(self) -> set[str]:
        """The keys and sessions that let followers in."""
        return {id_ for follower in self._followers for id_ in follower.shown}

    async def page(
        self, wanted: Wanted, *, after: int, before: int, limit: int, newest_first: bool
    ) -> tuple[list[Entry], int | None]:
        """At most `limit` entries between two positions, and from where to go on."""
        if wanted.record is not None:
            return await self._of_record(wanted, after, before, limit, newest_first)
        return await self._ledger.looked_through(
            after,
            before,
            limit=limit,
            looked_max=self._limits.log_looked_entries_max,
            newest_first=newest_first,
            competition=wanted.competition,
            contest=wanted.contest,
            source=wanted.source,
            type=wanted.type,
        )

    async def _of_record(
        self, wanted: Wanted, after: int, before: int, limit: int, newest_first: bool
    ) -> tuple[list[Entry], int | None]:
        assert wanted.record is not None
        found = await self._ledger.versions(wanted.competition, [wanted.record])
        entries = [
            one
            for one in found.get(wanted.record, ())
            if after < one.position < before
            and wanted.source in (None, one.source)
            and wanted.contest in (None, one.contest)
            and wanted.type in (None, one.type)
        ]
        if newest_first:
            entries.reverse()
        return entries[:limit], entries[limit - 1].position if len(entries) > limit else None

    async def follow(
        self, wanted: Wanted, after: int | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Tell one client what comes after a position (None: from now on) until there is an end."""
        if len(self._followers) >= self._limits.log_streams_max or self._stopped:
            raise Unavailable("too many follow the log", retry_after_s=5.0)
        follower = Follower(scope[PRINCIPAL].shown)
        self._followers.add(follower)
        gone = asyncio.create_task(_disconnected(receive, follower))
        try:
            with counted(scope, "stream"):
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                position = self._committed.value if after is None else after
                await self._tell(wanted, position, follower, send)
        except TimeoutError:
            abort(scope)  # it does not read
        finally:
            self._followers.discard(follower)
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _tell(self, wanted: Wanted, position: int, follower: Follower, send: Send) -> None:
        await self._send(send, f"retry: {RETRY_MS}\nid: {position}\n\n".encode())
        heard_s = time.monotonic()
        while not follower.ended.is_set():
            if not await self._more(position, follower, heard_s + HEARTBEAT_S - time.monotonic()):
                now = {"now": to_text(time.time_ns() // 1000)}
                heard_s = time.monotonic()
                await self._send(send, event("heartbeat", now))
                continue
            told, position = await self._news(wanted, position)
            if told:
                heard_s = time.monotonic()
                await self._send(send, told)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(follower.ended.wait(), PAUSE_S)
        if follower.reason:
            await self._send(send, event("bye", {"reason": follower.reason}), more=False)

    async def _more(self, position: int, follower: Follower, patience_s: float) -> bool:
        """Wait until there is more, or an end; False if time was up before."""
        if self._committed.value > position:
            return True
        risen = asyncio.create_task(self._committed.beyond(position, max(0.0, patience_s)))
        ended = asyncio.create_task(follower.ended.wait())
        await asyncio.wait((risen, ended), return_when=asyncio.FIRST_COMPLETED)
        for task in (risen, ended):
            task.cancel()
        await asyncio.gather(risen, ended, return_exceptions=True)
        return follower.ended.is_set() or self._committed.value > position

    async def _news(self, wanted: Wanted, position: int) -> tuple[bytes, int]:
        """What is told of all behind a position, if anything, and the position that it leads to."""
        upto = self._committed.value
        limit = self._limits.log_stream_entries_max
        try:
            entries, further = await self.page(
                wanted, after=position, before=upto + 1, limit=limit, newest_first=False
            )
        except Unavailable:
            await asyncio.sleep(PAUSE_S)
            return b"", position  # it is there still when the database is
        if further is not None and further < upto:
            return event("more", {"after": position, "upto": upto}, upto), upto
        if not entries:
            return b"", upto
        return event("entries", {"entries": [line_of(one) for one in entries]}, upto), upto

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        async with asyncio.timeout(self._limits.stream_stalled_s):
            await send({"type": "http.response.body", "body": body, "more_body": more})


def line_of(entry: Entry) -> Line:
    """An entry as the log shows it."""
    return Line(competition=entry.competition, record=entry.record, **said_in(entry))


def event(name: str, data: object, id_: int | None = None) -> bytes:
    """An event as it stands in a stream; JSON has no line breaks."""
    head = "" if id_ is None else f"id: {id_}\n"
    return f"{head}event: {name}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


async def _disconnected(receive: Receive, follower: Follower) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    follower.ended.set()
