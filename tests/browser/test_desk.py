"""The operator's desk: what needs somebody, displays assigned, devices seen, addresses."""

from accessible import barriers
from msgspec.structs import replace
from playwright.async_api import expect
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings


async def test_an_operator_sees_what_is_needed_and_tells_a_screen_what_to_show(
    settings: Settings, opened: Opener
) -> None:
    async with running(replace(settings, lan=("public",))) as server:
        venue = Venue(server)
        await venue.define(CUP)
        await venue.goal("g1", "gulls", 3)
        beat = {"source": "pad-1", "battery": 0.07, "unsent": 2}
        await venue.client.post("/devices/heartbeat", json=beat)
        async with (
            opened(server.private_url + "/login?back=/desk") as desk,
            opened(server.private_url + "/display/hall", width=1920, height=1080) as hall,
        ):
            await hall.shows("#waiting .name", "hall")
            await desk.page.get_by_label("Key", exact=True).fill(server.admin_key)
            await desk.page.keyboard.press("Enter")
            await desk.is_in_state("live")
            await desk.shows("#calls", "Display hall waits")
            await desk.shows("#calls", "pad-1: battery at 7 %")
            await desk.shows("#devices", "pad-1")
            await desk.page.get_by_role("button", name="Change hall").press("Enter")
            await desk.page.get_by_label("Show", exact=True).select_option("contest")
            await desk.page.get_by_label("Contest").select_option("m1")
            assert await barriers(desk.page) == []
            await desk.page.get_by_role("button", name="Show", exact=True).press("Enter")
            await desk.shows(".screen", "Shows /c/cup/contests/m1")
            await hall.page.frame_locator("iframe.shown").get_by_text("Gulls").first.wait_for()
            await desk.page.locator("#calls", has_text="Display hall").wait_for(state="detached")
            await desk.page.locator("body").press("i")
            await hall.shows("#identify", "hall")
            codes = desk.page.locator("#doors img")
            loaded = await codes.evaluate_all("all => all.every((one) => one.naturalWidth > 0)")
            assert await codes.count() >= 1
            assert loaded
            assert await barriers(desk.page) == []
            assert await desk.overflow_px() == 0
            assert desk.complaints == hall.complaints == []


async def test_a_screen_on_the_public_address_is_told_by_its_name_at_a_desk_found_from_the_start(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        venue = Venue(server)
        await venue.define(CUP)
        await venue.goal("g1", "gulls", 3)  # by an official: no device
        await venue.client.post(
            "/devices/heartbeat", json={"source": "pad-9", "note": "Ann's phone", "unsent": 0}
        )
        own = server.private_url
        async with (
            opened(own) as desk,
            opened(server.public_url + "/display/hall", width=1280, height=720) as hall,
        ):
            await hall.shows("#waiting .name", "hall")
            await desk.page.get_by_role("link", name="Desk").click()
            await desk.page.wait_for_url("**/login*")
            await desk.page.get_by_label("Key", exact=True).fill(server.admin_key or "")
            await desk.page.keyboard.press("Enter")
            await desk.shows("#devices", "Ann's phone (pad-9)")
            assert await desk.page.locator("#devices tr").count() == 1
            await desk.shows("#where", f"{own}/display/NAME")
            await expect(
                desk.page.get_by_role("button", name="Choose what it shows")
            ).to_be_enabled()
            await desk.page.get_by_label("Name of a screen").fill("Hall")
            await desk.page.keyboard.press("Enter")
            await desk.shows("#assign-head", "What hall shows")
            await desk.page.get_by_role("button", name="Show", exact=True).click()
            await desk.shows(".screen", "Shows /c/cup")
            await hall.page.frame_locator("iframe.shown").get_by_text("Gulls").first.wait_for()
            await desk.page.get_by_label("Name of a screen").fill("in the hall")
            await desk.page.keyboard.press("Enter")
            await desk.page.get_by_role("button", name="Show", exact=True).click()
            await desk.shows("#wrong", "lower case letters, digits")
            assert await barriers(desk.page) == []
            assert await desk.overflow_px() == 0
            assert hall.complaints == []
            async with opened(server.public_url) as outside:
                await outside.shows("competition-list", "Harbour Cup")
                assert await outside.page.get_by_role("link", name="Desk").count() == 0


async def test_a_stranger_is_led_to_the_login(settings: Settings, opened: Opener) -> None:
    async with running(settings) as server, opened(server.private_url + "/desk") as desk:
        await desk.page.wait_for_url("**/login?back=%2Fdesk")
