"""A closed month never changes: what is known otherwise since is told by the next report (indicators.md §10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import month, reopening, ticket
from integration.store.office import Office, changed
from kpi_agent.domain.export import RejectedRow
from kpi_agent.domain.ticket import Kind, State, Ticket
from kpi_agent.domain.time import HOUR
from kpi_agent.store.open import Store, open_store

QUICK = ticket("2026-09-07 10:00", "2026-09-07 11:00", id="QUICK", responded="2026-09-07 10:10")
SLOW = ticket("2026-09-08 10:00", "2026-09-08 20:00", id="SLOW", responded="2026-09-08 10:10")
LATER = ticket("2026-10-05 10:00", "2026-10-05 11:00", id="LATER", responded="2026-10-05 10:10")
OPEN = ticket("2026-09-30 22:00", id="OPEN", priority="P2", responded="2026-09-30 22:10")


@pytest.fixture
def office(store: Store) -> Office:
    """September is closed with one of two P1 in time."""
    made = Office(store)
    made.take([QUICK, SLOW, OPEN], "2026-10-02 18:00")
    made.close("2026-09", "2026-10-04 07:00")
    return made


def promised(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for e in document["errata"] if e["objective"] is not None]


def told(figure: dict[str, Any]) -> tuple[str, int, int]:
    return figure["verdict"], figure["numerator"], figure["denominator"]


def test_a_month_without_news_has_no_errata(office: Office) -> None:
    done = changed(OPEN, resolved="2026-10-05 09:00", state=State.CLOSED)
    office.take([QUICK, SLOW, done, LATER], "2026-11-02 18:00")

    assert office.close("2026-10", "2026-11-04 07:00")["errata"] == []


def test_an_edit_of_a_closed_month_is_told_by_the_next_report_with_old_and_new_figure(office: Office) -> None:
    before = office.closed("2026-09")
    office.take([QUICK, changed(SLOW, resolved="2026-09-08 11:00"), OPEN, LATER], "2026-10-20 18:00")

    (erratum,) = promised(office.close("2026-10", "2026-11-04 07:00"))

    assert (erratum["period"], erratum["revision"], erratum["published"]) == ("2026-09", 1, "2026-09")
    assert (erratum["objective"], erratum["indicator"]) == ("resolve_in_time", "resolve_in_time")
    assert told(erratum["old"]) == ("missed", 1, 2)
    assert told(erratum["new"]) == ("met", 2, 2)
    assert erratum["causes"] == ["edit"]
    assert erratum["tickets"] == [
        {"ticket": "SLOW", "cause": "edit", "fields": ["resolved"], "old": "breached", "new": "met"}
    ]
    assert office.closed("2026-09") == before


def test_the_readings_behind_are_told_too(office: Office) -> None:
    office.take([QUICK, changed(SLOW, resolved="2026-09-08 11:00"), OPEN, LATER], "2026-10-20 18:00")

    errata = office.close("2026-10", "2026-11-04 07:00")["errata"]
    (median,) = [e for e in errata if e["indicator"] == "time_to_resolve" and e["scope"] == {"priority": "P1"}]

    assert (median["old"]["value"], median["new"]["value"]) == ("19800", "3600")
    assert {e["indicator"] for e in errata} == {"resolve_in_time", "time_to_resolve"}


def test_an_erratum_is_not_repeated_until_the_figure_changes_again(office: Office) -> None:
    edited = changed(SLOW, resolved="2026-09-08 11:00")
    office.take([QUICK, edited, OPEN, LATER], "2026-11-02 18:00")
    office.close("2026-10", "2026-11-04 07:00")
    office.take([QUICK, edited, OPEN, LATER], "2026-12-02 18:00")
    assert office.close("2026-11", "2026-12-04 07:00")["errata"] == []

    office.take([QUICK, SLOW, OPEN, LATER], "2027-01-02 18:00")
    (erratum,) = promised(office.close("2026-12", "2027-01-04 07:00"))

    assert (erratum["period"], erratum["published"]) == ("2026-09", "2026-10")
    assert told(erratum["old"]) == ("met", 2, 2)
    assert told(erratum["new"]) == ("missed", 1, 2)


def test_a_row_that_comes_late_is_told_as_such(office: Office) -> None:
    forgotten = ticket("2026-09-10 10:00", "2026-09-10 11:00", id="FORGOTTEN", responded="2026-09-10 10:05")
    office.take([QUICK, SLOW, OPEN, LATER, forgotten], "2026-10-20 18:00")

    document = office.close("2026-10", "2026-11-04 07:00")
    (erratum,) = promised(document)
    (volume,) = [e for e in document["errata"] if e["indicator"] == "volume" and e["scope"] == {}]

    assert (told(erratum["old"]), told(erratum["new"])) == (("missed", 1, 2), ("missed", 2, 3))
    assert [(t["ticket"], t["cause"], t["old"], t["new"]) for t in erratum["tickets"]] == [
        ("FORGOTTEN", "late_row", None, "met")
    ]
    assert (volume["old"]["n"], volume["new"]["n"]) == (3, 4)


def test_a_row_that_was_rejected_and_is_mended_is_told_as_such(store: Store) -> None:
    office = Office(store)
    row = RejectedRow(5, "date", "no date", "id=BROKEN; opened=soon")
    office.take([QUICK, SLOW, OPEN], "2026-10-02 18:00", rejected=(row,), rows=4)
    office.close("2026-09", "2026-10-04 07:00")
    mended = ticket("2026-09-10 10:00", "2026-09-10 11:00", id="BROKEN", responded="2026-09-10 10:05")
    office.take([QUICK, SLOW, OPEN, mended, LATER], "2026-10-20 18:00")

    (erratum,) = promised(office.close("2026-10", "2026-11-04 07:00"))

    assert erratum["old"]["verdict"] == "no_data"
    assert told(erratum["new"]) == ("missed", 2, 3)
    assert erratum["causes"] == ["coverage", "rejected_row"]


def test_a_met_withdrawn_by_a_reopening_is_told(store: Store) -> None:
    office = Office(store)
    solved = ticket("2026-09-30 22:00", "2026-09-30 23:00", id="BACK", responded="2026-09-30 22:10")
    office.take([QUICK, solved], "2026-10-02 18:00")
    office.close("2026-09", "2026-10-02 19:00")
    back = changed(
        solved,
        resolved="2026-10-02 23:30",
        reopenings=(reopening("2026-09-30 23:00", "2026-10-02 23:00"),),
        updated="2026-10-02 23:30",
    )
    office.take([QUICK, back], "2026-11-02 18:00")

    (erratum,) = promised(office.close("2026-10", "2026-11-04 07:00"))

    assert (told(erratum["old"]), told(erratum["new"])) == (("met", 2, 2), ("met", 1, 1))
    assert [(t["ticket"], t["cause"]) for t in erratum["tickets"]] == [("BACK", "reopened")]


def test_an_export_that_closes_a_gap_is_told_without_any_ticket(store: Store) -> None:
    office = Office(store)
    office.take([QUICK], "2026-09-20 18:00")
    office.close("2026-09", "2026-10-04 07:00")
    office.take([QUICK], "2026-10-20 18:00")

    (erratum,) = promised(office.preview("2026-10", "2026-10-21 07:00"))

    assert (erratum["old"]["verdict"], erratum["new"]["verdict"]) == ("no_data", "met")
    assert (erratum["causes"], erratum["tickets"]) == (["coverage"], [])


def test_the_running_month_tells_them_before_its_close_and_the_close_alone_publishes(office: Office) -> None:
    office.take([QUICK, changed(SLOW, resolved="2026-09-08 11:00"), OPEN, LATER], "2026-10-20 18:00")

    shown = office.preview("2026-10", "2026-10-21 07:00")
    closed = office.close("2026-10", "2026-11-04 07:00")

    assert promised(shown) == promised(closed) != []


def test_a_close_that_is_repeated_gives_the_same_bytes_whatever_came_meanwhile(office: Office) -> None:
    office.take([QUICK, changed(SLOW, resolved="2026-09-08 11:00"), OPEN, LATER], "2026-10-20 18:00")
    once = office.close("2026-10", "2026-11-04 07:00")
    entry = office.store.ledger.entries("acme")["2026-10"]
    office.take([changed(QUICK, resolved="2026-09-07 19:00"), SLOW, OPEN, LATER], "2026-11-20 18:00")

    again = office.closer._document(office.deal, month("2026-10"), entry)

    stored = office.store.ledger.document("acme", "2026-10")
    assert stored is not None
    assert again == stored.content
    assert promised(once)


def test_errata_reach_thirteen_months_back(store: Store) -> None:
    office = Office(store)
    office.take([QUICK, SLOW], "2026-10-02 18:00")
    for period, at in (("2026-08", "2026-10-03 07:00"), ("2026-09", "2026-10-04 07:00")):
        office.close(period, at)
    office.take([QUICK, changed(SLOW, resolved="2026-09-08 11:00")], "2027-10-20 18:00")

    assert promised(office.preview("2027-10", "2027-10-21 07:00"))
    assert not office.preview("2027-11", "2027-11-21 07:00")["errata"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_imports_changes_no_erratum(office: Office, order: tuple[int, int]) -> None:
    edits: list[tuple[list[Ticket], str]] = [
        ([QUICK, changed(SLOW, resolved="2026-09-08 11:00"), OPEN], "2026-10-10 18:00"),
        ([QUICK, changed(SLOW, resolved="2026-09-08 12:00"), OPEN, LATER], "2026-10-20 18:00"),
    ]
    for place in order:
        office.take(*edits[place])

    errata = office.preview("2026-10", "2026-10-21 07:00")["errata"]
    (median,) = [e for e in errata if e["indicator"] == "time_to_resolve" and e["scope"] == {"priority": "P1"}]

    assert median["new"]["value"] == "5400"


_TOLD_LATE = st.lists(
    st.tuples(st.sampled_from([QUICK, SLOW]), st.integers(1, 12), st.integers(6, 30)),
    min_size=1,
    max_size=4,
    unique_by=lambda told: told[2],
)


@settings(max_examples=15, deadline=None, database=None)
@given(told=_TOLD_LATE, data=st.data())
def test_any_order_of_late_exports_gives_the_same_errata(
    tmp_path_factory: pytest.TempPathFactory,
    told: list[tuple[Ticket, int, int]],
    data: st.DataObject,
) -> None:
    """Each export tells another resolution of one incident of the closed month; the newest counts."""
    answers = []
    for order in (sorted(told, key=lambda one: one[2]), data.draw(st.permutations(told))):
        opened = open_store("sqlite:///kpi-agent.db", state_dir=tmp_path_factory.mktemp("order"))
        office = Office(opened)
        office.take([QUICK, SLOW, OPEN], "2026-10-02 18:00")
        office.close("2026-09", "2026-10-04 07:00")
        for one, hours, day in order:
            rest = [each for each in (QUICK, SLOW, OPEN) if each.id != one.id]
            office.take([changed(one, resolved=one.opened + hours * HOUR), *rest], f"2026-10-{day:02} 18:00")
        answers.append(office.preview("2026-10", "2026-10-31 07:00")["errata"])
        opened.close()

    assert answers[0] == answers[1]


def test_rows_that_cannot_be_read_later_take_no_closed_month_back(office: Office) -> None:
    """September was read whole after its end: what is unreadable in November's rows concerns it no more."""
    office.take([QUICK, SLOW, OPEN, LATER], "2026-11-02 18:00")
    office.close("2026-10", "2026-11-04 07:00")
    rows = [RejectedRow(n, "unknown_state", "'?' is no state", "?") for n in range(6, 9)]
    office.take([QUICK, SLOW, OPEN, LATER], "2026-11-20 18:00", rejected=rows, rows=7)

    running = office.preview("2026-11", "2026-11-20 19:00")

    assert running["errata"] == []
    assert min(float(r["coverage"]) for r in running["readings"]) < 0.95


def test_an_export_of_requests_does_not_stand_for_the_incidents_that_could_not_be_read(store: Store) -> None:
    office = Office(store)
    row = RejectedRow(5, "date", "no date", "id=BROKEN; opened=soon")
    asked = replace(QUICK, id="R1", kind=Kind.REQUEST)
    office.take([QUICK, SLOW, OPEN], "2026-10-02 18:00", rejected=(row,), rows=4)
    office.take([asked], "2026-10-02 18:10")

    (objective,) = office.close("2026-09", "2026-10-04 07:00")["objectives"]

    assert objective["verdict"] == "no_data"
