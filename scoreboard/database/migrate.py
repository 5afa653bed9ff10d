"""Brings a database to the newest schema; safe when several processes start at once.

The version is read and every migration runs in one transaction under a lock: SQLite's write lock,
or an advisory lock on Postgres. Who comes second finds nothing left to do, as does every start but
the first: Alembic is imported only where there is something.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import WRITE
from scoreboard.database.lock import MIGRATION_KEY

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0005"
"""The revision that the migrations lead to."""
PACKAGE = Path(__file__).resolve().parent.parent


def migrations_folder() -> Path:
    """Where the migrations are: inside the installed package, or beside it in the sources."""
    installed = PACKAGE / "_migrations"
    return installed if installed.is_dir() else PACKAGE.parent / "migrations"


async def upgrade(engine: AsyncEngine, config: Config | None = None) -> None:
    """Run every migration that the database has not seen."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(**WRITE)
        async with connection.begin():
            if engine.dialect.name == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_KEY}
                )
            if config is not None or not await connection.run_sync(_is_newest):
                await connection.run_sync(_upgrade, config)


def _is_newest(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(found) == [NEWEST]


def _upgrade(connection: Connection, config: Config | None) -> None:
    from alembic import command
    from alembic.config import Config

    if config is None:
        config = Config()
        config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
