"""A screen on a wall: told from the desk, through a restart of the server."""

from pathlib import Path
from typing import Any

import httpx2
from msgspec.structs import replace
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

PATH = "/api/v1/displays"
SHOWN = "iframe.shown"


class Desk:
    """The operator's."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx2.AsyncClient(base_url=url, headers=headers)

    async def show(self, **showing: Any) -> None:
        assert (await self.client.put(f"{PATH}/hall", json=showing)).is_success

    async def act(self, act: str) -> None:
        assert (await self.client.post(f"{PATH}/acts", json={"act": act})).is_success


async def test_a_screen_shows_what_the_desk_says(settings: Settings, opened: Opener) -> None:
    async with running(settings) as server:
        await Venue(server).define(CUP)
        desk = Desk(server.private_url, server.admin_key)
        async with opened(server.private_url + "/display/hall", width=1920, height=1080) as hall:
            await hall.shows("#waiting .name", "hall")
            await desk.show(kind="message", title="Welcome", text="Doors open at six")
            await hall.shows("#message", "Doors open at six")
            await desk.show(kind="pages", pages=["/c/cup"])
            frame = hall.page.frame_locator(SHOWN)
            await frame.get_by_role("heading", name="Harbour Cup").wait_for()
            await Venue(server).goal("g1", "gulls", 12)
            await frame.locator("connection-state[data-state=live]").wait_for()
            await desk.act("identify")
            await hall.shows("#identify", "hall")
            await hall.page.evaluate("window.before = true")
            async with hall.page.expect_navigation():
                await desk.act("reload")
            await frame.get_by_role("heading", name="Harbour Cup").wait_for()
            assert not await hall.page.evaluate("'before' in window")
            await desk.show(kind="blank")
            await hall.page.locator("#stage[data-kind=blank]").wait_for()
            assert await hall.page.locator("iframe").count() == 0
            assert await hall.overflow_px() == 0
            assert hall.complaints == []


async def test_a_screen_comes_back_by_itself_with_the_server(
    settings: Settings, opened: Opener, unused_tcp_port: int, tmp_path: Path
) -> None:
    fixed = replace(settings, public_port=unused_tcp_port, data=str(tmp_path / "hall"))
    async with running(fixed) as server:
        await Venue(server).define(CUP)
        key = server.admin_key
        desk = Desk(server.private_url, key)
        await desk.show(kind="pages", pages=["/c/cup"])
        screen = opened(server.public_url + "/display/hall")
        hall = await screen.__aenter__()
        await hall.page.frame_locator(SHOWN).get_by_role("heading", name="Harbour").wait_for()
    try:
        async with running(fixed) as server:
            desk = Desk(server.private_url, key)
            await desk.show(kind="message", title="Back again")
            await hall.shows("#message", "Back again")
    finally:
        await screen.__aexit__(None, None, None)


async def test_pages_where_somebody_works_are_shown_in_no_frame(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server, httpx2.AsyncClient() as client:
        login = await client.get(server.private_url + "/login")
        assert "frame-ancestors 'none'" in login.headers["content-security-policy"]
        board = await client.get(server.public_url + "/")
        assert "frame-ancestors 'self'" in board.headers["content-security-policy"]
        assert "frame-src" not in board.headers["content-security-policy"]


async def test_a_screen_with_an_odd_name_takes_one_like_it_or_says_what_a_name_is(
    settings: Settings, opened: Opener
) -> None:
    async with running(settings) as server:
        own = server.private_url
        async with opened(f"{own}/display/Hall%20A", width=1280, height=720) as hall:
            await hall.page.wait_for_url(f"{own}/display/hall-a")
            await hall.shows("#waiting .name", "hall-a")
            await hall.shows("#waiting", "waits for the operator")
        async with opened(f"{own}/display/%E2%98%83", width=1280, height=720) as hall:
            await hall.shows("#waiting .name", "☃")
            await hall.shows("#waiting", "a name has lower case letters, digits and hyphens")
