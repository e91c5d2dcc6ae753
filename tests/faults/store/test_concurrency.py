from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import text

from integration.store.samples import NOW, entry, export, ticket
from kpi_agent.store.backup import back_up
from kpi_agent.store.open import open_store

URL = "sqlite:///kpi-agent.db"
_PROCESSES = 4

_BEGIN = """
import sys
from pathlib import Path
from integration.store.samples import NOW, entry
from kpi_agent.domain.due import Stage
from kpi_agent.store.open import open_store
from sqlalchemy import text
print("ready", flush=True)
sys.stdin.readline()
store = open_store("sqlite:///kpi-agent.db", state_dir=Path(sys.argv[1]))
"""


def _at_once(folder: Path, script: str) -> list[str]:
    """Run *script* in several processes that start together, and return what each printed."""
    search = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", _BEGIN + script, str(folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": search},
                )
            )
            for _ in range(_PROCESSES)
        ]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answers = [worker.communicate(timeout=120)[0].strip() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * _PROCESSES
    return answers


def test_four_processes_lose_no_update(home: Path) -> None:
    store = open_store(URL, state_dir=home)
    with store.database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    store.close()

    _at_once(
        home,
        """
for _ in range(200):
    with store.database.writing() as connection:
        value = connection.execute(text("SELECT value FROM counter")).scalar_one()
        connection.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})
""",
    )

    with closing(sqlite3.connect(home / "kpi-agent.db")) as connection:
        assert connection.execute("SELECT value FROM counter").fetchall() == [(800,)]


def test_a_period_is_moved_by_exactly_one_of_many_processes(home: Path) -> None:
    store = open_store(URL, state_dir=home)
    for month in range(1, 13):
        store.ledger.begin(entry(f"2026-{month:02d}"))
    store.close()

    moved = _at_once(
        home,
        """
seen = [entry(f"2026-{month:02d}") for month in range(1, 13)]
print(sum(store.ledger.move(each, Stage.COMPUTED, now=NOW) for each in seen))
""",
    )

    assert sum(map(int, moved)) == 12


def test_processes_that_make_the_same_store_at_once_make_one(home: Path) -> None:
    versions = _at_once(home, "print(len(store.audit.entries()), store.tickets.newest_import())")

    assert versions == ["0 0"] * _PROCESSES


@contextmanager
def _a_busy_writer(folder: Path) -> Iterator[None]:
    stop, busy = Event(), Event()

    def write() -> None:
        store = open_store(URL, state_dir=folder)
        number = 0
        while not stop.is_set():
            number += 1
            tickets = [ticket(f"{number}-{n}") for n in range(30)]
            store.tickets.take(export(f"{number}.csv", tickets, as_of=number), observed_from=None, now=NOW)
            busy.set()
        store.close()

    writer = Thread(target=write)
    writer.start()
    busy.wait(timeout=30)
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_backup_of_a_live_store_is_of_one_instant(home: Path) -> None:
    open_store(URL, state_dir=home).close()
    with _a_busy_writer(home):
        copies = [back_up(home / "kpi-agent.db", home / "backups", now=NOW + n) for n in range(5)]

    for number, copy in enumerate(copies):
        folder = home / f"restored-{number}"
        folder.mkdir()
        copy.rename(folder / "kpi-agent.db")
        store = open_store(URL, state_dir=folder)
        assert len(store.tickets.tickets("desk")) == 30 * len(store.tickets.imports("desk")) > 0
        assert store.audit.faults() == ()
        store.close()
