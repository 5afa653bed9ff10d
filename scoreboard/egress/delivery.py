"""One destination: from the outbox to its broker, for ever.

    no mark ─▶ every board as it is, whole ─▶ what came since ─▶ mark ─▶ what came since ─▶ ...
                  ▲                                                │
                  └───── too far behind: its messages are gone ◀───┘

Messages of different contests are on their way at once; of one contest the next is sent when the
one before has been acknowledged. What fails is tried again for ever, with pauses that double.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from scoreboard import telemetry
from scoreboard.brokers import Refused
from scoreboard.brokers.endless import Endless
from scoreboard.bus.topic import Topic
from scoreboard.egress.opening import opened
from scoreboard.egress.senders import Sender
from scoreboard.projections.computed import Message, restated
from scoreboard.projections.outbox import Mark, Outbox, Waiting
from scoreboard.settings.brokers import Destination
from scoreboard.telemetry import log

LOOK_AGAIN_S = 1.0
CONTESTS_AT_ONCE = 64


class Behind(Exception):
    """What this destination needs next was let go."""


class Boards(Struct, frozen=True):
    """What a destination must know of the boards.

    `ledger`: its id. `hidden`: whether boards that are made elsewhere are kept from the public by a
    freeze. `saved`: counts saves. `gathering`: returns once boards have come as far as the ledger,
    and every save puts into the outbox what destinations need.
    """

    ledger: Callable[[], str]
    hidden: Callable[[str], bool]
    saved: Topic
    gathering: Callable[[], Awaitable[None]]


class Delivery:
    """A destination. `mark`: how far it has come; None: it has to take boards as they are first.

    `needs`: it needs what came after this; None: it needs nothing of what there is.
    """

    def __init__(
        self, destination: Destination, outbox: Outbox, boards: Boards, batch_max: int
    ) -> None:
        self.name = destination.name
        self.audience = destination.audience
        self.mark: Mark | None = None
        self.needs: Mark | None = None
        self.on_advance: Callable[[], Awaitable[None]]
        self._destination = destination
        self._outbox = outbox
        self._boards = boards
        self._batch_max = batch_max
        self._passed: dict[str, Mark] = {}  # by competition: what its boards had in them already
        self._done: set[int] = set()  # beyond the mark
        self._falls = 0
        self._sent = telemetry.EGRESS_SENT.labels(self.name)
        self._attempts = Endless(self.name, telemetry.EGRESS_FAILURES.labels(self.name))
        self._refused = telemetry.EGRESS_REFUSED.labels(self.name)
        self._restarts = telemetry.EGRESS_RESTARTS.labels(self.name)

    @property
    def durable(self) -> Mark | None:
        """The mark to go on from after a restart; None: with the boards as they are then."""
        return None if self._passed else self.mark

    def resume(self, mark: Mark) -> None:
        """Go on from a mark that was kept."""
        self.mark = self.needs = mark

    def fall_behind(self) -> None:
        """What it needs is let go: it takes boards as they are once its broker is back."""
        self._forget()
        self._restarts.inc()
        log.warning(
            "destination too far behind: it will begin with the boards as they are then",
            destination=self.name,
        )

    def _forget(self) -> None:
        self._falls += 1
        self.mark = self.needs = None
        self._passed, self._done = {}, set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; to be cancelled then, as a broker may not answer."""

        async def work() -> None:
            with contextlib.suppress(Behind):
                async with opened(self._destination) as sender:
                    await self._serve(sender, stop)

        await self._attempts.run(work, stop)

    async def _serve(self, sender: Sender, stop: asyncio.Event) -> None:
        if self.mark is None:
            await self._begin(sender)
        while not stop.is_set():
            seen = self._boards.saved.value
            if not await self._next(sender):
                await self._boards.saved.beyond(seen, LOOK_AGAIN_S)

    async def _begin(self, sender: Sender) -> None:
        """Every board as it is, each competition as of one moment; then goes on from the first."""
        self._forget()
        falls = self._falls
        self.needs = await self._outbox.end()
        try:
            await self._boards.gathering()
            start = await self._outbox.end()
            for competition in await self._outbox.competitions():
                hidden = self._boards.hidden(competition)
                documents, mark = await self._outbox.boards(
                    competition, self.audience, hidden=hidden
                )
                self._passed[competition] = mark
                ledger = self._boards.ledger()
                for document in documents:
                    await self._send(sender, restated(ledger, self.audience, document))
        except BaseException:
            self._forget()
            raise
        if self._falls != falls:
            raise Behind
        await self._advance(start)

    async def _advance(self, mark: Mark) -> None:
        """All up to a mark is taken: keep it, so that a restart goes on from there."""
        self.mark = self.needs = mark
        if all(passed <= mark for passed in self._passed.values()):
            self._passed = {}
        await self.on_advance()

    async def _next(self, sender: Sender) -> bool:
        """Send the next messages; False if there are none."""
        falls, mark = self._falls, self.mark
        assert mark is not None
        taken = await self._outbox.read(self.audience, mark, self._batch_max)
        await self._send_all(sender, [one for one in taken.messages if self._is_new(one)])
        if self._falls != falls:
            raise Behind
        self._done = set()
        if taken.mark != mark:
            await self._advance(taken.mark)
        return bool(taken.messages)

    def _is_new(self, one: Waiting) -> bool:
        passed = self._passed.get(one.message.competition)
        return one.mark.sequence not in self._done and (passed is None or one.mark > passed)

    async def _send_all(self, sender: Sender, waiting: Sequence[Waiting]) -> None:
        """Send what waits, each contest's messages in order; raises what one of them failed with.

        Whatever was acknowledged is not sent again.
        """
        by_contest: dict[tuple[str, str], list[Waiting]] = {}
        for one in waiting:
            by_contest.setdefault((one.message.competition, one.message.contest), []).append(one)
        turns = asyncio.Semaphore(CONTESTS_AT_ONCE)

        async def send(of_one: Sequence[Waiting]) -> None:
            async with turns:
                for one in of_one:
                    await self._send(sender, [one.message])
                    self._done.add(one.mark.sequence)

        outcomes = await asyncio.gather(*map(send, by_contest.values()), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _send(self, sender: Sender, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                await sender.send(message)
            except Refused as error:
                self._refused.inc()
                log.error(
                    "message left out: the broker will never take it",
                    destination=self.name,
                    id=message.id,
                    error=str(error),
                )
            else:
                self._sent.inc()
            self._attempts.works()
