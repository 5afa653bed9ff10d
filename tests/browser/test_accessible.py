"""The check for barriers finds what it is for, and finds none on the pages."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from accessible import barriers
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

WHOLE = """
<!doctype html><html lang="en"><head><title>Fine</title></head><body><main><h1>Fine</h1>
<p>Text</p>%s</main></body></html>
"""
FAULTS = {
    '<button style="width:40px;height:40px"></button>': "has no name",
    '<button style="width:9px;height:9px;padding:0">x</button>': "target of 9x9 px",
    '<input style="height:40px">': "has no label",
    '<svg width="9" height="9"></svg>': "picture without a role",
    '<svg role="img" width="9" height="9"></svg>': "picture without a name",
    '<img src="data:," width="9" height="9">': "picture without alt",
    "<h3>Deep</h3>": "heading of level 3 after 1",
    "<h1>Two</h1>": "not one h1",
    "<div role=main>Two</div>": "2 main landmarks",
    "<p id=a>1</p><p id=a>2</p>": "id given twice",
    '<p tabindex="3">first</p>': "positive tabindex",
    '<p aria-describedby="gone">x</p>': "aria-describedby names nothing",
    '<div aria-hidden="true"><a href="/" style="padding:9px">hidden</a></div>': "hidden from",
    "<table><tr><th>A</th></tr></table>": "table without a name",
    '<p style="color:#777">grey</p>': "contrast 4.48 under 4.5",
    '<p style="color:#777;font-size:24px">grey</p>': "",
    '<p style="color:#888;font-size:24px;opacity:.8">grey</p>': "under 3",
    '<div style="background:rgb(0 0 0 / 50%)"><p style="color:#000">dim</p></div>': "",
    '<div style="background:rgb(0 0 0 / 60%)"><p style="color:#000">dim</p></div>': "contrast 3.",
    '<svg role="img" aria-label="n"><rect width="300" height="150"/><text y="20">n</text></svg>': (
        "contrast 1.00"
    ),
    '<svg role="img" aria-label="n"><text y="20">n</text></svg>': "",
    '<label>Name <input style="height:40px"></label>': "",
    "<p>Read <a href='/'>this</a> first.</p>": "",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_keeps_people_out_is_found(opened: Opener, fault: str) -> None:
    async with opened("about:blank") as watched:
        await watched.page.set_content(WHOLE % fault)
        found = await barriers(watched.page)
    assert len(found) == bool(FAULTS[fault]), found
    assert FAULTS[fault] in "".join(found)


async def test_a_page_without_language_and_title_is_found(opened: Opener) -> None:
    async with opened("about:blank") as watched:
        await watched.page.set_content("<p>bare</p>")
        found = await barriers(watched.page)
    assert {"the document has no language", "the document has no title"} < set(found)


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A match under way with a goal, and one to come."""
    async with running(shared_settings) as server:
        made = Venue(server)
        await made.define(CUP)
        await made.say("cup", "football.kick_off", "k", {}, "m1")
        await made.goal("goal-1", "gulls", 23)
        yield made
        await made.client.aclose()


@pytest.mark.parametrize("path", ["/", "/help", "/c/cup", "/c/cup/entrants/gulls", "/c/regatta"])
async def test_pages_have_no_barriers(venue: Venue, opened: Opener, path: str) -> None:
    async with opened(venue.server.public_url + path) as watched:
        await watched.page.locator(
            ".message:not([hidden], :empty), tbody tr, .card"
        ).first.wait_for()
        for scheme in ("light", "dark"):
            await watched.page.emulate_media(color_scheme=scheme)
            assert (scheme, await barriers(watched.page)) == (scheme, [])
