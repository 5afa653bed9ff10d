"""One view of one board as it is followed: who follows it, and its changes in bytes.

A change is encoded once, for all who follow the view. The newest ones are kept for clients that
return with the exact version that they hold.
"""

import asyncio
from collections import deque
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scoreboard.boards.connection import Connection
from scoreboard.boards.select import View, shown
from scoreboard.facts.correction import Correction, named
from scoreboard.facts.document import Content, Document, Patch, diff
from scoreboard.settings import Limits

BACKLOG_MAX = 16  # patches that wait for the sweep; past it a snapshot takes their place
POSITION_DIGITS_MAX = 19  # of 64 bits
encode = msgspec.json.Encoder().encode


def sse(event: str, data: dict[str, Any], id_: str | None = None) -> bytes:
    """One event as it stands in the stream; JSON has no line breaks."""
    named = f"id: {id_}\n" if id_ else ""
    return f"{named}event: {event}\ndata: ".encode() + encode(data) + b"\n\n"


def patched(before: str, after: Document, merge: Content) -> bytes:
    """A change in bytes: what it corrects, if it corrects anything, and the patch."""
    told, notice = b"", after.correction
    if notice is not None:
        of = {"competition": after.competition, "board": after.board}
        told = sse("correction", of | notice.shown())
    data = {**after.envelope(), "before": before, "merge": merge}
    return told + sse("patch", data, after.version)


def as_seen(notice: Correction, old: Content, merge: Content) -> tuple[Correction, ...]:
    """A notice of the figures that a view shows; nothing if it shows none of them."""
    changes, left_out = named(old, merge)
    return (replace(notice, changes=changes, left_out=left_out),) if changes else ()


class Stream:
    """One client: its connection, and the version of the board that it holds."""

    def __init__(self, connection: Connection, key: str | None = None) -> None:
        self.connection = connection
        self.key = key  # the key that let it in; None where nobody was asked for one
        self.version = ""
        self.stalled_since: float | None = None
        self.ended = asyncio.Event()

    def end(self) -> None:
        """Let the request return."""
        self.ended.set()


class Step(Struct, frozen=True):
    """One change of a channel: between two versions, in bytes."""

    before: str
    after: str
    chunk: bytes


class Window:
    """The newest steps of a channel, so many and so many bytes; the oldest go first."""

    def __init__(self, steps_max: int, bytes_max: int) -> None:
        self.steps: deque[Step] = deque()
        self._steps_max = steps_max
        self._bytes_max = bytes_max
        self._bytes = 0

    def append(self, step: Step) -> None:
        """Add the newest step."""
        self.steps.append(step)
        self._bytes += len(step.chunk)
        while len(self.steps) > self._steps_max or self._bytes > self._bytes_max:
            self._bytes -= len(self.steps.popleft().chunk)

    def clear(self) -> None:
        """Let all steps go."""
        self.steps.clear()
        self._bytes = 0


class Channel:
    """All who follow one view of one board."""

    def __init__(self, document: Document, view: View, limits: Limits) -> None:
        self.view = view
        self.streams: set[Stream] = set()
        self.document = shown(document, view)
        self.backlog: list[Step] = []
        self.window = Window(limits.window_patches_max, limits.window_bytes_max)
        self._snapshot: tuple[str, bytes] | None = None

    def push(self, patch: Patch) -> bool:
        """Take a change of the board; False if this view does not show it."""
        after = shown(patch.after, self.view)
        merge = patch.merge if self.view.whole else diff(self.document.content, after.content)
        was = self.document
        if not merge and (after.status, after.rules) == (was.status, was.rules):
            return False
        if not self.view.whole and (notice := after.correction):
            seen = as_seen(notice, self.document.content, merge)
            after = replace(after, corrections=seen)
        before, self.document = self.document, after
        if before.generation != after.generation:
            self.window.clear()
            chunk = sse("reset", {"reason": "rules changed"}) + self.snapshot()
        else:
            chunk = patched(before.version, after, merge)
        step = Step(before.version, after.version, chunk)
        self.window.append(step)
        self.backlog.append(step)
        if len(self.backlog) > BACKLOG_MAX:
            first = self.backlog[0].before
            self.backlog = [Step(first, after.version, self.snapshot())]
        return True

    def snapshot(self) -> bytes:
        """The whole view, encoded once for each version."""
        version = self.document.version
        if self._snapshot is None or self._snapshot[0] != version:
            data = {**self.document.envelope(), "content": self.document.content}
            self._snapshot = (version, sse("snapshot", data, version))
        return self._snapshot[1]

    def since(self, version: str) -> bytes | None:
        """What a client that holds exactly this version missed; None if nobody knows."""
        if version == self.document.version:
            return b""
        found: list[bytes] | None = None
        for step in self.window.steps:
            if step.before == version:
                found = []
            if found is not None:
                found.append(step.chunk)
        return None if found is None else b"".join(found)

    def welcome(self, last_id: str | None) -> bytes:
        """The first bytes for a client, by the version that it says it holds."""
        if not last_id:
            return self.snapshot()
        missed = self.since(last_id)
        if missed is not None:
            return missed
        generation, position = split_version(last_id)
        if generation != self.document.generation:
            return sse("reset", {"reason": "another generation"}) + self.snapshot()
        if position > self.document.position:
            return sse("reset", {"reason": "ahead of this board"}) + self.snapshot()
        return self.snapshot()


def split_version(version: str) -> tuple[str, int]:
    """Generation and position of a version; anything else is a generation that nobody has."""
    generation, _, rest = version.partition("-")
    position = rest.partition("-")[0]
    known = position.isascii() and position.isdigit() and len(position) <= POSITION_DIGITS_MAX
    return (generation, int(position)) if known else ("", 0)
