"""A contest of many increments: a correction takes one back and puts one in, and folds no other."""

import random
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scoreboard.facts.competition import DEFINED
from scoreboard.facts.entry import Draft, Entry
from scoreboard.ledger.ledger import Ledger
from scoreboard.projections.projection import BoardsProjection
from scoreboard.projections.store import ReadStore
from scoreboard.settings import Settings
from scoreboard.sports.registry import Sports

INCREMENTS = 20_000
ENTRANTS = 1_000
CORRECTIONS = 20


class Counting:
    """A ledger as its readers see it, that counts the entries which they ask for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.entries = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def read(self, after: int, **more: Any) -> list[Entry]:
        found = await self._ledger.read(after, **more)
        self.entries += len(found)
        return found

    async def versions(
        self, competition: str, records: Collection[str], **more: Any
    ) -> dict[str, list[Entry]]:
        found = await self._ledger.versions(competition, records, **more)
        self.entries += sum(len(versions) for versions in found.values())
        return found


def draft(id_: str, data: dict[str, Any], **more: Any) -> Draft:
    said = {"source": "pad", "type": "points.scored", "contest": "r1", "actor": "device:pad"}
    return Draft(competition="race", id=id_, data=msgspec.json.encode(data), **(said | more))


@pytest.mark.parametrize("mode", ["sum", "best"])
async def test_a_correction_reads_one_record_and_not_the_contest(tmp_path: Path, mode: str) -> None:
    settings = Settings(data=str(tmp_path))
    ledger = await Ledger.open(settings)
    counting = Counting(ledger)
    projection = BoardsProjection(settings, counting, Sports.installed(), ReadStore(settings))
    await projection.open()
    race = {"slug": "race", "name": "Race", "sport": "points", "contests": [{"id": "r1"}]}
    office = {"source": "office", "actor": "admin:office", "contest": None}
    defined = {"record": "competition", "type": DEFINED.type}
    await ledger.append([draft("d", race | {"params": {"mode": mode}}, **office, **defined)])
    chance = random.Random(5)
    points = [(f"e{chance.randrange(ENTRANTS)}", n % 97) for n in range(INCREMENTS)]
    for first in range(0, INCREMENTS, 4_000):
        part = list(enumerate(points))[first : first + 4_000]
        await ledger.append([draft(str(n), {"entrant": e, "points": p}) for n, (e, p) in part])

    async def catch_up() -> None:
        while entries := await ledger.read(projection.position, limit=1_000):
            await projection.handle(entries)

    await catch_up()
    before = counting.entries
    for number in chance.sample(range(INCREMENTS), CORRECTIONS):
        entrant, _points = points[number]
        points[number] = (entrant, 1)
        right = {"entrant": entrant, "points": 1}
        judge = {"record": f"pad/{number}", "action": "amend", "actor": "official:judge"}
        await ledger.append([draft(f"c{number}", right, **judge)])
        await catch_up()
    assert counting.entries - before <= 10 * CORRECTIONS
    shown = projection.shelf.get("race", "standings")
    assert shown is not None
    combine = sum if mode == "sum" else max
    scored: dict[str, list[int]] = {}
    for entrant, value in points:
        scored.setdefault(entrant, []).append(value)
    for entrant, row in shown.content["rows"].items():
        assert row["figures"]["points"] == combine(scored[entrant])
    await projection.close()
    await ledger.close()
