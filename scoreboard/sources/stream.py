"""NDJSON of any length: read in batches, answered line by line in order, as they are committed.

    receive ─▶ lines ─▶ gate (one batch at a time) ─▶ spool ─▶ writer task ─▶ send

While a batch is with the gate, nothing is read, so that a sender is never faster than the ledger.
The answer begins with the first commit: what is wrong before it (no such competition, a ledger that
cannot be written) is an answer of its own. Later the lines concerned say so, and the stream ends;
the sender repeats from the first line without an answer, and nothing is doubled.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from starlette.types import Receive, Scope, Send

from scoreboard.access.access import Access
from scoreboard.errors import ScoreboardError, TooFast, Unavailable
from scoreboard.facts.roles import Principal
from scoreboard.http.body import lines, stream
from scoreboard.http.endpoint import NDJSON
from scoreboard.ingest.decoding import read_one
from scoreboard.ingest.gate import Gate
from scoreboard.settings import Limits
from scoreboard.sources.replies import encode_lines, result_of
from scoreboard.sources.spool import Spool

LINES_MAX = 1_000  # lines with the gate at once


class EventStream:
    """One NDJSON request."""

    def __init__(
        self, gate: Gate, access: Access, limits: Limits, principal: Principal, competition: str
    ) -> None:
        self._gate = gate
        self._access = access
        self._limits = limits
        self._principal = principal
        self._competition = competition
        self._spool = Spool(limits.spool_bytes_max)
        self._answering: asyncio.Task[None] | None = None

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read all lines and answer each; raises what is wrong before the first answer."""
        try:
            await self._gate.ensure_known(self._competition)
            await self._read(receive, send)
            self._begin(send)
            self._spool.end()
            assert self._answering is not None
            await self._answering
        finally:
            if self._answering is not None:
                self._answering.cancel()
                await asyncio.gather(self._answering, return_exceptions=True)
            self._spool.close()

    async def _read(self, receive: Receive, send: Send) -> None:
        batches = lines(
            stream(receive), line_bytes_max=self._limits.body_bytes_max, lines_max=LINES_MAX
        )
        async for batch, unreadable in _until_error(batches):
            error = unreadable or await self._take(batch, send)
            if error is None:
                continue
            if self._answering is None:
                raise error
            self._spool.put(encode_lines([result_of(error)] * max(1, len(batch))))
            return

    async def _take(self, batch: Sequence[bytes], send: Send) -> ScoreboardError | None:
        events = [read_one(line) for line in batch]
        try:
            await self._spend(len(events))
            outcomes = await self._gate.submit(
                self._principal, self._competition, events, source=self._principal.name
            )
        except Unavailable as error:
            return error
        self._spool.put(encode_lines([result_of(outcome) for outcome in outcomes]))
        self._begin(send)
        # Where every line is refused nothing else waits: the answers, and others, get their turn.
        await asyncio.sleep(0)
        return None

    async def _spend(self, events: int) -> None:
        """Wait until the key's limit lets the batch pass; nothing is read meanwhile."""
        while True:
            try:
                await self._access.spend(self._principal, events)
            except TooFast as error:
                await asyncio.sleep(error.retry_after_s or 1.0)
            else:
                return

    def _begin(self, send: Send) -> None:
        if self._answering is None:
            self._answering = asyncio.create_task(self._write(send))

    async def _write(self, send: Send) -> None:
        headers = [(b"content-type", NDJSON.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while data := await self._spool.take():
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_error(
    batches: AsyncIterator[list[bytes]],
) -> AsyncIterator[tuple[list[bytes], ScoreboardError | None]]:
    """The batches, and at last the error that ended them."""
    try:
        async for batch in batches:
            yield batch, None
    except ScoreboardError as error:
        yield [], error
