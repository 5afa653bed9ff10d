"""A client of a board's stream that keeps the board as its events say, across connections."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import msgspec

from scoreboard.facts.document import merge

Board = dict[str, Any]


class Follower:
    """The board as a client holds it; `seen` is what it heard: the event's name and the version.

    `corrections` are the notices, in order; each must be of the patch that comes next.
    A patch that does not begin at the version held, or leads to one that was held before, fails.
    """

    def __init__(self, url: str, held: Board | None = None) -> None:
        self.url = url
        self.board = held
        self.seen: list[tuple[str, str]] = []
        self.corrections: list[dict[str, Any]] = []
        self._lines: AsyncIterator[str]

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator["Follower"]:
        """One connection, taken up from the version that is held."""
        headers = {"Last-Event-ID": self.board["version"].encode("latin-1")} if self.board else {}
        async with (
            httpx2.AsyncClient(timeout=30, verify=False) as client,
            client.stream("GET", self.url, headers=headers) as response,
        ):
            assert response.status_code == 200
            self._lines = response.aiter_lines()
            yield self

    async def until(self, wanted: Callable[[Board], bool]) -> Board:
        """Listen until the board is as wanted; raises httpx2.TransportError if cut off."""
        event = ""
        while self.board is None or not wanted(self.board):
            try:
                line = await anext(self._lines)
            except StopAsyncIteration:
                raise httpx2.ReadError("the stream ended") from None
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                self._take(event, msgspec.json.decode(line.removeprefix("data: ").encode()))
        return self.board

    def _take(self, event: str, data: dict[str, Any]) -> None:
        if event in ("reset", "bye"):
            self.seen.append((event, ""))
        elif event == "snapshot":
            self.seen.append((event, data["version"]))
            self.board = data
        elif event == "correction":
            self.seen.append((event, data["right_from"]))
            self.corrections.append(data)
        elif event == "patch":
            if self.seen and self.seen[-1][0] == "correction":
                assert self.seen[-1][1] == data["version"], "a notice of another patch"
            assert self.board is not None
            assert data["before"] == self.board["version"], "a gap or a repeat"
            assert (event, data["version"]) not in self.seen, "a version that was there before"
            self.seen.append((event, data["version"]))
            content = merge(self.board["content"], data["merge"])
            self.board = {**data, "content": content}
