"""Clocks on pages: they tick by themselves, and all screens show the same at the same moment."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from venue import CUP, Venue
from watching import Opener, Watched

from scoreboard.app import running
from scoreboard.facts.instant import to_text
from scoreboard.settings import Settings

AGREE_MS = 100
CLOCK = "contest-list[data-which=live] running-clock"
SKEWED = """
window.trueNow = Date.now.bind(Date);
window.skewMs = %d;
Date.now = () => trueNow() + window.skewMs;
"""
WATCH = """
selector => {
  window.flips = [];
  const note = () => flips.push([document.querySelector(selector).textContent, trueNow()]);
  new MutationObserver(note).observe(document.querySelector(selector), {
    childList: true, characterData: true, subtree: true,
  });
}
"""
GAME: dict[str, Any] = {
    "slug": "game",
    "name": "Game",
    "sport": "periods",
    "entrants": CUP["entrants"],
    "contests": [{"id": "m1", "name": "Gulls – Terns", "entrants": ["gulls", "terns"]}],
}
RUN: dict[str, Any] = {
    "slug": "run",
    "name": "Harbour run",
    "sport": "race",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "m1", "name": "Ten kilometres"}],
}


def ago(seconds: float) -> str:
    """An instant so long ago."""
    return to_text(time.time_ns() // 1000 - int(seconds * 1e6))


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A match, a game and a race, all under way."""
    async with running(settings) as server:
        made = Venue(server)
        for competition in (CUP, GAME, RUN):
            await made.define(competition)
        await made.say("cup", "football.kick_off", "k", {}, "m1", time=ago(125))
        clock = {"period": 1, "clock_ms": 90_000, "running": True}
        await made.say("game", "periods.clock", "c", clock, "m1", time=ago(20))
        await made.say("run", "race.gun", "g", {"at": 0}, "m1", time=ago(3_725))
        yield made
        await made.client.aclose()


async def flips(watched: Watched, count: int) -> dict[str, float]:
    """When the clock came to show each text, by the true time in milliseconds."""
    await watched.page.wait_for_function(f"() => flips.length >= {count}")
    return dict(await watched.page.evaluate("() => flips"))


@pytest.mark.parametrize(("slug", "text"), [("cup", "2:"), ("game", "1:"), ("run", "1:02:")])
async def test_two_screens_whose_own_clocks_disagree_show_the_same(
    venue: Venue, opened: Opener, slug: str, text: str
) -> None:
    url = f"{venue.server.public_url}/c/{slug}"
    async with opened("about:blank") as one, opened("about:blank") as other:
        for watched, skew_ms in ((one, 0), (other, -47_300)):
            await watched.page.add_init_script(SKEWED % skew_ms)
            await watched.page.goto(url)
            await watched.shows(CLOCK, text)
            await watched.page.evaluate(WATCH, CLOCK)
        here, there = await flips(one, 4), await flips(other, 4)
        both = here.keys() & there.keys()
        assert both
        assert max(abs(here[shown] - there[shown]) for shown in both) < AGREE_MS
        assert one.complaints == other.complaints == []


async def test_a_clock_is_right_again_after_this_machines_clock_jumped(
    venue: Venue, opened: Opener
) -> None:
    async with opened("about:blank") as watched:
        await watched.page.add_init_script(SKEWED % 0)
        await watched.page.goto(venue.server.public_url + "/c/cup")
        await watched.shows(CLOCK, "2:")
        await watched.page.evaluate("() => { window.skewMs = 3_600_000; }")
        await watched.shows(CLOCK, "+")  # an hour on: far past the end of the half
        await watched.shows(CLOCK, "2:")


async def test_a_clock_stops_where_it_is_told_and_goes_when_that_is_voided(
    venue: Venue, opened: Opener
) -> None:
    async with opened(venue.server.public_url + "/c/cup") as watched:
        await watched.shows(CLOCK, "2:")
        size = await watched.page.locator(CLOCK).bounding_box()
        stop = {"period": "first", "elapsed_ms": 61_000, "running": False}
        await venue.say("cup", "football.clock", "stop", stop, "m1", time=ago(0))
        await watched.shows(CLOCK, "1:01")
        assert await watched.page.locator(CLOCK).bounding_box() == size
        await venue.correct("stop", "void")
        await watched.shows(CLOCK, "2:")
        await venue.correct("k", "void")
        await watched.page.locator(CLOCK).wait_for(state="hidden")
