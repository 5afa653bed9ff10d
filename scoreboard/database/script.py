"""Transactions written without I/O, so that one algorithm runs on both databases.

A script is a generator: it yields operations, is sent their rows, and returns a value. A runner
runs it in one transaction and commits when it returns; whatever it raises rolls back.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar

from msgspec import Struct

Row = Sequence[Any]


class Statement(Struct, frozen=True):
    """The same statement in both spellings; SQLite's parameters are `?`, Postgres's `$1`."""

    sqlite: str
    postgres: str


class Fetch(Struct, frozen=True, gc=False):
    """Run once; answered with all rows."""

    statement: Statement
    params: tuple[Any, ...] = ()


class Filing(Struct, frozen=True):
    """What SQLite does where rows, whose first column counts them, pass a multiple of `every`.

    The statement's parameters: the last multiple before the rows, and the last one within.
    """

    every: int
    sqlite: str


class Insert(Struct, frozen=True):
    """Rows of one table with these columns; on Postgres a statement of one array for each."""

    table: str
    names: tuple[str, ...]
    postgres: str
    filing: Filing | None = None


class InsertAll(Struct, frozen=True, gc=False):
    """Insert all rows. Raises Duplicate out of the runner if a unique key exists already."""

    insert: Insert
    rows: Sequence[Row]


class Advance(Struct, frozen=True, gc=False):
    """Change one row if it is as expected, and only then insert all rows: both or neither.

    Answered with whether it was done. On SQLite `guard` is the UPDATE, which finds nothing if the
    row is not as expected; on Postgres the insert's statement is both in one round trip, `params`
    before the rows' columns, with a row as its answer if it was done. It stands alone in its
    script, so that there it is a transaction by itself.
    """

    guard: str
    params: tuple[Any, ...]
    insert: Insert
    rows: Sequence[Row]


class Lookup(Struct, frozen=True, gc=False):
    """Find many keys at once; SQLite takes them as one JSON text, Postgres as arrays of text."""

    statement: Statement
    keys: Sequence[tuple[str, ...]]


Operation = Fetch | InsertAll | Advance | Lookup
T = TypeVar("T")
Script = Generator[Operation, Any, T]
Done = Callable[[T | None, BaseException | None], None]
"""Called with the result, or with None and what was raised."""


class Duplicate(Exception):
    """A unique key exists already; the transaction was rolled back."""


class Runner(Protocol):
    """Runs scripts, one at a time, on a connection of its own."""

    async def run(self, script: Callable[[], Script[T]]) -> T:
        """Run it in one durable transaction.

        Raises Unavailable if the store cannot be written now, Duplicate, or what the script raises.
        """
        ...

    def start(self, script: Callable[[], Script[T]], done: Done[T]) -> None:
        """Run it without anybody waiting: `done` hears, in the loop, what `run` would answer."""
        ...

    async def scrub(self) -> bool:
        """Leave nothing of what was erased where only the database itself looks.

        False if somebody still reads what was there: ask again later. Never raises.
        """
        ...

    async def close(self) -> None:
        """Let the connection go."""
        ...


def both(sql: str, *, postgres_suffix: str = "") -> Statement:
    """A statement that is spelled alike but for its parameters (`?`)."""
    first, *rest = sql.split("?")
    numbered = first + "".join(f"${n}{part}" for n, part in enumerate(rest, start=1))
    return Statement(sql, numbered + postgres_suffix)
