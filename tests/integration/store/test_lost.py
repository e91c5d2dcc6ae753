"""Open tickets that vanish from complete exports (indicators.md §4, "Lost")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from integration.store.samples import NOW, export, ticket
from kpi_agent.domain.export import Export, RejectedRow
from kpi_agent.store.open import Store


def day(number: int, names: Iterable[str], **fields: Any) -> Export:
    return export(f"{number}.csv", [ticket(name) for name in names], as_of=number * 1000, **fields)


def lost(
    store: Store, *files: Export, span: int | None = None, by_opening: bool = False, **knowledge: Any
) -> Mapping[str, int]:
    for file in files:
        store.tickets.take(file, observed_from=None if span is None else file.as_of - span, now=NOW)
    opened = {t.id: t.opened for t in store.tickets.tickets("desk", **knowledge) if t.is_open}
    return store.tickets.lost("desk", opened, by_opening=by_opening, **knowledge)


def test_an_open_ticket_that_a_newer_complete_export_does_not_hold_is_lost_since_the_last_that_did(
    store: Store,
) -> None:
    assert lost(store, day(2, "ab"), day(3, "ab"), day(4, "b"), day(5, "b")) == {"a": 3000}


def test_what_comes_back_is_not_lost(store: Store) -> None:
    assert lost(store, day(2, "ab"), day(3, "b"), day(4, "ab")) == {}


def test_what_an_older_export_does_not_hold_is_not_lost(store: Store) -> None:
    assert lost(store, day(3, "ab"), day(2, "b")) == {}
    assert lost(store, replace(day(3, "b"), file="b.csv", sha256="b")) == {}, "two of one instant prove nothing"


@pytest.mark.parametrize("doubt", ["is_truncated", "is_event_log"])
def test_a_part_of_an_export_and_an_event_log_prove_nothing_by_absence(store: Store, doubt: str) -> None:
    assert lost(store, day(2, "ab"), day(3, "b", **{doubt: True})) == {}


def test_an_event_log_proves_that_a_ticket_was_there(store: Store) -> None:
    assert lost(store, day(2, "ab"), day(3, "ab", is_event_log=True), day(4, "b")) == {"a": 3000}


def test_an_export_of_what_was_updated_proves_nothing_by_absence(store: Store) -> None:
    assert lost(store, day(2, "ab"), day(3, "b"), span=5000) == {}


def test_an_export_of_what_was_opened_holds_the_openings_of_its_span_only(store: Store) -> None:
    # All were opened at 1000: the export of 3000 reaches back to 1000, that of 4000 to 2000 only.
    assert lost(store, day(2, "ab"), day(4, "b"), span=2000, by_opening=True) == {}
    assert lost(store, day(3, "b"), span=2000, by_opening=True) == {"a": 2000}


def test_a_ticket_in_a_rejected_row_is_there(store: Store) -> None:
    row = RejectedRow(3, "date", "no date", "id=a; opened=soon")
    other = replace(row, raw="id=aa; opened=a")

    assert lost(store, day(2, "ab"), day(3, "b", rejected=(row,))) == {}
    assert lost(store, day(4, "b", rejected=(other,))) == {"a": 3000}


def test_an_export_of_other_tickets_proves_nothing(store: Store) -> None:
    """Incidents and requests may come in files of their own, each complete of its kind."""
    assert lost(store, day(2, "ab"), day(3, "xy"), day(4, "x")) == {"y": 3000}


def test_an_export_that_shows_nothing_unchanged_still_knows_its_tickets(store: Store) -> None:
    changed = export("3.csv", [ticket("b", priority="P1")], as_of=3000)

    assert lost(store, day(2, "ab"), changed) == {"a": 2000}


def test_an_export_without_any_ticket_proves_nothing(store: Store) -> None:
    assert lost(store, day(2, "ab"), day(3, "")) == {}


def test_a_closed_ticket_is_not_lost(store: Store) -> None:
    opened = {"b": 1000}
    for file in (day(2, "ab"), day(3, "b")):
        store.tickets.take(file, observed_from=None, now=NOW)

    assert store.tickets.lost("desk", opened, by_opening=False) == {}


def test_what_came_later_takes_no_part(store: Store) -> None:
    files = (day(2, "ab"), day(3, "b"), day(4, "ab"))

    assert lost(store, *files) == {}
    assert lost(store, newest_import=2) == {"a": 2000}
    assert lost(store, as_of=3999) == {"a": 2000}
    assert lost(store, newest_import=1) == lost(store, as_of=2999) == {}


def test_many_tickets_are_looked_up(store: Store) -> None:
    names = [f"INC-{n}" for n in range(1203)]

    assert lost(store, day(2, names), day(3, names[1:]), day(4, names[2:])) == {names[0]: 2000, names[1]: 3000}
