"""Handshakes of WebSockets as no browser makes them: what is a handshake, and what is answered."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import websockets

from scoreboard.app import Running, running
from scoreboard.http.protocols import HTTP
from scoreboard.settings import Settings

ASKED = {
    "Host": "x",
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "WebSocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ACCEPTED = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, section 1.3
WAIT_S = 10


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    folder: Path = tmp_path_factory.mktemp("handshakes")
    async with running(Settings(data=str(folder), private_port=0, public_port=0)) as served:
        yield served


async def answered(
    server: Running, *more: str, line: str = "GET /api/v1/ws HTTP/1.1", **other: str | None
) -> tuple[str, dict[str, str]]:
    """The status line and the headers of the answer to a request; `other`: headers otherwise."""
    asked = ASKED | {name.replace("_", "-"): value for name, value in other.items()}
    lines = [line, *(f"{name}: {value}" for name, value in asked.items() if value), *more, "", ""]
    host, port = server.public_url.removeprefix("http://").split(":")
    async with asyncio.timeout(WAIT_S):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write("\r\n".join(lines).encode())
        status, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        if " 101 " not in status:
            await reader.read()  # it ends
        writer.close()
    said = (header.partition(": ") for header in headers)
    return status.partition(" ")[2], {name.lower(): value for name, _, value in said}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_handshake_is_accepted_as_the_standard_says(server: Running) -> None:
    status, said = await answered(server, Sec_WebSocket_Protocol="other, scoreboard.v1")
    assert status == "101 Switching Protocols"
    assert said == {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-accept": ACCEPTED,
        "sec-websocket-protocol": "scoreboard.v1",
    }


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        ("permessage-deflate; client_max_window_bits", "permessage-deflate; "),
        ("permessage-deflate, permessage-deflate", "permessage-deflate; "),
        ("permessage-deflate; sometimes, x-other", None),
    ],
)
async def test_messages_are_deflated_without_context_or_not_at_all(
    server: Running, offered: str, agreed: str | None
) -> None:
    status, said = await answered(server, Sec_WebSocket_Extensions=offered)
    assert status.startswith("101 ")
    extensions = said.get("sec-websocket-extensions")
    assert agreed is None or "server_no_context_takeover" in (extensions or "")
    assert (extensions or "").count("permessage-deflate") == (agreed is not None)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("status", "other", "more", "line"),
    [
        ("400", {"Sec_WebSocket_Key": None}, [], "GET /api/v1/ws HTTP/1.1"),
        ("400", {"Sec_WebSocket_Key": "AAAA"}, [], "GET /api/v1/ws HTTP/1.1"),
        ("400", {}, ["Sec-WebSocket-Key: AAAA"], "GET /api/v1/ws HTTP/1.1"),
        ("400", {"Sec_WebSocket_Version": "12"}, [], "GET /api/v1/ws HTTP/1.1"),
        ("400", {"Sec_WebSocket_Extensions": "=;="}, [], "GET /api/v1/ws HTTP/1.1"),
        ("405", {}, [], "POST /api/v1/ws HTTP/1.1"),
        ("422", {}, [], "GET /api/v1/ws?key=k HTTP/1.1"),
        ("403", {}, [], "GET /api/v1/nothing HTTP/1.1"),
    ],
)
async def test_what_is_no_handshake_or_no_address_is_refused(
    server: Running, status: str, other: dict[str, str | None], more: list[str], line: str
) -> None:
    answer, said = await answered(server, *more, line=line, **other)
    assert answer.startswith(status)
    assert said["connection"] == "close"


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_left_of_the_requests_of_open_connections(server: Running) -> None:
    url = server.public_url.replace("http", "ws") + "/api/v1/ws"
    gc.collect()
    gc.disable()  # as good as: a server looks for cycles rarely
    try:
        opened = [await websockets.connect(url) for _ in range(20)]
        left = sum(isinstance(one, HTTP) for one in gc.get_objects())
    finally:
        gc.enable()
    assert left < 5
    for one in opened:
        await one.close()
