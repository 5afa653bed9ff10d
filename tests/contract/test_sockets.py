"""Boards followed over WebSockets, on every listener."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import jwt
import msgspec
import pytest
import websockets

from scoreboard.app import Running, running
from scoreboard.facts.document import merge
from scoreboard.http import listeners
from scoreboard.settings import Limits, Players, Projection, Settings

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
WAIT_S = 10
SECRET = "a secret of the tests, which is long enough to be one"
CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "points",
    "entrants": [{"id": id_, "name": id_.title()} for id_ in ("ada", "bel")],
    "contests": [{"id": "r1"}, {"id": "r2"}],
}
STANDINGS, TOP = "cup/standings", "cup/standings?top=3"
Said = dict[str, Any]


class Client:
    """A WebSocket's client that keeps the boards that it follows as it is told."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.boards: dict[str, Said] = {}
        self.heard: list[tuple[str, str]] = []

    async def say(self, action: str, **said: Any) -> None:
        await self.socket.send(json.dumps({"action": action} | said))

    async def follow(self, board: str = "standings", **view: Any) -> None:
        await self.say("subscribe", competition="cup", board=board, **view)

    async def next(self) -> Said:
        """The next message; boards are kept by what it says, and a gap in them fails."""
        told: Said = json.loads(await self.socket.recv())
        channel, data = told.get("channel", ""), told["data"]
        self.heard.append((told["event"], channel))
        if told["event"] == "snapshot":
            self.boards[channel] = data
        elif told["event"] == "patch":
            held = self.boards[channel]
            assert data["before"] == held["version"], "a gap or a repeat"
            self.boards[channel] = {**data, "content": merge(held["content"], data["merge"])}
        return told

    async def until(self, event: str) -> Said:
        while (told := await self.next())["event"] != event:
            pass
        return told

    async def holds(self, channel: str, wanted: Callable[[Said], bool]) -> Said:
        while channel not in self.boards or not wanted(self.boards[channel]):
            await self.next()
        return self.boards[channel]

    async def ended(self) -> tuple[list[Said], int]:
        """What is told until the connection closes, and the code that it closes with."""
        told = []
        try:
            while True:
                told.append(await self.next())
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd is not None, "cut off without a close"
            return told, closed.rcvd.code


class Venue:
    """A running server with a competition; an official's client."""

    def __init__(self, server: Running, official: httpx2.AsyncClient) -> None:
        self.server = server
        self.official = official
        self._count = 0

    @contextlib.asynccontextmanager
    async def client(
        self, door: str = "public", query: str = "", **more: Any
    ) -> AsyncIterator[Client]:
        url = self.server.urls[door].replace("http", "ws") + "/api/v1/ws" + query
        async with websockets.connect(url, **more) as socket:
            yield Client(socket)

    async def score(self, points: int, entrant: str = "ada") -> int:
        self._count += 1
        said = {"entrant": entrant, "points": points}
        return await self.say(f"s{self._count}", "points.scored", "r1", said)

    async def say(self, id_: str, type_: str, contest: str | None, data: Said) -> int:
        event = {"id": id_, "source": "pad", "type": type_, "data": data}
        event |= {"contest": contest} if contest else {}
        answer = await self.official.post(f"{API}/cup/events", json=event)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["position"])


@contextlib.asynccontextmanager
async def venue(settings: Settings, **limits: Any) -> AsyncIterator[Venue]:
    free = msgspec.structs.replace(
        settings,
        private_port=0,
        public_port=0,
        players_port=0,
        players=Players(secret=SECRET, leeway_s=0),
        projection=Projection(render_every_ms=1),
        limits=Limits(**limits),
    )
    async with running(free) as server:
        key = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=key) as official:
            assert (await official.post(API, json=CUP)).status_code == 201
            yield Venue(server, official)


@pytest.fixture
def alone(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path))


def points_of(board: Said) -> dict[str, int]:
    return {id_: row["figures"]["points"] for id_, row in board["content"]["rows"].items()}


@pytest.mark.parametrize("door", ["private", "public", "players"])
async def test_several_boards_on_one_connection_are_as_they_are_read(
    settings: Settings, door: str
) -> None:
    async with venue(settings) as place, place.client(door) as client:
        await place.score(5)
        await client.follow(ref="all")
        assert (await client.next())["data"]["ref"] == "all"
        await client.follow(top=3)
        await client.follow("box:r1")
        await client.holds("cup/box:r1", lambda board: True)
        await place.score(7, "bel")
        for channel, query in ((STANDINGS, {}), (TOP, {"top": 3})):
            held = await client.holds(channel, lambda board: len(points_of(board)) == 2)
            read = await place.official.get(f"{API}/cup/boards/standings", params=query)
            assert held["content"] == read.json()["content"]
        await client.say("unsubscribe", channel=STANDINGS)
        await client.until("unsubscribed")
        after = len(client.heard)
        await place.score(1)
        await client.holds(TOP, lambda board: points_of(board)["ada"] == 6)
        assert STANDINGS not in {channel for _, channel in client.heard[after:]}


async def test_who_comes_back_gets_what_was_missed_and_nothing_else(alone: Settings) -> None:
    async with venue(alone) as place:
        async with place.client() as client:
            await client.follow()
            held = await client.holds(STANDINGS, lambda board: True)
        await place.score(5)
        position = await place.score(6)
        newest = await place.official.get(f"{API}/cup/boards/standings", params={"after": position})
        for last_id, heard in (
            (held["version"], ["subscribed", "patch", "patch"]),
            ("another-1-0", ["subscribed", "reset", "snapshot"]),
            (None, ["subscribed", "snapshot"]),
        ):
            async with place.client() as client:
                client.boards[STANDINGS] = held
                await client.follow(last_id=last_id)
                version = newest.json()["version"]
                await client.holds(STANDINGS, lambda board, v=version: board["version"] == v)
                assert [event for event, _ in client.heard] == heard


async def test_an_officials_key_shows_more_until_it_is_revoked(settings: Settings) -> None:
    async with venue(settings) as place:
        made = await place.official.post("/api/v1/keys", json={"name": "desk", "role": "official"})
        key, id_ = made.json()["key"], made.json()["id"]
        await place.say("freeze", "competition.frozen", None, {})
        await place.score(7719)
        async with place.client("private") as screen, place.client("private") as desk:
            await desk.say("hello", token=key)
            assert (await desk.next())["data"]["name"] == "official:desk"
            for client in (screen, desk):
                await client.follow()
                await client.follow("flags")
            assert points_of(await desk.holds(STANDINGS, lambda b: True)) == {"ada": 7719}
            await desk.holds("cup/flags", lambda b: True)
            assert (await screen.until("error"))["data"]["status"] == 401  # for officials alone
            assert "7719" not in json.dumps(screen.boards)
            revoked = await place.official.delete(f"/api/v1/keys/{id_}")
            assert revoked.status_code in (200, 204), revoked.text
            told, code = await desk.ended()
            assert (told[-1]["event"], told[-1]["data"]["reason"]) == ("bye", "the key was revoked")
            assert code == 1008
            await screen.say("ping")
            await screen.until("pong")


def token(seconds: float = 60.0, key: str = SECRET) -> str:
    return jwt.encode({"sub": "ada", "exp": time.time() + seconds}, key)


async def test_a_token_is_shown_first_in_a_message_a_subprotocol_or_a_header(
    alone: Settings,
) -> None:
    async with venue(alone) as place:
        shown: list[dict[str, Any]] = [
            {"subprotocols": ["scoreboard.v1", f"bearer.{token()}"]},
            {"additional_headers": {"Authorization": f"Bearer {token()}"}},
        ]
        for how in shown:
            async with place.client("players", **how) as client:
                assert client.socket.subprotocol in ("scoreboard.v1", None)
                await client.say("hello", token=token())
                error = await client.until("error")  # it was said already
                assert error["data"]["status"] == 409
        async with place.client("players") as client:
            await client.say("hello", token=token(), ref="1")
            assert (await client.next())["data"] == {"name": "player:ada", "ref": "1"}
            await client.follow()
            await client.holds(STANDINGS, lambda board: True)
        wrong = token(key="another secret that is also long enough")
        async with place.client("players") as client:
            await client.say("hello", token=wrong)
            told, code = await client.ended()
            assert [one["event"] for one in told] == ["error", "bye"]
            assert (told[0]["data"]["status"], code) == (401, 1008)
        for how in (
            {"subprotocols": ["scoreboard.v1", f"bearer.{wrong}"]},
            {"query": f"?token={token()}"},
        ):
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with place.client("players", **how):
                    pass
            problem = json.loads(refused.value.response.body)
            assert problem["status"] == refused.value.response.status_code in (401, 422)


async def test_a_connection_ends_with_its_token(alone: Settings) -> None:
    async with venue(alone) as place, place.client("players") as client:
        await client.say("hello", token=token(seconds=1.0))
        await client.follow()
        told, code = await client.ended()
        assert told[-1]["data"]["reason"] == "the token has expired"
        assert code == 1008


NO_ANSWER: list[tuple[str | bytes, int, str | None]] = [
    ("nothing", 422, ""),
    ('{"action":"shout"}', 422, "/action"),
    ('{"action":"ping","more":1}', 422, "/more"),
    ('{"action":"subscribe","competition":"cup"}', 422, "/board"),
    ('{"action":"subscribe","competition":"cup","board":"none"}', 404, None),
    ('{"action":"subscribe","competition":"none","board":"standings"}', 404, None),
    ('{"action":"subscribe","competition":"cup","board":"standings","top":4}', 422, "/top"),
    ('{"action":"subscribe","competition":"cup","board":"box:r1","group":"x"}', 404, "/group"),
    ('{"action":"unsubscribe","channel":"cup/standings"}', 409, "/channel"),
    (b"bytes", 422, None),
]


async def test_what_cannot_be_answered_is_an_error_and_not_the_end(alone: Settings) -> None:
    async with venue(alone) as place, place.client() as client:
        for said, status, pointer in NO_ANSWER:
            await client.socket.send(said)
            error = await client.next()
            assert error["event"] == "error", said
            found = (error["data"]["status"], error["data"].get("pointer"))
            assert found == (status, pointer), said
        await client.say("ping", ref="still there")
        assert (await client.next())["data"]["ref"] == "still there"


async def test_one_connection_follows_so_many_boards(alone: Settings) -> None:
    async with venue(alone, socket_subscriptions_max=2) as place, place.client() as client:
        for board in ("standings", "contests", "box:r1"):
            await client.follow(board)
        error = await client.until("error")
        assert (error["data"]["status"], error["data"]["detail"]) == (
            409,
            "2 boards are followed here",
        )
        await client.say("unsubscribe", channel="cup/contests")
        await client.follow("box:r1")
        await client.holds("cup/box:r1", lambda board: True)
        await client.follow("box:r1")
        assert (await client.until("error"))["data"]["status"] == 409


async def test_all_connections_together_follow_so_many_boards(alone: Settings) -> None:
    async with venue(alone, streams_max=1) as place:
        async with place.client() as client, place.client() as other:
            await client.follow()
            await client.until("snapshot")
            await other.follow()
            error = await other.until("error")
            assert (error["data"]["status"], error["data"]["retry_after_s"]) == (503, 5)
        async with place.client() as client:
            await client.follow()
            await client.until("snapshot")  # who has gone has left
        assert not place.server.app.public.streams.open


async def test_who_says_too_much_at_once_or_nothing_is_let_go(alone: Settings) -> None:
    limits = {
        "socket_messages_per_second": 5,
        "socket_message_bytes_max": 500,
        "socket_idle_s": 0.2,
    }
    async with venue(alone, **limits) as place:
        async with place.client() as client:
            await client.follow()
            for _ in range(12):
                await client.say("ping")
            told, code = await client.ended()
            assert (told[-1]["event"], code) == ("bye", 1008)
        async with place.client() as client:
            await client.say("ping", ref="x" * 600)
            assert (await client.ended())[1] == 1009
        async with place.client() as client:
            told, code = await client.ended()
            assert (told[-1]["data"]["reason"], code) == ("nothing is followed here", 1012)


async def test_pings_are_answered_with_pongs(alone: Settings) -> None:
    async with venue(alone) as place, place.client() as client:
        await (await client.socket.ping())
        await client.say("ping")
        assert (await client.next())["data"]["now"].endswith("Z")


async def raw(place: Venue) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket after its handshake, for frames that no library sends."""
    host, port = place.server.public_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


MASK = bytes(4)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"\x81\x00", 1002),  # not masked
        (b"\xc1\x80" + MASK, 1002),  # deflated, though that was not agreed upon
        (b"\x80\x80" + MASK, 1002),  # the end of a message that did not begin
        (b"\x01\x80" + MASK + b"\x81\x80" + MASK, 1002),  # a message within a message
        (b"\x81\x81" + MASK + b"\xff", 1007),
        (b"\x81\xfe\xff\xff" + MASK, 1009),  # its length alone is enough
        (b"\x01\x80" + MASK + (b"\x00\x80" + MASK) * 64, 1009),
        (b"\x88\x82" + MASK + b"\x03\xe8", 1000),  # a close is answered
        (b"\x88\x80" + MASK, 1000),
    ],
)
async def test_what_cannot_be_read_closes_the_connection(
    alone: Settings, said: bytes, code: int
) -> None:
    async with venue(alone) as place:
        reader, writer = await raw(place)
        for at in range(len(said)):  # a byte at a time, as a network may cut it
            writer.write(said[at : at + 1])
            await asyncio.sleep(0)
        async with asyncio.timeout(WAIT_S):
            assert await reader.readexactly(4) == b"\x88\x02" + code.to_bytes(2, "big")
        writer.close()


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_messages_come_and_go_in_pieces_deflated_or_not(
    alone: Settings, compression: str | None
) -> None:
    async with venue(alone) as place, place.client(compression=compression) as client:
        agreed = client.socket.response.headers.get("Sec-WebSocket-Extensions", "")
        assert ("no_context_takeover" in agreed) is (compression is not None)
        said = json.dumps({"action": "subscribe", "competition": "cup", "board": "standings"})
        await client.socket.send([said[:5], said[5:40], said[40:]])
        await client.socket.ping()
        assert points_of(await client.holds(STANDINGS, lambda board: True)) == {}
        for _ in range(12):
            await client.say("ping")  # in one go: they are answered one after the other
        await place.score(3)
        assert points_of(await client.holds(STANDINGS, lambda b: points_of(b) != {})) == {"ada": 3}


async def test_one_that_gives_no_sign_of_life_is_cut_off(
    alone: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "PING_EVERY_S", 0.5)
    async with venue(alone) as place, place.client() as client:
        reader, writer = await raw(place)
        async with asyncio.timeout(WAIT_S):
            with contextlib.suppress(ConnectionResetError):
                while await reader.read(1_000):
                    pass
        await client.say("ping")
        assert (await client.next())["event"] == "pong"
        writer.close()


async def test_who_never_says_what_it_wants_is_let_go(
    alone: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "HEAD_S", 0.5)

    async def until_let_go(place: Venue, said: bytes, more: bytes) -> None:
        port = int(place.server.urls["public"].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(more)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1_000), 0.05)
        writer.close()

    asked = b"GET /api/v1/time HTTP/1.1\r\nHost: x\r\n\r\n"
    async with venue(alone) as place, place.client() as client:
        await client.follow()
        public = place.server.public_url
        async with asyncio.timeout(WAIT_S), httpx2.AsyncClient(base_url=public) as asking:
            stream = f"{API}/cup/boards/standings/stream"
            async with asking.stream("GET", stream) as followed:
                lines = followed.aiter_lines()
                await asyncio.gather(
                    until_let_go(place, b"", b""),
                    until_let_go(place, b"GET / HTTP/1.1\r\nX-Long: ", b"x"),
                    until_let_go(place, asked + b"GET ", b"x"),
                )
                assert (await asking.get("/api/v1/time")).status_code == 200
                await place.score(3)  # who follows boards is told on
                while '"points":3' not in await anext(lines):
                    pass
        assert points_of(await client.holds(STANDINGS, points_of)) == {"ada": 3}


async def test_a_heartbeat_comes_once_to_a_connection(alone: Settings) -> None:
    async with venue(alone) as place, place.client() as client:
        for board in ("standings", "contests", "box:r1"):
            await client.follow(board)
            await client.until("snapshot")
        await place.server.app.public.streams._heartbeat()
        await client.say("ping")
        await client.until("pong")
        assert [event for event, _ in client.heard].count("heartbeat") == 1


async def test_a_server_that_stops_says_good_bye(alone: Settings) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with venue(alone) as place:
            following = await stack.enter_async_context(place.client())
            await following.follow()
            await following.until("snapshot")
            idle = await stack.enter_async_context(place.client())
            ends = [asyncio.create_task(one.ended()) for one in (following, idle)]
            await idle.socket.ping()
        for end in ends:
            told, code = await end
            assert [one["data"] for one in told] == [{"reason": "the server stops"}]
            assert code == 1012


async def test_a_full_listener_takes_no_more_sockets(alone: Settings) -> None:
    async with venue(alone, connections_max=1) as place, place.client():
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with place.client():
                pass
        assert refused.value.response.status_code == 503
