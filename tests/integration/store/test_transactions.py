from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from integration.store.samples import NOW, entry, export, ticket
from kpi_agent.domain.due import Stage
from kpi_agent.domain.errors import StoreError
from kpi_agent.store.open import Store, open_store


def test_writers_side_by_side_lose_no_update(store: Store) -> None:
    store.ledger.begin(entry(as_of=0))

    def count_up(_worker: int) -> None:
        for _ in range(10):
            with store.database.writing() as connection:
                value = connection.execute(text("SELECT as_of FROM period")).scalar_one()
                connection.execute(text("UPDATE period SET as_of = :value"), {"value": value + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(4)))

    with store.database.reading() as connection:
        assert connection.execute(text("SELECT as_of FROM period")).scalar_one() == 40


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    store.ledger.begin(entry())
    with store.database.reading() as connection:
        before = connection.execute(text("SELECT stage FROM period")).scalar_one()
        assert store.ledger.move(entry(), Stage.COMPUTED, now=NOW)

        assert connection.execute(text("SELECT stage FROM period")).scalar_one() == before

    assert store.ledger.entries("acme")["2026-10"].stage is Stage.COMPUTED


def test_an_exception_undoes_the_whole_block(store: Store) -> None:
    def write_and_fail() -> None:
        with store.database.writing() as connection:
            connection.execute(text("DELETE FROM period"))
            raise LookupError

    store.ledger.begin(entry())
    with pytest.raises(LookupError):
        write_and_fail()

    assert store.ledger.entries("acme") == {"2026-10": entry()}


def test_a_full_disk_is_named_and_keeps_nothing_of_the_step(tmp_path: Path) -> None:
    store = open_store("sqlite:///kpi-agent.db", state_dir=tmp_path)
    store.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    store.database.close()

    def limit(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")

    event.listen(store.database.engine, "connect", limit)
    many = [ticket(str(n), title="x" * 500) for n in range(500)]

    with pytest.raises(StoreError, match=r"kpi-agent\.db.*full; nothing of this step was kept.*make room"):
        store.tickets.take(export("b.csv", many, as_of=2000), observed_from=None, now=NOW)

    assert [t.id for t in store.tickets.tickets("desk")] == ["1"]
    assert len(store.tickets.imports("desk")) == len(store.audit.entries()) == 1
    store.close()


def test_values_never_appear_in_an_error(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.database.writing() as connection:
        connection.execute(text("INSERT INTO note (id, body) VALUES (1, :body)"), {"body": "a secret"})

    assert "a secret" not in str(caught.value)
