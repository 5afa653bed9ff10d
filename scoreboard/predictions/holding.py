"""What the worker holds of one game: its row and state, and saving them."""

import time
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any

from scoreboard.facts.entry import Head
from scoreboard.predictions.kept import GameRow, Published, State, decode_state, encode
from scoreboard.predictions.settling import Terms
from scoreboard.predictions.store import FORMAT, PredictionsStore, Row

Report = Callable[..., None]
"""Told what happened, by name, with figures."""


def now_us() -> int:
    """The wall clock in microseconds."""
    return time.time_ns() // 1000


class Held:
    """A game's row and its state; this worker owns them."""

    def __init__(self, store: PredictionsStore, row: GameRow, report: Report) -> None:
        self.store = store
        self.row = row
        self.state = decode_state(row.state)
        self.report = report
        row.owner = token_hex(8)

    @classmethod
    async def begin(
        cls, store: PredictionsStore, slug: str, over: str, head: Head, report: Report
    ) -> "Held":
        """A game of which nothing is known yet."""
        row = GameRow(
            game=await store.next_number(),
            competition=slug,
            format=str(FORMAT),
            ledger=head.ledger,
            position=0,
            hash=b"",
            users=0,
            run=0,
            cursor=0,
            settled=0,
            owner="",
            state=encode(State(over=over, begun=head.position)),
        )
        return cls(store, row, report)

    @property
    def next_run(self) -> int:
        """The run that what changes now is published by."""
        return self.row.run + 1

    @property
    def terms(self) -> Terms:
        """What all points are by."""
        return self.state.applied

    async def own(self) -> None:
        """Let the store say that the game is this worker's."""
        self.row.state = encode(self.state)
        await self.store.own(self.row)

    async def save(self, **changes: Any) -> None:
        """Save the game as it is held, with changes as `PredictionsStore.save` takes them."""
        self.row.state = encode(self.state)
        await self.store.save(self.row, **changes)

    async def publish(self, published: Published, totals: Sequence[Row]) -> None:
        """Show a run, and save the game as it is held."""
        self.row.state = encode(self.state)
        await self.store.publish(self.row, published, totals)
