"""One batch of a run: new terms over the users of a few rows of points.

Usually points move by difference, for the contests that changed. They are summed up from nothing
where that is safer: when the scheme changed, when locks moved and guesses in force must be found
again, and when a run was broken off because a contest's rule failed.
"""

from array import array

from msgspec import Struct

from scoreboard.predictions.guesses import in_force, pack_slots, unpack_history, unpack_slots
from scoreboard.predictions.kept import Chunk, Run, points_in
from scoreboard.predictions.settling import Settlement
from scoreboard.predictions.store import PredictionsStore, Row
from scoreboard.predictions.tables import CHUNK_USERS, first_chunk, first_key


class Batch(Struct):
    """What a batch changes: rows of points, and guesses in force by key."""

    chunks: list[Chunk] = []
    forced: list[Row] = []


async def run_batch(
    store: PredictionsStore,
    game: int,
    users: int,
    cursor: int,
    rows: int,
    next_run: int,
    run: Run,
    settlement: Settlement,
) -> Batch:
    """Settle the users of some rows of points, from one on; Failed if the rule does."""
    first = cursor * CHUNK_USERS
    last = min(users, first + rows * CHUNK_USERS)
    keys = (first_key(game) + first, first_key(game) + last)
    start = first_chunk(game) + cursor
    numbers = range(start, start + -(-(last - first) // CHUNK_USERS))
    chunks = await store.chunks(numbers)
    batch = Batch()
    points: dict[int, array[int]] = {}
    for number in numbers:
        chunk = chunks.setdefault(number, Chunk(number, next_run, b"", b""))
        width = min(CHUNK_USERS, users - (number - first_chunk(game)) * CHUNK_USERS)
        before = points_in(chunk.now)
        before.extend([0] * (width - len(before)))
        points[number] = before
    if run.relock:
        await _relocked(store, keys, run, settlement, points, batch)
    else:
        of = settlement.of
        for key, slots in await store.slots(*keys):
            number, place = divmod(key, CHUNK_USERS)
            worth = of(unpack_slots(slots))
            if run.anew:
                points[number][place] = worth
            elif worth:
                points[number][place] += worth
    for number, now in points.items():
        chunks[number].change(next_run, now)
        batch.chunks.append(chunks[number])
    return batch


async def _relocked(
    store: PredictionsStore,
    keys: tuple[int, int],
    run: Run,
    settlement: Settlement,
    points: "dict[int, array[int]]",
    batch: Batch,
) -> None:
    """Find the guesses in force again, and what they are worth."""
    terms = run.terms
    for key, before, history in await store.histories(*keys):
        force = in_force(unpack_history(history), terms.locks, terms.jokers)
        slots = pack_slots(force)
        number, place = divmod(key, CHUNK_USERS)
        points[number][place] = settlement.of(unpack_slots(slots))
        if slots != before:
            batch.forced.append({"key": key, "slots": slots})
