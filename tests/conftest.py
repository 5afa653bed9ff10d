"""What all tests share: a Postgres server of their own, a fresh database each, an open ledger."""

import contextlib
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import httpcore2
import own_postgres
import pytest
import pytest_asyncio
from own_postgres import execute, in_database

from scoreboard.database.engine import make_engine
from scoreboard.database.migrate import upgrade
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

# Every client would read all certificate authorities anew, which takes longer than most tests.
httpcore2.default_ssl_context = cache(httpcore2.default_ssl_context)


@pytest_asyncio.fixture(scope="session")
async def postgres_server() -> AsyncIterator[str]:
    """The URL of a Postgres server that tests may fill."""
    given = os.environ.get("SCOREBOARD_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = own_postgres.programs()
    if programs is None:
        message = "Postgres is not installed: install it or set SCOREBOARD_TEST_POSTGRES"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server, url = own_postgres.start(programs, Path(folder))
        try:
            await own_postgres.until_ready(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest_asyncio.fixture(scope="session")
async def postgres_template(postgres_server: str) -> AsyncIterator[str]:
    """The name of a migrated database, to be copied for each test."""
    name = f"template_{uuid.uuid4().hex}"
    await execute(postgres_server, f"CREATE DATABASE {name}")
    engine = make_engine(in_database(postgres_server, name), pool_size=1)
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()
    yield name
    await execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def postgres_database(postgres_server: str, postgres_template: str) -> AsyncIterator[str]:
    """The URL of a fresh, migrated Postgres database."""
    async with fresh_database(postgres_server, postgres_template) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def module_database(postgres_server: str, postgres_template: str) -> AsyncIterator[str]:
    """The same for all tests of a module together."""
    async with fresh_database(postgres_server, postgres_template) as url:
        yield url


@contextlib.asynccontextmanager
async def fresh_database(server: str, template: str) -> AsyncIterator[str]:
    """A copy of the template while the block lasts."""
    name = f"test_{uuid.uuid4().hex}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield in_database(server, name)
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a fresh data folder and a fresh database of either kind."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    yield Settings(data=str(tmp_path / "data"), database=url)


@pytest_asyncio.fixture
async def ledger(settings: Settings) -> AsyncIterator[Ledger]:
    """An open ledger, empty."""
    opened = await Ledger.open(settings)
    yield opened
    await opened.close()
