"""What all tests share: a Postgres server of their own, a fresh database each, an open ledger."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from scoreboard.database.engine import make_engine
from scoreboard.database.migrate import upgrade
from scoreboard.ledger.ledger import Ledger
from scoreboard.settings import Settings

TEMPLATE = "scoreboard_template"


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, if they are installed."""
    found = shutil.which("initdb")
    if found is not None and shutil.which("postgres"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def run_server(programs: Path, folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start a server in the folder without waiting for disks; returns it and its URL."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    user: dict[str, Any] = {"user": "nobody"} if as_root else {}
    if as_root:
        shutil.chown(folder, "nobody")
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "scoreboard", "-A", "trust", "-E", "UTF8"],
        check=True,
        env={**os.environ, "LC_ALL": "C"},
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **user,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["fsync=off", "full_page_writes=off", "max_connections=200"]
    options += ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    command = [programs / "postgres", "-D", data, "-p", str(port)]
    for option in options:
        command += ["-c", option]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user)
    return server, f"postgresql://scoreboard@127.0.0.1:{port}/postgres"


async def until_ready(url: str, server: "subprocess.Popen[bytes] | None" = None) -> None:
    """Return when the server takes connections; fail if its process ended instead."""
    while True:
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.CannotConnectNowError):
            if server is not None and server.poll() is not None:
                raise RuntimeError("the Postgres server of the tests did not start") from None
            await asyncio.sleep(0.02)  # the server has no signal to give but its socket
            continue
        await connection.close()
        return


@pytest_asyncio.fixture(scope="session")
async def postgres_server() -> AsyncIterator[str]:
    """The URL of a Postgres server that tests may fill."""
    given = os.environ.get("SCOREBOARD_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = postgres_programs()
    if programs is None:
        message = "Postgres is not installed: set SCOREBOARD_TEST_POSTGRES or install it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server, url = run_server(programs, folder)
        try:
            await until_ready(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest_asyncio.fixture(scope="session")
async def postgres_template(postgres_server: str) -> str:
    """The name of a migrated database, to be copied for each test."""
    name = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
    await execute(postgres_server, f"CREATE DATABASE {name}")
    engine = make_engine(in_database(postgres_server, name), pool_size=1)
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()
    return name


def in_database(server_url: str, name: str) -> str:
    """The URL of one database of the server."""
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


async def execute(url: str, sql: str) -> None:
    """Run one statement outside any transaction."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def postgres_database(postgres_server: str, postgres_template: str) -> AsyncIterator[str]:
    """The URL of a fresh, migrated Postgres database."""
    name = f"test_{uuid.uuid4().hex}"
    await execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield in_database(postgres_server, name)
    await execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


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
