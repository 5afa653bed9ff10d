"""How heavy and how fast the pages are, in a real Chromium.

    python tests/bench/pages.py [--quick]

    weight   bytes on the wire (gzip) and requests of a first visit, page by page
    first    from the start of the navigation to the first row of a board painted, on a phone's
             profile: a quarter of this processor, 1.6 Mbit/s, 150 ms there and back. Beside it
             the first paint of a page of 60 bytes by a bare server in the same profile
    pixels   from before a POST to the frame that shows it, on one machine. Beside it a bare page
             with one EventSource and a bare server that tells it at once
    patch    script, style and layout of one change on a board of 500 rows, by the browser's own
             counters; the row moves, so that others do

Server, browser and this program share the machine; the limits beside are of the same minute.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import time
from typing import Any

import httpx2
from figures import Figures, arguments, progress
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from scoreboard.app import Running, running
from scoreboard.boards.pages import PLACES
from scoreboard.settings import Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from venue import CUP, Venue

NAMES = {"competition": "cup", "contest": "m1", "entrant": "gulls", "display": "hall"}
PHONE = {"viewport": {"width": 390, "height": 844}}
SLOWER = 4
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 90_000,
}
LIMIT_FIRST_MS, LIMIT_PIXELS_MS, LIMIT_PATCH_MS, LIMIT_WEIGHT_KB = 1_500, 100, 16, 100
ROWS = 500
BARE = b"<!doctype html><title>Bare</title><p id=shown>nothing yet</p>"
BARE_LIVE = BARE + (
    b"<script>new EventSource('/events').onmessage = ({data}) => "
    b"document.querySelector('#shown').textContent = data</script>"
)
SEEN = """(selector) => new Promise((done) => {
  const look = () => document.querySelector(selector) && finish();
  const observer = new MutationObserver(look);
  const finish = () => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  };
  observer.observe(document, {childList: true, subtree: true, characterData: true});
  look();
})"""
# It looks at what is new alone: looking at 500 rows would be half of what is measured.
SHOWN = """([selector, text]) => new Promise((done) => {
  const is = (one) => one?.textContent.trim() === text;
  const within = (one) => (one.closest ? one : one.parentElement)?.closest(selector);
  const isOf = ({target}) => is(within(target));
  const observer = new MutationObserver((all) => all.some(isOf) && finish());
  const finish = () => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())));
  };
  observer.observe(document, {childList: true, subtree: true, characterData: true});
  if ([...document.querySelectorAll(selector)].some(is)) finish();
})"""
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint");
  if (found.length) done(found[0].startTime);
}).observe({type: "paint", buffered: true}))"""


class Bare:
    """The least server that can show a page, and tell it something at once."""

    def __init__(self) -> None:
        self.url = ""
        self._following: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Bare"]:
        """Serve on a free port of loopback."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            for writer in self._following:
                writer.close()
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET /events"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            self._following.add(writer)
            await writer.drain()
            return
        if head.startswith(b"POST"):
            for follower in self._following:
                follower.write(b"data: " + head.split(b" ")[1][1:] + b"\n\n")
        body = BARE_LIVE if head.startswith(b"GET /live") else BARE
        told = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
        writer.write(told.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def page_of(browser: Browser, **context: Any) -> AsyncIterator[Page]:
    """A page in a browser that has seen nothing; no service worker loads beside it."""
    made: BrowserContext = await browser.new_context(service_workers="block", **context)
    try:
        yield await made.new_page()
    finally:
        await made.close()


async def weights(figures: Figures, browser: Browser, server: Running) -> None:
    """What each public page weighs."""
    progress("weight")
    rows = []
    for place in PLACES:
        path = place.path.format_map(NAMES)
        if place.private:
            continue
        async with page_of(browser, **PHONE) as page:
            session = await page.context.new_cdp_session(page)
            await session.send("Network.enable")
            sizes: list[float] = []
            session.on(
                "Network.loadingFinished",
                lambda said, to=sizes: to.append(said["encodedDataLength"]),
            )
            await page.goto(server.public_url + path, wait_until="load")
            await page.wait_for_timeout(500)
            rows.append((place.file, len(sizes), sum(sizes) / 1_000))
    rows.sort(key=lambda row: -row[2])
    figures.table(
        f"First visit, limit {LIMIT_WEIGHT_KB} KB",
        ["page", "requests", "KB"],
        [[file, str(requests), f"{kb:.1f}"] for file, requests, kb in rows],
    )
    figures.keep("heaviest_kb", rows[0][2])


async def first(
    figures: Figures, browser: Browser, server: Running, bare: Bare, rounds: int
) -> None:
    """When a phone shows the first board."""
    progress("first board")

    async def measured(url: str, script: str, *argument: str) -> float:
        async with page_of(browser, **PHONE) as page:
            session = await page.context.new_cdp_session(page)
            await session.send("Network.enable")
            await session.send("Network.emulateNetworkConditions", NETWORK)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            await page.goto(url, wait_until="commit")
            return float(await page.evaluate(script, *argument))

    boards, empty = [], []
    for _ in range(rounds):
        boards.append(await measured(server.public_url + "/c/cup", SEEN, "tbody tr, .card"))
        empty.append(await measured(bare.url, PAINTED))
    board_ms, empty_ms = statistics.median(boards), statistics.median(empty)
    figures.table(
        f"First board on a phone's profile, limit {LIMIT_FIRST_MS} ms",
        ["", "median ms", "worst ms"],
        [
            ["first row of a board", f"{board_ms:.0f}", f"{max(boards):.0f}"],
            ["a bare page of 60 bytes", f"{empty_ms:.0f}", f"{max(empty):.0f}"],
        ],
    )
    figures.keep("first_board_ms", board_ms)
    figures.keep("empty_page_ms", empty_ms)


async def pixels(figures: Figures, browser: Browser, venue: Venue, bare: Bare, rounds: int) -> None:
    """How long a POST takes to the eye."""
    progress("POST to pixels")

    async def one(page: Page, selector: str, text: str, post: Any) -> float:
        shown = asyncio.create_task(page.evaluate(SHOWN, [selector, text]))
        await page.evaluate("0")  # the page has begun to look
        began_ms = time() * 1_000
        await post
        return float(await shown) - began_ms

    ours, limits = [], []
    async with page_of(browser) as page, page_of(browser) as other, httpx2.AsyncClient() as client:
        await page.goto(venue.server.public_url + "/c/quiz")
        await page.locator("connection-state[data-state=live]").wait_for()
        await other.goto(bare.url + "/live")
        for n in range(1, rounds + 1):
            said = venue.say("quiz", "points.scored", f"p{n}", {"entrant": "t1", "points": 1}, None)
            ours.append(await one(page, "tbody td.figure", str(n), said))
            limits.append(await one(other, "#shown", str(n), client.post(f"{bare.url}/{n}")))
    p50, bare_p50 = statistics.median(ours), statistics.median(limits)
    figures.table(
        f"POST to pixels, limit {LIMIT_PIXELS_MS} ms at p50",
        ["", "p50 ms", "p95 ms"],
        [
            ["a board", f"{p50:.1f}", f"{statistics.quantiles(ours, n=20)[-1]:.1f}"],
            [
                "bare EventSource",
                f"{bare_p50:.1f}",
                f"{statistics.quantiles(limits, n=20)[-1]:.1f}",
            ],
        ],
    )
    figures.keep("post_to_pixels_p50_ms", p50)
    figures.keep("bare_to_pixels_p50_ms", bare_p50)


async def patches(figures: Figures, browser: Browser, venue: Venue, rounds: int) -> None:
    """What one change costs a page of 500 rows."""
    progress("patch")
    counted = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    costs: dict[str, list[float]] = {name: [] for name in (*counted, "all")}
    async with page_of(browser, viewport={"width": 1280, "height": 720}) as page:
        await page.goto(venue.server.public_url + "/c/crowd")
        await page.locator("connection-state[data-state=live]").wait_for()
        await page.locator("tbody tr").first.wait_for()
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})

        async def spent() -> dict[str, float]:
            said = (await session.send("Performance.getMetrics"))["metrics"]
            return {one["name"]: one["value"] * 1_000 for one in said if one["name"] in counted}

        for n in range(1, rounds + 1):
            text = str(1_000 + n)  # it had n
            shown = asyncio.create_task(page.evaluate(SHOWN, ["tbody td.figure", text]))
            await page.evaluate("0")
            before = await spent()
            data = {"entrant": f"e{n}", "points": 1_000}
            await venue.say("crowd", "points.scored", f"c{n}", data, None)
            await shown
            after = await spent()
            for name in counted:
                costs[name].append(after[name] - before[name])
            costs["all"].append(sum(after.values()) - sum(before.values()))
        rows = await page.locator("tbody tr").count()
    medians = {name: statistics.median(found) for name, found in costs.items()}
    figures.table(
        f"One change on a board of {ROWS} rows ({rows} in the page), limit {LIMIT_PATCH_MS} ms",
        ["script ms", "style ms", "layout ms", "together p50", "worst"],
        [[*(f"{medians[name]:.1f}" for name in (*counted, "all")), f"{max(costs['all']):.1f}"]],
    )
    figures.keep("patch_500_ms", medians["all"])


async def define(venue: Venue) -> None:
    """A cup with a match under way, a quiz, and a crowd."""
    await venue.define(CUP)
    await venue.say("cup", "football.kick_off", "kick-off", {}, "m1")
    await venue.goal("goal-1", "gulls", 23)
    for slug, prefix, number in (("quiz", "t", 12), ("crowd", "e", ROWS)):
        entrants = [{"id": f"{prefix}{n}", "name": f"Entrant {n}"} for n in range(1, number + 1)]
        await venue.define({"slug": slug, "name": slug, "sport": "points", "entrants": entrants})
    for first in range(1, ROWS, 50):
        said = [
            venue.say("crowd", "points.scored", f"s{n}", {"entrant": f"e{n}", "points": n}, None)
            for n in range(first, first + 50)
        ]
        await asyncio.gather(*said)


async def main(quick: bool) -> None:
    """Measure all, print all."""
    figures = Figures("pages")
    rounds = 3 if quick else 9
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=folder, private_port=0, public_port=0)
        async with (
            running(settings) as server,
            Bare().running() as bare,
            async_playwright() as tool,
        ):
            browser = await tool.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
            venue = Venue(server)
            await define(venue)
            await weights(figures, browser, server)
            await first(figures, browser, server, bare, rounds)
            await pixels(figures, browser, venue, bare, 5 * rounds)
            await patches(figures, browser, venue, 3 * rounds)
            await venue.client.aclose()
            await browser.close()
    figures.end()


if __name__ == "__main__":
    asyncio.run(main(arguments(__doc__).parse_args().quick))
