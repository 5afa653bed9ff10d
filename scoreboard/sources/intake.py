"""One origin of events in a message broker: CloudEvents in structured JSON, through the one gate.

    message ─▶ read ─▶ gate ─▶ the ledger's commit ─▶ acknowledged
                 │       └── the ledger cannot be written now: comes again
                 └── refused: counted, logged, passed on to who looks after it, and never again

A message counts as taken only after its event is in the ledger. Whatever happens in between, it
comes again, and the same event again is in the ledger once. Who may publish on a subject speaks
with the key that the settings name, a device's: officials' words come in by other doors.
"""

import contextlib
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from scoreboard import telemetry
from scoreboard.access.access import Access
from scoreboard.brokers import Refused
from scoreboard.brokers.endless import Endless
from scoreboard.errors import (
    BadInput,
    Forbidden,
    ScoreboardError,
    TooFast,
    Unavailable,
)
from scoreboard.facts.entry import Accepted
from scoreboard.facts.event import Event
from scoreboard.facts.roles import Principal
from scoreboard.ingest.decoding import Received, read_one
from scoreboard.ingest.gate import Gate
from scoreboard.settings.brokers import Origin
from scoreboard.sources.modes import versioned
from scoreboard.telemetry import log

AGAIN_S = 1.0
REASON_CHARACTERS_MAX = 1_000


class Fate(Struct, frozen=True):
    """What became of a message: in the ledger, refused for good, or to come again after a while."""

    refused: ScoreboardError | None = None
    again_after_s: float | None = None


TAKEN = Fate()


class Intake:
    """One origin's messages on their way into the ledger."""

    def __init__(self, origin: Origin, gate: Gate, access: Access, body_bytes_max: int) -> None:
        self.origin = origin
        self._gate = gate
        self._access = access
        self._body_bytes_max = body_bytes_max
        self.attempts = Endless(origin.name, telemetry.SOURCE_FAILURES.labels(origin.name))
        counts = telemetry.SOURCE_MESSAGES
        self._taken, self._refused, self._again = (
            counts.labels(origin.name, fate) for fate in ("taken", "refused", "again")
        )

    async def take(self, principal: Principal, bodies: Sequence[bytes]) -> list[Fate]:
        """What became of each message, in order, after the durable commit."""
        received = [self._read(body) for body in bodies]
        fates: list[Fate] = []
        for competition, run in groupby(received, self._competition):
            fates += await self._submit(principal, competition, list(run))
        self._count(fates)
        self.attempts.works()
        return fates

    async def principal(self) -> Principal:
        """Who speaks; Forbidden if there is no such key or it is no device's, Unavailable."""
        principal = await self._access.named(self.origin.key)
        if principal is None or principal.role != "device":
            raise Forbidden(
                f"no key of the role device is named {self.origin.key}",
                hint=f"scoreboard key create --role device --name {self.origin.key}",
            )
        return principal

    def _read(self, body: bytes) -> Received:
        if len(body) > self._body_bytes_max:
            return BadInput(f"more than {self._body_bytes_max} bytes")
        return versioned(read_one(body))

    def _competition(self, received: Received) -> str:
        named = received.competition if isinstance(received, Event) else None
        return named or self.origin.competition

    async def _submit(
        self, principal: Principal, competition: str, events: list[Received]
    ) -> list[Fate]:
        """What became of events of one competition, as long as nothing keeps them from the gate."""
        try:
            await self._access.spend(principal, len(events))
            if not competition:
                outcomes: Sequence[Accepted | ScoreboardError] = [
                    one if isinstance(one, ScoreboardError) else _of_nothing() for one in events
                ]
            else:
                outcomes = await self._gate.submit(principal, competition, events)
        except (Unavailable, TooFast) as error:
            return [_fate(error)] * len(events)
        except ScoreboardError as error:  # all of them: an unknown competition, another one's key
            outcomes = [one if isinstance(one, ScoreboardError) else error for one in events]
        return [_fate(outcome) for outcome in outcomes]

    def _count(self, fates: Sequence[Fate]) -> None:
        for fate in fates:
            if fate.refused is not None:
                self._refused.inc()
                log.warning(
                    "message refused",
                    origin=self.origin.name,
                    code=fate.refused.code,
                    reason=fate.refused.message,
                )
            elif fate.again_after_s is not None:
                self._again.inc()
            else:
                self._taken.inc()


def _of_nothing() -> BadInput:
    return BadInput(
        "the event names no competition",
        pointer="/competition",
        hint="send the attribute `competition`, or name one in the settings of the origin",
    )


def _fate(outcome: Accepted | ScoreboardError) -> Fate:
    if isinstance(outcome, Accepted):
        return TAKEN
    if isinstance(outcome, (Unavailable, TooFast)):
        return Fate(again_after_s=outcome.retry_after_s or AGAIN_S)
    return Fate(refused=outcome)


def reason_of(error: ScoreboardError) -> dict[str, str]:
    """Headers that say why a message was refused: short, and without line breaks."""
    said = {"code": error.code, "reason": error.message, "pointer": error.pointer}
    return {
        f"scoreboard-{name}": " ".join(text.split())[:REASON_CHARACTERS_MAX]
        for name, text in said.items()
        if text
    }


@contextlib.contextmanager
def left_out(origin: str) -> Iterator[None]:
    """Log what cannot be passed on, ever: it must not come again and again."""
    try:
        yield
    except Refused as error:
        log.error("refused message not passed on", origin=origin, error=str(error))
