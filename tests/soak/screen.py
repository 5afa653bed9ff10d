"""A screen kept open through 100,000 updates: its memory stays flat and its frames steady.

    python tests/soak/screen.py [--updates 100000] [--batch 25] [--minutes 60]

A real browser shows a competition at 1920x1080 while events are posted in batches, each as soon as
the page shows the one before. The server makes boards as often as it can, and the page tells how
many patches it took: events that come together are one. Ten times on the way the heap is collected
and weighed, elements and listeners are counted, and frames are timed for two seconds. It ends with
1 if the heap or the nodes grew by more than a fifth from the second look (the first is warm-up) to
the last, and earlier than all updates if its time is over.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from time import monotonic

from msgspec import Struct
from playwright.async_api import CDPSession, Page, async_playwright
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scoreboard.app import running
from scoreboard.settings import Projection, Settings

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "bench"), str(TESTS / "browser")]
from figures import Figures  # noqa: E402
from venue import Venue  # noqa: E402

LOOKS = 10
GROWTH_MAX = 1.2
ENTRANTS = 30
FRAMES = """() => new Promise((done) => {
  const spans = [];
  let last = performance.now();
  const next = (now) => {
    spans.push(now - last);
    last = now;
    if (spans.length < 120) requestAnimationFrame(next);
    else done(spans.slice(1).sort((a, b) => a - b));
  };
  requestAnimationFrame(next);
})"""
SHOWN = """(text) => new Promise((done) => {
  const all = () => [...document.querySelectorAll("tbody td.figure")];
  const is = () => all().some((one) => one.textContent === text);
  const look = () => is() ? done() : requestAnimationFrame(look);
  look();
})"""


COUNT = """async () => {
  const {boards} = await import("/static/board/live-board.js");
  window.taken = 0;
  boards.get("soak/standings").addEventListener("board", () => window.taken++);
}"""


class Look(Struct, frozen=True):
    """What a page weighs at a moment."""

    updates: int
    patches: int
    heap_mb: float
    elements: int
    listeners: int
    frame_p50_ms: float
    frame_p99_ms: float


async def look(page: Page, session: CDPSession, updates: int) -> Look:
    """Collect what is not held, weigh, and time frames."""
    for _ in range(2):
        await session.send("HeapProfiler.collectGarbage")
    said = (await session.send("Performance.getMetrics"))["metrics"]
    metrics = {one["name"]: one["value"] for one in said}
    spans = await page.evaluate(FRAMES)
    return Look(
        updates=updates,
        patches=await page.evaluate("taken"),
        heap_mb=metrics["JSHeapUsedSize"] / 1e6,
        elements=int(metrics["Nodes"]),
        listeners=int(metrics["JSEventListeners"]),
        frame_p50_ms=spans[len(spans) // 2],
        frame_p99_ms=spans[int(len(spans) * 0.99)],
    )


async def post(venue: Venue, first: int, count: int) -> None:
    """One batch: points for everybody in turn, and the last for the one who is watched."""
    who = [f"e{n % (ENTRANTS - 1) + 1}" for n in range(first, first + count - 1)]
    said = [
        {
            "specversion": "1.0",
            "id": f"{first}-{n}",
            "source": "pad-1",
            "type": "points.scored",
            "data": {"entrant": one, "points": 1},
        }
        for n, one in enumerate([*who, "watched"])
    ]
    answer = await venue.client.post(
        "/competitions/soak/events",
        json=said,
        headers={"Content-Type": "application/cloudevents-batch+json"},
    )
    answer.raise_for_status()


def bar() -> Progress:
    """How far it is, what the page weighs, and how long it will take."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


async def main(updates: int, batch: int, minutes: float) -> int:
    """Run, print, judge."""
    figures = Figures("screen")
    looks: list[Look] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data=folder,
            private_port=0,
            public_port=0,
            projection=Projection(render_every_ms=1),
        )
        async with running(settings) as server, async_playwright() as tool:
            venue = Venue(server)
            entrants = [{"id": f"e{n}", "name": f"Entrant {n}"} for n in range(1, ENTRANTS)]
            entrants.append({"id": "watched", "name": "The one who is watched"})
            await venue.define(
                {"slug": "soak", "name": "Soak", "sport": "points", "entrants": entrants}
            )
            browser = await tool.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
            page = await browser.new_page(viewport={"width": 1920, "height": 1080})
            await page.goto(server.public_url + "/c/soak")
            session = await page.context.new_cdp_session(page)
            await session.send("Performance.enable")
            await page.locator("connection-state[data-state=live]").wait_for()
            await page.evaluate(COUNT)
            batches = max(LOOKS, updates // batch)
            ends_at = monotonic() + 60 * minutes
            with bar() as shown:
                task = shown.add_task("updates", total=updates)
                for n in range(1, batches + 1):
                    await post(venue, n * batch, batch)
                    await page.evaluate(SHOWN, str(n))
                    over = monotonic() > ends_at
                    if over or n % (batches // LOOKS) == 0:
                        looks.append(await look(page, session, n * batch))
                    heap = f" ({looks[-1].heap_mb:.1f} MB)" if looks else ""
                    shown.update(task, completed=n * batch, description=f"updates{heap}")
                    if over:
                        break
            await venue.client.aclose()
            await browser.close()
    figures.table(
        "A screen kept open",
        ["updates", "patches", "heap MB", "nodes", "listeners", "frame p50 ms", "p99 ms"],
        [
            [
                f"{one.updates:,}",
                f"{one.patches:,}",
                f"{one.heap_mb:.2f}",
                f"{one.elements:,}",
                str(one.listeners),
                f"{one.frame_p50_ms:.1f}",
                f"{one.frame_p99_ms:.1f}",
            ]
            for one in looks
        ],
    )
    begin, end = looks[1], looks[-1]
    figures.keep("updates", end.updates)
    figures.keep("patches", end.patches)
    figures.keep("heap_growth", end.heap_mb / begin.heap_mb)
    figures.keep("nodes_growth", end.elements / begin.elements)
    figures.keep("frame_p50_ms", end.frame_p50_ms)
    figures.end()
    return int(max(figures.kept("heap_growth"), figures.kept("nodes_growth")) > GROWTH_MAX)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--minutes", type=float, default=60)
    said = parser.parse_args()
    sys.exit(asyncio.run(main(said.updates, said.batch, said.minutes)))
