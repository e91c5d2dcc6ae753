"""Resolved, and taken up again (indicators.md §2)."""

from __future__ import annotations

from builders import contract, desk, measured, paris, reopening, request, terms, ticket
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import HOUR
from kpi_agent.domain.verdict import Judgement, Verdict

LATER = paris("2027-01-01 00:00")
DEAL = contract(priorities={"P1": terms("30m", "4h")})


def judged(one: Ticket, *, as_of: int = LATER) -> list[Judgement]:
    assert DEAL.latest.tickets is not None
    return judge_resolution(one, DEAL, DEAL.latest.tickets, as_of=as_of)


def test_reopened_within_the_window_a_met_is_withdrawn_and_the_resolved_stretch_is_a_hold() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-06 12:00"),)

    (found,) = judged(ticket("2026-10-05 10:00", "2026-10-06 13:00", reopenings=back))

    assert (found.verdict, found.decided, found.elapsed) == (Verdict.MET, paris("2026-10-06 13:00"), 3 * HOUR)
    assert "reopened" in found.notes


def test_reopened_within_the_window_the_clock_goes_on_and_may_breach() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-06 12:00"),)

    (found,) = judged(ticket("2026-10-05 10:00", "2026-10-06 15:00", reopenings=back))

    assert (found.verdict, found.decided, found.elapsed) == (Verdict.BREACHED, paris("2026-10-06 14:00"), 5 * HOUR)


def test_reopened_exactly_at_the_end_of_the_window_is_still_the_same_incident() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-08 12:00"),)

    assert len(judged(ticket("2026-10-05 10:00", "2026-10-08 13:00", reopenings=back))) == 1


def test_reopened_later_the_verdict_stands_and_the_reopening_is_a_new_incident() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-08 12:01"),)

    first, second = judged(ticket("2026-10-05 10:00", "2026-10-08 17:00", reopenings=back))

    assert (first.verdict, first.decided) == (Verdict.MET, paris("2026-10-05 12:00"))
    assert (second.verdict, second.start) == (Verdict.BREACHED, paris("2026-10-08 12:01"))
    assert (second.subject, second.decided) == ("T1#2", paris("2026-10-08 16:01"))


def test_reopened_and_still_open_it_runs_on_until_its_moved_deadline() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-06 12:00"),)
    one = ticket("2026-10-05 10:00", state=State.IN_PROGRESS, reopenings=back)

    assert judged(one, as_of=paris("2026-10-06 14:00"))[0].verdict is Verdict.RUNNING
    assert judged(one, as_of=paris("2026-10-06 14:01"))[0].verdict is Verdict.BREACHED


def test_a_breach_survives_reopening() -> None:
    back = (reopening("2026-10-05 18:00", "2026-10-05 19:00"),)

    (found,) = judged(ticket("2026-10-05 10:00", "2026-10-05 20:00", reopenings=back))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))


def test_the_old_resolution_that_a_desk_leaves_on_an_open_ticket_does_not_count() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-06 12:00"),)
    one = ticket("2026-10-05 10:00", "2026-10-05 12:00", state=State.IN_PROGRESS, reopenings=back)

    assert judged(one)[0].verdict is Verdict.BREACHED


def test_the_old_resolution_that_a_desk_leaves_on_a_closed_ticket_does_not_count_and_closing_bounds_it() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-06 12:00"),)
    one = ticket(
        "2026-10-05 10:00", "2026-10-05 12:00", state=State.CLOSED, closed="2026-10-06 13:00", reopenings=back
    )  # fmt: skip

    (found,) = judged(one)

    assert (found.verdict, found.is_bounded, found.decided) == (Verdict.MET, True, paris("2026-10-06 13:00"))
    assert found.elapsed is None


def test_the_response_is_judged_once_whatever_is_reopened() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-12 12:00"),)
    one = ticket("2026-10-05 10:00", "2026-10-12 13:00", responded="2026-10-05 10:10", reopenings=back)

    assert measured("respond_in_time", desk(one)).n == 1
    assert measured("resolve_in_time", desk(one)).n == 2


def test_a_response_never_told_is_bounded_by_the_first_resolution() -> None:
    back = (reopening("2026-10-05 10:20", "2026-10-12 12:00"),)
    assert DEAL.latest.tickets is not None

    found = judge_response(
        ticket("2026-10-05 10:00", "2026-10-12 13:00", reopenings=back), DEAL, DEAL.latest.tickets, as_of=LATER
    )

    assert (found.verdict, found.is_bounded, found.decided) == (Verdict.MET, True, paris("2026-10-05 10:20"))


def test_a_late_reopening_gives_two_durations_and_an_early_one_gives_one() -> None:
    late = ticket(
        "2026-10-05 10:00", "2026-10-12 13:00", reopenings=(reopening("2026-10-05 12:00", "2026-10-12 12:00"),)
    )  # fmt: skip
    early = ticket(
        "2026-10-05 10:00", "2026-10-06 13:00", reopenings=(reopening("2026-10-05 12:00", "2026-10-06 12:00"),)
    )  # fmt: skip

    assert measured("time_to_resolve", desk(late), request(DEAL)).n == 2
    assert measured("time_to_resolve", desk(early), request(DEAL)).n == 1
