"""The ledger, its head, and the registers beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEPT = (
    "position", "competition", "contest", "source", "id", "type", "schema", "action", "record",
    "version", "actor", "received", "time", "sent", "subject", "place", "reason", "flags",
    "extensions", "digest", "hash", "origin_ledger", "origin_position", "origin_hash",
)  # fmt: skip


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _head()
    _entries(dialect)
    _registers()
    for statement in _postgres_triggers() if dialect == "postgresql" else _sqlite_triggers():
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a ledger is never taken down")


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=nullable)


def _int(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _number(), nullable=nullable, autoincrement=False)


def _bytes(name: str, *, nullable: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _head() -> None:
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        _text("ledger"),
        _int("position"),
        _bytes("hash"),
        _int("epoch"),
        _int("received"),
        sa.CheckConstraint("id = 1", name="head_is_one_row"),
    )


def _entries(dialect: str) -> None:
    key = ("competition", "position") if dialect == "postgresql" else ("position",)
    op.create_table(
        "entries",
        _int("position"),
        _text("competition"),
        _text("contest", nullable=True),
        _text("source"),
        _text("id"),
        _text("type"),
        _int("schema"),
        _text("action"),
        _text("record"),
        _int("version"),
        _text("actor"),
        _int("received"),
        _int("time", nullable=True),
        _int("sent", nullable=True),
        _text("subject", nullable=True),
        _text("place", nullable=True),
        _text("reason", nullable=True),
        _text("flags", nullable=True),
        _text("extensions", nullable=True),
        _bytes("data", nullable=True),
        _bytes("salt", nullable=True),
        _bytes("digest"),
        _bytes("hash"),
        _text("origin_ledger", nullable=True),
        _int("origin_position", nullable=True),
        _bytes("origin_hash", nullable=True),
        sa.PrimaryKeyConstraint(*key, name="entries_pkey"),
        sa.UniqueConstraint("competition", "source", "id", name="entries_identity"),
        sa.UniqueConstraint("competition", "record", "version", name="entries_record"),
    )
    if dialect == "postgresql":
        op.create_index("entries_position", "entries", ["position"], unique=True)
    else:
        op.create_index("entries_competition", "entries", ["competition", "position"])
    op.create_index("entries_contest", "entries", ["competition", "contest", "position"])
    where = sa.text("contest IS NULL AND (type LIKE 'competition.%' OR type = 'ledger.erased')")
    op.create_index(
        "entries_definitions", "entries", ["position"], sqlite_where=where, postgresql_where=where
    )
    where = sa.text("type LIKE 'projection.%'")
    op.create_index(
        "entries_projections",
        "entries",
        ["competition", "position"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _registers() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, primary_key=True),
        _text("name"),
        _text("role"),
        _text("competition", nullable=True),
        _bytes("secret_hash"),
        _int("created_us"),
        _text("created_by"),
        _int("revoked_us", nullable=True),
        _int("last_used_us", nullable=True),
    )
    op.create_table(
        "signed_heads",
        sa.Column("position", _number(), primary_key=True, autoincrement=False),
        _bytes("hash"),
        _int("signed_us"),
        _bytes("public_key"),
        _bytes("signature"),
    )


def _sqlite_triggers() -> tuple[str, ...]:
    changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in KEPT)
    return (
        "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
        f"WHEN NEW.data IS NOT NULL OR NEW.salt IS NOT NULL OR {changed} "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
        "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    )


def _postgres_triggers() -> tuple[str, ...]:
    changed = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in KEPT)
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
