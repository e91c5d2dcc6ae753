"""From one month's backlog to the next: it follows the report before, or names what is restated (indicators.md §4)."""

from __future__ import annotations

from typing import Any

import pytest

from builders import reopening, ticket
from integration.store.office import Office, changed
from kpi_agent.domain.ticket import Kind, State
from kpi_agent.store.open import Store

SOLVED = ticket("2026-09-07 10:00", "2026-09-07 11:00", id="SOLVED", responded="2026-09-07 10:10")
OPEN = ticket("2026-09-30 09:00", id="OPEN", responded="2026-09-30 09:10")
LATER = ticket("2026-10-05 10:00", "2026-10-05 11:00", id="LATER", responded="2026-10-05 10:10")


@pytest.fixture
def office(store: Store) -> Office:
    """September is closed with one incident open."""
    made = Office(store)
    made.take([SOLVED, OPEN], "2026-10-02 18:00")
    made.close("2026-09", "2026-10-04 07:00")
    return made


def october(office: Office) -> tuple[dict[str, Any], dict[str, int]]:
    """Close October; return its balance and the counts of its whole backlog and volume."""
    document = office.close("2026-10", "2026-11-04 07:00")
    counts: dict[str, int] = {}
    for reading in document["readings"]:
        if reading["indicator"] in {"volume", "backlog"} and reading["scope"] == {}:
            counts |= reading["details"]
    return document["balance"], counts


def restated(balance: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(r["ticket"], r["change"], r["cause"]) for r in balance["restated"]]


def test_a_month_begins_with_what_the_report_before_left_open(office: Office) -> None:
    office.take([SOLVED, changed(OPEN, resolved="2026-10-20 09:00", state=State.CLOSED), LATER], "2026-11-02 18:00")

    balance, counts = october(office)

    assert office.closed("2026-09")["balance"]["open"] == ["OPEN"]
    assert (counts["start"], counts["restated"], counts["opened"], counts["resolved"], counts["end"]) == (1, 0, 1, 2, 0)
    assert balance == {
        "previous": {"period": "2026-09", "revision": 1},
        "restated": [],
        "open": [],
        "difference": 0,
        "adds_up": True,
    }


def test_without_a_report_before_a_month_counts_its_own_start(store: Store) -> None:
    office = Office(store)
    office.take([SOLVED, OPEN, LATER], "2026-11-02 18:00")

    balance, counts = october(office)

    assert (balance["previous"], balance["restated"], balance["adds_up"]) == (None, [], True)
    assert "restated" not in counts
    assert counts["start"] == 1


def test_a_row_that_came_late_is_restated(office: Office) -> None:
    forgotten = ticket("2026-09-20 09:00", id="FORGOTTEN", responded="2026-09-20 09:10")
    office.take([SOLVED, OPEN, LATER, forgotten], "2026-11-02 18:00")

    balance, counts = october(office)

    assert restated(balance) == [("FORGOTTEN", 1, "late_row")]
    assert (counts["start"], counts["restated"], counts["end"]) == (1, 1, 2)
    assert balance["adds_up"] is True


def test_what_was_resolved_before_after_all_is_restated(office: Office) -> None:
    office.take([SOLVED, changed(OPEN, resolved="2026-09-30 11:00", state=State.CLOSED), LATER], "2026-11-02 18:00")

    balance, counts = october(office)

    assert restated(balance) == [("OPEN", -1, "edit")]
    assert (counts["start"], counts["restated"], counts["end"]) == (1, -1, 0)


def test_what_was_withdrawn_before_after_all_is_restated(office: Office) -> None:
    office.take([SOLVED, changed(OPEN, closed="2026-09-30 11:00", state=State.CANCELLED), LATER], "2026-11-02 18:00")

    assert restated(october(office)[0]) == [("OPEN", -1, "withdrawn")]


def test_a_resolution_taken_back_by_a_reopening_is_restated(office: Office) -> None:
    back = changed(SOLVED, resolved="2026-10-20 11:00", reopenings=(reopening("2026-09-07 11:00", "2026-09-09 11:00"),))
    office.take([back, OPEN, LATER], "2026-11-02 18:00")

    balance, counts = october(office)

    assert restated(balance) == [("SOLVED", 1, "reopened")]
    assert (counts["restated"], balance["adds_up"]) == (1, True)


def test_an_incident_that_is_retyped_is_withdrawn_since_then(office: Office) -> None:
    moved = changed(OPEN, kind=Kind.REQUEST)
    office.take([SOLVED, moved, LATER], "2026-10-20 18:00")
    document = office.close("2026-10", "2026-11-04 07:00")
    (volume,) = (r for r in document["readings"] if r["indicator"] == "volume" and not r["scope"])

    assert restated(document["balance"]) == []
    assert (volume["details"]["withdrawn"], document["balance"]["adds_up"]) == (1, True)


def test_each_priority_follows_its_own_report(office: Office) -> None:
    office.take([SOLVED, changed(OPEN, priority="P2"), LATER], "2026-11-02 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")
    starts = {
        reading["scope"].get("priority"): (reading["details"]["start"], reading["details"]["restated"])
        for reading in document["readings"]
        if reading["indicator"] == "backlog"
    }

    assert starts == {None: (1, 0), "P1": (1, -1), "P2": (0, 1)}
