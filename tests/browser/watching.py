"""A page in a browser that tells what it asked for and what it did wrong."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from playwright.async_api import Page

NO_WORKER = "Service Worker registration blocked by Playwright"
"""What playwright itself says where a test wants no service worker."""

LEFT_EARLY = "WebSocket is closed before the connection is established"
"""What chromium says of a page that is left while it connects, which is no fault of the page."""


class Watched:
    """A page, what it asked for, and what its console and its policy complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._heard: dict[Any, Callable[[Any], None]] = {
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": self._said,
            "request": lambda request: self.requests.append(request.url),
            "websocket": lambda socket: self.requests.append(as_http(socket.url)),
        }
        for event, note in self._heard.items():
            page.on(event, note)

    def leave(self) -> None:
        """Note nothing any more."""
        for event, note in self._heard.items():
            self.page.remove_listener(event, note)

    def _said(self, message: Any) -> None:
        expected = message.text == NO_WORKER or LEFT_EARLY in message.text
        if message.type in ("error", "warning") and not expected:
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


def as_http(url: str) -> str:
    """A WebSocket's address as its handshake asks for it."""
    return url.replace("ws", "http", 1)


Opener = Callable[..., AbstractAsyncContextManager[Watched]]
