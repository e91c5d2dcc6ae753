"""How a database is opened and how a transaction begins; every foreign error leaves here as a StoreError."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from kpi_agent.domain.errors import StoreError
from kpi_agent.store.digest import DAMAGE_ADVICE

_BUSY_TIMEOUT_SECONDS = 30
_JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024
_WRITER_LOCK = 0x6B706961  # one advisory lock stands for "the writer" where the database has no lock of its own

_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_SECONDS * 1000}",
    "PRAGMA journal_mode=WAL",
    # NORMAL lost 96 to 540 acknowledged commits per power cut, FULL none.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    # Before SQLite 3.51.3 a checkpoint beside a writer may reset the log too early: the daemon alone checkpoints.
    # A command that was the last to close still folds the log in, so that it cannot grow for ever without a daemon.
    "PRAGMA wal_autocheckpoint=0",
    f"PRAGMA journal_size_limit={_JOURNAL_LIMIT_BYTES}",
)


@dataclass(frozen=True, slots=True)
class Database:
    """One opened database; *name* is the file, or the address without password, for messages."""

    engine: Engine
    name: str
    is_daemon: bool = False

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one writer's transaction: committed at the end of the block, undone by any exception."""
        with translated(self.name), self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_TIMEOUT_SECONDS}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the database, whatever is written meanwhile."""
        with translated(self.name), self.engine.connect() as bare:
            options: dict[str, Any] = (
                {"is_reading": True}
                if self.is_sqlite
                else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            connection = bare.execution_options(**options)
            with connection.begin():
                yield connection

    def checkpoint(self) -> bool:
        """Fold the write-ahead log into the file; False when readers kept a part of it. For the daemon alone."""
        if not self.is_daemon:
            raise StoreError(f"{self.name}: only the daemon folds the write-ahead log in")
        if not self.is_sqlite:
            return True
        with translated(self.name), self.engine.connect() as bare:
            # A checkpoint cannot run inside a transaction, and every block of a connection would begin one.
            cursor = bare.connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            answer = cursor.fetchone()
            return answer is not None and answer[0] == 0

    def close(self) -> None:
        """Close every connection; the last one to close a SQLite file folds its log in."""
        self.engine.dispose()


def database_url(url: str, state_dir: Path) -> URL:
    """Return the address, a relative SQLite path resolved against *state_dir*; StoreError for none or another kind."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"store.url is no address; write sqlite:///kpi-agent.db ({error})") from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed
    if backend != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise StoreError("store.url must name a SQLite file or a PostgreSQL database: sqlite:///kpi-agent.db")
    return parsed.set(database=str(state_dir / str(parsed.database)))


def connect(url: URL, *, is_daemon: bool = False) -> Database:
    """Return the database at *url*, nothing read or written yet; a SQLite file appears with the first connection."""
    try:
        engine = create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise StoreError(f"store.url needs the module {error.name}: install kpi-agent[postgres]") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    name = str(url.database) if engine.dialect.name == "sqlite" else url.render_as_string(hide_password=True)
    return Database(engine, name, is_daemon)


def _prepare(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin late and read before they lock: 628 of 800 updates were lost that way.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    is_reading = connection.get_execution_options().get("is_reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn the library's errors into a StoreError that names the database and says what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OverflowError, UnicodeError) as error:
        raise StoreError(_sentence(name, error)) from error


def _sentence(name: str, error: Exception) -> str:
    # PostgreSQL's further lines print the whole row: personal data has no place in a message.
    cause = next(iter(str(getattr(error, "orig", None) or error).splitlines()), type(error).__name__)
    known = (
        (("malformed", "not a database", "decode", "no such table", "no such column"), DAMAGE_ADVICE),
        (("is locked", "lock timeout"), "another process is writing; try again when it has finished"),
        (("disk I/O", "is full"), "nothing of this step was kept; mend the disk or make room, then repeat it"),
        (("readonly", "unable to open"), "check that the file and its folder belong to the user of kpi-agent"),
    )
    advice = next((text for signs, text in known if any(sign in cause for sign in signs)), "")
    return f"{name}: {cause}" + (f"; {advice}" if advice else "")
