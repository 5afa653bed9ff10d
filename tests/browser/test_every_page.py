"""What holds for every page, of a sport and of a game of predictions over it.

No page asks for what there is not; none is wider than a phone's window with letters twice as large,
as a browser's own setting makes them (WCAG 2.2, 1.4.4 and 1.4.10).
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from chromium import FLAGS, program
from playwright.async_api import Browser, async_playwright
from tabs import Tabs
from venue import CUP, Venue
from watching import Opener, Watched

from scoreboard.app import running
from scoreboard.boards.pages import PLACES, Place
from scoreboard.settings import Settings

NAMES = {"contest": "m1", "entrant": "gulls", "display": "hall"}
GAME = {"slug": "tips", "name": "Tips", "sport": "predictions", "params": {"over": "cup"}}
WAIT_S = 60
LARGE = "--blink-settings=defaultFontSize=32"  # usually 16
WIDTH_PX, HEIGHT_PX = 390, 844
CONTESTS = ("/c/{competition}/contests/{contest}", "/pad/", "/judge/")
"""Where pages of contests begin, of which a game has none."""


def paths() -> list[tuple[Place, str]]:
    """All pages, those of competitions of the cup and of the game over it."""
    found = []
    for place in PLACES:
        slugs = ["cup", "tips"] if place.of_competition else ["cup"]
        if place.path.startswith(CONTESTS):
            slugs.remove("tips")
        found += [(place, place.path.format(competition=slug, **NAMES)) for slug in slugs]
    return found


PATHS = [pytest.param(place, path, id=path) for place, path in paths()]


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A match under way and two who guessed its score, one of them of an entrant's name."""
    async with running(shared_settings) as server:
        made = Venue(server)
        await made.define(CUP)
        await made.say("cup", "football.kick_off", "k", {}, "m1")
        await made.goal("goal-1", "gulls", 23)
        await made.define(GAME)
        for user in ("gulls", "bo"):
            guess = {"user": user, "contest": "m1", "home": 1, "away": 0}
            await made.say("tips", "guess.made", user, guess, None)
        board = "/competitions/tips/boards/leaderboard"
        after = {"after": server.app.ledger.head.position}
        async with asyncio.timeout(WAIT_S):  # in which the worker starts
            while not (await made.client.get(board, params=after, timeout=WAIT_S)).is_success:
                pass
        yield made
        await made.client.aclose()


def key_at(venue: Venue, url: str) -> dict[str, str]:
    """The headers by which a listener knows an official."""
    if url == venue.server.public_url:
        return {}
    return {"Authorization": venue.client.headers["Authorization"]}


async def settled(watched: Watched) -> None:
    """Return when a page has read all that it shows first."""
    if "/display/" in watched.page.url:
        await watched.shows("#waiting", "waits for the operator")
    else:
        await watched.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("place", "path"), PATHS)
async def test_a_page_asks_for_nothing_that_there_is_not(
    venue: Venue, opened: Opener, place: Place, path: str
) -> None:
    for url in [venue.server.private_url] + [venue.server.public_url] * (not place.private):
        key = key_at(venue, url)
        async with opened(url + path, extra_http_headers=key) as watched:
            await settled(watched)
            assert watched.complaints == []


@pytest_asyncio.fixture(scope="module")
async def large() -> AsyncIterator[Tabs]:
    """Windows of a browser that is set to letters twice as large as usual."""
    async with async_playwright() as playwright:
        started: Browser = await playwright.chromium.launch(
            executable_path=program(), args=[*FLAGS, LARGE]
        )
        yield Tabs(started)
        await started.close()


@pytest.mark.parametrize(("place", "path"), PATHS)
async def test_a_page_with_letters_twice_as_large_is_no_wider_than_a_phone(
    venue: Venue, large: Tabs, place: Place, path: str
) -> None:
    url = venue.server.private_url if place.private else venue.server.public_url
    async with large.used(
        width=WIDTH_PX, height=HEIGHT_PX, extra_http_headers=key_at(venue, url)
    ) as watched:
        await watched.page.goto(url + path)
        await settled(watched)
        assert await watched.overflow_px() == 0
