"""Many rows into SQLite by few statements and few bindings.

The standard library binds numbers, text and `bytearray` at once, but looks for an adapter for
anything else, `None` and `bytes` included, which costs more than the row. So columns that are null
in all rows are left out, and bytes go as `bytearray`. And after each statement the thread must
wait for the interpreter's lock again, so one statement takes many rows. A row that is refused
takes the whole transaction back (OR ROLLBACK): so SQLite need not keep a copy of every page for
taking back one statement alone.
"""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from scoreboard.database.script import Insert, Row

# SQLite takes 32,766 parameters a statement; of each size one is prepared once and kept.
ROWS_A_STATEMENT = (500, 100, 50, 10, 1)


def insert_all(connection: sqlite3.Connection, insert: Insert, rows: Sequence[Row]) -> None:
    """Insert all rows, in order; a row that is refused rolls the transaction back."""
    if len(rows) == 1:
        _insert_one(connection, insert, rows[0])
        return
    names: list[str] = []
    columns: list[Sequence[Any]] = []
    for name, column in zip(insert.names, zip(*rows, strict=True), strict=True):
        if column.count(None) < len(column):
            names.append(name)
            columns.append(_bindable(column))
    bound = list(zip(*columns, strict=True))
    start = 0
    for size in ROWS_A_STATEMENT:
        while len(bound) - start >= size:
            sql = _statement(insert.table, tuple(names), size)
            connection.execute(sql, tuple(chain.from_iterable(bound[start : start + size])))
            start += size


def _insert_one(connection: sqlite3.Connection, insert: Insert, row: Row) -> None:
    said = [
        (name, value) for name, value in zip(insert.names, row, strict=True) if value is not None
    ]
    names, values = zip(*said, strict=True)
    bound = [bytearray(value) if type(value) is bytes else value for value in values]
    connection.execute(_statement(insert.table, names, 1), bound)


def _bindable(column: Sequence[Any]) -> Sequence[Any]:
    if not isinstance(column[0], bytes):
        return column
    return [value if value is None else bytearray(value) for value in column]


@lru_cache(maxsize=64)
def _statement(table: str, names: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join('?' * len(names))})"
    listed = ", ".join(f'"{name}"' for name in names)
    return f"INSERT OR ROLLBACK INTO {table} ({listed}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - ours
