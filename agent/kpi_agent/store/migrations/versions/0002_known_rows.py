"""The rows of each source's newest file, so that what comes again unchanged need not be understood again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "known_row",
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("position", _WHOLE, nullable=False, autoincrement=False),
        sa.Column("import_id", _WHOLE, nullable=False, autoincrement=False),
        sa.Column("recipe", _TEXT, nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_file.id"], name=op.f("fk_known_row_import_id")),
        sa.PrimaryKeyConstraint("source", "position", name=op.f("pk_known_row")),
        sqlite_strict=True,
    )
