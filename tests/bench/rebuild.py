"""How fast all boards are made again from the ledger, and in how much memory.

    python tests/bench/rebuild.py [--quick] [--sport points|football]

A ledger on SQLite is filled to a size, `python -m scoreboard rebuild` runs over it in a process of
its own, whose peak of memory the operating system tells; then it is filled on to the next size. The
limit in the same run: the same entries read by keyset and their payloads decoded, nothing folded.

    points     one quiz: the more entries, the more in each of its tallies
    football   leagues of 100 matches, 25 events each: the more entries, the more boards
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
import uvloop
from events import MATCH_EVENTS, SPORTS, Sport, definition, drafts, slugs
from figures import Figures, arguments, progress
from serving import ROOT

from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Accepted, Draft
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.store import OFFICIALS, ReadStore
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports

SIZES = {False: (100_000, 300_000, 1_000_000), True: (10_000, 30_000)}
FILL = 4_000  # drafts of one append
READ = 1_000  # entries of one read, as the projection reads


def defining(sport: Sport, slug: str) -> Draft:
    """The definition of a competition, as the ledger takes it."""
    return Draft(
        competition=slug,
        source="bench",
        id="definition",
        type=DEFINED.type,
        actor="admin:bench",
        record="competition",
        data=msgspec.json.encode(definition(sport, slug)),
    )


async def append(ledger: Ledger, some: list[Draft]) -> None:
    fates = await ledger.append(some)
    assert all(isinstance(fate, Accepted) for fate in fates), fates[0]


async def fill(
    ledger: Ledger, sport: Sport, more: Iterator[Draft], count: int, defined: set[str]
) -> None:
    """Append the next so many events, each competition's definition just before its first."""
    while count > 0 and (some := list(islice(more, min(FILL, count)))):
        new = dict.fromkeys(one.competition for one in some)
        await append(ledger, [defining(sport, slug) for slug in new if slug not in defined])
        defined.update(new)
        await append(ledger, some)
        count -= len(some)


async def read_alone(settings: Settings, sport: Sport) -> float:
    """Seconds to read and decode everything, from the file: a ledger just opened has no tail."""
    ledger = await Ledger.open(settings)
    kinds = Sports.installed().kinds(sport)
    started_s = time.perf_counter()
    after = 0
    while entries := await ledger.read(after, limit=READ):
        for entry in entries:
            if entry.type in kinds:
                kinds[entry.type].read(entry.data or b"", entry.schema)
        after = entries[-1].position
    seconds = time.perf_counter() - started_s
    await ledger.close()
    return seconds


def rebuild(folder: Path) -> tuple[float, float]:
    """Seconds of the whole command, and the peak of its memory in MB."""
    command = [sys.executable, "-m", "scoreboard", "rebuild", "--data", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started_s = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd="/")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit("the rebuild failed")
    return time.perf_counter() - started_s, usage.ru_maxrss / 1024


async def check(settings: Settings, sport: Sport, count: int) -> None:
    """End the run if the boards that were made again do not show all events."""
    store = ReadStore(settings)
    shown = 0
    for slug in slugs(sport, count):
        documents, _ = await store.shelf(slug, OFFICIALS)
        boards = {document.board: document.content for document in documents}
        if sport == "points":
            shown += sum(row["figures"]["facts"] for row in boards["standings"]["rows"].values())
        else:
            rows = boards["contests"]["rows"].values()
            shown += MATCH_EVENTS * sum(row["status"] == "finished" for row in rows)
    await store.close()
    if shown != count:
        raise SystemExit(f"the boards show {shown} of {count} events")


async def measure(figures: Figures, sport: Sport, sizes: tuple[int, ...]) -> None:
    """One sport at growing sizes."""
    lines = []
    peaks = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings(data=folder)
        more = drafts(sport, sizes[-1])
        defined: set[str] = set()
        filled = 0
        for size in sizes:
            progress(f"{sport}, {size:,} entries")
            ledger = await Ledger.open(settings)
            await fill(ledger, sport, more, size - filled, defined)
            filled = size
            await ledger.close()
            alone_s = await read_alone(settings, sport)
            seconds, peak = rebuild(Path(folder))
            await check(settings, sport, size)
            peaks.append(peak)
            lines.append(
                (
                    f"{size:,}",
                    f"{size / seconds:,.0f}",
                    f"{size / alone_s:,.0f}",
                    f"{alone_s / seconds:.2f}",
                    f"{peak:,.0f}",
                    f"{peak / peaks[0]:.2f}",
                )
            )
            figures.keep(f"{sport}_{size}_entries_per_s", size / seconds)
            figures.keep(f"{sport}_{size}_of_reading", alone_s / seconds)
            figures.keep(f"{sport}_{size}_peak_mb", peak)
    headings = ("entries", "entries/s", "read alone", "ratio", "peak MB", "times the first")
    figures.table(f"rebuild, {sport}", headings, lines)


async def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--sport", choices=SPORTS)
    chosen = parser.parse_args()
    figures = Figures("rebuild")
    for sport in SPORTS if chosen.sport is None else (chosen.sport,):
        await measure(figures, sport, SIZES[chosen.quick])
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
