"""Corrections as officials make them: found, previewed on every board, signed, undone."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from accessible import barriers
from msgspec.structs import replace
from officials import official
from playwright.async_api import Page, Route, expect
from venue import Venue, address
from watching import Opener, Watched

from scoreboard.app import Running, running
from scoreboard.settings import Settings


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """A program for all tests here."""
    async with running(replace(shared_settings, private_host=address())) as started:
        yield started


@pytest_asyncio.fixture
async def venue(server: Running) -> AsyncIterator[Venue]:
    """A match with two goals, on plain HTTP in the venue's network."""
    made = Venue(server)
    await made.open_cup()
    await made.goal("g1", "gulls", 23)
    await made.goal("g2", "terns", 50)
    yield made
    await made.client.aclose()


@asynccontextmanager
async def correcting(
    venue: Venue, opened: Opener, name: str, record: str
) -> AsyncIterator[Watched]:
    """The page of corrections with a record, as an official of this name sees it."""
    path = f"/c/{venue.cup}/corrections?record={record}"
    async with official(venue, opened, name, path) as watched:
        await watched.page.locator("record-versions .versions li").first.wait_for()
        yield watched


async def versions(venue: Venue, record: str) -> list[str]:
    """What was done to a record, oldest first."""
    answer = await venue.client.get(f"/competitions/{venue.cup}/records/{record}")
    return [version["action"] for version in answer.json()["versions"]]


async def test_a_goal_is_voided_with_a_preview_signed_and_undone(
    venue: Venue, opened: Opener
) -> None:
    async with correcting(venue, opened, "Ann", "g1") as watched:
        page = watched.page
        await page.keyboard.press("v")
        await page.keyboard.type("Seen on video")
        await page.get_by_role("button", name="Preview every board").click()
        await watched.shows("board-change", "Standings")
        row = page.locator("board-change", has_text="Contests").locator(".figures")
        await expect(row).to_contain_text("Score1–1→0–1")
        gone = page.locator("board-change", has_text="Timeline").locator(".change-row.gone")
        await expect(gone).to_contain_text("23' Goal Gulls")
        assert await versions(venue, "g1") == ["record"]
        assert await barriers(page) == []
        await page.locator("h1").click()
        await page.keyboard.press("s")
        undo = page.get_by_role("button", name="Undo: void of Goal Gulls 23' U")
        await undo.wait_for()
        assert await versions(venue, "g1") == ["record", "void"]
        await watched.shows(".standing", "It does not count")
        beside = page.locator(".versions button.undo")
        await expect(beside).to_contain_text("Undo: void of Goal Gulls 23' by Ann at ")
        await undo.click()
        await page.keyboard.press("p")
        await expect(row).to_contain_text("Score0–1→1–1")
        await page.keyboard.press("s")
        await watched.shows(".standing", "It counts")
        assert await versions(venue, "g1") == ["record", "void", "restore"]
        assert watched.complaints == []


async def test_an_amendment_says_only_what_was_changed_and_survives_a_reload(
    venue: Venue, opened: Opener
) -> None:
    async with correcting(venue, opened, "Ann", "g1") as watched:
        page = watched.page
        await page.keyboard.press("a")
        look = page.get_by_role("button", name="Preview every board")
        await page.get_by_role("button", name="Wrong minute").click()
        await watched.shows(".status", "Nothing is changed yet")
        assert await look.is_disabled()
        await page.get_by_label("Minute", exact=True).fill("500")
        await look.click()
        await watched.shows("signing-desk .error", "Expected")
        await page.reload()
        assert await page.get_by_label("Minute", exact=True).input_value() == "500"
        await page.get_by_label("Minute", exact=True).fill("24")
        await watched.shows(".was", "was 23")
        await look.click()
        await page.get_by_role("button", name="Sign: amend Goal Gulls 23'").click()
        await watched.shows("record-versions h2", "Goal Gulls 24'")
        answer = await venue.client.get(f"/competitions/{venue.cup}/records/g1")
        assert answer.json()["versions"][-1]["data"] == {"team": "gulls", "minute": 24}
        assert [said for said in watched.complaints if "422" not in said] == []


async def test_two_officials_correct_the_same_record_and_the_second_looks_again(
    venue: Venue, opened: Opener
) -> None:
    async with (
        correcting(venue, opened, "Ann", "g1") as ann,
        correcting(venue, opened, "Bob", "g1") as bob,
    ):
        for one, act in ((ann, "v"), (bob, "a")):
            await one.page.keyboard.press(act)
        await bob.page.get_by_label("Minute", exact=True).fill("25")
        for one, reason in ((ann, "Seen on video"), (bob, "Wrong minute")):
            await one.page.get_by_role("button", name=reason).click()
            await one.page.get_by_role("button", name="Preview every board").click()
            await one.page.locator("button.signature").wait_for()
        await ann.page.locator("button.signature").click()
        await ann.shows("#done", "Signed: void Goal Gulls 23'")
        await bob.page.locator("button.signature").click()
        await bob.shows("signing-desk .error", "Something came in between. Nothing is signed.")
        await bob.shows(".between", "Meanwhile: void (version 2) by Ann")
        await bob.shows(".moved", "Moved meanwhile")
        await bob.shows(".standing", "It does not count")
        assert await bob.page.get_by_label("Minute", exact=True).input_value() == "25"
        assert await versions(venue, "g1") == ["record", "void"]
        await bob.page.locator("button.signature").click()
        await bob.shows("#done", "Signed: amend Goal Gulls 23'")
        assert await versions(venue, "g1") == ["record", "void", "amend"]
        assert ann.complaints == []
        assert [said for said in bob.complaints if "412" not in said] == []


@pytest.mark.parametrize("sought", ["terns 50", "g2"])
async def test_records_are_found_by_words_and_corrected_together(
    venue: Venue, opened: Opener, sought: str
) -> None:
    async with correcting(venue, opened, "Ann", "g1") as watched:
        page = watched.page
        await page.keyboard.press("v")
        await page.locator("h1").click()
        await page.keyboard.press("/")
        await page.keyboard.type(sought)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await watched.shows("record-versions h2", "Goal Terns of the Northern Breakwater 50'")
        await page.keyboard.press("v")
        await page.keyboard.type("Another match")
        await page.get_by_role("button", name="Preview every board").click()
        await page.get_by_role("button", name="Sign: void Goal Gulls 23' and void Goal").click()
        await watched.shows("#done", "Signed")
        assert await versions(venue, "g1") == await versions(venue, "g2") == ["record", "void"]


async def test_a_session_that_ends_while_something_is_signed_loses_nothing(
    venue: Venue, opened: Opener
) -> None:
    async with correcting(venue, opened, "Ann", "g1") as watched:
        page = watched.page
        await voided_and_previewed(page)
        await page.context.clear_cookies()
        await page.keyboard.press("s")
        await watched.shows("#hint", "what you just did was not done")
        assert await versions(venue, "g1") == ["record"]
        _made, key = await venue.server.app.access.create(
            name="Ann again", role="official", by="test"
        )
        await page.get_by_label("Key", exact=True).fill(key)
        await page.keyboard.press("Enter")
        await watched.shows("signing-desk li", "Void Goal Gulls 23'")
        await page.get_by_role("button", name="Preview every board").click()
        await page.get_by_role("button", name="Sign: void").click()
        await page.get_by_role("button", name="Undo: void of Goal Gulls 23' U").wait_for()
        assert await versions(venue, "g1") == ["record", "void"]


async def test_a_signature_whose_answer_was_lost_is_asked_for_again_and_counts_once(
    venue: Venue, opened: Opener
) -> None:
    async def lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    async with correcting(venue, opened, "Ann", "g1") as watched:
        page = watched.page
        await voided_and_previewed(page)
        await page.route("**/corrections", lost, times=1)
        await page.keyboard.press("s")
        await watched.shows("signing-desk .error", "The server cannot be reached")
        assert await versions(venue, "g1") == ["record", "void"]
        await page.keyboard.press("s")
        await watched.shows("#done", "Signed: void Goal Gulls 23'")
        assert await versions(venue, "g1") == ["record", "void"]


async def voided_and_previewed(page: Page) -> None:
    """Ask for the record not to count, and look at what every board would show."""
    await page.keyboard.press("v")
    await page.keyboard.type("Seen on video")
    await page.get_by_role("button", name="Preview every board").click()
    await page.get_by_role("button", name="Sign: void").wait_for()
    await page.locator("h1").click()


async def test_a_server_that_restarts_while_something_is_signed_loses_nothing(
    settings: Settings, opened: Opener
) -> None:
    async with AsyncExitStack() as stack:
        async with running(settings) as first:
            venue = Venue(first)
            await venue.open_cup()
            await venue.goal("g1", "gulls", 23)
            watched = await stack.enter_async_context(correcting(venue, opened, "Ann", "g1"))
            page = watched.page
            await voided_and_previewed(page)
            port = urlsplit(first.private_url).port
        await page.keyboard.press("s")
        await watched.shows("signing-desk .error", "The server cannot be reached")
        async with running(replace(settings, private_port=port)) as second:
            again = Venue(second, first.admin_key)
            again.cup = venue.cup
            await page.keyboard.press("s")
            await watched.shows("#done", "Signed: void Goal Gulls 23'")
            assert await versions(again, "g1") == ["record", "void"]
            venue.server = second
            await stack.aclose()
            await again.client.aclose()
        await venue.client.aclose()
