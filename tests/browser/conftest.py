"""A real browser, and a page that tells what it did wrong."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

Opener = Callable[..., AbstractAsyncContextManager["Watched"]]


def chromium() -> str:
    """Where Chromium is; without one the tests fail under CI and are skipped elsewhere."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    message = "there is no Chromium on the PATH"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests."""
    program = chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        await started.close()


class Watched:
    """A page, what it asked for, and what its console and its policy complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda request: self.requests.append(request.url))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    async def shows(self, selector: str, text: str) -> None:
        """Return when an element holds this text; fail if it never does."""
        await self.page.locator(selector).filter(has_text=text).first.wait_for()

    async def is_in_state(self, state: str) -> None:
        """Return when the page says that its connection is in this state."""
        await self.page.locator(f"connection-state[data-state={state}]").wait_for()

    async def overflow_px(self) -> int:
        """By how much the page is wider than its window."""
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(await self.page.evaluate(width))


@pytest.fixture
def opened(browser: Browser) -> Opener:
    """Opens a page in a fresh context: `async with opened(url, width=..., height=...)`."""

    @asynccontextmanager
    async def open_page(
        url: str, *, width: int = 1280, height: int = 720, **context: Any
    ) -> AsyncIterator[Watched]:
        made = await browser.new_context(
            viewport={"width": width, "height": height}, service_workers="block", **context
        )
        try:
            watched = Watched(await made.new_page())
            await watched.page.goto(url)
            yield watched
        finally:
            await made.close()

    return open_page
