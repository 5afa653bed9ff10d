"""The addresses of another program, by the example configuration, on both databases."""

import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import jwt
import msgspec
import pytest

from scoreboard.app import running
from scoreboard.errors import CannotStart
from scoreboard.settings import Players, Route, Settings, load

pytestmark = pytest.mark.one_database

CONFIG = Path(__file__).parents[2] / "config"
SECRET = "a secret of the tests, which is long enough to be one"
UPDATE, TOP = "/score/update", "/score/top10"
API = "/api/v1/competitions"


def of(user: str) -> dict[str, str]:
    """The header of a user's token."""
    claims = {"sub": user, "exp": time.time() + 60}
    claims |= {"iss": "https://id.example.org", "aud": "scoreboard"}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET)}"}


@contextlib.asynccontextmanager
async def venue(
    settings: Settings, **more: Any
) -> AsyncIterator[tuple[httpx2.AsyncClient, httpx2.AsyncClient]]:
    """An official's client and a user's of a server by the example configuration."""
    example = load(CONFIG / "players.toml", {}).players
    players = msgspec.structs.replace(example, secret=SECRET, secret_file="")
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, players_port=0, players=players, **more
    )
    async with running(free) as server:
        key = {"Authorization": f"Bearer {server.admin_key}"}
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=key) as official,
            httpx2.AsyncClient(base_url=server.urls["players"], timeout=20) as client,
        ):
            toml = (CONFIG / "examples" / "top-ten.toml").read_bytes()
            headers = {"Content-Type": "application/toml"}
            defined = await official.post(API, content=toml, headers=headers)
            assert defined.status_code == 201, defined.text
            yield official, client


async def test_a_score_grows_and_the_answer_has_it(settings: Settings) -> None:
    async with venue(settings) as (_official, client):
        for method, user, increment, score in (
            ("POST", "ada", 5, 5),
            ("PATCH", "ada", 7, 12),
            ("POST", "bel", 100, 100),
        ):
            sent = {"userId": user, "increment": increment}
            answer = await client.request(method, UPDATE, json=sent, headers=of(user))
            assert answer.status_code == 200, answer.text
            assert answer.json() == {"status": "ok", "newScore": score}
        keyed = of("ada") | {"Idempotency-Key": "1"}
        for _ in range(2):
            sent = {"userId": "ada", "increment": 1}
            answer = await client.post(UPDATE, json=sent, headers=keyed)
            assert answer.json()["newScore"] == 13  # sent again, counted once
        assert (await client.get(TOP)).json() == [
            {"userId": "bel", "score": 100, "rank": 1},
            {"userId": "ada", "score": 13, "rank": 2},
        ]


async def test_refusals_speak_the_words_of_the_one_who_asked(settings: Settings) -> None:
    async with venue(settings) as (_official, client):
        for sent, status, pointer in (
            ({"userId": "bel", "increment": 5}, 403, "/userId"),
            ({"userId": "ada", "increment": 0}, 422, "/increment"),
            ({"userId": "ada", "increment": 101}, 422, "/increment"),
            ({"userId": "ada", "increment": "5"}, 422, "/increment"),
            ({"userId": "ada"}, 422, "/increment"),
            ({"increment": 5}, 422, "/userId"),
            ([], 422, ""),
        ):
            refused = await client.post(UPDATE, json=sent, headers=of("ada"))
            found = (refused.status_code, refused.json().get("pointer"))
            assert found == (status, pointer), (sent, refused.text)
        without = await client.post(UPDATE, json={"userId": "ada", "increment": 5})
        assert without.status_code == 401
        assert (await client.get(TOP)).json() == []


async def test_a_large_field_is_asked_for_ones_own_row_alone(settings: Settings) -> None:
    few = msgspec.structs.replace(settings.limits, board_rows_max=3)
    async with venue(settings, limits=few) as (_official, client):
        for n in range(6):
            sent = {"userId": f"user-{n}", "increment": 10 - n}
            answer = await client.post(UPDATE, json=sent, headers=of(f"user-{n}"))
            assert answer.json() == {"status": "ok", "newScore": 10 - n}


async def test_behind_a_freeze_the_old_addresses_tell_what_boards_tell(settings: Settings) -> None:
    async with venue(settings) as (official, client):
        sent = {"userId": "ada", "increment": 5}
        await client.post(UPDATE, json=sent, headers=of("ada"))
        freeze = {"id": "f", "source": "desk", "type": "competition.frozen"}
        frozen = await official.post(f"{API}/top-ten/events", json=freeze)
        after = {"after": frozen.json()["position"]}
        await official.get(f"{API}/top-ten/boards/standings", params=after)
        answer = await client.post(UPDATE, json=sent, headers=of("ada"))
        assert answer.json() == {"status": "ok", "newScore": 5}
        assert (await client.get(TOP)).json() == [{"userId": "ada", "score": 5, "rank": 1}]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"path": "/api/v1/x", "methods": ("GET",)}, "an address of this program's own"),
        ({"path": "/x", "methods": ("GET", "POST")}, "both reads and writes"),
        ({"path": "/x", "methods": ("POST",)}, "no `type` or no `fields`"),
    ],
)
async def test_a_route_that_makes_no_sense_is_refused_at_the_start(
    tmp_path: Path, said: dict[str, Any], reason: str
) -> None:
    players = Players(secret=SECRET, routes=(Route(competition="top-ten", **said),))
    settings = Settings(
        data=str(tmp_path), private_port=0, public_port=0, players_port=0, players=players
    )
    with pytest.raises(CannotStart, match=reason):
        async with running(settings):
            pass
