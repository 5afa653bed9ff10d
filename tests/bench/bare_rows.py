"""The limit of the database itself: the ledger's rows, made beforehand, inserted and committed.

The same table with the same indexes and triggers, durable, and nothing else done: `executemany` on
SQLite, `unnest` on Postgres.
"""

import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from scoreboard.database.engine import sqlite_pragmas
from scoreboard.database.postgres_runner import connect
from scoreboard.facts.entry import GENESIS, Draft, Head
from scoreboard.ledger.append import INSERT
from scoreboard.ledger.chain import link
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.plan import plan_plain
from scoreboard.settings import Settings

RECEIVED_US = 1_800_000_000_000_000
Rows = list[Any]


class Bare:
    """A ledger's table of its own, and rows for it."""

    def __init__(self, insert: Callable[[Rows], Awaitable[Any]]) -> None:
        self._insert = insert
        self._head = Head("bench", 0, GENESIS, 1, 0)

    def rows(self, drafts: Sequence[Draft], batch: int) -> list[Rows]:
        """The rows of drafts, in batches."""
        planned, _ = plan_plain(drafts, self._head.position)
        rows, last = link(self._head, planned, RECEIVED_US)
        self._head = Head("bench", self._head.position + len(drafts), last, 1, 0)
        return [rows[n : n + batch] for n in range(0, len(rows), batch)]

    async def run(self, batches: list[Rows]) -> list[float]:
        """Seconds of each insert and commit."""
        taken_s = []
        for rows in batches:
            started_s = time.perf_counter()
            await self._insert(rows)
            taken_s.append(time.perf_counter() - started_s)
        return taken_s


@contextlib.asynccontextmanager
async def bare(folder: Path, database: str = "") -> AsyncIterator[Bare]:
    """An empty table in a fresh folder or database."""
    await (await Ledger.open(Settings(data=str(folder), database=database))).close()
    if database:
        connection = await connect(make_url(database))

        async def insert(rows: Rows) -> None:
            await connection.execute(INSERT.postgres, *map(list, zip(*rows, strict=True)))

        yield Bare(insert)
        await connection.close()
        return
    file = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    for pragma in sqlite_pragmas("full", checkpoints=True):
        file.execute(pragma)

    each = f"INSERT INTO entries VALUES ({', '.join('?' * len(INSERT.names))})"

    async def insert_many(rows: Rows) -> None:
        file.execute("BEGIN IMMEDIATE")
        file.executemany(each, rows)
        file.execute("COMMIT")

    yield Bare(insert_many)
    file.close()
