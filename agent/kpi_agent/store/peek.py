"""A quick, read-only look into a SQLite store for ``status``: standard library only, nothing computed or locked.

The columns are taken by name and each row's digest is checked, so a damaged store is CRITICAL and never a wrong figure.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.records import SourceRun
from kpi_agent.store.digest import DAMAGE_ADVICE, seal
from kpi_agent.store.run_detail import split_detail

APPLICATION_ID = 0x6B706961
"""``kpia``, in the header of a SQLite file: a database without it is not ours."""

SCHEMA_VERSION = 3
"""The number of the newest migration; a test compares it with the files. Here, for ``status`` loads no SQLAlchemy."""


class SnapshotGlance(NamedTuple):
    """The month to date of a contract as last computed, at *taken_at* (epoch seconds)."""

    contract: str
    period: str
    taken_at: int
    content: bytes


class ImportGlance(NamedTuple):
    """The file of a source with the newest as-of instant."""

    id: int
    source: str
    file: str
    as_of: int
    rows: int
    rejected: int
    is_truncated: bool
    imported_at: int


class PeriodGlance(NamedTuple):
    """A period in the ledger, in its latest revision."""

    contract: str
    period: str
    revision: int
    stage: str
    as_of: int
    reason: str
    updated: int


class Glance(NamedTuple):
    """What ``status`` shows of a store; sizes in bytes. *periods* holds the last entered one of each contract."""

    schema_version: int
    size: int
    log_size: int
    snapshots: Mapping[str, SnapshotGlance]
    runs: Mapping[str, SourceRun]
    imports: Mapping[str, ImportGlance]
    periods: Mapping[str, PeriodGlance]
    unfinished: tuple[PeriodGlance, ...]  # begun and not sent, oldest first


def examine(path: Path) -> int | None:
    """Return the schema version of the store at *path*, None when no store was made there yet.

    Nothing is written. Raises StoreError when the file is damaged, cut off, or another program's.
    """
    log = _log_of(path)
    if not path.exists() or path.stat().st_size == 0:
        if log.exists() and log.stat().st_size > 0:
            raise StoreError(f"{path} is missing or empty, but its log {log.name} is not; {DAMAGE_ADVICE}")
        return None
    with _opened(path) as connection:
        return _version(connection, path)


def glance(path: Path) -> Glance:
    """Return the newest rows of the store at *path*; StoreError when there is none or when it cannot be trusted."""
    had_log = _log_of(path).exists()
    try:
        return _look(path)
    except StoreError:
        if _log_of(path).exists() == had_log:
            raise
        return _look(path)  # a writer came or went while we looked, and with it the way to open the file


def _look(path: Path) -> Glance:
    version = examine(path)
    if version is None:
        raise StoreError(f"{path}: no store yet; 'kpi-agent collect' or 'kpi-agent import' makes one")
    log = _log_of(path)
    with _opened(path) as connection:
        connection.execute("BEGIN")  # one state for all queries, whatever is written meanwhile
        periods = {(r["contract"], r["period"]): _period(r) for r in _rows(connection, "period", "ORDER BY revision")}
        by_entry = sorted(periods.values(), key=lambda p: (p.as_of, p.period))
        return Glance(
            schema_version=version,
            size=path.stat().st_size,
            log_size=log.stat().st_size if log.exists() else 0,
            snapshots={r["contract"]: _snapshot(r) for r in _rows(connection, "snapshot", _NEWEST_SNAPSHOTS)},
            runs={r["source"]: _run(r) for r in _rows(connection, "source_run", _LATEST_RUNS)},
            imports={r["source"]: _import(r) for r in _rows(connection, "import_file", "ORDER BY as_of, sha256")},
            periods={p.contract: p for p in by_entry},
            unfinished=tuple(p for p in by_entry if p.stage != "sent"),
        )


_NEWEST_SNAPSHOTS = (
    "WHERE (contract, taken_at) IN (SELECT contract, max(taken_at) FROM snapshot GROUP BY contract) ORDER BY period"
)
_LATEST_RUNS = "WHERE id IN (SELECT max(id) FROM source_run GROUP BY source) ORDER BY source"


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # A stopped daemon leaves no log, and then a read-only open fails where the log cannot be made; but a file without
    # a log does not change under us, at least not before a writer has opened it and made one.
    mode = "mode=ro" if _log_of(path).exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)) as opened:
            yield opened
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {error}; {_advice(error)}") from error
    except (KeyError, TypeError, ValueError) as error:
        # Names of tables and columns are on the disk too: a changed one is no text any more, or another name.
        raise StoreError(f"{path}: its tables are not those of kpi-agent ({error}); {DAMAGE_ADVICE}") from error


def _advice(error: sqlite3.DatabaseError) -> str:
    if "unable to open" in str(error) or "locked" in str(error):
        return "check that it and its folder may be read, and try again"
    return DAMAGE_ADVICE


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _version(connection: sqlite3.Connection, path: Path) -> int | None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return None  # opened once, and killed before its first transaction
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID or "alembic_version" not in tables:
        raise StoreError(f"{path} is no store of kpi-agent; it was not touched: name another file in store.url")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None or not str(row[0]).isdecimal():
        raise StoreError(f"{path} does not tell its schema version; {DAMAGE_ADVICE}")
    return int(row[0])


def _rows(connection: sqlite3.Connection, table: str, condition: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} {condition}")  # noqa: S608 - both are constants of this module
    names = [column[0] for column in cursor.description]
    for values in cursor:
        row = dict(zip(names, values, strict=True))
        digest = row.pop("digest")
        if seal(table, list(row.values())) != digest:
            raise StoreError(f"{table}: the content of a row does not match its digest; {DAMAGE_ADVICE}")
        yield row


def _snapshot(row: dict[str, Any]) -> SnapshotGlance:
    return SnapshotGlance(row["contract"], row["period"], row["taken_at"], row["content"])


def _run(row: dict[str, Any]) -> SourceRun:
    detail, troubles = split_detail(row["detail"])
    return SourceRun(
        source=row["source"],
        started=row["started"],
        finished=row["finished"],
        is_ok=bool(row["is_ok"]),
        detail=detail,
        last_ok=row["last_ok"],
        server=row["server"],
        clock_difference=row["clock_difference"],
        troubles=troubles,
    )


def _import(row: dict[str, Any]) -> ImportGlance:
    return ImportGlance(
        id=row["id"],
        source=row["source"],
        file=row["file"],
        as_of=row["as_of"],
        rows=row["row_count"],
        rejected=row["rejected"],
        is_truncated=bool(row["is_truncated"]),
        imported_at=row["imported_at"],
    )


def _period(row: dict[str, Any]) -> PeriodGlance:
    return PeriodGlance(
        contract=row["contract"],
        period=row["period"],
        revision=row["revision"],
        stage=row["stage"],
        as_of=row["as_of"],
        reason=row["reason"],
        updated=row["updated"],
    )
