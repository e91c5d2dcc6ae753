"""The first tables. A migration is frozen: it repeats the schema of its day and imports nothing from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(name: str, *, is_null: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=is_null)


def _whole(name: str, *, is_null: bool = False) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, nullable=is_null, autoincrement=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _flag(table: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{name} IN (0, 1)", name=op.f(f"ck_{table}_{name}"))


def _create(table: str, *items: sa.schema.SchemaItem, key: tuple[str, ...], has_rowid: bool = True) -> None:
    primary = sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}"))
    op.create_table(table, *items, primary, sqlite_strict=True, sqlite_with_rowid=has_rowid)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _of_import(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["import_id"], ["import_file.id"], name=op.f(f"fk_{table}_import_id"))


def upgrade() -> None:
    _sources()
    _tickets()
    _observations()
    _reports()
    _seals()


def _sources() -> None:
    _create(
        "source_run",
        _whole("id"),
        _text("source"),
        _whole("started"),
        _whole("finished"),
        _whole("is_ok"),
        _flag("source_run", "is_ok"),
        _text("detail"),
        _whole("last_ok", is_null=True),
        _text("server", is_null=True),
        _whole("clock_difference", is_null=True),
        _bytes("digest"),
        key=("id",),
    )
    _index("source_run", "source", "id")


def _tickets() -> None:
    _create(
        "import_file",
        _whole("id"),
        _text("source"),
        _text("file"),
        _text("sha256"),
        _whole("as_of"),
        _whole("observed_from", is_null=True),
        _whole("row_count"),
        _whole("rejected"),
        _text("rejected_by_reason"),
        _whole("is_truncated"),
        _flag("import_file", "is_truncated"),
        _whole("is_event_log"),
        _flag("import_file", "is_event_log"),
        _text("reading"),
        _whole("imported_at"),
        _bytes("digest"),
        _unique("import_file", "source", "sha256"),
        key=("id",),
    )
    _create(
        "ticket_version",
        _whole("id"),
        _text("source"),
        _text("ticket"),
        _whole("updated", is_null=True),
        _whole("import_id"),
        _whole("line"),
        _bytes("fingerprint"),
        _text("content"),
        _bytes("digest"),
        _of_import("ticket_version"),
        _unique("ticket_version", "source", "ticket", "import_id"),
        key=("id",),
    )
    _create(
        "sighting",
        _whole("import_id"),
        _text("source"),
        _bytes("held"),
        _bytes("digest"),
        _of_import("sighting"),
        key=("import_id",),
    )
    _create(
        "rejected_row",
        _whole("import_id"),
        _whole("position"),
        _whole("line"),
        _text("code"),
        _text("reason"),
        _text("raw"),
        _bytes("digest"),
        _of_import("rejected_row"),
        key=("import_id", "position"),
    )


def _observations() -> None:
    _create(
        "run",
        _text("source"),
        _text("scope"),
        _text("signal"),
        _text("subject"),
        _whole("started"),
        _whole("ended"),
        _text("value"),
        _bytes("digest"),
        sa.CheckConstraint("started < ended", name=op.f("ck_run_order")),
        key=("source", "scope", "signal", "subject", "started"),
        has_rowid=False,
    )
    _index("run", "source", "scope", "signal", "ended")
    _create(
        "observation",
        _text("source"),
        _text("scope"),
        _text("signal"),
        _whole("day"),
        _whole("samples"),
        _whole("expected"),
        _whole("sampling_interval"),
        _whole("is_gridded"),
        _flag("observation", "is_gridded"),
        _text("query"),
        _text("warnings"),
        _bytes("digest"),
        key=("source", "scope", "signal", "day"),
        has_rowid=False,
    )
    _create(
        "event",
        _text("source"),
        _text("scope"),
        _text("kind"),
        _text("subject"),
        _whole("at"),
        _text("variant"),
        _text("body"),
        _whole("recorded_at"),
        _bytes("digest"),
        key=("source", "scope", "kind", "subject", "at", "variant"),
        has_rowid=False,
    )


def _reports() -> None:
    _create(
        "snapshot",
        _text("contract"),
        _text("period"),
        _whole("day"),
        _whole("taken_at"),
        _bytes("content"),
        _bytes("digest"),
        key=("contract", "period", "day"),
    )
    _create(
        "period",
        _text("contract"),
        _text("period"),
        _whole("revision"),
        _text("stage"),
        _whole("as_of"),
        _whole("newest_import"),
        _text("reason"),
        _whole("updated"),
        _bytes("digest"),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_period_revision")),
        key=("contract", "period", "revision"),
    )
    _create(
        "document",
        _whole("id"),
        _text("contract"),
        _text("period"),
        _whole("revision"),
        _bytes("content"),
        _text("sha256"),
        _text("previous_sha256", is_null=True),
        _whole("closed_at"),
        _bytes("digest"),
        _unique("document", "contract", "period", "revision"),
        key=("id",),
    )
    _create(
        "outbox",
        _text("message_id"),
        _text("contract"),
        _text("period"),
        _whole("revision"),
        _text("recipient"),
        _bytes("content"),
        _text("state"),
        _whole("attempts"),
        _whole("next_attempt", is_null=True),
        _whole("queued_at"),
        _whole("updated"),
        _text("detail"),
        _bytes("digest"),
        _unique("outbox", "contract", "period", "revision", "recipient"),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'accepted', 'refused', 'deferred', 'unknown')",
            name=op.f("ck_outbox_state"),
        ),
        key=("message_id",),
    )
    _create(
        "note",
        _whole("id"),
        _text("contract"),
        _text("period"),
        _text("author"),
        _text("body"),
        _whole("written_at"),
        _bytes("digest"),
        key=("id",),
    )
    _index("note", "contract", "period")


def _seals() -> None:
    _create(
        "audit",
        _whole("id"),
        _whole("at"),
        _text("action"),
        _text("subject"),
        _text("detail"),
        _text("previous"),
        _text("hash"),
        _bytes("digest"),
        key=("id",),
    )
    _create(
        "tally",
        _text("table_name"),
        _text("part"),
        _whole("row_count"),
        _whole("total"),
        _bytes("digest"),
        key=("table_name", "part"),
        has_rowid=False,
    )
