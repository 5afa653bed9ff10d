"""Browser windows that one test after another uses, each emptied of what was done in it.

A window of its own costs more than most tests: two processes are started for it, and every script
is compiled anew.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page
from watching import Watched

WIDTH_PX, HEIGHT_PX = 1280, 720


class Tabs:
    """A page in a context of its own, for as long as a test needs it."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.idle: list[Page] = []

    @asynccontextmanager
    async def used(
        self,
        *,
        color_scheme: Any = "light",
        reduced_motion: Any = "no-preference",
        extra_http_headers: dict[str, str] | None = None,
        width: int = WIDTH_PX,
        height: int = HEIGHT_PX,
    ) -> AsyncIterator[Watched]:
        """A blank page as nobody had used it before; after a failure nobody uses it again."""
        page = self.idle.pop() if self.idle else await self._new()
        try:
            await page.set_viewport_size({"width": width, "height": height})
            await page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
            await page.context.set_extra_http_headers(extra_http_headers or {})
            watched = Watched(page)
            yield watched
            watched.leave()
            await _empty(page, origins(watched.requests))
        except BaseException:
            await page.context.close()
            raise
        self.idle.append(page)

    @asynccontextmanager
    async def alone(
        self, *, width: int = WIDTH_PX, height: int = HEIGHT_PX, **context: Any
    ) -> AsyncIterator[Watched]:
        """The same, where a test leaves behind what cannot be taken away, such as a set clock."""
        size = {"width": width, "height": height}
        made = await self._new(viewport=size, **context)
        try:
            yield Watched(made)
        finally:
            await made.context.close()

    async def _new(self, **context: Any) -> Page:
        made = await self.browser.new_context(service_workers="block", **context)
        return await made.new_page()


def origins(urls: Iterable[str]) -> set[str]:
    """The origins of addresses, such as `http://127.0.0.1:8080`."""
    parts = [urlsplit(url) for url in urls]
    return {f"{part.scheme}://{part.netloc}" for part in parts if part.netloc}


async def _empty(page: Page, visited: set[str]) -> None:
    """Close what else is open, and leave nothing in the context of what was visited."""
    context = page.context
    for other in context.pages:
        if other is not page:
            await other.close()
    await context.set_offline(False)
    await page.evaluate("try { sessionStorage.clear() } catch {}")
    await page.goto("about:blank")
    await context.clear_cookies()
    devtools = await context.new_cdp_session(page)
    for origin in visited:
        await devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    await devtools.send("Page.resetNavigationHistory")
    await devtools.detach()
