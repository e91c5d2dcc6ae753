"""One byte changed in the file: the store answers the truth or refuses; it never shows another figure."""

from __future__ import annotations

import os
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from integration.store.samples import NOW, document, entry, export, line, observation, ticket
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.ticket import State
from kpi_agent.store.open import open_store
from kpi_agent.store.peek import glance

URL = "sqlite:///kpi-agent.db"
_COPIES = int(os.environ.get("KPI_AGENT_FLIPPED_COPIES", "120"))


def _fill(folder: Path) -> None:
    store = open_store(URL, state_dir=folder)
    tickets = [ticket(f"INC-{n}", title=f"disk full {n}", resolved=2000 + n, state=State.CLOSED) for n in range(60)]
    store.tickets.take(export("a.csv", tickets, as_of=3000), observed_from=None, now=NOW)
    changed = [ticket(f"INC-{n}", title=f"disk full {n}", resolved=2500 + n, state=State.CLOSED) for n in range(10)]
    store.tickets.take(export("b.csv", [*changed, *tickets[10:]], as_of=4000), observed_from=None, now=NOW)
    lines = {f"web{n}": line(*((i * 60, i * 60 + 60, Fraction(i % 3, 7)) for i in range(20))) for n in range(10)}
    test = RestoreTest("db", 150, RestoreMethod.FULL, is_passed=True, duration=60)
    store.lines.record("main", "acme", observation((0, 1200), lines, days={0: (20, 20)}, tests=[test]), now=NOW)
    october = document(b"october" * 300)
    store.ledger.close(store.ledger.begin(entry()), october, now=NOW)
    november = document(b"november" * 300, "2026-11", previous=october)
    store.ledger.close(store.ledger.begin(entry("2026-11")), november, now=NOW)
    store.snapshots.put("acme", "2026-12", b"snapshot" * 100, now=NOW)
    store.close()


def _figures(folder: Path) -> Any:
    seen = glance(folder / "kpi-agent.db")
    store = open_store(URL, state_dir=folder)
    try:
        return (
            store.tickets.tickets("desk"),
            store.tickets.tickets("desk", newest_import=1),
            store.tickets.imports("desk"),
            store.lines.lines("main", "acme", "up"),
            store.lines.observed_days("main", "acme", "up"),
            store.lines.restore_tests("main", "acme"),
            store.ledger.entries("acme"),
            store.ledger.documents("acme"),
            seen.snapshots,
        )
    finally:
        store.close()


def test_a_flipped_byte_never_becomes_another_figure(home: Path) -> None:
    whole = home / "whole"
    whole.mkdir()
    _fill(whole)
    truth = _figures(whole)
    content = (whole / "kpi-agent.db").read_bytes()
    chance = random.Random(_COPIES)
    refused = 0
    for number in range(_COPIES):
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        folder = home / f"damaged-{number}"
        folder.mkdir()
        (folder / "kpi-agent.db").write_bytes(damaged)
        try:
            assert _figures(folder) == truth, f"bit {bit} of byte {place}"
        except StoreError:
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("length", [0.1, 0.5, 0.95])
def test_a_file_cut_off_is_refused(home: Path, length: float) -> None:
    _fill(home)
    path = home / "kpi-agent.db"
    os.truncate(path, int(path.stat().st_size * length))

    with pytest.raises(StoreError):
        _figures(home)
