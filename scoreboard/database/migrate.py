"""Brings a database to the newest schema; safe when several processes start at once.

The version is read and every migration runs in one transaction under a lock: SQLite's write lock,
or an advisory lock on Postgres. Who comes second finds nothing left to do.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.engine import WRITE
from scoreboard.database.lock import MIGRATION_KEY

PACKAGE = Path(__file__).resolve().parent.parent


def migrations_folder() -> Path:
    """Where the migrations are: inside the installed package, or beside it in the sources."""
    installed = PACKAGE / "_migrations"
    return installed if installed.is_dir() else PACKAGE.parent / "migrations"


async def upgrade(engine: AsyncEngine, config: Config | None = None) -> None:
    """Run every migration that the database has not seen."""
    if config is None:
        config = Config()
        config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    async with engine.connect() as plain:
        connection = await plain.execution_options(**WRITE)
        async with connection.begin():
            if engine.dialect.name == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_KEY}
                )
            await connection.run_sync(_upgrade, config)


def _upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
