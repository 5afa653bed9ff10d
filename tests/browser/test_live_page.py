"""The page of a competition in a real browser, against the whole program on real sockets."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

SIZES = {"wall": (1920, 1080), "laptop": (1280, 720), "phone": (390, 844)}
QUIZ: dict[str, Any] = {
    "slug": "quiz",
    "name": "Quiz night",
    "sport": "points",
    "entrants": [{"id": f"t{n}", "name": f"Table {n}"} for n in range(1, 13)],
}
CARD = "contest-list[data-which=live] .card"


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A running program with two competitions; in the cup the first match is under way."""
    async with running(shared_settings) as server:
        made = Venue(server)
        await made.define(CUP)
        await made.define(QUIZ)
        await made.say("cup", "football.kick_off", "kick-off", {}, "m1")
        await made.say("quiz", "points.scored", "q1", {"entrant": "t3", "points": 12}, None)
        yield made
        await made.client.aclose()


async def test_a_goal_moves_the_page_and_a_void_moves_it_back(venue: Venue, opened: Opener) -> None:
    async with opened(venue.server.public_url + "/c/cup") as watched:
        await watched.is_in_state("live")
        await watched.shows("h1", "Harbour Cup")
        await watched.shows("#final", "Not final")
        await watched.shows(CARD, "Gulls")
        loads = watched.requests.count(watched.page.url)
        score = watched.page.locator(CARD).locator(".side", has_text="Gulls").locator(".score")
        top = watched.page.locator("group-table tbody tr").first

        await venue.goal("goal-1", "gulls", 23)
        await score.filter(has_text="1").wait_for()
        await top.filter(has_text="Gulls").wait_for()

        await venue.correct("goal-1", "void")
        await score.filter(has_text="0").wait_for()

        await venue.correct("goal-1", "restore")
        await score.filter(has_text="1").wait_for()
        assert watched.requests.count(watched.page.url) == loads
        assert len([asked for asked in watched.requests if asked.endswith("/api/v1/ws")]) == 1
        asked = [asked for asked in watched.requests if asked.endswith("/boards/standings")]
        assert len(asked) == 1  # by the page's header, and then by its script
        assert watched.complaints == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/", "/c/cup", "/c/quiz"])
async def test_a_page_fits_its_window_and_asks_nobody_else(
    venue: Venue, opened: Opener, size: str, path: str
) -> None:
    width, height = SIZES[size]
    url = venue.server.public_url
    async with opened(url + path, width=width, height=height) as watched:
        await watched.is_in_state("live")
        await watched.page.locator("tbody tr, .card").first.wait_for()
        for scheme in ("light", "dark"):
            await watched.page.emulate_media(color_scheme=scheme)
            assert await watched.overflow_px() <= 0
        assert [asked for asked in watched.requests if not asked.startswith(url)] == []
        assert watched.complaints == []


async def test_the_first_page_has_what_is_live_first(venue: Venue, opened: Opener) -> None:
    await venue.define(QUIZ | {"slug": "a-quiz", "name": "A quiz to come"})
    async with opened(venue.server.public_url + "/") as watched:
        await watched.shows("competition-list .card", "A quiz to come")
        await watched.shows("competition-list .card:first-child", "● Live")
        await watched.page.get_by_role("link", name="Help").click()
        await watched.shows("h1", "Help")
        assert watched.complaints == []


async def test_the_first_page_leads_to_a_competition_by_keyboard(
    venue: Venue, opened: Opener
) -> None:
    async with opened(venue.server.private_url + "/") as watched:
        await watched.shows("competition-list", "Harbour Cup")
        await watched.page.get_by_role("link", name="Harbour Cup", exact=True).focus()
        await watched.page.keyboard.press("Enter")
        await watched.page.wait_for_url("**/c/cup")
        await watched.shows("h1", "Harbour Cup")


async def test_a_competition_without_contests_is_one_large_ranking(
    venue: Venue, opened: Opener
) -> None:
    async with opened(venue.server.public_url + "/c/quiz") as watched:
        await watched.shows("tbody tr", "Table 3")
        assert await watched.page.locator("#schedule").is_hidden()
        assert await watched.page.locator("#live").is_hidden()


async def test_a_page_of_no_competition_says_so_and_leads_to_all(
    venue: Venue, opened: Opener
) -> None:
    async with opened(venue.server.public_url + "/c/regatta") as watched:
        await watched.shows("main .message", "no competition at this address")
        assert [c for c in watched.complaints if "404" not in c] == []
        await watched.page.get_by_role("link", name="See all competitions").click()
        await watched.shows("main", "Cup")


async def test_the_page_says_that_the_server_is_gone_and_recovers(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        first = Venue(server)
        await first.define(CUP)
        await first.say("cup", "football.kick_off", "kick-off", {}, "m1")
        await first.client.aclose()
        address = server.public_url
        port = int(address.rpartition(":")[2])
        manager = opened(address + "/c/cup")
        watched = await manager.__aenter__()
        await watched.is_in_state("live")
    try:
        await watched.is_in_state("reconnecting")
        async with running(replace(settings, public_port=port)) as server:
            await watched.is_in_state("live")
            again = Venue(server, first.server.admin_key)
            await again.goal("goal-1", "terns", 40)
            await watched.shows(CARD, "1")
            await again.client.aclose()
    finally:
        await manager.__aexit__(None, None, None)


async def test_silence_makes_the_page_stale_in_words(venue: Venue, opened: Opener) -> None:
    async with opened("about:blank", alone=True) as watched:
        await watched.page.clock.install()
        await watched.page.goto(venue.server.public_url + "/c/cup")
        await watched.is_in_state("live")
        await watched.page.context.set_offline(True)
        await watched.page.clock.run_for(45_000)
        await watched.is_in_state("stale")
        await watched.shows("connection-state", "Stale")
        await watched.shows("connection-state", "silent for")
