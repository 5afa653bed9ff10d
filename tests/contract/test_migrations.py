"""Migrations build exactly the schema that the code declares, on both databases."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from own_postgres import execute, in_database
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import make_engine
from scoreboard.database.migrate import NEWEST, migrations_folder, upgrade
from scoreboard.ledger.schema import tables, triggers

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
