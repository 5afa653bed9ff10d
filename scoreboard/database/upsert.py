"""Insert or replace by key, in one statement, on both databases."""

from functools import cache
from typing import Any

from sqlalchemy import Table


@cache  # of a few tables: made once, each is compiled once
def upsert(table: Table, dialect: str) -> Any:
    """`INSERT ... ON CONFLICT (primary key) DO UPDATE` of all other columns; executemany it."""
    insert: Any  # each dialect is imported where it is used: start-up waits for neither
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    if not others:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
