"""Overlays as a video mixer shows them, and the page on which their addresses are found."""

from collections.abc import AsyncIterator

import pytest_asyncio
from accessible import barriers
from msgspec.structs import replace
from venue import CUP, Venue, address
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

WALL = {"width": 1920, "height": 1080}
OVER = {"over": "cup"}
BUG_SCORE = ".bug .side:has-text('GUL') .score"


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A match under way, on plain HTTP in the venue's network."""
    async with running(replace(shared_settings, public_host=address())) as server:
        made = Venue(server)
        await made.define(CUP)
        await made.say("cup", "football.kick_off", "kick-off", {}, "m1")
        yield made
        await made.client.aclose()


async def test_an_overlay_is_nothing_but_its_plates_and_follows_the_score(
    venue: Venue, opened: Opener
) -> None:
    url = venue.server.public_url + "/overlay/cup?show=bug,lower,standings&entrant=gulls&corner=tr"
    async with opened(url, **WALL) as watched:
        page = watched.page
        await venue.goal("goal-1", "gulls", 23)
        await watched.shows(BUG_SCORE, "1")
        await watched.shows(".lower .who", "Gulls")
        await watched.shows(".lower .line", "Group A · Rank 1 · Points 3")
        await watched.shows(".standings tbody tr:first-child", "Gulls")
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") in (
            "rgba(0, 0, 0, 0)",
            "transparent",
        )
        assert await page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
        boxes = [await page.locator(f".{name}").bounding_box() for name in ("bug", "standings")]
        assert all(box and box["x"] > WALL["width"] / 2 for box in boxes)
        assert boxes[0] and boxes[1] and boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
        assert watched.complaints == []


async def test_an_overlay_keeps_its_last_state_while_the_server_restarts(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        first = Venue(server)
        await first.define(CUP)
        await first.say("cup", "football.kick_off", "kick-off", {}, "m1")
        await first.goal("goal-1", "gulls", 23)
        await first.client.aclose()
        port = int(server.public_url.rpartition(":")[2])
        manager = opened(f"{server.public_url}/overlay/cup?stale=sign", **WALL)
        watched = await manager.__aenter__()
        await watched.shows(BUG_SCORE, "1")
        assert await watched.page.locator(".stale-sign").is_hidden()
    try:
        await watched.shows(".stale-sign", "not live")
        assert await watched.page.locator(BUG_SCORE).text_content() == "1"
        async with running(replace(settings, public_port=port)) as server:
            again = Venue(server, first.server.admin_key)
            await again.goal("goal-2", "gulls", 40)
            await watched.shows(BUG_SCORE, "2")
            await watched.page.locator(".stale-sign").wait_for(state="hidden")
            await again.client.aclose()
    finally:
        await manager.__aexit__(None, None, None)


async def test_the_address_of_an_overlay_is_chosen_seen_and_copied(
    venue: Venue, opened: Opener
) -> None:
    url = venue.server.public_url + "/overlay"
    async with opened(url, reduced_motion="reduce") as watched:
        page = watched.page
        await watched.shows(".bug .entrant", "GUL")
        await page.get_by_label("Show").select_option("lower")
        await page.get_by_label("Second line").fill("Head coach: A. Sandwich")
        await watched.shows(".lower .line", "Head coach: A. Sandwich")
        assert await page.get_by_label("Corner").is_hidden()
        await page.get_by_role("button", name="Copy").click()
        await watched.shows("#copied", "Copied")
        url = await page.get_by_label("Address", exact=True).input_value()
        assert [one for one in await barriers(page) if "gradient" not in one] == []
        await page.goto(url)
        await watched.shows(".lower .line", "Head coach: A. Sandwich")
        assert watched.complaints == []


RACE = {
    "slug": "ten",
    "name": "Harbour Ten",
    "sport": "race",
    "params": {
        "resolution": 1000,
        "points": [{"id": "k5", "name": "5 km"}, {"id": "finish", "name": "Finish"}],
    },
    "entrants": [
        {"id": id_, "name": name, "attributes": {"division": division}}
        for id_, name, division in (("n1", "J. Abara", "women"), ("n2", "T. Kivi", "men"))
    ],
    "contests": [{"id": "run", "name": "Ten kilometres"}],
}


async def test_an_overlay_of_a_race_tells_who_leads_and_where_they_are(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(RACE)
    await venue.say("ten", "race.gun", "gun", {"at": 0}, "run")
    url = venue.server.public_url + "/overlay/ten?show=bug,contest,lower,standings"
    async with opened(url, **WALL) as watched:
        for n, (who, at) in enumerate((("n1", 1_100_000), ("n2", 1_000_000))):
            await venue.say(
                "ten", "race.read", f"r{n}", {"reader": "k5", "entrant": who, "at": at}, "run"
            )
        await watched.shows(".bug .side:first-child", "T. Kivi5 km16:40")
        await watched.shows(".lower .line", "1. T. Kivi 16:40 5 km")
        read = {"reader": "finish", "entrant": "n1", "at": 2_100_000}
        await venue.say("ten", "race.read", "home", read, "run")
        for plate in ("bug", "contest"):
            await watched.shows(f".{plate} .side:first-child", "1J. Abara35:00")
        await watched.shows(".standings tbody tr:nth-child(2)", "T. Kivi")
        cells = watched.page.locator(".standings td.figure")
        assert await cells.evaluate_all("all => all.every(c => c.scrollWidth <= c.clientWidth)")
        assert watched.complaints == []


async def test_an_overlay_of_a_game_of_predictions_tells_who_leads_in_it(
    venue: Venue, opened: Opener
) -> None:
    await venue.define({"slug": "tips", "name": "Tips", "sport": "predictions", "params": OVER})
    for user in ("ann", "bo"):
        guess = {"user": user, "contest": "m1", "home": 1, "away": 0}
        await venue.say("tips", "guess.made", user, guess, None)
    board = {"timeout": 60, "params": {"after": venue.server.app.ledger.head.position}}
    while not (await venue.client.get("/competitions/tips/boards/leaderboard", **board)).is_success:
        pass  # the worker is starting
    url = venue.server.public_url + "/overlay/tips?show=bug,standings"
    async with opened(url, **WALL) as watched:
        await watched.shows(".standings tbody tr", "ann")
        await watched.shows(".bug .about", "Tips")
        await watched.shows(".bug .side", "bo")
        assert watched.complaints == []
    async with opened(venue.server.public_url + "/c/tips") as watched:
        await watched.shows("standings-board tbody tr", "ann")
        await watched.shows("#name", "Tips")
        link = watched.page.get_by_role("link", name="The contests that are guessed")
        assert await link.get_attribute("href") == "/c/cup"
        assert await watched.page.locator("#look-back").is_hidden()
        await watched.page.get_by_role("link", name="ann").click()
        await watched.shows("figures-table tbody tr", "Gulls – Terns")
        cells = watched.page.locator("figures-table tbody tr:first-child td")
        assert (await cells.all_text_contents())[0] == "1–0"
        await watched.shows("#place", "of 2")
        assert await watched.page.locator("contest-list").first.is_hidden()
    async with opened(venue.server.public_url + "/c/tips/print") as watched:
        await watched.shows("#message", "has no sheets")
        assert await watched.page.locator("select").first.is_hidden()


async def test_an_overlay_of_a_season_tells_the_round_that_is_on(
    venue: Venue, opened: Opener
) -> None:
    drivers = [{"id": "kai", "name": "Kai"}, {"id": "mia", "name": "Mia"}]
    season: dict[str, object] = {"slug": "karts", "name": "Karts", "sport": "season"}
    season |= {"params": {"points": [25, 18]}, "entrants": drivers}
    rounds = [{"id": "r1", "name": "One"}, {"id": "r2", "name": "Two"}]
    await venue.define(season | {"contests": rounds})
    places = (("r1", "kai", 1), ("r1", "mia", 2), ("r2", "mia", 1), ("r2", "kai", 2))
    for contest, who, place in places:
        result = {"entrant": who, "place": place}
        await venue.say("karts", "season.result", f"{contest}-{who}", result, contest)
    await venue.say("karts", "season.final", "r1-final", {}, "r1")
    async with opened(f"{venue.server.public_url}/overlay/karts?contest=r2", **WALL) as watched:
        await watched.shows(".bug .side:first-child", "1Mia25")
        await watched.shows(".bug .side:nth-child(2)", "2Kai18")
        assert watched.complaints == []
