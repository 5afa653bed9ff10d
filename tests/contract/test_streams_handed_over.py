"""Event streams that go on without their request, at the edges of HTTP."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from scoreboard.app import Running, running
from scoreboard.settings import Settings

pytestmark = pytest.mark.one_database

QUIZ = {"slug": "quiz", "name": "Quiz", "sport": "points", "contests": [{"id": "r1"}]}
STREAM = "/api/v1/competitions/quiz/boards/standings/stream"
WAIT_S = 10


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(Settings(data=str(tmp_path), private_port=0, public_port=0)) as served:
        headers = {"Authorization": f"Bearer {served.admin_key}"}
        async with httpx2.AsyncClient(base_url=served.private_url, headers=headers) as admin:
            (await admin.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        yield served


async def said(server: Running, request: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = server.public_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())
    return reader, writer


async def until_none_is_open(server: Running) -> None:
    async with asyncio.timeout(WAIT_S):
        while server.app.public.streams.open:
            await asyncio.sleep(0.01)


def unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        found, body = found + body[:length], body[length + 2 :]
    return found


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_every_part_of_a_stream_is_framed_as_its_head_says(
    server: Running, version: str
) -> None:
    reader, writer = await said(server, f"GET {STREAM} HTTP/{version}\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(WAIT_S):
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"\n\n\r\n")
        while b"event: snapshot" not in body:
            body += await reader.readuntil(b"\n\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert unchunked(body).startswith(b"retry: ")
    writer.close()
    await until_none_is_open(server)


async def test_whoever_asks_for_more_on_the_connection_of_a_stream_is_cut_off(
    server: Running,
) -> None:
    request = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n"
    for second in (request, ""):
        reader, writer = await said(server, request + second)
        async with asyncio.timeout(WAIT_S):
            if not second:
                await reader.readuntil(b"event: snapshot")
                writer.write(request.encode())
            while await reader.read(65_536):  # to the end
                pass
        writer.close()
    await until_none_is_open(server)


async def test_one_that_sent_a_large_body_and_goes_is_let_go(server: Running) -> None:
    body = "x" * 200_000
    head = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await said(server, head + body)
    async with asyncio.timeout(WAIT_S):
        await reader.read(100)
    writer.close()
    await until_none_is_open(server)


async def test_a_request_that_was_answered_leaves_nothing_for_the_collector_of_cycles(
    server: Running,
) -> None:
    async with httpx2.AsyncClient(base_url=server.public_url) as client:
        gc.collect()
        gc.disable()  # as good as: a server looks for cycles rarely
        try:
            for _ in range(20):
                await client.get("/api/v1/competitions")
            left = sum(isinstance(one, RequestResponseCycle) for one in gc.get_objects())
        finally:
            gc.enable()
    assert left < 5  # one for each connection that is open
