"""The set-up as a new operator uses it: from a template to a board, without writing TOML."""

import re

import pytest
from accessible import barriers
from playwright.async_api import expect
from test_office import log_in
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

LIST = "Name,Short,Group\nGulls,GUL,A\nTerns,TER,A\n,AUK,A\nSkuas,SKU,A"


async def test_a_new_operator_makes_a_competition_and_sees_its_board(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        own = server.private_url
        async with opened(f"{own}/login?back=/setup") as watched:
            page = watched.page
            await log_in(page, server.admin_key or "")
            await page.get_by_label("Template", exact=True).select_option("football-tournament")
            await watched.shows("#about", "A small football tournament")
            assert await barriers(page) == []
            await page.get_by_label("Name", exact=True).fill("Coast Trophy")
            await page.get_by_role("button", name="Make it").click()
            await page.wait_for_url(f"{own}/setup/coast-trophy")

            await page.get_by_label("One entrant a line").fill(LIST)
            await watched.shows("[data-fate=wrong]", "the name is missing")
            enter = page.get_by_role("button", name="Enter these")
            assert await enter.is_disabled()
            assert await barriers(page) == []
            await page.get_by_label("One entrant a line").fill(LIST.replace(",AUK", "Auks,AUK"))
            await watched.shows("setup-entrants", "4 added")
            await enter.click()
            await watched.shows("#done", "4 on the list are entered.")

            await page.get_by_role("button", name="Look at the draw").click()
            await watched.shows("setup-contests", "6 contests. Nothing is announced yet.")
            assert await barriers(page) == []
            await page.get_by_role("button", name="Take this draw").click()
            await watched.shows("#done", "6 contests are announced.")
            await watched.shows("setup-contests", "Next: a key for each pad")
            heading = page.get_by_role("heading", name="Contests")
            assert await heading.evaluate("(one) => one.getBoundingClientRect().top") >= 0
            await heading.click()
            await expect(page.locator("#done")).to_be_empty()

            await page.get_by_role("link", name="See the board").click()
            await watched.shows("standings-board", "Skuas")
            await watched.shows("contest-list", "Gulls")
            assert watched.complaints == []


async def test_what_is_wrong_with_a_file_is_told_by_line_before_it_counts(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        own = server.private_url
        async with opened(f"{own}/login?back=/setup", width=390, height=844) as watched:
            page = watched.page
            await log_in(page, server.admin_key or "")
            await page.get_by_role("radio", name="A file").check()
            text = page.get_by_label("or paste it here")
            await text.fill('slug = "quiz"\nname = "Quiz"\nsport = "pointz"\n')
            await page.get_by_role("button", name="Check it").click()
            await watched.shows("#problems", "the sport pointz is not installed")
            assert await barriers(page) == []
            assert await watched.overflow_px() == 0
            await text.fill('slug = "quiz"\nname = "Quiz"\nsport = "points"\n')
            await page.get_by_role("button", name="Make it").click()
            await page.wait_for_url(f"{own}/setup/quiz")
            await watched.shows("setup-entrants", "Nobody yet")
            assert watched.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
async def test_it_is_changed_in_mid_event(settings: Settings, opened: Opener, width: int) -> None:
    async with running(settings) as server:
        venue = Venue(server)
        await venue.define(CUP)
        await venue.goal("g1", "gulls", 3)
        own = server.private_url
        async with opened(
            f"{own}/login?back=/setup/cup", alone=True, width=width, height=844
        ) as watched:
            page = watched.page
            await log_in(page, server.admin_key or "")
            page.on("dialog", lambda dialog: dialog.accept("Skuas"))
            await page.get_by_role("button", name="Replace Auks").click()
            await watched.shows("#done", "Skuas is in place of Auks.")
            await page.get_by_role("button", name="Withdraw Terns").click()
            await watched.shows("#done", "has withdrawn.")

            await page.get_by_text("Paste a list, or a late entry").click()
            await page.get_by_label("One entrant a line").fill("Name,Group\nPuffins,a")
            await page.get_by_role("button", name="Enter these").click()
            await watched.shows("#done", "1 on the list are entered.")
            await page.get_by_role("button", name="Move Auks – Gulls").click()
            await page.locator("#place-m2").fill("Pitch 9")
            await page.get_by_role("button", name="Move it").click()
            await watched.shows("#done", "It is moved")
            pad = page.get_by_role("link", name="Score Auks – Gulls by hand")
            assert await pad.get_attribute("href") == "/pad/cup/m2"
            await page.get_by_label("Name", exact=True).fill("Harbour Trophy")
            await page.get_by_role("button", name="Save name and rules").click()
            await watched.shows("#title", "Harbour Trophy")
            assert await watched.overflow_px() == 0
            assert watched.complaints == []
        now = (await venue.client.get("/competitions/cup")).json()
        await venue.client.aclose()
    entrants = {one["id"]: one for one in now["entrants"]}
    assert entrants["auks"]["replaced_by"] == "skuas" and entrants["terns"]["withdrawn"]
    assert now["groups"][0]["entrants"] == ["gulls", "terns", "skuas", "puffins"]
    [m2] = [one for one in now["contests"] if one["id"] == "m2"]
    assert (m2["place"], m2["entrants"]) == ("Pitch 9", ["skuas", "gulls"])


async def test_a_competition_is_rehearsed_on_the_real_screens(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        venue = Venue(server)
        await venue.define(CUP)
        hall = {"kind": "pages", "pages": ["/c/cup?fit=pages"]}
        assert (await venue.client.put("/displays/hall", json=hall)).is_success
        own = server.private_url
        async with (
            opened(f"{server.public_url}/display/hall") as display,
            opened(f"{own}/login?back=/setup/cup", height=1100) as watched,
        ):
            shown = display.page.frame_locator("iframe.shown")
            await shown.locator("#name", has_text="Harbour Cup").wait_for()
            page = watched.page
            await log_in(page, server.admin_key or "")
            await page.get_by_role("link", name="Rehearse it").click()
            await page.wait_for_url(f"{own}/setup?rehearse=cup")
            await expect(page.get_by_label("Competition", exact=True)).to_have_value("cup")
            assert await page.get_by_role("radio", name="Made-up events").is_checked()
            await page.get_by_label("How fast").select_option("600")
            await page.get_by_role("button", name="Begin").click()
            await watched.shows("#playing", "on the displays hall")
            assert await barriers(page) == []
            await shown.locator(".rehearsal", has_text="nothing here is for real").wait_for()
            board = await page.get_by_role("link", name="Watch it").get_attribute("href") or ""
            async with (
                opened(server.public_url + board) as screen,
                opened(server.public_url + board.replace("/c/", "/overlay/")) as overlay,
            ):
                await screen.shows("#name", "Rehearsal: Harbour Cup")
                await screen.shows("standings-board", "Gulls")
                await overlay.shows(".rehearsal", "Rehearsal")
                assert await barriers(screen.page) == []
                await page.get_by_role("button", name="End it").click()
                await page.get_by_role("button", name="End it").wait_for(state="hidden")
                for one in (screen, overlay):
                    await one.shows("h1", "Over, and not shown any more")
            await shown.locator("#name", has_text=re.compile("^Harbour Cup$")).wait_for()
            assert await shown.locator(".rehearsal").count() == 0
            assert watched.complaints == []
        await venue.client.aclose()
