"""Reports that are computed and wait for somebody to approve them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("period", _TEXT, nullable=False),
        sa.Column("revision", _WHOLE, nullable=False, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("contract", "period", "revision", name=op.f("pk_draft")),
        sqlite_strict=True,
    )
