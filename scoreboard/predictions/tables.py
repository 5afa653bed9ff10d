"""The tables of the worker's store.

    games        one row a game: its number, how far it has come, what is applied, a run under way
    users        one row a user: `key` (the game's number and the user's), name, guesses in force
    histories    by the same key: every guess
    points       a thousand users a row: before and after the run that last touched them
    totals       of a published run: how many users have each total, how many are above, examples
    leaderboards of a published run: the top as it is shown
    members      who is in which league

Keys of users are the game's number in the upper bits and 0, 1, 2, ... in the order in which they
first guessed. Rows of points are numbered likewise: by key, divided by CHUNK_USERS.
"""

from functools import cache

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

GAME_BITS = 32  # of a key: users of one game
CHUNK_USERS = 1 << 10
POINT_BYTES = 8


def number() -> BigInteger:
    """64 bits; SQLite knows one kind of integer and wants its name for a row id."""
    return BigInteger().with_variant(Integer, "sqlite")


def name() -> String:
    """Text that both databases order alike: by code points."""
    return String().with_variant(String(collation="C"), "postgresql")


@cache
def tables(schema: str | None) -> MetaData:
    """The tables, in a schema of their own on Postgres."""
    metadata = MetaData(schema=schema)
    Table(
        "games",
        metadata,
        Column("game", Integer, primary_key=True, autoincrement=False),
        Column("competition", String, nullable=False, unique=True),
        Column("format", String, nullable=False),
        Column("ledger", String, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("users", BigInteger, nullable=False),
        Column("run", BigInteger, nullable=False),
        Column("cursor", BigInteger, nullable=False),
        Column("settled", BigInteger, nullable=False),
        Column("owner", String, nullable=False),
        Column("state", LargeBinary, nullable=False),
    )
    users = Table(
        "users",
        metadata,
        Column("key", number(), primary_key=True, autoincrement=False),
        Column("game", Integer, nullable=False),
        Column("name", name(), nullable=False),
        Column("slots", LargeBinary, nullable=False),
    )
    Index("users_by_name", users.c.game, users.c.name, unique=True)
    Table(
        "histories",
        metadata,
        Column("key", number(), primary_key=True, autoincrement=False),
        Column("history", LargeBinary, nullable=False),
    )
    Table(
        "points",
        metadata,
        Column("chunk", number(), primary_key=True, autoincrement=False),
        Column("run", BigInteger, nullable=False),
        Column("before", LargeBinary, nullable=False),
        Column("now", LargeBinary, nullable=False),
    )
    Table(
        "totals",
        metadata,
        Column("game", Integer, primary_key=True, autoincrement=False),
        Column("run", BigInteger, primary_key=True, autoincrement=False),
        Column("total", BigInteger, primary_key=True, autoincrement=False),
        Column("count", BigInteger, nullable=False),
        Column("above", BigInteger, nullable=False),
        Column("examples", LargeBinary, nullable=False),
    )
    Table(
        "leaderboards",
        metadata,
        Column("game", Integer, primary_key=True, autoincrement=False),
        Column("run", BigInteger, primary_key=True, autoincrement=False),
        Column("published", LargeBinary, nullable=False),
    )
    Table(
        "members",
        metadata,
        Column("game", Integer, primary_key=True, autoincrement=False),
        Column("league", String, primary_key=True),
        Column("user", name(), primary_key=True),
    )
    return metadata


def first_key(game: int) -> int:
    """The key of a game's first user."""
    return game << GAME_BITS


def first_chunk(game: int) -> int:
    """The number of a game's first row of points."""
    return first_key(game) // CHUNK_USERS
