"""How fast the whole server takes events over HTTP: durable, with the boards keeping up.

    python tests/bench/ingest.py [--quick] [--database sqlite|postgres] [--sport points|football]
        [--processes 1..4]

The real program in a process of its own, the client in this one: both share the machine's cores.

    singles    one event a request on 64 keep-alive connections
    batches    JSON arrays of 1,000 on four connections; with several processes (Postgres), on
               four times as many as there are processes, and as the kernel deals them out

After the last answer it is asked how long the boards take to show all (`?after=`), and what they
show is checked. Limits in the same run: uvicorn with an application that drops the same requests,
and `executemany` (SQLite) or `unnest` (Postgres) of the same rows in batches of 1,000.
"""

import asyncio
import contextlib
import re
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import uvloop
from bare_rows import bare
from events import MATCH_EVENTS, SPORTS, Sport, batches, definition, drafts, slugs
from figures import Figures, arguments, at, progress
from msgspec import Struct
from serving import Served, bare_http, durable_postgres, scoreboard
from wire import ask_all, ask_one, get, post

API = "/api/v1/competitions"
CONNECTIONS = {1: 64, 1_000: 4}  # by events a request
EVENTS = {False: {1: 20_000, 1_000: 200_000}, True: {1: 3_000, 1_000: 30_000}}


class Measured(Struct):
    """One way of sending: how many events, in how many seconds, with how many of the server's
    processor, and the seconds of each answer.
    """

    events: int
    seconds: float
    cpu_s: float
    taken_s: list[float]

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


async def send(server: Served, requests: list[bytes], connections: int, events: int) -> Measured:
    """Send the requests over several connections, each taking every n-th of them."""
    lists = [requests[n::connections] for n in range(connections)]
    before_s, started_s = server.cpu_s(), time.perf_counter()
    taken_s = await ask_all(server.private, lists)
    seconds = time.perf_counter() - started_s
    return Measured(events, seconds, server.cpu_s() - before_s, taken_s)


async def ready(server: Served, sport: Sport, count: int) -> str:
    """Define what the events need; returns the key of a device."""
    for slug in slugs(sport, count):
        made = msgspec.json.encode(definition(sport, slug))
        await ask_one(server.private, post(API, server.key, made))
    wanted = msgspec.json.encode({"name": "pads", "role": "device"})
    answer = await ask_one(server.private, post("/api/v1/keys", server.key, wanted))
    return str(msgspec.json.decode(answer)["key"])


async def until_shown(server: Served, sport: Sport, count: int) -> float:
    """Seconds until the boards show all events; ends the run if they show anything else."""
    started_s = time.perf_counter()
    metrics = (await ask_one(server.private, get("/metrics", server.key))).decode()
    told = re.findall(r"^scoreboard_ledger_position(?:{.*})? (\S+)$", metrics, re.MULTILINE)
    board = "standings" if sport == "points" else "contests"
    shown = 0
    seconds = 0.0
    for slug in slugs(sport, count):
        path = f"{API}/{slug}/boards/{board}?after={int(max(map(float, told)))}"
        content = msgspec.json.decode(await ask_one(server.public, get(path)))["content"]
        seconds = seconds or time.perf_counter() - started_s
        if sport == "points":
            shown += sum(row["figures"]["facts"] for row in content["rows"].values())
        else:
            shown += sum(row["status"] == "finished" for row in content["rows"].values())
    wanted = count if sport == "points" else count // MATCH_EVENTS
    if shown != wanted:
        raise SystemExit(f"{board} show {shown}, not {wanted}")
    return seconds


async def measure(
    figures: Figures, sport: Sport, batch: int, count: int, database: str, processes: int
) -> None:
    """One sport and one size of batch: the program and its limits."""
    connections = CONNECTIONS[batch] * processes
    name = f"{sport} {'singles' if batch == 1 else 'batches'}"
    progress(name)
    bodies = list(batches(sport, count, batch))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as text:
        folder = Path(text)
        async with databases(folder, database) as (rows_url, whole_url):
            with bare_http() as http:
                requests = [post(f"{API}/{slug}/events", "none", body) for slug, body in bodies]
                dropped = await send(http, requests, connections, count)
            async with bare(folder / "rows", rows_url) as table:
                rows = table.rows(list(drafts(sport, count)), 1_000)
                inserted = count / sum(await table.run(rows))
            with scoreboard(folder / "whole", whole_url, processes) as server:
                key = await ready(server, sport, count)
                requests = [post(f"{API}/{slug}/events", key, body) for slug, body in bodies]
                ours = await send(server, requests, connections, count)
                lag_s = await until_shown(server, sport, count)
    figures.table(
        f"{name} on {database}: {count:,} events, {connections} connections, {processes} processes",
        ("", "events/s", "p50 ms", "p99 ms", "CPU µs an event", "boards s later"),
        (
            ("the whole server", *_speed(ours), f"{lag_s:.2f}"),
            ("uvicorn alone", *_speed(dropped), ""),
            ("rows alone, by 1,000", f"{inserted:,.0f}", "", "", "", ""),
        ),
    )
    key = name.replace(" ", "_")
    figures.keep(f"{key}_events_per_s", ours.rate)
    figures.keep(f"{key}_p50_ms", at(0.5, ours.taken_s))
    figures.keep(f"{key}_p99_ms", at(0.99, ours.taken_s))
    figures.keep(f"{key}_cpu_us", ours.cpu_s / count * 1e6)
    figures.keep(f"{key}_boards_later_s", lag_s)
    figures.keep(f"{key}_of_uvicorn", ours.rate / dropped.rate)
    figures.keep(f"{key}_of_rows", ours.rate / inserted)


def _speed(measured: Measured) -> tuple[str, ...]:
    return (
        f"{measured.rate:,.0f}",
        f"{at(0.5, measured.taken_s):.2f}",
        f"{at(0.99, measured.taken_s):.2f}",
        f"{measured.cpu_s / measured.events * 1e6:.1f}",
    )


@contextlib.asynccontextmanager
async def databases(folder: Path, database: str) -> AsyncIterator[list[str]]:
    """URLs for the bare rows and for the whole server; empty for SQLite."""
    if database == "sqlite":
        yield ["", ""]
        return
    async with durable_postgres(folder / "postgres", "rows", "whole") as urls:
        yield urls


async def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--sport", choices=SPORTS)
    parser.add_argument("--batch", type=int, choices=tuple(CONNECTIONS))
    parser.add_argument("--processes", type=int, choices=(1, 2, 3, 4), default=1)
    chosen = parser.parse_args()
    if chosen.processes > 1 and chosen.database == "sqlite":
        parser.error("several processes need --database postgres")
    figures = Figures("ingest")
    for sport in SPORTS if chosen.sport is None else (chosen.sport,):
        for batch, count in EVENTS[chosen.quick].items():
            if chosen.batch in (None, batch):
                await measure(figures, sport, batch, count, chosen.database, chosen.processes)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
