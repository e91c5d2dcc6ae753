from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from integration.store.samples import NOW, document, entry, export, ticket
from kpi_agent.domain.due import Stage
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.records import SourceRun
from kpi_agent.store.open import Store, open_store
from kpi_agent.store.peek import SCHEMA_VERSION, Glance, PeriodGlance, SnapshotGlance, glance

URL = "sqlite:///kpi-agent.db"


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    """A live store with something of everything that status shows."""
    store = open_store(URL, state_dir=tmp_path)
    for day, content in ((0, b"old"), (86400, b"morning"), (90000, b"noon")):
        store.snapshots.put("acme", "2026-10", content, now=NOW - NOW % 86400 + day)
    store.runs.note(SourceRun("main", NOW, NOW + 2, is_ok=True, detail="series=42"))
    store.runs.note(SourceRun("main", NOW + 9, NOW + 10, is_ok=False, detail="refused"))
    store.tickets.take(export("new.csv", [ticket("1")], as_of=3000), observed_from=None, now=NOW)
    store.tickets.take(export("late.csv", [ticket("2")], as_of=2000), observed_from=None, now=NOW + 5)
    october, november = entry("2026-10"), entry("2026-11", as_of=NOW + 60)
    store.ledger.close(store.ledger.begin(october), document(b"{}"), now=NOW)
    store.ledger.move(store.ledger.entries("acme")["2026-10"], Stage.SENT, now=NOW)
    store.ledger.begin(november)
    yield store
    store.close()


def _path(store: Store) -> Path:
    return Path(store.database.name)


def _check(seen: Glance) -> None:
    noon = NOW - NOW % 86400 + 90000
    november = PeriodGlance("acme", "2026-11", 1, "collecting", NOW + 60, "", NOW + 60)
    assert seen.schema_version == SCHEMA_VERSION
    assert seen.snapshots == {"acme": SnapshotGlance("acme", "2026-10", noon, b"noon")}
    assert seen.runs == {
        "main": SourceRun("main", NOW + 9, NOW + 10, is_ok=False, detail="refused", last_ok=NOW + 2),
    }
    assert {name: (i.file, i.as_of, i.rows) for name, i in seen.imports.items()} == {"desk": ("new.csv", 3000, 1)}
    assert (seen.periods, seen.unfinished) == ({"acme": november}, (november,))


def test_a_live_store_is_seen_with_what_is_still_in_its_log(filled: Store) -> None:
    seen = glance(_path(filled))

    _check(seen)
    assert seen.log_size > 0


def test_a_closed_store_is_seen_and_nothing_is_left_beside_it(filled: Store) -> None:
    filled.close()

    seen = glance(_path(filled))

    _check(seen)
    assert (seen.size, seen.log_size) == (_path(filled).stat().st_size, 0)
    assert list(_path(filled).parent.iterdir()) == [_path(filled)]


def test_looking_does_not_wait_for_a_writer(filled: Store) -> None:
    with filled.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM snapshot")

        _check(glance(_path(filled)))


def test_a_store_that_may_only_be_read_is_seen(filled: Store, tmp_path: Path) -> None:
    filled.close()
    folder = tmp_path / "archive"
    folder.mkdir()
    shutil.move(_path(filled), folder)
    script = (
        "import sys; from pathlib import Path; from kpi_agent.store.peek import glance;"
        "print(glance(Path(sys.argv[1])).snapshots['acme'].content.decode())"
    )
    path = folder / "kpi-agent.db"
    path.chmod(0o444)
    folder.chmod(0o555)
    # Root may write anywhere; without its capabilities it is held to the permissions like anyone else.
    unprivileged = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []

    done = subprocess.run(
        [*unprivileged, sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    folder.chmod(0o755)

    assert (done.stdout, done.stderr) == ("noon\n", "")
    assert list(folder.iterdir()) == [path]


def test_a_store_left_by_a_killed_writer_is_seen_with_its_log(filled: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("kpi-agent.db", "kpi-agent.db-wal"):
        shutil.copy(tmp_path / name, copy)

    _check(glance(copy / "kpi-agent.db"))


def test_a_figure_changed_on_disk_is_never_shown(filled: Store) -> None:
    filled.close()
    with closing(sqlite3.connect(_path(filled))) as connection:
        connection.execute("UPDATE snapshot SET content = CAST('moon' AS BLOB) WHERE content = CAST('noon' AS BLOB)")
        connection.commit()

    with pytest.raises(StoreError, match="snapshot: the content of a row does not match its digest"):
        glance(_path(filled))


def test_a_missing_store_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store yet; 'kpi-agent collect'"):
        glance(tmp_path / "kpi-agent.db")


def test_looking_loads_no_database_library() -> None:
    script = "import json, sys, kpi_agent.store.peek; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"

    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert not {"sqlalchemy", "alembic", "pydantic", "yaml"} & set(json.loads(done.stdout))
