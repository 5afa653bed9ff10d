"""The announcer's page: who is on and next, names as spoken, and what changed, in words."""

from collections.abc import AsyncIterator

import pytest_asyncio
from accessible import barriers
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

SPOKEN = CUP | {
    "records_to_beat": [{"name": "Cup record", "figure": "goals", "value": 3, "unit": "goals"}],
    "entrants": [entrant | {"say": f"say {entrant['short']}"} for entrant in CUP["entrants"]],
}


@pytest_asyncio.fixture
async def venue(settings: Settings) -> AsyncIterator[Venue]:
    """A match under way, another one to come."""
    async with running(settings) as server:
        made = Venue(server)
        await made.define(SPOKEN)
        await made.say("cup", "football.kick_off", "k", {}, "m1")
        yield made
        await made.client.aclose()


async def test_the_announcer_reads_what_happens_without_a_click(
    venue: Venue, opened: Opener
) -> None:
    answer = await venue.client.post("/keys", json={"name": "voice", "role": "device"})
    headers = {"Authorization": f"Bearer {answer.json()['key']}"}
    url = venue.server.private_url + "/c/cup/announcer"
    async with opened(url, extra_http_headers=headers) as watched:
        await watched.shows("#now .who", "Gulls")
        await watched.shows("#now .say", "say GUL")
        await watched.shows("#next li", "Auks – Gulls")
        await watched.shows("#next .say", "say AUK – say GUL")
        await watched.shows("#list li", "Kick-off")
        goal = {"team": "gulls", "minute": 23, "player": "Nic Aoidh"}
        await venue.say("cup", "football.goal", "goal-1", goal, "m1")
        await watched.shows("#list li", "23' · Goal: Nic Aoidh, Gulls · 1\u2060–\u20600")
        await watched.shows("#list li", "Gulls (Group A) takes the lead: 3 Pts")
        await watched.shows("#leaders li", "Gulls (Group A)")
        for n in (2, 3):
            await venue.say("cup", "football.goal", f"goal-{n}", goal | {"minute": 23 + n}, "m1")
        await watched.shows("#list li[data-tone=record]", "Cup record equalled: Gulls")
        await watched.shows("#told li", "Hat-trick: Nic Aoidh, Gulls")
        await watched.shows("#told li:first-child", "★ Record")
        for n in (2, 3):
            await venue.correct(f"goal-{n}", "void")
        await watched.shows("#list li", "Not so any more: Hat-trick: Nic Aoidh, Gulls")
        assert await watched.page.locator("#told li").all_inner_texts() == [
            "◆ Milestone\nFirst goal of Harbour Cup: Nic Aoidh, Gulls, 23'\nsay GUL"
        ]
        card = {"team": "terns", "minute": 30, "colour": "red"}
        await venue.say("cup", "football.card", "card-1", card, "m1")
        await watched.shows("#list li", "30' · Red card, Terns of the Northern Breakwater")
        await venue.correct("goal-1", "void")
        await watched.shows("#list li", "Taken back: 23' · Goal: Nic Aoidh, Gulls")
        await watched.shows("#list li", "Corrected: Gulls: points was 3, is 1")
        await venue.say("cup", "football.full_time", "f", {}, "m1")
        await watched.shows("#list li", "Gulls 0 – 0 Terns of the Northern Breakwater: is over")
        await watched.shows("#nothing", "Nothing is on")
        assert await barriers(watched.page) == []
        assert watched.complaints == []
