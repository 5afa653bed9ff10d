"""All destinations: which messages are gathered for them, and how many may wait.

A message stays in the outbox until every destination that needs it has taken it. A destination for
which more wait than `outbox_rows_max` or `outbox_bytes_max` is let go of: its messages go, and once
its broker is back it takes up boards as they are then, whole. So nothing grows, and nobody is left
with a gap that he is not told of.
"""

import asyncio

from scoreboard import telemetry
from scoreboard.brokers.endless import BACKOFF, until_stopped
from scoreboard.bus.topic import Topic
from scoreboard.catalogue import Catalogue
from scoreboard.egress.delivery import LOOK_AGAIN_S, Boards, Delivery
from scoreboard.egress.opening import ensure_ready
from scoreboard.errors import CannotStart
from scoreboard.projections.outbox import Mark, Outbox
from scoreboard.projections.projection import BoardsProjection
from scoreboard.settings.brokers import Egress as Settings
from scoreboard.telemetry import log

EVERYTHING = 2**63 - 1


class Egress:
    """Computed messages on their way outside, by the one process that folds."""

    def __init__(
        self, settings: Settings, projection: BoardsProjection, catalogue: Catalogue
    ) -> None:
        """CannotStart if the library of a broker is missing, or two destinations share a name."""
        self._settings = settings
        self._projection = projection
        self._catalogue = catalogue
        self._saved = Topic()
        self._outbox = Outbox(projection.store)
        boards = Boards(
            ledger=lambda: projection.ledger.head.ledger,
            hidden=self._hidden,
            saved=self._saved,
            gathering=self._gathering,
        )
        self._deliveries: list[Delivery] = []
        names = [destination.name for destination in settings.broker]
        if len(set(names)) < len(names):
            raise CannotStart("two brokers of egress have one name", hint="name each differently")
        for destination in settings.broker:
            ensure_ready(destination)
            one = Delivery(destination, self._outbox, boards, settings.batch_messages_max)
            one.on_advance = self._keep
            self._deliveries.append(one)
        projection.saving.on_save.append(lambda _at: self._saved.publish(self._saved.value + 1))

    def _hidden(self, competition: str) -> bool:
        definition = self._catalogue.get(competition)
        if definition is None or not definition.frozen:
            return False
        sport = self._projection.loading.sports.classes.get(definition.sport)
        return sport is not None and sport.apart

    def gather(self) -> None:
        """Put into the outbox what anybody may need, from now on; for whoever begins to fold."""
        self._projection.saving.audiences = {one.audience for one in self._deliveries}

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; whatever fails fails here alone."""
        if self._deliveries:
            await until_stopped(self._run(stop), stop)

    async def _run(self, stop: asyncio.Event) -> None:
        await self._open()
        async with asyncio.TaskGroup() as tasks:
            for one in self._deliveries:
                tasks.create_task(one.run(stop), name=f"to {one.name}")
            tasks.create_task(self._watch(), name="outbox")

    async def _open(self) -> None:
        """Learn how far each destination has come."""
        attempts = 0
        while True:
            try:
                marks = await self._outbox.marks()
            except Exception as error:
                attempts += 1
                log.warning("outbox not read yet", error=str(error))
                await asyncio.sleep(BACKOFF.pause_s(attempts))
                continue
            break
        for one in self._deliveries:
            audience, mark = marks.get(one.name, ("", Mark()))
            if audience == one.audience:
                one.resume(mark)
        self._choose()

    def _choose(self) -> None:
        """Gather messages for those destinations alone that need them."""
        needing: set[str] = {one.audience for one in self._deliveries if one.needs is not None}
        self._projection.saving.audiences = needing

    async def _gathering(self) -> None:
        head = self._projection.ledger.head.position
        while not await self._projection.rendered.reach(head, LOOK_AGAIN_S):
            pass
        self._choose()
        await self._projection.saving.finish()  # it may have begun before

    async def _keep(self) -> None:
        """Keep marks, and let go of what nobody needs."""
        needed = min(
            (one.needs.sequence for one in self._deliveries if one.needs is not None),
            default=EVERYTHING,
        )
        marks = {
            one.name: (one.audience, one.durable)
            for one in self._deliveries
            if one.durable is not None
        }
        await self._outbox.keep(marks, needed)

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:  # asked again; what it measures stands as it was
                log.warning("outbox not looked at", error=str(error))
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _look(self) -> None:
        end = await self._outbox.end()
        for one in self._deliveries:
            needs = one.needs or end
            lag = end.sequence - needs.sequence
            telemetry.EGRESS_LAG.labels(one.name).set(lag)
            telemetry.EGRESS_BEHIND.labels(one.name).set(int(one.mark is None))
            if (
                lag > self._settings.outbox_rows_max
                or end.octets - needs.octets > self._settings.outbox_bytes_max
            ):
                one.fall_behind()
                self._choose()
                await self._keep()
