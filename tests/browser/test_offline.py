"""Pages opened offline, where the browser trusts the address; and what an update does to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, Error, Page
from venue import CUP, Venue
from watching import Watched

from scoreboard.app import running
from scoreboard.boards import pages
from scoreboard.settings import Settings

WAIT_S = 30
CONTROLLED = "() => navigator.serviceWorker.controller !== null"
KEPT = "(await (await caches.open('boards')).keys()).length >= 2"
NEWER = "(await caches.keys()).join() === 'shell-newer'"


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A match with a goal, on loopback."""
    async with running(settings) as server:
        made = Venue(server)
        await made.define(CUP)
        await made.say("cup", "football.kick_off", "kick-off", {}, "m1")
        await made.goal("goal-1", "gulls", 23)
        yield made
        await made.client.aclose()


async def until(page: Page, is_so: str) -> None:
    """Return when an expression, which may await, is true in the page, which may load anew."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with suppress(Error):  # it was left in the middle of the question
                if await page.evaluate(f"async () => Boolean({is_so})"):
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def installed(browser: Browser, url: str, **context: Any) -> AsyncIterator[Watched]:
    """A page whose service worker has kept it."""
    made = await browser.new_context(**context)
    try:
        watched = Watched(await made.new_page())
        await watched.page.goto(url)
        await watched.page.wait_for_function(CONTROLLED)
        yield watched
    finally:
        await made.close()


async def test_a_board_is_read_offline_as_of_when_it_was_seen(
    venue: Venue, browser: Browser
) -> None:
    async with installed(browser, venue.server.public_url + "/c/cup") as watched:
        page = watched.page
        await watched.is_in_state("live")
        await until(page, KEPT)
        await page.context.set_offline(True)
        await page.reload()
        await watched.shows("connection-state", "Offline")
        await watched.shows("connection-state", "As of")
        await watched.shows("tbody tr:first-child", "Gulls")
        await page.context.set_offline(False)
        await venue.goal("goal-2", "terns", 40)
        await watched.is_in_state("live")
        await watched.shows("contest-list[data-which=live] .score", "1")


async def test_a_rehearsal_says_so_offline_or_is_not_shown(venue: Venue, browser: Browser) -> None:
    made = await venue.client.post("/rehearsals", json={"competition": "cup", "speed": 1_000})
    public, trial = venue.server.public_url, f"/c/{made.json()['slug']}"
    await venue.server.app.rehearsals.finished()
    async with installed(browser, f"{public}/c/cup") as watched:
        page = watched.page
        await until(page, KEPT)
        await page.goto(f"{public}/c/cup/contests/m1")
        await watched.is_in_state("live")
        await page.goto(public + trial)
        await watched.shows(".rehearsal", "nothing here is for real")
        await watched.is_in_state("live")
        slug = made.json()["slug"]
        await until(page, f"await caches.match('/kind?{slug}')")
        await until(page, f"await caches.match('/api/v1/competitions/{slug}/boards/standings')")
        await page.context.set_offline(True)
        await page.reload()
        await watched.shows("connection-state", "Offline")
        await watched.shows(".rehearsal", "nothing here is for real")
        await watched.shows("h1", "Rehearsal: Harbour Cup")
        await page.goto(f"{public}/c/cup/contests/m1")
        await page.locator("connection-state").wait_for()
        assert await page.locator(".rehearsal").count() == 0
        with pytest.raises(Error):
            await page.goto(f"{public}{trial}/contests/m1")  # it was never there as a rehearsal's


async def test_a_pad_opens_offline(venue: Venue, browser: Browser) -> None:
    key = {"Authorization": f"Bearer {venue.server.admin_key}"}
    url = venue.server.private_url + "/pad/cup/m1"
    async with installed(browser, url, extra_http_headers=key) as watched:
        await watched.page.get_by_role("button", name="Claim this position").click()
        await watched.page.locator("pad-actions button").first.wait_for()
        await watched.page.context.set_offline(True)
        await watched.page.reload()
        await watched.page.locator("pad-actions button").first.wait_for()


async def test_a_new_program_takes_the_place_of_the_old_one_at_once(
    settings: Settings, browser: Browser, monkeypatch: Any
) -> None:
    program = "document.querySelector('meta[name=program]').content"
    async with running(settings) as server:
        port = int(server.public_url.rpartition(":")[2])
        manager = installed(browser, server.public_url + "/overlay")
        watched = await manager.__aenter__()
        old = await watched.page.evaluate(program)
    try:
        await watched.page.reload()
        assert await watched.page.evaluate(program) == old  # from what is kept
        monkeypatch.setattr(pages, "version_of", lambda _sources: "newer")
        monkeypatch.setattr(pages, "site", pages.site.__wrapped__)  # not as it was made before
        async with running(replace(settings, public_port=port)):
            await watched.page.goto(watched.page.url)
            assert await watched.page.evaluate(program) == "newer"
            await until(watched.page, NEWER)
    finally:
        await manager.__aexit__(None, None, None)
