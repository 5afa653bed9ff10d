"""How soon all points of a prediction game are right after ten final whistles, and who notices.

    python tests/bench/predictions.py [--quick] [--users 10000,100000,1000000]
                                      [--database sqlite|postgres]

For each number of users a ledger is filled with a card of ten guesses each, the real server started
over it, and its worker takes the guesses in. Then ten matches end at the same time, over HTTP. From
the first whistle on it is measured how long it takes until the leaderboard has all ten results; its
rows and those of random users are compared with a plain computation of all users. While that runs:
reads of boards (most of the leaderboard's top, some of single users) and single events to another
competition, each at a rate. Memory is the most that the worker's process held, less that of a
worker that has nothing to do.
"""

import asyncio
import contextlib
import random
import tempfile
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import uvloop
from figures import Figures, arguments, at, progress
from serving import Served, durable_postgres, scoreboard
from wire import Connection, Refused, get, post

from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Accepted, Draft
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

USERS = {False: "10000,100000,1000000", True: "2000,10000"}
API = "/api/v1/competitions"
MATCHES = 10
FILL = 4_000
READS_A_S, USERS_A_S, EVENTS_A_S = 450, 50, 100
CONNECTIONS = 8
QUIET_S = 5.0
CHECKED_USERS = 300
SETTLED_S = 1_800
TEAMS = [f"t{n}" for n in range(2 * MATCHES)]
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": team, "name": team} for team in TEAMS],
    "contests": [{"id": f"m{n}", "entrants": TEAMS[2 * n : 2 * n + 2]} for n in range(MATCHES)],
}
TIPS = {"slug": "tips", "name": "Tips", "sport": "predictions", "params": {"over": "cup"}}
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1"}],
}
RESULTS = [(n % 4, n % 3) for n in range(MATCHES)]
Score = tuple[int, int]


def name_of(user: int) -> str:
    """Names whose order is not that of the guesses."""
    return f"u{user * 7_919 % 10_000_019:08}"


def guesses_of(user: int) -> list[Score]:
    """What a user guesses, much as people do: few goals."""
    chance = random.Random(user)
    return [
        (chance.choice((0, 1, 1, 2, 2, 3, 4)), chance.choice((0, 0, 1, 1, 2, 3)))
        for _ in range(MATCHES)
    ]


def plain_points(user: int) -> int:
    """Four for the score, three for the difference, two for the winner: a plain computation."""
    points = 0
    for guess, result in zip(guesses_of(user), RESULTS, strict=True):
        was, said = result[0] - result[1], guess[0] - guess[1]
        if guess == result:
            points += 4
        elif was == said:
            points += 3
        elif was * said > 0:
            points += 2
    return points


# the ledger ----------------------------------------------------------------------------------


def drafted(slug: str, id_: str, type_: str, data: object, **more: str) -> Draft:
    return Draft(
        competition=slug,
        source="bench",
        id=id_,
        type=type_,
        actor="admin:bench",
        data=msgspec.json.encode(data),
        **more,
    )


def card(user: int) -> Draft:
    """A user's card of guesses."""
    guesses = [
        {"contest": f"m{n}", "home": home, "away": away}
        for n, (home, away) in enumerate(guesses_of(user))
    ]
    data = {"user": name_of(user), "guesses": guesses}
    return drafted("tips", f"c{user}", "guesses.made", data)


async def fill(settings: Settings, users: int) -> float:
    """Everything before the whistles; seconds that it took."""
    started_s = time.perf_counter()
    ledger = await Ledger.open(settings)
    try:
        some = [
            drafted(d["slug"], "definition", DEFINED.type, d, record="_definition")
            for d in (CUP, TIPS, QUIZ)
        ]
        for user in range(users):
            some.append(card(user))
            if len(some) >= FILL:
                assert all(isinstance(f, Accepted) for f in await ledger.append(some))
                some = []
        some += [
            drafted("cup", f"m{n}g{m}{side}", "football.goal",
                    {"team": TEAMS[2 * n + side], "minute": 10 + m}, contest=f"m{n}")
            for n, result in enumerate(RESULTS)
            for side in (0, 1)
            for m in range(result[side])
        ]  # fmt: skip
        assert all(isinstance(f, Accepted) for f in await ledger.append(some))
    finally:
        await ledger.close()
    return time.perf_counter() - started_s


# the server ----------------------------------------------------------------------------------


def resident_mb(pid: int, name: str = "VmHWM") -> float:
    """Memory of a process in MB: the most that it held, or (VmRSS) what it holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


def worker_of(server: Served) -> int:
    """The process of the server's worker."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == server.pid:
                return int(path.parent.name)
    raise RuntimeError("the server has no worker")


async def until(
    connection: Connection, request: bytes, done: Callable[[dict], bool], every_s: float
) -> dict:
    """Ask until the answer is as it should be."""
    async with asyncio.timeout(SETTLED_S):
        while True:
            with contextlib.suppress(Refused):  # nothing is published yet
                answer = msgspec.json.decode(await connection.ask(request))
                if done(answer):
                    return answer
            await asyncio.sleep(every_s)


class Load:
    """Requests at a rate over several connections, with the time of each answer."""

    def __init__(self, url: str, a_second: int, request: Callable[[int], bytes]) -> None:
        self.times_s: list[float] = []
        self._url = url
        self._a_second = a_second
        self._request = request
        self._stop = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Send while the block lasts."""
        connections = [await Connection.to(self._url) for _ in range(CONNECTIONS)]
        first_s = time.perf_counter()
        tasks = [
            asyncio.create_task(self._send(connection, place, first_s))
            for place, connection in enumerate(connections)
        ]
        try:
            yield self
        finally:
            self._stop.set()
            await asyncio.gather(*tasks)
            for connection in connections:
                connection.close()

    async def _send(self, connection: Connection, place: int, first_s: float) -> None:
        number = place
        while not self._stop.is_set():
            due_s = first_s + number / self._a_second
            # A request that had to wait for the one before it was late: its time counts from
            # when it was due, so that a server that stands still is seen to.
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            await connection.ask(self._request(number))
            self.times_s.append(time.perf_counter() - due_s)
            number += CONNECTIONS


async def measure(server: Served, users: int, figures: Figures, name: str) -> list[str]:
    """Everything that is measured of one number of users."""
    board = get(f"{API}/tips/boards/leaderboard?top=10")
    asking = await Connection.to(server.public)
    telling = await Connection.to(server.private)
    started_s = time.perf_counter()
    await until(
        asking,
        get(f"{API}/tips/boards/leaderboard"),
        lambda a: a.get("content", {}).get("total") == users,
        0.25,
    )
    intake_s = time.perf_counter() - started_s
    progress(f"  guesses taken in {intake_s:.1f} s, worker {resident_mb(worker_of(server)):.0f} MB")
    loads = {
        "reads": Load(server.public, READS_A_S, lambda n: board),
        "users": Load(
            server.public,
            USERS_A_S,
            lambda n: get(f"{API}/tips/users/{name_of(n * 104_729 % users)}"),
        ),
        "events": Load(server.private, EVENTS_A_S, lambda n: post(
            f"{API}/quiz/events", server.key, msgspec.json.encode({
                "id": f"s{n}", "source": "pad", "type": "points.scored", "contest": "r1",
                "data": {"entrant": "ada", "points": 1},
            }))),
    }  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        for load in loads.values():
            await stack.enter_async_context(load.running())
        await asyncio.sleep(QUIET_S)
        quiet = {key: at(0.99, load.times_s) for key, load in loads.items()}
        for load in loads.values():
            load.times_s.clear()
        whistled_s = time.perf_counter()
        for n in range(MATCHES):
            body = {
                "id": f"w{n}",
                "source": "ref",
                "type": "football.full_time",
                "contest": f"m{n}",
            }
            await telling.ask(post(f"{API}/cup/events", server.key, msgspec.json.encode(body)))
        shown = await until(asking, board, lambda a: a["content"]["contests"] == MATCHES, 0.02)
        right_s = time.perf_counter() - whistled_s
        busy = {key: at(0.99, load.times_s) for key, load in loads.items()}
        most = {key: 1e3 * max(load.times_s) for key, load in loads.items()}
    memory_mb = resident_mb(worker_of(server))
    progress("  checking against a plain computation")
    await check(asking, shown, users)
    for connection in (asking, telling):
        connection.close()
    for key, value in (
        ("right_s", right_s),
        ("worker_mb", memory_mb),
        *((f"{key}_p99_ms", ms) for key, ms in busy.items()),
        *((f"{key}_quiet_p99_ms", ms) for key, ms in quiet.items()),
    ):
        figures.keep(f"{name}_{users}_{key}", value)
    p99 = [f"{quiet[k]:.0f} / {busy[k]:.0f} / {most[k]:.0f}" for k in loads]
    return [name, f"{users:,}", f"{intake_s:.1f}", f"{right_s:.1f}", f"{memory_mb:.0f}", *p99]


async def check(asking: Connection, shown: dict, users: int) -> None:
    """All boards are right: every row of the top, and users at random with their ranks."""
    points = [plain_points(user) for user in range(users)]
    ordered = sorted(points)
    whole = msgspec.json.decode(await asking.ask(get(f"{API}/tips/boards/leaderboard")))
    rows = [
        (row["rank"], user, row["figures"]["points"])
        for user, row in whole["content"]["rows"].items()
    ]
    best = sorted((-points[user], name_of(user)) for user in range(users))[: len(rows)]
    wanted = [(1 + users - bisect_right(ordered, -minus), name, -minus) for minus, name in best]
    assert sorted(rows, key=lambda r: (-r[2], r[1])) == wanted, "the top is not right"
    chance = random.Random(1)
    for user in [chance.randrange(users) for _ in range(CHECKED_USERS)]:
        path = f"{API}/tips/users/{name_of(user)}"
        found = msgspec.json.decode(await asking.ask(get(path)))
        rank = 1 + users - bisect_right(ordered, points[user])
        assert (found["points"], found["rank"]) == (points[user], rank), found


async def empty_worker_mb(folder: Path, database: str) -> float:
    """What a worker holds that has a game of nobody."""
    settings = Settings(data=str(folder), database=database)
    await fill(settings, 1)
    with scoreboard(folder, database) as server:
        connection = await Connection.to(server.public)
        request = get(f"{API}/tips/boards/leaderboard?after=3")
        await until(connection, request, lambda a: a["content"]["total"] == 1, 0.2)
        connection.close()
        return resident_mb(worker_of(server))


async def run(kind: str, sizes: list[int], figures: Figures) -> None:
    """All numbers of users on one kind of database."""
    rows = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        names = ["empty", *(f"u{users}" for users in sizes)]
        async with contextlib.AsyncExitStack() as stack:
            urls = [""] * len(names)
            if kind == "postgres":
                made = durable_postgres(Path(folder) / "postgres", *names)
                urls = await stack.enter_async_context(made)
            empty_mb = await empty_worker_mb(Path(folder) / "empty", urls[0])
            figures.keep(f"{kind}_empty_mb", empty_mb)
            for users, url in zip(sizes, urls[1:], strict=True):
                progress(f"{kind}, {users} users: filling the ledger")
                data = Path(folder) / f"data{users}"
                took_s = await fill(Settings(data=str(data), database=url), users)
                progress(f"  filled in {took_s:.0f} s")
                with scoreboard(data, url) as server:
                    row = await measure(server, users, figures, kind)
                more_mb = float(figures.kept(f"{kind}_{users}_worker_mb")) - empty_mb
                figures.keep(f"{kind}_{users}_more_mb", more_mb)
                rows.append([*row[:5], f"{more_mb:.0f}", *row[5:]])
    headings = ("on", "users", "taken in s", "all right after s", "worker MB", "above empty MB")
    p99s = [f"{what} p99 ms: before / during / most" for what in ("board reads", "users", "events")]
    title = f"ten results, {READS_A_S + USERS_A_S} reads/s, {EVENTS_A_S} events/s"
    figures.table(title, (*headings, *p99s), rows)


async def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--users", help="numbers of users, with commas")
    parser.add_argument("--database", choices=("sqlite", "postgres"), action="append")
    chosen = parser.parse_args()
    figures = Figures("predictions")
    sizes = [int(part) for part in (chosen.users or USERS[chosen.quick]).split(",")]
    for kind in chosen.database or ["sqlite", "postgres"]:
        await run(kind, sizes, figures)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
