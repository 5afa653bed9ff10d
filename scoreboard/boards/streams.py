"""Boards followed live over server-sent events (WHATWG HTML, section 9.2).

One channel for each view that somebody follows. When its content changes, the patch is encoded once
and its bytes are swept to the transports of all who follow it, in slices that yield to the loop.
There is no queue for a client. A client with too many unsent bytes is skipped; when it has drained
it gets a snapshot of the newest state, and if it does not drain it is cut off.

    snapshot   the whole board, with its version as id
    patch      the merge patch (RFC 7396) from the version `before` to the version that is its id
    correction what the patch that follows it corrects: figures, and in which versions they were
               wrong; it has no id of its own, so that both are heard, or neither
    reset      what the client holds is of another generation or ahead of us; a snapshot follows
    heartbeat  the server's time, so that a page knows that silence means no change
    bye        the server stops: come back; or the key or session that was shown is revoked; or the
               competition is over: nothing of it is shown any more

A client that returns with the exact id of a version in the window gets the patches since; with any
other id of the same generation a snapshot: never a gap, never a repeat. A snapshot brings no
notices of corrections; a client that held the board before finds them in the board's list.

Several boards of a competition can be followed over one connection, since browsers open six to a
server for all their pages. Ids are then `board@version`, as versions of two boards can be alike; a
client that returns takes up the board of its last id there, and gets snapshots of the others.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from starlette.types import Receive, Scope, Send

from scoreboard import telemetry
from scoreboard.boards.channel import (
    REFUSED,
    STOPPED,
    Awaited,
    Channel,
    End,
    Farewell,
    Step,
    Stream,
    patched,
    shown_by,
)
from scoreboard.boards.connection import OFFERED, Connection, connected, directly
from scoreboard.boards.select import View
from scoreboard.boards.told import Told, message
from scoreboard.errors import Unavailable
from scoreboard.facts.document import Document, Patch
from scoreboard.facts.instant import to_text
from scoreboard.http.listeners import count, counted
from scoreboard.http.scope import HANDED_OVER
from scoreboard.http.zipped import HEAD, accepts_gzip, deflated
from scoreboard.projections.shelf import Shelf
from scoreboard.settings import Limits

SLICE = 500  # streams written to before the loop gets its turn
HEARTBEAT_S = 15.0
LOOK_EVERY_S = 1.0  # how often those that do not read are looked after
REVOKED_KEPT = 1_024  # newest revoked keys: a request that they let in may be about to join
RETRY_MS = range(1_000, 4_000, 100)  # a returning crowd is spread over this span
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"vary", b"accept-encoding"),
]
ZIPPED = (b"content-encoding", b"gzip")


STOPPING = ("the server stops", STOPPED)
OVER = ("the competition is over", STOPPED)


class Streams:
    """Every channel, and the sweep over them."""

    def __init__(self, shelf: Shelf, limits: Limits) -> None:
        self._shelf = shelf
        self._limits = limits
        self._channels: dict[tuple[str, str], dict[View, Channel]] = {}
        self._due: dict[Channel, None] = {}
        self._news = asyncio.Event()
        self._stopped = False
        self._revoked: deque[str] = deque(maxlen=REVOKED_KEPT)
        self.open = 0  # streams that are being served
        shelf.on_change.append(self._changed)
        shelf.on_forget.append(self._forgotten)

    def _changed(self, patch: Patch) -> None:
        channels = self._channels.get((patch.after.competition, patch.after.board))
        for channel in channels.values() if channels else ():
            if channel.push(patch):
                self._due[channel] = None
                self._news.set()

    def _forgotten(self, competition: str) -> None:
        for channel in self._all():
            if channel.document.competition == competition:
                channel.window.clear()

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep whatever changed, and tell everybody now and then that we are here."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self._news.set())
        now = time.monotonic()
        beat_at, look_at = now + HEARTBEAT_S, now + LOOK_EVERY_S
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, min(beat_at, look_at) - time.monotonic())):
                    await self._news.wait()
            self._news.clear()
            await self._sweep_all()
            now = time.monotonic()
            if now >= look_at:
                look_at = now + LOOK_EVERY_S
                await self._look_after_stalled()
            if now >= beat_at:
                beat_at = now + HEARTBEAT_S
                await self._heartbeat()
        await self._sweep_all()  # what was said before the stop is told before the good-bye
        self.say_bye()

    async def _sweep_all(self) -> None:
        while self._due:
            channel = next(iter(self._due))
            del self._due[channel]
            await self._sweep(channel)
        OFFERED.count()

    async def _sweep(self, channel: Channel) -> None:
        steps, channel.backlog = channel.backlog, []
        if not steps:
            return
        told = channel.joined(steps)
        before, after = steps[0].before, steps[-1].after
        for number, stream in enumerate(list(channel.streams), 1):
            if stream.version == before:
                self._offer(stream, told, after)
            elif stream.version != after and stream.stalled_since is None:
                self._offer(stream, channel.snapshot(), channel.document.version)
            if number % SLICE == 0:
                await asyncio.sleep(0)

    def _offer(self, stream: Stream, told: Told, version: str) -> None:
        if stream.ended.is_set():
            return
        if stream.connection.offer(told, self._limits.stream_unsent_bytes_max):
            stream.version = version
            stream.stalled_since = None
        else:
            stream.stalled_since = stream.stalled_since or time.monotonic()

    async def _look_after_stalled(self) -> None:
        now = time.monotonic()
        drained: dict[Connection, bool] = {}
        for channel in self._all():
            for stream in list(channel.streams):
                if stream.stalled_since is None:
                    continue
                connection = stream.connection
                if not stream.ended.is_set() and drained.setdefault(
                    connection, connection.unsent() == 0
                ):
                    stream.stalled_since = now  # it does read, if one board at a time
                    self._offer(stream, channel.snapshot(), channel.document.version)
                elif now - stream.stalled_since > self._limits.stream_stalled_s:
                    telemetry.STREAM_CUTOFFS.inc()
                    connection.abort()
                    stream.end()
            await asyncio.sleep(0)

    async def _heartbeat(self) -> None:
        beat = Told((message("heartbeat", {"now": to_text(time.time_ns() // 1000)}),))
        told: set[Connection] = set()
        for channel in self._all():
            for number, stream in enumerate(list(channel.streams), 1):
                if stream.connection not in told and stream.stalled_since is None:
                    told.add(stream.connection)
                    self._offer(stream, beat, stream.version)
                if number % SLICE == 0:
                    await asyncio.sleep(0)

    def say_bye(self) -> None:
        """End every stream, with a word to those that still read; who joins later hears it, too."""
        self._stopped = True
        self._end(self._streams(), *STOPPING)

    def revoked(self, id_: str) -> None:
        """End the streams that a key or a session let in, those too that are about to join."""
        self._revoked.append(id_)
        for stream in list(self._streams()):
            if id_ in stream.shown:
                self._end((stream,), *refused(stream, id_))

    def over(self, competition: str) -> None:
        """End the streams of a competition of which nothing is shown any more."""
        channels = [one for one in self._all() if one.document.competition == competition]
        self._end((stream for one in channels for stream in one.streams), *OVER)

    def shown(self) -> set[str]:
        """The keys and sessions that let open streams in."""
        return {id_ for stream in self._streams() for id_ in stream.shown}

    def _end(self, streams: Iterable[Stream], reason: str, code: int) -> None:
        bye = Told((message("bye", {"reason": reason}),))
        for stream in list(streams):
            if not stream.ended.is_set() and stream.stalled_since is None:
                stream.connection.tell(bye)
            stream.end(code)
            # Whoever does not read the end either is cut off like all who do not read.
            stream.stalled_since = stream.stalled_since or time.monotonic()

    def _streams(self) -> Iterator[Stream]:
        return (stream for channel in self._all() for stream in channel.streams)

    def _all(self) -> list[Channel]:
        return [channel for views in self._channels.values() for channel in views.values()]

    def _channel(self, document: Document, view: View) -> Channel:
        views = self._channels.setdefault((document.competition, document.board), {})
        channel = views.get(view)
        if channel is None:
            channel = views[view] = Channel(document, view, self._limits)
            if view.whole:
                self._fill_window(channel, document)
        return channel

    def _fill_window(self, channel: Channel, document: Document) -> None:
        """Patches that the shelf has from before anybody followed, or before a restart."""
        for patch in self._shelf.recent(document.competition, document.board):
            messages = patched(patch.before, patch.after, patch.merge, channel.tag)
            channel.window.append(Step(patch.before, patch.after.version, messages))

    def join(self, stream: Stream, document: Document, view: View, last_id: str | None) -> Channel:
        """Let a client follow a view from the version that it says it holds.

        Nothing is awaited here: no change can fall in between.
        """
        newest = self._shelf.get(document.competition, document.board) or document
        channel = self._channel(newest, view)
        stream.version = channel.document.version
        channel.streams.add(stream)
        self.open += 1
        gone = next((id_ for id_ in stream.shown if id_ in self._revoked), None)
        if gone is not None:
            self._end((stream,), *refused(stream, gone))
        elif self._stopped:
            self._end((stream,), *STOPPING)
        elif first := channel.welcome(last_id):
            stream.connection.tell(first)
        return channel

    def leave(self, stream: Stream, channel: Channel) -> None:
        """Let a client that has joined a channel go."""
        self.open -= 1
        channel.streams.discard(stream)
        if not channel.streams:
            board = (channel.document.competition, channel.document.board)
            views = self._channels[board]
            del views[channel.view]
            self._due.pop(channel, None)
            if not views:
                del self._channels[board]

    async def follow(
        self,
        documents: Sequence[Document],
        view: View,
        last_id: str | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Serve one client boards in a view until it goes, is cut off, or the server stops."""
        self.refuse_more()
        zipped = accepts_gzip(scope["headers"])
        headers = [*HEADERS, ZIPPED] if zipped else HEADERS
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        first = beginning(random.choice(RETRY_MS), zipped=zipped)
        if HANDED_OVER in scope.get("extensions", {}):
            self._take_over(documents, view, last_id, scope, first, zipped=zipped)
            return
        await send({"type": "http.response.body", "body": first, "more_body": True})
        buffer_bytes = self._limits.stream_send_buffer_bytes
        with counted(scope, "stream"):
            async with connected(scope, send, buffer_bytes, zipped=zipped) as connection:
                end = Awaited()
                joined = self._join_all(connection, end, documents, view, last_id, scope)
                try:
                    await self._until_gone(end, receive)
                finally:
                    self._leave_all(joined)
        if not connection.aborted:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _take_over(
        self,
        documents: Sequence[Document],
        view: View,
        last_id: str | None,
        scope: Scope,
        first: bytes,
        *,
        zipped: bool,
    ) -> None:
        """Serve the client without its request: of many, each task and frame would count."""
        connection = directly(scope, self._limits.stream_send_buffer_bytes, zipped=zipped)
        if connection is None:
            return  # it has gone
        end = Farewell(connection)
        uncount = count(scope, "stream")
        joined: list[tuple[Stream, Channel]] = []

        def gone() -> None:
            end.gone()
            uncount()
            self._leave_all(joined)

        scope["extensions"][HANDED_OVER](scope, gone)
        if not end.is_set():
            with connection.together():
                connection.begin(first)
                joined += self._join_all(connection, end, documents, view, last_id, scope)

    def _join_all(
        self,
        connection: Connection,
        end: End,
        documents: Sequence[Document],
        view: View,
        last_id: str | None,
        scope: Scope,
    ) -> list[tuple[Stream, Channel]]:
        shown = shown_by(scope)
        streams = [(Stream(connection, shown, end), document) for document in documents]
        return [(one, self.join(one, document, view, last_id)) for one, document in streams]

    def _leave_all(self, joined: Sequence[tuple[Stream, Channel]]) -> None:
        for stream, channel in joined:
            self.leave(stream, channel)

    def refuse_more(self) -> None:
        """Raise Unavailable if as many clients follow boards as may."""
        if self.open >= self._limits.streams_max:
            raise Unavailable("too many streams are open", retry_after_s=5.0)

    async def _until_gone(self, end: Awaited, receive: Receive) -> None:
        ended = asyncio.create_task(end.wait())
        gone = asyncio.create_task(self._disconnected(receive))
        await asyncio.wait([ended, gone], return_when=asyncio.FIRST_COMPLETED)
        end.set()
        for task in (ended, gone):
            task.cancel()
        await asyncio.gather(ended, gone, return_exceptions=True)

    @staticmethod
    async def _disconnected(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


@cache
def beginning(retry_ms: int, *, zipped: bool) -> bytes:
    """How an event stream begins: when its client is to come back after an end."""
    retry = f"retry: {retry_ms}\n\n".encode()
    return HEAD + deflated(retry) if zipped else retry


def refused(stream: Stream, id_: str) -> tuple[str, int]:
    """Why a stream ends whose key or session opens nothing any more, and by which code."""
    by_key = id_ == stream.shown[0]
    return "the key was revoked" if by_key else "the session has ended", REFUSED
