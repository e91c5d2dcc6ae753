"""A process killed at any statement or any instant leaves all of a step or nothing of it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from integration.store.samples import NOW, document, entry, export, line, observation, ticket
from kpi_agent.domain.due import Stage
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.store.open import Store, open_store
from kpi_agent.store.peek import examine

URL = "sqlite:///kpi-agent.db"
_OLD = [ticket(str(n)) for n in range(20)]
_NEW = [ticket(str(n), priority="P1" if n % 2 else None) for n in range(25)]


def _take(store: Store) -> None:
    store.tickets.take(export("b.csv", _NEW, as_of=2000), observed_from=None, now=NOW)


def _close(store: Store) -> None:
    store.ledger.close(entry(), document(b"october"), now=NOW)


def _record(store: Store) -> None:
    test = RestoreTest("db", 150, RestoreMethod.FULL, is_passed=True)
    lines = {"web1": line((90, 200, 1)), "web2": line((90, 200, 0))}
    store.lines.record("main", "acme", observation((90, 200), lines, days={0: (9, 9)}, tests=[test]), now=NOW)


def _content(folder: Path) -> Any:
    """Everything the store answers; StoreError when anything in it does not fit."""
    store = open_store(URL, state_dir=folder)
    try:
        assert store.audit.faults() == ()
        return (
            store.tickets.tickets("desk"),
            store.tickets.imports("desk"),
            store.lines.lines("main", "acme", "up"),
            store.lines.observed_days("main", "acme", "up"),
            store.lines.restore_tests("main", "acme"),
            store.ledger.entries("acme"),
            store.ledger.documents("acme"),
            len(store.audit.entries()),
        )
    finally:
        store.close()


@pytest.fixture
def begun(home: Path) -> Path:
    folder = home / "begun"
    folder.mkdir()
    store = open_store(URL, state_dir=folder)
    store.tickets.take(export("a.csv", _OLD, as_of=1000), observed_from=None, now=NOW)
    store.lines.record("main", "acme", observation((0, 100), {"web1": line((0, 100, 1))}, days={0: (5, 5)}), now=NOW)
    store.ledger.begin(entry())
    store.close()
    return folder


def _killed_at(statement: int, work: Callable[[], None]) -> Callable[[], None]:
    """The same work in a process that dies as it would hand its n-th statement to the database."""

    def run() -> None:
        numbers = count(1)

        def maybe_die(*_: Any) -> None:
            if next(numbers) == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", maybe_die)
        event.listen(Engine, "commit", maybe_die)
        work()

    return run


@pytest.mark.parametrize("step", [_take, _close, _record])
def test_a_step_killed_at_any_statement_is_whole_or_absent(
    begun: Path, home: Path, in_child: Callable[..., int], step: Callable[[Store], None]
) -> None:
    before = _content(begun)
    finished = Path(shutil.copytree(begun, home / "finished"))
    store = open_store(URL, state_dir=finished)
    step(store)
    store.close()
    after = _content(finished)
    assert before != after

    for statement in count(1):
        folder = Path(shutil.copytree(begun, home / f"killed-{statement}"))
        ended = in_child(_killed_at(statement, lambda folder=folder: step(open_store(URL, state_dir=folder))))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert _content(folder) in (before, after)
        again = open_store(URL, state_dir=folder)
        step(again)  # a killed step is repeated
        again.close()
        assert _content(folder) == after
    assert statement > 8


def test_a_store_whose_making_is_killed_at_any_statement_is_made_by_the_next(
    home: Path, in_child: Callable[..., int]
) -> None:
    for statement in count(1, 3):
        folder = home / f"killed-{statement}"
        folder.mkdir()
        ended = in_child(_killed_at(statement, lambda folder=folder: open_store(URL, state_dir=folder).close()))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert examine(folder / "kpi-agent.db") in {None, 1}
        assert _content(folder)[:2] == ((), ())
    assert statement > 20


_LOOP = """
import sys
from pathlib import Path
from integration.store.samples import NOW, document, entry, export, ticket
from kpi_agent.store.open import open_store
store = open_store("sqlite:///kpi-agent.db", state_dir=Path(sys.argv[1]))
print("ready", flush=True)
number = store.tickets.newest_import()
while True:
    number += 1
    tickets = [ticket(str(n), title=str(number * (n % 3))) for n in range(60)]
    store.tickets.take(export(f"{number}.csv", tickets, as_of=1000 + number), observed_from=None, now=NOW)
    last = store.ledger.documents("acme")
    made = document(b"%d" % number, f"p{number}", previous=last[-1] if last else None)
    store.ledger.close(store.ledger.begin(entry(made.period)), made, now=NOW)
    print(number, flush=True)
"""


def test_a_process_killed_at_random_instants_loses_nothing_that_it_acknowledged(home: Path) -> None:
    chance = random.Random(7)
    search = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    for _ in range(6):
        command = [sys.executable, "-c", _LOOP, str(home)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": search}
        ) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.02, 0.3))
            worker.kill()
            acknowledged = [int(line) for line in worker.stdout.read().split()]

        tickets, imports, *_, documents, acts = _content(home)
        done = len(documents)
        assert [d.period for d in documents] == [f"p{n}" for n in range(1, done + 1)]
        assert done >= max(acknowledged, default=0)
        assert len(imports) in {done, done + 1}
        assert len(tickets) == (60 if imports else 0)
        assert acts == len(imports) + done
        with closing(sqlite3.connect(home / "kpi-agent.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        _close_half_done(home, len(imports), done)
    assert done > 0


def _close_half_done(home: Path, imports: int, done: int) -> None:
    """Finish the step that was killed between its import and its closing, as the next tick would."""
    if imports == done:
        return
    store = open_store(URL, state_dir=home)
    last = store.ledger.documents("acme")
    made = document(b"%d" % imports, f"p{imports}", previous=last[-1] if last else None)
    assert store.ledger.close(store.ledger.begin(entry(made.period)), made, now=NOW)
    assert store.ledger.entries("acme")[made.period].stage is Stage.CLOSED
    store.close()
