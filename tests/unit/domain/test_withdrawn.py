"""Cancelled, duplicate, merged: what survives and what does not (indicators.md §2, §4)."""

from __future__ import annotations

from typing import Any

from builders import contract, desk, measured, paris, reopening, request, terms, ticket
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.verdict import Judgement, Verdict

LATER = paris("2027-01-01 00:00")
DEAL = contract(priorities={"P1": terms("30m", "4h")})
DESK = DEAL.latest.tickets
assert DESK is not None


def cancelled(closed: str, **parts: Any) -> Ticket:
    return ticket("2026-10-05 10:00", state=State.CANCELLED, closed=closed, **parts)


def resolution(one: Ticket) -> Judgement:
    return judge_resolution(one, DEAL, DESK, as_of=LATER)[-1]


def test_withdrawn_before_its_deadline_it_is_not_judged() -> None:
    assert resolution(cancelled("2026-10-05 13:00")).verdict is Verdict.NOT_JUDGED


def test_withdrawn_at_its_deadline_it_is_not_judged() -> None:
    assert resolution(cancelled("2026-10-05 14:00")).verdict is Verdict.NOT_JUDGED


def test_withdrawn_after_its_deadline_the_breach_survives() -> None:
    found = resolution(cancelled("2026-10-05 14:01"))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))
    assert "withdrawn" in found.notes


def test_resolved_in_time_and_then_withdrawn_it_is_not_judged() -> None:
    assert resolution(cancelled("2026-10-05 20:00", resolved="2026-10-05 12:00")).verdict is Verdict.NOT_JUDGED


def test_resolved_late_and_then_withdrawn_the_breach_survives() -> None:
    assert resolution(cancelled("2026-10-05 20:00", resolved="2026-10-05 15:00")).verdict is Verdict.BREACHED


def test_withdrawn_by_a_desk_that_tells_no_instant_it_is_not_judged() -> None:
    assert resolution(ticket("2026-10-05 10:00", state=State.CANCELLED)).verdict is Verdict.NOT_JUDGED


def test_a_response_that_was_missed_before_the_withdrawal_stays_missed() -> None:
    found = judge_response(cancelled("2026-10-05 11:00"), DEAL, DESK, as_of=LATER)

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 10:30"))


def test_a_response_of_a_source_that_cannot_tell_is_undetermined_when_withdrawn_late_and_never_breached() -> None:
    one = cancelled("2026-10-05 11:00", cannot_tell=frozenset({"responded"}))

    found = judge_response(one, DEAL, DESK, as_of=LATER)

    assert (found.verdict, found.decided) == (Verdict.UNDETERMINED, paris("2026-10-05 10:30"))


def test_the_verdict_of_an_incident_stands_when_its_late_reopening_is_withdrawn() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-12 10:00"),)
    one = cancelled("2026-10-12 11:00", responded="2026-10-05 10:10", reopenings=back)

    first, second = judge_resolution(one, DEAL, DESK, as_of=LATER)

    assert (first.verdict, first.decided) == (Verdict.MET, paris("2026-10-05 12:00"))
    assert second.verdict is Verdict.NOT_JUDGED
    assert judge_response(one, DEAL, DESK, as_of=LATER).verdict is Verdict.MET


def test_a_breach_that_was_withdrawn_is_not_overdue_for_ever() -> None:
    one = cancelled("2026-11-05 14:01")

    assert measured("resolve_in_time", desk(one), request(DEAL, "2026-10")).n == 1
    assert measured("resolve_in_time", desk(one), request(DEAL, "2026-11")).overdue == 0
    assert measured("resolve_in_time", desk(one), request(DEAL, "2026-12")).overdue == 0
    assert measured("respond_in_time", desk(one), request(DEAL, "2026-11")).overdue == 0


def test_the_durations_of_the_withdrawn_are_in_no_statistics() -> None:
    one = cancelled("2026-10-05 20:00", resolved="2026-10-05 15:00", responded="2026-10-05 10:10")

    assert measured("time_to_resolve", desk(one)).n == 0
    assert measured("time_to_respond", desk(one)).n == 0
