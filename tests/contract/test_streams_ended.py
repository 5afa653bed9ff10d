"""Streams that are ended by the server: their key is revoked, or the server stops."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from scoreboard.app import Running, running
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

QUIZ = {"slug": "quiz", "name": "Quiz", "sport": "points", "contests": [{"id": "r1"}]}
STREAM = "/api/v1/competitions/quiz/boards/standings/stream"
WAIT_S = 10


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(Settings(data=str(tmp_path), private_port=0, public_port=0)) as served:
        yield served


@pytest_asyncio.fixture
async def admin(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        yield client


async def key_of(admin: httpx2.AsyncClient) -> tuple[str, dict[str, str]]:
    made = (await admin.post("/api/v1/keys", json={"name": "desk", "role": "official"})).json()
    return made["id"], {"Authorization": f"Bearer {made['key']}"}


async def test_a_key_that_is_revoked_while_its_request_is_under_way_opens_no_stream(
    server: Running, admin: httpx2.AsyncClient
) -> None:
    id_, headers = await key_of(admin)
    server.app.officials.streams.revoked(id_)  # the guard has let the request in: it holds a key
    async with asyncio.timeout(WAIT_S):
        body = (await admin.get(STREAM, headers=headers)).text
    assert "the key was revoked" in body
    assert "snapshot" not in body
    assert not server.app.officials.streams.open


async def test_a_stream_ends_though_the_word_of_its_keys_revocation_was_lost(
    server: Running, admin: httpx2.AsyncClient, tmp_path: Path
) -> None:
    id_, headers = await key_of(admin)
    streams = server.app.officials.streams
    async with (
        asyncio.timeout(WAIT_S),
        admin.stream("GET", STREAM, headers=headers) as desk,
        admin.stream("GET", STREAM) as other,
    ):
        lines, others = desk.aiter_lines(), other.aiter_lines()
        for heard in (lines, others):
            while await anext(heard) != "event: snapshot":
                pass
        await server.app.access.end_revoked(streams.shown())
        assert streams.open == 2
        with sqlite3.connect(tmp_path / "ledger.db") as file:
            file.execute("UPDATE keys SET revoked_us = 1 WHERE id = ?", (id_,))
        file.close()
        await server.app.access.end_revoked(streams.shown())
        assert "the key was revoked" in "".join([line async for line in lines])
        assert streams.open == 1


async def test_who_joins_while_the_server_stops_is_told_so(server: Running) -> None:
    server.app.public.streams.say_bye()
    async with asyncio.timeout(WAIT_S), httpx2.AsyncClient(base_url=server.public_url) as client:
        async with httpx2.AsyncClient(base_url=server.private_url) as admin:
            admin.headers["Authorization"] = f"Bearer {server.admin_key}"
            (await admin.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        assert "the server stops" in (await client.get(STREAM)).text
