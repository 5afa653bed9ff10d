"""Names that are far too long, or written from right to left, on every page that shows them."""

from typing import Any

import pytest
import pytest_asyncio
from venue import Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

CLUB = "Wolfeschlegelsteinhausenbergerdorff-Internationale Sportvereinigung von 1899 e.V. Nord"
CUP: dict[str, Any] = {
    "slug": "long",
    "name": "The Extraordinarily Long Named Invitational of the Northern Breakwater and Harbours",
    "sport": "football",
    "entrants": [
        {"id": "x", "name": CLUB},
        {"id": "y", "name": "Ång" + 80 * "x"},
        {"id": "z", "name": "مركز الشباب الرياضي"},
    ],
    "groups": [{"id": "a", "name": f"Group of the {CLUB}", "entrants": ["x", "y", "z"]}],
    "contests": [
        {"id": "m1", "entrants": ["x", "y"], "group": "a"},
        {"id": "m2", "entrants": ["y", "z"], "group": "a"},
    ],
}

WIDER = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const all = [...document.querySelectorAll("body *")];
  const beyond = all.filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
  return beyond.map(({tagName, className}) => `${tagName}.${className}`);
}"""  # what is beyond the window's edge, if the page can be moved there


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> Any:
    """A match under way between the two whose names are the longest."""
    async with running(shared_settings) as server:
        made = Venue(server)
        await made.define(CUP)
        await made.say("long", "football.kick_off", "k", {}, "m1")
        await made.say("long", "football.goal", "g", {"team": "x", "minute": 3}, "m1")
        yield made
        await made.client.aclose()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/c/long",
        "/c/long?fit=pages",
        "/c/long/contests/m1",
        "/c/long/entrants/x",
        "/c/long/corrections?record=g",
        "/c/long/announcer",
        "/c/long/log",
        "/pad?competition=long",
        "/pad/long/m1",
        "/setup/long",
    ],
)
async def test_no_page_is_wider_than_its_window(
    venue: Venue, opened: Opener, path: str, width: int
) -> None:
    headers = {"Authorization": venue.client.headers["Authorization"]}
    url = venue.server.private_url + path
    async with opened(url, extra_http_headers=headers, width=width, height=844) as watched:
        shown = "text=/Wolfeschleg|Extraordinarily|football.goal/ >> visible=true"
        await watched.page.locator(shown).first.wait_for()
        await watched.page.wait_for_load_state("networkidle")
        assert await watched.page.evaluate(WIDER) == []
        assert watched.complaints == []
