"""The one writer: callers queue, one transaction takes what waits, all are answered.

    append ──▶ singles ─┐
    append ──▶ bulk ────┴─▶ take (bounded) ─▶ one transaction ─▶ tail, head ─▶ answers ─▶ on_commit

At low load nobody waits: what is there is taken at once. Callers who were answered together get one
turn of the loop to ask again together. Requests of one draft have a lane before bulk, which always
keeps a quarter of a commit. Bulk that is not atomic is split over commits. The queue is bounded by
events and bytes; past it callers hear Unavailable at once. A caller that goes away takes nothing
with it: what was queued is written.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from time import perf_counter
from typing import Any

from scoreboard import telemetry
from scoreboard.database.script import Duplicate, Runner, Script
from scoreboard.errors import Fenced, Unavailable
from scoreboard.facts.entry import Fate, Head, Refused
from scoreboard.ledger.append import Committed, Fence, advance, append, is_plain_all
from scoreboard.ledger.plan import Request
from scoreboard.settings import Limits

RETRY_AFTER_S = 1.0
SINGLES_SHARE = 0.75  # of a commit, while bulk waits


class Job:
    """One caller's request on its way; `fates` grows as bulk is written slice by slice."""

    __slots__ = ("asked_s", "bytes", "done", "fates", "request")

    def __init__(self, request: Request, done: "asyncio.Future[list[Fate]]") -> None:
        self.request = request
        self.done = done
        self.fates: list[Fate] = []
        self.bytes = sum(draft.bytes for draft in request.drafts)
        self.asked_s = perf_counter()

    @property
    def whole(self) -> bool:
        """Whether all its drafts must go into one commit."""
        return self.request.atomic or self.request.basis is not None

    @property
    def left(self) -> int:
        """How many drafts have no fate yet."""
        return len(self.request.drafts) - len(self.fates)

    def slice(self, events_max: int) -> Request:
        """The next drafts to write: all if they belong together."""
        done = len(self.fates)
        if self.whole or (done == 0 and len(self.request.drafts) <= events_max):
            return self.request
        return Request(self.request.drafts[done : done + events_max])

    def fail(self, error: Exception) -> None:
        """Answer with the error, or, if part of it is written, say so draft by draft."""
        if self.done.done():
            return
        if self.fates and isinstance(error, Unavailable):
            rest = Refused(error.code, error.message, error.hint)
            self.done.set_result([*self.fates, *[rest] * self.left])
        else:
            self.done.set_exception(error)


Taken = list[tuple[Job, Request]]


class Writer:
    """The queue and what empties it, one commit at a time.

    Plain drafts after a known head, which is nearly all there is, go to the database straight from
    the call that asks for it, and the answer comes straight from the commit: each task on the way
    would cost a caller who is alone a tenth of its time. Everything else is a task's.

    `known` is asked for the head before each commit; where it answers None, `ready` finds out and
    may raise Unavailable or Fenced. `committed` hears of each durable commit before its callers
    are answered; `failed` of each failure.
    """

    def __init__(
        self,
        runner: Runner,
        limits: Limits,
        *,
        clock: Callable[[], int],
        fence: Fence,
        known: Callable[[], Head | None],
        ready: Callable[[], Awaitable[Head]],
        committed: Callable[[Committed], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._runner = runner
        self._limits = limits
        self._clock = clock
        self._fence = fence
        self._known = known
        self._ready = ready
        self._committed = committed
        self._failed = failed
        self._singles: deque[Job] = deque()
        self._bulk: deque[Job] = deque()
        self._events = 0
        self._bytes = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._alone = True  # whether the last commit was for one caller
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._fenced: Fenced | None = None
        telemetry.QUEUE.set_function(lambda: self._events)
        telemetry.QUEUE_BYTES.set_function(lambda: self._bytes)

    async def submit(self, request: Request) -> list[Fate]:
        """Queue a request and wait for its fate; raises Unavailable or Fenced."""
        if self._fenced is not None:
            raise self._fenced
        loop = asyncio.get_running_loop()
        job = Job(request, loop.create_future())
        self._enqueue(job)
        if self._idle.is_set():
            self._idle.clear()
            self._go_on()
        return await job.done

    async def close(self) -> None:
        """Write what is queued, then stop."""
        self._closing = True
        await self._idle.wait()

    def _enqueue(self, job: Job) -> None:
        limits = self._limits
        events = self._events + len(job.request.drafts)
        size = self._bytes + job.bytes
        if self._closing:
            raise Unavailable("the server is stopping", retry_after_s=RETRY_AFTER_S)
        full = events > limits.queue_events_max or size > limits.queue_bytes_max
        if full and self._events:
            raise Unavailable("too many events wait to be written", retry_after_s=RETRY_AFTER_S)
        self._count(len(job.request.drafts), job.bytes)
        (self._singles if len(job.request.drafts) == 1 else self._bulk).append(job)

    def _count(self, events: int, size: int) -> None:
        self._events += events
        self._bytes += size

    def _go_on(self) -> None:
        """Begin the next commit; callers who were answered together may ask again together."""
        if self._alone:
            self._next()
        else:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """Begin the next commit, if anything waits."""
        if not (self._singles or self._bulk):
            self._idle.set()
            return
        taken = self._take()
        self._alone = len(taken) == 1
        requests = [request for _job, request in taken]
        head = self._known()
        if head is None or not is_plain_all(requests):
            self._in_task(self._write(taken, look=False))
            return
        asked_s, ended = perf_counter(), telemetry.begun("commit")

        def done(committed: Committed | None, error: BaseException | None) -> None:
            ended()
            telemetry.COMMIT_SECONDS.observe(perf_counter() - asked_s)
            if committed is not None:
                self._answer(taken, committed)
                self._go_on()
            elif error is None or isinstance(error, Duplicate):
                self._in_task(self._write(taken, look=error is not None))
            else:
                self._in_task(self._refuse(taken, error))

        self._runner.start(
            lambda: advance(requests, head=head, fence=self._fence, clock=self._clock), done
        )

    def _in_task(self, work: Coroutine[Any, Any, None]) -> None:
        async def then_next() -> None:
            try:
                await work
            finally:
                self._go_on()

        self._task = asyncio.get_running_loop().create_task(then_next(), name="ledger-writer")

    def _take(self) -> Taken:
        events_left = self._limits.commit_events_max
        bytes_left = self._limits.commit_bytes_max
        kept_for_bulk = int(events_left * (1 - SINGLES_SHARE)) if self._bulk else 0
        taken: Taken = []
        while self._singles and (not taken or (events_left > kept_for_bulk and bytes_left > 0)):
            job = self._singles.popleft()
            taken.append((job, job.request))
            events_left -= 1
            bytes_left -= job.bytes
        while self._bulk and (not taken or (events_left > 0 and bytes_left > 0)):
            job = self._bulk[0]
            if taken and job.whole and (job.left > events_left or job.bytes > bytes_left):
                break
            part = job.slice(max(1, events_left))
            taken.append((job, part))
            events_left -= len(part.drafts)
            bytes_left -= job.bytes * len(part.drafts) // len(job.request.drafts)
            if len(part.drafts) < job.left:
                break
            self._bulk.popleft()
        return taken

    async def _write(self, taken: Taken, *, look: bool) -> None:
        try:
            committed = await self._transact([request for _job, request in taken], look)
        except BaseException as error:
            await self._refuse(taken, error)
            if not isinstance(error, Exception):
                raise
        else:
            self._answer(taken, committed)

    async def _transact(self, requests: list[Request], look: bool) -> Committed:
        def script() -> Script[Committed]:
            return append(requests, fence=self._fence, clock=self._clock, look=look)

        await self._ready()
        asked_s, ended = perf_counter(), telemetry.begun("commit")
        try:
            return await self._runner.run(script)
        except Duplicate:
            if look:
                raise
            look = True
            return await self._runner.run(script)
        finally:
            ended()
            telemetry.COMMIT_SECONDS.observe(perf_counter() - asked_s)

    async def _refuse(self, taken: Taken, error: BaseException) -> None:
        if isinstance(error, Unavailable) or not isinstance(error, Exception):
            self._give_up(taken, error)
        elif len(taken) == 1:
            telemetry.log.exception("append failed", error=str(error), exc_info=error)
            self._give_up(taken, error)
        else:
            # Something that the database does not take: each alone, so that only that one fails.
            for one in taken:
                await self._write([one], look=False)

    def _answer(self, taken: Taken, committed: Committed) -> None:
        if committed.rows:
            telemetry.COMMIT_EVENTS.observe(len(committed.rows))
        self._committed(committed)
        now_s = perf_counter()
        for (job, request), fates in zip(taken, committed.fates, strict=True):
            job.fates = [*job.fates, *fates] if job.fates else fates
            self._count(-len(request.drafts), 0)
            if job.left == 0:
                self._count(0, -job.bytes)
                telemetry.APPEND_SECONDS.observe(now_s - job.asked_s)
                if not job.done.done():
                    job.done.set_result(job.fates)

    def _give_up(self, taken: Taken, error: BaseException) -> None:
        if isinstance(error, Fenced):
            self._fenced = error
        if not isinstance(error, Exception):
            error = Unavailable("the server is stopping", retry_after_s=RETRY_AFTER_S)
        self._failed(error)
        for job, _request in taken:
            if self._bulk and self._bulk[0] is job:
                self._bulk.popleft()
            self._count(-job.left, -job.bytes)
            job.fail(error)
