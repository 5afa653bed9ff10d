"""Results on paper: a form that is only data, pages that split between rows, a stamp on each."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio
from accessible import barriers
from venue import Venue, address
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

ROWS = 60
RUN = {
    "slug": "run",
    "name": "Harbour Run",
    "sport": "points",
    "entrants": [{"id": str(n), "name": f"Runner {n} of the Harbour"} for n in range(1, ROWS + 1)],
    "contests": [{"id": "r1", "name": "Round 1"}],
}
FORM = """
title = "Federation form 12"
about = "results"
sport = "points"
landscape = true
header = ["{name} <b>not markup</b>", "Position {position}"]
signatures = ["Jury"]
columns = [
  {key = "rank", title = "Place"}, {key = "name", title = "Name", wide = true},
  {key = "blank", title = "Mark"},
]
"""
PAGE = re.compile(rb"/Type\s*/Page\b")
BOX = re.compile(rb"/MediaBox\s*\[([^\]]+)\]")
IN_POINTS = {"A4": (595, 842), "Letter": (612, 792)}


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A round of sixty, and a federation's own form beside two files that are none."""
    forms = Path(settings.data) / "forms"
    forms.mkdir(parents=True)
    (forms / "form-12.toml").write_text(FORM, "utf-8")
    (forms / "odd.toml").write_text('title = "{secret}"\nabout = "results"\n', "utf-8")
    (forms / "broken.toml").write_text("title = ", "utf-8")
    open_to_all = msgspec.structs.replace(settings, lan=("public",))
    async with running(open_to_all) as server:
        made = Venue(server)
        await made.define(RUN)
        for n in range(1, ROWS + 1):
            data = {"entrant": str(n), "points": 1_000 - 7 * n}
            await made.say("run", "points.scored", str(n), data, "r1")
        after = {"after": server.app.ledger.head.position}
        await made.client.get("/competitions/run/boards/standings", params=after)
        yield made
        await made.client.aclose()


async def test_sixty_rows_are_split_between_rows_with_heads_and_stamp_on_every_page(
    venue: Venue, opened: Opener
) -> None:
    port = venue.server.public_url.rpartition(":")[2]
    url = f"http://{address()}:{port}/c/run/print"
    async with opened(url, width=1280, height=720, color_scheme="dark") as watched:
        page = watched.page
        await page.locator("#table tbody tr").nth(ROWS - 1).wait_for()
        assert await page.locator("#state").text_content() == "NOT FINAL"
        board = (await venue.client.get("/competitions/run/boards/standings")).json()
        stamp = await page.locator(".stamp").text_content()
        assert f"ledger position {board['position']}" in (stamp or "")
        assert board["as_of"] in (stamp or "")
        assert "hash" not in (stamp or "")
        assert await barriers(page) == []
        for paper, size in IN_POINTS.items():
            await page.locator("select[name=paper]").select_option(paper)
            await page.locator(f"#paper.{paper.lower()}").wait_for()
            assert printed(await pdf(page, paper)) == [size, size]
        look = await page.evaluate(LOOK)
        assert look == {
            "ground": "rgb(255, 255, 255)",
            "ink": "rgb(0, 0, 0)",
            "head": "table-header-group",
            "foot": "table-footer-group",
            "row": "avoid",
        }
        assert watched.complaints == []


async def test_a_federations_form_is_data_and_nothing_else(venue: Venue, opened: Opener) -> None:
    url = f"{venue.server.private_url}/c/run/print?form=form-12"
    async with opened(url, width=390, height=844) as watched:
        page = watched.page
        await page.locator("#table tbody tr").nth(ROWS - 1).wait_for()
        assert await page.locator("#title").text_content() == "Federation form 12"
        first = page.locator("#header p").first
        assert await first.text_content() == "Harbour Run <b>not markup</b>"
        heads = await page.locator("#table th").all_text_contents()
        assert heads == ["Place", "Name", "Mark"]
        assert await page.locator("#signatures li").all_text_contents() == ["Jury"]
        entry = await venue.server.app.ledger.entry(venue.server.app.ledger.head.position)
        assert entry is not None
        assert f"hash {entry.hash.hex()}" in (await page.locator(".stamp").text_content() or "")
        wide = [(842, 595)] * 3
        assert printed(await pdf(page, "form-12")) == wide
        assert await watched.overflow_px() == 0
        assert watched.complaints == []
        listed = (await venue.client.get("/forms")).json()
        assert {one["name"] for one in listed["forms"]} > {"results", "startlist", "form-12"}
        assert {one["file"] for one in listed["refused"]} == {"odd.toml", "broken.toml"}


LOOK = """() => {
  const style = (selector) => getComputedStyle(document.querySelector(selector));
  return {
    ground: style("body").backgroundColor,
    ink: style("body").color,
    head: style("thead").display,
    foot: style("tfoot").display,
    row: style("tbody tr").breakInside,
  };
}"""


async def pdf(page: Any, name: str) -> bytes:
    """The page as it is printed; kept in a folder if somebody wants to look."""
    made: bytes = await page.pdf(prefer_css_page_size=True, print_background=True)
    if folder := os.environ.get("SCOREBOARD_SHOTS"):
        (Path(folder) / f"print-{name}.pdf").write_bytes(made)
    return made


def printed(made: bytes) -> list[tuple[int, int]]:
    """The sizes of all pages in points, in whole numbers."""
    boxes = [[float(number) for number in box.split()] for box in BOX.findall(made)]
    assert len(boxes) == len(PAGE.findall(made))
    return [(round(box[2]), round(box[3])) for box in boxes]
