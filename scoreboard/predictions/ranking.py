"""Totals, shared ranks and the top of a game, from the points of all its users.

Ranks are shared (1, 2, 2, 4): one more than how many have a better total. So counts by total are
all that a rank needs; the ranking of a million users is a few hundred counts. Equals stand in the
order of their names.
"""

from collections import Counter
from collections.abc import AsyncIterator
from heapq import nsmallest

from msgspec import Struct

from scoreboard.predictions.kept import encode, points_in
from scoreboard.predictions.store import PredictionsStore, Row
from scoreboard.predictions.tables import CHUNK_USERS, first_chunk, first_key

READ_CHUNKS = 64
EXAMPLES = 4  # users named for each total, to be shown as neighbours...
EXAMPLED_MAX = 20_000  # ...of so many totals; those found later have none
FEW = 20_000  # so many equals at the end of the top are looked up by key; more, by name
NAMES_READ = 2_000

Ranked = tuple[str, int, int]
"""A user's name, points and rank."""


class Ranking(Struct):
    """Counts by total, and some users' keys for each."""

    counts: Counter[int]
    examples: dict[int, list[int]]

    def ranks(self) -> dict[int, int]:
        """The rank of each total."""
        ranks, above = {}, 0
        for total in sorted(self.counts, reverse=True):
            ranks[total] = above + 1
            above += self.counts[total]
        return ranks


async def points_of_all(
    store: PredictionsStore, game: int, users: int
) -> AsyncIterator[tuple[int, list[int]]]:
    """The points of all users, a row at a time: the first key of the row, and its points."""
    rows = -(-users // CHUNK_USERS)
    for start in range(0, rows, READ_CHUNKS):
        numbers = range(
            first_chunk(game) + start, first_chunk(game) + min(rows, start + READ_CHUNKS)
        )
        chunks = await store.chunks(numbers)
        for number in numbers:
            width = min(CHUNK_USERS, users - (number - first_chunk(game)) * CHUNK_USERS)
            chunk = chunks.get(number)
            points = points_in(chunk.now).tolist() if chunk else []
            yield number * CHUNK_USERS, points[:width] + [0] * (width - len(points))


async def ranking_of(store: PredictionsStore, game: int, users: int) -> Ranking:
    """Count all users by their points."""
    ranking = Ranking(Counter(), {})
    examples = ranking.examples
    async for first, points in points_of_all(store, game, users):
        ranking.counts.update(points)
        for total in set(points):
            known = examples.get(total)
            if known is None:
                if len(examples) >= EXAMPLED_MAX:
                    continue
                known = examples[total] = []
            place = -1
            while len(known) < EXAMPLES:
                try:
                    place = points.index(total, place + 1)
                except ValueError:
                    break
                known.append(first + place)
    return ranking


async def top_of(
    store: PredictionsStore, game: int, users: int, ranking: Ranking, most: int
) -> list[Ranked]:
    """The first so many users, best first."""
    ranks = ranking.ranks()
    whole: list[int] = []  # totals of which all users stand in the top
    room = most
    last: int | None = None
    for total in ranks:
        if ranking.counts[total] > room:
            last = total
            break
        whole.append(total)
        room -= ranking.counts[total]
    wanted = set(whole)
    by_key = last is not None and room > 0 and ranking.counts[last] <= FEW
    if by_key and last is not None:
        wanted.add(last)
    found: list[tuple[int, int]] = []  # total and key
    if wanted:
        async for first, points in points_of_all(store, game, users):
            if not wanted.isdisjoint(points):
                found += [(p, first + n) for n, p in enumerate(points) if p in wanted]
    names = await store.named([key for _total, key in found])
    ranked = [(names[key], total) for total, key in found]
    if last is not None and room > 0 and not by_key:
        ranked += [(name, last) for name in await _first_by_name(store, game, last, room)]
    best = nsmallest(most, ranked, key=lambda one: (-one[1], one[0]))
    return [(name, total, ranks[total]) for name, total in best]


async def _first_by_name(store: PredictionsStore, game: int, total: int, count: int) -> list[str]:
    """The first users by name with a total that very many have."""
    found: list[str] = []
    after = ""
    while len(found) < count:
        page = await store.by_name(game, after, NAMES_READ)
        if not page:
            break
        chunks = await store.chunks({key // CHUNK_USERS for _name, key in page})
        points = {number: points_in(chunk.now) for number, chunk in chunks.items()}
        for name, key in page:
            number, place = divmod(key, CHUNK_USERS)
            row = points.get(number, ())
            has = row[place] if place < len(row) else 0
            if has == total:
                found.append(name)
        after = page[-1][0]
    return found[:count]


async def totals_of(store: PredictionsStore, ranking: Ranking) -> list[Row]:
    """The rows of totals of a run."""
    ranks = ranking.ranks()
    keys = [key for some in ranking.examples.values() for key in some]
    names = await store.named(keys)
    return [
        {
            "total": total,
            "count": count,
            "above": ranks[total] - 1,
            "examples": encode(sorted(names[key] for key in ranking.examples.get(total, ()))),
        }
        for total, count in ranking.counts.items()
    ]


__all__ = ["Ranked", "Ranking", "first_key", "ranking_of", "top_of", "totals_of"]
