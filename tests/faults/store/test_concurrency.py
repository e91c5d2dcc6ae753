from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import text

from integration.store.samples import NOW, entry, export, ticket
from kpi_agent.domain.due import Stage
from kpi_agent.store.backup import back_up
from kpi_agent.store.open import open_store

URL = "sqlite:///kpi-agent.db"
_PROCESSES = 4


def _in_processes(work: object, *arguments: object) -> list[int]:
    # Fresh interpreters, as commands beside a daemon are.
    context = multiprocessing.get_context("spawn")
    with context.Pool(_PROCESSES) as pool:
        return pool.starmap(work, [arguments] * _PROCESSES)


def _count_up(folder: str, times: int) -> int:
    store = open_store(URL, state_dir=Path(folder))
    for _ in range(times):
        with store.database.writing() as connection:
            value = connection.execute(text("SELECT value FROM counter")).scalar_one()
            connection.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})
    store.close()
    return times


def test_four_processes_lose_no_update(home: Path) -> None:
    store = open_store(URL, state_dir=home)
    with store.database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    store.close()

    _in_processes(_count_up, str(home), 200)

    with closing(sqlite3.connect(home / "kpi-agent.db")) as connection:
        assert connection.execute("SELECT value FROM counter").fetchall() == [(800,)]


def _move_once(folder: str) -> int:
    store = open_store(URL, state_dir=Path(folder))
    moved = sum(
        store.ledger.move(store.ledger.begin(entry(f"2026-{month:02d}")), Stage.COMPUTED, now=NOW)
        for month in range(1, 13)
    )
    store.close()
    return moved


def test_a_period_is_moved_by_one_of_many_processes(home: Path) -> None:
    open_store(URL, state_dir=home).close()

    assert sum(_in_processes(_move_once, str(home))) == 12


def _open(folder: str) -> int:
    store = open_store(URL, state_dir=Path(folder))
    store.close()
    return 1


def test_processes_that_make_the_same_store_at_once_make_one(home: Path) -> None:
    assert sum(_in_processes(_open, str(home))) == _PROCESSES


@contextmanager
def _a_busy_writer(folder: Path) -> Iterator[None]:
    stop = Event()

    def write() -> None:
        store = open_store(URL, state_dir=folder)
        number = 0
        while not stop.is_set():
            number += 1
            tickets = [ticket(f"{number}-{n}") for n in range(30)]
            store.tickets.take(export(f"{number}.csv", tickets, as_of=number), observed_from=None, now=NOW)
        store.close()

    writer = Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_backup_of_a_live_store_is_of_one_instant(home: Path) -> None:
    open_store(URL, state_dir=home).close()
    copies = []
    with _a_busy_writer(home):
        for n in range(5):
            copies.append(back_up(home / "kpi-agent.db", home / "backups", now=NOW + n))

    for number, copy in enumerate(copies):
        folder = home / f"restored-{number}"
        folder.mkdir()
        copy.rename(folder / "kpi-agent.db")
        store = open_store(URL, state_dir=folder)
        assert len(store.tickets.tickets("desk")) == 30 * len(store.tickets.imports("desk"))
        assert store.audit.faults() == ()
        store.close()
