"""From nothing, or from an older schema, to the schema of this program: all of it in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL

from kpi_agent.domain.errors import StoreError
from kpi_agent.store.audit import append
from kpi_agent.store.backup import back_up
from kpi_agent.store.engine import connect, database_url
from kpi_agent.store.peek import APPLICATION_ID, SCHEMA_VERSION
from kpi_agent.store.version import check_creation, check_version, schema_version

_SCRIPTS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: schema versions, 0 for no store; *backup* is the copy of the file as it was before."""

    before: int
    after: int
    backup: Path | None = None


def upgrade(url: str, *, state_dir: Path, now: int) -> Upgrade:
    """Bring the store at *url* to this program's schema, making it if there is none; repeating it does nothing.

    An existing SQLite file is copied to ``backups/`` first. Raises StoreError when the store is newer than the program,
    damaged or another program's; then, and when it is interrupted, nothing has changed.
    """
    address = database_url(url, state_dir)
    before = schema_version(address) or 0
    if before == 0:
        create(address, state_dir)
        return Upgrade(0, SCHEMA_VERSION)
    if before >= SCHEMA_VERSION:
        check_version(address, before)
        return Upgrade(before, before)
    backup = None
    if address.get_backend_name() == "sqlite":
        backup = back_up(Path(str(address.database)), state_dir / "backups", now=now)
    _migrate(address, at=now)
    return Upgrade(before, SCHEMA_VERSION, backup)


def create(address: URL, state_dir: Path) -> None:
    """Make the store at *address*, where ``schema_version`` found none; StoreError when one was there and is lost."""
    check_creation(address, state_dir)
    if address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        try:
            path.touch(mode=0o640)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be made: {error.strerror}; state_dir must exist and be writable"
            ) from error
    _migrate(address, at=None)


def _migrate(address: URL, *, at: int | None) -> None:
    database = connect(address)
    if database.is_sqlite:
        # Rebuilding a table under foreign keys with cascades empties its children; inside a transaction it is too late.
        event.listen(database.engine, "connect", _without_foreign_keys)
    try:
        with database.writing() as connection:
            before = _row_counts(connection)
            _run_scripts(connection)
            after = _row_counts(connection)
            lost = sorted(name for name, count in before.items() if after.get(name) != count)
            if lost or _has_orphans(connection):
                names = ", ".join(lost) or "a table that others refer to"
                raise StoreError(f"{database.name}: the upgrade would lose rows of {names}; nothing was changed")
            if database.is_sqlite:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            if at is not None:
                append(connection, at=at, action="migration", subject="schema", detail={"to": SCHEMA_VERSION})
    finally:
        database.close()


def _run_scripts(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


def _row_counts(connection: Connection) -> dict[str, int]:
    names = connection.dialect.get_table_names(connection)
    return {
        name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our own tables
        for name in names
        if name != "alembic_version"
    }


def _has_orphans(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False  # PostgreSQL keeps its keys while tables change
    return connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None
