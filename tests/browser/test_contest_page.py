"""The page of one contest: the face of its sport, live, without barriers, at every size."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from accessible import barriers
from venue import CUP, Venue
from watching import Opener

from scoreboard.app import running
from scoreboard.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
SIDE = ".match-side"


def example(name: str) -> dict[str, Any]:
    """A competition of the examples."""
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    return dict(msgspec.to_builtins(tomllib.loads(text)))


@pytest_asyncio.fixture(scope="module")
async def venue(shared_settings: Settings) -> AsyncIterator[Venue]:
    """A match with a goal, a tennis final, a race, a golf round and a lifting class."""
    async with running(shared_settings) as server:
        made = Venue(server)
        await made.define(CUP)
        for name in (
            "tennis-club-doubles",
            "race-ten-kilometres",
            "golf-stroke-play",
            "lifting-open",
            "problems-contest",
            "judged-diving",
            "quiz-night",
            "rounds-robots",
        ):
            await made.define(example(name))
        await made.say("cup", "football.kick_off", "k", {}, "m1")
        await made.goal("goal-1", "gulls", 23)
        yield made
        await made.client.aclose()


async def test_a_goal_changes_score_list_timeline_and_picture(venue: Venue, opened: Opener) -> None:
    async with opened(venue.server.public_url + "/c/cup") as watched:
        await watched.page.locator("contest-list[data-which=live] .card a").click()
        await watched.shows("h1", "Gulls – Terns")
        await watched.shows(f"{SIDE}:has-text('Gulls') .match-score", "1")
        await venue.goal("goal-2", "terns", 30)
        await watched.shows(f"{SIDE}:has-text('Terns') .match-score", "1")
        await watched.shows(".happenings", "30'")
        await watched.shows("timeline-list li:first-child", "Goal")
        await watched.shows("figures-chart", "Score through the match")
        await watched.page.get_by_role("button", name="Show as a table").click()
        await watched.shows("figures-chart tbody tr:last-child", "30'")
        await venue.correct("goal-2", "void")
        await watched.shows(f"{SIDE}:has-text('Terns') .match-score", "0")
        assert watched.complaints == []


async def test_an_unknown_contest_is_said_to_be_none(venue: Venue, opened: Opener) -> None:
    async with opened(venue.server.public_url + "/c/cup/contests/m9") as watched:
        await watched.shows("#message", "There is no such contest here.")
        assert [c for c in watched.complaints if "404" not in c] == []


SAID: dict[str, tuple[str, list[tuple[str, dict[str, Any]]], str, str]] = {
    "club-doubles": (
        "final",
        [
            ("tennis.server", {"entrant": "smash"}),
            *(("tennis.point", {"number": n, "winner": "net", "how": "ace"}) for n in range(1, 6)),
        ],
        "figures-table tr:has-text('Net Gains')",
        "15",
    ),
    "foundry-robots": (
        "q1",
        [
            ("rounds.scored", {"side": "red", "points": 12, "category": "tote"}),
            ("rounds.result", {"side": "red", "points": {"tote": 36, "auto": 4}}),
        ],
        ".alliance:has-text('Bolt'):has-text('Cog') .match-score",
        "40",
    ),
    "harbour-ten": (
        "run",
        [
            ("race.gun", {"at": 0}),
            ("race.read", {"reader": "mat-3", "at": 1_200_000, "chip": "c109"}),
        ],
        "figures-table tr:has-text('J. Abara')",
        "20:00",
    ),
}


@pytest.mark.parametrize("slug", SAID)
async def test_a_sport_has_its_own_face(venue: Venue, opened: Opener, slug: str) -> None:
    contest, said, selector, text = SAID[slug]
    for n, (type_, data) in enumerate(said):
        await venue.say(slug, type_, str(n), data, contest)
    url = f"{venue.server.public_url}/c/{slug}/contests/{contest}"
    async with opened(url, width=390, height=844) as watched:
        await watched.shows(selector, text)
        assert await watched.overflow_px() <= 0
        assert watched.complaints == []


async def test_no_face_has_barriers_or_is_wider_than_a_phone(venue: Venue, opened: Opener) -> None:
    async with opened("about:blank", width=390, height=844) as watched:
        for slug, contests in (await faces(venue)).items():
            await watched.page.goto(f"{venue.server.public_url}/c/{slug}/contests/{contests[0]}")
            await watched.is_in_state("live")
            for scheme in ("light", "dark"):
                await watched.page.emulate_media(color_scheme=scheme)
                assert (slug, scheme, await barriers(watched.page)) == (slug, scheme, [])
                assert (slug, scheme, await watched.overflow_px()) == (slug, scheme, 0)
        assert watched.complaints == []


async def faces(venue: Venue) -> dict[str, list[str]]:
    """The contests of all competitions that have some."""
    listed = (await venue.client.get("/competitions")).json()
    found = {}
    for one in listed:
        defined = (await venue.client.get(f"/competitions/{one['slug']}")).json()
        if contests := [contest["id"] for contest in defined.get("contests", [])]:
            found[one["slug"]] = contests
    return found
