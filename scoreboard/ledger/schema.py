"""The tables of the ledger's database, as a function of the dialect.

`entries` is the ledger, `head` its one row of state. Beside it stand the registers that cannot be
derived from it: `keys`, `sessions`, `signed_heads` and, on Postgres, the `leases` of processes.
Every unique key of entries begins with the competition, so that Postgres can partition by it;
SQLite's key is the position, which is its row id.

An index by contest would be the dearest part of an append on SQLite: entries of sixteen contests
in turns touch sixteen of its pages, and each commit writes whole pages. There, `filed` stands for
it: contest and position of every entry up to the last multiple of `FILED_ENTRIES`, added in one
statement in the transaction that passes the multiple. Who reads a contest reads `filed` up to there
and looks through the entries beyond, fewer than `FILED_ENTRIES` (`entries_of_contest`).

The database itself refuses to change or delete an entry; the one change that it lets through is an
erasure: payload and salt become null and nothing else changes. One way stays open on SQLite to
whoever may write its file: INSERT OR REPLACE takes the row in its way without asking a trigger
(`recursive_triggers` is off, and each connection's own to set). A trigger before each insert would
refuse it, and cost every event a fifth of the writer's time; `verify` finds what was replaced.
"""

from functools import cache
from typing import Any

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
    ScalarSelect,
    Select,
    Subquery,
    Table,
    Text,
    UniqueConstraint,
    select,
    text,
    union_all,
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
FILED_ENTRIES = 2_048
"""So many entries are filed by contest at once; changed only by a migration that files anew."""


class Tables(Struct, frozen=True):
    """The tables of one dialect; `filed` on SQLite alone."""

    metadata: MetaData
    head: Table
    entries: Table
    filed: Table | None
    keys: Table
    sessions: Table
    signed_heads: Table

    @property
    def filed_upto(self) -> ScalarSelect[int]:
        """The last position that is filed by contest, of the snapshot in which it is asked."""
        position = self.head.c.position
        return select(position - position % FILED_ENTRIES).scalar_subquery()

    def entries_of_contest(self, competition: str, contest: str) -> Subquery:
        """The entries of one contest, to be read on by position, either way."""
        e, filed = self.entries, self.filed
        own: Select[Any] = select(e).where(e.c.competition == competition, e.c.contest == contest)
        if filed is None:
            return own.subquery()
        columns = (filed.c.position if c.name == "position" else c for c in e.c)
        upto: Select[Any] = (
            select(*columns)
            .join_from(filed, e, e.c.position == filed.c.position)
            .where(filed.c.competition == competition, filed.c.contest == contest)
            .where(filed.c.position <= self.filed_upto)
        )
        return union_all(upto, own.where(e.c.position > self.filed_upto)).subquery()


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
        filed=None if dialect == "postgresql" else _filed(metadata),
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
        Index("entries_contest", c.competition, c.contest, c.position)
    else:
        Index("entries_competition", c.competition, c.position)
        Index("entries_outside", c.competition, c.position, sqlite_where=text("contest IS NULL"))
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


def _filed(metadata: MetaData) -> Table:
    return Table(
        "filed",
        metadata,
        Column("competition", Text, nullable=False),
        Column("contest", Text, nullable=False),
        Column("position", number(), nullable=False, autoincrement=False),
        PrimaryKeyConstraint("competition", "contest", "position", name="filed_pkey"),
        sqlite_with_rowid=False,
    )


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
    table = Table(
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
    in_force = text("revoked_us IS NULL")
    Index(
        "keys_name",
        table.c.name,
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    return table


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
        "CREATE TRIGGER filed_no_update BEFORE UPDATE ON filed "
        "BEGIN SELECT RAISE(ABORT, 'what is filed is never changed'); END",
        "CREATE TRIGGER filed_no_delete BEFORE DELETE ON filed "
        "BEGIN SELECT RAISE(ABORT, 'what is filed is never changed'); END",
    )
