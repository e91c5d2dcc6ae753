"""A contract whose versions name different desks, or other tickets of one: each stretch is measured from its own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from builders import at_least, contract, desk, measured, month, objective, paris, request, span, ticket, version
from kpi_agent.domain.contract import Contract, ObjectiveWindow, TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.indicators.recurrence import family_lines
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.measure import measure
from kpi_agent.domain.ticket import Kind, State, Ticket

CHANGE = "2026-10-16"
IN_TIME = objective("resolve_in_time", at_least("95%"))


def deal(old: TicketScope, new: TicketScope | None, **parts: Any) -> Contract:
    return contract(version(tickets=old, **parts), version(CHANGE, tickets=new, **parts))


TWO_DESKS = deal(TicketScope("old"), TicketScope("desk"))


def of(source: str, one: Ticket) -> Ticket:
    return replace(one, source=source)


def both(old: tuple[Ticket, ...], new: tuple[Ticket, ...], **lost: int) -> Facts:
    """Return what both desks tell; *lost*: of the former one."""
    present = desk(*new)
    former = replace(desk(*(of("old", t) for t in old)).tickets, lost=lost)
    return Facts(tickets=replace(present.tickets, former=(former,)))


def october(promised: Contract) -> Request:
    """Return a request for the whole month, both stretches of it."""
    return replace(request(promised), span=month().interval)


OLD = (
    ticket("2026-10-05 10:00", "2026-10-05 11:00", id="A"),
    ticket("2026-10-06 10:00", "2026-10-06 20:00", id="B"),  # late
    ticket("2026-10-14 10:00", "2026-10-17 10:00", id="C"),  # late, resolved after the change
)
NEW = (
    ticket("2026-10-20 10:00", "2026-10-20 11:00", id="A"),  # of the same id as another in the former desk
    ticket("2026-10-21 10:00", "2026-10-21 20:00", id="E"),  # late
)


def test_the_month_of_the_change_counts_the_tickets_of_both_desks() -> None:
    facts = both(OLD, NEW)

    assert measured("volume", facts, october(TWO_DESKS)).value == 5
    reading = measured("resolve_in_time", facts, october(TWO_DESKS))
    assert (reading.numerator, reading.denominator) == (2, 5)


def test_each_is_counted_once_over_all_months() -> None:
    running = (ticket("2026-10-15 22:00", "2026-11-02 10:00", id="D", priority="P3"),)
    facts = both((*OLD, *running), NEW)

    counts = [measured("resolve_in_time", facts, asked).denominator for asked in months()]
    done = [measured("volume", facts, asked).details["resolved"] for asked in months()]

    assert (counts, done) == ([0, 6, 0], [0, 5, 1])


def months() -> list[Request]:
    return [replace(request(TWO_DESKS, name), span=month(name).interval) for name in ("2026-09", "2026-10", "2026-11")]


def test_what_a_desk_holds_from_the_time_of_the_other_is_out_of_scope_and_said() -> None:
    after = ticket("2026-10-20 10:00", "2026-10-20 11:00", id="S")  # another customer's, or entered in the wrong desk
    copied = ticket("2026-10-10 10:00", "2026-10-20 11:00", id="Y")  # moved with its opening
    facts = both((*OLD, after), (*NEW, copied))
    asked = october(TWO_DESKS)

    assert measured("volume", facts, asked).value == 5
    assert {e.reason: e.count for e in reconcile(asked, facts).exclusions}["out_of_scope"] == 2


def test_a_ticket_lost_in_the_former_desk_is_no_other_of_that_id() -> None:
    open_there = ticket("2026-10-15 10:00", id="A", priority="P3")
    open_here = ticket("2026-10-20 10:00", id="A", state=State.NEW)
    facts = both((open_there,), (open_here,), A=paris("2026-10-15 20:00"))
    asked = october(TWO_DESKS)

    reading = measured("resolve_in_time", facts, asked)

    assert (reading.numerator, reading.denominator) == (0, 1)
    assert measured("backlog", facts, asked).value == 1
    assert [(lost.ticket, lost.seen) for lost in reconcile(asked, facts).lost] == [("A", paris("2026-10-15 20:00"))]


def test_a_breach_is_not_saved_by_a_merge_into_what_is_no_more_of_the_contract() -> None:
    merged = ticket("2026-10-14 10:00", "2026-10-17 10:00", id="M", state=State.CANCELLED, merged_into="S")
    goes_on = ticket("2026-10-17 09:00", "2026-10-17 18:00", id="S")

    reading = measured("resolve_in_time", both((merged, goes_on), ()), october(TWO_DESKS))

    assert (reading.numerator, reading.denominator) == (0, 1)


def test_another_where_counts_from_its_own_day_on() -> None:
    scoped = deal(TicketScope("desk", where={"entity": "north*"}), TicketScope("desk", where={"entity": "south"}))
    facts = desk(
        ticket("2026-10-05 10:00", "2026-10-05 11:00", id="A", entity="north/1"),
        ticket("2026-10-05 10:00", "2026-10-05 11:00", id="B", entity="south"),
        ticket("2026-10-15 10:00", "2026-10-18 10:00", id="C", entity="north/2"),
        ticket("2026-10-20 10:00", "2026-10-20 11:00", id="D", entity="north/1"),
        ticket("2026-10-20 10:00", "2026-10-20 20:00", id="E", entity="south"),
    )
    asked = october(scoped)

    assert measured("volume", facts, asked).value == 3
    reading = measured("resolve_in_time", facts, asked)
    assert (reading.numerator, reading.denominator) == (1, 3)


def test_a_window_over_the_change_adds_what_each_desk_tells() -> None:
    rolling = replace(IN_TIME, window=ObjectiveWindow.ROLLING_3)
    changed = deal(TicketScope("old"), TicketScope("desk"), objectives=(rolling,))
    facts = both((*OLD, ticket("2026-08-05 10:00", "2026-08-05 11:00", id="Z")), NEW)

    (found,) = measure(changed, month(), facts, now=paris("2026-12-01 00:00")).commitments

    assert (found.reading.numerator, found.reading.denominator) == (3, 6)
    assert found.reading.span == span("2026-08-01", "2026-11-01")


def test_terms_that_changed_with_the_desk_are_judged_stretch_by_stretch() -> None:
    stricter = contract(
        version(tickets=TicketScope("old"), objectives=(IN_TIME,)),
        version(CHANGE, tickets=TicketScope("desk"), objectives=(replace(IN_TIME, target=at_least("50%")),)),
    )

    found = measure(stricter, month(), both(OLD, NEW), now=paris("2026-12-01 00:00")).commitments

    assert [(c.segment, c.reading.numerator, c.reading.denominator) for c in found] == [(0, 1, 3), (1, 1, 2)]


def test_a_contract_that_covers_tickets_no_longer_is_measured_until_then() -> None:
    ended = contract(version(objectives=(IN_TIME,)), version(CHANGE, tickets=None))
    facts = desk(*OLD, *(replace(t, id=f"{t.id}2") for t in NEW))

    (first,) = measure(ended, month(), facts, now=paris("2026-12-01 00:00")).commitments

    assert (first.reading.numerator, first.reading.denominator) == (1, 3)


def test_one_that_covers_them_only_later_counts_what_was_opened_before_as_older_than_the_contract() -> None:
    begun = contract(version(tickets=None), version(CHANGE, tickets=TicketScope("desk")))

    assert [scope.source for _, scope in begun.ticket_scopes()] == ["desk"]
    assert measured("volume", desk(*OLD), october(begun)).value == 3


def test_problems_of_two_desks_with_one_number_are_two() -> None:
    told = {"problem": "7", "title": "disk full", "category": None}
    old = (
        ticket("2026-10-05 10:00", "2026-10-05 11:00", id="A", **told),
        ticket("2026-09-01 10:00", "2026-09-02 11:00", id="7", kind=Kind.PROBLEM),
    )
    new = (ticket("2026-10-20 10:00", "2026-10-20 11:00", id="B", **told),)

    assert family_lines(october(TWO_DESKS), both(old, new)) == ()


@pytest.mark.parametrize(("source", "until"), [("old", paris(CHANGE + " 00:00")), ("desk", None), ("main", None)])
def test_a_desk_is_needed_until_the_next_one_is_named(source: str, until: int | None) -> None:
    end = TWO_DESKS.desk_end(source)

    assert end == until if until is not None else end > paris("2099-01-01 00:00")


def test_versions_that_name_the_same_tickets_are_one_stretch() -> None:
    same = contract(version(), version(CHANGE), version("2026-12-01", tickets=TicketScope("other")))

    assert [(part.end, scope.source) for part, scope in same.ticket_scopes()] == [
        (paris("2026-12-01 00:00"), "desk"),
        (same.ticket_scopes()[1][0].end, "other"),
    ]
    assert measured("resolve_in_time", both((), NEW), request(TWO_DESKS)).value == Fraction(1, 2)
