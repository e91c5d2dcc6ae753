"""What a desk does not tell: upper bounds, the undetermined, and placed durations (indicators.md §4)."""

from __future__ import annotations

from fractions import Fraction

from builders import OFFICE, contract, desk, measured, paris, request, terms, ticket
from kpi_agent.domain.contract import Contract, TicketScope
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import HOUR, MINUTE
from kpi_agent.domain.verdict import Judgement, Verdict

LATER = paris("2027-01-01 00:00")
DEAL = contract(priorities={"P1": terms("30m", "4h")})
UNTOLD = frozenset({"responded"})


def response(one: Ticket, deal: Contract = DEAL, *, as_of: int = LATER) -> Judgement:
    assert deal.latest.tickets is not None
    return judge_response(one, deal, deal.latest.tickets, as_of=as_of)


def resolution(one: Ticket, *, as_of: int = LATER) -> Judgement:
    assert DEAL.latest.tickets is not None
    return judge_resolution(one, DEAL, DEAL.latest.tickets, as_of=as_of)[0]


def test_closed_without_a_resolution_within_the_limit_it_is_met_and_bounded() -> None:
    found = resolution(ticket("2026-10-05 10:00", state=State.CLOSED, closed="2026-10-05 14:00"))

    assert (found.verdict, found.is_bounded, found.decided) == (Verdict.MET, True, paris("2026-10-05 14:00"))
    assert found.elapsed is None


def test_closed_without_a_resolution_beyond_the_limit_it_is_undetermined_in_the_month_of_its_deadline() -> None:
    found = resolution(ticket("2026-10-31 22:00", state=State.CLOSED, closed="2026-11-09 10:00"))

    assert (found.verdict, found.decided) == (Verdict.UNDETERMINED, paris("2026-11-01 02:00"))


def test_a_bounded_duration_is_left_out_of_the_statistics_and_counted() -> None:
    facts = desk(
        ticket("2026-10-05 10:00", "2026-10-05 12:00", id="A"),
        ticket("2026-10-05 10:00", id="B", state=State.CLOSED, closed="2026-10-05 13:00"),
    )

    reading = measured("time_to_resolve", facts)

    assert (reading.n, reading.bounded, reading.value) == (1, 1, 2 * HOUR)
    assert measured("resolve_in_time", facts).bounded == 1


def test_resolved_nobody_knows_when_it_is_undetermined_after_its_deadline_and_not_breached() -> None:
    one = ticket("2026-10-05 10:00", state=State.RESOLVED)

    assert resolution(one, as_of=paris("2026-10-05 14:00")).verdict is Verdict.RUNNING
    assert resolution(one).verdict is Verdict.UNDETERMINED


def test_resolved_nobody_knows_when_its_last_update_bounds_it() -> None:
    found = resolution(ticket("2026-10-05 10:00", state=State.RESOLVED, updated="2026-10-05 13:00"))

    assert (found.verdict, found.is_bounded) == (Verdict.MET, True)


def test_an_open_ticket_of_a_source_that_cannot_tell_responses_is_undetermined_and_never_breached() -> None:
    one = ticket("2026-10-05 10:00", cannot_tell=UNTOLD)

    found = response(one)

    assert (found.verdict, found.decided) == (Verdict.UNDETERMINED, paris("2026-10-05 10:30"))
    assert response(one, as_of=paris("2026-10-05 10:30")).verdict is Verdict.RUNNING


def test_an_open_ticket_of_a_source_that_tells_responses_is_breached() -> None:
    found = response(ticket("2026-10-05 10:00"))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 10:30"))


def test_a_bound_later_than_what_is_known_is_no_bound_yet() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 10:20", cannot_tell=UNTOLD)
    shut = ticket("2026-10-05 10:00", state=State.CLOSED, closed="2026-10-05 12:00")

    assert response(one, as_of=paris("2026-10-05 10:10")).verdict is Verdict.RUNNING
    assert resolution(shut, as_of=paris("2026-10-05 11:00")).verdict is Verdict.RUNNING


def test_a_resolution_later_than_what_is_known_is_in_no_statistics() -> None:
    facts = desk(ticket("2026-10-05 10:00", "2026-10-20 10:00"), newest="2026-10-10 00:00")

    assert measured("time_to_resolve", facts, request(now="2026-10-10 00:00")).n == 0


def test_undetermined_things_are_in_no_attainment_and_lower_the_coverage() -> None:
    judged = [
        ticket("2026-10-05 10:00", "2026-10-05 11:00", id=f"J{n}", responded="2026-10-05 10:10") for n in range(3)
    ]
    unclear = ticket("2026-10-05 10:00", id="U", cannot_tell=UNTOLD)

    reading = measured("respond_in_time", desk(*judged, unclear), request(DEAL))

    assert (reading.value, reading.n, reading.undetermined) == (1, 3, 1)
    assert reading.coverage == Fraction(3, 4)
    assert (reading.lowest, reading.highest) == (Fraction(3, 4), 1)


def test_what_is_undetermined_in_another_month_does_not_touch_this_one() -> None:
    reading = measured("respond_in_time", desk(ticket("2026-09-05 10:00", cannot_tell=UNTOLD)), request(DEAL))

    assert (reading.undetermined, reading.coverage, reading.lowest) == (0, 1, None)


def test_the_desks_own_duration_is_placed_where_both_keep_the_same_hours() -> None:
    same = contract(
        priorities={"P1": terms("30m", "4h", OFFICE)}, tickets=TicketScope("desk", desk_calendars=("office",))
    )
    one = ticket("2026-10-05 17:50", "2026-10-06 12:00", response_duration=20 * MINUTE, cannot_tell=UNTOLD)

    found = response(one, same)

    assert (found.verdict, found.done, found.elapsed) == (Verdict.MET, paris("2026-10-06 08:10"), 20 * MINUTE)
    assert "response_placed" in found.notes


def test_the_desks_own_duration_is_not_used_where_hours_differ() -> None:
    other = contract(priorities={"P1": terms("30m", "4h", OFFICE)})
    one = ticket("2026-10-05 17:50", response_duration=20 * MINUTE)

    found = response(one, other)

    assert (found.verdict, found.done) == (Verdict.UNDETERMINED, None)
