"""Looking back: what the page shows at a stop is what the server says with `?at=` there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from accessible import barriers
from venue import Venue
from watching import Opener, Watched

from scoreboard.app import Running, running
from scoreboard.settings import Settings

STOOD = "time-machine .stood"
ROWS = """
() => [...document.querySelectorAll("group-table tbody tr")].map((row) => [
  row.entrant, ...[...row.querySelectorAll("td.figure")].map((cell) => cell.textContent),
])
"""

WATCH = """
() => {
  window.seen = [];
  const score = document.querySelector(".match-side .match-score");
  new MutationObserver(() => seen.push(score.textContent))
    .observe(score, {childList: true, characterData: true, subtree: true});
}
"""


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """A program for all tests here."""
    async with running(shared_settings) as started:
        yield started


@pytest_asyncio.fixture
async def venue(server: Running) -> AsyncIterator[Venue]:
    """A match with three goals, one of which was none."""
    made = Venue(server)
    await made.open_cup()
    await made.say(made.cup, "football.kick_off", "k", {}, "m1")
    for n, team in enumerate(("gulls", "gulls", "terns")):
        await made.goal(f"goal-{n}", team, 10 + n)
    await made.correct("goal-1", "void")
    yield made
    await made.client.aclose()


async def stood(venue: Venue, position: int) -> list[list[str]]:
    """The rows of the standings by the server's own word."""
    answer = await venue.client.get(f"/competitions/{venue.cup}/boards/standings?at={position}")
    content: dict[str, Any] = answer.json()["content"]
    rows = sorted(content["rows"].items(), key=lambda item: (item[1]["rank"], item[0]))
    return [
        [id_, *(written(row["figures"].get(c["key"], ""), c) for c in content["columns"])]
        for id_, row in rows
    ]


def written(value: Any, column: dict[str, Any]) -> str:
    """A figure as pages write it."""
    sign = "+" if column.get("signed") and value > 0 else ""
    return sign + str(value).replace("-", "−")


async def test_every_stop_shows_what_stood_then_and_escape_is_live(
    venue: Venue, opened: Opener
) -> None:
    async with opened(f"{venue.server.public_url}/c/{venue.cup}") as watched:
        await watched.shows("group-table tbody tr:first-child", "Gulls")
        live = await watched.page.evaluate(ROWS)
        await watched.page.keyboard.press("t")
        await watched.shows(STOOD, "entry")
        moments = (await venue.client.get(f"/competitions/{venue.cup}/moments")).json()["moments"]
        slider = watched.page.get_by_role("slider", name="Moment")
        for moment in reversed(moments):
            position = moment["position"]
            await watched.shows(STOOD, f"entry {position}")
            expected = await stood(venue, position)
            await watched.page.wait_for_function(
                f"asked => JSON.stringify(({ROWS})()) === JSON.stringify(asked)", arg=expected
            )
            await slider.press("ArrowLeft")
        await watched.is_in_state("past")
        assert await barriers(watched.page) == []
        await watched.page.keyboard.press("Escape")
        await watched.is_in_state("live")
        assert await watched.page.evaluate(ROWS) == live
        assert watched.complaints == []


async def test_a_correction_is_marked_and_found_and_the_past_plays_up_to_now(
    venue: Venue, opened: Opener
) -> None:
    async with opened(f"{venue.server.public_url}/c/{venue.cup}/contests/m1") as watched:
        score = watched.page.locator(".match-side", has_text="Gulls").locator(".match-score")
        await score.filter(has_text="1").wait_for()
        await watched.page.keyboard.press("t")
        await watched.shows("time-machine .hint", "1 correction on the track")
        assert await watched.page.locator("time-machine .track line").count() == 1
        slider = watched.page.get_by_role("slider", name="Moment")
        await slider.press("Home")
        await watched.page.get_by_role("button", name="Later correction").click()
        await watched.shows(STOOD, "corrected here")
        await slider.press("ArrowLeft")
        await score.filter(has_text="2").wait_for()
        await slider.press("Home")
        await score.wait_for(state="hidden")
        await watched.page.evaluate(WATCH)
        await watched.page.get_by_role("button", name="Play").click()
        await watched.page.get_by_role("button", name="Pause").wait_for()
        await watched.page.get_by_role("button", name="Play").wait_for()
        assert await watched.page.evaluate("seen") == ["0", "1", "2", "1"]
        await watched.page.get_by_role("button", name="Live").click()
        await venue.goal("goal-9", "gulls", 50)
        await score.filter(has_text="2").wait_for()
        assert watched.complaints == []


async def test_behind_a_freeze_there_is_no_stop(venue: Venue, opened: Opener) -> None:
    await venue.say(venue.cup, "competition.frozen", "freeze", {}, None)
    await venue.goal("goal-8", "terns", 60)
    moments = (await venue.client.get(f"/competitions/{venue.cup}/moments")).json()["moments"]
    frozen_at = moments[-2]["position"]
    async with opened(f"{venue.server.public_url}/c/{venue.cup}") as watched:
        await watched.shows("#frozen", "❄ Frozen at")
        await watched.page.keyboard.press("t")
        await watched.shows(STOOD, f"entry {frozen_at}")
        slider = watched.page.get_by_role("slider", name="Moment")
        await slider.press("End")
        await watched.shows(STOOD, f"entry {frozen_at}")
        assert await barriers(watched.page) == []
        assert watched.complaints == []


async def test_an_address_can_say_when(venue: Venue, opened: Opener) -> None:
    path = f"/competitions/{venue.cup}/moments"
    kick_off = (await venue.client.get(path)).json()["moments"][0]["position"]
    url = f"{venue.server.public_url}/c/{venue.cup}"
    async with opened(f"{url}?at={kick_off}") as watched:
        await says_when(watched, f"entry {kick_off}")
        await watched.page.goto(f"{url}?at=2150-01-01T00:00:00Z")
        await says_when(watched, "entry")
        assert watched.complaints == []


async def says_when(watched: Watched, text: str) -> None:
    """Return when the page looks back."""
    await watched.shows(STOOD, text)
    await watched.is_in_state("past")
