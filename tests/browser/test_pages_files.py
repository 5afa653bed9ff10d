"""The files of the pages over a real socket: small, cached by ETag, under a strict policy."""

import asyncio
import posixpath
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from scoreboard.boards.pages import GAMES, PLACES, PRIVATE, Pages
from scoreboard.catalogue import Standing
from scoreboard.http.listeners import Listener, bind, serve
from scoreboard.http.routes import build

WEIGHT_BYTES_MAX = 100_000


async def nobody(scope: Any, role: str, competition: str | None) -> None:
    """Pages ask for no key."""
    raise AssertionError("a page asked who is there")


async def standing(competition: str) -> Standing:
    """As the gate does it, where there is one competition, its rehearsal, and one that was."""
    known: dict[str, Standing] = {"cup": "real", "trial": "rehearsal", "gone": "over"}
    return "real" if competition == "tips" else known.get(competition, "unknown")


def sport(competition: str) -> str:
    """What is played there."""
    return "predictions" if competition == "tips" else "football"


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a server that has the pages and nothing else."""
    listener = Listener(
        name="pages",
        socket=bind("127.0.0.1", 0, "pages"),
        app=build(Pages(standing, sport).endpoints(), nobody),
    )
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(serve([listener], stop, ready=ready.set))
    await ready.wait()
    async with httpx2.AsyncClient(base_url=listener.url) as made:
        yield made
    stop.set()
    await task


NAMES = {"display": "hall", "competition": "cup", "contest": "m1", "entrant": "ada"}
PATHS = [endpoint.path.format(**NAMES) for endpoint in Pages(standing, sport).endpoints()]


@pytest_asyncio.fixture(scope="module")
async def files(client: httpx2.AsyncClient) -> dict[str, httpx2.Response]:
    """All files as they come to who asks for the first time, by path."""
    return {path: await client.get(path) for path in PATHS}


async def test_a_file_comes_once_and_is_then_known_by_its_etag(
    client: httpx2.AsyncClient, files: dict[str, httpx2.Response]
) -> None:
    assert files
    for path, first in files.items():
        assert (path, first.status_code) == (path, 200)
        assert first.content, path
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (path, again.status_code, again.content) == (path, 304, b"")


async def test_a_file_lets_nothing_in_from_elsewhere(files: dict[str, httpx2.Response]) -> None:
    assert files
    for path, answer in files.items():
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert answer.headers["cache-control"] == "no-cache", path
        elsewhere = answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in elsewhere, path
        assert "https://" not in elsewhere, path


async def test_a_first_visit_is_light(
    client: httpx2.AsyncClient, files: dict[str, httpx2.Response]
) -> None:
    of_games = {path.format(**NAMES | {"competition": "tips"}) for path in GAMES}
    pages = {place.path.format(**NAMES) for place in PLACES} | of_games
    for page in pages:
        first = await client.get(page)
        parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', first.text))
        assert parts, page
        answers = [first, *(files[part] for part in parts)]
        sent = sum(int(answer.headers["content-length"]) for answer in answers)
        assert sent < WEIGHT_BYTES_MAX, page


async def test_a_page_names_all_modules_that_it_needs_and_no_other(
    client: httpx2.AsyncClient,
) -> None:
    page = (await client.get("/c/cup")).text
    named = re.findall(r'(?:src|modulepreload" href)="(/static/[^"]+\.js)"', page)
    assert len(named) == len(set(named))
    for path in named:
        for relative in re.findall(r'from "(.+)"', (await client.get(path)).text):
            assert posixpath.normpath(posixpath.join(path, "..", relative)) in named


@pytest.mark.parametrize(
    ("path", "boards"),
    [
        ("cup", ["standings", "contests"]),
        ("tips", ["leaderboard"]),
        ("tips/entrants/ada", ["leaderboard"]),
    ],
)
async def test_a_page_names_the_boards_that_it_shows_first(
    client: httpx2.AsyncClient, path: str, boards: list[str]
) -> None:
    link = (await client.get(f"/c/{path}")).headers["link"]
    named = re.findall(r"<([^>]+)>; rel=preload; as=fetch; crossorigin", link)
    slug = path.partition("/")[0]
    assert named == [f"/api/v1/competitions/{slug}/boards/{board}" for board in boards]


OF_COMPETITIONS = [place.path for place in PLACES if "{competition}" in place.path]


@pytest.mark.parametrize("path", OF_COMPETITIONS)
async def test_all_pages_of_a_rehearsal_say_that_they_are_of_one(
    client: httpx2.AsyncClient, path: str
) -> None:
    real = await client.get(path.format(**NAMES))
    trial = await client.get(path.format(**NAMES | {"competition": "trial"}))
    said = '<p class="rehearsal" role="note"><strong>Rehearsal</strong>'
    assert said in trial.text and said not in real.text
    assert trial.headers["page-kind"] == "rehearsal" and "page-kind" not in real.headers
    assert trial.headers["etag"] != real.headers["etag"]
    for part in re.findall(r'(?:src|href)="(/static/[^"]+)"', trial.text):
        assert (await client.get(part)).status_code == 200
    gone = await client.get(path.format(**NAMES | {"competition": "gone"}))
    none = await client.get(path.format(**NAMES | {"competition": "none"}))
    assert (gone.status_code, none.status_code) == (404, 404)
    assert "not shown any more" in gone.text and "not shown any more" not in none.text


async def test_pages_of_officials_are_not_for_the_public() -> None:
    public = {endpoint.path for endpoint in Pages(standing, sport, private=False).endpoints()}
    private = {endpoint.path for endpoint in Pages(standing, sport).endpoints()}
    only_private = {place.path for place in PLACES if place.private}
    hidden = private - public
    assert only_private <= hidden
    assert all(path in only_private or path.split("/")[2] in PRIVATE for path in hidden)


async def test_there_are_no_other_files(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/static/../pages.py")).status_code == 404
    assert (await client.get("/static/nothing.js")).status_code == 404
