"""Servers for benchmarks: the real program, and a program that does nothing but HTTP.

Each runs in a process of its own, as it would for an operator.
"""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import own_postgres
from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]


class Served(Struct, frozen=True):
    """A running server: its addresses, the admin's key, and its (first) process."""

    private: str
    public: str
    key: str
    pid: int

    def cpu_s(self) -> float:
        """Seconds of processor time that it and its children used (Linux's /proc; 0 elsewhere)."""
        return _cpu_s(self.pid)


def _cpu_s(pid: int) -> float:
    stat, task = Path(f"/proc/{pid}/stat"), Path(f"/proc/{pid}/task/{pid}/children")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    own_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own_s + sum(_cpu_s(int(child)) for child in task.read_text().split())


@contextlib.contextmanager
def scoreboard(folder: Path, database: str = "", processes: int = 1) -> Iterator[Served]:
    """`python -m scoreboard serve` on free ports while the block lasts."""
    command = [sys.executable, "-m", "scoreboard", "serve", "--data", str(folder)]
    command += ["--private-port", "0", "--public-port", "0"]
    if database:
        command += ["--database", database, "--processes", str(processes)]
    with _child(command) as child:
        found: dict[str, str] = {}
        for line in child.stdout:
            if match := re.match(r"(private|public)\s+(http\S+)", line):
                found[match[1]] = match[2]
            elif line.startswith("sb_"):
                found["key"] = line.strip()
                break
        if len(found) < 3:
            raise RuntimeError("the server did not start")
        yield Served(found["private"], found["public"], found["key"], child.pid)


@contextlib.contextmanager
def bare_http(*files: Path) -> Iterator[Served]:
    """A uvicorn that reads bodies, drops them, and answers with as little as possible.

    A file, if there is one, is what it answers at `/file`.
    """
    program = str(Path(__file__).with_name("bare_http.py"))
    with _child([sys.executable, program, *map(str, files)]) as child:
        url = child.stdout.readline().strip()
        yield Served(url, url, "", child.pid)


@contextlib.contextmanager
def _child(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd="/")
    try:
        yield child
    finally:
        child.terminate()
        child.wait(timeout=60)


@contextlib.asynccontextmanager
async def durable_postgres(folder: Path, *databases: str) -> AsyncIterator[list[str]]:
    """A Postgres of our own with fsync on; the URLs of the databases asked for."""
    programs = own_postgres.programs()
    if programs is None:
        raise SystemExit("Postgres is not installed: nothing measured")
    folder.mkdir()
    folder.parent.chmod(0o755)
    server, url = own_postgres.start(programs, folder, durable=True)
    try:
        await own_postgres.until_ready(url, server)
        for name in databases:
            await own_postgres.execute(url, f"CREATE DATABASE {name}")
        yield [own_postgres.in_database(url, name) for name in databases]
    finally:
        server.terminate()
        server.wait(timeout=30)
