"""What a read of a live board costs on the public listener, beside nginx that serves a file.

    python tests/bench/reads.py [--quick]

The real program in a process of its own, asked by wrk on 32 keep-alive connections for a board of
about 2 KB: in full, by whoever has it already (304), zipped, its top three; and for a row
explained. Beside it in the same run: one worker of nginx with the same bytes in a file, and
uvicorn with an application that answers these bytes at once.

Rounds take turns, and what is told is the median: the machine has other things to do. What counts
is the server's processor time of a read; reads a second are those that wrk left it cores for.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import msgspec
import uvloop
from figures import Figures, arguments, progress
from msgspec import Struct
from plain_nginx import plain_nginx, program
from serving import Served, bare_http, scoreboard
from wire import ask_one, get, post

API = "/api/v1/competitions"
BOARD = f"{API}/quiz/boards/standings"
CONNECTIONS = 32
ROUNDS = {False: 5, True: 1}
ROUND_S = {False: 3, True: 1}
ENTRANTS = 20
MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


class Asked(Struct, frozen=True):
    """What is asked of which server."""

    server: Served
    url: str
    headers: tuple[str, ...] = ()


class Read(Struct):
    """Reads a second, the server's processor time of one, and how long they took."""

    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


def read(asked: Asked, seconds: int) -> Read:
    """The same request over and over on all connections."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    for header in asked.headers:
        command += ["-H", header]
    before_s = asked.server.cpu_s()
    told = subprocess.run([*command, asked.url], check=True, capture_output=True, text=True).stdout
    cpu_s = asked.server.cpu_s() - before_s
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{asked.url} was not answered well:\n{told}")
    count = re.search(r"(\d+) requests in", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert count is not None and rate is not None
    shares = dict(re.findall(r"(50|99)%\s+([\d.]+[mu]?s)", told))
    return Read(
        float(rate[1]), cpu_s / int(count[1]) * 1e6, _in_ms(shares["50"]), _in_ms(shares["99"])
    )


def _in_ms(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]
    return float(number) * MS[unit]


async def define(server: Served) -> None:
    """A quiz that everybody has scored in."""
    entrants = [{"id": f"e{n}", "name": f"Entrant {n}"} for n in range(ENTRANTS)]
    quiz = {"slug": "quiz", "name": "Quiz", "sport": "points", "entrants": entrants}
    quiz["contests"] = [{"id": "c1"}]
    await ask_one(server.private, post(API, server.key, msgspec.json.encode(quiz)))
    for n in range(ENTRANTS):
        data = {"entrant": f"e{n}", "points": n}
        event = {"id": str(n), "source": "pad", "type": "points.scored", "contest": "c1"}
        body = msgspec.json.encode({**event, "data": data})
        answer = await ask_one(server.private, post(f"{API}/quiz/events", server.key, body))
    position = msgspec.json.decode(answer)["position"]
    await ask_one(server.public, get(f"{BOARD}?after={position}"))


def fetched(url: str) -> tuple[bytes, str]:
    """What is there now, and its ETag."""
    with urllib.request.urlopen(url) as answer:
        return answer.read(), answer.headers["ETag"]


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    if shutil.which("wrk") is None or program() is None:
        raise SystemExit("wrk or nginx is not installed: nothing measured")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as text,
        scoreboard(Path(text) / "data") as ours,
    ):
        folder = Path(text)
        uvloop.run(define(ours))
        body, etag = fetched(ours.public + BOARD)
        with (
            plain_nginx(folder / "nginx", body) as nginx,
            bare_http(folder / "nginx" / "files" / "file") as bare,
        ):
            _, nginx_etag = fetched(f"{nginx.public}/file")
            wanted = {
                "nginx": Asked(nginx, f"{nginx.public}/file"),
                "nginx 304": Asked(
                    nginx, f"{nginx.public}/file", (f"If-None-Match: {nginx_etag}",)
                ),
                "uvicorn alone": Asked(bare, f"{bare.public}/file"),
                "in full": Asked(ours, ours.public + BOARD),
                "304": Asked(ours, ours.public + BOARD, (f"If-None-Match: {etag}",)),
                "zipped": Asked(ours, ours.public + BOARD, ("Accept-Encoding: gzip",)),
                "top 3": Asked(ours, f"{ours.public}{BOARD}?top=3"),
                "explained": Asked(ours, f"{ours.public}{BOARD}/rows/e7/explain"),
            }
            tell(measure(wanted, chosen.quick), len(body))


def measure(wanted: dict[str, Asked], quick: bool) -> dict[str, list[Read]]:
    """Every request in turn, round by round."""
    found: dict[str, list[Read]] = {name: [] for name in wanted}
    for number in range(ROUNDS[quick]):
        progress(f"round {number + 1}")
        for name, asked in wanted.items():
            found[name].append(read(asked, ROUND_S[quick]))
    return found


def tell(found: dict[str, list[Read]], size: int) -> None:
    """The medians of all rounds."""
    figures = Figures("reads")
    table = []
    for name, rounds in found.items():
        peer = found["nginx 304" if name.endswith("304") else "nginx"]
        pairs = zip(rounds, peer, strict=True)
        ratio = statistics.median(one.cpu_us / other.cpu_us for one, other in pairs)
        rate, cpu_us, p50_ms, p99_ms = (
            statistics.median(getattr(one, field) for one in rounds)
            for field in ("rate", "cpu_us", "p50_ms", "p99_ms")
        )
        row = (f"{rate:,.0f}", f"{p50_ms:.2f}", f"{p99_ms:.2f}", f"{cpu_us:.1f}", f"{ratio:.1f}")
        table.append((name, *row))
        key = name.replace(" ", "_")
        figures.keep(f"{key}_per_s", rate)
        figures.keep(f"{key}_p99_ms", p99_ms)
        figures.keep(f"{key}_cpu_us", cpu_us)
        figures.keep(f"{key}_times_nginx", ratio)
    headings = ("", "reads/s", "p50 ms", "p99 ms", "CPU µs", "times nginx")
    figures.table(f"a board of {size:,} bytes, {CONNECTIONS} connections", headings, table)
    figures.end()


if __name__ == "__main__":
    main()
