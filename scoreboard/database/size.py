"""How much room the stores take."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from scoreboard.database.faults import translated
from scoreboard.settings import Settings

LEDGER, BOARDS = "ledger", "boards"
# Tables with their indexes and what is kept outside their rows.
_BY_STORE = text(
    "SELECT n.nspname = 'boards', sum(pg_total_relation_size(c.oid)) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('boards', current_schema()) GROUP BY 1"
)


async def stored_bytes(settings: Settings, engine: AsyncEngine) -> dict[str, int]:
    """Bytes on disk of the ledger (with the registers) and of the read models.

    On SQLite the write-ahead logs are counted in. Raises Unavailable.
    """
    if engine.dialect.name == "sqlite":
        folder = Path(settings.data)
        return {store: _files(folder / f"{store}.db") for store in (LEDGER, BOARDS)}
    with translated():
        async with engine.connect() as connection:
            rows = (await connection.execute(_BY_STORE)).all()
    return {BOARDS if is_boards else LEDGER: int(size) for is_boards, size in rows}


def _files(file: Path) -> int:
    both = (file, file.with_name(file.name + "-wal"))
    return sum(one.stat().st_size for one in both if one.exists())
