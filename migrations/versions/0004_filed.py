"""Entries filed by contest, on SQLite: in blocks, instead of an index that every append writes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FILED_ENTRIES = 2_048


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        return
    op.create_table(
        "filed",
        sa.Column("competition", sa.Text, nullable=False),
        sa.Column("contest", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("competition", "contest", "position", name="filed_pkey"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO filed SELECT competition, contest, position FROM entries "  # noqa: S608 - ours
        "WHERE contest IS NOT NULL AND position <= "
        f"(SELECT position - position % {FILED_ENTRIES} FROM head) "
        "ORDER BY competition, contest, position"
    )
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER filed_no_{act} BEFORE {act.upper()} ON filed "
            "BEGIN SELECT RAISE(ABORT, 'what is filed is never changed'); END"
        )
    op.drop_index("entries_contest", "entries")
    outside = sa.text("contest IS NULL")
    op.create_index("entries_outside", "entries", ["competition", "position"], sqlite_where=outside)


def downgrade() -> None:
    raise NotImplementedError("a ledger is never taken down")
