"""Sessions: a key is shown once, then a cookie stands for it, until it is taken back."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
import websockets

from scoreboard.access.sessions import SessionRegister
from scoreboard.app import Running, running
from scoreboard.http import body
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Sessions, Settings

pytestmark = pytest.mark.one_database

API = "/api/v1"
SESSIONS = f"{API}/sessions"
CURRENT = f"{SESSIONS}/current"
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}],
    "contests": [{"id": "r1", "entrants": ["ada"]}],
}
BOARD = f"{API}/competitions/quiz/boards/standings"
FLAGS = f"{API}/competitions/quiz/boards/flags"


class Place:
    """A running program with a frozen quiz, its admin, and browsers."""

    def __init__(self, server: Running, admin: httpx2.AsyncClient) -> None:
        self.server = server
        self.admin = admin

    async def key(self, name: str, role: str, competition: str | None = None) -> dict[str, Any]:
        made = {"name": name, "role": role} | ({"competition": competition} if competition else {})
        answer = await self.admin.post(f"{API}/keys", json=made)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def browser(self, server: Running | None = None) -> httpx2.AsyncClient:
        """What keeps cookies and says where its requests come from."""
        url = (server or self.server).private_url
        return httpx2.AsyncClient(base_url=url, headers={"Origin": url}, timeout=30)

    async def acts(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Logins and logouts as the ledger has them: type, actor and payload."""
        entries = await self.server.app.ledger.read(0, limit=1_000)
        return [
            (one.type, one.actor, json.loads(one.data or b"{}"))
            for one in entries
            if one.type.startswith("access.logged")
        ]


@pytest_asyncio.fixture
async def place(settings: Settings) -> AsyncIterator[Place]:
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as admin:
            (await admin.post(f"{API}/competitions", json=QUIZ)).raise_for_status()
            yield Place(server, admin)


async def logged_in(browser: httpx2.AsyncClient, key: str) -> dict[str, Any]:
    answer = await browser.post(SESSIONS, json={"key": key})
    assert answer.status_code == 201, answer.text
    who: dict[str, Any] = answer.json()
    return who


async def test_a_key_is_shown_once_and_its_cookie_opens_what_it_opened(place: Place) -> None:
    key = await place.key("desk", "official", "quiz")
    async with place.browser() as browser:
        assert (await browser.get(CURRENT)).status_code == 401
        answer = await browser.post(SESSIONS, json={"key": f" {key['key']}\n"})
        assert answer.status_code == 201, answer.text
        cookie = answer.headers["set-cookie"]
        assert key["key"] not in cookie and answer.headers["cache-control"] == "no-store"
        for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
            assert part in cookie
        assert "Secure" not in cookie  # plain HTTP, as in most venues
        who = answer.json()
        assert who == (await browser.get(CURRENT)).json()
        assert (who["name"], who["role"], who["competition"]) == ("desk", "official", "quiz")
        event = {"id": "1", "type": "points.scored", "contest": "r1"}
        event |= {"data": {"entrant": "ada", "points": 1}}
        posted = await browser.post(f"{API}/competitions/quiz/events", json=event)
        assert posted.status_code == 201, posted.text
        assert (await browser.get(FLAGS)).status_code == 200
        assert (await browser.get(f"{API}/keys")).status_code == 403
        left = await browser.delete(CURRENT)
        assert (left.status_code, "Max-Age=0" in left.headers["set-cookie"]) == (204, True)
        assert (await browser.get(CURRENT)).status_code == 401
        assert (await browser.get(FLAGS)).status_code == 401
    said = {"session": who["session"], "key": key["id"], "name": "desk", "address": "127.0.0.1"}
    actor = "official:desk"
    assert await place.acts() == [
        ("access.logged_in", actor, said), ("access.logged_out", actor, said),
    ]  # fmt: skip


async def test_a_cookie_is_kept_for_tls_alone_where_the_page_came_by_tls(place: Place) -> None:
    key = await place.key("desk", "official")
    headers = {"Origin": "https://scores.example", "Host": "scores.example"}
    async with httpx2.AsyncClient(base_url=place.server.private_url) as browser:
        answer = await browser.post(SESSIONS, json={"key": key["key"]}, headers=headers)
        assert (answer.status_code, "Secure" in answer.headers["set-cookie"]) == (201, True)


async def test_a_wrong_key_logs_nobody_in_and_guessing_is_slowed(place: Place) -> None:
    key = await place.key("desk", "official")
    async with place.browser() as browser:
        answers = []
        while not answers or answers[-1].status_code == 401:
            answers.append(await browser.post(SESSIONS, json={"key": "sb_0123456789_wrong"}))
        assert answers[-1].status_code == 429 and "retry-after" in answers[-1].headers
        assert not browser.cookies
        await logged_in(browser, key["key"])  # behind the same address
        assert (await browser.post(SESSIONS, json={"key": ""})).status_code == 422
    assert [type_ for type_, _, _ in await place.acts()] == ["access.logged_in"]


FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "{own}", "Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_page_of_another_server_cannot_use_a_session_to_write(
    place: Place, headers: dict[str, str]
) -> None:
    key = await place.key("desk", "admin")
    own = place.server.private_url
    sent = {name: value.format(own=own) for name, value in headers.items()}
    async with place.browser() as browser:
        await logged_in(browser, key["key"])
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        async with httpx2.AsyncClient(base_url=own, headers={"Cookie": cookie, **sent}) as page:
            for answer in (
                await page.post(f"{API}/keys", json={"name": "mine", "role": "admin"}),
                await page.delete(CURRENT),
                await page.post(SESSIONS, json={"key": key["key"]}),
            ):
                assert answer.status_code == 403
                assert "pages of this server" in answer.json()["detail"]
                assert "Sec-Fetch-Site" in answer.json()["hint"]
            assert (await page.get(CURRENT)).status_code == 200  # whose answer no page may read
            said = {"Authorization": f"Bearer {key['key']}"}
            keys = {"name": "by-a-program", "role": "device"}
            assert (await page.post(f"{API}/keys", json=keys, headers=said)).status_code == 201
        assert (await browser.get(CURRENT)).status_code == 200


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
async def test_a_page_of_another_server_cannot_use_a_session_for_a_websocket(
    place: Place, origin: Any
) -> None:
    async with place.browser() as browser:
        await logged_in(browser, place.server.admin_key)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        url = f"{place.server.private_url.replace('http', 'ws')}{API}/ws"
        with pytest.raises(websockets.InvalidStatus) as refused:
            shown = {"Cookie": cookie}
            async with websockets.connect(url, additional_headers=shown, origin=origin):
                pytest.fail("let in")
        assert refused.value.response.status_code == 403


async def test_the_public_listener_knows_no_sessions(place: Place) -> None:
    async with place.browser() as browser:
        await logged_in(browser, place.server.admin_key)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        frozen = await browser.post(f"{API}/competitions/quiz/events", json=FROZEN)
        after = {"after": frozen.json()["position"]}
        async with httpx2.AsyncClient(
            base_url=place.server.public_url, headers={"Cookie": cookie}
        ) as public:
            assert (await public.get(CURRENT)).status_code == 404
            assert (await public.get(FLAGS)).status_code == 404
            assert (await public.get(BOARD, params=after)).json()["frozen"] is True
        assert "frozen" not in (await browser.get(BOARD)).json()


FROZEN = {"id": "freeze", "type": "competition.frozen"}


async def test_everybody_ends_their_own_sessions_and_an_admin_any(place: Place) -> None:
    keys = [await place.key(name, "official") for name in ("ann", "bob")]
    async with place.browser() as ann, place.browser() as bob, place.browser() as tablet:
        whos = [await logged_in(ann, keys[0]["key"]), await logged_in(bob, keys[1]["key"])]
        tablet.headers["User-Agent"] = "A tablet" * 100
        whos.append(await logged_in(tablet, keys[0]["key"]))
        mine = (await ann.get(SESSIONS)).json()
        assert {one["id"] for one in mine} == {whos[0]["session"], whos[2]["session"]}
        assert [one["id"] for one in mine if one.get("current")] == [whos[0]["session"]]
        [there] = [one for one in mine if not one.get("current")]
        assert (there["name"], there["address"]) == ("ann", "127.0.0.1")
        assert there["agent"].startswith("A tablet") and len(there["agent"]) == 200
        assert there["created"] <= there["last_used"] < there["ends"]
        assert (await ann.delete(f"{SESSIONS}/{whos[1]['session']}")).status_code == 404
        assert (await ann.delete(f"{SESSIONS}/{whos[2]['session']}")).status_code == 204
        assert (await tablet.get(CURRENT)).status_code == 401
        assert len((await place.admin.get(SESSIONS)).json()) == 2
        assert (await place.admin.delete(f"{SESSIONS}/{whos[1]['session']}")).status_code == 204
        assert (await bob.get(CURRENT)).status_code == 401
        assert (await place.admin.get(CURRENT)).json()["name"] == "first-admin"
        assert (await place.admin.delete(CURRENT)).status_code == 404  # it has none
        assert (await ann.get(CURRENT)).status_code == 200
    by = [(type_, actor, said["name"]) for type_, actor, said in await place.acts()][-2:]
    ended = "access.logged_out"
    assert by == [(ended, "official:ann", "ann"), (ended, "admin:first-admin", "bob")]


async def heard_until(lines: AsyncIterator[str], wanted: str) -> str:
    async with asyncio.timeout(20):
        async for line in lines:
            if wanted in line:
                return line
    pytest.fail(f"{wanted} was never heard")


async def test_what_a_session_follows_ends_with_it_or_with_its_key(place: Place) -> None:
    key = await place.key("desk", "official")
    (await place.admin.post(f"{API}/competitions/quiz/events", json=FROZEN)).raise_for_status()
    for reason in ("the session has ended", "the key was revoked"):
        async with place.browser() as browser, contextlib.AsyncExitStack() as stack:
            who = await logged_in(browser, key["key"])
            cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
            live = await stack.enter_async_context(browser.stream("GET", f"{FLAGS}/stream"))
            lines = live.aiter_lines()
            await heard_until(lines, "snapshot")
            own = place.server.private_url
            socket = await stack.enter_async_context(
                websockets.connect(
                    f"{own.replace('http', 'ws')}{API}/ws",
                    additional_headers={"Cookie": cookie},
                    origin=own,  # type: ignore[arg-type]
                )
            )
            asked = {"action": "subscribe", "competition": "quiz", "board": "flags"}
            await socket.send(json.dumps(asked))
            assert json.loads(await socket.recv())["event"] == "subscribed"
            taken = f"{SESSIONS}/{who['session']}"
            if "key" in reason:
                taken = f"{API}/keys/{key['id']}"
            assert (await place.admin.delete(taken)).status_code == 204
            assert reason in await heard_until(lines, "reason")
            told = []
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    told.append(json.loads(await socket.recv()))
            assert (told[-1]["data"]["reason"], socket.close_code) == (reason, 1008)
            assert (await browser.get(CURRENT)).status_code == 401
            # A screen goes on with what everybody may see.
            assert (await browser.get(BOARD)).json()["frozen"] is True
    assert (await place.admin.get(SESSIONS)).json() == []


async def test_a_session_ends_by_age_and_by_disuse_and_a_key_has_so_many(ledger: Ledger) -> None:
    now = [1_000_000_000]
    bounds = Sessions(lifetime_s=100, idle_s=40, of_a_key_max=2)
    here, there = (
        SessionRegister(ledger.engine, bounds, clock=lambda: now[0]) for _process in range(2)
    )

    async def begin(key: str) -> tuple[str, str]:
        session, cookie = here.propose(key=key, address="a", agent="b")
        await here.insert(session, cookie)
        return session.id, cookie

    async def later(seconds: int) -> None:
        now[0] += seconds * 1_000_000
        await here.save_uses()

    first, cookie = await begin("k1")
    assert await here.find(cookie.replace(".", ".x")) is None
    for _ in range(3):
        await later(30)
        assert await here.find(cookie) is not None
    assert here.uses_waiting
    await later(9)
    assert await there.find(cookie) is not None  # as it was used elsewhere
    await later(1)
    assert await there.find(cookie) is None  # 100 s old
    second, cookie = await begin("k1")
    assert await here.over([first, second]) == {first}
    await later(40)
    assert await there.find(cookie) is None  # unused
    assert await there.all() == []
    begun = []
    for _ in range(3):
        begun.append(await begin("k1"))
        await later(1)
    other, _ = await begin("k2")
    assert {one.id for one in await there.all()} == {begun[1][0], begun[2][0], other}
    await there.end_of("k1")
    assert [one.id for one in await here.all()] == [other]


async def test_a_session_that_one_process_ends_opens_nothing_at_the_others(
    postgres_database: str, tmp_path: Any
) -> None:
    shared = Settings(
        data=str(tmp_path), database=postgres_database, shared=True, private_port=0, public_port=0
    )
    async with running(shared) as one:
        while not one.admin_key:  # until it leads
            await asyncio.sleep(0.01)
        async with (
            running(shared) as other,
            Place(one, httpx2.AsyncClient()).browser() as browser,
            httpx2.AsyncClient(base_url=other.private_url) as there,
        ):
            (await browser.post(SESSIONS, json={"key": one.admin_key})).raise_for_status()
            (await browser.post(f"{API}/competitions", json=QUIZ)).raise_for_status()
            there.cookies = browser.cookies
            who = (await there.get(CURRENT)).json()
            position = (await other.app.ledger.refresh_head()).position
            (await there.get(BOARD, params={"after": position})).raise_for_status()
            async with there.stream("GET", f"{FLAGS}/stream") as live:
                lines = live.aiter_lines()
                await heard_until(lines, "snapshot")
                (await browser.delete(f"{SESSIONS}/{who['session']}")).raise_for_status()
                assert (await there.get(CURRENT)).status_code == 401
                assert "the session has ended" in await heard_until(lines, "reason")


async def test_a_cookie_that_is_none_opens_nothing_and_breaks_nothing(place: Place) -> None:
    name = place.server.app.access.cookie
    for value in ('"\\000abc.x"', '"\\351.x"', ".", "x"):
        async with place.browser() as browser:
            answer = await browser.get(CURRENT, headers={"Cookie": f"{name}={value}"})
            assert answer.status_code == 401, value


async def test_of_keys_made_at_once_with_one_name_there_is_one(place: Place) -> None:
    wanted = {"name": "pad", "role": "device"}
    tries = (place.admin.post(f"{API}/keys", json=wanted) for _ in range(5))
    codes = sorted([answer.status_code for answer in await asyncio.gather(*tries)])
    assert codes == [201, 409, 409, 409, 409]


async def test_a_login_that_never_ends_is_let_go(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "BODY_S", 0.3)
    port = int(place.server.private_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Origin: {place.server.private_url}\r\nContent-Length: 99\r\n\r\n".encode())

    async def dribble() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await asyncio.sleep(0.05)

    async with asyncio.timeout(20):
        dribbling = asyncio.create_task(dribble())
        told = (await reader.read()).decode()
    dribbling.cancel()
    writer.close()
    assert told.startswith("HTTP/1.1 408 ")
    assert json.loads(told.partition("\r\n\r\n")[2])["type"] == "urn:scoreboard:problem:too-slow"
