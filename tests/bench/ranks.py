"""The order of a million, as it changes: an update, the entrant's shared rank and the top ten.

    python tests/bench/ranks.py [--quick]

The program's ranking in this process, beside Redis's sorted sets over a pipeline (ZADD, ZCOUNT of
the strictly better for a shared rank, ZRANGE of the top ten; Debian's redis-server, started here).
With scores that many share and with as many scores as entrants; and of both with changes among
the best ten alone, so that the top ten is another one each time. The two take turns, and what
is kept is the median of the turns. Every answer of a sample is checked against a plain count.
Megabytes are what the process has grown by, and what Redis says it uses.
"""

import contextlib
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from figures import Figures, arguments, progress
from redis import Redis
from redis.exceptions import ConnectionError as NotUp

from scoreboard.projections.ranking import Ranking

ENTRANTS = {False: 1_000_000, True: 50_000}
OPERATIONS = {False: 100_000, True: 10_000}
TURNS = 5
SHARED, DISTINCT = 10_000, 1_000_000_000  # scores
LEADERS = 10
PIPELINE = 100
PORTION = 10_000
CHECKED = 30
TOP = 10


def field(count: int, scores: int, chance: random.Random) -> dict[str, int]:
    """Everybody's score."""
    return {f"user-{n:07d}": chance.randrange(scores) for n in range(count)}


def changes(
    scores: dict[str, int], names: Sequence[str], count: int, chance: random.Random
) -> list[tuple[str, int]]:
    """Who gets how many points, in order; `scores` are brought up to date."""
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
        ranking.update({name: -score})
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


def resident_mb() -> float:
    """What this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def filled(scores: dict[str, int], client: Redis) -> tuple[Ranking, float, float]:
    """A ranking and Redis with these scores; the megabytes of each."""
    before, before_redis = resident_mb(), client.info("memory")["used_memory"]
    ranking, more = Ranking(), iter(scores.items())
    while portion := dict(islice(more, PORTION)):
        ranking.update({name: -score for name, score in portion.items()})
    grown, more = resident_mb() - before, iter(scores.items())
    while portion := dict(islice(more, PORTION)):
        client.zadd("ranks", portion)
    return ranking, grown, (client.info("memory")["used_memory"] - before_redis) / 1024**2


def taking_turns(
    ranking: Ranking,
    client: Redis,
    scores: dict[str, int],
    names: Sequence[str],
    each: int,
    chance: random.Random,
) -> tuple[float, float, float]:
    """Operations a second of either, and how many times Redis's ours are."""
    rates = []
    for _ in range(TURNS):
        some = changes(scores, names, each, chance)
        rates.append((ours(ranking, some), redis_ranks(client, some)))
        check(ranking, scores, chance)
    mine, theirs = (statistics.median(of) for of in zip(*rates, strict=True))
    return mine, theirs, statistics.median(rate / redis for rate, redis in rates)


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    count, each = ENTRANTS[chosen.quick], OPERATIONS[chosen.quick] // TURNS
    figures = Figures("ranks")
    chance = random.Random(5)
    lines = []
    for kind, most in (("shared", SHARED), ("distinct", DISTINCT)):
        progress(f"{kind} scores")
        scores = field(count, most, chance)
        names = list(scores)
        with redis() as client:
            ranking, grown_mb, redis_mb = filled(scores, client)
            memory = f"{grown_mb:.0f} / {redis_mb:.0f}"
            best = sorted(scores, key=scores.__getitem__)[-LEADERS:]
            for what, among in ((f"{kind} scores", names), (f"{kind}, the best change", best)):
                mine, theirs, times = taking_turns(ranking, client, scores, among, each, chance)
                lines.append((what, f"{mine:,.0f}", f"{theirs:,.0f}", f"{times:.1f}", memory))
                figures.keep(f"{what.replace(', ', '_').replace(' ', '_')}_per_s", mine)
                figures.keep(f"{what.replace(', ', '_').replace(' ', '_')}_times_redis", times)
            figures.keep(f"{kind}_mb", grown_mb)
    headings = ("", "operations/s", "Redis, pipelined", "times Redis", "MB / Redis")
    figures.table(f"update + shared rank + top ten of {count:,} entrants", headings, lines)
    figures.end()


if __name__ == "__main__":
    main()
