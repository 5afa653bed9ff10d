"""The pad of every sport: each button says what the server takes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from test_pad import claim
from venue import Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

PARAMS: dict[str, dict[str, Any]] = {
    "football": {},
    "golf": {"pars": [4, 3, 5]},
    "judged": {"judges": 3, "factors": {"skills": "1"}},
    "lifting": {"lifts": ["squat", "bench"]},
    "periods": {},
    "points": {},
    "problems": {"problems": [{"id": "p1", "label": "A"}, {"id": "p2", "label": "B"}]},
    "race": {},
    "rounds": {"side_size": 1},
    "season": {},  # which has no pad of its own
    "tennis": {},
}
PRESS_ALL = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const answer = () => {
    const sheet = document.querySelector("dialog[open]");
    if (!sheet) return false;
    const field = sheet.querySelector("input");
    if (field && !field.value) field.value = "1";
    const pick = sheet.querySelector(".picks button, .choices button");
    if (pick) pick.click(); else sheet.querySelector("form").requestSubmit();
    return true;
  };
  const all = () => [...document.querySelectorAll("pad-actions .big")].filter((one) => one.action);
  const named = (one) => one.closest("section").getAttribute("aria-label") + one.action.id;
  for (const name of all().map(named)) {
    const button = all().find((one) => named(one) === name);
    if (!button || button.disabled) continue;
    button.click();
    do await frame(); while (answer());
  }
}
"""


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A competition of every sport, between two."""
    async with running(shared_settings) as server:
        made = Venue(server)
        for sport, params in PARAMS.items():
            await made.define(
                {
                    "slug": sport,
                    "name": sport,
                    "sport": sport,
                    "params": params,
                    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
                    "contests": [{"id": "m1", "entrants": ["ada", "bel"]}],
                }
            )
        yield made
        await made.client.aclose()


@pytest.mark.parametrize("sport", PARAMS)
async def test_what_a_pad_says_is_taken(venue: Venue, opened: Opener, sport: str) -> None:
    headers = {"Authorization": f"Bearer {venue.server.admin_key}"}
    url = f"{venue.server.private_url}/pad/{sport}/m1"
    async with opened(url, extra_http_headers=headers, width=390, height=844) as watched:
        await claim(watched, "Ann's phone", "scorer")
        for picked in await watched.page.locator(".pick").all():
            await picked.click()
        await watched.page.locator("pad-actions .big:not(:disabled)").first.wait_for()
        await watched.page.evaluate(PRESS_ALL)
        assert await watched.page.locator("dialog[open]").count() == 0
        await watched.page.locator("pad-history .said li").nth(1).wait_for(state="attached")
        await watched.shows("#unsent", "All sent")
        assert await watched.page.locator(".refused li").all_text_contents() == []
        assert await watched.overflow_px() <= 0
        assert watched.complaints == []
