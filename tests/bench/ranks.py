"""The order of a million, as it changes: an update, the entrant's shared rank and the top ten.

    python tests/bench/ranks.py [--quick]

The program's ranking in this process, beside Redis's sorted sets over a pipeline (ZADD, ZCOUNT of
the strictly better for a shared rank, ZRANGE of the top ten; Debian's redis-server, started here).
Every answer of a sample is checked against a plain count.
"""

import contextlib
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator

from figures import Figures, arguments, progress
from redis import Redis
from redis.exceptions import ConnectionError as NotUp

from scoreboard.projections.ranking import Ranking

ENTRANTS = {False: 1_000_000, True: 50_000}
OPERATIONS = {False: 100_000, True: 10_000}
SCORES = 10_000
PIPELINE = 100
CHECKED = 30
TOP = 10


def field(count: int, chance: random.Random) -> dict[str, int]:
    """Scores that many share."""
    return {f"user-{n:07d}": chance.randrange(SCORES) for n in range(count)}


def changes(scores: dict[str, int], count: int, chance: random.Random) -> list[tuple[str, int]]:
    """Who gets how many points, in order; `scores` are brought up to date."""
    names = list(scores)
    made = []
    for _ in range(count):
        name = chance.choice(names)
        scores[name] += chance.randint(1, 9)
        made.append((name, scores[name]))
    return made


def ours(ranking: Ranking, some: list[tuple[str, int]]) -> float:
    """Operations a second."""
    started_s = time.perf_counter()
    for name, score in some:
        ranking.update({name: (-score,)})
        ranking.rank(name)
        list(ranking.top(TOP))
    return len(some) / (time.perf_counter() - started_s)


def check(ranking: Ranking, scores: dict[str, int], chance: random.Random) -> None:
    """Ranks are one more than how many are strictly better; the top is in order."""
    for name in chance.sample(list(scores), CHECKED):
        better = sum(score > scores[name] for score in scores.values())
        assert ranking.rank(name) == better + 1
    best = sorted(scores, key=lambda name: (-scores[name], name))[:TOP]
    assert [name for name, _rank in ranking.top(TOP)] == best


def redis_ranks(client: Redis, some: list[tuple[str, int]]) -> float:
    """The same by pipelines of a hundred."""
    started_s = time.perf_counter()
    for first in range(0, len(some), PIPELINE):
        pipeline = client.pipeline(transaction=False)
        for name, score in some[first : first + PIPELINE]:
            pipeline.zadd("ranks", {name: score})
            pipeline.zcount("ranks", f"({score}", "+inf")
            pipeline.zrange("ranks", 0, TOP - 1, desc=True, withscores=True)
        pipeline.execute()
    return len(some) / (time.perf_counter() - started_s)


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    """A Redis of our own, in memory alone, on a socket in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/redis.sock"
        command = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            path,
            "--save",
            "",
            "--dir",
            folder,
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            client = Redis(unix_socket_path=path)
            for _ in range(200):
                with contextlib.suppress(NotUp):
                    client.ping()
                    break
                time.sleep(0.02)
            yield client
        finally:
            server.terminate()
            server.wait(timeout=30)


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    count, operations = ENTRANTS[chosen.quick], OPERATIONS[chosen.quick]
    figures = Figures("ranks")
    chance = random.Random(5)
    scores = field(count, chance)
    start = dict(scores)
    some = changes(scores, operations, chance)
    progress("scoreboard")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ranking = Ranking()
    ranking.update({name: (-score,) for name, score in start.items()})
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rate = ours(ranking, some)
    check(ranking, scores, chance)
    progress("redis")
    with redis() as client:
        for first in range(0, count, 10_000):
            client.zadd("ranks", dict(list(start.items())[first : first + 10_000]))
        theirs = redis_ranks(client, some)
        used = client.info("memory")["used_memory"] / 1024**2
    lines = [
        ("scoreboard, in its process", f"{rate:,.0f}", f"{megabytes:.0f}", f"{rate / theirs:.1f}"),
        ("Redis, pipelined", f"{theirs:,.0f}", f"{used:.0f}", "1.0"),
    ]
    headings = ("", "operations/s", "MB", "times Redis")
    figures.table(f"update + shared rank + top ten of {count:,} entrants", headings, lines)
    figures.keep("operations_per_s", rate)
    figures.keep("times_redis", rate / theirs)
    figures.end()


if __name__ == "__main__":
    main()
