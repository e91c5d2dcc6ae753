"""Which schema a store has, and whether this program may use it; without Alembic, which only an upgrade needs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

from kpi_agent.domain.errors import StoreError
from kpi_agent.store.backup import newest_backup
from kpi_agent.store.engine import connect
from kpi_agent.store.peek import SCHEMA_VERSION, examine


def schema_version(address: URL) -> int | None:
    """Return the number of the store's schema, None when no store was made yet.

    Raises StoreError when what is there is damaged or another program's; it is never changed.
    """
    if address.get_backend_name() == "sqlite":
        return examine(Path(str(address.database)))
    database = connect(address)
    try:
        with database.reading() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                return None
            if not {"alembic_version", "tally"} <= set(tables):
                raise StoreError(
                    f"{database.name} holds tables of another program; give kpi-agent a database of its own"
                )
            return int(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    finally:
        database.close()


def check_version(address: URL, found: int) -> None:
    """Raise StoreError when a store of schema *found* is not the one that this program reads and writes."""
    name = address.render_as_string(hide_password=True)
    if found > SCHEMA_VERSION:
        raise StoreError(f"{name} was written by a newer kpi-agent (schema {found}): upgrade the program")
    if found < SCHEMA_VERSION:
        raise StoreError(f"{name} has schema {found}, this program needs {SCHEMA_VERSION}: run 'kpi-agent db upgrade'")


def check_creation(address: URL, state_dir: Path) -> None:
    """Raise StoreError when a store is missing where there was one: an empty one must never take its place."""
    if address.get_backend_name() != "sqlite":
        return
    path = Path(str(address.database))
    backup = newest_backup(path, state_dir / "backups")
    if backup is not None:
        raise StoreError(
            f"{path} is missing or empty, but there are backups of it: restore one with 'cp {backup} {path}',"
            f" or move {backup.parent} away to begin anew"
        )
