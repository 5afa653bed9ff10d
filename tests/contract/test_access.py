"""Keys that were revoked, and addresses that guess: both are kept out, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from scoreboard.access.keys import KeyRegister
from scoreboard.app import running
from scoreboard.database.engine import make_engine
from scoreboard.errors import Unauthenticated
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


async def test_a_key_that_was_revoked_here_opens_nothing_at_once(
    registers: tuple[KeyRegister, KeyRegister],
) -> None:
    here, _there = registers
    id_, token = await make(here, "pad")
    assert await here.find(token)
    await here.revoke(id_)
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
