"""Referees, a jury and judges, each with a device: nobody sees another's decision first."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest_asyncio
from venue import Venue
from watching import Opener, Watched

from scoreboard.app import running
from scoreboard.settings import Settings

ENTRANTS = [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}]
CONTESTS = [{"id": "m1", "name": "Session 1", "entrants": ["ada", "bel"]}]
MEET = {"slug": "meet", "name": "Meet", "sport": "lifting", "params": {"lifts": ["squat"]}}
GALA = {
    "slug": "gala",
    "name": "Gala",
    "sport": "judged",
    "params": {"judges": 2, "factors": {"skills": "1"}},
}
FIRST = {"entrant": "ada", "lift": "squat", "attempt": 1}
LEFT, VERDICT = ".lights li:first-child", "#verdict"


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A meeting with a bar loaded, and a gala with an element called."""
    async with running(settings) as server:
        made = Venue(server)
        for competition in (MEET, GALA):
            await made.define(competition | {"entrants": ENTRANTS, "contests": CONTESTS})
        await made.say("meet", "lifting.attempt", "a1", FIRST | {"weight_g": 180_000}, "m1")
        call = {"entrant": "ada", "element": 1, "code": "3A", "base": 8_000}
        await made.say("gala", "judged.element", "e1", call, "m1")
        yield made
        await made.client.aclose()


async def seat(
    venue: Venue, opened: Opener, doors: AsyncExitStack, slug: str, position: str
) -> Watched:
    """A device of its own, with a key of its own, at a position."""
    role = "official" if position == "jury" else "device"
    name = position.replace(" ", "-").lower()
    answer = await venue.client.post("/keys", json={"name": name, "role": role})
    watched = await doors.enter_async_context(
        opened(
            f"{venue.server.private_url}/judge/{slug}/m1",
            extra_http_headers={"Authorization": f"Bearer {answer.json()['key']}"},
            width=390,
            height=844,
        )
    )
    await watched.page.get_by_label("This device is").fill(position)
    await watched.page.get_by_role("button", name=position, exact=True).click()
    await watched.page.get_by_role("button", name="Claim this position").click()
    await watched.shows("pad-claim .position", f"✓ {position}")
    return watched


async def box(venue: Venue) -> dict[str, Any]:
    """The attempt as the board has it for everybody."""
    board = (await venue.client.get("/competitions/meet/boards/box:m1")).json()
    found: dict[str, Any] = board["content"]["box"]["lifters"]["ada"]["lifts"]["squat"]["1"]
    return found


async def test_lights_are_seen_together_and_the_jury_overrules(
    venue: Venue, opened: Opener
) -> None:
    async with AsyncExitStack() as doors:
        sides = ("left referee", "centre referee", "right referee", "jury")
        left, centre, right, jury = [
            await seat(venue, opened, doors, "meet", side) for side in sides
        ]
        await left.shows("#heading", "Ada · squat 1 · 180 kg")
        await left.page.keyboard.press("2")  # no lift: depth
        await left.shows("#echo", "on the board")
        await centre.shows(LEFT, "in")
        await centre.page.get_by_role("button", name="Good lift").click()
        await centre.shows("#echo", "on the board")
        assert await box(venue) == {"weight": 180, "lights_in": ["centre", "left"]}
        assert "depth" not in await centre.page.locator("#lights").inner_text()
        await left.page.keyboard.press("3")  # another reason: the first light is taken back
        await left.shows(LEFT, "in (yours: red)")
        await right.page.keyboard.press("1")
        for watched in (left, centre, right, jury):
            await watched.shows(LEFT, "no lift")
            await watched.shows(LEFT, "not upright, knees bent")
            await watched.shows(VERDICT, "✓ Good lift")
        assert await left.page.locator("pad-actions .big:not(:disabled)").count() == 0

        await jury.page.keyboard.press("2")
        await jury.page.get_by_role("textbox", name="Reason").fill("seen again")
        await jury.page.keyboard.press("Enter")
        for watched in (left, jury):
            await watched.shows(VERDICT, "✕ No lift · jury: seen again")
        assert (await box(venue))["jury"] is False
        assert [w.complaints for w in (left, centre, right, jury)] == [[]] * 4


async def test_marks_are_seen_once_the_panel_is_through(venue: Venue, opened: Opener) -> None:
    async with AsyncExitStack() as doors:
        one = await seat(venue, opened, doors, "gala", "judge J1")
        other = await seat(venue, opened, doors, "gala", "judge J2")
        for watched, mark in ((one, "7.5"), (other, "8")):
            await watched.page.get_by_role("button", name="skills").click()
            await watched.page.get_by_role("textbox", name="skills").fill(mark)
            if watched is other:
                assert "J1" not in await other.page.locator("main").inner_text()
            await watched.page.keyboard.press("Enter")
            await watched.shows("pad-actions", f"yours {mark}")
        for watched in (one, other):
            await watched.shows("#lights", "J1 7.5 · J2 8")
        assert one.complaints == other.complaints == []
