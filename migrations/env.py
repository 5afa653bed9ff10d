"""How Alembic reaches the ledger's database.

The program passes an open connection (`scoreboard.database.migrate`); the command line
(`alembic upgrade head`) has none and reads the settings.
"""

import asyncio

from alembic import context
from sqlalchemy import Connection

from scoreboard.database.engine import make_engine
from scoreboard.database.migrate import upgrade
from scoreboard.settings import load


def run(connection: Connection) -> None:
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


async def run_by_settings() -> None:
    engine = make_engine(load().ledger_url)
    try:
        await upgrade(engine, context.config)
    finally:
        await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_by_settings())
else:
    run(given)
