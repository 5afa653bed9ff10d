"""Migrations build exactly the schema that the code declares, on both databases."""

import asyncio
import itertools
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from own_postgres import execute, in_database
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import make_engine
from scoreboard.database.migrate import NEWEST, migrations_folder, upgrade
from scoreboard.facts.entry import GENESIS, Draft, Head
from scoreboard.ledger.chain import FIELDS, link
from scoreboard.ledger.plan import plan_plain
from scoreboard.ledger.reader import Reader
from scoreboard.ledger.schema import FILED_ENTRIES, tables, triggers
from scoreboard.ledger.verify import verify
from scoreboard.ledger.wanted import Wanted

SQLITE_SCHEMA = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master "
    "WHERE name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite_autoindex_alembic%' ORDER BY name"
)
POSTGRES_SCHEMA = (
    "SELECT 'column', table_name || '.' || ordinal_position || '.' || column_name, data_type, "
    "  is_nullable FROM information_schema.columns "
    "  WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%' "
    "UNION ALL SELECT 'constraint', conname, conrelid::regclass::text, "
    "  pg_get_constraintdef(oid) FROM pg_constraint "
    "  WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%' "
    "UNION ALL SELECT 'index', indexname, tablename, indexdef FROM pg_indexes "
    "  WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%' "
    "UNION ALL SELECT 'trigger', tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) "
    "  FROM pg_trigger WHERE NOT tgisinternal "
    "UNION ALL SELECT 'function', proname, '', prosrc FROM pg_proc "
    "  WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2"
)


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> str | None:
    """The URL of a Postgres server, or None for SQLite."""
    postgres = request.param == "postgres"
    return request.getfixturevalue("postgres_server") if postgres else None


@pytest.fixture
async def empty(server: str | None, tmp_path: Path) -> AsyncIterator[list[AsyncEngine]]:
    """Engines of two empty databases."""
    names = [f"empty_{uuid.uuid4().hex}" for _ in range(2)]
    if server is None:
        urls = [f"sqlite:///{tmp_path / name}.db" for name in names]
    else:
        urls = [in_database(server, name) for name in names]
        for name in names:
            await execute(server, f"CREATE DATABASE {name}")
    engines = [make_engine(url, pool_size=4) for url in urls]
    yield engines
    for engine in engines:
        await engine.dispose()
    if server is not None:
        for name in names:
            await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def schema(engine: AsyncEngine) -> list[Any]:
    query = POSTGRES_SCHEMA if engine.dialect.name == "postgresql" else SQLITE_SCHEMA
    async with engine.connect() as connection:
        rows = (await connection.execute(text(query))).all()
    return [tuple(" ".join(str(part).split()) for part in row) for row in rows]


async def test_migrations_build_the_declared_schema(empty: list[AsyncEngine]) -> None:
    migrated, declared = empty
    await upgrade(migrated)
    dialect = declared.dialect.name
    async with declared.begin() as connection:
        await connection.run_sync(tables(dialect).metadata.create_all)
        for statement in triggers(dialect):
            await connection.exec_driver_sql(statement)
    assert await schema(migrated) == await schema(declared)


async def test_nothing_is_left_to_migrate(empty: list[AsyncEngine]) -> None:
    def differences(connection: Connection) -> Any:
        metadata = tables(connection.dialect.name).metadata
        return compare_metadata(MigrationContext.configure(connection), metadata)

    await upgrade(empty[0])
    async with empty[0].connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_several_may_migrate_at_once(empty: list[AsyncEngine]) -> None:
    await asyncio.gather(*(upgrade(empty[0]) for _ in range(4)))
    await upgrade(empty[0])
    async with empty[0].connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM head"))).scalar() == 0


@pytest.mark.parametrize("count", [7, FILED_ENTRIES + 7])
async def test_entries_of_before_are_kept_and_found_by_their_contest(
    empty: list[AsyncEngine], count: int
) -> None:
    engine = empty[0]
    async with engine.begin() as connection:
        await connection.run_sync(migrate_to, "0003")
        await connection.run_sync(fill, count)
    before = await rows_of(engine)
    await upgrade(engine)
    assert await rows_of(engine) == before
    assert (await verify(engine)).ok
    read = Reader(engine).page
    for contest in (0, 1):
        heat = Wanted(competition="cup", contest=f"heat-{contest}")
        found = await read(0, heat, limit=count + 1, upto=None)
        assert [entry.position for entry in found] == list(range(contest + 1, count + 1, 3))
    of_none = Wanted(competition="cup", outside=True)
    outside = await read(0, of_none, limit=count + 1, upto=None)
    assert [entry.position for entry in outside] == list(range(3, count + 1, 3))


async def test_keys_of_one_name_are_told_apart(empty: list[AsyncEngine]) -> None:
    engine = empty[0]
    keys = tables(engine.dialect.name).keys
    made = [("a", 1, None), ("b", 2, None), ("c", 2, None), ("d", 0, 5), ("e", 3, None)]
    rows = [
        {
            "id": id_,
            "name": "gate" if id_ == "e" else "pad",
            "role": "device",
            "secret_hash": b"",
            "created_us": created_us,
            "created_by": "test",
            "revoked_us": revoked_us,
        }
        for id_, created_us, revoked_us in made
    ]
    async with engine.begin() as connection:
        await connection.run_sync(migrate_to, "0004")
        await connection.execute(insert(keys), rows)
    await upgrade(engine)
    async with engine.connect() as connection:
        names = await connection.execute(select(keys.c.name).order_by(keys.c.id))
        assert list(names.scalars()) == ["pad", "pad-b", "pad-c", "pad", "gate"]


def migrate_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def fill(connection: Connection, count: int) -> None:
    """Entries of two contests and of none, in turns, as an older program left them."""
    drafts = [
        Draft("cup", "pad", f"{n}", "points.added", "device:pad", b"{}", contest=contest)
        for n, contest in zip(range(count), itertools.cycle(("heat-0", "heat-1", None)))
    ]
    head = Head("of-before", 0, GENESIS, 1, 0)
    rows, last = link(head, plan_plain(drafts, 0)[0], 1_700_000_000_000_000)
    declared = tables(connection.dialect.name)
    if rows:
        said = [dict(zip(FIELDS, row, strict=True)) for row in rows]
        connection.execute(insert(declared.entries), said)
    connection.execute(
        insert(declared.head).values(
            id=1, ledger=head.ledger, position=count, hash=last, epoch=1, received=0
        )
    )


async def rows_of(engine: AsyncEngine) -> list[Any]:
    entries = tables(engine.dialect.name).entries
    async with engine.connect() as connection:
        return list((await connection.execute(select(entries).order_by("position"))).all())


async def test_a_database_that_is_new_enough_is_left_alone(empty: list[AsyncEngine]) -> None:
    scripts = ScriptDirectory(str(migrations_folder()))
    assert scripts.get_current_head() == NEWEST
    await upgrade(empty[0])
    program = """
import asyncio, sys
from scoreboard.database.engine import make_engine
from scoreboard.database.migrate import NEWEST, migrations_folder, upgrade
asyncio.run(upgrade(make_engine(sys.argv[1])))
assert "alembic" not in sys.modules
"""
    url = empty[0].url.render_as_string(hide_password=False)
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, url)
    assert await child.wait() == 0
