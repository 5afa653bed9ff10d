"""Pads as scorers use them: a real browser, real sockets, the ledger looked at afterwards."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from accessible import barriers
from msgspec.structs import replace
from playwright.async_api import Error, Locator, Page
from venue import Venue, address
from watching import Opener, Watched

from scoreboard.app import Running, running
from scoreboard.facts.entry import Entry
from scoreboard.settings import Settings


@pytest_asyncio.fixture(scope="module")
async def server(shared_settings: Settings) -> AsyncIterator[Running]:
    """A program for all tests here, on plain HTTP in the venue's network."""
    async with running(replace(shared_settings, private_host=address())) as started:
        yield started


@pytest_asyncio.fixture
async def venue(server: Running) -> AsyncIterator[Venue]:
    """A competition before its first match."""
    made = Venue(server)
    await made.open_cup()
    yield made
    await made.client.aclose()


def pad(venue: Venue) -> str:
    """Where the first match is scored."""
    return f"{venue.server.private_url}/pad/{venue.cup}/m1"


async def key_of(venue: Venue, name: str) -> dict[str, str]:
    """The header of a new device's key."""
    wish = {"name": f"{name}-{venue.cup}", "role": "device"}
    answer = await venue.client.post("/keys", json=wish)
    return {"Authorization": f"Bearer {answer.json()['key']}"}


async def said(venue: Venue) -> list[Entry]:
    """What pads have said, in the ledger's order."""
    entries = await venue.server.app.ledger.read(0, competition=venue.cup)
    return [entry for entry in entries if entry.source.startswith("pad-")]


async def claim(watched: Watched, device: str, position: str) -> None:
    """Take a position that nobody holds."""
    await watched.page.get_by_label("This device is").fill(device)
    await watched.page.get_by_label("Its position").fill(position)
    await watched.page.get_by_role("button", name="Claim this position").click()
    await watched.shows("pad-claim .position", f"✓ {position}")


async def log_in(page: Page, key: str) -> None:
    """Show a key on the login page, where the pad has led to."""
    await page.wait_for_url("**/login*")  # and its script
    await page.get_by_label("Key", exact=True).fill(key)
    await page.get_by_label("Key", exact=True).press("Enter")


def goal(watched: Watched, side: str) -> Locator:
    """The button of a side."""
    return watched.page.locator(f".{side} button", has_text="Goal").first


def total(watched: Watched, name: str) -> Locator:
    """What the server's board and this pad say of a side."""
    return watched.page.locator(".total", has_text=name)


async def test_two_pads_score_a_match_and_one_is_cut_off(venue: Venue, opened: Opener) -> None:
    url = pad(venue)
    ann, ben = await key_of(venue, "ann"), await key_of(venue, "ben")
    async with (
        opened(url, extra_http_headers=ann, width=390, height=844) as first,
        opened(url, extra_http_headers=ben) as second,
    ):
        assert not await first.page.evaluate("isSecureContext")
        assert await goal(first, "first").is_disabled()  # before a position is claimed
        await claim(first, "Ann's phone", "scorer")
        await claim(second, "Ben's tablet", "second scorer")
        await first.page.keyboard.press("n")
        await first.shows("#echo", "kick-off")
        await first.shows("#heading", "First half · 1'")
        await second.shows("#heading", "First half · 1'")
        await first.page.keyboard.press("q")
        await total(second, "GUL").locator(".figure", has_text="1").wait_for()
        await goal(second, "second").click()
        await first.shows("#echo", "on the board")
        await total(first, "TER").locator(".figure", has_text="1").wait_for()
        await total(first, "TER").locator(".own", has_text="0").wait_for()

        await first.page.context.set_offline(True)
        for key in ("q", "a", "w"):
            await first.page.keyboard.press(key)
        await first.shows("#unsent", "Unsent: 3")
        await first.shows("#notice", "Do not reload")
        await first.shows("#undo", "Undo: penalty goal Gulls 1'")
        await first.page.keyboard.press("z")
        await first.shows("#unsent", "Unsent: 4")
        await first.shows("#undo", "Undo: yellow card Gulls 1'")
        await total(first, "GUL").locator(".own", has_text="2").wait_for()
        before = await said(venue)
        with pytest.raises(Error):
            await first.page.reload()  # without the network it cannot come back
        await first.page.context.set_offline(False)
        await first.page.goto(url)

        await first.shows("#unsent", "All sent")
        await first.shows("pad-claim .position", "✓ scorer")
        await total(first, "GUL").locator(".figure", has_text="2").wait_for()
        await total(first, "GUL").locator(".own", has_text="2").wait_for()
        entries = await said(venue)
        assert [f"{e.type} {e.action}" for e in entries[len(before) :]] == [
            "football.goal record",
            "football.card record",
            "football.goal record",
            "football.goal void",
        ]
        assert len({(e.source, e.id) for e in entries}) == len(entries) == len(before) + 4
        assert entries[-1].record == entries[-2].record
        assert all(e.time is not None and e.sent is not None for e in entries)
        there = {one["actor"]: one for one in (await venue.client.get("/devices")).json()}
        assert there[f"device:ann-{venue.cup}"]["contest"] == "m1"
        assert "unsent" in there[f"device:ann-{venue.cup}"]
        assert await first.overflow_px() <= 0
        assert second.complaints == []
        offline = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
        assert [c for c in first.complaints if not any(o in c for o in offline)] == []


async def test_two_tabs_of_a_pad_send_each_event_once(venue: Venue, opened: Opener) -> None:
    url = pad(venue)
    async with opened(url, extra_http_headers=await key_of(venue, "ann")) as watched:
        await claim(watched, "Ann's phone", "scorer")
        other = Watched(await watched.page.context.new_page())
        await other.page.goto(url)
        await other.shows("pad-claim .position", "✓ scorer")
        await watched.page.context.set_offline(True)
        for tab in (watched, other, watched, other):
            await tab.page.keyboard.press("q")
        await watched.shows("#unsent", "Unsent: 4")
        await other.shows("#unsent", "Unsent: 4")
        await watched.page.context.set_offline(False)
        await watched.shows("#unsent", "All sent")
        await other.shows("#unsent", "All sent")
        await total(other, "GUL").locator(".figure", has_text="4").wait_for()
        assert [entry.id for entry in await said(venue)] == ["1", "2", "3", "4"]


async def test_a_takeover_is_seen_on_both_pads(venue: Venue, opened: Opener) -> None:
    url = pad(venue)
    ann, ben = await key_of(venue, "ann"), await key_of(venue, "ben")
    async with (
        opened(url, extra_http_headers=ann) as first,
        opened(url, extra_http_headers=ben) as second,
    ):
        await claim(first, "Ann's phone", "scorer")
        await second.shows("pad-claim", "scorer: Ann's phone since")
        await second.page.get_by_label("This device is").fill("Ben's tablet")
        await second.page.get_by_role("button", name="Take over").click()
        await second.shows("pad-claim .position", "✓ scorer · taken over from Ann's phone")
        await first.shows("pad-claim .position", "taken over by Ben's tablet at")
        assert await goal(first, "first").is_disabled()
        assert await goal(second, "first").is_enabled()
        shown = (await venue.client.get(f"/competitions/{venue.cup}/claims")).json()["claims"]
        assert [(one["name"], one["before"]) for one in shown] == [("Ben's tablet", "Ann's phone")]
        await second.page.get_by_role("button", name="Change the position").click()
        await second.page.get_by_label("Its position").press_sequentially("q")  # which is a goal
        await second.page.get_by_role("button", name="Keep the one I have").click()
        await second.shows("#undo", "Nothing to undo")
        await first.page.get_by_role("button", name="Take back").click()
        await first.shows("pad-claim .position", "✓ scorer · taken over from Ben's tablet")
        await second.shows("pad-claim .position", "taken over by Ann's phone at")
        assert first.complaints == second.complaints == []


async def test_officials_see_who_scores_what(venue: Venue, opened: Opener) -> None:
    wish = {"contest": "m1", "position": "scorer", "device": "pad-1", "name": "Ann's phone"}
    await venue.client.post(f"/competitions/{venue.cup}/claims", json=wish)
    headers = {"Authorization": venue.client.headers["Authorization"]}
    url = f"{venue.server.private_url}/pad?competition={venue.cup}"
    async with opened(url, extra_http_headers=headers) as watched:
        await watched.shows(".card", "scorer: Ann's phone")
        assert await barriers(watched.page) == []
        await watched.page.get_by_role("link", name="Score Gulls – Terns").click()
        await watched.page.wait_for_url(pad(venue))
        assert watched.complaints == []


async def test_a_pad_says_that_an_official_has_taken_back_what_it_said(
    venue: Venue, opened: Opener
) -> None:
    async with opened(pad(venue), extra_http_headers=await key_of(venue, "ann")) as watched:
        await claim(watched, "Ann's phone", "scorer")
        await goal(watched, "first").click()
        await watched.shows("#echo", "on the board")
        record = (await said(venue))[-1].record
        await venue.correct(record, "void")
        await watched.shows("#echo", "taken back by an official")
        await venue.correct(record, "restore")
        await watched.shows("#echo", "on the board")
        assert watched.complaints == []


async def test_what_the_server_refuses_stays_until_it_is_dismissed(
    venue: Venue, opened: Opener
) -> None:
    async with opened(pad(venue), extra_http_headers=await key_of(venue, "ann")) as watched:
        await claim(watched, "Ann's phone", "scorer")
        await watched.page.keyboard.press("q")
        await watched.shows("#echo", "on the board")
        [entry] = await said(venue)
        await venue.say(venue.cup, "football.card", "x", _card(), "m1", source=entry.source, id="2")
        await watched.page.keyboard.press("q")  # another has said 2 of this source before
        await watched.shows("pad-history .refused", "Refused: goal Gulls")
        await watched.page.reload()
        await watched.shows("pad-history .refused", "was sent before with other content")
        await watched.shows("#unsent", "All sent")
        await watched.page.get_by_role("button", name="Dismiss").click()
        await watched.page.locator("pad-history .refused li").wait_for(state="detached")
        assert watched.complaints == []


def _card() -> dict[str, Any]:
    return {"team": "gulls", "minute": 1, "colour": "red"}


async def test_a_session_that_ends_in_the_match_loses_nothing(venue: Venue, opened: Opener) -> None:
    url = pad(venue)
    keys = [
        (await venue.client.post("/keys", json={"name": name, "role": "device"})).json()
        for name in ("ann", "ann-again")
    ]
    async with opened(url) as watched:
        await log_in(watched.page, keys[0]["key"])
        await claim(watched, "Ann's phone", "scorer")
        await venue.client.delete(f"/keys/{keys[0]['id']}")  # and with it the session
        await watched.page.keyboard.press("q")
        await watched.shows("#unsent", "Unsent: 1")
        await watched.page.get_by_role("button", name="Log in again").click()
        await log_in(watched.page, keys[1]["key"])
        await watched.page.wait_for_url(url)
        await watched.shows("#unsent", "All sent")
        await watched.shows("pad-claim .position", "✓ scorer")
        [entry] = await said(venue)
        assert (entry.id, entry.actor) == ("1", "device:ann-again")
        assert await barriers(watched.page) == []


BROKEN = """() => [...document.querySelectorAll("pad-actions .label")].flatMap((label) => {
  const text = label.firstChild;
  return [...text.data.matchAll(/\\S+/g)].filter(({0: word, index}) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word);
})"""  # the words that go on in another line


async def test_a_narrow_pad_of_a_drawn_match_calls_sides_by_name_and_breaks_no_word(
    venue: Venue, opened: Opener
) -> None:
    drawn = {
        "slug": f"drawn-{venue.cup}",
        "name": "Drawn",
        "sport": "football",
        "entrants": [
            {"id": "puffins-athletic", "name": "Puffins Athletic"},
            {"id": "st-marys", "name": "Saint Mary's"},
        ],
        "contests": [{"id": "m-1", "entrants": ["puffins-athletic", "st-marys"]}],
    }
    await venue.define(drawn)
    headers = {"Authorization": venue.client.headers["Authorization"]}
    url = f"{venue.server.private_url}/pad/{drawn['slug']}/m-1"
    async with opened(url, extra_http_headers=headers, width=360, height=740) as watched:
        await watched.shows("h1", "Puffins Athletic – Saint Mary's")
        await claim(watched, "Ann's phone", "scorer")
        await watched.shows(".first .main .sub", "Puffins Athletic")
        await watched.shows(".totals", "Puffins Athletic")
        assert "puffins-athletic" not in await watched.page.locator("main").inner_text()
        assert await watched.page.evaluate(BROKEN) == []
        assert await watched.overflow_px() == 0
        assert watched.complaints == []
