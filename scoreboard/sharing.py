"""One of many processes on one Postgres: who folds, and how the others hear of it.

    append anywhere ─▶ word "head" ─▶ the leader folds ─▶ saves ─▶ word "boards" ─▶ others follow

Every process ingests and serves. The boards of all competitions are folded by the one that holds
the lease `boards`; taking it raises the ledger's epoch, without which nothing is saved. The others
follow what is saved. A leader that ends lets the lease go; one that is killed or frozen is
replaced when it runs out, within `LEASE_S` and a third. A process that finds a lease of its own
lost stops in order, with an error; whoever started it starts it anew, for what it knew may be old.

Words may be lost: everything looks by itself once a second.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

from scoreboard import telemetry
from scoreboard.access.access import Access
from scoreboard.bus.subscription import Subscription
from scoreboard.bus.topic import Topic
from scoreboard.catalogue import Catalogue
from scoreboard.database.engine import parse_url
from scoreboard.database.leases import LEASE_S, Lease
from scoreboard.database.notices import Notices
from scoreboard.errors import Fenced, Unavailable
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.following import Following, Step
from scoreboard.projections.projection import BoardsProjection
from scoreboard.settings import Settings
from scoreboard.telemetry import log

Lead = Callable[[int, asyncio.Event], Coroutine[None, None, None]]
HEAD, BOARDS, REVOKED = "head", "boards", "revoked"
LOOK_EVERY_S = 0.05  # at most so often is the head read because of words


class Sharing:
    """This process among the others; `lead(position, stop)` is called when it is to fold."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        catalogue: Catalogue,
        projection: BoardsProjection,
        access: Access,
        committed: Topic,
        lead: Lead,
    ) -> None:
        url = parse_url(settings.ledger_url)
        self.leading = False
        self.fenced: Fenced | None = None
        self._ledger = ledger
        self._catalogue = catalogue
        self._projection = projection
        self._committed = committed
        self._lead = lead
        self._poll_s = settings.projection.poll_s
        self._lease = Lease(url, "boards")
        self._written = asyncio.Event()
        self._saved = Topic(projection.position)
        self._following = Following(projection)
        self._notices = Notices(
            url,
            {HEAD: self._hear_head, BOARDS: self._hear_boards, REVOKED: access.revoked_elsewhere},
        )
        ledger.on_append.append(lambda position: self._notices.say(HEAD, str(position)))
        projection.saving.on_save.append(lambda at: self._notices.say(BOARDS, str(at)))
        projection.saving.on_fenced.append(self._lease.lost.set)
        access.on_own_revoke.append(lambda key: self._notices.say(REVOKED, key, each=True))
        self.reader: Subscription[Step] = Subscription(
            "boards",
            topic=self._saved,
            read=self._following.read,
            handle=self._following.handle,
            position=projection.position,
            poll_s=settings.projection.poll_s,
        )
        telemetry.LEADING.set_function(lambda: int(self.leading))

    async def open(self) -> None:
        """Take what is saved before anybody asks for it; raises Unavailable."""
        await self._look()

    async def run(self, stop: asyncio.Event) -> None:
        """Follow or lead until `stop` is set, or set it if this process counts as gone."""
        presence = self._ledger.presence
        assert presence is not None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._notices.run(stop), name="notices")
            tasks.create_task(self._keep_up(stop), name="head")
            tasks.create_task(self._watch(presence, stop), name="presence")
            tasks.create_task(self._follow_and_lead(stop), name="boards")

    async def _follow_and_lead(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await self._follow(stop):
                return
            try:
                position = await self._take_over()
            except Unavailable as error:
                log.warning("cannot take the boards over yet", error=error.message)
                await self._lease.release()
                continue
            self.leading = True
            log.info("this process makes the boards now", position=position)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch(self._lease, stop), name="lease")
                tasks.create_task(self._lead(position, stop), name="leading")

    async def close(self) -> None:
        """Let another lead, now that all is saved."""
        await self._lease.release()

    async def _follow(self, stop: asyncio.Event) -> bool:
        """Follow until the lease is ours; False if the process stops before."""
        enough = asyncio.Event()
        following = asyncio.create_task(self.reader.run(enough), name="following")
        try:
            while not stop.is_set():
                try:
                    if await self._lease.take():
                        return True
                except Unavailable as error:
                    log.warning("lease not asked for", error=error.message)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LEASE_S / 3)
            return False
        finally:
            enough.set()
            await following

    async def _take_over(self) -> int:
        """Fence whoever led before, take all that it saved, and say where to go on from."""
        await self._ledger.lead()
        shown = self._projection.position
        position = await self._projection.open()  # from here on nobody else saves
        if position < shown:  # all is made anew: nothing that is shown says what may be
            await self._projection.shelving.anew()
        else:
            await self._look()
        return position

    async def _look(self) -> None:
        await self._following.handle(await self._following.read(0, 1))

    async def _watch(self, lease: Lease, stop: asyncio.Event) -> None:
        """Stop everything in order if a lease is lost; `fenced` then says why."""
        lost, stopped = asyncio.create_task(lease.lost.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([lost, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            stopped.cancel()
        if lease.lost.is_set() and not stop.is_set():
            self.leading = False
            self.fenced = Fenced(
                f"the lease {lease.name} ran out: this process was away for too long",
                hint="start it anew; another goes on meanwhile",
            )
            stop.set()

    async def _keep_up(self, stop: asyncio.Event) -> None:
        """Know the ledger's head and what is defined, as others write."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self._written.set())
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._written.wait(), self._poll_s)
            self._written.clear()
            with contextlib.suppress(Unavailable):
                head = await self._ledger.refresh_head()
                await self._catalogue.catch_up(head.position)
            await asyncio.sleep(LOOK_EVERY_S)

    def _hear_head(self, more: str) -> None:
        if more:
            self._committed.publish(int(more))
        self._written.set()

    def _hear_boards(self, more: str) -> None:
        self._saved.publish(int(more or 0))
        self._saved.wake()
