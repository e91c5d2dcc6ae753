"""What a change of priority does to a deadline (indicators.md §2, "What may change a decided verdict")."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import change, contract, desk, hold, measured, paris, request, terms, ticket
from kpi_agent.domain.contract import Contract, Scope
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.ticket import Edit, State, Ticket
from kpi_agent.domain.time import HOUR
from kpi_agent.domain.verdict import Judgement, Verdict

LATER = paris("2027-01-01 00:00")
DEAL = contract(priorities={"P1": terms("30m", "4h"), "P3": terms("4h", "24h"), "P4": terms(), "P5": terms("8h", None)})
RAISED = (change("2026-10-05 20:00", "P3", "P1"),)
LOWERED = (change("2026-10-05 11:00", "P1", "P3"),)


def resolution(one: Ticket, deal: Contract = DEAL) -> Judgement:
    assert deal.latest.tickets is not None
    (judgement,) = judge_resolution(one, deal, deal.latest.tickets, as_of=LATER)
    return judgement


def response(one: Ticket, deal: Contract = DEAL) -> Judgement:
    assert deal.latest.tickets is not None
    return judge_response(one, deal, deal.latest.tickets, as_of=LATER)


def test_raised_the_new_limit_counts_from_the_change() -> None:
    found = resolution(ticket("2026-10-05 10:00", "2026-10-06 00:00", priority="P1", priority_changes=RAISED))

    assert (found.verdict, found.deadline) == (Verdict.MET, paris("2026-10-06 00:00"))
    assert found.limit == 4 * HOUR


def test_raised_late_the_old_deadline_stays_if_it_is_the_earlier() -> None:
    late = (change("2026-10-06 09:00", "P3", "P1"),)

    found = resolution(ticket("2026-10-05 10:00", "2026-10-06 10:30", priority="P1", priority_changes=late))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-06 10:00"))
    assert found.limit == 24 * HOUR


def test_raised_after_the_resolution_nothing_changes() -> None:
    after = (change("2026-10-07 09:00", "P3", "P1"),)

    assert (
        resolution(ticket("2026-10-05 10:00", "2026-10-06 09:00", priority="P1", priority_changes=after)).verdict
        is Verdict.MET
    )


def test_lowered_before_the_response_the_wider_limit_judges_from_the_opening() -> None:
    one = ticket(
        "2026-10-05 10:00", "2026-10-06 09:00", responded="2026-10-05 11:00", priority="P3", priority_changes=LOWERED
    )

    assert resolution(one).deadline == paris("2026-10-06 10:00")
    assert resolution(one).verdict is Verdict.MET


def test_lowered_after_the_response_the_stricter_limit_still_judges() -> None:
    one = ticket(
        "2026-10-05 10:00", "2026-10-06 09:00", responded="2026-10-05 10:59", priority="P3", priority_changes=LOWERED
    )

    found = resolution(one)

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))
    assert found.limit == 4 * HOUR


def test_lowered_after_the_response_and_resolved_in_the_stricter_limit_is_met_under_the_last_priority() -> None:
    one = ticket(
        "2026-10-05 10:00", "2026-10-05 13:00", responded="2026-10-05 10:15", priority="P3", priority_changes=LOWERED
    )

    assert measured("resolve_in_time", desk(one), request(DEAL, scope=Scope(priority="P3"))).value == 1
    assert measured("resolve_in_time", desk(one), request(DEAL, scope=Scope(priority="P1"))).n == 0


@pytest.mark.parametrize("last", ["P3", "P4", "P9", None])
def test_a_breach_survives_any_downgrade(last: str | None) -> None:
    lowered = (change("2026-10-05 15:00", "P1", last),)

    found = resolution(ticket("2026-10-05 10:00", "2026-10-05 16:00", priority=last, priority_changes=lowered))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))
    assert (found.limit, found.elapsed) == (4 * HOUR, 6 * HOUR)


@pytest.mark.parametrize("last", ["P4", "P9", None])
def test_a_missed_response_survives_any_downgrade(last: str | None) -> None:
    lowered = (change("2026-10-05 11:00", "P1", last),)
    one = ticket("2026-10-05 10:00", priority=last, responded="2026-10-05 12:00", priority_changes=lowered)

    assert (response(one).verdict, response(one).decided) == (Verdict.BREACHED, paris("2026-10-05 10:30"))


@pytest.mark.parametrize("last", ["P4", "P9", None])
def test_lowered_in_time_to_a_priority_without_limit_it_is_not_judged(last: str | None) -> None:
    lowered = (change("2026-10-05 10:10", "P1", last),)

    found = resolution(ticket("2026-10-05 10:00", "2026-10-07 16:00", priority=last, priority_changes=lowered))

    assert found.verdict is Verdict.NOT_JUDGED
    assert "without_limit" in found.notes


def test_raised_from_a_priority_without_limit_the_clock_starts_at_the_change() -> None:
    raised = (change("2026-10-06 10:00", "P4", "P1"),)

    found = resolution(ticket("2026-10-05 10:00", "2026-10-06 15:00", priority="P1", priority_changes=raised))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-06 14:00"))


def test_raised_and_lowered_again_before_the_response_only_the_last_limit_counts() -> None:
    twice = (change("2026-10-05 10:10", "P3", "P1"), change("2026-10-05 10:20", "P1", "P3"))

    found = resolution(ticket("2026-10-05 10:00", "2026-10-06 09:00", priority="P3", priority_changes=twice))

    assert (found.verdict, found.deadline) == (Verdict.MET, paris("2026-10-06 10:00"))


def test_a_first_priority_holds_from_the_opening() -> None:
    given = (change("2026-10-05 12:00", None, "P1"),)

    found = resolution(ticket("2026-10-05 10:00", "2026-10-05 15:00", priority="P1", priority_changes=given))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))


def test_a_priority_taken_away_for_a_while_changes_nothing() -> None:
    twice = (change("2026-10-05 12:00", "P1", None), change("2026-10-05 12:05", None, "P1"))

    assert (
        resolution(ticket("2026-10-05 10:00", "2026-10-05 15:00", priority_changes=twice)).verdict is Verdict.BREACHED
    )


def test_without_history_the_last_priority_holds_throughout() -> None:
    assert resolution(ticket("2026-10-05 10:00", "2026-10-05 15:00")).deadline == paris("2026-10-05 14:00")


@pytest.mark.parametrize("priority", ["P4", "P9", None])
def test_a_priority_without_a_limit_is_not_judged(priority: str | None) -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 15:00", priority=priority)

    assert resolution(one).verdict is Verdict.NOT_JUDGED
    assert response(one).verdict is Verdict.NOT_JUDGED
    assert measured("resolve_in_time", desk(one), request(DEAL)).n == 0
    assert measured("volume", desk(one), request(DEAL)).value == 1


def test_a_priority_with_one_limit_is_judged_by_that_one_and_its_durations_are_still_told() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 15:00", responded="2026-10-05 11:00", priority="P5")

    assert response(one).verdict is Verdict.MET
    assert (resolution(one).verdict, resolution(one).elapsed) == (Verdict.NOT_JUDGED, 5 * HOUR)
    assert measured("time_to_resolve", desk(one), request(DEAL)).value == 5 * HOUR


def test_lowered_after_the_response_the_response_keeps_its_verdict() -> None:
    one = ticket("2026-10-05 10:00", priority="P3", responded="2026-10-05 10:40", priority_changes=LOWERED)

    assert (response(one).verdict, response(one).decided) == (Verdict.BREACHED, paris("2026-10-05 10:30"))


def told(at: str, before: str, after: str, known_until: str | None = None) -> tuple[Edit, ...]:
    return (Edit(paris(at), "priority", before, after, None if known_until is None else paris(known_until)),)


def test_a_breach_that_an_export_proves_survives_a_downgrade_that_no_history_tells() -> None:
    """Still P1 and open at 16:00, two hours after its deadline; the next export tells P3."""
    lowered = told("2026-10-20 09:00", "P1", "P3", known_until="2026-10-05 16:00")

    found = resolution(ticket("2026-10-05 10:00", "2026-10-06 09:00", priority="P3", edits=lowered))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 14:00"))


@pytest.mark.parametrize(
    ("resolved", "verdict", "decided"),
    [
        ("2026-10-05 20:00", Verdict.MET, "2026-10-05 20:00"),  # four hours after it was P3 for certain
        ("2026-10-05 20:01", Verdict.UNDETERMINED, "2026-10-05 20:01"),  # late if it was raised at once
        ("2026-10-06 02:00", Verdict.UNDETERMINED, "2026-10-06 02:00"),
        ("2026-10-06 02:01", Verdict.BREACHED, "2026-10-06 02:00"),  # late though it was raised at the last instant
        (None, Verdict.BREACHED, "2026-10-06 02:00"),
    ],
)
def test_a_raise_between_two_exports_counts_for_any_instant_between_them(
    resolved: str | None, verdict: Verdict, decided: str
) -> None:
    raised = told("2026-10-05 22:00", "P3", "P1", known_until="2026-10-05 16:00")

    found = resolution(ticket("2026-10-05 10:00", resolved, priority="P1", edits=raised))

    assert (found.verdict, found.decided) == (verdict, paris(decided))
    assert "priority_between" in found.notes
    assert ("undetermined" in found.notes) is (verdict is Verdict.UNDETERMINED)


def test_between_the_two_deadlines_an_open_ticket_is_still_running() -> None:
    raised = told("2026-10-05 22:00", "P3", "P1", known_until="2026-10-05 16:00")
    one = ticket("2026-10-05 10:00", priority="P1", edits=raised)
    assert DEAL.latest.tickets is not None

    (found,) = judge_resolution(one, DEAL, DEAL.latest.tickets, as_of=paris("2026-10-06 01:00"))

    assert (found.verdict, found.deadline, found.decided) == (Verdict.RUNNING, paris("2026-10-06 02:00"), None)
    assert "priority_between" in found.notes


def test_a_breach_is_certain_when_the_wider_of_the_two_deadlines_has_passed() -> None:
    lowered = told("2026-10-05 15:00", "P1", "P3", known_until="2026-10-05 13:00")

    found = resolution(ticket("2026-10-05 10:00", priority="P3", edits=lowered))

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-06 10:00"))


def test_in_time_for_either_instant_it_is_met_though_one_of_them_has_no_deadline() -> None:
    # Raised before the hold that the desk left open, its deadline came; raised within it, never.
    raised = told("2026-10-05 22:00", "P3", "P1", known_until="2026-10-05 16:00")
    waits = (hold("2026-10-05 21:00", None),)

    found = resolution(ticket("2026-10-05 10:00", "2026-10-05 19:00", priority="P1", edits=raised, holds=waits))

    assert (found.verdict, found.decided, found.deadline) == (Verdict.MET, paris("2026-10-05 19:00"), None)


def test_withdrawn_in_time_it_is_not_judged_whenever_it_was_lowered_to_what_promises_nothing() -> None:
    lowered = told("2026-10-05 15:00", "P1", "P4", known_until="2026-10-05 13:00")
    one = ticket("2026-10-05 10:00", state=State.CANCELLED, closed="2026-10-05 13:30", priority="P4", edits=lowered)

    assert resolution(one).verdict is Verdict.NOT_JUDGED


def test_other_edits_are_no_changes_of_priority() -> None:
    raised = told("2026-10-05 22:00", "P3", "P1", known_until="2026-10-05 16:00")
    moved = Edit(paris("2026-10-05 23:00"), "service", "P1", "P4", paris("2026-10-05 17:00"))

    one = ticket("2026-10-05 10:00", "2026-10-06 02:00", priority="P1", edits=(*raised, moved))

    assert resolution(one) == resolution(replace(one, edits=raised))


def test_lowered_between_two_exports_to_what_promises_nothing_the_breach_depends_on_when() -> None:
    lowered = told("2026-10-06 09:00", "P1", "P4", known_until="2026-10-05 13:00")
    one = ticket("2026-10-05 10:00", "2026-10-05 18:00", priority="P4", edits=lowered)

    found = resolution(one)

    assert (found.verdict, found.decided) == (Verdict.UNDETERMINED, paris("2026-10-05 14:00"))


def test_the_response_too_is_judged_under_the_priority_that_an_export_proves() -> None:
    lowered = told("2026-10-20 09:00", "P1", "P3", known_until="2026-10-05 16:00")
    one = ticket("2026-10-05 10:00", "2026-10-06 09:00", responded="2026-10-05 11:00", priority="P3", edits=lowered)

    found = response(one)

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-05 10:30"))


def test_what_the_desk_tells_of_its_changes_comes_before_what_exports_show() -> None:
    raised = told("2026-10-06 09:00", "P3", "P1", known_until="2026-10-05 12:00")

    one = ticket("2026-10-05 10:00", "2026-10-06 00:00", priority="P1", priority_changes=RAISED, edits=raised)

    assert resolution(one) == resolution(replace(one, edits=()))


def test_without_a_proven_instant_the_priority_may_have_changed_since_the_opening() -> None:
    raised = told("2026-10-06 09:00", "P3", "P1")

    assert (
        resolution(ticket("2026-10-05 10:00", "2026-10-05 14:00", priority="P1", edits=raised)).verdict is Verdict.MET
    )
    found = resolution(ticket("2026-10-05 10:00", "2026-10-05 14:01", priority="P1", edits=raised))
    assert found.verdict is Verdict.UNDETERMINED
