"""What holds for boards whatever is said, in whatever order: the real ledger and projection.

the live boards are those made anew from the ledger
a snapshot and the patches since are what a fresh read shows, and no patch is empty
a correction and its undoing leave every board as it was
other rules and the former ones again leave every board as it was, which these show all the while
the order in which the same words arrive does not matter
"""

import itertools
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import told
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from made_anew import Contents, contents, made_anew
from msgspec.structs import replace
from told import Said, drafts, interleaved, stories

from scoreboard.facts.document import Content, Patch, merge
from scoreboard.facts.entry import Accepted
from scoreboard.facts.ruling import in_force
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.history import History
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.store import ReadStore
from scoreboard.settings import Limits, Projection, Settings
from scoreboard.sports.registry import Sports

pytestmark = pytest.mark.parametrize("sport", ["points", "football"])
few = examples(
    max_examples=int(os.environ.get("SCOREBOARD_EXAMPLES", "5")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SPORTS = Sports.installed()


class Ground:
    """One ledger for all examples; each has competitions and folders of its own."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.folder = folder
        self._numbers = itertools.count()

    def number(self) -> int:
        return next(self._numbers)

    async def say(self, slug: str, definition: Content, said: list[Said]) -> None:
        """Append everything, some of it twice."""
        twice = [draft for draft in drafts(slug, definition, said) for _ in range(2)]
        for fate in await self.ledger.append(twice):
            assert isinstance(fate, Accepted), fate


@pytest_asyncio.fixture(scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    folder = tmp_path_factory.mktemp("ground")
    ledger = await Ledger.open(Settings(data=str(folder / "ledger")))
    yield Ground(ledger, folder)
    await ledger.close()


class Watcher:
    """The live boards of one example, and a client's copy of each, kept by patches alone."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.start = ground.ledger.head.position
        self.folder = ground.folder / str(ground.number())
        self.copies: dict[tuple[str, str], tuple[str, str, Content]] = {}
        self.projection: BoardsProjection

    async def open(self) -> "Watcher":
        """Start, or start again where the read store is."""
        # Small bounds and eager saving: contests are let go and loaded again all the time.
        settings = Settings(
            data=str(self.folder),
            limits=Limits(loaded_facts_max=5, loaded_competitions_max=1, shelved_boards_max=3),
            projection=Projection(save_every_s=1e-6, render_every_ms=1, snapshot_entries=3),
        )
        self.folder.mkdir(exist_ok=True)
        store = ReadStore(settings)
        self.projection = BoardsProjection(settings, self.ground.ledger, SPORTS, store)
        opened = await self.projection.open()
        self.projection.folds.position = max(opened, self.start)
        self.projection.shelf.on_change.append(self._take)
        return self

    async def catch_up(self, batches: random.Random, *, restarts: bool = True) -> Contents:
        """Take the ledger in batches of random sizes, stopping and starting now and then."""
        head = self.ground.ledger.head.position
        while self.projection.position < head:
            limit = batches.randint(1, 12)
            entries = await self.ground.ledger.read(self.projection.position, limit=limit)
            await self.projection.handle(entries)
            if restarts and batches.random() < 0.15:
                await self.projection.close()
                await self.open()
        self.projection.render_pending(everything=True)
        found = await contents(self.projection)
        await self.projection.close()
        await self.open()
        return found

    def _take(self, patch: Patch) -> None:
        board = (patch.after.competition, patch.after.board)
        version, status, content = self.copies.get(board, ("", "", {}))
        assert patch.before == version
        other_rules = version and not patch.after.version.startswith(version.split("-")[0])
        assert patch.merge or patch.after.status != status or other_rules, "an empty patch"
        assert patch.after.version != version
        content = merge(content, patch.merge)
        assert content == patch.after.content
        self.copies[board] = (patch.after.version, patch.after.status, content)

    def copied(self) -> Contents:
        """What the client holds."""
        return {board: content for board, (_version, _status, content) in self.copies.items()}

    async def close(self) -> None:
        await self.projection.close()


@few
@given(data=st.data(), seed=st.integers(0, 2**32))
async def test_live_boards_are_those_made_anew_and_those_a_client_keeps_by_patches(
    ground: Ground, sport: str, data: Any, seed: int
) -> None:
    definition, said = data.draw(stories(sport))
    watcher = await Watcher(ground).open()
    await ground.say(f"c{ground.number()}", definition, said)
    live = await watcher.catch_up(random.Random(seed))
    await watcher.close()
    assert watcher.copied() == live
    anew = await made_anew(ground.ledger, watcher.folder / "anew", after=watcher.start)
    assert anew == live


@few
@given(data=st.data(), seed=st.integers(0, 2**32))
async def test_a_correction_and_its_undoing_leave_every_board_as_it_was(
    ground: Ground, sport: str, data: Any, seed: int
) -> None:
    definition, said = data.draw(stories(sport))
    slug = f"c{ground.number()}"
    watcher = await Watcher(ground).open()
    await ground.say(slug, definition, said)
    before = await watcher.catch_up(random.Random(seed))
    wrong, right = await mistake(ground, slug, sport, data.draw(st.sampled_from(said)), data)
    for number, word in enumerate((wrong, right)):
        *_, draft = drafts(slug, definition, [*said, word])
        fates = await ground.ledger.append([replace(draft, id=f"undo-{number}")])
        assert isinstance(fates[0], Accepted)
        after = await watcher.catch_up(random.Random(seed))
    await watcher.close()
    assert after == before


async def mistake(ground: Ground, slug: str, sport: str, of: Said, data: Any) -> tuple[Said, Said]:
    """An official's wrong word about a record, and the word that makes good for it."""
    record = f"pad/f{of.record}"
    versions = (await ground.ledger.versions(slug, [record]))[record]
    now = in_force(versions)
    void = replace(of, official=True, restore=False, time=None, data=None)
    wrong = data.draw(told.SPORTS[sport].facts[of.type])
    amended = replace(void, data=wrong)
    if now is None:
        return amended, void
    if data.draw(st.booleans()):
        return void, replace(void, restore=True)
    assert now.data is not None
    return amended, replace(void, data=msgspec.json.decode(now.data))


@few
@given(data=st.data(), seed=st.integers(0, 2**32))
async def test_other_rules_and_the_former_again_leave_every_board_as_it_was(
    ground: Ground, sport: str, data: Any, seed: int
) -> None:
    definition, said = data.draw(stories(sport))
    slug = f"c{ground.number()}"
    watcher = await Watcher(ground).open()
    await ground.say(slug, definition, said)
    shown = [await watcher.catch_up(random.Random(seed))]
    others = data.draw(told.SPORTS[sport].params)
    if others == definition.get("params"):
        others = {}
    for number, params in enumerate((others, definition.get("params", {}))):
        draft, *_ = drafts(slug, definition | {"params": params}, [])
        amended = replace(draft, id=f"amended-{number}", action="amend")
        [fate] = await ground.ledger.append([amended])
        assert isinstance(fate, Accepted)
        shown.append(await watcher.catch_up(random.Random(seed)))
        history = History(watcher.projection, 3)
        for version, contents_then in enumerate(shown, 1):
            for (_slug, name), content in contents_then.items():
                read = await history.document(slug, name, 2**62, None, version, public=False)
                assert (read.rules, read.content) == (version, content)
    assert shown[2] == shown[0]
    assert watcher.copied() == shown[2]
    anew = await made_anew(ground.ledger, watcher.folder / "anew", after=watcher.start)
    assert anew == shown[2]
    await watcher.close()


@few
@given(data=st.data(), seed=st.integers(0, 2**32))
async def test_the_order_of_arrival_does_not_matter(
    ground: Ground, sport: str, data: Any, seed: int
) -> None:
    definition, said = data.draw(stories(sport))
    chance = random.Random(seed)
    watcher = await Watcher(ground).open()
    one, other = f"c{ground.number()}", f"c{ground.number()}"
    await ground.say(one, definition, said)
    await ground.say(other, definition, interleaved(said, chance))
    live = await watcher.catch_up(chance)
    await watcher.close()
    boards = {board for slug, board in live if slug == one}
    assert {b: live[one, b] for b in boards} == {b: live[other, b] for b in boards}
