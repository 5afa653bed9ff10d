"""One view of one board as it is followed: who follows it, and its changes as they are told.

A change is encoded once, for all who follow the view. The newest ones are kept for clients that
return with the exact version that they hold.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace
from starlette.types import Scope

from scoreboard.boards.connection import Connection, Direct
from scoreboard.boards.select import View, shown
from scoreboard.boards.told import Message, Told, message
from scoreboard.facts.correction import Correction, named
from scoreboard.facts.document import Content, Document, Patch, diff
from scoreboard.facts.roles import Principal
from scoreboard.http.endpoint import PRINCIPAL
from scoreboard.settings import Limits

BACKLOG_MAX = 16  # patches that wait for the sweep; past it a snapshot takes their place
POSITION_DIGITS_MAX = 19  # of 64 bits
STOPPED, REFUSED = 1012, 1008
"""What a WebSocket is closed with (RFC 6455, section 7.4.1): the server stops; not allowed."""


def channel_name(document: Document, view: View) -> str:
    """How a WebSocket's client knows what it follows: `cup/standings`, `cup/standings?top=10`."""
    asked = {"group": view.group, "top": view.top}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{document.competition}/{document.board}" + (f"?{query}" if query else "")


def patched(before: str, after: Document, merge: Content, tag: str = "") -> tuple[Message, ...]:
    """A change: what it corrects, if it corrects anything, and the patch.

    `tag` stands before the version in its id.
    """
    data = {**after.envelope(), "before": before, "merge": merge}
    patch = message("patch", data, tag + after.version)
    notice = after.correction
    if notice is None:
        return (patch,)
    of = {"competition": after.competition, "board": after.board}
    return (message("correction", of | notice.shown()), patch)


def as_seen(notice: Correction, old: Content, merge: Content) -> tuple[Correction, ...]:
    """A notice of the figures that a view shows; nothing if it shows none of them."""
    changes, left_out = named(old, merge)
    return (replace(notice, changes=changes, left_out=left_out),) if changes else ()


class End(Protocol):
    """Set when a client is to be let go; `code`: what a WebSocket is then closed with."""

    code: int

    def is_set(self) -> bool:
        """Whether it is."""

    def set(self) -> None:
        """Let it go."""


class Awaited(asyncio.Event):
    """An end that a request waits for."""

    code = STOPPED


class Farewell:
    """The end of a client that no request waits for: its connection is closed at once."""

    __slots__ = ("_connection", "_over", "code")

    def __init__(self, connection: Direct) -> None:
        self.code = STOPPED
        self._connection = connection
        self._over = False

    def is_set(self) -> bool:
        """Whether the client is to be let go, or has gone."""
        return self._over

    def set(self) -> None:
        """Let it go."""
        if not self._over:
            self._over = True
            self._connection.finish()

    def gone(self) -> None:
        """It has gone by itself."""
        self._over = True


class Stream:
    """A client of one view: its connection, and the version of the board that it holds.

    Streams of one client that follows several views share its connection and its end.
    """

    __slots__ = ("connection", "ended", "shown", "stalled_since", "version")

    def __init__(self, connection: Connection, shown: tuple[str, ...], end: End) -> None:
        self.connection = connection
        self.shown = shown  # the ids of the key and the session that let it in, if it was asked
        self.version = ""
        self.stalled_since: float | None = None
        self.ended = end

    def end(self, code: int = STOPPED) -> None:
        """Let the request return."""
        self.ended.code = code
        self.ended.set()


def shown_by(scope: Scope) -> tuple[str, ...]:
    """The ids of the key, and of the session with which it is held, that let a request in."""
    who: Principal | None = scope.get(PRINCIPAL)
    return () if who is None else who.shown


class Step(Struct, frozen=True):
    """One change of a channel: between two versions."""

    before: str
    after: str
    messages: tuple[Message, ...]

    @property
    def weight(self) -> int:
        """About how many bytes it keeps."""
        return sum(one.weight for one in self.messages)


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
        self._bytes += step.weight
        while len(self.steps) > self._steps_max or self._bytes > self._bytes_max:
            self._bytes -= self.steps.popleft().weight

    def clear(self) -> None:
        """Let all steps go."""
        self.steps.clear()
        self._bytes = 0


class Channel:
    """All who follow one view of one board."""

    def __init__(self, document: Document, view: View, limits: Limits) -> None:
        self.view = view
        self.name = channel_name(document, view)
        self.tag = f"{document.board}@" if view.named else ""
        self.streams: set[Stream] = set()
        self.document = shown(document, view)
        self.backlog: list[Step] = []
        self.window = Window(limits.window_patches_max, limits.window_bytes_max)
        self._snapshot: Told | None = None

    def push(self, patch: Patch) -> bool:
        """Take a change of the board; False if this view does not show it."""
        after = shown(patch.after, self.view)
        merge = patch.merge if self.view.whole else diff(self.document.content, after.content)
        was = self.document
        if not merge and standing(after) == standing(was):
            return False
        if not self.view.whole and (notice := after.correction):
            seen = as_seen(notice, self.document.content, merge)
            after = replace(after, corrections=seen)
        before, self.document = self.document, after
        if before.generation != after.generation:
            self.window.clear()
            thawed = was.frozen and not after.frozen
            reason = "frozen" if after.frozen else "thawed" if thawed else "rules changed"
            messages = self._reset(reason)
        else:
            messages = patched(before.version, after, merge, self.tag)
        step = Step(before.version, after.version, messages)
        self.window.append(step)
        self.backlog.append(step)
        if len(self.backlog) > BACKLOG_MAX:
            first = self.backlog[0].before
            self.backlog = [Step(first, after.version, self.snapshot().messages)]
        return True

    def snapshot(self) -> Told:
        """The whole view, encoded once for each version."""
        id_ = self.tag + self.document.version
        if self._snapshot is None or self._snapshot.messages[0].id != id_:
            data = {**self.document.envelope(), "content": self.document.content}
            self._snapshot = Told((message("snapshot", data, id_),), self.name)
        return self._snapshot

    def joined(self, steps: Sequence[Step]) -> Told:
        """Changes as they are told, one after the other."""
        return Told((one for step in steps for one in step.messages), self.name)

    def since(self, version: str) -> Told | None:
        """What a client that holds exactly this version missed; None if nobody knows."""
        if version == self.document.version:
            return Told((), self.name)
        steps = list(self.window.steps)
        for at, step in enumerate(steps):
            if step.before == version:
                return self.joined(steps[at:])
        return None

    def _reset(self, reason: str) -> tuple[Message, ...]:
        of = {"board": self.document.board} if self.tag else {}
        return (message("reset", {"reason": reason} | of), *self.snapshot().messages)

    def welcome(self, last_id: str | None) -> Told:
        """What a client is told first, by the version that it says it holds.

        Where an event stream is of several boards the last id is of one of them; of the others
        nobody knows what the client holds.
        """
        if not last_id or not last_id.startswith(self.tag):
            return self.snapshot()
        last_id = last_id.removeprefix(self.tag)
        missed = self.since(last_id)
        if missed is not None:
            return missed
        generation, position = split_version(last_id)
        if generation != self.document.generation:
            return Told(self._reset("another generation"), self.name)
        if position > self.document.position:
            return Told(self._reset("ahead of this board"), self.name)
        return self.snapshot()


def standing(document: Document) -> tuple[object, ...]:
    """What is told of a board though its content is as it was."""
    return document.status, document.rules, document.frozen


def split_version(version: str) -> tuple[str, int]:
    """Generation and position of a version; anything else is a generation that nobody has."""
    generation, _, rest = version.partition("-")
    position = rest.partition("-")[0]
    known = position.isascii() and position.isdigit() and len(position) <= POSITION_DIGITS_MAX
    return (generation, int(position)) if known else ("", 0)
