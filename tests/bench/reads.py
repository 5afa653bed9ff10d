"""What a read of a live board costs on the public listener.

    python tests/bench/reads.py [--quick]

The real program in a process of its own, asked on 32 keep-alive connections for a board of about
2 KB: in full, by whoever has it already (304), its top three; and for a row explained. The floor in
the same run: uvicorn with an application that answers at once.
"""

import asyncio
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop
from figures import Figures, arguments, at, progress
from msgspec import Struct
from serving import Served, bare_http, scoreboard
from wire import ask_all, ask_one, get, post

API = "/api/v1/competitions"
BOARD = f"{API}/quiz/boards/standings"
CONNECTIONS = 32
READS = {False: 60_000, True: 6_000}
ENTRANTS = 20


class Read(Struct):
    """Reads a second, the server's processor time of one, and the seconds of each."""

    rate: float
    cpu_us: float
    taken_s: list[float]


async def read(server: Served, url: str, request: bytes, count: int) -> Read:
    """The same request over and over on all connections."""
    each = [[request] * (count // CONNECTIONS)] * CONNECTIONS
    before_s, started_s = server.cpu_s(), time.perf_counter()
    taken_s = await ask_all(url, each)
    seconds, cpu_s = time.perf_counter() - started_s, server.cpu_s() - before_s
    return Read(len(taken_s) / seconds, cpu_s / len(taken_s) * 1e6, taken_s)


async def define(server: Served) -> str:
    """A quiz that everybody has scored in; returns the ETag of its standings."""
    entrants = [{"id": f"e{n}", "name": f"Entrant {n}"} for n in range(ENTRANTS)]
    quiz = {"slug": "quiz", "name": "Quiz", "sport": "points", "entrants": entrants}
    quiz["contests"] = [{"id": "c1"}]
    await ask_one(server.private, post(API, server.key, msgspec.json.encode(quiz)))
    for n in range(ENTRANTS):
        await score(server, n, n)
    etag = ""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.public.split(":")[2]))
    writer.write(get(BOARD))
    while (line := (await reader.readline()).decode()).strip():
        if line.lower().startswith("etag: "):
            etag = line.split(": ", 1)[1].strip()
    writer.close()
    return etag


async def score(server: Served, id_: int, points: int) -> None:
    """One score, and the boards with it."""
    data = {"entrant": f"e{id_ % ENTRANTS}", "points": points}
    event = {"id": str(id_), "source": "pad", "type": "points.scored", "contest": "c1"}
    body = msgspec.json.encode({**event, "data": data})
    answer = await ask_one(server.private, post(f"{API}/quiz/events", server.key, body))
    position = msgspec.json.decode(answer)["position"]
    await ask_one(server.public, get(f"{BOARD}?after={position}"))


async def main() -> None:
    chosen = arguments(__doc__).parse_args()
    count = READS[chosen.quick]
    figures = Figures("reads")
    lines = []
    with bare_http() as bare:
        progress("floor")
        floor = await read(bare, bare.private, post("/", "none", b""), count)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        scoreboard(Path(folder)) as server,
    ):
        etag = await define(server)
        wanted = {
            "in full": get(BOARD),
            "304": get(BOARD, etag=etag),
            "top 3": get(f"{BOARD}?top=3"),
            "explained": get(f"{BOARD}/rows/e7/explain"),
        }
        for name, request in wanted.items():
            progress(name)
            few = count // 20 if name == "explained" else count
            lines.append((name, await read(server, server.public, request, few)))
    lines.append(("uvicorn alone", floor))
    table = [
        (
            name,
            f"{one.rate:,.0f}",
            f"{at(0.5, one.taken_s):.2f}",
            f"{at(0.99, one.taken_s):.2f}",
            f"{one.cpu_us:.0f}",
            f"{one.cpu_us / floor.cpu_us:.1f}",
        )
        for name, one in lines
    ]
    headings = ("", "reads/s", "p50 ms", "p99 ms", "CPU µs", "times the floor")
    figures.table(f"{count:,} reads, {CONNECTIONS} connections", headings, table)
    for name, one in lines:
        key = name.replace(" ", "_")
        figures.keep(f"{key}_per_s", one.rate)
        figures.keep(f"{key}_p99_ms", at(0.99, one.taken_s))
        figures.keep(f"{key}_times_floor", one.cpu_us / floor.cpu_us)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
