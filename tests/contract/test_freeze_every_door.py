"""A freeze at every door there is: the doors are read from the program's own description.

Whoever has no key asks every GET address, with every value that could tell something and every
query, before and after things happen behind a freeze. Nothing may differ, not even an ETag. Where
an address has three values, a run asks each query with a third of them, which is every pair of the
values; all three together are asked by one of the runs.
"""

import asyncio
import contextlib
import itertools

import httpx2
import msgspec
import pytest
import websockets

from scoreboard.app import running
from scoreboard.settings import Limits, Projection, Settings

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
SECRET = ("7719", "late-")  # figures and names of what happens behind the freeze
NAMES = ("ada", "bel", "cad")
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": id_, "name": id_.title()} for id_ in NAMES],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [
        {"id": "m1", "entrants": ["ada", "bel"], "group": "a"},
        {"id": "m2", "entrants": ["winner:m1", "cad"]},
    ],
}
LINKS = {
    "slug": "links",
    "name": "Links",
    "sport": "golf",
    "entrants": [{"id": id_, "name": id_.title()} for id_ in NAMES],
    "contests": [{"id": "m1", "name": "Round 1"}],
}
VALUES = {
    "competition": ("cup", "links"),
    "board": (
        "standings", "contests", "milestones", "bracket", "flags", "box:m1", "box:m2", "box:m3",
        "timeline:m1", "timeline:m2", "timeline:m3", "combined:m1", "reconciliation:m1",
    ),
    "contest": ("m1", "m2"),
    "entrant": NAMES,
    "record": ("pad/1", "pad/late-1", "officials/late-void"),
    "key": ("none",),
    "user": ("ann",),
    "league": ("office",),
    "at": ("1", "8", "999999", "2150-01-01T00:00:00Z"),
    "rules": ("1", "2"),
    "boards": ("standings,contests",),
    "top": ("2",),
    "group": ("a",),
    "around": ("bel",),
    "after": ("1",),
    "upto": ("999999",),
    "limit": ("5",),
    "bom": ("true",),
    "position": ("5",),
    "before": ("9",),
    "order": ("oldest",),
    "source": ("pad",),
    "type": ("golf.shot",),
    "actor": ("admin:first-admin",),
    "kind": ("correction",),
    "from": ("2020-01-01T00:00:00Z",),
    "until": ("2150-01-01T00:00:00Z",),
    "url": ("elsewhere",),
    "display": ("hall",),
    "version": ("0",),
    "wait": ("0",),
    "window": ("1x1",),
}  # fmt: skip
NOT_ABOUT_A_COMPETITION = (
    "/static/",
    "/sw.js",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/time",
)


DOORS = ("public listener", "arena screen", "another process")
TURNS = 3
SOCKET = "/api/v1/ws"
VIEWS = ({}, {"top": 3}, {"group": "a"}, {"last_id": "another-1-0"})


async def doors(client, turn):
    """Every address that the listener describes, filled in, with no query and with each alone."""
    described = (await client.get("/openapi.json")).json()["paths"]
    for path, methods in described.items():
        if "get" not in methods or path.startswith(NOT_ABOUT_A_COMPETITION):
            continue
        parameters = methods["get"].get("parameters", [])
        inside = [one["name"] for one in parameters if one["in"] == "path"]
        queries = [""]
        for one in parameters:
            if one["in"] == "query":
                queries += [f"?{one['name']}={value}" for value in VALUES[one["name"]]]
        if path.endswith("/stream"):
            continue
        for numbered in itertools.product(*(enumerate(VALUES[name]) for name in inside)):
            address = path
            for name, (_number, value) in zip(inside, numbered, strict=True):
                address = address.replace("{" + name + "}", value)
            place = sum(number for number, _value in numbered) + turn
            for number, query in enumerate(queries):
                if not query or len(inside) < TURNS or (place + number) % TURNS == 0:
                    yield address + query


async def all_that_sockets_tell(client):
    """What a WebSocket tells first of every board, by view and by the version that one holds."""
    told = {}
    url = str(client.base_url).replace("http", "ws") + SOCKET
    for slug in VALUES["competition"]:
        async with websockets.connect(url) as socket:
            for board, view in itertools.product(VALUES["board"], VIEWS):
                said = {"action": "subscribe", "competition": slug, "board": board} | view
                asked = msgspec.json.encode(said).decode()
                await socket.send(asked)
                await socket.send('{"action":"ping"}')
                heard, channel = [], ""
                while not heard or '"event":"pong"' not in heard[-1]:
                    heard.append(await socket.recv())
                    channel = channel or msgspec.json.decode(heard[-1]).get("channel", "")
                told[f"{SOCKET} {asked}"] = (200, None, str(heard[:-1]))
                if channel:
                    gone = {"action": "unsubscribe", "channel": channel}
                    await socket.send(msgspec.json.encode(gone).decode())
                    await socket.recv()
    assert sum('"event":"snapshot"' in text for _, _, text in told.values()) > 20
    return told


async def all_that_is_told(client, turn):
    told = await all_that_sockets_tell(client)
    async for address in doors(client, turn):
        answer = await client.get(address)
        assert answer.status_code < 500, (address, answer.text)
        told[address] = (answer.status_code, answer.headers.get("etag"), answer.text)
    return told


@contextlib.asynccontextmanager
async def venue(settings, door="public listener"):
    """An official's client, that of somebody who has no key, and how the official says things."""
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, projection=Projection(render_every_ms=1),
        shared=door == "another process", limits=Limits(socket_messages_per_second=10_000),
    )  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        server = asked = await stack.enter_async_context(running(free))
        if door == "another process":
            while not server.admin_key:  # until it leads
                await asyncio.sleep(0.01)
            asked = await stack.enter_async_context(running(free))
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        url = asked.private_url if door == "arena screen" else asked.public_url
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=headers) as official,
            httpx2.AsyncClient(base_url=url) as spectator,
        ):

            async def say(slug, id_, type_, contest=None, /, **data):
                event = {"id": id_, "source": "pad", "type": type_, "data": data}
                event |= {"contest": contest} if contest else {}
                answer = await official.post(f"{API}/{slug}/events", json=event)
                assert answer.status_code == 201, answer.text
                after = {"after": answer.json()["position"]}
                shown = await official.get(f"{API}/{slug}/boards/standings", params=after)
                assert shown.status_code == 200
                await spectator.get(f"{API}/{slug}/boards/standings", params=after)

            yield official, spectator, say


async def void(official, *records):
    for record in records:
        said = {"action": "void", "reason": "late-seen again"}
        url = f"{API}/cup/records/{record}/corrections"
        assert (await official.post(url, json=said)).status_code == 201


def leaked(told):
    return [
        address
        for address, (_, _, text) in told.items()
        if any(secret in text for secret in SECRET) and "late-" not in address
    ]


async def test_another_process_tells_no_more_of_what_happens_behind_a_freeze(
    postgres_database, tmp_path
):
    settings = Settings(data=str(tmp_path), database=postgres_database)
    await nothing_is_told(settings, "another process")


@pytest.mark.parametrize("door", DOORS[:2])
async def test_what_happens_behind_a_freeze_changes_no_answer_of_any_door(settings, door):
    await nothing_is_told(settings, door)


async def nothing_is_told(settings, door):
    turn = DOORS.index(door)  # all addresses are asked at one of the doors
    async with venue(settings, door) as (official, spectator, say):
        for competition in (CUP, LINKS):
            assert (await official.post(API, json=competition)).status_code == 201
        await say("cup", "1", "football.goal", "m1", team="ada", minute=9)
        await say("links", "1", "golf.shot", "m1", entrant="ada", hole=1, number=1)
        for slug in ("cup", "links"):
            await say(slug, "freeze", "competition.frozen")
        before = await all_that_is_told(spectator, turn)
        assert sum(status == 200 for status, _, _ in before.values()) > 100

        for n in range(3):
            await say("cup", f"late-{n}", "football.goal", "m1", team="bel", minute=10 + n,
                      player="7719")  # fmt: skip
            await say("links", f"late-{n}", "golf.stroke", "m1", entrant="ada", hole=1,
                      number=n + 1)  # fmt: skip
        await say("cup", "late-end", "football.full_time", "m1")
        await say("cup", "late-entry", "competition.entered",
                  entrant={"id": "dot", "name": "late-Dot"})  # fmt: skip
        await void(official, "pad/1", "pad/late-1")
        by_other_rules = CUP | {"params": {"win": 7719}}
        assert (await official.post(API, json=by_other_rules)).status_code == 200
        await say("cup", "late-2-more", "football.goal", "m2", team="cad", minute=1)

        after = await all_that_is_told(spectator, turn)
        assert {a: after[a] for a in after if after[a] != before.get(a)} == {}
        assert before.keys() == after.keys()
        assert leaked(after) == []
        seen = await official.get(f"{API}/cup/boards/timeline:m1")
        assert "7719" in seen.text  # it did happen


async def test_what_happens_behind_a_freeze_is_not_told_where_one_contest_is_thawed(settings):
    turn = 1
    async with venue(settings) as (official, spectator, say):
        m3 = {"id": "m3", "entrants": ["bel", "cad"], "group": "a"}
        cup = CUP | {"contests": [*CUP["contests"], m3]}
        assert (await official.post(API, json=cup)).status_code == 201
        await say("cup", "1", "football.goal", "m1", team="ada", minute=9)
        await say("cup", "3", "football.goal", "m3", team="cad", minute=9)
        await say("cup", "freeze", "competition.frozen")
        await say("cup", "unseen", "football.goal", "m1", team="bel", minute=10, player="Vera")
        await say("cup", "late-0", "football.goal", "m3", team="cad", minute=11, player="7719")
        await say("cup", "thaw", "competition.thawed", contest="m1")
        before = await all_that_is_told(spectator, turn)
        assert "Vera" in before[f"{API}/cup/boards/timeline:m1"][2]
        assert leaked(before) == []

        await say("cup", "late-1", "football.goal", "m3", team="bel", minute=12, player="7719")
        await say("cup", "late-end", "football.full_time", "m3")
        await say("cup", "late-state", "competition.status", contest="m3", status="finished")
        await say("cup", "late-word", "competition.result", contest="m3", state="official")
        await say("cup", "late-entry", "competition.entered",
                  entrant={"id": "dot", "name": "late-Dot"})  # fmt: skip
        await say("cup", "late-plan", "competition.scheduled",
                  contest={"id": "m4", "name": "late-4", "entrants": ["ada", "cad"]})  # fmt: skip
        await void(official, "pad/3", "pad/late-1")
        assert (await official.post(API, json=cup | {"params": {"win": 7719}})).status_code == 200
        after = await all_that_is_told(spectator, turn)
        assert {a: after[a] for a in after if after[a] != before.get(a)} == {}

        await say("cup", "end", "football.full_time", "m1")
        await void(official, "pad/unseen")
        await say("cup", "word", "competition.result", contest="m1", state="official")
        shown = (await spectator.get(f"{API}/cup/boards/box:m1")).json()["content"]
        assert (shown["line"]["score"], shown["final"]) == ([1, 0], True)
        last = await all_that_is_told(spectator, turn)
        assert '"teams":["ada","cad"]' in last[f"{API}/cup/boards/box:m2"][2]  # who won goes on
        other = [a for a in last if "m3" in a]
        assert {a: last[a] for a in other} == {a: before[a] for a in other}
        rows = (await spectator.get(f"{API}/cup/boards/standings")).json()["content"]["rows"]
        assert rows["ada"]["figures"]["pts"] == 3
        assert leaked(last) == []
