"""A page says what it has shown wrong; a page that has not stays quiet."""

from collections.abc import AsyncIterator

import pytest_asyncio
from venue import Venue
from watching import Opener, Watched

from scoreboard.app import Running, running
from scoreboard.settings import Settings

CARD = "contest-list[data-which=live] .card"
LINE = ".corrected"
ROW = "group-table tbody tr"
HIDE = """
hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """A program for all tests here."""
    async with running(shared_settings) as started:
        yield started


@pytest_asyncio.fixture
async def venue(server: Running) -> AsyncIterator[Venue]:
    """A match with a goal that was none."""
    made = Venue(server)
    await made.open_cup()
    await made.say(made.cup, "football.kick_off", "k", {}, "m1")
    await made.goal("goal-1", "gulls", 23)
    yield made
    await made.client.aclose()


async def places(watched: Watched) -> list[str]:
    """Where every row and card is."""
    return list(
        await watched.page.eval_on_selector_all(
            ".card, caption, .standings",
            "all => all.map(e => JSON.stringify(e.getBoundingClientRect()))",
        )
    )


async def test_the_page_that_showed_it_says_so_until_escape_and_nothing_moves(
    venue: Venue, opened: Opener
) -> None:
    url = f"{venue.server.public_url}/c/{venue.cup}"
    async with opened(url) as watched:
        await watched.shows(f"{CARD} .score", "1")
        before = await places(watched)
        await venue.correct("goal-1", "void")
        await watched.shows(f"{CARD} {LINE}", "1–0 → 0–0")
        await watched.shows(f"{ROW} {LINE}", "Pts 3 → 1")
        await watched.shows("#said", "Gulls: Points was 3, is 1.")
        assert await places(watched) == before
        async with opened(url) as later:
            await later.shows(f"{CARD} .score", "0")
            assert await later.page.locator(LINE).count() == 0
            await venue.goal("goal-2", "terns", 30)
            await later.shows(f"{CARD} .score", "1")
            assert await later.page.locator(LINE).count() == 0
        await watched.page.keyboard.press("Escape")
        assert await watched.page.locator(LINE).count() == 0
        assert await watched.page.locator("#said").text_content() == ""
        assert watched.complaints == []


async def test_a_page_that_was_away_meanwhile_says_what_it_had_shown_for_a_while(
    venue: Venue, opened: Opener
) -> None:
    async with opened("about:blank", alone=True) as watched:
        await watched.page.clock.install()
        await watched.page.goto(f"{venue.server.public_url}/c/{venue.cup}")
        await watched.shows(f"{CARD} .score", "1")
        await watched.page.evaluate(HIDE, True)
        await watched.page.clock.run_for(61_000)  # unseen so long, it gives its connections back
        await venue.goal("goal-2", "gulls", 25)
        await venue.correct("goal-2", "void")  # this page never showed it
        await venue.correct("goal-1", "void")
        assert await watched.page.locator(f"{CARD} .score").first.text_content() == "1"
        await watched.page.evaluate(HIDE, False)
        await watched.shows(f"{CARD} {LINE}", "1–0 → 0–0")
        assert await watched.page.locator(f"{CARD} {LINE}").count() == 1
        await watched.shows(f"{ROW} {LINE}", "Pts 3 → 1")
        await watched.page.clock.run_for(31_000)
        assert await watched.page.locator(LINE).count() == 0


async def test_a_page_that_was_shown_it_through_a_freeze_says_so_after_the_thaw(
    venue: Venue, opened: Opener
) -> None:
    async with opened(f"{venue.server.public_url}/c/{venue.cup}") as watched:
        await watched.shows(f"{CARD} .score", "1")
        await venue.say(venue.cup, "competition.frozen", "f", {}, None)
        await venue.correct("goal-1", "void")
        await venue.goal("goal-2", "terns", 25)
        assert await watched.page.locator(LINE).count() == 0
        await venue.say(venue.cup, "competition.thawed", "t", {}, None)
        await watched.shows(f"{CARD} {LINE}", "1–0 → 0–0")
