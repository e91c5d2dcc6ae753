"""The edges of a verdict: what bounds it, what a change of priority does at its very instant (indicators.md §2, §4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import change, contract, hold, paris, terms, ticket
from kpi_agent.domain.contract import Contract, TicketScope
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.ticket import Reopening, State, Ticket
from kpi_agent.domain.time import HOUR
from kpi_agent.domain.verdict import Judgement, Verdict

DEAL = contract(
    priorities={"P1": terms("30m", "4h"), "P2": terms("30m", None), "P3": terms("4h", "24h"), "P4": terms(None, "24h")}
)
SCOPE = TicketScope("desk")
LATER = paris("2026-11-01 00:00")
UNTOLD = frozenset({"responded"})


def resolutions(one: Ticket, as_of: int = LATER, deal: Contract = DEAL) -> list[Judgement]:
    return judge_resolution(one, deal, SCOPE, as_of=as_of)


def resolution(one: Ticket, as_of: int = LATER, deal: Contract = DEAL) -> Judgement:
    (found,) = resolutions(one, as_of, deal)
    return found


def response(one: Ticket, as_of: int = LATER) -> Judgement:
    return judge_response(one, DEAL, SCOPE, as_of=as_of)


def reopened(*pairs: tuple[str, str]) -> tuple[Reopening, ...]:
    return tuple(Reopening(paris(a), paris(b)) for a, b in pairs)


class TestBounds:
    """Only what follows is told, not the thing itself."""

    def test_a_resolution_left_over_from_before_the_last_reopening_is_none(self) -> None:
        pairs = reopened(("2026-10-05 09:00", "2026-10-05 10:00"), ("2026-10-05 11:00", "2026-10-05 12:00"))
        one = replace(
            ticket("2026-10-05 08:00", "2026-10-05 11:00", closed="2026-10-05 11:30", updated="2026-10-05 12:30"),
            reopenings=pairs,
        )

        found = resolution(one)

        assert (found.done, found.is_bounded, found.notes[-1]) == (paris("2026-10-05 12:30"), True, "bounded")

    def test_a_closing_at_the_very_instant_that_is_asked_bounds(self) -> None:
        one = ticket("2026-10-05 08:00", closed="2026-10-05 09:00", state=State.CLOSED)

        assert resolution(one, as_of=paris("2026-10-05 09:00")).verdict is Verdict.MET
        assert resolution(one, as_of=paris("2026-10-05 08:59")).verdict is Verdict.RUNNING

    def test_a_clock_that_a_hold_without_end_stops_has_no_deadline_to_miss(self) -> None:
        waits = (hold("2026-10-05 09:00", None),)

        closed = resolution(ticket("2026-10-05 08:00", closed="2026-10-09 09:00", state=State.CLOSED, holds=waits))
        unclear = resolution(ticket("2026-10-05 08:00", state=State.CLOSED, holds=waits))

        assert (closed.verdict, closed.deadline, closed.is_bounded) == (Verdict.MET, None, True)
        assert (unclear.verdict, unclear.deadline) == (Verdict.RUNNING, None)

    def test_beyond_the_limit_a_bound_decides_nothing(self) -> None:
        found = resolution(ticket("2026-10-05 08:00", closed="2026-10-09 09:00", state=State.CLOSED))

        assert (found.verdict, found.decided) == (Verdict.UNDETERMINED, paris("2026-10-05 12:00"))
        assert found.notes == ("undetermined",)

    def test_the_earliest_of_what_followed_bounds_a_response(self) -> None:
        one = ticket("2026-10-05 08:00", "2026-10-05 08:20", closed="2026-10-05 09:00", cannot_tell=UNTOLD)

        found = response(one)

        assert (found.verdict, found.decided, found.notes) == (Verdict.MET, paris("2026-10-05 08:20"), ("bounded",))
        assert response(one, as_of=paris("2026-10-05 08:20")).verdict is Verdict.MET

    def test_an_untold_response_beyond_its_limit_is_undetermined_and_says_so(self) -> None:
        found = response(ticket("2026-10-05 08:00", cannot_tell=UNTOLD))

        assert (found.verdict, found.notes) == (Verdict.UNDETERMINED, ("undetermined",))


class TestWithdrawn:
    """Cancelled: what was late by then stays late."""

    def test_a_response_that_is_told_late_stays_a_breach_whatever_the_source_cannot_tell(self) -> None:
        one = ticket(
            "2026-10-05 08:00",
            closed="2026-10-05 12:00",
            state=State.CANCELLED,
            responded="2026-10-05 09:00",
            cannot_tell=UNTOLD,
        )

        assert response(one).verdict is Verdict.BREACHED

    def test_an_untold_response_is_undetermined_after_its_limit_and_not_judged_before(self) -> None:
        late = ticket("2026-10-05 08:00", closed="2026-10-05 12:00", state=State.CANCELLED, cannot_tell=UNTOLD)
        early = ticket("2026-10-05 08:00", closed="2026-10-05 08:10", state=State.CANCELLED, cannot_tell=UNTOLD)

        assert response(late).verdict is Verdict.UNDETERMINED
        assert response(early).verdict is Verdict.NOT_JUDGED


class TestWithoutLimit:
    def test_a_priority_without_terms_or_without_this_limit_says_so(self) -> None:
        for one in (ticket("2026-10-05 08:00", priority="P5"), ticket("2026-10-05 08:00", priority="P4")):
            assert (response(one).verdict, response(one).notes) == (Verdict.NOT_JUDGED, ("without_limit",))

    def test_the_last_priority_with_terms_times_a_ticket_that_has_none_now(self) -> None:
        deal = contract(priorities={"P1": terms("30m", "4h")})
        told = (change("2026-10-06 08:00", "P1", "P2"), change("2026-10-07 08:00", "P2", "P3"))
        one = ticket("2026-10-05 08:00", "2026-10-08 08:00", priority="P3", priority_changes=told)

        assert resolution(one, deal=deal).decided == paris("2026-10-05 12:00")


class TestWaitingSinceNobodyKnowsWhen:
    ONE = ticket("2026-10-05 08:00", state=State.WAITING, responded="2026-10-05 08:10")

    def test_up_to_its_deadline_it_runs_like_any_other(self) -> None:
        assert resolution(self.ONE, as_of=paris("2026-10-05 12:00")).notes == ()
        assert resolution(self.ONE, as_of=paris("2026-10-05 12:01")).notes == ("open_hold_unplaced",)

    def test_an_earlier_taking_up_is_judged(self) -> None:
        one = replace(self.ONE, reopenings=reopened(("2026-10-05 13:00", "2026-10-20 08:00")))

        first, second = resolutions(one)

        assert (first.verdict, first.notes) == (Verdict.BREACHED, ())
        assert (second.verdict, "reopened" in second.notes) == (Verdict.RUNNING, True)


class TestChangesOfPriority:
    def test_a_raise_before_a_late_reopening_counts_from_the_reopening(self) -> None:
        one = ticket(
            "2026-10-05 08:00",
            "2026-10-20 11:59",
            priority="P1",
            priority_changes=(change("2026-10-05 10:00", "P3", "P1"),),
            reopenings=reopened(("2026-10-05 11:00", "2026-10-20 08:00")),
        )

        assert resolutions(one)[1].deadline == paris("2026-10-20 12:00")

    def test_lowered_as_it_was_reopened_it_begins_with_the_wider_limit(self) -> None:
        one = ticket(
            "2026-10-05 08:00",
            priority="P3",
            responded="2026-10-05 08:10",
            priority_changes=(change("2026-10-20 08:00", "P1", "P3"),),
            reopenings=reopened(("2026-10-05 11:00", "2026-10-20 08:00")),
        )

        assert resolutions(one)[1].deadline == paris("2026-10-21 08:00")

    def test_taken_away_and_given_lower_it_was_lowered(self) -> None:
        """Late as P1 at noon; without a priority for five minutes after that, a breach is not gone."""
        told = (change("2026-10-05 14:00", "P1", None), change("2026-10-05 14:05", None, "P3"))
        one = ticket("2026-10-05 08:00", "2026-10-05 18:00", priority="P3", priority_changes=told)

        assert (resolution(one).verdict, resolution(one).decided) == (Verdict.BREACHED, paris("2026-10-05 12:00"))

    def test_taken_away_and_given_back_nothing_changed(self) -> None:
        told = (change("2026-10-05 09:00", "P1", None), change("2026-10-05 09:05", None, "P1"))
        one = ticket("2026-10-05 08:00", "2026-10-05 11:00", priority="P1", priority_changes=told)

        assert resolution(one) == resolution(replace(one, priority_changes=()))

    def test_given_first_later_it_holds_from_the_opening(self) -> None:
        told = (change("2026-10-05 09:00", None, "P1"),)

        assert resolution(ticket("2026-10-05 08:00", priority_changes=told)).deadline == paris("2026-10-05 12:00")

    @pytest.mark.parametrize(("minute", "deadline"), [("12:00", "2026-10-06 08:00"), ("12:01", "2026-10-05 12:00")])
    def test_lowered_at_the_deadline_itself_it_is_not_late_yet(self, minute: str, deadline: str) -> None:
        told = (change(f"2026-10-05 {minute}", "P1", "P3"),)
        one = ticket("2026-10-05 08:00", "2026-10-06 07:00", priority="P3", priority_changes=told)

        assert resolution(one).deadline == paris(deadline)

    def test_raised_to_what_promises_nothing_the_old_deadline_stays(self) -> None:
        told = (change("2026-10-05 09:00", "P3", "P2"),)

        found = resolution(ticket("2026-10-05 08:00", "2026-10-07 08:00", priority="P2", priority_changes=told))

        assert (found.verdict, found.deadline) == (Verdict.BREACHED, paris("2026-10-06 08:00"))

    def test_raised_to_a_limit_that_a_hold_never_lets_run_out_the_old_deadline_stays(self) -> None:
        one = ticket(
            "2026-10-05 08:00",
            priority="P1",
            holds=(hold("2026-10-06 08:30", None),),
            priority_changes=(change("2026-10-06 07:00", "P3", "P1"),),
        )

        assert resolution(one).deadline == paris("2026-10-06 08:00")

    def test_of_two_equal_deadlines_the_older_limit_is_told(self) -> None:
        told = (change("2026-10-06 04:00", "P3", "P1"),)

        found = resolution(ticket("2026-10-05 08:00", priority="P1", priority_changes=told))

        assert (found.deadline, found.limit) == (paris("2026-10-06 08:00"), 24 * HOUR)
