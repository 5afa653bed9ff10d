"""A real browser, and pages opened in it that are watched."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from chromium import FLAGS, program
from playwright.async_api import Browser, async_playwright
from tabs import Tabs
from watching import Opener, Watched

from scoreboard.settings import Settings


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program(), args=FLAGS)
        yield started
        await started.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    """The windows of that browser."""
    return Tabs(browser)


@pytest.fixture
def opened(tabs: Tabs) -> Opener:
    """Opens a page: `async with opened(url, width=..., height=...)`.

    With `alone=True` in a window that nobody had before, and nobody has afterwards.
    """

    @asynccontextmanager
    async def open_page(url: str, *, alone: bool = False, **how: Any) -> AsyncIterator[Watched]:
        async with (tabs.alone if alone else tabs.used)(**how) as watched:
            await watched.page.goto(url)
            yield watched

    return open_page


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """SQLite in a fresh folder, on any free ports."""
    return on_free_ports(tmp_path)


@pytest.fixture(scope="module")
def shared_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same for tests of a module that change nothing there, or only what is their own."""
    return on_free_ports(tmp_path_factory.mktemp("shared"))


def on_free_ports(folder: Path) -> Settings:
    """SQLite in a folder, on any free ports."""
    return Settings(data=str(folder / "data"), private_port=0, public_port=0)
