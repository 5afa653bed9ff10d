"""A day at a venue: two sports, two pads each, three kinds of screen, and what goes wrong then.

A real server in a process of its own is killed in the middle and started again; one pad loses the
network; a goal is taken back; the table is frozen and shown again. All by keyboard.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from test_pad import claim
from venue import CUP
from watching import Opener, Watched

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fault.server import Server

RACE: dict[str, Any] = {
    "slug": "run",
    "name": "Harbour Run",
    "sport": "race",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "contests": [{"id": "r1", "name": "Race", "entrants": ["ada", "bel"]}],
}
NETWORK = ("ERR_", "Failed to load resource", "502", "503")  # what browsers say of a lost server


class Day:
    """The venue's server and its operator."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client: httpx2.AsyncClient = server.client()

    async def say(self, slug: str, type_: str, id_: str, **more: Any) -> None:
        """One event by the operator."""
        event = {"id": id_, "source": "desk", "type": type_, **more}
        await self.ok("POST", f"/competitions/{slug}/events", event)

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """An answer that must be good."""
        answer = await self.client.request(method, f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def key(self, name: str) -> dict[str, str]:
        """The header of a new device's key."""
        made = await self.ok("POST", "/keys", {"name": name, "role": "device"})
        return {"Authorization": f"Bearer {made['key']}"}

    async def board(self, slug: str, board: str = "standings") -> dict[str, Any]:
        """A board's content as the public has it."""
        async with httpx2.AsyncClient(base_url=self.server.public_url) as public:
            answer = await public.get(f"/api/v1/competitions/{slug}/boards/{board}")
        return dict(answer.json()["content"])


@pytest_asyncio.fixture(scope="module")
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    server = await Server(tmp_path_factory.mktemp("day") / "data").start()
    made = Day(server)
    try:
        await made.ok("POST", "/competitions", CUP)
        await made.ok("POST", "/competitions", RACE)
        yield made
    finally:
        await made.client.aclose()
        await server.stop()


async def score(watched: Watched, figures: str) -> None:
    """Return when a board's page shows a match's score, such as `2 0`."""
    first, second = figures.split()
    sides = watched.page.locator(".card .side .score, .sides .score")
    await watched.page.wait_for_function(
        "([a, b]) => { const all = [...document.querySelectorAll('.card .side .score')]"
        ".map((one) => one.textContent); return all[0] === a && all[1] === b; }",
        arg=[first, second],
        polling=100,
    )
    assert await sides.count() >= 2


def ours(watched: Watched) -> list[str]:
    """What a page complains of, but for a network that is away."""
    return [said for said in watched.complaints if not any(word in said for word in NETWORK)]


async def test_a_match_through_a_crash_a_cut_a_correction_and_a_freeze(
    day: Day, opened: Opener
) -> None:
    server = day.server
    pad = server.private_url + "/pad/cup/m1"
    ann, ben = await day.key("ann"), await day.key("ben")
    await day.ok("PUT", "/displays/hall", {"kind": "pages", "pages": ["/c/cup"]})
    async with (
        opened(pad, extra_http_headers=ann, width=390, height=844) as first,
        opened(pad, extra_http_headers=ben, width=1280, height=720) as second,
        opened(server.public_url + "/c/cup", width=390, height=844) as phone,
        opened(server.private_url + "/display/hall", width=1920, height=1080) as hall,
        opened(server.public_url + "/overlay/cup?show=bug&contest=m1") as overlay,
    ):
        await claim(first, "Ann's phone", "scorer")
        await claim(second, "Ben's tablet", "second scorer")
        await first.page.keyboard.press("n")
        await first.page.keyboard.press("q")
        await score(phone, "1 0")
        shown = hall.page.frame_locator("iframe.shown")
        await shown.locator(".card .score", has_text="1").first.wait_for()
        await overlay.page.get_by_text("1", exact=True).first.wait_for()

        await first.page.context.set_offline(True)
        await first.page.keyboard.press("q")
        await first.shows("#unsent", "Unsent: 1")
        await server.kill()
        await phone.page.locator("connection-state:not([data-state=live])").wait_for()
        await second.page.keyboard.press("q")
        await second.shows("#unsent", "Unsent: 1")
        await server.start()
        await second.shows("#unsent", "All sent")
        await score(phone, "2 0")
        await first.page.context.set_offline(False)
        await first.shows("#unsent", "All sent")
        await score(phone, "3 0")
        await shown.locator(".card .score", has_text="3").first.wait_for()

        await first.page.keyboard.press("z")
        await score(phone, "2 0")

        await day.say("cup", "competition.frozen", "freeze")
        before = position = (await day.ok("GET", "/health"))["position"]
        await second.page.keyboard.press("q")
        while position == before:
            position = (await day.ok("GET", "/health"))["position"]
        officials = await day.ok("GET", f"/competitions/cup/boards/box:m1?after={position}")
        assert list(officials["content"]["line"]["score"]) == [3, 0]
        await phone.page.get_by_text("frozen", exact=False).first.wait_for()
        await score(phone, "2 0")
        await day.ok("POST", "/competitions/cup/reveal", {})
        await score(phone, "3 0")

        await hall.page.evaluate("window.before = true")
        async with hall.page.expect_navigation():
            await day.ok("POST", "/displays/acts", {"act": "reload"})
        await shown.locator(".card .score", has_text="3").first.wait_for()
        for watched in (first, second, phone, hall, overlay):
            assert ours(watched) == []


async def test_a_race_timed_from_two_pads(day: Day, opened: Opener) -> None:
    pad = day.server.private_url + "/pad/run/r1"
    cid, dot = await day.key("cid"), await day.key("dot")
    async with (
        opened(pad, extra_http_headers=cid, width=390, height=844) as gun,
        opened(pad, extra_http_headers=dot, width=390, height=844) as line,
        opened(day.server.public_url + "/c/run") as wall,
    ):
        await claim(gun, "Cid's phone", "timekeeper")
        await claim(line, "Dot's phone", "finish judge")
        await gun.page.keyboard.press("g")
        await line.shows("#heading", "0:00:0")
        await line.page.context.set_offline(True)
        for name in ("Bel", "Ada"):
            await line.page.keyboard.press(" ")
            await line.page.locator("dialog[open] button", has_text=name).first.press("Enter")
        await line.shows("#unsent", "Unsent: 2")
        await line.page.context.set_offline(False)
        await line.shows("#unsent", "All sent")
        await (
            wall.page.locator("tbody tr", has_text="Bel").locator(".rank", has_text="1").wait_for()
        )
        rows = (await day.board("run"))["rows"]
        assert [rows[who]["rank"] for who in ("bel", "ada")] == [1, 2]
        assert await asyncio.wait_for(gun.page.evaluate("true"), 5)
        for watched in (gun, line, wall):
            assert ours(watched) == []
