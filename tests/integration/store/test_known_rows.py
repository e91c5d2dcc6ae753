"""A row that comes again as it was is not understood again; what the store then holds is as if it had been."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integration.store.samples import NOW
from kpi_agent.collectors.tickets.read import read_export
from kpi_agent.domain.export import Export, ImportCounts
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.ticket import Basis
from kpi_agent.domain.time import DAY
from kpi_agent.jobs.import_tickets import import_file
from kpi_agent.store.open import Store, open_store
from unit.tickets.conftest import shipped_profile

HEADER = (
    "ID;Titre;Statut;Type;Priorité;Date d'ouverture;Date de résolution;Dernière modification;"
    "Statistiques - Délai d'attente;Attribué à - Technicien"
)
DESK = TicketSource("desk", shipped_profile("glpi"), "*.csv", "Europe/Paris", hold_basis=Basis.WALL)
FIRST = NOW - 10 * DAY


def row(number: int, *, changed: str = "02-09-2026 11:00", title: str = "Disque plein", status: str = "Clos") -> str:
    opened = f"{1 + number % 28:02}-08-2026 09:{number % 60:02}"
    return (
        f"{number};{title};{status};Incident;Haute;{opened};02-09-2026 10:00;{changed};1 heure;technicien {number % 3}"
    )


def imported(
    store: Store, folder: Path, rows: Sequence[str], as_of: int, source: TicketSource = DESK, *, anew: bool = False
) -> ImportCounts:
    """Import rows as a file; *anew*: with a reader that is told of no known row."""
    path = folder / f"{as_of}.csv"
    path.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")

    def read(*arguments: Any, known: object = None, **keywords: Any) -> Export:
        return read_export(*arguments, **keywords)

    reader: Callable[..., Export] = read if anew else read_export
    done = import_file(path, source, reader=reader, tickets=store.tickets, now=NOW, as_of=as_of)
    assert done.counts is not None, done.problems
    return done.counts


def told(folder: Path) -> list[str]:
    """Everything in the store that figures are made of."""
    with closing(sqlite3.connect(folder / "kpi-agent.db")) as connection:
        lines = list(connection.iterdump())
    return [line for line in lines if "known_row" not in line]


@pytest.fixture
def store_in() -> Callable[[Path], Store]:
    def opened(folder: Path) -> Store:
        folder.mkdir()
        return open_store("sqlite:///kpi-agent.db", state_dir=folder)

    return opened


FILES = (
    [row(n) for n in range(1, 41)],
    # One changed, one changed without its instant, one gone, one new, one that cannot be read, one twice.
    [
        *(row(n) for n in range(1, 36)),
        row(36, changed="03-09-2026 12:00", title="Disque encore plein"),
        row(37, title="Titre corrigé"),
        row(38, status="Perdu"),
        row(39),
        row(39, changed="04-09-2026 12:00"),
        row(41),
    ],
    [row(n) for n in range(1, 43)],
    [row(n, changed="") for n in range(1, 20)] + [row(n) for n in range(20, 43)],
    [row(n, changed="") for n in range(1, 20)] + [row(n) for n in range(20, 43)][::-1],
)


def test_what_is_stored_does_not_depend_on_what_was_known(tmp_path: Path, store_in: Callable[[Path], Store]) -> None:
    counts = []
    for name, anew in (("known", False), ("anew", True)):
        store = store_in(tmp_path / name)
        counts.append([
            imported(store, tmp_path, rows, FIRST + day * DAY, anew=anew) for day, rows in enumerate(FILES)
        ])  # fmt: skip
        store.close()

    assert counts[0] == counts[1]
    assert told(tmp_path / "known") == told(tmp_path / "anew")
    assert [c.unchanged for c in counts[0]] == [0, 35, 40, 23, 42]


def test_only_rows_that_are_new_or_changed_become_tickets(tmp_path: Path, store_in: Callable[[Path], Store]) -> None:
    store = store_in(tmp_path / "store")
    imported(store, tmp_path, FILES[0], FIRST)
    path = tmp_path / "next.csv"
    path.write_text("\n".join((HEADER, *FILES[1], "")), encoding="utf-8")

    export = read_export(path, DESK, as_of=FIRST + DAY, now=NOW, known=store.tickets.known_rows("desk"))

    assert [ticket.id for ticket in export.tickets] == ["36", "37", "39", "41"]
    assert len(list(export.repeats)) == 35
    assert export.rows == 4 + 35 + len(export.rejected)
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "UTC"},
        {"hold_basis": Basis.SERVICE},
        {"robots": ("bot*",)},
        {"profile": replace(DESK.profile, priorities={**DESK.profile.priorities, "haute": "P4"})},
    ],
)
def test_rows_are_understood_again_when_they_would_be_read_in_another_way(
    tmp_path: Path, store_in: Callable[[Path], Store], change: dict[str, Any]
) -> None:
    store = store_in(tmp_path / "store")
    imported(store, tmp_path, FILES[0], FIRST)
    path = tmp_path / "next.csv"
    path.write_text("\n".join((HEADER, *FILES[0], "")), encoding="utf-8")

    export = read_export(
        path, replace(DESK, **change), as_of=FIRST + DAY, now=NOW, known=store.tickets.known_rows("desk")
    )

    assert (len(list(export.tickets)), list(export.repeats)) == (40, [])
    store.close()


def test_a_file_with_persons_in_it_is_understood_each_time(tmp_path: Path, store_in: Callable[[Path], Store]) -> None:
    store = store_in(tmp_path / "store")
    imported(store, tmp_path, FILES[0], FIRST)
    path = tmp_path / f"{FIRST}.csv"
    known = store.tickets.known_rows("desk")

    export = read_export(path, DESK, as_of=FIRST + DAY, now=NOW, pseudonym=lambda name, _: name[-1], known=known)

    assert [t.assignee for t in export.tickets][:3] == ["1", "2", "0"]
    assert export.recipe == ""
    store.close()


def test_cells_that_hold_the_sign_between_cells_stand_for_no_row(
    tmp_path: Path, store_in: Callable[[Path], Store]
) -> None:
    store = store_in(tmp_path / "store")
    imported(store, tmp_path, [row(20, title="Disque\x1fplein"), row(21)], FIRST)

    known = store.tickets.known_rows("desk")

    assert known is not None
    assert len(known.versions) == 1
    store.close()
