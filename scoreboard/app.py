"""Builds every object, and starts and stops them in order; with `doors` it alone knows all rooms.

    start   ledger ▸ catalogue, keys ▸ read store, projection ▸ listeners
    stop    streams say bye ▸ listeners ▸ projection saves ▸ ledger

An event's way: `sources` ▸ `ingest` ▸ `ledger`, whose commit wakes the topic that the projection
waits on; the projection puts documents on the shelf, and the shelf tells the streams.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.types import ASGIApp

from scoreboard.access.access import Access
from scoreboard.admin.log_streams import LogStreams
from scoreboard.admin.rehearsals import Rehearsals
from scoreboard.boards.audience import Audience
from scoreboard.boards.select import NEIGHBOURS
from scoreboard.bus.subscription import BATCH_ENTRIES_MAX, Subscription
from scoreboard.bus.topic import Topic
from scoreboard.catalogue import Catalogue
from scoreboard.doors import application
from scoreboard.egress.keeping import Egress
from scoreboard.errors import Unavailable
from scoreboard.facts.entry import Entry
from scoreboard.http.listeners import EVERYWHERE, Listener, bind, serve
from scoreboard.ingest.gate import Gate
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.replica import ReplicaView, past_of
from scoreboard.ops.child import Child
from scoreboard.ops.displays import Displays
from scoreboard.ops.jobs import Jobs
from scoreboard.ops.nearby import Nearby
from scoreboard.ops.siblings import Siblings
from scoreboard.predictions.reading import Predictions
from scoreboard.predictions.showing import Leaderboards
from scoreboard.projections.explaining import Explaining
from scoreboard.projections.history import History
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.render import CONTESTS
from scoreboard.projections.shadow import Shadow
from scoreboard.projections.store import ReadStore
from scoreboard.settings import DOORS, Door, Settings, Way
from scoreboard.sharing import Sharing
from scoreboard.sources.broker import BrokerSources
from scoreboard.sources.presence import Presence
from scoreboard.sports.registry import Sports
from scoreboard.telemetry import log

if TYPE_CHECKING:
    from scoreboard.access.player_access import PlayerAccess

WORKER = (sys.executable, "-m", "scoreboard", "worker", "--supervised")
CATCH_UP_S = 0.5  # of the time to stop


class App:
    """One running program."""

    def __init__(self, settings: Settings, ledger: Ledger, sports: Sports) -> None:
        self.settings = settings
        self.ledger = ledger
        self.sports = sports
        self.past = past_of(ledger, settings)
        self.catalogue = Catalogue(ledger)
        self.access = Access(ledger, settings)
        self.players = None if settings.players_port is None else _player_access(settings)
        self.gate = Gate(ledger, self.catalogue, sports, self._official, self.keep_pace)
        self.sources = BrokerSources(
            settings.sources, self.gate, self.access, settings.limits.body_bytes_max
        )
        self.projection = BoardsProjection(settings, ledger, sports, ReadStore(settings))
        self.history = History(self.projection, NEIGHBOURS, self.past)
        self.explaining = Explaining(self.projection, self.history)
        self.shadow = Shadow(self.projection)
        self.egress = Egress(settings.egress, self.projection, self.catalogue)
        limits = settings.limits
        self.public = Audience(self.projection.public_shelf, limits, public=True)
        self.officials = Audience(self.projection.shelf, limits, public=False)
        self.access.on_revoke.append(self.officials.streams.revoked)
        self.catalogue.on_over.append(self._over)
        self.predictions = Predictions(settings)
        self.leaderboards = Leaderboards(
            self.predictions,
            self.catalogue,
            self.projection.shelf,
            self.projection.public_shelf,
            lambda: ledger.head.ledger,
            settings.limits.wait_after_s,
            self.projection.shelving.bring,
        )
        self.jobs = Jobs(self.leaderboards.wake, self.leaderboards.settled)
        self.worker = Child(
            "worker",
            WORKER,
            greeting=msgspec.json.encode(settings),
            wanted=lambda: bool(self.leaderboards.games()),
            heard=self.jobs.heard,
        )
        self.nearby = Nearby(settings)
        self.presence = Presence()
        self._signed = 0  # the last position whose head is signed, by this process
        self.committed = Topic(ledger.head.position)
        ledger.on_commit.append(self.committed.publish)
        self.displays = Displays(ledger, self.committed)
        self.rehearsals = Rehearsals(
            self.gate, ledger, self.catalogue, sports, settings.limits, self.displays
        )
        self.log = LogStreams(ledger, self.committed, limits)
        self.access.on_revoke.append(self.log.revoked)
        self.admin_key: str | None = None
        self.on_admin_key: Callable[[str], None] = lambda _key: None  # made after the start
        self.reader: Subscription[Any]
        self.sharing: Sharing | None = None
        self.siblings: Siblings | None = None  # whoever made several of them says it before doors

    @classmethod
    async def open(
        cls,
        settings: Settings,
        sports: Sports | None = None,
        *,
        anew: bool = False,
        new_admin_key: bool = False,
    ) -> "App":
        """Everything up to the listeners; CannotStart says what is in the way."""
        ledger = await Ledger.open(settings)
        try:
            app = cls(settings, ledger, sports or Sports.installed())
            await app.catalogue.catch_up()
            if settings.shared:
                await app._open_shared()
                return app
            if not anew:  # whoever only makes boards again has nobody to show a key to
                app.admin_key = await app.access.ensure_admin(one_more=new_admin_key)
            app.reader = app._boards(await app.projection.open(anew=anew))
        except BaseException:
            await ledger.close()
            raise
        return app

    def _boards(self, position: int) -> Subscription[Entry]:
        """The reader by which this process folds."""

        async def read(after: int, limit: int) -> list[Entry]:
            if self.sharing is not None and after >= self.ledger.head.position:
                await self.ledger.refresh_head()
            return await self.ledger.read(after, limit=limit)

        return Subscription(
            "boards",
            topic=self.committed,
            read=read,
            handle=self.projection.handle,
            idle=self.projection.idle,
            position=position,
            poll_s=self.settings.projection.poll_s,
        )

    async def _open_shared(self) -> None:
        self.sharing = Sharing(
            self.settings,
            self.ledger,
            self.catalogue,
            self.projection,
            self.access,
            self.committed,
            self._lead,
        )
        await self.sharing.open()
        self.reader = self.sharing.reader

    async def _lead(self, position: int, stop: asyncio.Event) -> None:
        """Fold for all processes until `stop` is set."""
        self.reader = self._boards(position)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fold(stop), name="folding")
            tasks.create_task(self._ensure_admin(stop), name="first key")

    async def _ensure_admin(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                self.admin_key = await self.access.ensure_admin(one_more=False)
            except Unavailable as error:
                log.warning("no admin key made yet", error=error.message)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), error.retry_after_s)
                continue
            if self.admin_key is not None:
                self.on_admin_key(self.admin_key)
            return

    async def _fold(self, stop: asyncio.Event) -> None:
        self.egress.gather()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.reader.run(stop), name="boards")
            tasks.create_task(self.rehearsals.clear(), name="what rehearsals left")
            tasks.create_task(self.shadow.run(stop), name="shadow")
            tasks.create_task(self.egress.run(stop), name="egress")
            tasks.create_task(self.sign_heads(stop), name="signatures")
            tasks.create_task(self.worker.run(stop), name="worker")
            tasks.create_task(self.leaderboards.run(stop), name="leaderboards")

    def _over(self, competition: str) -> None:
        """Show nothing more of a competition that was taken back; those who follow it are told."""
        self.projection.shelving.drop(competition)
        for audience in (self.public, self.officials):
            audience.streams.over(competition)

    async def keep_pace(self) -> None:
        """Hold who sends batches until the boards are near, for a while."""
        limits = self.settings.limits
        if self.sharing is not None and not self.sharing.leading:
            wanted = self.ledger.head.position - limits.bulk_ahead_entries_max
            await self.projection.rendered.reach(wanted, limits.bulk_pause_s)
        else:
            await self.reader.near(limits.bulk_ahead_entries_max, limits.bulk_pause_s)

    async def _official(self, slug: str) -> set[str]:
        """The contests of a competition whose result is official."""
        await self.projection.until_shown(self.ledger.head.position)
        await self.projection.shelving.bring(slug)
        board = self.projection.shelf.get(slug, CONTESTS)
        rows = board.content["rows"].items() if board else ()
        return {contest for contest, row in rows if row.get("result") == "official"}

    async def _catch_up(self) -> None:
        """Fold what was said last before it is saved (bounded): an erasure above all."""
        until_s = monotonic() + CATCH_UP_S
        while self.projection.position < self.ledger.head.position and monotonic() < until_s:
            try:
                entries = await self.ledger.read(self.projection.position, limit=BATCH_ENTRIES_MAX)
                await self.projection.handle(entries)
            except Exception as error:
                log.warning("boards are behind at the stop", error=str(error))
                return

    async def close(self) -> None:
        """Save and let go of everything."""
        folds = self.sharing is None or self.sharing.leading
        await self.rehearsals.close()
        try:
            if folds:
                await self._catch_up()
            await self.projection.close(save=folds)
        except Exception as error:
            # Nothing is lost: what was not saved is folded again from the ledger.
            log.warning("boards not saved at the end", error=str(error))
        if folds:
            await self._sign_head()
        await self.predictions.close()
        await self.access.close()
        if self.players is not None:
            await self.players.close()
        if self.sharing is not None:
            await self.sharing.close()
        if isinstance(self.past, ReplicaView):
            await self.past.close()
        await self.ledger.close()

    async def sign_heads(self, stop: asyncio.Event) -> None:
        """Sign the ledger's head now and then, so that a tail that was cut off is missed."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.settings.sign_every_s)
            await self._sign_head()

    async def _sign_head(self) -> None:
        if self.ledger.head.position == self._signed:
            return
        try:
            await self.ledger.sign_head()
        except Exception as error:
            log.warning("head not signed", error=str(error))
        else:
            self._signed = self.ledger.head.position

    # doors --------------------------------------------------------------------------------------

    def door(self, door: Door) -> ASGIApp:
        """The application of one listener."""
        return application(self, door)

    def listeners(self, sockets: Mapping[Way, socket]) -> list[Listener]:
        """The listeners on their sockets; what stands behind TLS is what stands before it."""
        self.nearby.open(sockets)
        doors = {door: self.door(door) for door in {DOORS[way] for way in sockets}}
        return [
            Listener(
                name=way,
                socket=bound,
                app=doors[DOORS[way]],
                tls=self.nearby.tls if way.endswith("-tls") else None,
                connections_max=self.settings.limits.connections_max,
                message_bytes_max=self.settings.limits.socket_message_bytes_max,
            )
            for way, bound in sockets.items()
        ]

    def _shown(self) -> set[str]:
        """The keys and sessions that let open streams in."""
        return self.officials.streams.shown() | self.log.shown()

    async def run(
        self,
        listeners: list[Listener],
        stop: asyncio.Event,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Follow the ledger and answer until `stop` is set; Fenced if others go on without us."""
        async with asyncio.TaskGroup() as tasks:
            folding = self._fold(stop) if self.sharing is None else self.sharing.run(stop)
            tasks.create_task(folding, name="boards")
            tasks.create_task(self.sources.run(stop), name="sources")
            tasks.create_task(self.nearby.run(stop), name="nearby")
            tasks.create_task(self.displays.run(stop), name="displays")
            tasks.create_task(self.public.streams.run(stop), name="public streams")
            tasks.create_task(self.officials.streams.run(stop), name="officials' streams")
            tasks.create_task(self.log.run(stop), name="log")
            looking = self.access.look_again(self._shown, stop)
            tasks.create_task(looking, name="keys and sessions of streams")
            await serve(listeners, stop, ready=ready)
        if self.sharing is not None and self.sharing.fenced is not None:
            raise self.sharing.fenced


def _player_access(settings: Settings) -> "PlayerAccess":
    """The guard of the players' listener; what it needs is imported only where there is one."""
    from scoreboard.access.player_access import PlayerAccess

    return PlayerAccess(settings)


@contextlib.contextmanager
def bound(settings: Settings) -> Iterator[dict[Way, socket]]:
    """The listeners' sockets, private first, closed at the end.

    They are had before anything else is begun: a busy port leaves no trace in the data folder.
    """
    tls = settings.tls
    wanted: dict[Way, tuple[str, int | None]] = {
        "private": (settings.private_host, settings.private_port),
        "public": (settings.public_host, settings.public_port),
        "players": (settings.players_host, settings.players_port),
        "private-tls": (settings.private_host, settings.private_tls_port if tls else None),
        "public-tls": (settings.public_host, settings.public_tls_port if tls else None),
    }
    with contextlib.ExitStack() as stack:
        sockets: dict[Way, socket] = {}
        for way, (host, port) in wanted.items():
            if port is not None:
                where = EVERYWHERE if DOORS[way] in settings.lan else host
                sockets[way] = stack.enter_context(bind(where, port, way))
        yield sockets


@contextlib.asynccontextmanager
async def running(settings: Settings, sports: Sports | None = None) -> AsyncIterator["Running"]:
    """A whole program on real sockets while the block lasts."""
    with bound(settings) as sockets:
        app = await App.open(settings, sports)
        try:
            listeners = app.listeners(sockets)
            stop, ready = asyncio.Event(), asyncio.Event()
            task = asyncio.create_task(app.run(listeners, stop, ready.set))
            started = asyncio.create_task(ready.wait())
            await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                started.cancel()
                await task
            try:
                yield Running(app, listeners, sockets)
            finally:
                stop.set()
                await task
        finally:
            await app.close()


class Running:
    """Where a running program answers, and the key that may do everything."""

    def __init__(self, app: App, listeners: list[Listener], sockets: Mapping[Way, socket]) -> None:
        self.app = app
        self.sockets = sockets
        self.listeners = listeners
        self.urls = {listener.name: listener.url for listener in listeners}
        self.private_url, self.public_url = self.urls["private"], self.urls["public"]

    @property
    def admin_key(self) -> str:
        """The admin key that was made by this process; "" if there was one."""
        return self.app.admin_key or ""
