"""How fast the ledger takes events, beside the limit of the same database in the same run.

    python tests/bench/ledger.py [sqlite|postgres]

Bare: rows of the same columns in the same table with the same indexes, inserted and committed
durably with nothing else done: `executemany` on SQLite, `unnest` on Postgres. Ledger: `append`
with identity, versions, leaf and chain, durable, answered to asyncio callers. The database's files
lie in the folder TMPDIR names; Postgres runs with fsync on.
"""

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import own_postgres
import uvloop
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from scoreboard.database.engine import sqlite_pragmas
from scoreboard.database.postgres_runner import connect
from scoreboard.facts.entry import GENESIS, Draft, Head
from scoreboard.ledger.append import INSERT
from scoreboard.ledger.chain import link
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.plan import plan_plain
from scoreboard.settings import Settings

BATCHES = ((1, 1_000), (10, 5_000), (100, 30_000), (1_000, 100_000))
CALLERS = ((1, 1_000), (64, 12_000), (512, 24_000))
ROUNDS = 3
PAYLOAD = (
    b'{"entrant":"team-17","points":3,"period":2,"clock":"00:12:34.500","reason":"field goal",'
    b'"assist":"player-0042","zone":{"x":4.25,"y":11.75}}'
)
Insert = Callable[[list[Any]], Awaitable[None]]


def drafts(source: str, count: int) -> list[Draft]:
    """Events of about 310 bytes each."""
    return [
        Draft(
            competition="bench",
            contest=f"game-{n % 16}",
            source=source,
            id=f"{n:08d}",
            type="points.added",
            actor="device:pad-7",
            time=1_700_000_000_000_000 + n,
            sent=1_700_000_000_000_100 + n,
            subject="team-17",
            place="court-1",
            data=PAYLOAD,
        )
        for n in range(count)
    ]


class Bare:
    """Rows made beforehand, so that only the database's work is measured."""

    def __init__(self, insert: Insert) -> None:
        self._insert = insert
        self._head = Head("bench", 0, GENESIS, 1, 0)

    def rows(self, source: str, batch: int, count: int) -> list[list[Any]]:
        planned, _ = plan_plain(drafts(source, count), self._head.position)
        rows, last = link(self._head, planned, 1_700_000_000_000_000)
        self._head = Head("bench", self._head.position + count, last, 1, 0)
        return [rows[n : n + batch] for n in range(0, count, batch)]

    async def run(self, batches: list[list[Any]]) -> list[float]:
        """Seconds of each insert and commit."""
        taken = []
        for rows in batches:
            started_s = time.perf_counter()
            await self._insert(rows)
            taken.append(time.perf_counter() - started_s)
        return taken


def sqlite_insert(path: Path) -> tuple[Insert, Callable[[], Awaitable[None]]]:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in sqlite_pragmas("full", checkpoints=True):
        connection.execute(pragma)

    async def insert(rows: list[Any]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT.sqlite, rows)
        connection.execute("COMMIT")

    async def close() -> None:
        connection.close()

    return insert, close


async def postgres_insert(url: str) -> tuple[Insert, Callable[[], Awaitable[None]]]:
    connection = await connect(make_url(url))

    async def insert(rows: list[Any]) -> None:
        await connection.execute(INSERT.postgres, *map(list, zip(*rows, strict=True)))

    return insert, connection.close


async def appended(ledger: Ledger, batches: list[list[Draft]]) -> list[float]:
    """Seconds of each append by one caller."""
    taken = []
    for batch in batches:
        started_s = time.perf_counter()
        await ledger.append(batch)
        taken.append(time.perf_counter() - started_s)
    return taken


async def by_batch(console: Console, name: str, ledger: Ledger, bare: Bare) -> None:
    """One caller, batches of several sizes, bare and ledger in turns; the median round."""
    table = Table(title=f"{name}: one caller, events/s by batch")
    for heading in ("batch", "bare", "ledger", "ratio", "bare p50 ms", "ledger p50 ms"):
        table.add_column(heading, justify="right")
    for batch, count in BATCHES:
        outcomes = []
        for round_ in range(ROUNDS):
            source = f"{batch}-{round_}"
            rows = bare.rows(source, batch, count)
            some = drafts(source, count)
            slices = [some[n : n + batch] for n in range(0, count, batch)]
            outcomes.append((await bare.run(rows), await appended(ledger, slices)))
        outcomes.sort(key=lambda pair: sum(pair[0]) / sum(pair[1]))
        limit, ours = outcomes[ROUNDS // 2]
        table.add_row(
            f"{batch:,}",
            f"{count / sum(limit):,.0f}",
            f"{count / sum(ours):,.0f}",
            f"{sum(limit) / sum(ours):.2f}",
            f"{statistics.median(limit) * 1e3:.2f}",
            f"{statistics.median(ours) * 1e3:.2f}",
        )
    console.print(table)


async def by_callers(console: Console, name: str, ledger: Ledger) -> None:
    """Callers at once, each with single events and waiting for each answer."""
    table = Table(title=f"{name}: single events by callers at once")
    for heading in ("callers", "events/s", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for callers, count in CALLERS:
        taken: list[float] = []

        async def caller(n: int, each: int, all_: int, taken: list[float]) -> None:
            for draft in drafts(f"caller-{all_}-{n}", each):
                started_s = time.perf_counter()
                await ledger.append([draft])
                taken.append(time.perf_counter() - started_s)

        started_s = time.perf_counter()
        await asyncio.gather(*(caller(n, count // callers, callers, taken) for n in range(callers)))
        seconds = time.perf_counter() - started_s
        taken.sort()
        table.add_row(
            f"{callers}",
            f"{len(taken) / seconds:,.0f}",
            f"{taken[len(taken) // 2] * 1e3:.2f}",
            f"{taken[len(taken) * 99 // 100] * 1e3:.2f}",
        )
    console.print(table)


async def bench_sqlite(console: Console, folder: Path) -> None:
    empty = await Ledger.open(Settings(data=str(folder / "bare")))
    await empty.close()
    insert, close = sqlite_insert(folder / "bare" / "ledger.db")
    ledger = await Ledger.open(Settings(data=str(folder / "ledger")))
    try:
        await by_batch(console, "SQLite", ledger, Bare(insert))
        await by_callers(console, "SQLite", ledger)
    finally:
        await ledger.close()
        await close()


async def bench_postgres(console: Console, folder: Path) -> None:
    programs = own_postgres.programs()
    if programs is None:
        console.print("Postgres is not installed: nothing measured")
        return
    (folder / "postgres").mkdir()
    folder.chmod(0o755)
    server, url = own_postgres.start(programs, folder / "postgres", durable=True)
    try:
        await own_postgres.until_ready(url, server)
        for name in ("bare", "ledger"):
            await own_postgres.execute(url, f"CREATE DATABASE {name}")
        bare, full = (own_postgres.in_database(url, name) for name in ("bare", "ledger"))
        empty = await Ledger.open(Settings(data=str(folder / "bare-data"), database=bare))
        await empty.close()
        insert, close = await postgres_insert(bare)
        ledger = await Ledger.open(Settings(data=str(folder / "ledger-data"), database=full))
        try:
            await by_batch(console, "Postgres", ledger, Bare(insert))
            await by_callers(console, "Postgres", ledger)
        finally:
            await ledger.close()
            await close()
    finally:
        server.terminate()
        server.wait(timeout=30)


async def main(chosen: list[str]) -> None:
    console = Console(width=100)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        if "sqlite" in chosen:
            await bench_sqlite(console, Path(name))
        if "postgres" in chosen:
            await bench_postgres(console, Path(name))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the server runs
        runner.run(main(sys.argv[1:] or ["sqlite", "postgres"]))
