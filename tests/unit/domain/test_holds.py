"""Which holds stop the clock, and what is said of those without a place (indicators.md §1)."""

from __future__ import annotations

import pytest

from builders import OFFICE, contract, desk, hold, measured, paris, request, terms, ticket
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.indicators.case import judge_resolution
from kpi_agent.domain.ticket import Basis, HoldReason, HoldTotal, State, Ticket
from kpi_agent.domain.time import HOUR
from kpi_agent.domain.verdict import Judgement, Verdict

LATER = paris("2027-01-01 00:00")
ON_CALL = contract(priorities={"P1": terms(None, "4h")})
IN_HOURS = contract(priorities={"P1": terms(None, "4h", OFFICE)})


def judged(one: Ticket, deal: Contract = ON_CALL, *, as_of: int = LATER) -> Judgement:
    assert deal.latest.tickets is not None
    (judgement,) = judge_resolution(one, deal, deal.latest.tickets, as_of=as_of)
    return judgement


def test_time_with_the_customer_does_not_count() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", holds=(hold("2026-10-05 11:00", "2026-10-05 16:00"),))

    found = judged(one)

    assert (found.verdict, found.elapsed) == (Verdict.MET, 3 * HOUR)
    assert found.deadline == paris("2026-10-05 19:00")


@pytest.mark.parametrize("reason", [r for r in HoldReason if r is not HoldReason.CUSTOMER])
def test_time_with_anyone_else_counts_unless_the_contract_says_otherwise(reason: HoldReason) -> None:
    waited = (hold("2026-10-05 11:00", "2026-10-05 16:00", reason),)
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", holds=waited)
    generous = contract(priorities={"P1": terms(None, "4h")}, hold_stop=frozenset({reason}))

    assert judged(one).verdict is Verdict.BREACHED
    assert judged(one, generous).verdict is Verdict.MET


def test_a_hold_without_a_reason_stops_the_clock_and_is_noted() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", holds=(hold("2026-10-05 11:00", "2026-10-05 16:00", None),))

    found = judged(one)

    assert found.verdict is Verdict.MET
    assert "hold_without_reason" in found.notes


def test_while_a_ticket_waits_for_the_customer_its_deadline_does_not_come() -> None:
    one = ticket("2026-10-05 10:00", state=State.WAITING, holds=(hold("2026-10-05 11:00", None),))

    found = judged(one)

    assert (found.verdict, found.deadline) == (Verdict.RUNNING, None)


def test_a_ticket_that_waits_after_its_deadline_was_breached_at_the_deadline() -> None:
    one = ticket("2026-10-05 10:00", state=State.WAITING, holds=(hold("2026-10-05 15:00", None),))

    found = judged(one)

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))


def test_a_ticket_that_waits_for_the_vendor_is_breached() -> None:
    one = ticket("2026-10-05 10:00", state=State.WAITING, holds=(hold("2026-10-05 11:00", None, HoldReason.VENDOR),))

    assert judged(one).verdict is Verdict.BREACHED


def test_a_ticket_that_waits_since_nobody_knows_when_has_no_deadline_that_could_be_named() -> None:
    one = ticket("2026-10-05 10:00", state=State.WAITING)

    found = judged(one)

    assert found.verdict is Verdict.RUNNING
    assert "open_hold_unplaced" in found.notes


def test_a_hold_still_open_when_the_ticket_was_resolved_ends_there() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", holds=(hold("2026-10-05 12:00", None),))

    assert judged(one).elapsed == 2 * HOUR


def test_a_total_of_service_seconds_is_subtracted_and_lies_before_the_deadline() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", hold_total=HoldTotal(5 * HOUR, Basis.SERVICE))

    found = judged(one, IN_HOURS)

    assert (found.verdict, found.elapsed) == (Verdict.MET, 3 * HOUR)
    assert found.deadline == paris("2026-10-06 09:00")
    assert "hold_without_reason" in found.notes


def test_a_total_longer_than_the_ticket_leaves_zero() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 12:00", hold_total=HoldTotal(5 * HOUR, Basis.SERVICE))

    assert judged(one).elapsed == 0


def test_a_total_of_the_wall_clock_is_subtracted_around_the_clock() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", hold_total=HoldTotal(5 * HOUR, Basis.WALL))

    found = judged(one)

    assert (found.verdict, found.elapsed) == (Verdict.MET, 3 * HOUR)
    assert "holds_unplaced" not in found.notes


def test_a_total_of_the_wall_clock_is_not_subtracted_in_service_hours_and_the_reading_counts_it() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", hold_total=HoldTotal(5 * HOUR, Basis.WALL))

    found = judged(one, IN_HOURS)

    assert (found.verdict, found.elapsed) == (Verdict.BREACHED, 8 * HOUR)
    assert measured("resolve_in_time", desk(one), request(IN_HOURS)).holds_unplaced == 1
    assert measured("time_to_resolve", desk(one), request(IN_HOURS)).holds_unplaced == 1


def test_a_total_of_zero_is_no_hold() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 12:00", hold_total=HoldTotal(0, Basis.WALL))

    assert judged(one, IN_HOURS).notes == ()


def test_holds_do_not_stop_the_clock_of_the_response() -> None:
    waited = (hold("2026-10-05 10:00", "2026-10-05 11:00"),)
    one = ticket("2026-10-05 10:00", "2026-10-05 13:00", responded="2026-10-05 10:45", holds=waited)

    assert measured("respond_in_time", desk(one)).value == 0
    assert measured("time_to_respond", desk(one)).value == 45 * 60


@pytest.mark.parametrize("reason", [None, *HoldReason])
def test_a_total_with_a_reason_stops_the_clock_only_where_the_contract_says_so(reason: HoldReason | None) -> None:
    waited = HoldTotal(5 * HOUR, Basis.SERVICE)
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", hold_total=waited, hold_reason=reason)

    found = judged(one)

    stops = reason in {None, HoldReason.CUSTOMER}
    assert (found.verdict, found.elapsed) == ((Verdict.MET, 3 * HOUR) if stops else (Verdict.BREACHED, 8 * HOUR))
    assert ("hold_without_reason" in found.notes) is (reason is None)


@pytest.mark.parametrize("reason", [None, *HoldReason])
def test_a_ticket_that_waits_since_nobody_knows_when_is_late_when_its_reason_stops_nothing(
    reason: HoldReason | None,
) -> None:
    one = ticket("2026-10-05 10:00", state=State.WAITING, hold_reason=reason)

    found = judged(one)

    if reason in {None, HoldReason.CUSTOMER}:
        assert (found.verdict, found.notes[-1]) == (Verdict.RUNNING, "open_hold_unplaced")
    else:
        assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))
