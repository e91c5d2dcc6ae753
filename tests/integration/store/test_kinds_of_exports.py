"""One source whose exports come in two kinds: the newest requests say nothing of the incidents (indicators.md §3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders import ticket
from integration.store.office import Office
from kpi_agent.domain.ticket import Kind, Ticket
from kpi_agent.store.open import Store

QUICK = ticket("2026-09-07 10:00", "2026-09-07 11:00", id="QUICK", responded="2026-09-07 10:10")
OTHER = ticket("2026-09-08 10:00", "2026-09-08 11:00", id="OTHER", responded="2026-09-08 10:10")
OPEN = ticket("2026-09-10 07:00", id="OPEN", responded="2026-09-10 07:10")


def asked(name: str) -> Ticket:
    return replace(QUICK, id=name, kind=Kind.REQUEST)


def resolution(office: Office) -> dict[str, Any]:
    """The incidents' figure in a preview of September, on 2 October."""
    document = office.preview("2026-09", "2026-10-02 19:00")
    (objective,) = document["objectives"]
    found: dict[str, Any] = document["readings"][objective["reading"]]
    return found | {"verdict": objective["verdict"]}


def test_what_the_requests_cover_is_not_claimed_for_the_incidents(store: Store) -> None:
    office = Office(store)
    office.take([QUICK, OPEN], "2026-09-10 08:00")
    office.take([asked("R1"), asked("R2")], "2026-10-02 18:00")

    found = resolution(office)

    assert found["verdict"] == "no_data"
    assert 0.31 < float(found["coverage"]) < 0.32
    # OPEN was breached at 11:00, if it was not resolved before: nobody knows.
    assert (found["numerator"], found["denominator"]) == (1, 1)


def test_both_kinds_night_by_night_are_known_to_the_older_of_the_two(store: Store) -> None:
    office = Office(store)
    office.take([asked("R1")], "2026-10-01 18:10")
    office.take([QUICK], "2026-10-01 18:00")
    office.take([QUICK, OTHER], "2026-10-02 18:00")
    office.take([asked("R1"), asked("R2")], "2026-10-02 18:10")

    found = resolution(office)

    assert (found["verdict"], found["coverage"], found["numerator"]) == ("met", "1", 2)


def test_one_export_of_both_kinds_is_known_to_its_end(store: Store) -> None:
    office = Office(store)
    office.take([QUICK, asked("R1")], "2026-09-10 18:00")
    office.take([QUICK, OTHER, asked("R1")], "2026-10-02 18:00")

    assert resolution(office)["coverage"] == "1"


def test_the_only_request_that_became_an_incident_holds_nothing_back(store: Store) -> None:
    office = Office(store)
    office.take([QUICK, asked("MOVED")], "2026-09-10 18:00")
    office.take([QUICK, replace(asked("MOVED"), kind=Kind.INCIDENT)], "2026-10-02 18:00")

    assert resolution(office)["coverage"] == "1"


def test_tickets_that_the_desk_has_dropped_hold_nothing_back(store: Store) -> None:
    office = Office(store)
    office.take([QUICK, OTHER], "2026-09-10 18:00")
    office.take([OTHER], "2026-10-02 18:00")

    assert resolution(office)["coverage"] == "1"
