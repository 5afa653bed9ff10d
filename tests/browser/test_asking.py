"""Asking a board: why a figure is so, where somebody is, what is behind the first screen."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from accessible import barriers
from playwright.async_api import Route
from venue import Venue
from watching import Opener, Watched

from scoreboard.app import running
from scoreboard.settings import Settings

POINTS = "group-table tr:has-text('Gulls') td.figure.main"
FREE = """
() => {
  const row = document.querySelector("group-table tbody tr").getBoundingClientRect();
  const panel = document.querySelector("why-panel").getBoundingClientRect();
  const apart = row.bottom <= panel.top || row.right <= panel.left;
  return apart && row.top >= 0 && row.bottom <= innerHeight;
}
"""
TURNED = """
page => {
  const strip = document.querySelector(".strip");
  if (!strip.textContent.includes(page)) return null;
  const rows = [...document.querySelectorAll("group-table tbody tr")];
  const free = strip.getBoundingClientRect().top - rows.at(-1).getBoundingClientRect().bottom;
  return {free, ranks: rows.map((row) => row.querySelector(".number").textContent)};
}
"""
WHOLE = """
() => [...document.querySelectorAll(".strip p")].every((one) => one.scrollWidth <= one.clientWidth)
"""
ORDERED = """
async ([before, after, focused]) => {
  const {reconcile} = await import("/static/shell/dom.js");
  const list = document.body.appendChild(document.createElement("ul"));
  const show = (keys) => reconcile(list, [...keys].map((key) => [key, key]), (key) => {
    const item = document.createElement("li");
    [item.tabIndex, item.textContent] = [0, key];
    return item;
  }, () => {});
  show(before);
  [...list.children].find((item) => item.textContent === focused).focus();
  const observer = new MutationObserver(() => {});
  observer.observe(list, {childList: true});
  show(after);
  const placed = observer.takeRecords().flatMap(({addedNodes}) => [...addedNodes]);
  const found = {
    order: [...list.children].map((item) => item.textContent).join(""),
    placed: placed.map((item) => item.textContent).join(""),
    focused: document.activeElement.textContent,
  };
  list.remove();
  return found;
}
"""
QUIZ = {
    "slug": "quiz",
    "name": "Quiz night",
    "sport": "points",
    "sponsors": ["Quay Bank", *(f"The Harbour Bakery at Pier {n}" for n in range(1, 13))],
    "entrants": [{"id": f"t{n}", "name": f"Table {n}"} for n in range(1, 41)],
    "contests": [{"id": "r1", "name": "Round 1"}],
}


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A quiz of forty tables."""
    async with running(shared_settings) as server:
        made = Venue(server)
        await quiz(made, "quiz")
        yield made
        await made.client.aclose()


async def match(venue: Venue) -> str:
    """The page of a cup of a test's own: a match with a goal."""
    await venue.open_cup()
    await venue.say(venue.cup, "football.kick_off", "k", {}, "m1")
    await venue.goal("goal-1", "gulls", 23)
    return f"{venue.server.public_url}/c/{venue.cup}"


async def quiz(venue: Venue, slug: str) -> str:
    """The page of a quiz in which the first table is the best and the last one the worst."""
    await venue.define(QUIZ | {"slug": slug})
    scored = {"source": "pad-1", "type": "points.scored", "contest": "r1"}
    said = [{"entrant": f"t{n}", "points": 50 - n} for n in range(1, 41)]
    await venue.say_all(slug, [scored | {"id": one["entrant"], "data": one} for one in said])
    return f"{venue.server.public_url}/c/{slug}"


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
async def test_a_figure_tells_its_records_beside_its_row_until_escape(
    venue: Venue, opened: Opener, size: tuple[int, int]
) -> None:
    width, height = size
    async with opened(await match(venue), width=width, height=height) as watched:
        await watched.shows(POINTS, "3")
        await watched.page.locator(POINTS).focus()
        await watched.page.keyboard.press("Enter")
        await watched.shows("why-panel .message", "These add up to 3")
        await watched.shows("why-panel .parts", "goal-1")
        assert await watched.page.evaluate(FREE)
        assert await barriers(watched.page) == []
        await venue.correct("goal-1", "void")
        await watched.shows("why-panel .message", "These add up to 1")
        await watched.page.keyboard.press("Escape")
        await watched.page.locator("why-panel").wait_for(state="hidden")
        focused = await watched.page.evaluate("document.activeElement.dataset.figure")
        assert focused == "pts"
        assert watched.complaints == []


async def test_an_answer_that_was_overtaken_does_not_come_back(
    venue: Venue, opened: Opener
) -> None:
    held, free, asked = asyncio.Event(), asyncio.Event(), 0

    async def delay(route: Route) -> None:
        nonlocal asked
        asked += 1
        first = asked == 1
        answer = await route.fetch()
        if first:
            held.set()
            await free.wait()
        await route.fulfill(response=answer)

    async with opened(await match(venue), alone=True) as watched:
        await watched.shows(POINTS, "3")
        await watched.page.route("**/explain*", delay)
        await watched.page.locator(POINTS).click()
        await held.wait()
        await venue.correct("goal-1", "void")
        await watched.shows("why-panel .message", "These add up to 1")
        async with watched.page.expect_response("**/explain*") as late:
            free.set()
        await (await late.value).finished()
        await watched.page.evaluate("new Promise(requestAnimationFrame)")
        await watched.shows("why-panel .message", "These add up to 1")
        assert watched.complaints == []


async def test_figures_are_walked_by_arrows_from_one_stop(venue: Venue, opened: Opener) -> None:
    async with opened(await match(venue)) as watched:
        await watched.shows(POINTS, "3")
        cells = watched.page.locator("standings-board td.figure[tabindex='0']")
        assert await cells.count() == 1
        await cells.focus()
        first = await watched.page.evaluate("document.activeElement.parentElement.rowIndex")
        for key, figure in (("ArrowRight", "won"), ("End", "pts"), ("ArrowDown", "pts")):
            await watched.page.keyboard.press(key)
            held = await watched.page.evaluate("document.activeElement.dataset.figure")
            assert held == figure
        row = await watched.page.evaluate("document.activeElement.parentElement.rowIndex")
        assert row == first + 1


async def test_somebody_is_found_followed_and_stands_first(venue: Venue, opened: Opener) -> None:
    async with opened(await quiz(venue, "quiz-followed")) as watched:
        await watched.shows("tbody tr", "Table 33")
        await watched.page.keyboard.press("/")
        await watched.page.keyboard.type("table 33")
        await watched.shows("#found", "1 found")
        assert await watched.page.locator("tbody tr").count() == 1
        await watched.page.get_by_role("link", name="Table 33").click()
        await watched.shows("h1", "Table 33")
        await watched.shows("#place", "33 of 40")
        await watched.page.keyboard.press("f")
        await watched.shows("#follow", "★ Followed")
        assert await barriers(watched.page) == []
        await watched.page.get_by_role("link", name="Quiz night").click()
        await watched.shows("group-table:first-child caption", "★ Followed")
        await watched.shows("group-table:first-child tbody tr", "★ followed")
        await venue.say(
            "quiz-followed", "points.scored", "more", {"entrant": "t33", "points": 900}, "r1"
        )
        await watched.shows("group-table:nth-child(2) tbody tr:first-child", "Table 33")
        assert watched.complaints == []


async def test_ranks_over_time_are_a_picture_with_a_table_behind(
    venue: Venue, opened: Opener
) -> None:
    async with opened(venue.server.public_url + "/c/quiz") as watched:
        await watched.shows("tbody tr", "Table 33")
        await watched.page.get_by_role("button", name="Ranks over time").click()
        await watched.shows("figures-chart text.name", "Table 1")
        assert await barriers(watched.page) == []
        await watched.page.get_by_role("button", name="Show as a table").click()
        last = watched.page.locator("figures-chart tbody tr").last.locator("td")
        assert await last.all_text_contents() == [str(n) for n in range(1, 9)]
        assert watched.complaints == []


async def test_as_few_rows_as_can_be_move_and_none_loses_the_focus(
    venue: Venue, opened: Opener
) -> None:
    cases = {
        ("abcdef", "bcdefa"): "a",
        ("abcdef", "fabcde"): "f",
        ("abcdef", "abcdef"): "",
        ("abcdef", "badcfe"): "bdf",
        ("abcdef", "axcf"): "x",
        ("abcdef", "fedcba"): "fedcb",
        ("abcdef", "dabcef"): "d",
    }
    async with opened(venue.server.public_url + "/help") as watched:
        for (before, after), placed in cases.items():
            focused = placed[0] if placed not in ("", "x") else "a"
            found = await watched.page.evaluate(ORDERED, [before, after, focused])
            assert found == {"order": after, "placed": placed, "focused": focused}


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
async def test_a_row_that_moves_glides_unless_motion_is_unwelcome(
    venue: Venue, opened: Opener, motion: str
) -> None:
    slug = f"quiz-{motion}"
    async with opened(await quiz(venue, slug), reduced_motion=motion) as watched:
        await watched.shows("tbody tr:first-child", "Table 1")
        await watched.page.evaluate(
            """() => {
              window.glides = 0;
              const animate = Element.prototype.animate;
              Element.prototype.animate = function (...how) {
                window.glides += 1;
                return animate.apply(this, how);
              };
            }"""
        )
        await venue.say(slug, "points.scored", "more", {"entrant": "t2", "points": 30}, "r1")
        await watched.shows("tbody tr:first-child", "Table 2")
        glides = await watched.page.evaluate("glides")
        assert glides == (2 if motion == "no-preference" else 0)


async def test_a_wall_turns_pages_that_fit(venue: Venue, opened: Opener) -> None:
    url = f"{venue.server.public_url}/c/quiz?fit=pages&every=2"
    async with opened(url, width=1920, height=1080) as watched:
        await watched.shows(".strip", "Quay Bank")
        first = await turned_to(watched, 1)
        second = await turned_to(watched, 2)
        assert first["ranks"][0] == "1"
        assert second["ranks"][0] == str(len(first["ranks"]) + 1)
        assert first["free"] >= 0 <= second["free"]
        await watched.shows(".sponsors", "at Pier 12")
        assert await watched.page.evaluate(WHOLE)
        assert await barriers(watched.page) == []
        assert watched.complaints == []


async def test_a_wall_scrolls_down_and_begins_anew(venue: Venue, opened: Opener) -> None:
    async with opened("about:blank", alone=True, width=1920, height=1080) as watched:
        await watched.page.clock.install()
        await watched.page.goto(venue.server.public_url + "/c/quiz?fit=scroll")
        await watched.shows(".strip", "Quay Bank")
        await watched.shows("tbody tr", "Table 33")
        last = await watched.page.evaluate("document.documentElement.scrollHeight - innerHeight")
        await watched.page.clock.run_for(4_000 + last * 1_000 // 40 + 1_000)
        assert await watched.page.evaluate("scrollY") == last > 0
        await watched.page.clock.run_for(5_000)
        assert await watched.page.evaluate("scrollY") < last
        assert watched.complaints == []


async def turned_to(watched: Watched, page: int) -> dict[str, Any]:
    """A page once it is shown: its rows' ranks, and the space between the last and the strip."""
    found = await watched.page.wait_for_function(TURNED, arg=f"{page} / ")
    return dict(await found.json_value())
