"""A closed period is closed again by a human, with a reason; what was published stays (indicators.md §10)."""

from __future__ import annotations

import pytest

from builders import month, paris, ticket
from integration.store.office import Office, changed
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.ticket import State
from kpi_agent.store.open import Store

SLOW = ticket("2026-09-07 10:00", "2026-09-07 19:00", id="SLOW", responded="2026-09-07 10:05")
OPEN = ticket("2026-09-29 10:00", id="OPEN", state=State.NEW, responded="2026-09-29 10:05")
MENDED = changed(SLOW, resolved="2026-09-07 11:00")
REASON = "resolution of SLOW entered wrongly, corrected with the customer"


@pytest.fixture
def office(store: Store) -> Office:
    made = Office(store)
    made.take([SLOW, OPEN], "2026-10-02 18:00")
    made.close("2026-09", "2026-10-04 07:00")
    return made


def test_a_revision_knows_what_is_known_now_and_says_why(office: Office) -> None:
    first = office.store.ledger.document("acme", "2026-09")
    office.take([MENDED, OPEN], "2026-10-20 18:00")

    office.closer.revise(office.deal, month("2026-09"), REASON, now=paris("2026-10-21 07:00"))

    document = office.closed("2026-09")
    assert first is not None
    (kept,) = (r for r in document["readings"] if r["indicator"] == "resolve_in_time" and not r["scope"])
    assert (document["revision"], document["reason"]) == (2, REASON)
    assert (kept["numerator"], kept["denominator"]) == (1, 2)
    assert document["previous_sha256"] == first.sha256
    assert office.store.ledger.document("acme", "2026-09", 1) == first


def test_what_a_revision_told_is_no_erratum(office: Office) -> None:
    office.take([MENDED, OPEN], "2026-10-20 18:00")
    office.closer.revise(office.deal, month("2026-09"), REASON, now=paris("2026-10-21 07:00"))
    office.take([MENDED, OPEN], "2026-11-02 18:00")

    assert office.close("2026-10", "2026-11-04 07:00")["errata"] == []


def test_what_comes_after_a_revision_is_held_against_it(office: Office) -> None:
    office.take([MENDED, OPEN], "2026-10-20 18:00")
    office.closer.revise(office.deal, month("2026-09"), REASON, now=paris("2026-10-21 07:00"))
    office.take([SLOW, OPEN], "2026-11-02 18:00")

    errata = [e for e in office.close("2026-10", "2026-11-04 07:00")["errata"] if e["objective"] is not None]

    assert [(e["period"], e["revision"], e["old"]["numerator"], e["new"]["numerator"]) for e in errata] == [
        ("2026-09", 2, 1, 0)
    ]


def test_a_revision_that_is_repeated_after_a_crash_gives_the_same_bytes(office: Office) -> None:
    entry = office.closer.revise(office.deal, month("2026-09"), REASON, now=paris("2026-10-21 07:00"))
    stored = office.store.ledger.document("acme", "2026-09", 2)
    office.take([MENDED, OPEN], "2026-10-22 18:00")

    assert stored is not None
    assert entry.reason == REASON
    assert office.closer._document(office.deal, month("2026-09"), entry) == stored.content


def test_only_what_is_closed_can_be_revised(office: Office) -> None:
    with pytest.raises(KpiAgentError, match="acme 2026-10 is not closed; there is nothing to revise"):
        office.closer.revise(office.deal, month("2026-10"), REASON, now=paris("2026-11-21 07:00"))
