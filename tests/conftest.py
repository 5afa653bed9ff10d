"""What all tests share: a Postgres server of their own, a fresh database each, an open ledger."""

import contextlib
import gc
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
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
from scoreboard.sports import registry

MEMORY = Path("/dev/shm")
ROOM_BYTES = 4_000_000_000  # for the Postgres servers of a few workers, and more

# No test can tell a disk from memory, which is sooner done with what is to be durable.
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
    tempfile.tempdir = str(MEMORY)

# Each server and worker that tests start would compile the whole program anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Every client would read all certificate authorities anew, which takes longer than most tests, and
# every server look for sports in all installed packages.
httpcore2.default_ssl_context = cache(httpcore2.default_ssl_context)
registry.entry_points = cache(registry.entry_points)  # type: ignore[assignment]


KINDS = ("sqlite", "postgres")
ON_BOTH = "SCOREBOARD_TEST_BOTH"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a test of doors (`one_database`) on one kind of database, by turns within its module.

    What speaks SQL itself is always tested on both; everything is, if SCOREBOARD_TEST_BOTH is set.
    """
    if os.environ.get(ON_BOTH):
        return
    seen: dict[str, list[str]] = {}  # tests of a module, without the kind of database
    left_out = []
    for item in items:
        kind = kind_of(item)
        if kind and item.get_closest_marker("one_database"):
            tests = seen.setdefault(item.nodeid.partition("::")[0], [])
            test = item.nodeid.replace(kind, "")
            if test not in tests:
                tests.append(test)
            if kind != KINDS[tests.index(test) % len(KINDS)]:
                left_out.append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Leave what is there for all tests out of every collection of garbage."""
    gc.collect()
    gc.freeze()


def kind_of(item: pytest.Item) -> str:
    """The kind of database that a test asks for; "" if it does not matter to it."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return str(params.get("settings", params.get("shared_settings", "")))


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


@pytest_asyncio.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied for each test."""
    file = tmp_path_factory.mktemp("template") / "ledger.db"
    engine = make_engine(f"sqlite:///{file}", pool_size=1)
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()
    return file


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with a fresh data folder and a fresh, migrated database of either kind."""
    return settings_for(request, tmp_path / "data", "postgres_database")


@pytest.fixture(scope="module", params=KINDS)
def shared_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """The same for tests of a module that change nothing there, or only what is their own."""
    return settings_for(request, tmp_path_factory.mktemp("shared") / "data", "module_database")


def settings_for(request: pytest.FixtureRequest, data: Path, database: str) -> Settings:
    """Settings with a data folder, and a copy of the migrated database that the test asks for."""
    if request.param == "postgres":
        return Settings(data=str(data), database=request.getfixturevalue(database))
    data.mkdir()
    shutil.copy(request.getfixturevalue("sqlite_template"), data)
    return Settings(data=str(data))


@pytest_asyncio.fixture
async def ledger(settings: Settings) -> AsyncIterator[Ledger]:
    """An open ledger, empty."""
    opened = await Ledger.open(settings)
    yield opened
    await opened.close()
