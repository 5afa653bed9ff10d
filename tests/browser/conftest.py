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
from tabs import Tabs
from watching import Opener, Watched

from scoreboard.settings import Settings

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without windows of its own, at two thirds of the work."""

FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--js-flags=--no-opt",  # no page of a test lives as long as optimising its scripts pays
]


def chromium() -> str:
    """Where Chromium is; without one the tests fail under CI and are skipped elsewhere."""
    for name in PROGRAMS:
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
        started = await playwright.chromium.launch(executable_path=program, args=FLAGS)
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
