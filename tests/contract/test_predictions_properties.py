"""Whatever is said, in whatever steps it is taken: points are those of a plain computation.

Guesses, cards, jokers, locks that come and go, goals and whistles that are voided and restored,
guesses that officials and users take back: told one by one, taken in any split, with the worker
ended at any step; and all of it again from nothing.
"""

import os
import random

import pytest
from msgspec.structs import replace
from plain_game import Story, plain_points

from scoreboard.facts.entry import Accepted
from scoreboard.predictions.game import Game
from scoreboard.predictions.ranking import points_of_all
from scoreboard.predictions.store import PredictionsStore
from scoreboard.settings import Projection
from scoreboard.sports.registry import Sports

FEW = 3  # always the same ones; set SCOREBOARD_EXAMPLES to look for more
SEEDS = int(os.environ.get("SCOREBOARD_EXAMPLES", FEW))
WORDS = 80
AT_ONCE = {"worker_settle_s": 0, "worker_publish_s": 0}


@pytest.fixture
async def store(settings, ledger):
    opened = PredictionsStore(settings)
    await opened.open()
    yield opened
    await opened.close()


async def opened(settings, ledger, store, slug):
    """A game as a worker that has just started finds it."""
    quick = replace(settings, projection=Projection(**AT_ONCE))
    game = Game(slug, ledger, store, Sports.installed(), quick, lambda *_args, **_figures: None)
    rows = {row.competition: row for row in await store.games()}
    await game.open(rows.get(slug))
    return game


async def append(ledger, draft):
    """The draft in the ledger; some are refused, such as a second restore."""
    (fate,) = await ledger.append([draft])
    return isinstance(fate, Accepted)


async def shown(store, slug):
    """Points by user, as the newest published run has them."""
    (row,) = [row for row in await store.games() if row.competition == slug]
    names = {key: name for name, key in await store.by_name(row.game, "", 1_000)}
    found = {}
    async for first, points in points_of_all(store, row.game, row.users):
        found |= {names[first + place]: value for place, value in enumerate(points)}
    return found


async def entries_of(ledger, slug):
    return await ledger.read(0, limit=10_000, competition=slug)


async def test_points_are_those_of_a_plain_computation(settings, ledger, store):
    told = []
    for seed in range(SEEDS):
        points = await play(Story(seed), random.Random(seed), settings, ledger, store)
        told += points.values()
    assert max(told) > 10
    assert sum(1 for points in told if points) > len(told) / 3


async def play(story, chance, settings, ledger, store):
    """A whole story, the worker ended now and then; then all of it anew. The points in the end."""
    for draft in story.begin():
        assert await append(ledger, draft)
    game = await opened(settings, ledger, store, story.game)
    for _ in range(WORDS):
        await append(ledger, story.next())
        for _step in range(chance.choice([0, 0, 1, 2, 20])):
            await game.step()
        if chance.random() < 0.15:
            game = await opened(settings, ledger, store, story.game)
    while await game.step():
        pass
    told, guessed = await entries_of(ledger, story.cup), await entries_of(ledger, story.game)
    plain = plain_points(told, guessed, story.jokers)
    assert await shown(store, story.game) == plain, story.game
    (row,) = [row for row in await store.games() if row.competition == story.game]
    await store.drop(row.game)
    anew = await opened(settings, ledger, store, story.game)
    while await anew.step():
        pass
    assert await shown(store, story.game) == plain, story.game
    return plain
