"""The worker: a process of its own for bulk work, so that it can take nothing from the server.

It reads the ledger and writes only its own store. `serve` starts one, supervised: its settings come
in as the first line of its standard input, and when that ends its parent has gone and it ends too.
What it has done it says in lines of JSON on its standard output. It may end at any moment, at its
memory limit too: whatever it was doing is in the store with a cursor, and the next one goes on.
"""

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from scoreboard.bus.subscription import Backoff
from scoreboard.catalogue import Catalogue
from scoreboard.database.engine import parse_url
from scoreboard.database.lock import WORKER_KEY, FileLock, SessionLock, WriterLock
from scoreboard.errors import CannotStart, Fenced, Unavailable
from scoreboard.facts.competition import Definition
from scoreboard.http.listeners import stop_on_signals
from scoreboard.ledger.viewing import LedgerView
from scoreboard.predictions.game import Game
from scoreboard.predictions.holding import Report
from scoreboard.predictions.settling import Rule, points_of
from scoreboard.predictions.store import PredictionsStore
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports
from scoreboard.telemetry import log

LOCK_FILE = "worker.lock"
LOCK_AGAIN_S = 0.5
STEPS_MAX = 16  # of one game before another has its turn
NICENESS = 10
ORPHAN_GRACE_S = 5.0  # how long an orphan may take to finish its step


class Failing:
    """A game whose step failed, and when it is tried again."""

    def __init__(self) -> None:
        self.attempts = 0
        self.again_s = 0.0


class Worker:
    """Every game of a ledger, one step at a time."""

    def __init__(
        self, settings: Settings, sports: Sports, report: Report, rule: Rule = points_of
    ) -> None:
        self._settings = settings
        self._sports = sports
        self._report = report
        self._rule = rule
        self._ledger = LedgerView.of(settings)
        self._store = PredictionsStore(settings)
        self._catalogue = Catalogue(self._ledger)
        self._games: dict[str, Game] = {}
        self._failing: dict[str, Failing] = {}
        self._backoff = Backoff()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; Fenced if another worker has taken over."""
        lock = lock_of(self._settings)
        try:
            if not await self._lock(lock, stop):
                return
            await self._store.open()
            while not stop.is_set():
                if not await self._turn():
                    with contextlib.suppress(TimeoutError):
                        poll_s = self._settings.projection.worker_poll_s
                        await asyncio.wait_for(stop.wait(), poll_s)
        finally:
            await self._store.close()
            await self._ledger.close()
            await lock.release()

    async def make_anew(self) -> None:
        """Drop every game and make it again from the ledger; CannotStart if a worker is at it."""
        lock = lock_of(self._settings)
        if not await lock.take():
            raise CannotStart("a worker is at the leaderboards", hint="stop the server first")
        try:
            await self._store.open()
            for row in await self._store.games():
                await self._store.drop(row.game)
            while await self._turn():
                pass
        finally:
            await self._store.close()
            await self._ledger.close()
            await lock.release()

    async def _lock(self, lock: WriterLock, stop: asyncio.Event) -> bool:
        """Wait until no other worker is at it; False if it is time to stop."""
        while not stop.is_set():
            with contextlib.suppress(Unavailable):
                if await lock.take():
                    return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOCK_AGAIN_S)
        return False

    async def _turn(self) -> bool:
        """Some steps of every game; False if there was nothing to do."""
        busy = False
        try:
            await self._catalogue.catch_up()
        except Unavailable as error:
            self._report("failed", competition="", error=error.message)
            return False
        for definition in self._catalogue.all():
            slug = definition.slug
            if not self._is_game(definition):
                self._games.pop(slug, None)
                continue
            failing = self._failing.get(slug)
            if failing is not None and time.monotonic() < failing.again_s:
                busy = True
                continue
            busy |= await self._steps(slug)
        if self._store.write_seconds:
            self._report("wrote", seconds=self._store.write_seconds)
            self._store.write_seconds = []
        return busy and not self._failing

    def _is_game(self, definition: Definition) -> bool:
        sport = self._sports.classes.get(definition.sport)
        return sport is not None and sport.apart

    async def _steps(self, slug: str) -> bool:
        """Some steps of a game; one that fails is opened again after a pause that doubles."""
        try:
            game = self._games.get(slug)
            if game is None:
                rows = {row.competition: row for row in await self._store.games()}
                game = self._game(slug)
                await game.open(rows.get(slug))
                self._games[slug] = game
            busy = False
            for _ in range(STEPS_MAX):
                if not await game.step():
                    break
                busy = True
            settled = await game.settle()
            if settled is not None:
                self._report("settled", competition=slug, position=settled)
        except (MemoryError, Fenced):
            raise
        except Exception as error:
            self._games.pop(slug, None)
            failing = self._failing.setdefault(slug, Failing())
            failing.attempts += 1
            failing.again_s = time.monotonic() + self._backoff.pause_s(failing.attempts)
            log.warning("game failed", competition=slug, error=str(error), exc_info=error)
            self._report("failed", competition=slug, error=f"{type(error).__name__}: {error}")
            return False
        self._failing.pop(slug, None)
        return busy

    def _game(self, slug: str) -> Game:
        return Game(
            slug,
            self._ledger,
            self._store,
            self._sports,
            self._settings,
            self._report,
            self._rule,
        )


async def make_anew(settings: Settings, sports: Sports) -> None:
    """Drop every game of the worker's store and make it again, at once."""
    at_once = replace(settings.projection, worker_settle_s=0, worker_publish_s=0)
    quick = replace(settings, projection=at_once)
    await Worker(quick, sports, lambda _event, **_figures: None).make_anew()


def lock_of(settings: Settings) -> WriterLock:
    """Of all processes only one works on a store."""
    url = parse_url(settings.predictions_url)
    if url.get_backend_name() == "postgresql":
        return SessionLock(url, WORKER_KEY)
    folder = Path(settings.data)
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / LOCK_FILE)


def limit_memory(bytes_max: int) -> None:
    """Let this process ask for no more memory than that, where the system has such a limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = bytes_max if hard == resource.RLIM_INFINITY else min(bytes_max, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def give_way() -> None:
    """Let whoever takes events in and answers go first, where processes have priorities."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICENESS)


def say(event: str, **figures: Any) -> None:
    """One line for the supervisor; nobody may be reading it any more."""
    line = msgspec.json.encode({"event": event, **figures}) + b"\n"
    with contextlib.suppress(OSError):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def end_with_parent(stop: Callable[[], object]) -> None:
    """Call `stop` when the standard input ends, and end the process if that does not help."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        stop()
        time.sleep(ORPHAN_GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def settings_from_parent() -> Settings:
    """The settings that a supervisor says first; CannotStart if it says nothing of the kind."""
    try:
        return msgspec.json.decode(sys.stdin.buffer.readline(), type=Settings)
    except msgspec.DecodeError as error:
        raise CannotStart(
            f"no settings came in: {error}", hint="leave --supervised to `scoreboard serve`"
        ) from error


async def work(settings: Settings, *, supervised: bool, rule: Rule = points_of) -> None:
    """Run a worker until a signal, or until its supervisor has gone."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    limit_memory(settings.limits.worker_memory_bytes_max)
    give_way()
    if supervised:
        end_with_parent(lambda: loop.call_soon_threadsafe(stop.set))
    with stop_on_signals(stop):
        await Worker(settings, Sports.installed(), say, rule).run(stop)
