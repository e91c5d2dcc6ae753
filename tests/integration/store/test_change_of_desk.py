"""A contract that changes desks within a month: each stretch is known from the exports of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from builders import at_least, contract, objective, paris, ticket
from integration.store.office import ACME, DESK, Office, changed
from kpi_agent.domain.contract import TicketScope
from kpi_agent.domain.due import DueClose, Stage
from kpi_agent.domain.export import RejectedRow
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import Period
from kpi_agent.store.open import Store

IN_TIME = objective("resolve_in_time", at_least("95%"))
FIRST = replace(ACME.latest, tickets=TicketScope("old"), objectives=(IN_TIME,))
MOVED = contract(FIRST, replace(FIRST, effective_from=date(2026, 10, 16), tickets=TicketScope("desk")))
FORMER = replace(DESK, name="old")
OCTOBER = Period.parse("2026-10", "Europe/Paris")


def old(*times: Any, **fields: Any) -> Ticket:
    return replace(ticket(*times, **fields), source="old")


IN_OLD = (
    old("2026-10-05 10:00", "2026-10-05 11:00", id="1"),
    old("2026-10-06 10:00", "2026-10-06 20:00", id="2"),
    old("2026-10-15 23:00", id="3"),
)
IN_NEW = (
    ticket("2026-10-20 10:00", "2026-10-20 11:00", id="1"),
    ticket("2026-10-21 10:00", "2026-10-21 20:00", id="2"),
)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store, deal=MOVED, former=(FORMER,))


def figure(document: dict[str, Any], indicator: str) -> dict[str, Any]:
    whole = [r for r in document["readings"] if r["indicator"] == indicator and not r["scope"]]
    found: dict[str, Any] = whole[0]
    return found


def test_the_month_of_the_change_is_counted_from_both(office: Office) -> None:
    office.take(IN_OLD, "2026-11-01 08:00", source="old")
    office.take(IN_NEW, "2026-11-01 08:00")

    closed = office.close("2026-10", "2026-11-04 07:00")

    assert figure(closed, "volume")["value"] == "5"
    reading = figure(closed, "resolve_in_time")
    assert (reading["numerator"], reading["denominator"], reading["coverage"]) == (2, 5, "1")
    assert closed["objectives"][0]["verdict"] == "missed"
    assert [(s["name"], s["coverage"]) for s in closed["sources"]] == [("desk", "1"), ("old", "1")]


@pytest.mark.parametrize(("told", "until"), [("old", "2026-10-11 00:00"), ("desk", "2026-10-27 00:00")])
def test_what_the_desk_of_a_stretch_does_not_tell_is_not_measured(office: Office, told: str, until: str) -> None:
    """However long the other desk is observed."""
    as_of = {"old": "2026-11-01 08:00", "desk": "2026-11-01 08:00"} | {told: until}
    office.take(IN_OLD, as_of["old"], source="old")
    office.take(IN_NEW, as_of["desk"])

    closed = office.close("2026-10", "2026-11-04 07:00")

    assert closed["objectives"][0]["verdict"] == "no_data"
    assert closed["sources"][0 if told == "desk" else 1]["coverage"] != "1"


def test_a_desk_that_was_never_told_leaves_its_stretch_unmeasured(office: Office) -> None:
    office.take(IN_NEW, "2026-11-01 08:00")

    closed = office.close("2026-10", "2026-11-04 07:00")

    assert closed["objectives"][0]["verdict"] == "no_data"
    assert [s["coverage"] for s in closed["sources"]][1] == "0"


def test_what_the_former_desk_left_open_is_lost_with_its_last_export(office: Office) -> None:
    office.take(IN_OLD, "2026-10-16 01:00", source="old")
    office.take(IN_NEW, "2026-11-01 08:00")

    closed = office.close("2026-10", "2026-11-04 07:00")

    assert figure(closed, "volume")["details"]["lost"] == 1
    assert figure(closed, "backlog")["value"] == "0"
    reading = figure(closed, "resolve_in_time")
    assert (reading["numerator"], reading["denominator"], reading["coverage"]) == (2, 4, "1")


def test_a_late_export_of_the_former_desk_corrects_the_month(office: Office) -> None:
    office.take(IN_OLD, "2026-10-16 01:00", source="old")
    office.take(IN_NEW, "2026-11-01 08:00")
    office.close("2026-10", "2026-11-04 07:00")
    done = changed(IN_OLD[2], resolved="2026-10-16 02:00", state=State.RESOLVED)
    office.take((*IN_OLD[:2], done), "2026-10-20 08:00", source="old")
    office.take(IN_NEW, "2026-12-01 08:00")

    errata = office.close("2026-11", "2026-12-04 07:00")["errata"]

    (erratum,) = [e for e in errata if e["objective"] == "resolve_in_time"]
    assert (erratum["new"]["numerator"], erratum["new"]["denominator"]) == (3, 5)
    assert [t["ticket"] for t in erratum["tickets"]] == ["3"]


def test_the_former_desk_is_waited_for_up_to_the_change_only(office: Office) -> None:
    due = DueClose("acme", OCTOBER, paris("2026-11-03 07:00"), paris("2026-11-05 07:00"), None)
    office.take(IN_OLD, "2026-10-15 23:30", source="old")
    office.take(IN_NEW, "2026-11-01 08:00")

    waiting = office.closer.close(MOVED, due, now=paris("2026-11-03 07:00"))
    office.take(IN_OLD, "2026-10-16 00:00", source="old")
    done = office.closer.close(MOVED, replace(due, entry=waiting), now=paris("2026-11-03 07:00"))

    assert (waiting.stage, done.stage) == (Stage.BLOCKED, Stage.RENDERED)


def test_rows_that_either_desk_could_not_tell_are_tickets_nobody_has_seen(office: Office) -> None:
    row = RejectedRow(9, "unknown_state", "'?' is no state", "?")
    office.take(IN_OLD, "2026-11-01 08:00", source="old", rejected=[row], rows=4)
    office.take(IN_NEW, "2026-11-01 08:00")

    closed = office.close("2026-10", "2026-11-04 07:00")

    assert figure(closed, "resolve_in_time")["coverage"].startswith("0.8333")
    assert closed["objectives"][0]["verdict"] == "no_data"


def test_before_the_change_the_later_desk_is_no_source(office: Office) -> None:
    office.take(IN_OLD, "2026-10-10 08:00", source="old")

    running = office.preview("2026-10", "2026-10-10 09:00")

    assert [s["name"] for s in running["sources"]] == ["old"]
    assert figure(running, "volume")["value"] == "2"


def test_in_the_running_month_the_former_desk_tells_nothing_of_the_time_after_the_change(office: Office) -> None:
    done = changed(IN_OLD[2], resolved="2026-10-16 02:00", state=State.RESOLVED)
    office.take((*IN_OLD[:2], done), "2026-10-20 08:00", source="old")

    reading = figure(office.preview("2026-10", "2026-10-20 08:00"), "resolve_in_time")

    assert (reading["numerator"], reading["denominator"]) == (1, 2)
    assert 0.8 < float(reading["coverage"]) < 0.85, "15 of the 18 days that should be known by now"
