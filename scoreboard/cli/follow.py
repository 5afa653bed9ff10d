"""Feeds of other systems, followed and said as events to a running server.

    feed (file or HTTP) ─ lines ─▶ ClicsFeed ─ events ─▶ POST .../events ─▶ state file

What was taken is written down after the server has answered (`--state`), so that a feed goes on
where it stopped; a line that is read twice says nothing new.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import httpx2
import msgspec

from scoreboard.cli.client import KEY, TIMEOUT_S, URL, call, refusal
from scoreboard.cli.console import console
from scoreboard.cli.transfer import BATCH_EVENTS, post
from scoreboard.errors import BadInput, ScoreboardError, Unavailable
from scoreboard.sources.clics import ClicsFeed, Seen

LINES_MAX = 1_000  # lines that wait; past it the feed is not read on
READ_S = 180.0  # a feed that is silent for longer (CLICS sends a keep-alive every 120 s) is gone

Lines = list[bytes]


@click.group()
def feed() -> None:
    """Follow the feed of another system."""


@feed.command("clics")
@URL
@KEY
@click.argument("origin", metavar="FILE_OR_URL")
@click.argument("slug")
@click.option("--contest", default="main", show_default=True, help="The contest's id here.")
@click.option("--define", is_flag=True, help="Define the competition from the feed (admin key).")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), help="Where it stands.")
@click.option(
    "--pause", type=click.FloatRange(0, 60), default=2.0, show_default=True,
    help="Seconds before a feed that broke off is asked again.",
)  # fmt: skip
def clics(
    url: str,
    key: str | None,
    origin: str,
    slug: str,
    contest: str,
    define: bool,
    state: Path | None,
    pause: float,
) -> None:
    """Follow a programming contest's CLICS event feed until it ends or Ctrl+C.

    An official's key is needed for the feed's freeze and thaw to be taken over.
    """
    follower = Follower(url, key, slug, contest, define=define, state=state)
    try:
        for lines in follow(origin, follower.reader, pause):
            follower.take(lines)
    except KeyboardInterrupt:
        console.print("stopped")
    follower.tell()
    if follower.refused:
        raise SystemExit(1)


class Follower:
    """One feed on its way into one competition."""

    def __init__(
        self,
        url: str,
        key: str | None,
        slug: str,
        contest: str,
        *,
        define: bool = False,
        state: Path | None = None,
    ) -> None:
        self.reader = ClicsFeed(contest=contest, seen=_read(state))
        self.counts: Counter[str] = Counter()
        self._url, self._key, self._slug = url, key, slug
        self._define, self._state = define, state
        self._defined: dict[str, Any] | None = None

    @property
    def refused(self) -> bool:
        """Whether the server refused an event."""
        return any(status[0] in "45" for status in self.counts)

    def take(self, lines: Lines) -> None:
        """Say what the lines mean; they count as taken once the server has answered."""
        events = [event for line in lines for event in self.reader.take(line)]
        if self._define and (events or self.reader.seen.ended):
            self._define_anew()
        for first in range(0, len(events), BATCH_EVENTS):
            some = events[first : first + BATCH_EVENTS]
            body = msgspec.json.encode(some)
            for event, result in zip(
                some, post(self._url, self._key, self._slug, body), strict=True
            ):
                self._count(event, result)
        if self._state is not None:
            _write(self._state, self.reader.seen)

    def _define_anew(self) -> None:
        definition = self.reader.definition(self._slug)
        if definition != self._defined:
            call("POST", self._url, "/api/v1/competitions", self._key, json=definition)
            self._defined = definition

    def _count(self, event: dict[str, Any], result: dict[str, Any]) -> None:
        self.counts[str(result["status"])] += 1
        if "problem" in result:
            line = f"{event['id']}: {result['problem'].get('detail', result['status'])}"
            console.print(line, style="red", markup=False, soft_wrap=True)

    def tell(self) -> None:
        """Print how many events the server answered how."""
        told = ", ".join(f"{status}: {count}" for status, count in sorted(self.counts.items()))
        console.print(f"{self.reader.seen.lines} lines; events by answer: {told or 'none'}")


# where lines come from --------------------------------------------------------------------------


def follow(origin: str, reader: ClicsFeed, pause_s: float) -> Iterator[Lines]:
    """Lines as they come, several at once: a file's to its end, a feed's until it says so."""
    if not origin.startswith(("http://", "https://")):
        yield from file_lines(Path(origin))
        return
    while not reader.seen.ended:
        try:
            yield from http_lines(origin, reader.seen.token)
        except Unavailable as error:
            console.print(error.message, style="yellow", markup=False, soft_wrap=True)
        if not reader.seen.ended:
            time.sleep(pause_s)


def file_lines(path: Path) -> Iterator[Lines]:
    """All lines of a file."""
    if not path.is_file():
        raise BadInput(f"there is no file {path}", hint="a path, or an http(s) address of a feed")
    with path.open("rb") as lines:
        some: Lines = []
        for line in lines:
            some.append(line)
            if len(some) == LINES_MAX:
                yield some
                some = []
        yield some


def http_lines(url: str, token: str) -> Iterator[Lines]:
    """Lines of one connection after a token; Unavailable when it breaks off."""
    waiting: queue.Queue[bytes | ScoreboardError | None] = queue.Queue(LINES_MAX)
    threading.Thread(target=_connect, args=(url, token, waiting), daemon=True).start()
    while True:
        taken = [waiting.get()]
        while len(taken) < LINES_MAX and not waiting.empty():
            taken.append(waiting.get_nowait())
        lines = [line for line in taken if isinstance(line, bytes)]
        if lines:
            yield lines
        last = taken[-1]
        if isinstance(last, ScoreboardError):
            raise last
        if last is None:
            return


def _connect(url: str, token: str, waiting: "queue.Queue[bytes | ScoreboardError | None]") -> None:
    """Put a connection's lines into the queue, then None, or the error that ended it."""
    end: ScoreboardError | None = None
    timeout = httpx2.Timeout(TIMEOUT_S, read=READ_S)
    params = {"since_token": token} if token else {}
    try:
        with httpx2.stream("GET", url, params=params, timeout=timeout) as response:
            if response.status_code >= 400:
                response.read()
                end = refusal(response)
            else:
                for line in response.iter_lines():
                    waiting.put(line.encode())
    except httpx2.HTTPError as error:
        end = Unavailable(f"the feed broke off: {error}")
    waiting.put(end)


# where the feed stands --------------------------------------------------------------------------


def _read(state: Path | None) -> Seen | None:
    if state is None or not state.exists():
        return None
    try:
        return msgspec.json.decode(state.read_bytes(), type=Seen)
    except msgspec.MsgspecError as error:
        raise BadInput(
            f"{state} does not say where a feed stands: {error}", hint="remove it to begin anew"
        ) from error


def _write(state: Path, seen: Seen) -> None:
    """Replace the file at once, so that it is never half written."""
    fresh = state.with_name(f"{state.name}.new")
    fresh.write_bytes(msgspec.json.encode(seen))
    fresh.replace(state)
