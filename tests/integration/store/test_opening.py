from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.schema import CreateIndex, CreateTable

from integration.store.samples import NOW, export, ticket
from kpi_agent.domain.errors import StoreError
from kpi_agent.store import migrate, peek, version
from kpi_agent.store.migrate import Upgrade, upgrade
from kpi_agent.store.open import open_store
from kpi_agent.store.peek import SCHEMA_VERSION
from kpi_agent.store.schema import metadata

URL = "sqlite:///kpi-agent.db"


def test_a_store_is_made_where_there_is_none_and_found_again(url: str, tmp_path: Path) -> None:
    first = open_store(url, state_dir=tmp_path)
    first.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    first.close()

    again = open_store(url, state_dir=tmp_path)
    assert [t.id for t in again.tickets.tickets("desk")] == ["1"]
    again.close()


def test_an_upgrade_makes_a_store_and_repeating_it_does_nothing(url: str, tmp_path: Path) -> None:
    assert upgrade(url, state_dir=tmp_path, now=NOW) == Upgrade(0, SCHEMA_VERSION)
    assert upgrade(url, state_dir=tmp_path, now=NOW) == Upgrade(SCHEMA_VERSION, SCHEMA_VERSION)


def test_an_empty_file_becomes_a_store_that_others_may_not_read(tmp_path: Path) -> None:
    open_store(URL, state_dir=tmp_path).close()

    assert stat.S_IMODE((tmp_path / "kpi-agent.db").stat().st_mode) & 0o007 == 0
    assert peek.examine(tmp_path / "kpi-agent.db") == SCHEMA_VERSION
    assert [path.name for path in tmp_path.iterdir()] == ["kpi-agent.db"], "the last to close folds the log in"


def test_a_file_opened_once_and_never_written_becomes_a_store(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kpi-agent.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")

    open_store(URL, state_dir=tmp_path).close()

    assert peek.examine(tmp_path / "kpi-agent.db") == SCHEMA_VERSION


def test_a_newer_schema_is_refused(url: str, tmp_path: Path) -> None:
    _set_version(url, tmp_path, "0099")

    with pytest.raises(StoreError, match=r"written by a newer kpi-agent \(schema 99\): upgrade the program"):
        open_store(url, state_dir=tmp_path)
    with pytest.raises(StoreError, match="upgrade the program"):
        upgrade(url, state_dir=tmp_path, now=NOW)


def test_an_older_schema_names_the_command_to_run(url: str, tmp_path: Path) -> None:
    _set_version(url, tmp_path, "0000")

    with pytest.raises(StoreError, match="kpi-agent db upgrade"):
        open_store(url, state_dir=tmp_path)


@pytest.mark.parametrize(
    "content", [b"not a database at all, but a shopping list" * 200, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kpi-agent.db"
    path.write_bytes(content)

    for use in (lambda: open_store(URL, state_dir=tmp_path), lambda: upgrade(URL, state_dir=tmp_path, now=NOW)):
        with pytest.raises(StoreError, match=r"kpi-agent\.db.*copy the newest file of backups/"):
            use()

    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_another_programs_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "kpi-agent.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE invoices (id INTEGER)")
        connection.commit()
    before = path.read_bytes()

    with pytest.raises(StoreError, match="no store of kpi-agent"):
        open_store(URL, state_dir=tmp_path)

    assert path.read_bytes() == before


def test_a_database_shared_with_another_program_is_refused(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("cluster")
    shared = create_engine(f"{server}/postgres")
    with shared.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id integer)"))
    shared.dispose()

    with pytest.raises(StoreError, match="database of its own"):
        open_store(f"{server}/postgres", state_dir=tmp_path)


def test_a_lost_store_is_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    for name in (
        "kpi-agent-20261001T000000Z.db",
        "kpi-agent-20261101T000000Z.db",
        ".kpi-agent-20261201T000000Z.db.part",
    ):
        (tmp_path / "backups" / name).write_bytes(b"")

    with pytest.raises(StoreError, match=r"cp .*backups/kpi-agent-20261101T000000Z\.db .*kpi-agent\.db"):
        open_store(URL, state_dir=tmp_path)

    assert not (tmp_path / "kpi-agent.db").exists()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "kpi-agent.db"])
def test_an_address_that_keeps_nothing_or_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(StoreError, match=r"store\.url.*sqlite:///kpi-agent\.db"):
        open_store(address, state_dir=tmp_path)


def test_a_missing_database_driver_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"pg8000.*install kpi-agent\[postgres\]"):
        open_store("postgresql+pg8000://kpi@127.0.0.1/kpi", state_dir=tmp_path)


def test_a_state_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="state_dir must exist"):
        open_store(URL, state_dir=tmp_path / "nowhere")


def test_an_existing_file_is_backed_up_before_an_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_one_ticket(tmp_path)
    _pretend_another_migration(monkeypatch, tmp_path, "op.execute('CREATE TABLE extra (id INTEGER) STRICT')")

    done = upgrade(URL, state_dir=tmp_path, now=NOW)

    assert done == Upgrade(SCHEMA_VERSION, SCHEMA_VERSION + 1, tmp_path / "backups" / "kpi-agent-20260921T141320Z.db")
    assert (peek.examine(done.backup), peek.examine(tmp_path / "kpi-agent.db")) == (
        SCHEMA_VERSION,
        SCHEMA_VERSION + 1,
    )
    assert list((tmp_path / "backups").iterdir()) == [done.backup]


def test_a_store_of_the_first_schema_keeps_its_tickets(tmp_path: Path) -> None:
    _with_one_ticket(tmp_path)
    with closing(sqlite3.connect(tmp_path / "kpi-agent.db")) as connection, connection:
        connection.execute("DROP TABLE known_row")
        connection.execute("DROP TABLE draft")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")

    done = upgrade(URL, state_dir=tmp_path, now=NOW)

    store = open_store(URL, state_dir=tmp_path)
    assert (done.before, done.after) == (1, SCHEMA_VERSION)
    assert [ticket.id for ticket in store.tickets.tickets("desk")] == ["1"]
    assert store.tickets.known_rows("desk") is None
    store.close()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "op.execute('DELETE FROM rejected_row'); op.execute('DELETE FROM ticket_version')",
            "lose rows of ticket_version",
        ),
        ("op.execute('CREATE TABLE extra (id INTEGER)'); op.execute('nonsense')", "syntax error"),
        ("op.execute('UPDATE ticket_version SET import_id = 7')", "lose rows of a table that others refer to"),
    ],
)
def test_an_upgrade_that_fails_or_would_lose_rows_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    _with_one_ticket(tmp_path)
    before = _dump(tmp_path / "kpi-agent.db")
    _pretend_another_migration(monkeypatch, tmp_path, script)

    with pytest.raises(StoreError, match=message):
        upgrade(URL, state_dir=tmp_path, now=NOW)

    assert _dump(tmp_path / "kpi-agent.db") == before


def test_the_migrations_build_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    open_store(URL, state_dir=tmp_path).close()
    engine = create_engine("sqlite://")
    declared = {str(CreateTable(table).compile(engine)).strip() for table in metadata.sorted_tables}
    declared |= {str(CreateIndex(index).compile(engine)) for table in metadata.sorted_tables for index in table.indexes}

    with closing(sqlite3.connect(tmp_path / "kpi-agent.db")) as connection:
        built = {sql.strip() for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}

    assert {_parts(sql) for sql in built if "alembic_version" not in sql} == {_parts(sql) for sql in declared}


def test_every_table_of_the_store_is_strict(tmp_path: Path) -> None:
    open_store(URL, state_dir=tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "kpi-agent.db")) as connection:
        tables = {row[1]: row[5] for row in connection.execute("PRAGMA table_list") if row[2] == "table"}

    loose = {name for name, is_strict in tables.items() if not is_strict and not name.startswith("sqlite_")}
    assert loose == {"alembic_version"}  # Alembic's own


def test_the_program_knows_the_number_of_its_newest_migration() -> None:
    newest = max((Path(migrate.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))

    assert int(newest.name[:4]) == SCHEMA_VERSION


def test_a_connection_is_as_safe_as_it_is_meant_to_be(tmp_path: Path) -> None:
    store = open_store(URL, state_dir=tmp_path)
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema", "wal_autocheckpoint")
    with store.database.reading() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}
    store.close()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "trusted_schema": 0,
        "wal_autocheckpoint": 0,
    }


def test_only_the_daemon_folds_the_log_in(tmp_path: Path) -> None:
    daemon = open_store(URL, state_dir=tmp_path, is_daemon=True)
    command = open_store(URL, state_dir=tmp_path)
    command.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    log = tmp_path / "kpi-agent.db-wal"
    assert log.stat().st_size > 0

    with pytest.raises(StoreError, match="only the daemon"):
        command.checkpoint()
    assert daemon.checkpoint()

    assert log.stat().st_size == 0
    command.close()
    daemon.close()


def test_opening_a_store_does_not_load_alembic(tmp_path: Path) -> None:
    open_store(URL, state_dir=tmp_path).close()
    script = (
        "import json, sys; from pathlib import Path; from kpi_agent.store.open import open_store;"
        f"open_store({URL!r}, state_dir=Path({str(tmp_path)!r})).close();"
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] == 'alembic']))"
    )

    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert json.loads(done.stdout) == []


def _set_version(url: str, state_dir: Path, number: str) -> None:
    store = open_store(url, state_dir=state_dir)
    with store.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
    store.close()


def _with_one_ticket(state_dir: Path) -> None:
    store = open_store(URL, state_dir=state_dir)
    store.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    store.close()


def _pretend_another_migration(monkeypatch: pytest.MonkeyPatch, folder: Path, statements: str) -> None:
    """A later release: the shipped scripts, and one more."""
    scripts = folder / "scripts"
    (scripts / "versions").mkdir(parents=True)
    shipped = Path(migrate.__file__).parent / "migrations"
    for script in (shipped / "env.py", *shipped.glob("versions/*.py")):
        (scripts / script.relative_to(shipped)).write_text(script.read_text())
    last, following = f"{SCHEMA_VERSION:04}", f"{SCHEMA_VERSION + 1:04}"
    another = (
        "from alembic import op\n"
        f"revision = '{following}'\ndown_revision = '{last}'\ndef upgrade() -> None:\n    {statements}\n"
    )
    (scripts / "versions" / f"{following}_another.py").write_text(another)
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)
    monkeypatch.setattr(migrate, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr(version, "SCHEMA_VERSION", SCHEMA_VERSION + 1)


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def _parts(sql: str) -> tuple[str, ...]:
    """A statement as its words; constraints in any order."""
    return tuple(
        sorted(" ".join(part.split()).rstrip(",") for part in sql.replace(", \n", ",\n").split("\n") if part.strip())
    )
