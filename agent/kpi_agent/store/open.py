"""The store as the rest of the program is handed it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpi_agent.store.audit import Audit
from kpi_agent.store.engine import Database, connect, database_url
from kpi_agent.store.ledger import PeriodLedger
from kpi_agent.store.lines import Lines
from kpi_agent.store.runs import Runs
from kpi_agent.store.snapshots import Snapshots
from kpi_agent.store.tickets import Tickets
from kpi_agent.store.version import check_version, schema_version


@dataclass(frozen=True, slots=True)
class Store:
    """One opened store; close it when done."""

    database: Database
    tickets: Tickets
    lines: Lines
    runs: Runs
    ledger: PeriodLedger
    snapshots: Snapshots
    audit: Audit

    def checkpoint(self) -> bool:
        """Fold the write-ahead log in (the daemon alone, after a tick); False when readers kept a part of it."""
        return self.database.checkpoint()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_store(url: str, *, state_dir: Path, is_daemon: bool = False) -> Store:
    """Return the store at *url* (``store.url``; a relative SQLite path is inside *state_dir*), made when there is none.

    Raises StoreError when it is newer than this program, older (``kpi-agent db upgrade``), damaged, another program's,
    or missing while there are backups of it.
    """
    address = database_url(url, state_dir)
    found = schema_version(address)
    if found is None:
        from kpi_agent.store.migrate import create  # noqa: PLC0415 - Alembic is heavy, and needed once in a store's life

        create(address, state_dir)
    else:
        check_version(address, found)
    database = connect(address, is_daemon=is_daemon)
    return Store(
        database,
        tickets=Tickets(database),
        lines=Lines(database),
        runs=Runs(database),
        ledger=PeriodLedger(database),
        snapshots=Snapshots(database),
        audit=Audit(database),
    )
