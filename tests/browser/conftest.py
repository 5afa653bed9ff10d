"""A real browser, and pages opened in it that are watched."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from watching import Opener, Watched

from scoreboard.settings import Settings


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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """SQLite in a fresh folder, on any free ports."""
    return Settings(data=str(tmp_path / "data"), private_port=0, public_port=0)
