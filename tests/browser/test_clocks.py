"""Clocks on pages: they tick by themselves, and all screens show the same at the same moment."""

import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest_asyncio
from venue import CUP, Venue
from watching import Opener, Watched

from scoreboard.app import Running, running
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


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """A program for all tests here."""
    async with running(shared_settings) as started:
        yield started


@pytest_asyncio.fixture
async def venue(server: Running) -> AsyncIterator[Venue]:
    """A match under way."""
    made = Venue(server)
    await made.open_cup()
    await made.say(made.cup, "football.kick_off", "k", {}, "m1", time=ago(125))
    yield made
    await made.client.aclose()


async def flips(watched: Watched, count: int) -> dict[str, float]:
    """When the clock came to show each text, by the true time in milliseconds."""
    await watched.page.wait_for_function(f"() => flips.length >= {count}", polling=100)
    return dict(await watched.page.evaluate("() => flips"))


async def test_two_screens_whose_own_clocks_disagree_show_the_same(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(GAME)
    clock = {"period": 1, "clock_ms": 119_000, "running": True}
    await venue.say("game", "periods.clock", "c", clock, "m1", time=ago(1))
    await venue.define(RUN)
    await venue.say("run", "race.gun", "g", {"at": 0}, "m1", time=ago(3_725))
    async with opened("about:blank", alone=True) as one, opened("about:blank", alone=True) as other:
        await one.page.add_init_script(SKEWED % 0)
        await other.page.add_init_script(SKEWED % -47_300)
        for slug, text in (("game", "1:"), (venue.cup, "2:"), ("run", "1:02:")):
            for watched in (one, other):
                await watched.page.goto(f"{venue.server.public_url}/c/{slug}")
                await watched.shows(CLOCK, text)
                await watched.page.evaluate(WATCH, CLOCK)
            here, there = await flips(one, 4), await flips(other, 4)
            both = here.keys() & there.keys()
            assert both, slug
            # The least: a busy machine may come late to one or another.
            assert min(abs(here[shown] - there[shown]) for shown in both) < AGREE_MS, slug
        assert one.complaints == other.complaints == []


async def test_a_clock_is_right_again_after_this_machines_clock_jumped(
    venue: Venue, opened: Opener
) -> None:
    async with opened("about:blank", alone=True) as watched:
        await watched.page.add_init_script(SKEWED % 0)
        await watched.page.goto(f"{venue.server.public_url}/c/{venue.cup}")
        await watched.shows(CLOCK, "2:")
        await watched.page.evaluate("() => { window.skewMs = 3_600_000; }")
        await watched.shows(CLOCK, "+")  # an hour on: far past the end of the half
        await watched.shows(CLOCK, "2:")


async def test_a_clock_stops_where_it_is_told_and_goes_when_that_is_voided(
    venue: Venue, opened: Opener
) -> None:
    async with opened(f"{venue.server.public_url}/c/{venue.cup}") as watched:
        await watched.shows(CLOCK, "2:")
        size = await watched.page.locator(CLOCK).bounding_box()
        stop = {"period": "first", "elapsed_ms": 61_000, "running": False}
        await venue.say(venue.cup, "football.clock", "stop", stop, "m1", time=ago(0))
        await watched.shows(CLOCK, "1:01")
        assert await watched.page.locator(CLOCK).bounding_box() == size
        await venue.correct("stop", "void")
        await watched.shows(CLOCK, "2:")
        await venue.correct("k", "void")
        await watched.page.locator(CLOCK).wait_for(state="hidden")


async def test_a_machine_whose_clock_is_hours_wrong_says_right_when_it_heard_of_things(
    venue: Venue, opened: Opener
) -> None:
    headers = {"Authorization": venue.client.headers["Authorization"]}
    for hours in (-5, 5):
        async with opened("about:blank", alone=True, extra_http_headers=headers) as watched:
            await watched.page.add_init_script(SKEWED % (hours * 3_600_000))
            for path in ("/", "/desk"):
                await watched.page.goto(venue.server.private_url + path)
                await watched.shows("connection-state .as-of", "Seen at")
                said = await watched.page.locator(".as-of").get_attribute("datetime")
                assert abs(datetime.fromisoformat(said or "").timestamp() - time.time()) < 60


async def test_tables_of_players_keep_their_order_whoever_does_something_first(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(GAME | {"slug": "players"})
    said = {"period": 1, "clock_ms": 300_000, "team": "gulls"}
    await venue.say("players", "periods.foul", "f", said | {"player": "10"}, "m1")
    for player in ("10", "9", "4"):
        basket = said | {"points": 2, "player": player}
        await venue.say("players", "periods.score", f"s{player}", basket, "m1")
    url = f"{venue.server.public_url}/c/players/contests/m1"
    async with opened(url) as watched:
        await watched.shows("figures-table caption", "Players of Gulls")
        table = watched.page.locator("figures-table").filter(has_text="Players of Gulls")
        heads = ["Player", "Fouls", "Points"]
        expected = [["no.", *said] for said in (["4", "0", "2"], ["9", "0", "2"], ["10", "1", "2"])]
        assert await table.locator("thead th").all_inner_texts() == heads
        rows = [(await row.inner_text()).split() for row in await table.locator("tbody tr").all()]
        assert rows == expected
