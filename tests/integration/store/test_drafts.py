"""A report that waits for approval: what was computed is kept until it is frozen or made anew."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from integration.store.samples import NOW, document, entry
from kpi_agent.domain.due import LedgerEntry, Stage
from kpi_agent.domain.errors import StoreError
from kpi_agent.store.open import Store


def drafted(store: Store, content: bytes = b"october") -> LedgerEntry:
    seen = store.ledger.begin(entry())
    assert store.ledger.put_draft(seen, content, now=NOW + 1)
    return store.ledger.entries("acme")["2026-10"]


def told(store: Store) -> list[tuple[str, dict[str, object]]]:
    return [(row.action, json.loads(row.detail)) for row in store.audit.entries() if row.action != "migration"]


def test_a_draft_is_kept_with_its_very_bytes(store: Store) -> None:
    waiting = drafted(store)

    assert waiting == replace(entry(), stage=Stage.REVIEW, updated=NOW + 1)
    assert store.ledger.draft(waiting) == b"october"
    assert store.ledger.document("acme", "2026-10") is None


def test_only_the_caller_that_saw_the_stage_puts_a_draft(store: Store) -> None:
    drafted(store)

    assert not store.ledger.put_draft(entry(), b"another", now=NOW + 2)
    assert not store.ledger.put_draft(entry("2026-11"), b"another", now=NOW + 2)
    assert store.ledger.draft(entry()) == b"october"


def test_freezing_drops_the_draft_and_says_who_approved(store: Store) -> None:
    waiting = drafted(store)

    assert store.ledger.close(waiting, document(b"october, read"), now=NOW + 2, approved_by="C. Martin")

    assert store.ledger.document("acme", "2026-10") == document(b"october, read")
    with pytest.raises(StoreError, match="waits for approval, but its draft is missing"):
        store.ledger.draft(waiting)
    (_, draft), (action, detail) = told(store)
    assert (action, detail["approved_by"], detail["sha256"]) == (
        "close",
        "C. Martin",
        document(b"october, read").sha256,
    )
    assert draft["sha256"] == document(b"october").sha256
    assert store.audit.faults() == ()


def test_a_draft_made_anew_leaves_the_reason(store: Store) -> None:
    waiting = drafted(store)
    fresh = replace(waiting, stage=Stage.COLLECTING, as_of=NOW + 60, newest_import=2)

    assert store.ledger.begin_anew(waiting, fresh, why="late export", now=NOW + 60)
    assert not store.ledger.begin_anew(waiting, fresh, why="again", now=NOW + 61)

    assert store.ledger.entries("acme")["2026-10"] == fresh
    assert told(store)[-1] == (
        "drop draft",
        {"revision": 1, "sha256": document(b"october").sha256, "reason": "late export"},
    )
    assert store.ledger.put_draft(fresh, b"october, anew", now=NOW + 62)


@pytest.mark.parametrize("change", ["UPDATE draft SET content = digest", "DELETE FROM draft"])
def test_a_draft_changed_or_taken_out_is_not_frozen(store: Store, change: str) -> None:
    waiting = drafted(store)
    with store.database.writing() as connection:
        connection.execute(text(change))

    with pytest.raises(StoreError):
        store.ledger.draft(waiting)
    with pytest.raises(StoreError):
        store.ledger.close(waiting, document(b"october"), now=NOW + 2, approved_by="C. Martin")

    assert store.ledger.entries("acme")["2026-10"] == waiting
    assert store.ledger.documents("acme") == ()
