"""Keys in force have each a name of its own.

Two processes could make two of one name at the same moment; of such the later ones get their id
after it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE keys SET name = name || '-' || id WHERE revoked_us IS NULL AND EXISTS ("
        "SELECT 1 FROM keys AS older WHERE older.name = keys.name AND older.revoked_us IS NULL "
        "AND (older.created_us < keys.created_us "
        "OR older.created_us = keys.created_us AND older.id < keys.id))"
    )
    in_force = sa.text("revoked_us IS NULL")
    op.create_index(
        "keys_name",
        "keys",
        ["name"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )


def downgrade() -> None:
    raise NotImplementedError("a ledger is never taken down")
