"""How fast the ledger takes events, beside the limit of the same database in the same run.

    python tests/bench/ledger.py [--quick] [--database sqlite|postgres]

Bare: rows of the same columns in the same table with the same indexes, inserted and committed
durably with nothing else done (on SQLite not even filed by contest): `executemany` on SQLite,
`unnest` on Postgres. Ledger: `append`
with identity, versions, leaf and chain, durable, answered to asyncio callers. Peer: the recorders
of PyPI `eventsourcing` (install the `bench` extra), see peer.py. The database's files lie in the
folder TMPDIR names; Postgres runs with fsync on.
"""

import asyncio
import math
import statistics
import tempfile
import time
from pathlib import Path

import uvloop
from bare_rows import Bare, bare
from figures import Figures, arguments, at, progress
from peer import Peer, peer
from serving import durable_postgres

from scoreboard.cli.starting import collect_garbage_rarely
from scoreboard.facts.entry import Draft
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

BATCHES = ((1, 1_000), (10, 5_000), (100, 30_000), (1_000, 100_000))
CALLERS = ((1, 1_000), (64, 12_000), (512, 24_000))
ROUNDS = 3
QUICKER = 10  # times fewer events
PAYLOAD = (
    b'{"entrant":"team-17","points":3,"period":2,"clock":"00:12:34.500","reason":"field goal",'
    b'"assist":"player-%04d","zone":{"x":4.25,"y":11.75}}'
)


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
            data=PAYLOAD % (n % 10_000),
        )
        for n in range(count)
    ]


async def appended(ledger: Ledger, some: list[Draft], batch: int) -> list[float]:
    """Seconds of each append by one caller."""
    taken_s = []
    for n in range(0, len(some), batch):
        part = some[n : n + batch]
        started_s = time.perf_counter()
        await ledger.append(part)
        taken_s.append(time.perf_counter() - started_s)
    return taken_s


async def by_batch(
    figures: Figures, name: str, ledger: Ledger, table: Bare, other: Peer | None, fewer: int
) -> None:
    """One caller, batches of several sizes, bare, peer and ledger in turns; the median round."""
    lines = []
    for batch, all_ in BATCHES:
        count = max(batch, all_ // fewer)
        progress(f"{name}, batches of {batch}")
        outcomes = []
        for round_ in range(ROUNDS):
            some = drafts(f"{batch}-{round_}", count)
            limit = await table.run(table.rows(some, batch))
            theirs = other.run(other.stored(some, batch)) if other else [math.nan]
            outcomes.append((limit, theirs, await appended(ledger, some, batch)))
        outcomes.sort(key=lambda outcome: sum(outcome[0]) / sum(outcome[2]))
        limit, theirs, ours = outcomes[ROUNDS // 2]
        ratio = sum(limit) / sum(ours)
        lines.append(
            (
                f"{batch:,}",
                f"{count / sum(limit):,.0f}",
                f"{count / sum(theirs):,.0f}",
                f"{count / sum(ours):,.0f}",
                f"{ratio:.2f}",
                f"{sum(theirs) / sum(ours):.2f}",
                f"{sum(theirs) / sum(limit):.2f}",
                f"{statistics.median(limit) * 1e3:.2f}",
                f"{statistics.median(ours) * 1e3:.2f}",
            )
        )
        figures.keep(f"{name}_{batch}_of_bare", ratio)
        if other is not None:
            figures.keep(f"{name}_{batch}_of_peer", sum(theirs) / sum(ours))
            figures.keep(f"{name}_{batch}_bare_of_peer", sum(theirs) / sum(limit))
        if batch == 1:
            p50 = statistics.median(ours) / statistics.median(limit)
            figures.keep(f"{name}_1_p50_times_bare", p50)
    headings = (
        *("batch", "bare", "peer", "ledger", "of bare", "of peer"),
        *("bare of peer", "bare p50", "ledger p50"),
    )
    figures.table(f"{name}: one caller, events/s by batch, p50 in ms", headings, lines)


async def by_callers(figures: Figures, name: str, ledger: Ledger, fewer: int) -> None:
    """Callers at once, each with single events and waiting for each answer."""
    lines = []
    for callers, all_ in CALLERS:
        progress(f"{name}, {callers} callers")
        taken_s: list[float] = []
        each = max(1, all_ // fewer // callers)

        async def caller(n: int, each: int, callers: int, taken_s: list[float]) -> None:
            some = drafts(f"caller-{callers}-{n}", each)
            taken_s.extend(await appended(ledger, some, 1))

        started_s = time.perf_counter()
        await asyncio.gather(*(caller(n, each, callers, taken_s) for n in range(callers)))
        rate = len(taken_s) / (time.perf_counter() - started_s)
        lines.append(
            (f"{callers}", f"{rate:,.0f}", f"{at(0.5, taken_s):.2f}", f"{at(0.99, taken_s):.2f}")
        )
        figures.keep(f"{name}_{callers}_callers_events_per_s", rate)
    headings = ("callers", "events/s", "p50 ms", "p99 ms")
    figures.table(f"{name}: single events by callers at once", headings, lines)


async def measure(
    figures: Figures,
    name: str,
    folder: Path,
    fewer: int,
    bare_url: str = "",
    peer_url: str = "",
    url: str = "",
) -> None:
    """One database."""
    ledger = await Ledger.open(Settings(data=str(folder / "ledger"), database=url))
    try:
        with peer(folder / "peer.db", peer_url) as other:
            async with bare(folder / "bare", bare_url) as table:
                await by_batch(figures, name, ledger, table, other, fewer)
        await by_callers(figures, name, ledger, fewer)
    finally:
        await ledger.close()


async def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    chosen = parser.parse_args()
    fewer = QUICKER if chosen.quick else 1
    figures = Figures("ledger")
    collect_garbage_rarely()  # as the server does
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as text:
        folder = Path(text)
        if chosen.database in (None, "sqlite"):
            await measure(figures, "sqlite", folder, fewer)
        if chosen.database in (None, "postgres"):
            async with durable_postgres(folder / "server", "bare", "peer", "whole") as urls:
                await measure(figures, "postgres", folder / "postgres", fewer, *urls)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the server runs
        runner.run(main())
