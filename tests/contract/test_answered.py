"""Reads answered in front of routing are the answers that routing gives."""

import asyncio

import httpx2
import msgspec
import pytest
import pytest_asyncio

from scoreboard.app import running
from scoreboard.boards.answered import MADE_FROM, Answered
from scoreboard.facts.document import Content
from scoreboard.http import listeners
from scoreboard.projections.shelf import Shelf
from scoreboard.settings import Limits, Projection

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
BOARD = f"{API}/quiz/boards/standings"
QUIZ = {"slug": "quiz", "name": "Quiz", "sport": "points", "contests": [{"id": "r1"}]}


@pytest_asyncio.fixture
async def server(settings):
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1)
    )
    async with running(free) as server:
        yield server


@pytest_asyncio.fixture
async def official(server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        assert (await client.post(API, json=QUIZ)).status_code == 201
        await score(client, "1", 5)
        yield client


@pytest_asyncio.fixture
async def public(server):
    async with httpx2.AsyncClient(base_url=server.public_url) as client:
        yield client


async def say(client, event):
    answer = await client.post(f"{API}/quiz/events", json={"source": "pad", **event})
    assert answer.status_code == 201, answer.text
    await client.get(BOARD, params={"after": answer.json()["position"]})


async def score(client, id_, points):
    data = {"entrant": "ada", "points": points}
    await say(client, {"id": id_, "type": "points.scored", "contest": "r1", "data": data})


def told(answer):
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, headers, answer.content


async def test_an_answer_given_again_is_the_one_that_routing_gives(public, official):
    for query in ("", "?top=1"):
        first = await public.get(BOARD + query)  # by routing
        again = await public.get(BOARD + query)  # from the table
        assert told(again) == told(first)
        etag = {"If-None-Match": first.headers["etag"]}
        unchanged = await public.get(BOARD + query, headers=etag)
        more = "&after=1" if query else "?after=1"  # never from the table
        assert told(unchanged) == told(await public.get(BOARD + query + more, headers=etag))
        assert unchanged.status_code == 304
        other = await public.get(BOARD + query, headers={"If-None-Match": '"other"'})
        assert told(other) == told(first)
    assert (await public.head(BOARD)).content == b""


async def test_every_change_a_freeze_and_a_thaw_show_at_once(public, official):
    async def seen():
        first = (await public.get(BOARD)).json()
        assert (await public.get(BOARD)).json() == first
        return first["content"]["rows"]["ada"]["figures"]["points"], first.get("frozen", False)

    assert await seen() == (5, False)
    await score(official, "2", 2)
    assert await seen() == (7, False)
    await say(official, {"id": "f", "type": "competition.frozen"})
    assert await seen() == (7, True)
    await score(official, "3", 3)
    assert await seen() == (7, True)
    await say(official, {"id": "t", "type": "competition.thawed"})
    assert await seen() == (10, False)


async def test_errors_and_the_past_are_not_kept(public, official):
    for query in ("?at=2", "?top=0", "?around=nobody", "?group=none"):
        before = await public.get(BOARD + query)
        await score(official, f"more{query}", 1)
        assert (await public.get(BOARD + query)).status_code == before.status_code
    at = [(await public.get(f"{BOARD}?at={at}")).json()["content"] for at in (3, 4, 5)]
    assert at[0] != at[1] != at[2]


async def test_what_is_kept_is_bounded_by_bytes():
    shelf = Shelf(Limits())
    content: Content = {"rows": {}}
    shelf.publish(
        "quiz", "standings", content, generation="g", position=1, as_of=1, status="live", rules=1
    )
    document = shelf.get("quiz", "standings")
    asked = []

    async def app(scope, receive, send):
        asked.append(scope["query_string"])
        scope[MADE_FROM] = document
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"e"')]})
        await send({"type": "http.response.body", "body": b"x" * 100})

    async def nowhere(message):
        del message

    table = Answered(app, shelf, bytes_max=400)
    for query in (b"1", b"2", b"3", b"3", b"2", b"1", b"4", b"1"):
        scope = {"type": "http", "method": "GET", "raw_path": b"/b", "headers": []}
        scope["query_string"] = query
        await table(scope, None, nowhere)
    assert asked == [b"1", b"2", b"3", b"4", b"1"]  # three fit: the fourth sent the first away


async def test_whoever_takes_gzip_gets_it_from_the_table_too_and_nobody_else(public, official):
    many = [{"id": f"e{n}", "name": f"Entrant number {n}"} for n in range(40)]
    await say(official, {"id": "many", "type": "competition.entered", "data": {"entrant": many[0]}})
    for n, entrant in enumerate(many[1:]):
        entered = {"type": "competition.entered", "data": {"entrant": entrant}}
        await say(official, {"id": f"m{n}", **entered})
        data = {"entrant": entrant["id"], "points": n}
        await say(official, {"id": f"s{n}", "type": "points.scored", "contest": "r1", "data": data})
    plain, zipped = ({"Accept-Encoding": one} for one in ("identity", "gzip"))
    for _ in ("by routing", "from the table"):
        told_plain = await public.get(BOARD, headers=plain)
        told_zipped = await public.get(BOARD, headers=zipped)
        assert "content-encoding" not in told_plain.headers
        assert told_zipped.headers["content-encoding"] == "gzip"
        assert int(told_zipped.headers["content-length"]) < len(told_plain.content)
        assert told_zipped.json() == told_plain.json()
        assert {one.headers["vary"] for one in (told_plain, told_zipped)} == {"Accept-Encoding"}
        tags = [one.headers["etag"] for one in (told_plain, told_zipped)]
        assert len(set(tags)) == 2
        for encoding, own, other in ((plain, *tags), (zipped, *reversed(tags))):
            known = await public.get(BOARD, headers={**encoding, "If-None-Match": own})
            assert (known.status_code, known.headers["etag"], known.content) == (304, own, b"")
            unknown = await public.get(BOARD, headers={**encoding, "If-None-Match": other})
            assert (unknown.status_code, unknown.headers["etag"]) == (200, own)


async def raw(server, text):
    """What a connection gets until it is closed."""
    port = int(server.public_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()


async def test_the_table_keeps_to_a_connections_order_and_end(server, public, official):
    await public.get(BOARD)
    first = await public.get(BOARD)
    ask, close = f"GET {BOARD} HTTP/1.1\r\nHost: x\r\n", "Connection: close\r\n\r\n"
    pipelined = f"{ask}\r\n" * 3 + f"GET {BOARD}?top=9 HTTP/1.1\r\nHost: x\r\n\r\n" + ask + close
    got = await raw(server, pipelined)
    answers = got.split("HTTP/1.1 ")[1:]
    assert [one[:6] for one in answers] == ["200 OK"] * 5
    for one in answers:
        assert one.lower().count("\r\ndate: ") == 1
    assert [one.count(first.text) for one in (*answers[:3], answers[4])] == [1] * 4
    assert ["connection: close" in one for one in answers] == [False] * 4 + [True]
    old = await raw(server, f"GET {BOARD} HTTP/1.0\r\nHost: x\r\n\r\n")
    assert "connection: close" in old
    assert old.endswith(first.text)
    etag = f'If-None-Match: "other", W/{first.headers["etag"]}\r\n'
    unchanged = await raw(server, ask + etag + "\r\n" + ask + etag + close)
    assert unchanged.count("HTTP/1.1 304 Not Modified\r\n") == 2
    assert first.text not in unchanged


async def test_a_thousand_requests_in_one_write_are_answered_in_order(server, public, official):
    first = await public.get(BOARD)
    shown = f"GET {BOARD}%s HTTP/1.1\r\nHost: x\r\n"
    asked = [shown % "?top=9", *[shown % ""] * 1_000, shown % "?top=0"]  # the first by routing
    got = await raw(server, "\r\n".join(asked) + "Connection: close\r\n\r\n")
    answers = got.split("HTTP/1.1 ")[1:]
    assert [one[:3] for one in answers] == ["200"] * 1_001 + ["422"]
    assert all(one.endswith(first.text) for one in answers[1:-1])


async def test_what_was_asked_before_nonsense_or_a_handshake_is_answered_first(
    server, public, official
):
    first = await public.get(BOARD, headers={"Accept-Encoding": "identity"})
    asked = f"GET {BOARD} HTTP/1.1\r\nHost: x\r\n\r\n"
    nonsense = (await raw(server, asked + "nonsense\r\n\r\n")).split("HTTP/1.1 ")[1:]
    assert [one[:3] for one in nonsense] == ["200", "400"]
    assert nonsense[0].endswith(first.text)
    shake = "GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    refused = await raw(server, asked + shake + "Sec-WebSocket-Version: 1\r\n\r\n")
    assert refused.startswith("HTTP/1.1 200 ")
    assert first.text in refused.partition("HTTP/1.1 4")[0]


async def test_what_is_answered_when_the_server_stops_is_written(
    server, public, official, monkeypatch
):
    first = await public.get(BOARD, headers={"Accept-Encoding": "identity"})
    write_soon = listeners._Server.write_soon

    def stopping(self, write):
        for connection in list(self.server_state.connections):
            asyncio.get_running_loop().call_soon(connection.shutdown)
        write_soon(self, write)

    monkeypatch.setattr(listeners._Server, "write_soon", stopping)
    got = await raw(server, f"GET {BOARD} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got.startswith("HTTP/1.1 200 ")
    assert got.endswith(first.text)
