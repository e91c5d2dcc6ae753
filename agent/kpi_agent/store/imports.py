"""The files that exports came from, and the order that they give to versions of tickets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from kpi_agent.domain.export import Export, ImportRecord
from kpi_agent.store.digest import Value, storable
from kpi_agent.store.rows import part_rows
from kpi_agent.store.schema import import_file

VersionKey = tuple[int, int, str]
"""What orders the versions of a ticket: (updated, else the file's as-of; as-of; file hash), indicators.md §4."""


def version_key(updated: int | None, file: ImportRecord) -> VersionKey:
    """Return the place of a version that *file* told and that the desk dates *updated*."""
    return (file.as_of if updated is None else updated, file.as_of, file.sha256)


def read_imports(connection: Connection, source: str) -> Mapping[int, ImportRecord]:
    """Return every file taken from a source, by its number; StoreError when one is damaged or missing."""
    return {record.id: record for record in map(_record, part_rows(connection, import_file, [source]))}


def newest(files: Mapping[int, ImportRecord]) -> ImportRecord:
    """Return the last of some files in the order of versions."""
    return max(files.values(), key=lambda f: (f.as_of, f.sha256))


def import_row(export: Export, *, id: int, observed_from: int | None, now: int) -> tuple[Value, ...]:  # noqa: A002
    """Return the row that stands for *export*, taken at *now* as the *id*-th file."""
    reading = {
        "cannot_tell": sorted(export.cannot_tell),
        "columns": dict(export.columns),
        "date_formats": dict(export.date_formats),
        "delimiter": export.delimiter,
        "encoding": export.encoding,
    }
    return (
        id,
        export.source,
        storable(export.file),
        export.sha256,
        export.as_of,
        observed_from,
        export.rows,
        len(export.rejected),
        _json(Counter(row.code for row in export.rejected)),
        int(export.is_truncated),
        int(export.is_event_log),
        _json(reading),
        now,
    )


def _record(row: tuple[Value, ...]) -> ImportRecord:
    number, source, file, sha256, as_of, observed_from, row_count, rejected, reasons, is_truncated, is_log, _, at = row
    return ImportRecord(
        id=_whole(number),
        source=str(source),
        file=str(file),
        sha256=str(sha256),
        as_of=_whole(as_of),
        observed_from=None if observed_from is None else _whole(observed_from),
        rows=_whole(row_count),
        rejected=_whole(rejected),
        is_truncated=bool(is_truncated),
        imported_at=_whole(at),
        rejected_by_reason=json.loads(str(reasons)),
        is_event_log=bool(is_log),
    )


def _whole(value: Value) -> int:
    return int(value)  # type: ignore[arg-type]  # a checked row: the column is INTEGER NOT NULL


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
