"""Screens without a keyboard: what each shows is decided at the operator's desk.

    desk ─▶ entry in the ledger's own stream ─▶ fold, in every process ─▶ the screen's long poll
                                                     ▲                           │
                                     seen, window, what it shows ◀───────────────┘

A display is a record of the ledger's own stream (`display/{name}`) whose newest version says what
it shows and how often it was told to reload and to show its name: states, not commands, so that a
screen that was off, or a server that was away, finds everything as it should be. What screens tell
of themselves is kept in memory: it is true for a minute at most. A screen that nobody has assigned
anything to is listed where it came in by the private listener, waiting.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Collection
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from scoreboard.bus.topic import Topic
from scoreboard.errors import Conflict, NotFound, ScoreboardError, Unavailable
from scoreboard.facts.entry import Draft, Entry
from scoreboard.facts.event import Action
from scoreboard.facts.names import NO_ZERO, SYSTEM, WITHOUT_ZERO, spelled
from scoreboard.ingest.outcome import outcome_of
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.system import SystemEntries
from scoreboard.telemetry import log

TYPE = "display.set"
DISPLAYS_MAX = 1_000  # that are assigned something; past it 409
WAITING_MAX = 50  # that nobody has assigned anything to; the one unseen for longest goes
LOOK_EVERY_S = 0.2  # at most, while the ledger grows
ONLINE_S = 45.0  # a screen that was not heard for so long is offline: it asks every half minute
NAME_IN_WORDS = "lower case letters, digits and hyphens, at most 32"
PATH_PATTERN = "/([A-Za-z0-9._~!$&'()*+,;=:@%-][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"

Name = Annotated[str, spelled("[a-z0-9][a-z0-9-]{0,31}", NAME_IN_WORDS)]
Path = Annotated[
    str,
    spelled(PATH_PATTERN, "a page of this server, such as `/c/cup`; at most 300", max_length=300),
]
Act = Literal["reload", "identify"]


class Showing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a screen shows: nothing, a few words, or pages, each for `every_s` seconds in turn."""

    kind: Literal["blank", "message", "pages"] = "blank"
    title: Annotated[str, spelled(WITHOUT_ZERO, NO_ZERO, max_length=80)] = ""
    text: Annotated[str, spelled(WITHOUT_ZERO, NO_ZERO, max_length=500)] = ""
    pages: Annotated[tuple[Path, ...], Meta(max_length=12)] = ()
    every_s: Annotated[int, Meta(ge=5, le=3_600)] = 20


class Display(Struct, frozen=True, kw_only=True):
    """A screen as it should be. `version` grows with each change, whoever made it (`actor`).

    `reload`, `identify`: how often it was told to; a screen does it when the number grows.
    """

    name: str
    showing: Showing
    reload: int = 0
    identify: int = 0
    version: int = 0
    actor: str = ""


class Seen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A screen as it told last of itself; `at` is of the steady clock, in seconds."""

    at: float
    address: str = ""
    window: str = ""
    version: int = 0


class Displays:
    """All screens of one installation, as one process knows them."""

    def __init__(self, ledger: Ledger, committed: Topic) -> None:
        self._ledger = ledger
        self._committed = committed
        self._said = SystemEntries(ledger, TYPE, self._take)
        self._begun = self._stopped = False
        self._changed = Topic()
        self._versions: dict[str, int] = {}  # of those that were removed, too
        self.known: dict[str, Display] = {}
        self.seen: dict[str, Seen] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Follow what is said of displays until `stop` is set; then nobody is kept waiting."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _done: self._leave())
        try:
            while not stop.is_set():
                head = self._committed.value
                try:
                    await self.catch_up()
                except Unavailable as error:
                    log.warning("displays not read", error=error.message)
                    await asyncio.wait([stopping], timeout=error.retry_after_s or LOOK_EVERY_S)
                    continue
                if not stop.is_set():
                    await self._committed.beyond(head)
                await asyncio.wait([stopping], timeout=LOOK_EVERY_S)
        finally:
            stopping.cancel()

    def _leave(self) -> None:
        self._stopped = True
        self._committed.wake()
        self._changed.wake()

    async def catch_up(self) -> None:
        """Read what was said since the last time, by whichever process."""
        await self._said.catch_up()
        self._begun = True

    def _take(self, entry: Entry) -> None:
        name = entry.subject or ""
        self._versions[name] = entry.version
        if entry.action == "void" or entry.data is None:
            self.known.pop(name, None)
        else:
            said = msgspec.json.decode(entry.data, type=Display)
            self.known[name] = replace(said, version=entry.version, actor=entry.actor)
        self._changed.publish(entry.position)

    # screens ------------------------------------------------------------------------------------

    async def follow(self, name: str, version: int, timeout_s: float) -> Display | None:
        """A screen as it should be, as soon as that is not of this version, or time is up.

        None for a screen that nobody has assigned anything to.
        """
        if not self._begun:
            await self.catch_up()  # a screen may ask before we have read anything
        until_s = time.monotonic() + timeout_s
        while True:
            display = self.known.get(name)
            left_s = until_s - time.monotonic()
            if (display.version if display else 0) != version or left_s <= 0 or self._stopped:
                return display
            await self._changed.beyond(self._changed.value, left_s)

    def heard(self, name: str, seen: Seen, *, waits: bool) -> None:
        """Note what a screen tells of itself; `waits`: also if nothing is assigned to it."""
        if name not in self.known and not waits:
            return
        self.seen.pop(name, None)
        self.seen[name] = seen  # the last one heard is the last one here
        strangers = [one for one in self.seen if one not in self.known]
        for one in strangers[: max(0, len(strangers) - WAITING_MAX)]:
            del self.seen[one]

    def online(self, name: str) -> bool:
        """Whether a screen was heard of lately, by this process."""
        seen = self.seen.get(name)
        return seen is not None and time.monotonic() - seen.at < ONLINE_S

    # the desk -----------------------------------------------------------------------------------

    async def assign(self, name: str, showing: Showing, actor: str) -> Display:
        """Let a screen show this; Stale if somebody else decided at the same moment."""
        await self.catch_up()
        if name not in self.known and len(self.known) >= DISPLAYS_MAX:
            raise Conflict(f"there are {DISPLAYS_MAX} displays", hint="remove one that has gone")
        held = self.known.get(name) or Display(name=name, showing=showing)
        await self._say([replace(held, showing=showing)], "record", actor)
        return self.known[name]

    async def show_instead(self, shown: str, slug: str, actor: str) -> list[str]:
        """Let screens that show pages of a competition show another's; returns which."""
        await self.catch_up()
        told = [
            replace(one, showing=_of_another(one.showing, shown, slug))
            for one in self.known.values()
            if _shows(one.showing, shown)
        ]
        await self._say(told, "record", actor)
        return [one.name for one in told]

    async def show_again(self, slug: str, actor: str) -> None:
        """Let screens that show pages of a competition show what they showed before those."""
        await self.catch_up()
        shown = [one for one in self.known.values() if _shows(one.showing, slug)]
        if shown:
            before = await self._before(slug)
            blank = Showing()
            told = [replace(one, showing=before.get(one.name, blank)) for one in shown]
            await self._say(told, "record", actor)

    async def _before(self, slug: str) -> dict[str, Showing]:
        """By screen: the last that it showed without pages of a competition."""
        before: dict[str, Showing] = {}

        def take(entry: Entry) -> None:
            if entry.data is not None and entry.action != "void":
                said = msgspec.json.decode(entry.data, type=Display)
                if not _shows(said.showing, slug):
                    before[said.name] = said.showing

        await SystemEntries(self._ledger, TYPE, take).catch_up()
        return before

    async def act(self, names: Collection[str], act: Act, actor: str) -> list[Display]:
        """Let screens reload, or show their names; NotFound for one that is not assigned."""
        await self.catch_up()
        held = [self._held(name) for name in names]
        told = [
            replace(one, reload=one.reload + 1)
            if act == "reload"
            else replace(one, identify=one.identify + 1)
            for one in held
        ]
        await self._say(told, "record", actor)
        return [self.known[one.name] for one in told]

    async def remove(self, name: str, actor: str) -> None:
        """Forget a screen; if it is still there it waits to be assigned something."""
        await self.catch_up()
        held = self._held(name)
        await self._say([held], "void", actor)
        self.seen.pop(name, None)

    def _held(self, name: str) -> Display:
        if name not in self.known:
            raise NotFound(f"nothing was ever assigned to a display {name}")
        return self.known[name]

    async def _say(self, displays: list[Display], action: Action, actor: str) -> None:
        drafts = [
            Draft(
                competition=SYSTEM,
                source=SYSTEM,
                id=f"display-{secrets.token_hex(8)}",
                type=TYPE,
                actor=actor,
                data=msgspec.json.encode(one) if action == "record" else b"{}",
                record=f"display/{one.name}",
                action=action,
                expected=self._versions.get(one.name, 0),
                subject=one.name,
            )
            for one in displays
        ]
        for fate in await self._ledger.append(drafts, atomic=True) if drafts else []:
            outcome = outcome_of(fate)
            if isinstance(outcome, ScoreboardError):
                raise outcome
        await self.catch_up()


def _pages_of(competition: str) -> re.Pattern[str]:
    return re.compile(rf"^/(c|overlay)/{re.escape(competition)}(?=[/?]|$)")


def _shows(showing: Showing, competition: str) -> bool:
    """Whether pages of a competition are among those that are shown."""
    return any(map(_pages_of(competition).match, showing.pages))


def _of_another(showing: Showing, competition: str, other: str) -> Showing:
    """The same pages of another competition."""
    own = _pages_of(competition)
    return replace(
        showing, pages=tuple(own.sub(rf"/\g<1>/{other}", page) for page in showing.pages)
    )
