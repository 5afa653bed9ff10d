"""One live connection for all pages of a browser, on plain HTTP in the venue's network."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec.structs import replace
from narrow import Narrow
from playwright.async_api import BrowserContext, Error, Page
from test_live_page import CARD, QUIZ
from venue import Venue, address
from watching import Opener, Watched

from scoreboard.app import Running, running
from scoreboard.settings import Settings

LIVE = "connection-state[data-state=live]"
HANG = """setTimeout(() => {
  const endless = new XMLHttpRequest();
  const slug = location.pathname.split("/").pop();
  endless.open("GET", `/api/v1/competitions/${slug}/boards/standings/stream`, false);
  endless.send();
})"""
OPEN = re.compile(r'^scoreboard_connections_open\{kind="websocket",listener="public"\} (\d+)', re.M)


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """A program for all tests here, on plain HTTP in the venue's network."""
    async with running(replace(shared_settings, public_host=address())) as started:
        yield started


@pytest_asyncio.fixture
async def venue(server: Running) -> AsyncIterator[Venue]:
    """A match under way and a quiz, at an address that browsers do not trust."""
    made = Venue(server)
    await made.open_cup()
    await made.define(QUIZ | {"slug": quiz(made)})
    await made.say(made.cup, "football.kick_off", "kick-off", {}, "m1")
    await made.say(quiz(made), "points.scored", "q1", {"entrant": "t3", "points": 12}, None)
    yield made
    await made.client.aclose()


def quiz(venue: Venue) -> str:
    """The slug of the quiz beside a cup."""
    return f"quiz-{venue.cup}"


async def connections(venue: Venue) -> int:
    """How many live connections the public listener serves, as its metrics say."""
    answer = await venue.client.get(venue.server.private_url + "/metrics")
    found = OPEN.search(answer.text)
    assert found is not None
    return int(found[1])


async def are_open(venue: Venue, number: int) -> None:
    """Return when the server serves so many live connections."""
    async with asyncio.timeout(15):
        while await connections(venue) != number:
            await asyncio.sleep(0.1)


async def another(context: BrowserContext, url: str) -> Page:
    """One more page of a browser, when it is live."""
    page = await context.new_page()
    await page.goto(url)
    await page.locator(LIVE).wait_for()
    return page


async def shows(page: Page, score: str) -> None:
    """Return when a page of the cup shows this score and says that it is live."""
    await page.locator(f"{CARD} .score", has_text=score).first.wait_for()
    await page.locator(LIVE).wait_for()


async def test_ten_pages_of_two_competitions_share_a_connection(
    venue: Venue, opened: Opener
) -> None:
    url = venue.server.public_url
    async with opened(f"{url}/c/{venue.cup}") as watched:
        await watched.is_in_state("live")
        assert not await watched.page.evaluate("isSecureContext")
        cups = [watched.page]
        cups += [await another(watched.page.context, f"{url}/c/{venue.cup}") for _ in range(7)]
        quizzes = [await another(watched.page.context, f"{url}/c/{quiz(venue)}") for _ in range(2)]
        await are_open(venue, 1)
        await venue.goal("goal-1", "gulls", 23)
        await venue.say(quiz(venue), "points.scored", "q2", {"entrant": "t4", "points": 77}, None)
        for page in cups:
            await shows(page, "1")
        for page in quizzes:
            await page.locator("tbody tr", has_text="77").wait_for()
        assert await connections(venue) == 1
        assert watched.complaints == []


async def hang(page: Page) -> None:
    """A page whose script waits for the end of what never ends, as if its process were frozen."""
    await page.evaluate(HANG)


async def crash(page: Page) -> None:
    """A page whose process is gone without a word."""
    with pytest.raises(Error):
        await page.goto("chrome://crash")


@pytest.mark.parametrize("end", [Page.close, hang, crash])
async def test_the_page_that_leads_is_replaced_without_a_gap(
    venue: Venue, opened: Opener, end: object
) -> None:
    assert callable(end)
    url = f"{venue.server.public_url}/c/{venue.cup}"
    async with opened("about:blank", alone=True) as watched:
        leading = watched.page
        await leading.goto(url)
        await leading.locator(LIVE).wait_for()
        others = [await another(leading.context, url) for _ in range(2)]
        await are_open(venue, 1)
        await end(leading)
        await venue.goal("goal-1", "gulls", 23)
        for page in others:
            await shows(page, "1")
        await venue.goal("goal-2", "terns", 24)
        for page in others:
            await page.locator(f"{CARD} .score", has_text="1").nth(1).wait_for()


async def test_a_page_that_follows_another_board_than_who_leads_gets_it(
    venue: Venue, opened: Opener
) -> None:
    url = venue.server.public_url
    async with opened(f"{url}/c/{quiz(venue)}") as watched:
        await watched.is_in_state("live")
        page = await another(watched.page.context, f"{url}/c/{venue.cup}/contests/m1")
        watching = Watched(page)
        await venue.goal("goal-1", "gulls", 23)
        await watching.shows(".match-side:has-text('Gulls') .match-score", "1")
        await are_open(venue, 1)
        await page.goto(f"{url}/c/{quiz(venue)}")
        await watching.is_in_state("live")
        await venue.say(quiz(venue), "points.scored", "q2", {"entrant": "t4", "points": 77}, None)
        await watching.shows("tbody tr", "77")
        assert watching.complaints == []


async def test_where_no_websocket_gets_through_boards_are_followed_all_the_same(
    venue: Venue, opened: Opener
) -> None:
    async with (
        Narrow(venue.server.public_url) as narrow,
        opened(f"{narrow.url}/c/{venue.cup}") as watched,
    ):
        page = watched.page
        await watched.is_in_state("live")
        await venue.goal("goal-1", "gulls", 23)
        await shows(page, "1")
        other = await another(page.context, f"{narrow.url}/c/{quiz(venue)}")
        await venue.say(quiz(venue), "points.scored", "q2", {"entrant": "t4", "points": 77}, None)
        await other.locator("tbody tr", has_text="77").wait_for()
        narrow.cut()
        await watched.is_in_state("reconnecting")
        await venue.goal("goal-2", "gulls", 24)
        await shows(page, "2")
        await venue.correct("goal-2", "void")
        await shows(page, "1")
        assert narrow.refused >= 1
        await are_open(venue, 0)
