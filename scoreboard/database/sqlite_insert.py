"""Many rows into SQLite by few statements and few bindings.

The standard library binds numbers, text and `bytearray` at once, but looks for an adapter for
anything else, `None` and `bytes` included, which costs more than the row. So columns that are null
in all rows are left out, bytes go as `bytearray`, and what all of many rows share is bound once.
And after each statement the thread must wait for the interpreter's lock again, so one statement
takes many rows. A row that is refused takes the whole transaction back (OR ROLLBACK): so SQLite
need not keep a copy of every page for taking back one statement alone.
"""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from scoreboard.database.script import Filing, Insert, Row

# SQLite takes 32,766 parameters a statement; of each size one is prepared once and kept.
ROWS_A_STATEMENT = (500, 100, 50, 10, 1)
SHARED_ROWS_MIN = 50  # few rows share this or that by chance: each time another statement


def insert_all(connection: sqlite3.Connection, insert: Insert, rows: Sequence[Row]) -> None:
    """Insert all rows, in order; a row that is refused rolls the transaction back."""
    if len(rows) == 1:
        _insert_one(connection, insert, rows[0])
    else:
        _insert_many(connection, insert, rows)
    if insert.filing is not None:
        _file(connection, insert.filing, rows[0][0], rows[-1][0])


def _file(connection: sqlite3.Connection, filing: Filing, first: int, last: int) -> None:
    before, within = (number - number % filing.every for number in (first - 1, last))
    if within > before:
        connection.execute(filing.sqlite, (before, within))


def _insert_many(connection: sqlite3.Connection, insert: Insert, rows: Sequence[Row]) -> None:
    names: list[str] = []
    values: list[str] = []
    shared: list[Any] = []
    columns: list[Sequence[Any]] = []
    for name, column in zip(insert.names, zip(*rows, strict=True), strict=True):
        first = column[0]
        alike = first == column[-1] and column.count(first) == len(column)
        if alike and first is None:
            continue
        names.append(name)
        if alike and len(rows) >= SHARED_ROWS_MIN:
            shared.append(_bindable(first))
            values.append("?")
        else:
            columns.append(_all_bindable(column) if type(first) is bytes else column)
            values.append(f"column{len(columns)}")
    bound = list(zip(*columns, strict=True))
    start = 0
    for size in ROWS_A_STATEMENT:
        while len(bound) - start >= size:
            sql = _many(insert.table, tuple(names), tuple(values), size)
            some = chain.from_iterable(bound[start : start + size])
            connection.execute(sql, (*shared, *some))
            start += size


def _insert_one(connection: sqlite3.Connection, insert: Insert, row: Row) -> None:
    said = [
        (name, value) for name, value in zip(insert.names, row, strict=True) if value is not None
    ]
    names, values = zip(*said, strict=True)
    connection.execute(_one(insert.table, names), list(map(_bindable, values)))


def _all_bindable(column: Sequence[Any]) -> Sequence[Any]:
    return list(map(_bindable if None in column else bytearray, column))


def _bindable(value: Any) -> Any:
    return bytearray(value) if type(value) is bytes else value


@lru_cache(maxsize=64)
def _one(table: str, names: tuple[str, ...]) -> str:
    return f"{_into(table, names)} VALUES ({', '.join('?' * len(names))})"


@lru_cache(maxsize=64)
def _many(table: str, names: tuple[str, ...], values: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join('?' * (len(values) - values.count('?')))})"
    listed = ", ".join([row] * rows)
    return f"{_into(table, names)} SELECT {', '.join(values)} FROM (VALUES {listed})"  # noqa: S608 - ours


def _into(table: str, names: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"INSERT OR ROLLBACK INTO {table} ({listed})"
