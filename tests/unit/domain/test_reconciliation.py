"""From the desk's tickets to the judged ones: every one is somewhere, and why is said (indicators.md §4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    OFFICE,
    change,
    contract,
    desk,
    hold,
    measured,
    paris,
    quick,
    reopening,
    request,
    terms,
    ticket,
)
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Contract, TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.reconciliation import Balance, Exclusion, HeldFor, LateEdit, Lost, Overdue, Reconciliation
from kpi_agent.domain.ticket import Basis, Edit, HoldReason, HoldTotal, Kind, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE


def of(*tickets: Ticket, promised: Contract | None = None, period: str = "2026-10", **parts: Any) -> Reconciliation:
    return reconcile(request(promised, period, **parts), desk(*tickets))


def whole(found: Reconciliation, clock: str = "resolve") -> Balance:
    return next(b for b in found.balances if b.clock == clock and b.priority is None)


def excluded(found: Reconciliation, clock: str | None = "resolve") -> dict[str, tuple[str, ...]]:
    return {e.reason: e.tickets for e in found.exclusions if e.clock == clock}


def test_what_was_resolved_leads_to_what_was_judged() -> None:
    found = of(
        ticket("2026-10-05 08:00", "2026-10-05 09:00", id="IN-TIME"),
        ticket("2026-10-05 08:00", "2026-10-05 20:00", id="LATE"),
        ticket("2026-09-30 08:00", "2026-10-02 08:00", id="JUDGED-IN-SEPTEMBER"),
        ticket("2026-10-20 08:00", id="OPEN-AND-OVERDUE"),
        ticket("2026-10-07 08:00", state=State.CANCELLED, closed="2026-10-07 20:00", id="WITHDRAWN-TOO-LATE"),
        ticket("2026-10-07 08:00", "2026-10-07 09:00", priority=None, id="NO-PRIORITY"),
    )

    balance = whole(found)
    assert balance.flow == {
        "done": 4, "earlier": 1, "undetermined": 0, "without_limit": 1, "bounded": 0, "overdue": 1,
        "withdrawn_late": 1,
    }  # fmt: skip
    assert (balance.met, balance.breached, balance.flow_difference) == (1, 3, 0)
    assert balance.judged == 4 - 1 - 1 + 1 + 1


def test_each_incident_of_the_period_is_in_one_class() -> None:
    found = of(
        ticket("2026-10-05 08:00", "2026-10-05 09:00", id="MET"),
        ticket("2026-10-31 23:00", id="RUNNING-AT-MIDNIGHT"),
        ticket("2026-10-05 08:00", state=State.CLOSED, closed="2026-10-06 09:00", id="WHO-KNOWS"),
        ticket("2026-10-07 08:00", state=State.CANCELLED, closed="2026-10-07 09:00", id="WITHDRAWN"),
        ticket("2026-10-07 08:00", priority=None, id="NO-PRIORITY"),
        ticket("2026-10-07 08:00", priority="P5", id="NO-LIMIT"),
        ticket("2026-09-10 08:00", id="OVERDUE-SINCE-SEPTEMBER"),
        ticket("2026-08-10 08:00", "2026-08-10 09:00", id="LONG-OVER"),
        ticket("2026-11-01 00:00", id="NEXT-MONTH"),
    )

    balance = whole(found)
    assert (balance.population, balance.met, balance.running, balance.undetermined) == (7, 1, 1, 1)
    assert balance.excluded == {"earlier": 1, "withdrawn": 1, "without_limit": 1, "without_priority": 1}
    assert balance.unexplained == 0
    assert excluded(found) == {
        "earlier": ("OVERDUE-SINCE-SEPTEMBER",),
        "withdrawn": ("WITHDRAWN",),
        "without_priority": ("NO-PRIORITY",),
        "without_limit": ("NO-LIMIT",),
        "undetermined": ("WHO-KNOWS",),
    }


def test_other_kinds_are_listed_and_tickets_of_others_only_counted() -> None:
    ours = contract(tickets=TicketScope("desk", {"entity": "ACME*"}))
    found = of(
        ticket("2026-10-05 08:00", entity="ACME Paris", id="OURS"),
        ticket("2026-10-05 08:00", entity="ACME Paris", kind=Kind.REQUEST, id="REQUEST"),
        ticket("2026-10-05 08:00", entity="Globex", id="THEIRS"),
        ticket("2026-05-05 08:00", "2026-05-05 09:00", entity="Globex", id="THEIRS-OF-MAY"),
        promised=ours,
    )

    assert [e for e in found.exclusions if e.clock is None] == [
        Exclusion(None, "request", 1, ("REQUEST",)),
        Exclusion(None, "out_of_scope", 1),
    ]
    assert whole(found).population == 1


def test_each_priority_has_a_balance_of_its_own() -> None:
    found = of(
        ticket("2026-10-05 08:00", id="A"), ticket("2026-10-05 08:00", "2026-10-05 09:00", priority="P2", id="B")
    )

    assert [(b.priority, b.population, b.met, b.breached) for b in found.balances if b.clock == "resolve"] == [
        (None, 2, 1, 1), ("P1", 1, 0, 1), ("P2", 1, 1, 0),
    ]  # fmt: skip


def test_a_late_reopening_is_an_incident_of_its_own() -> None:
    again = ticket(
        "2026-10-01 08:00", "2026-10-20 09:00", reopenings=(reopening("2026-10-01 09:00", "2026-10-20 08:00"),)
    )

    balance = whole(of(again))

    assert (balance.population, balance.met, balance.flow["done"]) == (2, 2, 2)


def test_a_response_that_its_resolution_proves_is_added_as_bounded() -> None:
    balance = whole(of(ticket("2026-10-05 08:00", "2026-10-05 08:20", cannot_tell=frozenset({"responded"}))), "respond")

    assert (balance.met, balance.flow["done"], balance.flow["bounded"], balance.flow_difference) == (1, 0, 1, 0)


def test_merged_and_moved_tickets_are_left_out_under_their_own_reasons() -> None:
    found = of(
        ticket("2026-10-05 08:00", "2026-10-05 09:00", id="GOES-ON"),
        ticket("2026-10-05 08:10", id="MERGED", merged_into="GOES-ON", updated="2026-10-05 08:20"),
        ticket("2026-10-05 08:00", state=State.CANCELLED, closed="2026-10-05 08:30", id="CANCELLED"),
        ticket(
            "2026-10-05 08:00", "2026-10-05 12:00", id="RETYPED", kind=Kind.REQUEST,
            edits=(Edit(paris("2026-10-05 08:40"), "kind", "incident", "request"),),
        ),
    )  # fmt: skip

    assert excluded(found) == {"merged": ("MERGED",), "moved_out": ("RETYPED",), "withdrawn": ("CANCELLED",)}
    balance = whole(found)
    assert balance.excluded == {"merged": 1, "moved_out": 1, "withdrawn": 1}
    assert (balance.population, balance.unexplained, balance.flow_difference) == (4, 0, 0)
    assert excluded(found, None) == {"request": ("RETYPED",)}


def test_lost_tickets_stand_apart() -> None:
    facts = desk(ticket("2026-10-31 22:00", id="GONE"), ticket("2026-10-31 22:00", id="HERE"))
    seen = paris("2026-10-31 22:30")
    facts = replace(facts, tickets=replace(facts.tickets, lost={"GONE": seen}))

    found = reconcile(request(), facts)

    assert (whole(found).excluded, whole(found).running) == ({"lost": 1}, 1)
    assert found.lost == (Lost("GONE", seen),)


def test_what_is_overdue_is_listed_oldest_first() -> None:
    found = of(
        ticket("2026-10-05 08:00", id="NEW"),
        ticket("2026-09-05 08:00", id="OLD"),
        ticket("2026-10-05 08:00", "2026-10-06 08:00", id="DONE"),
    )

    assert found.overdue == (
        Overdue("OLD", "P1", paris("2026-09-05 12:00")),
        Overdue("NEW", "P1", paris("2026-10-05 12:00")),
    )


def test_the_desks_flag_is_held_against_the_verdict() -> None:
    found = of(
        ticket("2026-10-05 08:00", "2026-10-05 09:00", id="BOTH-IN-TIME", desk_met=True),
        ticket("2026-10-05 08:00", "2026-10-05 20:00", id="BOTH-LATE", desk_met=False),
        ticket("2026-10-05 08:00", "2026-10-05 09:00", id="NO-FLAG"),
        ticket("2026-10-31 23:00", id="STILL-RUNNING", desk_met=True),
    ).desk

    assert (found.compared, found.agreed, found.untold, found.differences) == (2, 2, 1, ())


def in_office(**parts: Any) -> Contract:
    return contract(
        priorities={"P1": terms("30m", "4h", OFFICE)}, calendars={"office": OFFICE, "24x7": ALWAYS}, **parts
    )


HOLDS = (hold("2026-10-05 08:00", "2026-10-05 14:00"),)
MONDAY = "2026-10-05 08:00"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"resolved": "2026-10-05 15:00", "desk_met": False, "holds": HOLDS}, "holds"),
        ({"resolved": "2026-10-06 08:30", "desk_met": True,
          "holds": (hold("2026-10-05 10:00", "2026-10-05 18:00", HoldReason.VENDOR),)}, "holds"),
        ({"resolved": "2026-10-06 08:30", "desk_met": True, "hold_total": HoldTotal(8 * HOUR, Basis.WALL)}, "holds"),
        ({"opened": "2026-10-05 17:00", "resolved": "2026-10-06 09:00", "desk_met": False}, "calendar"),
        ({"resolved": "2026-10-05 09:00", "closed": "2026-10-05 17:00", "state": State.CLOSED, "desk_met": False},
         "closing"),
        ({"resolved": "2026-10-05 15:00", "desk_met": True,
          "reopenings": (reopening("2026-10-05 09:00", "2026-10-05 10:00"),)}, "reopening"),
        ({"resolved": "2026-10-05 15:00", "desk_met": True, "priority_changes":
          (change("2026-10-05 09:00", "P2", "P1"),)}, "priority_change"),
        ({"resolved": "2026-10-05 10:00", "desk_met": False,
          "edits": (Edit(paris("2026-10-09 08:00"), "resolved", paris("2026-10-05 17:00"), paris("2026-10-05 10:00")),),
          }, "edited"),
        ({"state": State.CLOSED, "closed": "2026-10-05 09:00", "desk_met": False}, "bounded"),
        ({"state": State.CLOSED, "closed": "2026-10-06 09:00", "desk_met": True}, "undetermined"),
        ({"state": State.CANCELLED, "closed": "2026-10-05 17:00", "desk_met": True}, "withdrawn"),
        ({"resolved": "2026-10-05 09:00", "priority": None, "desk_met": True}, "without_priority"),
        ({"resolved": "2026-10-05 09:00", "priority": "P4", "desk_met": True}, "without_limit"),
        ({"resolved": "2026-10-05 09:00", "responded": "2026-10-05 08:50", "desk_met": False}, "other_clock"),
        ({"resolved": "2026-10-05 17:00", "desk_met": True, "cannot_tell": frozenset({"holds"})}, "holds_unknown"),
        ({"resolved": "2026-10-05 17:00", "responded": "2026-10-05 09:00", "desk_met": True}, "unexplained"),
    ],
)  # fmt: skip
def test_a_difference_names_the_one_thing_that_makes_it(told: dict[str, Any], code: str) -> None:
    promised = in_office()
    promised = Contract("acme", (replace(promised.latest, priorities={
        "P1": terms("30m", "4h", OFFICE), "P2": terms("1h", "8h", OFFICE)}),))  # fmt: skip
    one = ticket(**{"opened": MONDAY, "responded": "2026-10-05 08:05"} | told)
    if told.get("state") is State.CLOSED or code in {"other_clock", "unexplained"}:
        one = replace(one, responded=told.get("responded") and paris(told["responded"]))

    (found,) = of(one, promised=promised).desk.differences

    assert found.code == code
    assert found.is_met_for_desk is told["desk_met"]


def test_changes_made_after_the_deadline_are_listed_with_both_values() -> None:
    night, before = paris("2026-10-05 23:00"), paris("2026-10-05 08:20")
    edits = (
        Edit(night, "opened", paris(MONDAY), paris("2026-10-05 10:00")),
        Edit(night, "priority", "P1", "P3"),
        Edit(night, "title", "a", "b"),
        Edit(before, "kind", "request", "incident"),
    )

    found = of(ticket("2026-10-05 10:00", "2026-10-05 13:00", priority="P3", edits=edits)).edits

    assert found == (
        LateEdit("T1", "opened", paris(MONDAY), paris("2026-10-05 10:00"), night, paris("2026-10-05 08:30")),
        LateEdit("T1", "priority", "P1", "P3", night, paris("2026-10-05 08:30")),
    )


def test_a_hold_entered_after_the_deadline_is_listed_though_it_moved_the_deadline() -> None:
    late = paris("2026-10-05 18:00")
    told = ticket(
        MONDAY, "2026-10-05 17:00", holds=(hold("2026-10-05 09:00", "2026-10-05 16:00"),),
        edits=(Edit(late, "holds", 0, 7 * HOUR),),
    )  # fmt: skip

    found = of(told)

    assert [(e.field, e.deadline) for e in found.edits] == [("holds", paris("2026-10-05 12:00"))]
    assert found.holds.entered_late == ("T1",)
    assert found.holds.saved == ("T1",)


def test_hold_figures_count_what_the_contract_deducts() -> None:
    saved = ticket(MONDAY, "2026-10-05 14:00", id="SAVED", holds=(hold("2026-10-05 09:00", "2026-10-05 13:00"),))
    ours = ticket(MONDAY, "2026-10-05 12:00", id="OURS", holds=(hold(MONDAY, "2026-10-05 10:00", HoldReason.VENDOR),))

    found = of(saved, ours).holds

    assert (found.n, found.held, found.whole, found.share) == (2, 4 * HOUR, 10 * HOUR, Fraction(2, 5))
    assert found.saved == ("SAVED",)


def test_held_time_is_told_by_reason_whether_it_stops_the_clock_or_not() -> None:
    holds = (
        hold("2026-10-05 09:00", "2026-10-05 11:00"),
        hold("2026-10-05 10:00", "2026-10-05 12:00", HoldReason.VENDOR),
        hold("2026-10-05 12:00", "2026-10-05 12:30", None),
        hold("2026-10-05 13:00", "2026-10-05 20:00"),
    )
    placed = ticket(MONDAY, "2026-10-05 14:00", id="PLACED", holds=holds)
    summed = ticket(MONDAY, "2026-10-05 10:00", id="SUMMED", hold_total=HoldTotal(HOUR, Basis.SERVICE))
    running = ticket(MONDAY, id="RUNNING", holds=(hold(MONDAY, None, HoldReason.PROBLEM),))

    found = of(placed, summed, running).holds

    assert found.reasons == (
        HeldFor("customer", is_stopping=True, seconds=3 * HOUR, n=1),
        HeldFor("vendor", is_stopping=False, seconds=2 * HOUR, n=1),
        HeldFor("sum", is_stopping=True, seconds=HOUR, n=1),
        HeldFor("untold", is_stopping=True, seconds=30 * MINUTE, n=1),
    )
    assert found.held == 3 * HOUR + 30 * MINUTE + HOUR


@pytest.mark.parametrize(
    ("start", "is_late"),
    [("11:35", False), ("11:36", True), ("12:00", True), ("12:01", False)],
)
def test_a_hold_begun_in_the_last_tenth_of_the_limit_is_named(start: str, *, is_late: bool) -> None:
    one = ticket(MONDAY, "2026-10-06 08:00", holds=(hold(f"2026-10-05 {start}", "2026-10-06 07:00"),))

    assert of(one).holds.begun_late == (("T1",) if is_late else ())


def test_over_ten_working_days_on_hold_is_named() -> None:
    promised = in_office()
    exact = ticket(MONDAY, id="TEN", holds=(hold(MONDAY, "2026-10-16 18:00"),))
    over = ticket(MONDAY, id="MORE", holds=(hold(MONDAY, "2026-10-19 08:01"),))

    assert of(exact, over, promised=promised).holds.long == ("MORE",)


def milestones() -> st.SearchStrategy[Ticket]:
    start = paris("2026-09-25 08:00")
    offsets = st.integers(0, 60).map(lambda n: n * 13 * HOUR)
    lasts = st.integers(1, 100).map(lambda n: n * 47 * MINUTE)

    def build(n: int, at: int, lasted: int, shape: str, priority: str | None, responded: int | None) -> Ticket:
        opened = start + at
        done = opened + lasted
        parts: dict[str, Any] = {"priority": priority, "responded": responded and opened + responded * MINUTE}
        if shape == "open":
            return ticket(opened, id=f"T{n}", **parts)
        if shape == "closed":
            return ticket(opened, id=f"T{n}", state=State.CLOSED, closed=done, **parts)
        if shape == "nowhere":
            return ticket(opened, id=f"T{n}", state=State.CLOSED, **parts)
        if shape == "cancelled":
            return ticket(opened, id=f"T{n}", state=State.CANCELLED, closed=done, **parts)
        if shape == "reopened":
            again = (reopening(done, done + 5 * DAY), reopening(done + 6 * DAY, done + 7 * DAY))
            return ticket(opened, done + 8 * DAY, id=f"T{n}", reopenings=again, **parts)
        return ticket(opened, done, id=f"T{n}", **parts)

    shapes = st.sampled_from(["open", "closed", "nowhere", "cancelled", "reopened", "resolved"])
    return st.builds(
        build, st.integers(0, 10**6), offsets, lasts, shapes, st.sampled_from(["P1", "P2", "P5", None]),
        st.none() | st.integers(0, 300),
    )  # fmt: skip


@given(st.lists(milestones(), max_size=12, unique_by=lambda t: t.id), st.sampled_from([0, 26 * DAY, 60 * DAY]))
@quick
def test_every_month_adds_up_and_agrees_with_its_readings(tickets: list[Ticket], later: int) -> None:
    now = paris("2026-10-20 12:00") + later
    facts: Facts = desk(*tickets, newest=now)
    for period in ("2026-09", "2026-10", "2026-11"):
        asked = request(None, period, now=now)
        if now <= asked.span.start:
            continue
        found = reconcile(asked, facts)
        for balance in found.balances:
            assert (balance.unexplained, balance.flow_difference) == (0, 0)
        for clock, indicator in (("resolve", "resolve_in_time"), ("respond", "respond_in_time")):
            reading = measured(indicator, facts, asked)
            assert (whole(found, clock).met, whole(found, clock).judged) == (reading.numerator, reading.denominator)
            assert whole(found, clock).undetermined == reading.undetermined


def test_sums_that_fail_are_told() -> None:
    balance = Balance("resolve", None, 5, met=1, breached=1, undetermined=0, running=1, flow={"done": 3, "earlier": 2})

    assert (balance.unexplained, balance.flow_difference) == (2, 1)
    assert Counter(balance.flow)["done"] == 3
