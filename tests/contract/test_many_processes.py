"""Many processes on one Postgres: any ingests and serves, one folds, the others follow."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from follower import Follower

from scoreboard.app import Running, running
from scoreboard.errors import CannotStart, Fenced
from scoreboard.facts.entry import Accepted, Draft
from scoreboard.settings import Projection, Settings

PROCESSES = 3
QUIZ = {
    "slug": "quiz",
    "name": "Quiz",
    "sport": "points",
    "entrants": [{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}],
    "contests": [{"id": "r1", "name": "Round 1", "entrants": ["ada", "bob"]}],
}
BASE = "/api/v1/competitions/quiz"
WAIT_S = 20


def shared(database: str, data: Any) -> Settings:
    projection = Projection(shadow_every_s=0)
    return Settings(
        data=str(data), database=database, shared=True, private_port=0, public_port=0,
        projection=projection,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def process(database: str, data: Any) -> AsyncIterator[Running]:
    async with running(shared(database, data)) as served:
        yield served


async def until(found: Any) -> None:
    async with asyncio.timeout(WAIT_S):
        while not found():
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def processes(postgres_database: str, tmp_path: Any) -> AsyncIterator[list[Running]]:
    async with contextlib.AsyncExitStack() as stack:
        served = [
            await stack.enter_async_context(process(postgres_database, tmp_path / str(n)))
            for n in range(PROCESSES)
        ]
        await until(lambda: any(one.admin_key for one in served))
        yield served


@pytest_asyncio.fixture
async def clients(processes: list[Running]) -> AsyncIterator[list[httpx2.AsyncClient]]:
    """An admin's client to each process; the competition is defined by way of the last."""
    key = next(one.admin_key for one in processes if one.admin_key)
    headers = {"Authorization": f"Bearer {key}"}
    async with contextlib.AsyncExitStack() as stack:
        made = [
            await stack.enter_async_context(
                httpx2.AsyncClient(base_url=one.private_url, headers=headers, timeout=30)
            )
            for one in processes
        ]
        (await made[-1].post("/api/v1/competitions", json=QUIZ)).raise_for_status()
        yield made


def scored(id_: str, entrant: str = "ada", points: int = 1) -> dict[str, Any]:
    data = {"entrant": entrant, "points": points}
    return {"id": id_, "type": "points.scored", "contest": "r1", "data": data}


async def post(client: httpx2.AsyncClient, *events: dict[str, Any]) -> int:
    """Post events; the position of the last."""
    answer = await client.post(f"{BASE}/events", json=list(events))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"][-1]["position"])


async def rows(client: httpx2.AsyncClient, after: int) -> dict[str, Any]:
    answer = await client.get(f"{BASE}/boards/standings", params={"after": after})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["content"]["rows"]
    return found


def leaders(processes: list[Running]) -> list[Running]:
    return [one for one in processes if one.app.sharing and one.app.sharing.leading]


async def test_one_of_them_folds_and_each_shows_what_was_posted_to_any(
    processes: list[Running], clients: list[httpx2.AsyncClient]
) -> None:
    assert len(leaders(processes)) == 1
    for n, client in enumerate(clients):
        await post(client, scored(f"e{n}"))
    last = max([await post(client, scored("again")) for client in clients])
    shown = [await rows(client, last) for client in clients]
    assert shown[0]["ada"]["figures"]["points"] == PROCESSES + 1
    assert shown.count(shown[0]) == PROCESSES


async def test_posts_to_all_at_once_leave_no_gap_and_no_double(
    processes: list[Running], clients: list[httpx2.AsyncClient]
) -> None:
    async def device(n: int, client: httpx2.AsyncClient) -> list[int]:
        return [await post(client, scored(f"d{n}-{k}"), scored(f"shared-{k}")) for k in range(20)]

    await asyncio.gather(*(device(n, client) for n, client in enumerate(clients)))
    ledger = processes[0].app.ledger
    head = await ledger.refresh_head()
    entries = await ledger.read(0, limit=1_000)
    assert [one.position for one in entries] == list(range(1, head.position + 1))
    shown = await rows(clients[1], head.position)
    assert shown["ada"]["figures"]["points"] == 20 * PROCESSES + 20


async def test_streams_of_all_processes_show_every_change_with_the_same_ids(
    processes: list[Running], clients: list[httpx2.AsyncClient]
) -> None:
    await rows(clients[0], await post(clients[0], scored("first")))
    head = (await processes[0].app.ledger.refresh_head()).position
    async with contextlib.AsyncExitStack() as stack:
        followers = []
        for client, one in zip(clients, processes, strict=True):
            await rows(client, head)
            follower = Follower(f"{one.public_url}{BASE}/boards/standings/stream")
            followers.append(await stack.enter_async_context(follower.connected()))
        last = 0
        for n in range(12):
            last = await post(clients[n % PROCESSES], scored(f"n{n}"))
        for client, follower in zip(clients, followers, strict=True):
            answer = await client.get(f"{BASE}/boards/standings", params={"after": last})
            fresh = answer.json()
            async with asyncio.timeout(WAIT_S):
                held = await follower.until(
                    lambda board, at=fresh: board["version"] == at["version"]
                )
            assert held["content"] == fresh["content"]
    assert len({follower.board["version"] for follower in followers if follower.board}) == 1


async def test_a_client_resumes_at_another_process_with_exactly_what_it_missed(
    processes: list[Running], clients: list[httpx2.AsyncClient]
) -> None:
    stream = f"{BASE}/boards/standings/stream"
    last = await post(clients[0], scored("first"))
    for client in clients:
        await rows(client, last)
    board = None
    for n in range(6):
        one = processes[n % PROCESSES]
        follower = Follower(f"{one.public_url}{stream}", board)
        async with follower.connected():
            last = await post(clients[(n + 1) % PROCESSES], scored(f"n{n}"))
            async with asyncio.timeout(WAIT_S):
                board = await follower.until(lambda found, at=last: found["position"] >= at)
        assert [kind for kind, _ in follower.seen if kind == "reset"] == []
        for client in clients:
            await rows(client, last)
    assert board is not None
    assert board["content"]["rows"]["ada"]["figures"]["points"] == 7


async def test_when_the_leader_stops_another_goes_on(postgres_database: str, tmp_path: Any) -> None:
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(process(postgres_database, tmp_path / "0"))
        await until(lambda: first.admin_key)
        headers = {"Authorization": f"Bearer {first.admin_key}"}
        async with (
            process(postgres_database, tmp_path / "1") as second,
            httpx2.AsyncClient(base_url=second.private_url, headers=headers) as client,
        ):
            (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
            await rows(client, await post(client, scored("one")))
            assert leaders([first, second]) == [first]
            await stack.aclose()
            shown = await rows(client, await post(client, scored("two")))
            assert shown["ada"]["figures"]["points"] == 2
            assert leaders([second]) == [second]


async def test_a_key_that_one_process_revokes_opens_nothing_at_the_others(
    clients: list[httpx2.AsyncClient],
) -> None:
    made = (await clients[0].post("/api/v1/keys", json={"name": "pad", "role": "device"})).json()
    asked = [scored("by-the-pad")]
    headers = {"Authorization": f"Bearer {made['key']}"}
    for client in clients:
        answer = await client.post(f"{BASE}/events", json=asked, headers=headers)
        assert answer.status_code == 200
    (await clients[1].delete(f"/api/v1/keys/{made['id']}")).raise_for_status()

    async def refused(client: httpx2.AsyncClient) -> None:
        async with asyncio.timeout(1.0):  # well before keys are read again by themselves
            while True:
                answer = await client.post(f"{BASE}/events", json=asked, headers=headers)
                if answer.status_code == 401:
                    return

    await asyncio.gather(*(refused(client) for client in clients))


async def test_whoever_was_away_for_longer_than_its_lease_appends_nothing_and_stops(
    processes: list[Running], postgres_database: str, tmp_path: Any
) -> None:
    draft = Draft(competition="quiz", source="s", id="late", type="t", actor="device:x", data=b"{}")
    other = processes[0].app.ledger
    with pytest.raises(Fenced, match="away for too long"):
        async with process(postgres_database, tmp_path / "late") as one:
            ledger = one.app.ledger
            assert ledger.presence is not None
            async with other.engine.begin() as connection:
                await connection.exec_driver_sql(
                    f"UPDATE leases SET ends = 0 WHERE name = '{ledger.presence.name}'"
                )
            with pytest.raises(Fenced):
                await ledger.append([draft])
            await until(lambda: one.app.sharing and one.app.sharing.fenced)
    [fate] = await other.append([draft])
    assert isinstance(fate, Accepted)
    assert not fate.repeated


async def test_a_leader_that_was_away_saves_nothing_and_another_goes_on(
    postgres_database: str, tmp_path: Any
) -> None:
    with pytest.raises(Fenced, match="away for too long"):
        async with process(postgres_database, tmp_path / "0") as leader:
            await until(lambda: leader.admin_key)
            async with process(postgres_database, tmp_path / "1") as heir:
                await hand_over(leader, heir)
                headers = {"Authorization": f"Bearer {leader.admin_key}"}
                url = heir.private_url
                async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
                    (await client.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
                    last = await post(client, scored("one"))
                    assert (await rows(client, last))["ada"]["rank"] == 1


async def hand_over(leader: Running, heir: Running) -> None:
    """Let a leader's lease run out while it is frozen, and see that it saves nothing then."""
    projection = leader.app.projection
    async with projection.folding:
        async with heir.app.ledger.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE leases SET ends = 0 WHERE name = 'boards'")
        await until(lambda: leaders([heir]))
        projection.saving.begin(projection.folds.live, b"", projection.position)
        assert not await projection.saving.finish()


async def test_what_is_frozen_stays_hidden_when_the_next_leader_makes_all_boards_anew(
    postgres_database: str, tmp_path: Any
) -> None:
    board = f"{BASE}/boards/standings"
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(process(postgres_database, tmp_path / "0"))
        await until(lambda: first.admin_key)
        headers = {"Authorization": f"Bearer {first.admin_key}"}
        async with (
            process(postgres_database, tmp_path / "1") as heir,
            httpx2.AsyncClient(base_url=heir.private_url, headers=headers) as official,
            httpx2.AsyncClient(base_url=heir.public_url) as public,
        ):
            (await official.post("/api/v1/competitions", json=QUIZ)).raise_for_status()
            await post(official, scored("seen"))
            frozen = {"id": "freeze", "type": "competition.frozen", "data": {}}
            last = await post(official, frozen, scored("hidden", points=7719))
            assert (await rows(official, last))["ada"]["figures"]["points"] == 7720
            assert "7720" not in (await public.get(board, params={"after": last})).text
            async with heir.app.ledger.engine.begin() as connection:
                await connection.exec_driver_sql(
                    "UPDATE boards.checkpoint SET format = 'of another program', epoch = epoch + 9"
                )
            await stack.aclose()
            async with asyncio.timeout(WAIT_S):
                while not (leaders([heir]) and heir.app.reader.position >= last):
                    assert "7720" not in (await public.get(board)).text
                    await asyncio.sleep(0.005)
            assert (await rows(official, last))["ada"]["figures"]["points"] == 7720
            shown = (await public.get(board, params={"after": last})).json()
            assert shown["content"]["rows"]["ada"]["figures"]["points"] == 1


async def test_many_processes_need_postgres(tmp_path: Any) -> None:
    with pytest.raises(CannotStart, match="many processes need Postgres"):
        async with process("", tmp_path):
            pass


async def test_a_server_that_writes_alone_is_refused_while_many_do_and_the_other_way_round(
    postgres_database: str, tmp_path: Any
) -> None:
    alone = Settings(
        data=str(tmp_path / "a"), database=postgres_database, private_port=0, public_port=0
    )
    async with process(postgres_database, tmp_path / "0"):
        with pytest.raises(CannotStart):
            async with running(alone):
                pass
    async with running(alone):
        with pytest.raises(CannotStart):
            async with process(postgres_database, tmp_path / "0"):
                pass


async def test_any_process_ends_a_rehearsal_and_all_show_nothing_of_it(
    clients: list[httpx2.AsyncClient],
) -> None:
    wanted = {"competition": "quiz", "events": "made-up", "speed": 0.1}
    made = (await clients[0].post("/api/v1/rehearsals", json=wanted)).raise_for_status().json()
    board = f"/api/v1/competitions/{made['slug']}/boards/standings"
    for client in clients:
        answer = await client.get(board)
        assert answer.json()["content"]["rehearsal"], answer.text
        [now] = (await client.get("/api/v1/rehearsals")).json()
        assert (now["slug"], now["elsewhere"]) == (made["slug"], client is not clients[0])
        assert (await client.post("/api/v1/rehearsals", json=wanted)).status_code == 409
    path = f"/api/v1/rehearsals/{made['slug']}"
    assert (await clients[-1].delete(path)).status_code == 204
    for client in clients:
        async with asyncio.timeout(WAIT_S):
            while (answer := await client.get(board)).status_code != 404:
                await asyncio.sleep(0.05)
        assert "is over" in answer.json()["detail"]
        assert (await client.get("/api/v1/rehearsals")).json() == []
    again = await clients[1].post("/api/v1/rehearsals", json=wanted)
    assert again.status_code == 201
