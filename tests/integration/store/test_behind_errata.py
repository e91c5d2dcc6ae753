"""The figures of errata, and the incidents behind each: those that add something else to it than they did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import at_least, at_most, contract, objective, ticket
from integration.store.office import ACME, Office, changed
from kpi_agent.domain.contract import ObjectiveWindow
from kpi_agent.domain.ticket import State
from kpi_agent.store.open import Store

QUICK = ticket("2026-09-07 10:00", "2026-09-07 11:00", id="QUICK", responded="2026-09-07 10:10", category="net")
SLOW = ticket("2026-09-08 10:00", "2026-09-08 20:00", id="SLOW", responded="2026-09-08 10:10")
STUCK = ticket("2026-09-09 10:00", id="STUCK", responded="2026-09-09 10:10")
"""Breached in September, and open when it is closed."""
LATER = ticket("2026-10-05 10:00", "2026-10-05 11:00", id="LATER", responded="2026-10-05 10:10")
EDITED = changed(SLOW, resolved="2026-09-08 11:00")
DONE = changed(STUCK, resolved="2026-10-06 10:00", state=State.RESOLVED)


@pytest.fixture
def office(store: Store) -> Office:
    made = Office(store)
    made.take([QUICK, SLOW, STUCK], "2026-10-02 18:00")
    made.close("2026-09", "2026-10-04 07:00")
    return made


def behind(document: dict[str, Any], indicator: str, **scope: str) -> list[str]:
    """Return the incidents behind the erratum of that figure."""
    (found,) = [e for e in document["errata"] if e["indicator"] == indicator and e["scope"] == scope]
    return [t["ticket"] for t in found["tickets"]]


def test_one_breached_before_and_now_is_behind_nothing_that_counts_breaches(office: Office) -> None:
    office.take([QUICK, EDITED, DONE, LATER], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    assert behind(document, "resolve_in_time", priority="P1") == ["SLOW"]


def test_what_was_resolved_after_the_month_is_behind_no_duration_of_it(office: Office) -> None:
    office.take([QUICK, EDITED, DONE, LATER], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    assert behind(document, "time_to_resolve") == ["SLOW"]


def test_what_was_not_measured_then_and_is_not_now_is_no_erratum(office: Office) -> None:
    """Nobody tells the time spent or the resolver; the number of incidents without them changed."""
    forgotten = ticket("2026-09-10 10:00", "2026-09-10 11:00", id="FORGOTTEN", responded="2026-09-10 10:05")
    office.take([QUICK, SLOW, STUCK, LATER, forgotten], "2026-10-20 18:00")

    errata = office.close("2026-10", "2026-11-04 07:00")["errata"]

    assert {e["indicator"] for e in errata} == {
        "respond_in_time", "resolve_in_time", "time_to_respond", "time_to_resolve", "volume", "recurrence_rate",
    }  # fmt: skip
    assert all(e["old"]["value"] is not None or e["new"]["value"] is not None for e in errata)


def test_a_figure_that_can_be_measured_now_is_an_erratum(office: Office) -> None:
    spent = [replace(t, time_spent=600) for t in (QUICK, SLOW)]
    office.deal = contract(replace(ACME.latest, hourly_rate=60))
    office.take([*spent, STUCK, LATER], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    assert behind(document, "interruption_cost") == ["QUICK", "SLOW"]


def test_a_count_names_those_that_it_counts_otherwise(office: Office) -> None:
    gone = changed(STUCK, closed="2026-09-20 10:00", state=State.CANCELLED)
    office.take([replace(QUICK, category="disk"), SLOW, gone, LATER], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    assert behind(document, "volume") == ["STUCK"]
    assert behind(document, "backlog") == ["STUCK"]


def test_families_name_what_they_are_made_of(office: Office) -> None:
    known = {"category": "net", "service": "vpn", "title": "tunnel to the branch is down"}
    office.take([replace(QUICK, **known), replace(SLOW, **known), STUCK, LATER], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    assert behind(document, "recurrence_rate") == ["QUICK", "SLOW"]


def test_a_window_names_incidents_of_its_earlier_months(store: Store) -> None:
    promise = objective("resolve_in_time", at_least("95%"), window=ObjectiveWindow.ROLLING_3)
    office = Office(store, deal=contract(replace(ACME.latest, objectives=(promise,))))
    office.take([QUICK, SLOW, STUCK, LATER], "2026-11-02 18:00")
    office.close("2026-10", "2026-11-04 07:00")
    office.take([QUICK, EDITED, STUCK, LATER], "2026-11-20 18:00")

    (erratum,) = [e for e in office.close("2026-11", "2026-12-04 07:00")["errata"] if e["objective"] is not None]

    assert (erratum["period"], erratum["old"]["numerator"], erratum["new"]["numerator"]) == ("2026-10", 2, 3)
    assert [(t["ticket"], t["old"], t["new"]) for t in erratum["tickets"]] == [("SLOW", "breached", "met")]


def test_a_share_of_persons_names_no_incidents(store: Store) -> None:
    """They would tell whose they are."""
    by = [
        replace(ticket(f"2026-09-0{n} 10:00", f"2026-09-0{n} 11:00", id=f"T{n}"), assignee=f"p{n}") for n in range(1, 6)
    ]
    office = Office(
        store, deal=contract(replace(ACME.latest, objectives=(objective("single_person_share", at_most("50%")),)))
    )
    office.take(by, "2026-10-02 18:00")
    office.close("2026-09", "2026-10-04 07:00")
    office.take([*by[:4], replace(by[4], assignee="p1")], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    (erratum,) = [e for e in document["errata"] if e["indicator"] == "single_person_share"]
    assert (erratum["causes"], erratum["tickets"]) == (["told_later"], [])


def test_one_that_goes_on_after_a_merge_is_not_behind_what_it_counts_in_as_before(store: Store) -> None:
    heir = ticket("2026-09-09 13:00", "2026-09-09 13:30", id="HEIR", responded="2026-09-09 13:10")
    office = Office(store)
    office.take([QUICK, SLOW, STUCK, heir], "2026-10-02 18:00")
    office.close("2026-09", "2026-10-04 07:00")
    merged = changed(STUCK, merged_into="HEIR", state=State.CANCELLED, closed="2026-09-09 13:30")
    office.take([QUICK, SLOW, merged, heir, LATER], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")

    assert behind(document, "resolve_in_time", priority="P1") == ["STUCK"]
    assert behind(document, "time_to_resolve") == ["HEIR", "STUCK"], "the clock of the one began with the other"


def test_a_second_correction_names_what_changed_since_the_first(office: Office) -> None:
    forgotten = ticket("2026-09-10 10:00", "2026-09-10 11:00", id="FORGOTTEN", responded="2026-09-10 10:05")
    office.take([QUICK, EDITED, STUCK, forgotten, LATER], "2026-11-02 18:00")
    office.close("2026-10", "2026-11-04 07:00")
    gone = changed(forgotten, closed="2026-11-20 10:00", state=State.CANCELLED)
    office.take([QUICK, SLOW, STUCK, gone, LATER], "2026-12-02 18:00")

    errata = office.close("2026-11", "2026-12-04 07:00")["errata"]

    (erratum,) = [e for e in errata if (e["period"], e["objective"]) == ("2026-09", "resolve_in_time")]
    assert erratum["published"] == "2026-10"
    assert [(t["ticket"], t["cause"], t["old"], t["new"]) for t in erratum["tickets"]] == [
        ("FORGOTTEN", "withdrawn", "met", "not_judged"),
        ("SLOW", "edit", "met", "breached"),
    ]
