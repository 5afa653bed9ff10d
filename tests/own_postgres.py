"""A Postgres server for tests and benchmarks: its own process, folder and port."""

import asyncio
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

Server = "subprocess.Popen[bytes]"


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, if they are installed."""
    found = shutil.which("initdb")
    if found is not None and shutil.which("postgres"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def start(where: Path, folder: Path, *, durable: bool = False) -> tuple[Any, str]:
    """Start a server with its data in the folder; returns the process and its URL.

    It refuses to run as root, so root hands it to `nobody`. Not `durable`: no waiting for disks.
    """
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    user: dict[str, Any] = {"user": "nobody"} if as_root else {}
    if as_root:
        shutil.chown(folder, "nobody")
    data = folder / "data"
    make = [where / "initdb", "-D", data, "-U", "scoreboard", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        make if durable else [*make, "--no-sync"],
        check=True,
        env={**os.environ, "LC_ALL": "C"},
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **user,
    )
    return _serve(where, folder, durable=durable, **user)


def start_standby(where: Path, folder: Path, primary_url: str) -> tuple[Any, str]:
    """Start a streaming replica of a server, with its data in the folder; see `start`."""
    user: dict[str, Any] = {}
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        user = {"user": "nobody"}
        shutil.chown(folder, "nobody")
    primary = make_url(primary_url)
    command = [where / "pg_basebackup", "-D", folder / "data", "-R", "-c", "fast", "-X", "stream"]
    command += ["-h", primary.host, "-p", str(primary.port), "-U", primary.username]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **user)
    return _serve(where, folder, durable=False, **user)


def _serve(where: Path, folder: Path, *, durable: bool, **user: Any) -> tuple[Any, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    options = ["max_connections=200", "listen_addresses=127.0.0.1"]
    options += [f"unix_socket_directories={folder}"]
    if not durable:
        options += ["fsync=off", "full_page_writes=off", "autovacuum=off"]
    command = [str(where / "postgres"), "-D", str(data), "-p", str(port)]
    for option in options:
        command += ["-c", option]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user)
    return server, f"postgresql://scoreboard@127.0.0.1:{port}/postgres"


async def until_ready(url: str, server: Any) -> None:
    """Return when the server takes connections; fail if its process ended instead."""
    while True:
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.CannotConnectNowError):
            if server.poll() is not None:
                raise RuntimeError("the Postgres server of the tests did not start") from None
            await asyncio.sleep(0.02)  # the server has no signal to give but its socket
            continue
        await connection.close()
        return


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
