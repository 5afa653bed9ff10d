"""A store that cannot be written says so, nothing is half done, and it goes on by itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from scoreboard.errors import CannotStart, Fenced, Unavailable
from scoreboard.facts.entry import Draft
from scoreboard.ledger.ledger import Ledger
from scoreboard.ledger.verify import verify
from scoreboard.settings import Settings

TAKE_OVER = "UPDATE head SET epoch = epoch + 1"


def draft(id_: str) -> Draft:
    return Draft(
        competition="cup",
        source="pad",
        id=id_,
        type="points.added",
        actor="device:pad",
        data=b"{}",
    )


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "data"))


@pytest.fixture
async def postgres(postgres_database: str, tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(Settings(data=str(tmp_path / "data"), database=postgres_database))
    yield ledger
    await ledger.close()


async def cut_off(url: str) -> None:
    """End every other session of the database, the writer's and its lock's included."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def test_a_writer_that_was_replaced_is_fenced(settings: Settings) -> None:
    ledger = await Ledger.open(settings)
    await ledger.append([draft("1")])
    if settings.database:
        connection = await asyncpg.connect(settings.database)
        await connection.execute(TAKE_OVER)
        await connection.close()
    else:
        file = sqlite3.connect(Path(settings.data) / "ledger.db", isolation_level=None)
        file.execute(TAKE_OVER)
        file.close()
    for _ in range(2):
        with pytest.raises(Fenced):
            await ledger.append([draft("2")])
    await ledger.close()
    report = await verify(settings)
    assert (report.ok, report.entries) == (True, 1)


async def test_a_locked_file_is_unavailable_until_it_is_free(sqlite_settings: Settings) -> None:
    ledger = await Ledger.open(sqlite_settings)
    await ledger.append([draft("1")])
    file = sqlite3.connect(Path(sqlite_settings.data) / "ledger.db", isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as refused:
        await ledger.append([draft("2")])
    file.execute("ROLLBACK")
    file.close()
    (fate,) = await ledger.append([draft("2")])
    await ledger.close()
    assert refused.value.retry_after_s
    assert fate.position == 2  # type: ignore[union-attr]


async def test_a_full_disk_is_unavailable_until_there_is_room(sqlite_settings: Settings) -> None:
    ledger = await Ledger.open(sqlite_settings)
    await ledger.append([draft("1")])

    # The size limit of a file stands for the disk's: SQLite answers both with SQLITE_FULL.
    def limit(pages: int) -> None:
        connection = ledger._store.runner._connection  # type: ignore[attr-defined]
        if connection is not None:
            connection.execute(f"PRAGMA max_page_count={pages}")

    store = ledger._store.runner
    await store.run(lambda: _on_thread(lambda: limit(1)))
    big = [
        Draft(
            competition="cup",
            source="big",
            id=str(n),
            type="points.added",
            actor="device:pad",
            data=b"[" + b"1," * 50_000 + b"1]",
        )
        for n in range(20)
    ]
    with pytest.raises(Unavailable):
        await ledger.append(big)
    fates = await ledger.append(big)  # the connection was opened anew: there is room again
    await ledger.close()
    assert [fate.position for fate in fates] == list(range(2, 22))  # type: ignore[union-attr]
    assert (await verify(sqlite_settings)).ok


def _on_thread(do: object):  # type: ignore[no-untyped-def]
    do()  # type: ignore[operator]
    return
    yield


async def test_a_cut_connection_goes_on_and_nothing_is_lost_or_doubled(
    postgres: Ledger, postgres_database: str
) -> None:
    heard: list[int] = []
    postgres.on_commit.append(heard.append)
    written: set[str] = set()

    async def device(name: str) -> None:
        for n in range(40):
            while True:
                try:
                    await postgres.append([draft(f"{name}-{n}")])
                except Fenced:
                    raise
                except Unavailable:
                    await asyncio.sleep(0)
                else:
                    written.add(f"{name}-{n}")
                    break

    async def trouble() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            await cut_off(postgres_database)

    await asyncio.gather(*(device(f"d{n}") for n in range(4)), trouble())
    entries = await postgres.read(0)
    assert {entry.id for entry in entries} == written
    assert [entry.position for entry in entries] == list(range(1, 161))
    assert heard == sorted(set(heard))
    assert heard[-1] == 160
    assert (await verify(postgres.engine)).ok


async def test_a_server_that_lost_its_session_gives_way_to_the_next(
    postgres: Ledger, postgres_database: str, tmp_path: Path
) -> None:
    await postgres.append([draft("1")])
    await cut_off(postgres_database)
    second = await Ledger.open(Settings(data=str(tmp_path / "other"), database=postgres_database))
    with pytest.raises(Fenced):
        await postgres.append([draft("2")])
    (fate,) = await second.append([draft("2")])
    await second.close()
    assert fate.position == 2  # type: ignore[union-attr]


async def test_a_store_that_cannot_be_opened_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart):
        await Ledger.open(Settings(data=str(tmp_path / "file" / "data")))
    with pytest.raises(CannotStart):
        await Ledger.open(
            Settings(data=str(tmp_path / "data"), database="postgresql://x@127.0.0.1:1/x")
        )
    with pytest.raises(CannotStart):
        await Ledger.open(Settings(data=str(tmp_path / "data"), database="oracle://x"))


async def test_several_at_once_migrate_one_after_another(settings: Settings) -> None:
    outcomes = await asyncio.gather(
        *(Ledger.open(settings) for _ in range(4)), return_exceptions=True
    )
    opened = [one for one in outcomes if isinstance(one, Ledger)]
    refused = [one for one in outcomes if isinstance(one, CannotStart)]
    for one in opened:
        await one.close()
    assert (len(opened), len(refused)) == (1, 3)
