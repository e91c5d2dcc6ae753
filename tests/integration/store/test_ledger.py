from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from integration.store.samples import NOW, document, entry
from kpi_agent.domain.due import Stage
from kpi_agent.domain.errors import StoreError
from kpi_agent.store.open import Store


def test_a_period_is_begun_once_and_keeps_what_it_knew(store: Store) -> None:
    first = store.ledger.begin(entry())

    again = store.ledger.begin(entry(as_of=NOW + 60))

    assert again == first == entry()
    assert store.ledger.entries("acme") == {"2026-10": entry()}
    assert store.ledger.entries("globex") == {}


def test_a_blocked_period_begins_anew_with_what_is_known_by_then(store: Store) -> None:
    store.ledger.begin(replace(entry(stage=Stage.BLOCKED), reason="waits for desk"))

    assert store.ledger.begin(entry(as_of=NOW + 60)) == entry(as_of=NOW + 60)
    assert store.ledger.entries("acme")["2026-10"].stage is Stage.COLLECTING


def test_a_blocked_period_with_a_document_never_begins_anew(store: Store) -> None:
    store.ledger.begin(entry())
    store.ledger.close(entry(), document(b"{}"), now=NOW)
    closed = store.ledger.entries("acme")["2026-10"]
    store.ledger.move(closed, Stage.BLOCKED, now=NOW, reason="no room for the archive")

    assert store.ledger.begin(entry(as_of=NOW + 60)).stage is Stage.BLOCKED


def test_only_the_caller_that_saw_the_stage_moves_it(store: Store) -> None:
    seen = store.ledger.begin(entry())

    assert store.ledger.move(seen, Stage.COMPUTED, now=NOW + 1)
    assert not store.ledger.move(seen, Stage.COMPUTED, now=NOW + 2)

    assert store.ledger.entries("acme")["2026-10"] == replace(seen, stage=Stage.COMPUTED, updated=NOW + 1)
    assert not store.ledger.move(entry("2026-11"), Stage.COMPUTED, now=NOW)


def test_the_latest_revision_of_each_period_is_shown(store: Store) -> None:
    for each in (entry("2026-11"), entry(revision=2), entry(revision=1)):
        store.ledger.begin(each)

    shown = store.ledger.entries("acme")
    assert [(name, e.revision) for name, e in shown.items()] == [("2026-10", 2), ("2026-11", 1)]


def test_closing_stores_the_very_bytes_and_moves_the_period(store: Store) -> None:
    seen = store.ledger.begin(entry())
    content = '{"é":1}'.encode()

    assert store.ledger.close(seen, document(content), now=NOW + 5)

    assert store.ledger.document("acme", "2026-10") == document(content)
    assert store.ledger.entries("acme")["2026-10"].stage is Stage.CLOSED


def test_closing_again_with_the_same_bytes_is_done_already(store: Store) -> None:
    seen = store.ledger.begin(entry())
    store.ledger.close(seen, document(b"{}"), now=NOW)

    assert store.ledger.close(seen, document(b"{}"), now=NOW + 9)

    assert store.ledger.documents("acme") == (document(b"{}"),)
    assert [e.action for e in store.audit.entries()] == ["close"]


def test_closing_again_with_other_bytes_is_refused(store: Store) -> None:
    seen = store.ledger.begin(entry())
    store.ledger.close(seen, document(b"{}"), now=NOW)

    with pytest.raises(StoreError, match="acme 2026-10 revision 1 is closed with other content"):
        store.ledger.close(seen, document(b"[]"), now=NOW)


def test_a_period_that_stands_elsewhere_is_not_closed(store: Store) -> None:
    seen = store.ledger.begin(entry())
    store.ledger.move(seen, Stage.COMPUTED, now=NOW)

    assert not store.ledger.close(seen, document(b"{}"), now=NOW)
    assert not store.ledger.close(entry("2026-11"), document(b"{}", "2026-11"), now=NOW)
    assert store.ledger.documents("acme") == ()


def test_each_document_names_the_one_closed_before_it(store: Store) -> None:
    october = document(b"october")
    november = document(b"november", "2026-11", previous=october)
    revised = document(b"october, mended", revision=2, previous=november)
    for made in (october, november, revised):
        store.ledger.close(store.ledger.begin(entry(made.period, revision=made.revision)), made, now=NOW)

    assert store.ledger.documents("acme") == (october, november, revised)
    assert store.ledger.document("acme", "2026-10") == revised
    assert store.ledger.document("acme", "2026-10", 1) == october
    assert store.ledger.document("acme", "2026-10", 3) is None


def test_a_document_that_does_not_follow_the_last_one_is_refused(store: Store) -> None:
    store.ledger.close(store.ledger.begin(entry()), document(b"october"), now=NOW)
    seen = store.ledger.begin(entry("2026-11"))

    with pytest.raises(StoreError, match="does not follow the last closed document"):
        store.ledger.close(seen, document(b"november", "2026-11"), now=NOW)

    assert store.ledger.entries("acme")["2026-11"].stage is Stage.COLLECTING


def test_a_document_with_a_hash_that_is_not_its_own_is_refused(store: Store) -> None:
    seen = store.ledger.begin(entry())

    with pytest.raises(StoreError, match="hash"):
        store.ledger.close(seen, replace(document(b"{}"), content=b"[]"), now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE document SET closed_at = closed_at + 1 WHERE period = '2026-10'",
        "UPDATE document SET content = (SELECT d.content FROM document d WHERE d.id = 2) WHERE id = 1",
        "DELETE FROM document WHERE period = '2026-10'",
        "DELETE FROM document WHERE period = '2026-11'",
    ],
)
def test_a_document_changed_or_taken_out_is_refused(store: Store, change: str) -> None:
    october = document(b"october")
    for made in (october, document(b"november", "2026-11", previous=october)):
        store.ledger.close(store.ledger.begin(entry(made.period)), made, now=NOW)
    with store.database.writing() as connection:
        connection.execute(text(change))

    with pytest.raises(StoreError, match="document"):
        store.ledger.documents("acme")


def test_a_stage_changed_behind_the_ledgers_back_is_refused(store: Store) -> None:
    store.ledger.begin(entry())
    with store.database.writing() as connection:
        connection.execute(text("UPDATE period SET stage = 'sent'"))

    with pytest.raises(StoreError, match="period, row contract 'acme', period '2026-10', revision 1"):
        store.ledger.entries("acme")
