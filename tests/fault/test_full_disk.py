"""A full disk under SQLite: refusals, nothing half done, reads go on, and on with room."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from evidence import Identity, Told, all_there_once
from made_anew import made_anew
from server import Server

from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

if sys.platform == "win32":
    pytest.skip("needs limits on the size of files", allow_module_level=True)

from disk import Disk, SizeLimit, may_mount, small_disk

QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "name": "Round 1"}],
}
BASE = "/api/v1/competitions/quiz"
BATCH_EVENTS = 200


@pytest.fixture(params=["size limit", *(["small disk"] if may_mount() else [])])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be filled: by a size limit everywhere, a small one where mounts are allowed.

    So a full disk is tried on every machine, and nothing is skipped.
    """
    if request.param == "size limit":
        yield SizeLimit(tmp_path)
        return
    with small_disk(tmp_path / "disk") as disk:
        yield disk


class Sender:
    """Sends batches of points one after another; `told` is what was acknowledged."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.told: dict[Identity, Told] = {}
        self.refused: list[dict[str, Any]] = []
        self._made = 0

    async def send(self, events: list[dict[str, Any]] | None = None) -> httpx2.Response:
        """Send new events, or these again."""
        events = events or [self._event() for _ in range(BATCH_EVENTS)]
        answer = await self.client.post(f"{BASE}/events", json=events)
        if answer.status_code != 200:
            self.refused = events
            return answer
        for event, result in zip(events, answer.json()["results"], strict=True):
            assert result["status"] == 201, result
            said = (result["position"], result["record"], result["version"])
            self.told["quiz", "pad", event["id"]] = said
        return answer

    async def points(self, url: str) -> int:
        """What the board shows, with everything acknowledged in it."""
        last = max(position for position, _record, _version in self.told.values())
        board = await self.client.get(f"{url}{BASE}/boards/standings", params={"after": last})
        assert board.status_code == 200, board.text
        points: int = board.json()["content"]["rows"]["ada"]["figures"]["points"]
        return points

    def _event(self) -> dict[str, Any]:
        self._made += 1
        event = {"id": str(self._made), "source": "pad", "type": "points.scored", "contest": "r1"}
        return {**event, "data": {"entrant": "ada", "points": 1}}


async def test_a_full_disk_refuses_with_nothing_half_done_and_goes_on_with_room(
    disk: Disk, tmp_path: Path
) -> None:
    server = await Server(disk.folder / "data").start()
    try:
        async with server.client() as client:
            answer = await client.post("/api/v1/competitions", json=QUIZ)
            assert answer.status_code == 201, answer.text
            sender = Sender(client)
            await sender.send()
            disk.fill(server.pid)
            while (answer := await sender.send()).status_code == 200:
                pass
            for _ in range(3):
                assert answer.status_code == 503, answer.text
                assert answer.headers["content-type"] == "application/problem+json"
                assert int(answer.headers["retry-after"]) >= 1
                assert await sender.points(server.private_url) == len(sender.told)
                assert await sender.points(server.public_url) == len(sender.told)
                answer = await sender.send(sender.refused)
            assert (await client.get(f"{BASE}/records/pad/1")).status_code == 200
            disk.free(server.pid)
            answer = await sender.send(sender.refused)
            assert answer.status_code == 200, answer.text
            assert await sender.points(server.public_url) == len(sender.told)
    finally:
        await server.stop()
    settings = Settings(data=str(server.data))
    await all_there_once(settings, sender.told)
    ledger = await Ledger.open(settings)
    anew = await made_anew(ledger, tmp_path / "anew")
    await ledger.close()
    assert anew["quiz", "standings"]["rows"]["ada"]["figures"]["points"] == len(sender.told)
