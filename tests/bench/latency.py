"""How long from a device's POST until the change has reached the screens that follow the board.

    python tests/bench/latency.py [--quick] [--sport points|football]

The real program in a process of its own; the client posts single events at a steady rate and reads
100 streams of the boards. An event's time runs from writing its request until the first patch at
its position or beyond has been read, once for each stream of its board.

    spread     20 competitions, 5 streams each: a board changes less often than every 50 ms
    one board  one competition, 100 streams: its changes are joined to one every 50 ms, so that an
               event waits up to that long by design

Football's events are goals, over the matches of the league. The floor in the same run: uvicorn with
an application that sends each posted body to as many streams, with no ledger, fold or board.
"""

import asyncio
import re
import tempfile
import time
from bisect import bisect_left
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import uvloop
from events import ENTRANTS, MATCHES, ROUNDS, SPORTS, Sport, definition, event, teams
from figures import Figures, arguments, at, progress
from serving import Served, bare_http, scoreboard
from wire import Connection, ask_one, get, post

API = "/api/v1/competitions"
STREAMS = 100
RATE = 200  # events a second
POSTERS = 32  # connections that take turns
SPREADS = {"spread": 20, "one board": 1}  # competitions
SECONDS = {False: 10, True: 2}
BOARD = {"points": "standings", "football": "contests"}
POSITION = re.compile(rb'"position":(\d+)')


class Screen(asyncio.Protocol):
    """One stream of a board: the positions that it was brought to, and when."""

    def __init__(self, request: bytes) -> None:
        self.positions: list[int] = []
        self.times_s: list[float] = []
        self.opened = asyncio.get_running_loop().create_future()
        self.transport: Any = None
        self._request = request
        self._rest = b""

    @classmethod
    async def to(cls, url: str, path: str) -> "Screen":
        """A stream that has had its first bytes."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, screen = await loop.create_connection(lambda: cls(get(path)), parts.hostname, parts.port)
        await screen.opened
        return screen

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now_s = time.perf_counter()
        if not self.opened.done() and (b"event: snapshot" in data or b": hello" in data):
            self.opened.set_result(None)
        events = (self._rest + data).split(b"\n\n")
        self._rest = events.pop()
        for text in events:
            if b"event: patch" in text:
                found = POSITION.search(text)
                assert found is not None
                self.positions.append(int(found[1]))
                self.times_s.append(now_s)

    def took_s(self, position: int, sent_s: float) -> float | None:
        """Seconds until the stream had come to a position; None if it never did."""
        index = bisect_left(self.positions, position)
        return self.times_s[index] - sent_s if index < len(self.positions) else None


def happening(sport: Sport, number: int, league: int, leagues: int) -> bytes:
    """An event that changes the board of its league."""
    if sport == "points":
        data: dict[str, Any] = {"entrant": f"e{number * 7919 % ENTRANTS}", "points": 1}
        return msgspec.json.encode(event(number, "points.scored", f"c{number % ROUNDS}", data))
    goal = number // leagues
    match = goal % MATCHES
    data = {"team": teams(match)[league % 2], "minute": 1 + goal // MATCHES % 90}
    return msgspec.json.encode(event(number, "football.goal", f"c{match}", data))


async def posted(url: str, requests: list[bytes]) -> list[tuple[int, float]]:
    """Post at the rate over several connections; position and time of sending, by request."""
    sent = [(0, 0.0)] * len(requests)
    connections = [await Connection.to(url) for _ in range(POSTERS)]
    first_s = time.perf_counter()

    async def poster(place: int) -> None:
        for number in range(place, len(requests), POSTERS):
            # The rate is what is measured at: this pause is the device's.
            await asyncio.sleep(max(0.0, first_s + number / RATE - time.perf_counter()))
            sent_s = time.perf_counter()
            answer = msgspec.json.decode(await connections[place].ask(requests[number]))
            sent[number] = (answer.get("position", number + 1), sent_s)

    await asyncio.gather(*map(poster, range(POSTERS)))
    for connection in connections:
        connection.close()
    return sent


async def measured(
    server: Served, requests: list[bytes], streams: list[str], posts_to: str
) -> list[float]:
    """Post events to the competitions in turns; seconds of each event to each of its screens."""
    each = STREAMS // len(streams)
    screens = [[await Screen.to(server.public, path) for _ in range(each)] for path in streams]
    sent = await posted(posts_to, requests)
    taken_s: list[float] = []
    for place, some in enumerate(screens):
        mine = sent[place :: len(streams)]
        last = max(position for position, _ in mine)
        async with asyncio.timeout(10):
            while any(not s.positions or s.positions[-1] < last for s in some):
                await asyncio.sleep(0.01)  # the last patch is on its way
        taken_s += [t for s in some for one in mine if (t := s.took_s(*one)) is not None]
        for screen in some:
            screen.transport.close()
    return taken_s


async def through_server(folder: Path, sport: Sport, leagues: int, count: int) -> list[float]:
    """Times through the whole program."""
    with scoreboard(folder) as server:
        slugs = [f"league-{n}" for n in range(leagues)]
        boards = [f"{API}/{slug}/boards/{BOARD[sport]}" for slug in slugs]
        for slug, board in zip(slugs, boards, strict=True):
            made = msgspec.json.encode(definition(sport, slug))
            await ask_one(server.private, post(API, server.key, made))
            await ask_one(server.public, get(f"{board}?after=1"))
        requests = [
            post(
                f"{API}/{slugs[n % leagues]}/events",
                server.key,
                happening(sport, n, n % leagues, leagues),
            )
            for n in range(count)
        ]
        streams = [f"{board}/stream" for board in boards]
        return await measured(server, requests, streams, server.private)


async def through_bare(leagues: int, count: int) -> list[float]:
    """Times through uvicorn alone, with bodies of about the same size."""
    with bare_http() as http:
        padding = b"x" * 200
        requests = [
            post(f"/echo/{n % leagues}", "none", b'{"position":%d,"data":"%b"}' % (n + 1, padding))
            for n in range(count)
        ]
        return await measured(http, requests, [f"/{n}" for n in range(leagues)], http.private)


async def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--sport", choices=SPORTS)
    chosen = parser.parse_args()
    figures = Figures("latency")
    count = RATE * SECONDS[chosen.quick]
    lines = []
    for sport in SPORTS if chosen.sport is None else (chosen.sport,):
        for spread, leagues in SPREADS.items():
            progress(f"{sport}, {spread}")
            floor = await through_bare(leagues, count)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                ours = await through_server(Path(folder), sport, leagues, count)
            quantiles = [at(share, times) for times in (ours, floor) for share in (0.5, 0.99)]
            lines.append((sport, spread, *(f"{ms:.1f}" for ms in quantiles)))
            key = f"{sport}_{spread.replace(' ', '_')}"
            for name, ms in zip(("p50", "p99", "floor_p50", "floor_p99"), quantiles, strict=True):
                figures.keep(f"{key}_{name}_ms", ms)
    headings = ("sport", "events over", "p50 ms", "p99 ms", "floor p50", "floor p99")
    figures.table(f"POST to patch, {RATE} events/s, {STREAMS} streams", headings, lines)
    figures.end()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
