"""The office as officials use it: logging in, and what only they see."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from accessible import barriers
from msgspec.structs import replace
from playwright.async_api import Page
from venue import CUP, Venue, address
from watching import Opener, Watched

from scoreboard.app import running
from scoreboard.settings import Settings


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A competition before its first match, on plain HTTP in the venue's network."""
    async with running(replace(shared_settings, private_host=address())) as server:
        made = Venue(server)
        await made.define(CUP)
        yield made
        await made.client.aclose()


async def log_in(page: Page, key: str) -> None:
    """Show a key on the login page, by keyboard alone."""
    await page.get_by_label("Key", exact=True).wait_for()
    await page.keyboard.type(key)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/c/cup?at=1", "/c/cup?at=1"),
        ("//evil.example/", "/c/cup/log"),
        ("/\\evil.example/", "/c/cup/log"),
        ("https://evil.example/", "/c/cup/log"),
        ("javascript:alert(1)", "/c/cup/log"),
    ],
)
async def test_who_logs_in_goes_back_on_this_server_alone(
    venue: Venue, opened: Opener, back: str, leads: str
) -> None:
    own = venue.server.private_url
    async with opened(f"{own}/login?back={back}", width=390, height=844) as watched:
        page = watched.page
        await log_in(page, venue.server.admin_key)
        await page.wait_for_url(own + leads)
        assert watched.complaints == []
        who = await page.evaluate("fetch('/api/v1/sessions/current').then((one) => one.json())")
        assert (who["name"], who["role"]) == ("first-admin", "admin")
        assert await page.evaluate("document.cookie") == ""


async def test_a_wrong_key_is_told_and_can_be_mended(venue: Venue, opened: Opener) -> None:
    async with opened(f"{venue.server.private_url}/login") as watched:
        page = watched.page
        assert await barriers(page) == []
        await log_in(page, venue.server.admin_key[:-1])
        await watched.shows("#wrong", "This key is not known.")
        assert await barriers(page) == []
        [said] = watched.complaints  # by the browser itself, of the answer
        assert "401" in said
        field = page.get_by_label("Key", exact=True)
        assert await field.get_attribute("type") == "password"
        await page.get_by_role("button", name="Show").click()
        assert await field.get_attribute("type") == "text"
        await field.press("End")
        await page.keyboard.type(venue.server.admin_key[-1])
        await watched.shows("#wrong", "")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{venue.server.private_url}/c/cup/log")


async def test_a_code_that_was_scanned_brings_the_key_and_leaves_no_trace(
    venue: Venue, opened: Opener
) -> None:
    own = venue.server.private_url
    made = await venue.client.post("/keys", json={"name": "scanned", "role": "device"})
    async with opened(f"{own}/login#key={made.json()['key']}", width=390, height=844) as watched:
        page = watched.page
        await watched.shows("#hint", "The key came with the code")
        assert page.url == f"{own}/login"
        assert await page.get_by_label("Key", exact=True).get_attribute("type") == "password"
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{own}/pad")
        await watched.shows(".card h2", "Gulls – Terns")
        assert watched.complaints == []


async def lines(watched: Watched, count: int) -> list[str]:
    """What stands in the log once it has so many lines, the newest first."""
    shown = watched.page.locator("#lines .line")
    await shown.nth(count - 1).wait_for()
    return await shown.all_inner_texts()


async def test_the_log_tells_what_comes_and_waits_for_who_reads(
    venue: Venue, opened: Opener
) -> None:
    own = venue.server.private_url
    await venue.goal("g1", "gulls", 3)
    async with opened(f"{own}/login?back=/log") as watched:
        page = watched.page
        await log_in(page, venue.server.admin_key)
        await page.wait_for_url(f"{own}/c/cup/log")
        await watched.is_in_state("live")
        newest, definition = await lines(watched, 2)
        assert "football.goal" in newest and "minute 3" in newest
        assert "Harbour Cup" in definition
        await venue.goal("g2", "terns", 9)
        assert "minute 9" in (await lines(watched, 3))[0]
        # Somebody reads: what comes waits, and is counted.
        await page.keyboard.press("Space")
        await venue.goal("g3", "terns", 12)
        await venue.correct("g1", "void")
        await watched.shows("#news", "2 new")
        assert len(await lines(watched, 3)) == 3
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")  # the goal that was voided meanwhile
        await watched.shows(".detail caption", "Record g1: voided, nothing counts")
        await watched.shows(".detail td", "seen again on video")
        assert await barriers(page) == []
        correct = page.locator(".detail .correct")
        assert await correct.get_attribute("href") == "/c/cup/corrections?record=g1"
        await page.locator("#news").click()
        voided, _third, *_ = await lines(watched, 5)
        assert "voided" in voided and "g1" in voided
        assert await page.evaluate("document.activeElement.className") == "head"
        # One record alone, by an address that can be given away.
        await page.locator("#record").fill("g1")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{own}/c/cup/log?record=g1")
        assert len(await lines(watched, 2)) == 2
        await page.locator("#type").fill("football.card")
        await page.keyboard.press("Enter")
        await watched.shows("#notice", "No entry is like this.")
        assert watched.complaints == []


async def test_who_is_logged_in_sees_only_what_the_role_reaches_and_can_leave(
    venue: Venue, opened: Opener
) -> None:
    own = venue.server.private_url
    made = await venue.client.post("/keys", json={"name": "desk", "role": "official"})
    async with opened(f"{own}/login?back=/c/cup/log", width=390, height=844) as watched:
        page = watched.page
        await log_in(page, made.json()["key"])
        await watched.shows(".person", "desk")
        here = page.locator(".places [aria-current=page]")
        assert await here.inner_text() == "Log"
        places = await page.locator(".places a").evaluate_all("(all) => all.map((a) => a.href)")
        for place in places:
            answer = await venue.client.get(place)
            assert answer.status_code == 200, place
        assert await watched.overflow_px() == 0
        assert await barriers(page) == []
        assert watched.complaints == []
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url(f"{own}/login")
        await page.goto(f"{own}/c/cup/log?record=g1")
        await page.wait_for_url(f"{own}/login?back=*")
        await log_in(page, made.json()["key"])
        await page.wait_for_url(f"{own}/c/cup/log?record=g1")


async def test_a_log_whose_session_ends_leads_to_the_login(venue: Venue, opened: Opener) -> None:
    own = venue.server.private_url
    async with opened(f"{own}/login?back=/c/cup/log") as watched:
        await log_in(watched.page, venue.server.admin_key)
        await watched.is_in_state("live")
        for session in (await venue.client.get("/sessions")).json():
            (await venue.client.delete(f"/sessions/{session['id']}")).raise_for_status()
        await watched.page.wait_for_url(f"{own}/login?back=%2Fc%2Fcup%2Flog")


async def test_an_admin_makes_a_key_and_takes_it_back_and_the_audit_tells(
    venue: Venue, opened: Opener
) -> None:
    own = venue.server.private_url
    wrong = {"key": "sb_0123456789_wrong"}
    await venue.client.post("/sessions", json=wrong, headers={"Origin": own})
    async with opened(f"{own}/login?back=/keys", width=390, height=844) as watched:
        page = watched.page
        await log_in(page, venue.server.admin_key)
        await watched.shows("#sessions", "first-admin (you)")
        await page.get_by_label("Name", exact=True).press_sequentially("pad 7")
        await page.get_by_label("For", exact=True).select_option("cup")
        await page.get_by_role("button", name="Make a key").click()
        await watched.shows("#made", "The key of pad-7. It is shown this once")
        key = await page.locator("#made .key").inner_text()
        headers = {"Authorization": f"Bearer {key}"}
        assert (await venue.client.get("/sessions/current", headers=headers)).is_success
        code = page.get_by_alt_text("QR code of the login with this key")
        await code.wait_for()
        assert await code.evaluate("(one) => one.decode().then(() => one.naturalWidth > 0)")
        await watched.shows("#made", f"it opens {own}/login with the key filled in")
        assert await watched.overflow_px() == 0
        assert await barriers(page) == []
        revoke = page.get_by_role("button", name="Revoke the key of pad-7")
        await revoke.click()
        assert (await venue.client.get("/sessions/current", headers=headers)).is_success
        await revoke.click()  # it asks once more
        await page.locator("#keys", has_text="pad-7").wait_for(state="detached")
        assert (await venue.client.get("/sessions/current", headers=headers)).status_code == 401
        await page.get_by_role("link", name="Audit").click()
        await watched.shows("#refused", "this key is not known")
        await watched.shows("#acts tr", "revoked a key")
        assert await watched.overflow_px() == 0
        assert await barriers(page) == []
        await page.get_by_label("Kind").select_option("decision")
        await page.wait_for_url(f"{own}/audit?kind=decision")
        await page.locator("#acts tbody tr").nth(0).wait_for()
        await page.locator("#acts", has_text="revoked a key").wait_for(state="detached")
        await watched.shows("#acts tr", "defined the competition")
        assert watched.complaints == []


async def test_who_is_no_admin_sees_their_own_sessions_alone(venue: Venue, opened: Opener) -> None:
    own = venue.server.private_url
    made = await venue.client.post("/keys", json={"name": "office", "role": "official"})
    await venue.client.post(
        "/sessions", json={"key": venue.server.admin_key}, headers={"Origin": own}
    )
    async with opened(f"{own}/login?back=/keys") as watched:
        page = watched.page
        await log_in(page, made.json()["key"])
        await watched.shows("#sessions", "office (you)")
        assert await page.locator("#sessions tbody tr").count() == 1
        assert await page.locator("#for-admins").is_hidden()
        assert await barriers(page) == []
        await page.get_by_role("button", name="End the session of office").click()
        await page.get_by_role("button", name="Sure? End the session of office").click()
        await page.wait_for_url(f"{own}/login")
        assert watched.complaints == []


async def test_a_session_works_on_plain_http_in_the_venues_network(
    venue: Venue, opened: Opener
) -> None:
    own = venue.server.private_url
    async with opened(f"{own}/login?back=/keys") as watched:
        page = watched.page
        assert not await page.evaluate("isSecureContext")
        await log_in(page, venue.server.admin_key)
        await page.get_by_label("Name", exact=True).fill("pad-8")
        await page.get_by_role("button", name="Make a key").click()
        await watched.shows("#made", "The key of pad-8.")
        await page.get_by_role("button", name="Copy").click()
        await watched.shows("#made button", "Press Ctrl+C")
        assert (await page.evaluate("String(getSelection())")).startswith("sb_")
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url(f"{own}/login")
        assert watched.complaints == []
