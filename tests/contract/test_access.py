"""Keys that were revoked, and addresses that guess: both are kept out, on both databases."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from click.testing import CliRunner
from prometheus_client import REGISTRY

from scoreboard.access.keys import KeyRegister
from scoreboard.app import Running, running
from scoreboard.cli import main
from scoreboard.database.engine import make_engine
from scoreboard.errors import Conflict, Unauthenticated
from scoreboard.ledger.clock import now_us
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Limits, Settings

FRESH_S = 0.05


@pytest_asyncio.fixture
async def registers(settings: Settings, ledger: Ledger) -> AsyncIterator[tuple[Any, Any]]:
    """The registers of two processes on one database."""
    engine = make_engine(settings.ledger_url, pool_size=1)
    given = {"cached_max": 10, "clock": now_us, "fresh_s": FRESH_S}
    yield KeyRegister(ledger.engine, **given), KeyRegister(engine, **given)
    await engine.dispose()


async def make(register: KeyRegister, name: str) -> tuple[str, str]:
    """A key's id and the text that its holder sends."""
    key, token = register.propose(name=name, role="device", competition=None, created_by="t")
    await register.insert(key, token)
    return key.id, token


async def test_a_key_that_another_process_revoked_opens_nothing_after_a_short_while(
    registers: tuple[KeyRegister, KeyRegister],
) -> None:
    here, there = registers
    id_, token = await make(here, "pad")
    _other, good = await make(there, "pad-2")
    assert (await here.find(token)).name == "pad"
    await there.revoke(id_)
    with pytest.raises(Unauthenticated, match="revoked"):
        while True:  # as long as what was read before counts as fresh
            await here.find(token)
    assert (await here.find(good)).name == "pad-2"


async def test_of_two_processes_one_makes_the_key_of_a_name(
    registers: tuple[KeyRegister, KeyRegister],
) -> None:
    made = await asyncio.gather(*(make(one, "pad") for one in registers), return_exceptions=True)
    assert [type(one) for one in made].count(Conflict) == 1
    (in_force,) = await registers[0].all()
    await registers[1].revoke(in_force.id)
    await make(registers[0], "pad")  # of a name that is free again


async def test_a_key_that_was_revoked_here_opens_nothing_at_once(
    registers: tuple[KeyRegister, KeyRegister],
) -> None:
    here, _there = registers
    id_, token = await make(here, "pad")
    assert await here.find(token)
    await here.revoke(id_)
    with pytest.raises(Unauthenticated, match="revoked"):
        await here.find(token)


async def test_a_key_that_is_read_while_it_is_revoked_is_not_kept(
    registers: tuple[KeyRegister, KeyRegister],
) -> None:
    here, _there = registers

    async def ask(token: str, times: int) -> None:
        for _ in range(times):
            await asyncio.sleep(0)
        with contextlib.suppress(Unauthenticated):
            await here.find(token)

    for start in range(40):
        id_, token = await make(here, f"pad-{start}")
        asking = [asyncio.create_task(ask(token, start * turns)) for turns in range(4)]
        await here.revoke(id_)
        await asyncio.gather(*asking)
        with pytest.raises(Unauthenticated, match="revoked"):
            await here.find(token)


async def test_an_address_that_guesses_keys_is_told_to_wait(settings: Settings) -> None:
    limited = msgspec.structs.replace(
        settings, private_port=0, public_port=0, limits=Limits(login_failures_per_minute=3)
    )
    async with (
        running(limited) as server,
        httpx2.AsyncClient(base_url=server.private_url) as client,
    ):
        wrong = {"Authorization": "Bearer sb_0123456789_wrong"}
        answers = [await client.get("/api/v1/keys", headers=wrong)]
        while answers[-1].status_code == 401:
            answers.append(await client.get("/api/v1/keys", headers=wrong))
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert len(answers) >= 4
        # A good key behind the same address is heard: there may be a whole venue behind it.
        right = {"Authorization": f"Bearer {server.admin_key}"}
        assert (await client.get("/api/v1/keys", headers=right)).status_code == 200
        assert (await client.get("/api/v1/competitions")).status_code == 200


async def key_command(server: Running, *words: str) -> tuple[int, str]:
    """Run `scoreboard key` against the server: its exit code and what it printed."""
    options = ["--url", server.private_url, "--key", server.admin_key]
    done = await asyncio.to_thread(
        CliRunner(env={"COLUMNS": "200"}).invoke, main, ["key", *words, *options]
    )
    return done.exit_code, done.output


async def test_keys_are_listed_and_revoked_from_the_command_line(
    settings: Settings,
) -> None:
    free = msgspec.structs.replace(settings, private_port=0, public_port=0)
    async with running(free) as server:
        made = ["create", "--role", "official", "--name", "desk", "--competition", "cup"]
        code, token = await key_command(server, *made)
        assert code == 0, token
        id_ = token.split("_")[1]
        headers = {"Authorization": f"Bearer {token.strip()}"}
        path = "/api/v1/competitions/cup/records/x"
        async with httpx2.AsyncClient(base_url=server.private_url, headers=headers) as desk:
            assert (await desk.get(path)).status_code == 404
            assert (await key_row(server, id_))[:4] == [id_, "desk", "official", "cup"]
            code, printed = await key_command(server, "revoke", id_)
            assert code == 0, printed
            assert (await desk.get(path)).status_code == 401
        created, last_used, revoked = (await key_row(server, id_))[4:]
        assert created <= last_used <= revoked
        code, printed = await key_command(server, "revoke", "nobody")
        assert (code, "there is no key" in printed) == (1, True), printed


async def key_row(server: Running, id_: str) -> list[str]:
    """The cells of a key in the list."""
    code, printed = await key_command(server, "list")
    assert code == 0, printed
    assert server.admin_key.rpartition("_")[2] not in printed
    [row] = [line for line in printed.splitlines() if id_ in line]
    return [cell.strip() for cell in row.strip("│").split("│")]


async def test_a_listener_holds_so_many_connections_and_says_so(tmp_path: Path) -> None:
    limits = Limits(connections_max=1)
    settings = Settings(data=str(tmp_path), private_port=0, public_port=0, limits=limits)
    async with running(settings) as server:
        url = f"{server.public_url}/api/v1/competitions"
        async with httpx2.AsyncClient() as first, httpx2.AsyncClient() as second:
            assert (await first.get(url)).status_code == 200
            before = refused_connections()
            refused = await second.get(url)
            assert refused.status_code == 503
            assert (refused.headers["retry-after"], refused.headers["connection"]) == ("5", "close")
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused_connections() == before + 1
            assert (await first.get(url)).status_code == 200


def refused_connections() -> float:
    name, labels = "scoreboard_connections_refused_total", {"listener": "public"}
    return REGISTRY.get_sample_value(name, labels) or 0.0
