"""How long `scoreboard serve` takes from its start to its first answer, and what it weighs idle.

    python tests/bench/start.py [--quick]

From the moment that the process is made to the last byte of `GET /` on the public listener: with a
folder that is new (schema and first key are made), and with the same one again. Beside it in turns:
bare uvicorn with Starlette and one route. Memory is the whole process's, idle, after that answer:
resident (RSS), and its own with its share of what others have too (PSS).
"""

import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figures, arguments, progress
from msgspec import Struct
from serving import ROOT

ROUNDS = {False: 7, True: 2}
HELLO = """
import socket, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def hello(request):
    return PlainTextResponse("hello")

app = Starlette(routes=[Route("/", hello)])
bound = socket.create_server(("127.0.0.1", 0))
print("public", "http://127.0.0.1:%d" % bound.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[bound])
"""


class Started(Struct, frozen=True):
    """One start: seconds to the first answer, and memory in MB."""

    seconds: float
    rss_mb: float
    pss_mb: float


def start(command: list[str], compiled: Path) -> Started:
    """Start, ask once, weigh, stop."""
    # Compiled once, as an installation is, wherever the sources are and whoever may write there.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started_s = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, env=environment, cwd="/"
    )
    try:
        assert child.stdout is not None
        found = (re.match(r"public\s+http://([\d.:]+)", line) for line in child.stdout)
        connection = http.client.HTTPConnection(next(one[1] for one in found if one))
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - started_s
        if answer.status != 200:
            raise SystemExit(f"the first answer was {answer.status}")
        connection.close()
        weighed = Path(f"/proc/{child.pid}/smaps_rollup").read_text()
    finally:
        child.terminate()
        child.wait(timeout=60)
    rss, pss = (re.search(rf"^{name}:\s+(\d+) kB", weighed, re.M) for name in ("Rss", "Pss"))
    assert rss is not None and pss is not None
    return Started(seconds, int(rss[1]) / 1024, int(pss[1]) / 1024)


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    found: dict[str, list[Started]] = {"new folder": [], "same folder": [], "bare uvicorn": []}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as text:
        folder, compiled = Path(text) / "data", Path(text) / "compiled"
        serve = ["-m", "scoreboard", "serve", "--data", str(folder)]
        serve += ["--private-port", "0", "--public-port", "0"]
        for command in (serve, ["-c", HELLO]):
            start(command, compiled)  # not counted: compiles
        for number in range(ROUNDS[chosen.quick]):
            progress(f"round {number + 1}")
            shutil.rmtree(folder)
            found["new folder"].append(start(serve, compiled))
            found["same folder"].append(start(serve, compiled))
            found["bare uvicorn"].append(start(["-c", HELLO], compiled))
    figures = Figures("start")
    rows = []
    for name, all_ in found.items():
        seconds, rss_mb, pss_mb = (
            statistics.median(getattr(one, field) for one in all_)
            for field in ("seconds", "rss_mb", "pss_mb")
        )
        slowest = max(one.seconds for one in all_)
        rows.append((name, f"{seconds:.2f}", f"{slowest:.2f}", f"{rss_mb:.0f}", f"{pss_mb:.0f}"))
        key = name.replace(" ", "_")
        figures.keep(f"{key}_s", seconds)
        figures.keep(f"{key}_rss_mb", rss_mb)
        figures.keep(f"{key}_pss_mb", pss_mb)
    headings = ("", "s to the first answer", "slowest", "RSS MB", "PSS MB")
    figures.table(f"{ROUNDS[chosen.quick]} starts of each", headings, rows)
    figures.end()


if __name__ == "__main__":
    main()
