"""Corrections that take effect when a second official has approved them, by two officials."""

from collections.abc import AsyncIterator

import pytest_asyncio
from accessible import barriers
from msgspec.structs import replace
from officials import official
from playwright.async_api import expect
from venue import CUP, Venue, address
from watching import Opener, Watched

from scoreboard.app import running
from scoreboard.settings import Settings


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A match with two goals, whose corrections two officials sign."""
    async with running(replace(settings, private_host=address())) as server:
        made = Venue(server)
        await made.define(CUP | {"corrections": {"second_approval": "all"}})
        await made.goal("g1", "gulls", 23)
        await made.goal("g2", "terns", 50)
        yield made
        await made.client.aclose()


async def said_of(venue: Venue, record: str) -> list[str]:
    answer = await venue.client.get(f"/competitions/cup/records/{record}")
    return [version["action"] for version in answer.json()["versions"]]


async def propose(watched: Watched, reason: str) -> None:
    """Void the record that is shown, as far as one official can."""
    page = watched.page
    await page.keyboard.press("v")
    await page.keyboard.type(reason)
    await page.get_by_role("button", name="Preview every board").click()
    await watched.shows("signing-desk .status", "when a second official has approved it")
    await page.get_by_role("button", name="Propose: void Goal").click()
    await watched.shows("#done", "A second official has to approve it.")


async def test_one_proposes_and_another_looks_at_every_board_and_approves_or_declines(
    venue: Venue, opened: Opener
) -> None:
    async with (
        official(venue, opened, "Ann", "/c/cup/corrections?record=g1") as ann,
        official(venue, opened, "Bob", "/c/cup/rulings") as bob,
    ):
        await ann.shows("record-versions h2", "Goal Gulls 23'")
        await propose(ann, "Seen on video")
        assert await said_of(venue, "g1") == ["record"]
        await ann.shows("waiting-proposal", "Proposed by you")
        await ann.page.get_by_role("button", name="Look at every board").click()
        await ann.shows("waiting-proposal board-change", "Standings")
        await expect(ann.page.get_by_role("button", name="Take back")).to_be_visible()
        await expect(ann.page.get_by_role("button", name="Approve")).to_be_hidden()
        assert await barriers(ann.page) == []

        page = bob.page
        await page.locator("#queue .item", has_text="needs a second approval").click()
        await bob.shows("matter-view h2", "Void Goal Gulls 23' needs a second approval")
        await bob.shows("matter-view .what", "Ann proposed it: “Seen on video”")
        await page.goto(f"{venue.server.private_url}/desk")
        await page.get_by_role("link", name="a correction waits for a second official").click()
        await bob.shows("waiting-proposal board-change", "Contests")
        row = page.locator("board-change", has_text="Contests").locator(".figures")
        await expect(row).to_contain_text("Score1–1→0–1")
        assert await barriers(page) == []
        await page.locator("h1").click()
        await page.keyboard.press("e")
        await bob.shows("#done", "Approved: Void Goal Gulls 23'.")
        assert await said_of(venue, "g1") == ["record", "void"]
        await expect(page.locator("waiting-proposal")).to_have_count(0)

        await ann.page.goto(f"{venue.server.private_url}/c/cup/corrections?record=g1")
        await ann.shows(".versions", "Voided by Ann, approved by Bob, at ")
        await ann.page.goto(f"{venue.server.private_url}/c/cup/corrections?record=g2")
        await ann.shows("record-versions h2", "50'")
        await propose(ann, "Another match")
        await page.reload()
        await page.get_by_role("button", name="Look at every board").click()
        await bob.shows("waiting-proposal board-change", "Contests")
        await venue.goal("g3", "terns", 70)
        await page.get_by_role("button", name="Approve: Void Goal Terns").click()
        await bob.shows("waiting-proposal .error", "It has lapsed.")
        await page.locator("waiting-proposal").get_by_label("Why").fill("It was this match")
        await page.get_by_role("button", name="Decline").click()
        await bob.shows("#done", "Declined: Void Goal Terns")
        assert await said_of(venue, "g2") == ["record"]
        assert ann.complaints == []
        assert [said for said in bob.complaints if "412" not in said] == []


async def test_an_official_of_one_competition_approves_there_and_is_told_of_it_alone(
    venue: Venue, opened: Opener
) -> None:
    await venue.define(CUP | {"slug": "other", "name": "Other Cup"})
    async with (
        official(venue, opened, "Ann", "/c/cup/corrections?record=g1") as ann,
        official(venue, opened, "Bob", "/pad", of="cup") as bob,
    ):
        await ann.shows("record-versions h2", "Goal Gulls 23'")
        await propose(ann, "Seen on video")
        page, own = bob.page, venue.server.private_url
        await bob.shows("who-am-i", "official of cup")
        await bob.shows("#contests", "Gulls – Terns")
        await expect(page.get_by_label("Competition")).to_be_hidden()  # there is one alone
        places = await page.locator("nav.places a").all_inner_texts()
        assert places == ["Pads", "Log", "Rulings", "Corrections", "Audit", "Keys"]
        await page.get_by_role("link", name="Rulings").click()
        await page.locator("#queue .item", has_text="needs a second approval").click()
        await bob.shows("matter-view .what", "Ann proposed it: “Seen on video”")
        await page.get_by_role("link", name="Corrections", exact=True).click()
        await page.get_by_role("button", name="Look at every board").click()
        await bob.shows("waiting-proposal board-change", "Contests")
        await page.get_by_role("button", name="Approve: Void Goal Gulls 23'").click()
        await bob.shows("#done", "Approved: Void Goal Gulls 23'.")
        assert await said_of(venue, "g1") == ["record", "void"]

        await page.get_by_role("link", name="Audit").click()
        await bob.shows("#acts tr", "approved proposed corrections")
        assert "Other Cup" not in await page.locator("#acts").inner_text()
        await expect(page.get_by_label("Kind").locator("[value=access]")).to_have_count(0)
        await page.get_by_label("Person").fill("official:Ann")
        await page.keyboard.press("Enter")
        await bob.shows("#acts tr", "proposed corrections")
        await page.locator("#acts", has_text="approved proposed").wait_for(state="detached")
        assert await barriers(page) == []
        await page.goto(f"{own}/desk")
        await bob.shows("#calm", "this one is for cup")
        assert bob.complaints == []  # nothing was asked that the key may not
        await page.goto(f"{own}/c/other/corrections")
        await bob.shows("#message", "It is for cup: use a key that is bound to none")
        await expect(page.get_by_role("button", name="Preview every board")).to_be_hidden()
