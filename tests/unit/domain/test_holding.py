"""What holds did to a month's resolutions, and which deserve a look (indicators.md §1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import OFFICE, calendar, contract, desk, hold, paris, reopening, request, terms, ticket
from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.reconciliation import HeldFor, HoldFigures
from kpi_agent.domain.ticket import Basis, Edit, HoldReason, HoldTotal, State, Ticket
from kpi_agent.domain.time import HOUR

MONDAY = "2026-10-05 08:00"
IN_OFFICE = contract(priorities={"P1": terms("30m", "4h", OFFICE)})


def of(*tickets: Ticket, promised: Contract | None = None, period: str = "2026-10", **asked: Any) -> HoldFigures:
    return reconcile(request(promised, period, **asked), desk(*tickets)).holds


def held(start: str, end: str | None, reason: HoldReason | None = HoldReason.CUSTOMER, **told: Any) -> Ticket:
    return ticket(**{"opened": MONDAY, "resolved": "2026-10-05 18:00"} | told, holds=(hold(start, end, reason),))


def total(seconds: int, **told: Any) -> Ticket:
    given = {"opened": MONDAY, "resolved": "2026-10-05 18:00"} | told
    return ticket(**given, hold_total=HoldTotal(seconds, Basis.SERVICE))


# --- the share of held time ---


def test_only_what_was_done_in_the_month_at_a_known_instant_is_in_the_share() -> None:
    waits = {"start": "2026-10-05 09:00", "end": "2026-10-05 11:00"}
    found = of(
        held(**waits, id="DONE"),
        held(**waits, id="DONE-LATER", resolved="2026-11-01 00:00"),
        held(**waits, id="CLOSED-ONLY", resolved=None, state=State.CLOSED, closed="2026-10-05 18:00"),
        held(**waits, id="WITHDRAWN-LATE", state=State.CANCELLED, closed="2026-10-06 18:00"),
        held(**waits, id="OPEN", resolved=None),
        # No terms at all, and no limit: of the first no clock is known, the second one has a clock.
        held(**waits, id="NO-TERMS", priority="P5"),
        held(**waits, id="NO-LIMIT", priority="P4"),
        promised=contract(priorities={"P1": terms("30m", "4h"), "P4": terms("1h")}),
    )

    assert (found.n, found.held, found.whole) == (2, 4 * HOUR, 20 * HOUR)
    assert found.reasons == (HeldFor("customer", is_stopping=True, seconds=4 * HOUR, n=2),)


def test_what_follows_one_without_a_clock_is_counted_too() -> None:
    found = of(ticket(MONDAY, "2026-10-05 09:00", id="A", priority=None), held(MONDAY, "2026-10-05 09:00", id="B"))

    assert (found.n, found.held) == (1, HOUR)


def test_the_clock_of_a_breach_that_survived_the_loss_of_its_priority_counts() -> None:
    lowered = (Edit(paris("2026-10-06 08:00"), "priority", "P1", None, paris("2026-10-05 20:00")),)

    found = of(held("2026-10-05 09:00", "2026-10-05 10:00", priority=None, edits=lowered))

    assert (found.n, found.held, found.whole) == (1, HOUR, 10 * HOUR)


def test_resolutions_of_exports_that_tell_no_holds_are_counted_beside() -> None:
    untold = {"cannot_tell": frozenset({"holds"})}
    tickets = [ticket(MONDAY, "2026-10-05 09:00", id=name, **untold) for name in ("A", "B")]

    found = of(*tickets, ticket(MONDAY, "2026-10-05 09:00", id="C"))

    assert (found.n, found.untold) == (3, 2)


def test_a_sum_takes_no_more_than_there_was() -> None:
    found = of(total(24 * HOUR))

    assert (found.held, found.whole) == (10 * HOUR, 10 * HOUR)
    assert found.reasons == (HeldFor("sum", is_stopping=True, seconds=10 * HOUR, n=1),)


def test_a_sum_belongs_to_the_first_taking_up() -> None:
    again = (reopening("2026-10-05 18:00", "2026-10-19 08:00"),)

    found = of(total(HOUR, resolved="2026-10-19 10:00", reopenings=again))

    assert (found.n, found.held, found.whole) == (2, HOUR, 12 * HOUR)
    assert found.reasons == (HeldFor("sum", is_stopping=True, seconds=HOUR, n=1),)


def test_the_resolved_stretch_of_a_reopening_is_neither_held_nor_worked() -> None:
    again = (reopening("2026-10-05 10:00", "2026-10-05 12:00"),)

    found = of(held("2026-10-05 09:00", "2026-10-05 13:00", reopenings=again))

    assert (found.held, found.whole) == (2 * HOUR, 8 * HOUR)
    assert [r.seconds for r in found.reasons] == [2 * HOUR]


def test_a_sum_is_told_under_its_reason_also_when_that_does_not_stop_the_clock() -> None:
    vendor = total(2 * HOUR, id="V", hold_reason=HoldReason.VENDOR)
    customer = total(HOUR, id="C", hold_reason=HoldReason.CUSTOMER, holds=(hold(MONDAY, "2026-10-05 09:30"),))

    found = of(vendor, customer)

    assert found.held == 2.5 * HOUR
    assert found.reasons == (
        HeldFor("customer", is_stopping=True, seconds=9000, n=1),
        HeldFor("vendor", is_stopping=False, seconds=2 * HOUR, n=1),
    )


def test_a_hold_that_the_desk_left_open_lasts_until_the_resolution() -> None:
    found = of(held("2026-10-05 17:00", None))

    assert found.reasons == (HeldFor("customer", is_stopping=True, seconds=HOUR, n=1),)


def test_a_hold_outside_service_hours_is_no_waiting() -> None:
    found = of(held("2026-10-05 19:00", "2026-10-06 07:00", resolved="2026-10-06 09:00"), promised=IN_OFFICE)

    assert (found.n, found.held, found.reasons) == (1, 0, ())


# --- met only thanks to holds ---


def test_what_holds_or_a_sum_of_them_saved_is_named_in_the_month_of_its_verdict() -> None:
    night = {"opened": "2026-10-31 20:00", "resolved": "2026-11-01 02:00"}
    saved = held("2026-10-31 21:00", "2026-11-01 00:00", **night, id="HELD")
    summed = total(3 * HOUR, **night, id="SUMMED")
    late = held("2026-10-31 21:00", "2026-10-31 22:00", **night, id="LATE-ALL-THE-SAME")
    early = held("2026-10-31 21:00", "2026-10-31 22:00", **night | {"resolved": "2026-10-31 23:30"}, id="IN-TIME")

    assert of(saved, summed, late, early).saved == ()
    assert of(saved, summed, late, early, period="2026-11").saved == ("HELD", "SUMMED")


# --- begun in the last tenth of the limit ---


@pytest.mark.parametrize(
    ("opened", "start", "is_late"),
    [
        ("2026-10-31 20:10", "2026-10-31 23:59", True),
        ("2026-10-31 20:10", "2026-11-01 00:00", False),
        ("2026-09-30 20:10", "2026-09-30 23:59", False),
        ("2026-09-30 20:10", "2026-10-01 00:00", True),
    ],
)
def test_a_hold_begun_late_is_told_in_the_month_in_which_it_began(opened: str, start: str, *, is_late: bool) -> None:
    one = ticket(opened, holds=(hold(start, None),))

    assert of(one).begun_late == (("T1",) if is_late else ())


def test_one_hold_begun_late_is_enough_whatever_its_end() -> None:
    early, late = hold(MONDAY, "2026-10-05 09:00"), hold("2026-10-05 12:40", "2026-11-20 12:00")

    assert of(ticket(MONDAY, holds=(early, late))).begun_late == ("T1",)


def test_a_hold_that_begins_with_the_resolution_or_after_it_changed_nothing() -> None:
    assert of(held("2026-10-05 11:50", "2026-10-05 20:00", resolved="2026-10-05 11:50")).begun_late == ()
    assert of(held("2026-10-05 11:55", "2026-10-05 20:00", resolved="2026-10-05 11:50")).begun_late == ()
    assert of(held("2026-10-05 11:50", "2026-10-05 20:00", resolved="2026-10-05 11:51")).begun_late == ("T1",)


def test_without_a_limit_there_is_no_last_tenth() -> None:
    one = held("2026-10-05 11:50", "2026-10-05 12:00")

    assert of(one, promised=contract(priorities={"P1": terms("30m")})).begun_late == ()


def test_a_hold_that_does_not_stop_the_clock_hides_nothing() -> None:
    assert of(held("2026-10-05 11:50", "2026-10-05 17:00", HoldReason.VENDOR)).begun_late == ()


# --- held for over ten working days, or entered afterwards ---


def test_a_working_day_is_the_longest_of_the_week() -> None:
    # Four days of ten hours and one of five: ten working days are a hundred hours.
    long, short = calendar("08:00-18:00", days=range(4)).hours, calendar("08:00-13:00", days=[4]).hours
    assert long is not None
    assert short is not None
    uneven = ServiceCalendar("uneven", replace(long, weekly={**long.weekly, **short.weekly}))

    exact = held(MONDAY, "2026-10-19 18:00", resolved=None, id="EXACT")
    over = held(MONDAY, "2026-10-20 08:00:01", resolved=None, id="OVER")

    assert of(exact, over, promised=contract(priorities={"P1": terms("30m", "4h", uneven)})).long == ("OVER",)


def test_hours_that_open_on_single_days_only_have_no_working_days_to_count() -> None:
    single = calendar(days=(), extra={"2026-10-05": "08:00-18:00"})

    found = of(held(MONDAY, "2026-10-05 12:00"), promised=contract(priorities={"P1": terms("30m", "4h", single)}))

    assert (found.held, found.long) == (4 * HOUR, ())


@pytest.mark.parametrize(
    ("field", "before", "after", "is_named"),
    [
        ("holds", HOUR, 2 * HOUR, True),
        ("hold_total", HOUR, 2 * HOUR, True),
        ("hold_total", None, 1, True),
        ("hold_total", 0, 1, True),
        ("hold_total", 2 * HOUR, HOUR, False),
        ("hold_total", 0, None, False),
        ("hold_total", None, 0, False),
        ("resolved", 1, 2, False),
    ],
)
def test_held_time_that_grew_afterwards_is_named(
    field: str, before: int | None, after: int | None, *, is_named: bool
) -> None:
    one = ticket(MONDAY, edits=(Edit(paris("2026-10-06 08:00"), field, before, after),))

    assert of(one).entered_late == (("T1",) if is_named else ())


def test_names_stand_in_order() -> None:
    edits = (Edit(paris("2026-10-06 08:00"), "holds", 0, 1),)
    tickets = [
        held("2026-10-05 11:50", "2026-10-16 12:00", resolved="2026-10-16 12:10", id=name, edits=edits)
        for name in ("B", "C", "A")
    ]

    found = of(*tickets)

    assert found.saved == found.begun_late == found.long == found.entered_late == ("A", "B", "C")
