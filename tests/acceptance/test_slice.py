"""The whole way through: an event posted to the server moves a board that a client follows."""

import httpx2
import msgspec
import pytest
from follower import Follower

from scoreboard.app import running

CUP = {
    "slug": "cup",
    "name": "Cup",
    "sport": "football",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bel", "name": "Bel"}],
    "groups": [{"id": "a", "name": "Group A", "entrants": ["ada", "bel"]}],
    "contests": [{"id": "m1", "entrants": ["ada", "bel"], "group": "a"}],
}
BASE = "/api/v1/competitions/cup"


@pytest.fixture
async def server(settings):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        yield server


@pytest.fixture
async def client(server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
        answer = await client.post("/api/v1/competitions", json=CUP)
        assert answer.status_code == 201, answer.text
        yield client


def following(url, board, held=None):
    return Follower(f"{url}{BASE}/boards/{board}/stream", held).connected()


def goals_of(board, entrant="ada"):
    return board["content"]["rows"][entrant]["figures"]["gf"]


async def post(client, id_, type_, **data):
    event = {"id": id_, "source": "pad", "type": type_, "contest": "m1", "data": data}
    return await client.post(f"{BASE}/events", json=event)


async def test_a_goal_moves_the_board_a_void_moves_it_back_and_a_restore_puts_it_up(server, client):
    await post(client, "1", "football.kick_off")
    async with following(server.public_url, "standings") as follower:
        await follower.until(lambda b: b["content"]["rows"]["ada"]["figures"]["played"] == 1)
        before = follower.board["content"]
        answer = await post(client, "2", "football.goal", team="ada", minute=10)
        assert answer.status_code == 201
        record = answer.json()["record"]
        with_goal = (await follower.until(lambda b: goals_of(b) == 1))["content"]
        corrections = f"{BASE}/records/{record}/corrections"
        answer = await client.post(corrections, json={"action": "void", "reason": "offside"})
        assert answer.status_code == 201, answer.text
        assert (await follower.until(lambda b: goals_of(b) == 0))["content"] == before
        await client.post(corrections, json={"action": "restore", "reason": "on side"})
        assert (await follower.until(lambda b: goals_of(b) == 1))["content"] == with_goal
        assert [event for event, _ in follower.seen].count("snapshot") == 1
    answer = await client.get(f"{BASE}/boards/standings")
    assert answer.json()["content"] == with_goal


async def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(server, client):
    answer = await post(client, "1", "football.goal", team="ada", minute=10)
    async with following(server.public_url, "standings") as follower:
        held = await follower.until(lambda b: goals_of(b) == 1)
    answer = await post(client, "2", "football.goal", team="ada", minute=11)
    await client.get(f"{BASE}/boards/standings", params={"after": answer.json()["position"]})
    async with following(server.public_url, "standings", held) as follower:
        await follower.until(lambda b: goals_of(b) == 2)
        assert [event for event, _ in follower.seen] == ["patch"]


async def test_a_board_says_not_modified_until_its_content_changes(server, client):
    url = f"{server.public_url}{BASE}/boards/standings"
    first = await client.get(url)
    same = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304
    answer = await post(client, "1", "football.goal", team="ada", minute=10)
    after = {"after": answer.json()["position"]}
    other = await client.get(url, params=after, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert goals_of(other.json()) == 1


async def test_the_public_listener_has_no_way_to_write(server, client):
    answer = await client.post(f"{server.public_url}{BASE}/events", json={})
    assert answer.status_code == 404


async def test_boards_after_a_restart_go_on_where_they_were(settings):
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as client:
            await client.post("/api/v1/competitions", json=CUP)
            answer = await post(client, "1", "football.goal", team="ada", minute=10)
            after = {"after": answer.json()["position"]}
            before = await client.get(f"{BASE}/boards/standings", params=after)
    async with running(free) as server, httpx2.AsyncClient(base_url=server.public_url) as client:
        again = await client.get(f"{BASE}/boards/standings")
        assert again.json() == before.json()
