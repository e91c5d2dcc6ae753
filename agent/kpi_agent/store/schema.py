"""The tables. Instants are epoch seconds; exact values are text; what is true or false is 1 or 0 (architecture.md §5).

``part`` in a table's ``info`` names the columns whose values share one row of ``tally``: how many rows there are and
the sum of their digests. Digests tell a changed row, tallies a lost one. ``migrations/`` builds these same tables.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# STRICT tables refuse BIGINT; PostgreSQL's INTEGER ends in 2038.
_WHOLE = BigInteger().with_variant(Integer(), "sqlite")
# Text is compared by code point on both: PostgreSQL's own collations differ from machine to machine.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, is_null: bool = False) -> Column[str]:
    return Column(name, _TEXT, nullable=is_null)


def _whole(name: str, *extra: SchemaItem, is_null: bool = False) -> Column[int]:
    return Column(name, _WHOLE, *extra, nullable=is_null, autoincrement=False)


def _flag(name: str) -> tuple[Column[int], CheckConstraint]:
    return _whole(name), CheckConstraint(f"{name} IN (0, 1)", name=name)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _table(name: str, *items: SchemaItem, part: tuple[str, ...] | None = None, has_rowid: bool = True) -> Table:
    info = {} if part is None else {"part": part}
    return Table(
        name,
        metadata,
        *items,
        _bytes("digest"),
        info=info,
        sqlite_strict=True,
        sqlite_with_rowid=has_rowid,
    )


source_run = _table(
    "source_run",
    _whole("id"),
    _text("source"),
    _whole("started"),
    _whole("finished"),
    *_flag("is_ok"),
    _text("detail"),
    _whole("last_ok", is_null=True),
    _text("server", is_null=True),
    _whole("clock_difference", is_null=True),
    PrimaryKeyConstraint("id"),
    Index(None, "source", "id"),
)

import_file = _table(
    "import_file",
    _whole("id"),
    _text("source"),
    _text("file"),
    _text("sha256"),
    _whole("as_of"),
    _whole("observed_from", is_null=True),
    _whole("row_count"),
    _whole("rejected"),
    _text("rejected_by_reason"),  # JSON object: code → count
    *_flag("is_truncated"),
    *_flag("is_event_log"),
    _text("reading"),  # JSON object: columns, date formats, encoding, delimiter, what the file cannot tell
    _whole("imported_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("source", "sha256"),
    part=("source",),
)

ticket_version = _table(
    "ticket_version",
    _whole("id"),
    _text("source"),
    _text("ticket"),
    _whole("updated", is_null=True),  # the desk's own instant of change; orders the versions
    _whole("import_id", ForeignKey("import_file.id")),
    _whole("line"),
    _bytes("fingerprint"),  # of content, to compare without reading it
    _text("content"),  # canonical JSON
    PrimaryKeyConstraint("id"),
    UniqueConstraint("source", "ticket", "import_id"),
    part=("source",),
)

# Which known versions a file showed unchanged, and on which lines: see sightings.py.
sighting = _table(
    "sighting",
    _whole("import_id", ForeignKey("import_file.id")),
    _text("source"),
    _bytes("held"),
    PrimaryKeyConstraint("import_id"),
    part=("source",),
)

# What the rows of the source's newest file told: see known_rows.py.
known_row = _table(
    "known_row",
    _text("source"),
    _whole("position"),
    _whole("import_id", ForeignKey("import_file.id")),
    _text("recipe"),
    _bytes("held"),
    PrimaryKeyConstraint("source", "position"),
    part=("source",),
)

rejected_row = _table(
    "rejected_row",
    _whole("import_id", ForeignKey("import_file.id")),
    _whole("position"),
    _whole("line"),
    _text("code"),
    _text("reason"),
    _text("raw"),
    PrimaryKeyConstraint("import_id", "position"),
)

run = _table(
    "run",
    _text("source"),
    _text("scope"),
    _text("signal"),
    _text("subject"),  # host, service, backup set
    _whole("started"),
    _whole("ended"),
    _text("value"),  # an exact fraction: 1, -3/7
    PrimaryKeyConstraint("source", "scope", "signal", "subject", "started"),
    CheckConstraint("started < ended", name="order"),
    Index(None, "source", "scope", "signal", "ended"),
    part=("source", "scope", "signal"),
    has_rowid=False,
)

observation = _table(
    "observation",
    _text("source"),
    _text("scope"),
    _text("signal"),
    _whole("day"),  # its first second, UTC
    _whole("samples"),
    _whole("expected"),
    _whole("sampling_interval"),
    *_flag("is_gridded"),
    _text("query"),
    _text("warnings"),  # JSON array
    PrimaryKeyConstraint("source", "scope", "signal", "day"),
    part=("source", "scope", "signal"),
    has_rowid=False,
)

event = _table(
    "event",
    _text("source"),
    _text("scope"),
    _text("kind"),
    _text("subject"),
    _whole("at"),
    _text("variant"),
    _text("body"),  # canonical JSON
    _whole("recorded_at"),
    PrimaryKeyConstraint("source", "scope", "kind", "subject", "at", "variant"),
    part=("source", "scope"),
    has_rowid=False,
)

snapshot = _table(
    "snapshot",
    _text("contract"),
    _text("period"),
    _whole("day"),  # its first second, UTC
    _whole("taken_at"),
    _bytes("content"),
    PrimaryKeyConstraint("contract", "period", "day"),
)

period = _table(
    "period",
    _text("contract"),
    _text("period"),
    _whole("revision"),
    _text("stage"),
    _whole("as_of"),
    _whole("newest_import"),
    _text("reason"),
    _whole("updated"),
    PrimaryKeyConstraint("contract", "period", "revision"),
    CheckConstraint("revision >= 1", name="revision"),
    part=("contract",),
)

document = _table(
    "document",
    _whole("id"),
    _text("contract"),
    _text("period"),
    _whole("revision"),
    _bytes("content"),
    _text("sha256"),
    _text("previous_sha256", is_null=True),
    _whole("closed_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("contract", "period", "revision"),
    part=("contract",),
)

# The document of a period that waits for approval, as it was computed at closing.
draft = _table(
    "draft",
    _text("contract"),
    _text("period"),
    _whole("revision"),
    _bytes("content"),
    PrimaryKeyConstraint("contract", "period", "revision"),
    part=("contract",),
)

outbox = _table(
    "outbox",
    _text("message_id"),
    _text("contract"),
    _text("period"),
    _whole("revision"),
    _text("recipient"),
    _bytes("content"),  # the frozen MIME message
    _text("state"),
    _whole("attempts"),
    _whole("next_attempt", is_null=True),
    _whole("queued_at"),
    _whole("updated"),
    _text("detail"),
    PrimaryKeyConstraint("message_id"),
    UniqueConstraint("contract", "period", "revision", "recipient"),
    CheckConstraint(
        "state IN ('queued', 'sending', 'accepted', 'refused', 'deferred', 'unknown')",
        name="state",
    ),
)

note = _table(
    "note",
    _whole("id"),
    _text("contract"),
    _text("period"),
    _text("author"),
    _text("body"),
    _whole("written_at"),
    PrimaryKeyConstraint("id"),
    Index(None, "contract", "period"),
)

audit = _table(
    "audit",
    _whole("id"),
    _whole("at"),
    _text("action"),
    _text("subject"),
    _text("detail"),  # canonical JSON
    _text("previous"),  # the hash of the row before; 64 zeros in the first
    _text("hash"),
    PrimaryKeyConstraint("id"),
    part=(),
)

# How many rows a part of a table has, and the sum of their digests.
tally = _table(
    "tally",
    _text("table_name"),
    _text("part"),
    _whole("row_count"),
    _whole("total"),
    PrimaryKeyConstraint("table_name", "part"),
    has_rowid=False,
)
