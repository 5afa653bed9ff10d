"""Reads answered in front of routing are the answers that routing gives."""

import httpx2
import msgspec
import pytest_asyncio

from scoreboard.app import running
from scoreboard.boards.answered import MADE_FROM, Answered
from scoreboard.facts.document import Content
from scoreboard.projections.shelf import Shelf
from scoreboard.settings import Limits, Projection

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

    table = Answered(app, shelf, bytes_max=350)
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
