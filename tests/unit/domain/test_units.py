"""What a period's incidents are made of, and what became of each there (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from builders import contract, desk, measured, paris, reopening, request, span, terms, ticket
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import TicketScope
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.caseload import cases
from kpi_agent.domain.indicators.unit import Unit, awaited, class_of, counted_span, resolution_units, response_units
from kpi_agent.domain.ticket import State
from kpi_agent.domain.time import MINUTE, Interval

OCTOBER = span("2026-10-01 00:00", "2026-11-01 00:00")
LATE_AGAIN = (reopening("2026-10-02 10:00", "2026-10-12 10:00"),)


def lost(facts: Facts, **since: str) -> Facts:
    return replace(facts, tickets=replace(facts.tickets, lost={name: paris(at) for name, at in since.items()}))


def classes(units: Iterable[Unit]) -> list[tuple[int, str]]:
    return [(u.place, class_of(u, OCTOBER, is_lost=False)) for u in units]


@pytest.mark.parametrize(("as_of", "end"), [(50, 100), (99, 100), (100, 101), (150, 151), (199, 200), (500, 200)])
def test_tickets_are_counted_up_to_the_last_instant_known_and_no_further_than_the_period(as_of: int, end: int) -> None:
    window = Window(Interval(100, 200), 200, as_of, is_too_early=False)

    assert counted_span(window) == Interval(100, end)


@pytest.mark.parametrize(
    ("told", "done"),
    [
        ({}, None),
        ({"resolved": "2026-10-06 10:00"}, "2026-10-06 10:00"),
        ({"state": State.CLOSED, "closed": "2026-10-07 10:00"}, "2026-10-07 10:00"),
        ({"state": State.CANCELLED, "closed": "2026-10-07 10:00"}, None),
    ],
)
def test_when_a_thing_without_a_promise_was_done_is_known_by_its_milestones(
    told: dict[str, Any], done: str | None
) -> None:
    (found,) = resolution_units(request(), desk(ticket("2026-10-05 10:00", priority=None, **told)))

    assert found.done == (None if done is None else paris(done))
    assert found.judgement.done is None


def test_a_lost_thing_without_a_promise_was_never_done() -> None:
    facts = lost(desk(ticket("2026-10-05 10:00", priority=None)), T1="2026-10-06 10:00")

    assert [u.done for u in resolution_units(request(), facts)] == [None]


@pytest.mark.parametrize("told", [{}, {"state": State.CANCELLED, "closed": "2026-10-13 10:00"}])
def test_of_a_late_reopening_without_a_promise_the_first_taking_up_was_done_and_the_last_not(
    told: dict[str, Any],
) -> None:
    one = ticket("2026-10-02 08:00", priority=None, reopenings=LATE_AGAIN, **told)

    first, last = resolution_units(request(), desk(one))

    assert (first.place, first.is_last, first.done) == (0, False, paris("2026-10-02 10:00"))
    assert (last.place, last.is_last, last.done) == (1, True, None)


def test_what_was_promised_is_done_when_the_judgement_says_so() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 11:00", responded="2026-10-05 10:10")

    assert [u.done for u in resolution_units(request(), desk(one))] == [paris("2026-10-05 11:00")]
    assert [u.done for u in response_units(request(), desk(one))] == [paris("2026-10-05 10:10")]


def test_a_response_belongs_to_the_first_taking_up() -> None:
    one = ticket("2026-10-02 08:00", responded="2026-10-02 08:10", reopenings=LATE_AGAIN)

    (found,) = response_units(request(), desk(one))

    assert (found.place, found.is_last) == (0, False)


def test_a_response_is_awaited_until_it_came_else_until_the_ticket_first_ended() -> None:
    facts = desk(
        ticket("2026-10-02 08:00", id="ANSWERED", responded="2026-10-02 09:00"),
        ticket("2026-10-02 08:00", "2026-10-20 10:00", id="NEVER", reopenings=LATE_AGAIN),
    )

    found = {c.ticket.id: awaited(c) for c in cases(request(), facts)}

    assert found["ANSWERED"] == span("2026-10-02 08:00", "2026-10-02 09:00")
    assert found["NEVER"] == span("2026-10-02 08:00", "2026-10-02 10:00")


def test_a_response_told_before_the_opening_was_awaited_for_no_time() -> None:
    facts = desk(ticket("2026-10-02 08:00", responded="2026-10-02 07:00"))

    assert [awaited(c) for c in cases(request(), facts)] == [span("2026-10-02 08:00", "2026-10-02 08:00")]


@pytest.mark.parametrize(
    ("opened", "resolved", "seen"),
    [
        ("2026-09-30 20:00", "2026-09-30 23:59", None),
        ("2026-09-30 23:00", "2026-10-01 00:00", True),  # it was open until the month began
        ("2026-10-31 23:59", "2026-11-01 01:00", True),
        ("2026-11-01 00:00", "2026-11-01 01:00", None),
    ],
)
def test_a_thing_is_of_a_period_in_which_it_was_open(opened: str, resolved: str, *, seen: bool | None) -> None:
    found = [u.is_seen for u in resolution_units(request(), desk(ticket(opened, resolved)))]

    assert found == ([] if seen is None else [seen])


def test_a_thing_is_of_the_period_in_which_it_was_decided_even_if_nobody_saw_it_open_there() -> None:
    # Resolved nobody knows when: undetermined at its deadline, 03:00.
    (found,) = resolution_units(request(), desk(ticket("2026-09-30 23:00", state=State.RESOLVED)))

    assert (found.is_seen, found.judgement.decided) == (False, paris("2026-10-01 03:00"))
    assert classes([found]) == [(0, "undetermined")]


@pytest.mark.parametrize(
    ("opened", "name"),
    [
        ("2026-09-30 19:59", "earlier"),
        ("2026-09-30 20:00", "breached"),  # decided as the month began
        ("2026-10-31 19:59", "breached"),
        ("2026-10-31 20:00", "running"),  # decided as the next one began
    ],
)
def test_a_verdict_belongs_to_the_month_that_holds_the_instant_of_its_decision(opened: str, name: str) -> None:
    assert classes(resolution_units(request(), desk(ticket(opened)))) == [(0, name)]


def test_what_still_ran_when_exports_lost_it_is_lost_and_what_was_decided_before_is_not() -> None:
    (running,) = resolution_units(request(), desk(ticket("2026-10-31 23:00")))
    (breached,) = resolution_units(request(), desk(ticket("2026-10-05 10:00")))

    assert class_of(running, OCTOBER, is_lost=True) == "lost"
    assert class_of(breached, OCTOBER, is_lost=True) == "breached"


def test_of_a_withdrawn_late_reopening_only_the_last_taking_up_is_withdrawn() -> None:
    withdrawn = {"reopenings": LATE_AGAIN, "state": State.CANCELLED, "closed": "2026-10-12 11:00"}

    unnamed = resolution_units(request(), desk(ticket("2026-10-02 08:00", priority=None, **withdrawn)))
    unlimited = resolution_units(request(), desk(ticket("2026-10-02 08:00", priority="P5", **withdrawn)))
    promised = resolution_units(request(), desk(ticket("2026-10-02 08:00", **withdrawn)))

    assert classes(unnamed) == [(0, "without_priority"), (1, "withdrawn")]
    assert classes(unlimited) == [(0, "without_limit"), (1, "withdrawn")]
    assert classes(promised) == [(0, "met"), (1, "withdrawn")]


def test_a_response_that_another_ticket_carries_is_merged_also_after_a_late_reopening() -> None:
    merged = ticket(
        "2026-10-02 08:00", id="A", reopenings=LATE_AGAIN, merged_into="B", state=State.CANCELLED,
        closed="2026-10-12 11:00", responded="2026-10-02 09:00",
    )  # fmt: skip
    heir = ticket("2026-10-02 07:00", id="B")
    facts = desk(merged, heir)

    found = {u.ticket.id: class_of(u, OCTOBER, is_lost=False) for u in response_units(request(), facts)}

    assert found == {"A": "merged", "B": "breached"}
    assert measured("respond_in_time", facts).evidence == ("B",)


def test_a_response_placed_by_the_desks_own_duration_may_be_decided_after_the_ticket_is_over() -> None:
    promised = contract(
        priorities={"P1": terms("1h", "4h", ALWAYS)}, tickets=TicketScope("desk", desk_calendars=("24x7",))
    )
    one = ticket("2026-09-30 23:30", "2026-09-30 23:40", response_duration=40 * MINUTE)

    (found,) = response_units(request(promised), desk(one))

    assert (found.done, found.is_seen) == (paris("2026-10-01 00:10"), True)
    assert classes([found]) == [(0, "met")]
