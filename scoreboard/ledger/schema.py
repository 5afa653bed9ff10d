"""The tables of the ledger's database, as a function of the dialect.

`entries` is the ledger, `head` its one row of state. Beside it stand the registers that cannot be
derived from it: `keys`, `sessions`, `signed_heads` and, on Postgres, the `leases` of processes.
Every unique key of entries begins with the competition, so that Postgres can partition by it;
SQLite's key is the position, which is its row id.

The database itself refuses to change or delete an entry; the one change that it lets through is an
erasure: payload and salt become null and nothing else changes. One way stays open on SQLite to
whoever may write its file: INSERT OR REPLACE takes the row in its way without asking a trigger
(`recursive_triggers` is off, and each connection's own to set). A trigger before each insert would
refuse it, and cost every event a fifth of the writer's time; `verify` finds what was replaced.
"""

from functools import cache

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scoreboard.ledger.chain import FIELDS

NULLABLE = frozenset(
    {
        "contest", "time", "sent", "subject", "place", "reason", "flags", "extensions",
        "data", "salt", "origin_ledger", "origin_position", "origin_hash",
    }
)  # fmt: skip
# Spelled out, not bound: a partial index serves only queries that repeat its condition.
IS_DEFINITION = text("contest IS NULL AND (type LIKE 'competition.%' OR type = 'ledger.erased')")
ABOUT_PROJECTIONS = text("type LIKE 'projection.%'")
NUMBERS = frozenset({"position", "schema", "version", "received", "time", "sent"})
BYTES = frozenset({"data", "salt", "digest", "hash", "origin_hash"})


class Tables(Struct, frozen=True):
    """The tables of one dialect."""

    metadata: MetaData
    head: Table
    entries: Table
    keys: Table
    sessions: Table
    signed_heads: Table


@cache
def tables(dialect: str) -> Tables:
    """The declared schema for `sqlite` or `postgresql`."""
    metadata = MetaData()
    if dialect == "postgresql":
        _leases(metadata)
    return Tables(
        metadata=metadata,
        head=_head(metadata),
        entries=_entries(metadata, dialect),
        keys=_keys(metadata),
        sessions=_sessions(metadata),
        signed_heads=_signed_heads(metadata),
    )


def number() -> BigInteger:
    """64 bits; SQLite knows one kind of integer and wants its name for a row id."""
    return BigInteger().with_variant(Integer, "sqlite")


def _head(metadata: MetaData) -> Table:
    return Table(
        "head",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("ledger", Text, nullable=False),
        Column("position", number(), nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("epoch", number(), nullable=False),
        Column("received", number(), nullable=False),
        CheckConstraint("id = 1", name="head_is_one_row"),
    )


def _entries(metadata: MetaData, dialect: str) -> Table:
    columns = [_column(name) for name in FIELDS]
    unique = [
        UniqueConstraint("competition", "source", "id", name="entries_identity"),
        UniqueConstraint("competition", "record", "version", name="entries_record"),
    ]
    if dialect == "postgresql":
        primary = PrimaryKeyConstraint("competition", "position", name="entries_pkey")
    else:
        primary = PrimaryKeyConstraint("position", name="entries_pkey")
    table = Table("entries", metadata, *columns, primary, *unique)
    c = table.c
    if dialect == "postgresql":
        Index("entries_position", c.position, unique=True)
    else:
        Index("entries_competition", c.competition, c.position)
    Index("entries_contest", c.competition, c.contest, c.position)
    Index(
        "entries_definitions",
        c.position,
        sqlite_where=IS_DEFINITION,
        postgresql_where=IS_DEFINITION,
    )
    Index(
        "entries_projections",
        c.competition,
        c.position,
        sqlite_where=ABOUT_PROJECTIONS,
        postgresql_where=ABOUT_PROJECTIONS,
    )
    return table


def _column(name: str) -> "Column[object]":
    kind = (
        number()
        if name in NUMBERS or name == "origin_position"
        else LargeBinary()
        if name in BYTES
        else Text()
    )
    return Column(name, kind, nullable=name in NULLABLE, autoincrement=False)


def _keys(metadata: MetaData) -> Table:
    return Table(
        "keys",
        metadata,
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("competition", Text),
        Column("secret_hash", LargeBinary, nullable=False),
        Column("created_us", number(), nullable=False),
        Column("created_by", Text, nullable=False),
        Column("revoked_us", number()),
        Column("last_used_us", number()),
    )


def _sessions(metadata: MetaData) -> Table:
    return Table(
        "sessions",
        metadata,
        Column("id", Text, primary_key=True),
        Column("key", Text, nullable=False),
        Column("secret_hash", LargeBinary, nullable=False),
        Column("created_us", number(), nullable=False),
        Column("last_used_us", number(), nullable=False),
        Column("address", Text, nullable=False),
        Column("agent", Text, nullable=False),
    )


def _signed_heads(metadata: MetaData) -> Table:
    return Table(
        "signed_heads",
        metadata,
        Column("position", number(), primary_key=True, autoincrement=False),
        Column("hash", LargeBinary, nullable=False),
        Column("signed_us", number(), nullable=False),
        Column("public_key", LargeBinary, nullable=False),
        Column("signature", LargeBinary, nullable=False),
    )


def _leases(metadata: MetaData) -> Table:
    """What one of many processes does alone (see `database.leases`); `ends` in microseconds."""
    return Table(
        "leases",
        metadata,
        Column("name", Text, primary_key=True),
        Column("holder", Text, nullable=False),
        Column("token", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )


def triggers(dialect: str) -> tuple[str, ...]:
    """The statements that make the database refuse changes, one by one."""
    kept = [name for name in FIELDS if name not in ("data", "salt")]
    if dialect == "postgresql":
        changed = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in kept)
        return (
            "CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'entries are never changed'; END $$",
            "CREATE FUNCTION entries_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.data IS NOT NULL OR NEW.salt IS NOT NULL OR {changed} THEN "
            "RAISE EXCEPTION 'entries are never changed'; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
            "FOR EACH ROW EXECUTE FUNCTION entries_erase_only()",
            "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
            "FOR EACH ROW EXECUTE FUNCTION entries_refuse()",
            "CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()",
        )
    changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in kept)
    return (
        "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
        f"WHEN NEW.data IS NOT NULL OR NEW.salt IS NOT NULL OR {changed} "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
        "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    )
