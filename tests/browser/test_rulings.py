"""What waits for officials, worked off in the queue by those who use it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from accessible import barriers
from brittle import Brittle
from msgspec.structs import replace
from officials import official
from playwright.async_api import expect
from venue import CUP, Venue, address
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Projection, Settings
from scoreboard.sports.football import Football
from scoreboard.sports.golf import Golf
from scoreboard.sports.registry import Sports

BAYS = {
    "slug": "bays",
    "name": "Bays",
    "sport": "golf",
    "params": {"pars": [4], "join": {"within_ms": 20_000, "doubt_ms": 5_000}},
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "name": "Round 1", "entrants": ["ada"]}],
}


@pytest.fixture(autouse=True)
def unmended() -> Any:
    yield
    Brittle.mended = False


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A running program with three sports, on plain HTTP in the venue's network."""
    sports = Sports({"brittle": Brittle, "football": Football, "golf": Golf})
    settings = replace(settings, private_host=address(), projection=Projection(retry_s=()))
    async with running(settings, sports) as server:
        made = Venue(server)
        yield made
        await made.client.aclose()


async def test_a_contest_that_stands_still_is_retried_by_keyboard_alone(
    venue: Venue, opened: Opener
) -> None:
    cup = {"slug": "cup", "name": "Cup", "sport": "brittle"}
    await venue.define(cup | {"contests": [{"id": "r1", "name": "Round 1"}]})
    await venue.say("cup", "brittle.hit", "h1", {"points": 13, "unlucky": True}, "r1")
    async with official(venue, opened, "Ann", "/rulings") as watched:
        page = watched.page
        await watched.shows("matter-view h2", "Round 1 stands still")
        await watched.shows("matter-view .what", "RuntimeError: unlucky. Later entries")
        assert await barriers(page) == []
        await page.keyboard.press("r")
        await watched.shows("matter-view .error", "Say why, then press Enter: Retry.")
        await page.keyboard.type("try again")
        await page.keyboard.press("Enter")
        await watched.shows("matter-view .what", "Tried 2 times.")
        Brittle.mended = True
        await page.locator("matter-view [data-hotkey=r]").wait_for()
        await page.keyboard.press("r")
        await page.keyboard.press("Enter")
        await watched.shows("matter-view .done", "Retry: “try again”")
        await page.keyboard.press("x")
        await watched.shows("#nothing", "Nothing waits for an official.")
        await watched.shows("#count", "Nothing waits")
        assert watched.complaints == []
    assert (await venue.client.get("/parked")).json() == {"parked": []}
    box = (await venue.client.get("/competitions/cup/boards/box:r1")).json()
    assert box["content"]["line"] == {"points": 13}


async def test_an_unmatched_observation_is_linked_and_taken_back(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(BAYS)
    at = "2026-05-02T08:00:{:02}Z".format
    await venue.say("bays", "golf.shot", "s", {"entrant": "ada"}, "r1", time=at(10))
    stroke = {"entrant": "ada", "hole": 1, "number": 1}
    await venue.say("bays", "golf.stroke", "x", stroke, "r1", time=at(55))
    path = "/competitions/bays/reconciliation"
    assert (await venue.client.get(path)).json()["total"] == 2
    async with official(venue, opened, "Ann", "/c/bays/rulings") as watched:
        page = watched.page
        await watched.shows("#count", "2 wait")
        link = page.locator("matter-view .decision", has_text="Link with")
        await expect(link).to_contain_text("45.0 s apart")
        await page.keyboard.press("1")
        await page.keyboard.type("Card checked")
        await page.keyboard.press("Enter")
        await watched.shows("#count", "Nothing waits")
        assert (await venue.client.get(path)).json()["total"] == 0
        await page.keyboard.press("z")
        await watched.shows("#count", "2 wait")
        [ruled] = (await venue.client.get(f"{path}/rulings")).json()["rulings"]
        assert (ruled["actor"], ruled["in_force"]) == ("official:Ann", False)
        assert watched.complaints == []


async def test_a_result_is_approved_by_two_and_what_is_new_goes_to_the_end(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(CUP | {"results": {"approvals": 2}})
    finished = {"contest": "m1", "status": "finished"}
    await venue.say("cup", "competition.status", "f1", finished, None)
    async with (
        official(venue, opened, "Ann", "/c/cup/rulings") as ann,
        official(venue, opened, "Bob", "/c/cup/rulings") as bob,
    ):
        await ann.shows("matter-view .facts", "Waits for 2 officials")
        await ann.shows("matter-view .facts", "Since ")
        await ann.page.keyboard.press("a")
        await ann.page.keyboard.type("Sheet signed")
        await ann.page.keyboard.press("Enter")
        await ann.shows("matter-view .effect", "You have approved it already.")
        await bob.shows("matter-view .facts", "Waits for 1 official")
        await bob.shows(".behind", "Official by Ann")
        await bob.page.keyboard.press("d")
        await bob.page.keyboard.type("Offside")
        disputed = {"contest": "m2", "state": "disputed", "reason": "protest"}
        await venue.say("cup", "competition.result", "p1", disputed, None)
        await bob.shows("#news", "1 new, at the end")
        titles = bob.page.locator("#queue .what")
        assert await titles.all_text_contents() == [
            "Gulls – Terns is not final",
            "Auks – Gulls is disputed",
        ]
        assert await bob.page.get_by_label("Why").input_value() == "Offside"
        await bob.page.keyboard.press("Enter")
        await ann.shows("matter-view h2", "Gulls – Terns is disputed")
        await bob.shows("matter-view h2", "Gulls – Terns is disputed")
        assert ann.complaints == bob.complaints == []
    result = (await venue.client.get("/competitions/cup/contests/m1/result")).json()
    assert (result["state"], result["history"][-1]["actor"]) == ("disputed", "official:Bob")


async def test_a_competition_that_cannot_be_read_holds_up_no_other(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(CUP)
    await venue.define(BAYS)
    disputed = {"contest": "m2", "state": "disputed", "reason": "protest"}
    await venue.say("cup", "competition.result", "p1", disputed, None)
    async with official(venue, opened, "Ann", "/rulings", alone=True) as watched:
        await watched.shows("#queue .what", "Auks – Gulls is disputed")
        await watched.page.route("**/competitions/bays/parked", lambda route: route.abort())
        await venue.say("cup", "competition.result", "p2", disputed | {"contest": "m1"}, None)
        await watched.shows("#news", "1 new, at the end")
        await watched.shows("#message", "bays: The server cannot be reached.")
        await watched.shows("matter-view h2", "Auks – Gulls is disputed")
