"""The server killed (SIGKILL) in the middle of concurrent posting, again and again.

    python tests/fault/kill.py --rounds 50 [--database sqlite|postgres]

After every kill the server is started again and the clients send what was not acknowledged. Then
every acknowledged event must be in the ledger once, at the position that it was told; positions
have no gap; the chain verifies; and a stream's client that came back with its Last-Event-ID must
hold, patch by patch, what a fresh read shows. At the end the boards must equal those folded anew.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx2
import own_postgres
from crowd import CUP, QUIZ, Crowd
from evidence import all_there_once
from follower import Follower
from made_anew import Contents, made_anew
from msgspec import Struct
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from server import Server

from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

READ_S = 60
ACKNOWLEDGED_MAX = 300  # a round's kill comes after at most so many further acknowledgements


class Round(Struct, frozen=True):
    """What one round came to."""

    acknowledged: int
    repeated: int
    positions: int
    patches: int
    snapshots: int
    resets: int


async def rounds(
    count: int, folder: Path, database: str, done: Callable[[Round], None], seed: int
) -> None:
    """Kill so many times and check each time; AssertionError says what was wrong."""
    chance = random.Random(seed)
    server = await Server(folder / "data", database).start()
    try:
        async with server.client() as client:
            for definition in (QUIZ, CUP):
                answer = await client.post("/api/v1/competitions", json=definition)
                assert answer.status_code == 201, answer.text
        crowd = Crowd(server.client, server.up.wait, chance=chance)
        follower = Follower(f"{server.public_url}{boards_of('quiz')}/standings/stream")
        for _ in range(count):
            last = await kill_once(server, crowd, follower, chance.randint(0, ACKNOWLEDGED_MAX))
            done(last)
        live = await boards(server, last.positions)
    finally:
        await server.stop()
    settings = Settings(data=str(folder / "data"), database=database)
    ledger = await Ledger.open(settings)
    try:
        assert await made_anew(ledger, folder / "anew") == live, "boards differ from a rebuild"
    finally:
        await ledger.close()


async def kill_once(server: Server, crowd: Crowd, follower: Follower, after: int) -> Round:
    """One kill under load, the restart, and the checks."""
    known, repeated, seen = len(crowd.told), crowd.repeated, len(follower.seen)
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow(server, follower))
        posting = tasks.create_task(crowd.run())
        await crowd.until_acknowledged(known + after)
        await server.kill()
        await server.start()
        await crowd.until_acknowledged(len(crowd.told) + 20)
        crowd.stop()
        await posting
        following.cancel()
    settings = Settings(data=str(server.data), database=server.database)
    positions = await all_there_once(settings, crowd.told)
    await check_stream(server, follower, positions)
    heard = Counter(event for event, _version in follower.seen[seen:])
    return Round(
        acknowledged=len(crowd.told) - known,
        repeated=crowd.repeated - repeated,
        positions=positions,
        patches=heard["patch"],
        snapshots=heard["snapshot"],
        resets=heard["reset"],
    )


async def follow(server: Server, follower: Follower) -> None:
    """Follow for ever, coming back whenever cut off."""
    while True:
        await server.up.wait()
        with contextlib.suppress(httpx2.TransportError):
            async with follower.connected():
                await follower.until(lambda _board: False)


async def check_stream(server: Server, follower: Follower, position: int) -> None:
    """The client's copy, brought up to date, is what a fresh read shows."""
    fresh = (await read(server, "quiz", "standings", position)).json()
    async with follower.connected():
        held = await follower.until(lambda board: board["version"] == fresh["version"])
    assert held["content"] == fresh["content"]


def boards_of(slug: str) -> str:
    return f"/api/v1/competitions/{slug}/boards"


async def read(server: Server, slug: str, board: str, after: int) -> httpx2.Response:
    """A board with everything up to a position in it."""
    return await ask(server, f"{boards_of(slug)}/{board}", after=after)


async def ask(server: Server, path: str, **query: int) -> httpx2.Response:
    """An answer, asked for again while boards are on their way (503 with Retry-After)."""
    async with asyncio.timeout(READ_S), server.client() as client:
        while (answer := await client.get(path, params=query)).status_code == 503:
            await asyncio.sleep(float(answer.headers["retry-after"]))
    assert answer.status_code == 200, answer.text
    return answer


async def boards(server: Server, after: int) -> Contents:
    """Every board's content, over HTTP, with everything up to a position in it."""
    found: Contents = {}
    for slug in ("quiz", "cup"):
        listed = (await ask(server, boards_of(slug))).json()["boards"]
        for name in [*(board["board"] for board in listed), "flags"]:
            answer = await read(server, slug, name, after)
            found[slug, name] = answer.json()["content"]
    return found


# as a program ----------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def database_of(kind: str, folder: Path) -> AsyncIterator[str]:
    """The URL of a database of a kind: empty for SQLite, else of an own Postgres server."""
    if kind == "sqlite":
        yield ""
        return
    programs = own_postgres.programs()
    if programs is None:
        raise SystemExit("Postgres is not installed")
    (folder / "postgres").mkdir()
    folder.chmod(0o755)
    process, url = own_postgres.start(programs, folder / "postgres")
    try:
        await own_postgres.until_ready(url, process)
        await own_postgres.execute(url, "CREATE DATABASE killed")
        yield own_postgres.in_database(url, "killed")
    finally:
        process.terminate()
        process.wait(timeout=30)


async def main(count: int, kinds: list[str], seed: int) -> None:
    """Run the rounds on each kind of database and print what they came to."""
    console = Console()
    for kind in kinds:
        done: list[Round] = []
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, Progress() as bar:
            task = bar.add_task(f"killing on {kind}", total=count)

            def advance(one: Round, done: Any = done, bar: Any = bar, task: Any = task) -> None:
                done.append(one)
                bar.advance(task)

            async with database_of(kind, Path(name)) as database:
                await rounds(count, Path(name), database, advance, seed)
        table = Table(title=f"{kind}: {count} kills, nothing lost, nothing doubled")
        for column in ("", *Round.__struct_fields__):
            table.add_column(column, justify="right")
        for number, one in enumerate(done, 1):
            table.add_row(str(number), *(str(getattr(one, f)) for f in Round.__struct_fields__))
        console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--database", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    asyncio.run(main(given.rounds, given.database or ["sqlite", "postgres"], given.seed))
