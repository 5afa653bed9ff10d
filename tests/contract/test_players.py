"""Users who write for themselves by the players' listener, on both databases."""

import base64
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import jwt
import msgspec
import pytest
from prometheus_client import REGISTRY

from scoreboard.app import Running, running
from scoreboard.errors import CannotStart
from scoreboard.settings import Players, Settings

pytestmark = pytest.mark.one_database

API = "/api/v1/competitions"
EVENTS = f"{API}/top/events"
BOARD = f"{API}/top/boards/standings"
SECRET = "a secret of the tests, which is long enough to be one"
TOP = {
    "slug": "top",
    "name": "Top ten",
    "sport": "points",
    "params": {"open_entry": True, "increment_min": 1, "increment_max": 50},
    "contests": [{"id": "r1"}],
}
CLOSED = {"slug": "closed", "name": "Closed", "sport": "points", "contests": [{"id": "r1"}]}
PLAYERS = Players(secret=SECRET, issuer="https://id.test", audience="scoreboard", increment_max=100)


def token(sub: Any = "ada", *, key: Any = SECRET, alg: str = "HS256", **claims: Any) -> str:
    """A good token but for what is said otherwise; a claim that is None is left out."""
    now = int(time.time())
    usual = {"sub": sub, "exp": now + 60, "iss": "https://id.test", "aud": "scoreboard"}
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm=alg)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def points(count: Any, id_: str | None = None, **more: Any) -> dict[str, Any]:
    said = {"type": "points.scored", "contest": "r1", "data": {"points": count}} | more
    return said if id_ is None else said | {"id": id_}


@contextlib.asynccontextmanager
async def venue(
    settings: Settings, players: Players = PLAYERS
) -> AsyncIterator[tuple[Running, httpx2.AsyncClient, httpx2.AsyncClient]]:
    """A server with an open competition and a closed one; an official's client and a user's."""
    free = msgspec.structs.replace(
        settings, private_port=0, public_port=0, players_port=0, players=players
    )
    async with running(free) as server:
        key = bearer(server.admin_key)
        async with (
            httpx2.AsyncClient(base_url=server.private_url, headers=key) as official,
            httpx2.AsyncClient(base_url=server.urls["players"], headers=bearer(token())) as user,
        ):
            for competition in (TOP, CLOSED):
                assert (await official.post(API, json=competition)).status_code == 201
            yield server, official, user


async def rows(client: httpx2.AsyncClient, position: int) -> dict[str, int]:
    """Everybody's points on the board, once it has come so far."""
    board = await client.get(BOARD, params={"after": position})
    assert board.status_code == 200, board.text
    found: dict[str, Any] = board.json()["content"]["rows"]
    return {id_: row["figures"]["points"] for id_, row in found.items()}


async def test_a_user_adds_to_its_own_score_once_for_each_id(settings: Settings) -> None:
    async with venue(settings) as (_server, official, ada):
        first = await ada.post(EVENTS, json=points(7), headers={"Idempotency-Key": "k1"})
        assert first.status_code == 201, first.text
        again = await ada.post(EVENTS, json=points(7, "k1"))
        assert (again.status_code, again.json()["position"]) == (200, first.json()["position"])
        other = await ada.post(EVENTS, json=points(8, "k1"))
        assert other.status_code == 409
        bel = await ada.post(EVENTS, json=points(9, "k1"), headers=bearer(token("bel")))
        assert bel.status_code == 201
        assert await rows(ada, bel.json()["position"]) == {"ada": 7, "bel": 9}
        shown = (await official.get(f"{API}/top/records/{first.json()['record']}")).json()
        assert shown["versions"][0]["actor"] == "player:ada"
        assert shown["versions"][0]["source"] == "player:ada"
        assert not shown["versions"][0].get("flags")  # nobody need be entered before


async def test_what_a_user_says_last_counts_where_the_newest_does(settings: Settings) -> None:
    async with venue(settings) as (_server, official, ada):
        newest = TOP | {"params": {"open_entry": True, "mode": "last"}}
        assert (await official.post(API, json=newest)).status_code == 200
        for id_, count in (("b", 5), ("a", 9), ("c", 3)):
            position = (await ada.post(EVENTS, json=points(count, id_))).json()["position"]
        assert await rows(ada, position) == {"ada": 3}


async def test_who_speaks_of_somebody_else_is_refused_and_suspected(settings: Settings) -> None:
    async with venue(settings) as (_server, _official, ada):
        before = REGISTRY.get_sample_value("scoreboard_suspicious_total") or 0.0
        said = points(5, "1", data={"entrant": "bel", "points": 5})
        refused = await ada.post(EVENTS, json=said)
        assert (refused.status_code, refused.json()["pointer"]) == (403, "/data/entrant")
        assert REGISTRY.get_sample_value("scoreboard_suspicious_total") == before + 1
        own = points(5, "1", data={"entrant": "ada", "points": 5})
        position = (await ada.post(EVENTS, json=own)).json()["position"]
        assert await rows(ada, position) == {"ada": 5}


REFUSED = [
    (points(0, "1"), 422, "/data/points"),
    (points(51, "1"), 422, "/data/points"),  # the competition's own bound
    (points(101, "1"), 422, "/data/points"),  # the installation's
    (points("many", "1"), 422, "/data/points"),
    (points(5), 422, "/id"),
    (points(5, "1", contest="r9"), 422, "/contest"),
    (points(5, "1", action="void"), 422, "/action"),
    (points(5, "1", record="player:ada/0"), 422, "/record"),
    (points(5, "1", source="pad"), 422, "/source"),
    (points(5, "1", type="competition.frozen"), 403, None),
    (points(5, "1", type="competition.entered"), 403, None),
]


async def test_what_users_may_not_say_is_refused(tmp_path: Path) -> None:
    async with venue(Settings(data=str(tmp_path))) as (server, _official, ada):
        head = server.app.ledger.head.position
        for said, status, pointer in REFUSED:
            refused = await ada.post(EVENTS, json=said)
            assert (refused.status_code, refused.json().get("pointer")) == (status, pointer), said
        assert server.app.ledger.head.position == head


async def test_only_what_is_open_takes_users_and_only_until_it_is_over(settings: Settings) -> None:
    async with venue(settings) as (_server, official, ada):
        closed = await ada.post(f"{API}/closed/events", json=points(5, "1"))
        assert closed.status_code == 403
        assert (await ada.post(f"{API}/none/events", json=points(5, "1"))).status_code == 404
        over = {"contest": "r1", "status": "finished"}
        said = {"id": "end", "source": "desk", "type": "competition.status", "data": over}
        assert (await official.post(EVENTS, json=said)).status_code == 201
        late = await ada.post(EVENTS, json=points(5, "1"))
        assert (late.status_code, late.json()["pointer"]) == (409, "/contest")


async def test_nothing_else_can_be_written_by_that_door(settings: Settings) -> None:
    async with venue(settings) as (server, official, ada):
        described = (await official.get("/openapi.json")).json()["paths"]
        head = server.app.ledger.head.position
        written = 0
        for path, methods in described.items():
            for method in methods.keys() - {"get"}:
                address = path.replace("{competition}", "top").replace("{", "").replace("}", "")
                if address == EVENTS:
                    continue
                for headers in (bearer(token()), bearer(server.admin_key)):
                    answer = await ada.request(method, address, json={}, headers=headers)
                    assert answer.status_code == 404, (method, address, answer.text)
                    written += 1
        assert written > 20
        assert (await ada.get("/metrics")).status_code == 404
        assert (await ada.get("/")).status_code == 404
        assert server.app.ledger.head.position == head
        key = await ada.post(EVENTS, json=points(5, "1"), headers=bearer(server.admin_key))
        assert key.status_code == 401
        listed = await ada.get(API, headers={"Authorization": ""})
        assert [one["slug"] for one in listed.json()] == ["top", "closed"]
        public = httpx2.AsyncClient(base_url=server.public_url, headers=bearer(token()))
        async with public:
            assert (await public.post(EVENTS, json=points(5, "1"))).status_code == 404


async def test_pages_from_anywhere_may_write_with_their_users_token(tmp_path: Path) -> None:
    async with venue(Settings(data=str(tmp_path))) as (_server, _official, ada):
        asked = {"Origin": "https://game.test", "Access-Control-Request-Method": "POST"}
        answer = await ada.options(EVENTS, headers=asked)
        assert answer.headers["access-control-allow-origin"] == "*"
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert {"authorization", "content-type", "idempotency-key"} <= set(allowed.split(", "))
        posted = await ada.post(
            EVENTS, json=points(5, "1"), headers={"Origin": "https://game.test"}
        )
        assert posted.headers["access-control-allow-origin"] == "*"


def unsigned(claims: bytes) -> str:
    parts = (b'{"alg":"none","typ":"JWT"}', claims, b"")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


NOT_TO_BE_BELIEVED = {
    "no token": "nonsense",
    "three parts of nothing": "a.b.c",
    "signed by somebody else": token(key="another secret that is also long enough"),
    "a signature that the settings do not name": token(key=SECRET * 2, alg="HS512"),
    "no signature": unsigned(
        b'{"sub":"ada","exp":4000000000,"iss":"https://id.test","aud":"scoreboard"}'
    ),
    "no end": token(exp=None),
    "over": token(exp=1_000_000_000),
    "an end that is no time": token(exp="soon"),
    "not begun": token(nbf=4_000_000_000),
    "nobody": token(None),
    "nobody's name": token(""),
    "a name of two lines": token("line\nbreak"),
    "a name too long": token("x" * 256),
    "of another issuer": token(iss="https://else.test"),
    "of no issuer": token(iss=None),
    "for somebody else": token(aud="another"),
    "for nobody": token(aud=None),
    "a head without end": base64.urlsafe_b64encode(b"[" * 5_000).decode() + ".e30.x",
    "too long": "x" * 10_000,
}


async def test_a_token_that_is_not_to_be_believed_opens_nothing(tmp_path: Path) -> None:
    async with venue(Settings(data=str(tmp_path))) as (server, _official, ada):
        head = server.app.ledger.head.position
        for what, text in NOT_TO_BE_BELIEVED.items():
            refused = await ada.post(EVENTS, json=points(5, "1"), headers=bearer(text))
            assert refused.status_code == 401, (what, refused.text)
            assert refused.headers["www-authenticate"].startswith("Bearer"), what
        without = await ada.post(EVENTS, json=points(5, "1"), headers={"Authorization": ""})
        assert without.status_code == 401
        assert server.app.ledger.head.position == head


async def test_a_user_whose_name_is_no_id_of_ours_takes_part_under_one(tmp_path: Path) -> None:
    async with venue(Settings(data=str(tmp_path))) as (_server, _official, client):
        sub = "auth0|5f1c"
        me = (await client.get("/api/v1/me", headers=bearer(token(sub)))).json()
        assert me["sub"] == sub
        assert me["entrant"].startswith("u-")
        for id_, named in (("1", sub), ("2", me["entrant"])):
            said = points(5, id_, data={"entrant": named, "points": 5})
            added = await client.post(EVENTS, json=said, headers=bearer(token(sub)))
            assert added.status_code == 201, added.text
        assert await rows(client, added.json()["position"]) == {me["entrant"]: 10}
        endless = bearer(token(sub, exp=4_000_000_000_000))  # milliseconds, by a maker's mistake
        assert (await client.get("/api/v1/me", headers=endless)).json()["expires"][:4] == "9999"
        # Who is called what another is changed into is changed as well.
        thief = bearer(token(me["entrant"]))
        other = (await client.get("/api/v1/me", headers=thief)).json()["entrant"]
        stolen = points(5, "3", data={"entrant": me["entrant"], "points": 5})
        added = await client.post(EVENTS, json=stolen, headers=thief)
        assert await rows(client, added.json()["position"]) == {me["entrant"]: 10, other: 5}


async def test_a_user_and_an_address_write_so_much_a_minute(settings: Settings) -> None:
    limited = msgspec.structs.replace(
        PLAYERS, user_events_per_minute=2, address_events_per_minute=4
    )
    async with venue(settings, limited) as (_server, _official, client):
        said = [("ada", 201), ("ada", 201), ("ada", 429)]
        said += [("bel", 201), ("bel", 201), ("cad", 429)]  # what was refused ada is not theirs
        for n, (sub, status) in enumerate(said):
            answer = await client.post(EVENTS, json=points(1, str(n)), headers=bearer(token(sub)))
            assert answer.status_code == status, (n, answer.text)
            if status == 429:
                assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert (await client.get(BOARD)).status_code == 200


async def test_an_address_that_guesses_tokens_waits_and_good_ones_behind_it_do_not(
    settings: Settings,
) -> None:
    few = msgspec.structs.replace(
        settings, limits=msgspec.structs.replace(settings.limits, login_failures_per_minute=3)
    )
    async with venue(few) as (_server, _official, client):
        answers = []
        for n in range(5):
            headers = bearer(token(key="another secret that is also long enough"))
            answers.append(await client.post(EVENTS, json=points(1, str(n)), headers=headers))
        assert [one.status_code for one in answers] == [401, 401, 401, 429, 429]
        assert (await client.post(EVENTS, json=points(1, "1"))).status_code == 201


@pytest.mark.parametrize(
    ("players", "reason"),
    [
        (Players(), "nothing to verify tokens with"),
        (Players(secret="short"), "fewer than 32 bytes"),
        (Players(secret=SECRET, algorithms=("RS256",)), "a shared secret cannot verify"),
        (Players(secret_file="/nowhere/at/all"), "cannot read players.secret_file"),
    ],
)
async def test_a_listener_that_would_let_anybody_or_nobody_in_does_not_start(
    tmp_path: Path, players: Players, reason: str
) -> None:
    with pytest.raises(CannotStart, match=reason):
        async with venue(Settings(data=str(tmp_path)), players):
            pass


async def test_the_secret_may_be_in_a_file_and_is_never_told(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n", encoding="utf-8")
    kept = msgspec.structs.replace(PLAYERS, secret="", secret_file=str(file))
    async with venue(Settings(data=str(tmp_path)), kept) as (_server, _official, ada):
        assert (await ada.post(EVENTS, json=points(5, "1"))).status_code == 201
    assert SECRET not in repr(Settings(players=PLAYERS))
