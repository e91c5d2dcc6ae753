"""A ticket as the contract judges it: lost, merged, reopened, and over before a period (indicators.md §2, §4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import calendar, contract, desk, measured, paris, request, terms, ticket
from kpi_agent.domain.contract import Contract, Scope, TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.caseload import Case, case_of
from kpi_agent.domain.indicators.promised import Promised
from kpi_agent.domain.ticket import Kind, Reopening, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE
from kpi_agent.domain.verdict import Verdict

DEAL = contract(priorities={"P1": terms("30m", "4h"), "P2": terms("4h", "24h")})
SCOPE = TicketScope("desk")
SEEN = paris("2026-10-10 08:00")
LATER = paris("2026-10-20 08:00")


def judged(one: Ticket, *, lost: int | None = None, into: Ticket | None = None, as_of: int = LATER) -> Case:
    told = {} if lost is None else {one.id: lost}
    return case_of(Promised(one, into), DEAL, SCOPE, told, as_of=as_of)


def again(*pairs: tuple[str, str]) -> tuple[Reopening, ...]:
    return tuple(Reopening(paris(a), paris(b)) for a, b in pairs)


class TestLost:
    """Open in the last export that held it, and no longer there."""

    def test_what_ran_then_is_never_decided_and_ends_there(self) -> None:
        case = judged(ticket("2026-10-10 07:50"), lost=SEEN)

        assert (case.lost, case.open[-1].end) == (SEEN, SEEN)
        for one in (case.response, *case.resolutions):
            assert (one.verdict, one.ended, "lost" in one.notes) == (Verdict.RUNNING, SEEN, True)

    def test_a_response_that_was_given_stays_as_it_was_judged(self) -> None:
        case = judged(ticket("2026-10-10 07:00", responded="2026-10-10 07:10"), lost=SEEN)

        assert (case.response.verdict, case.response.ended, case.response.notes) == (Verdict.MET, None, ())
        assert case.resolutions[0].notes == ("lost",)

    def test_a_response_that_was_late_and_not_given_is_waited_for_no_more(self) -> None:
        case = judged(ticket("2026-10-10 07:00"), lost=SEEN)

        assert (case.response.verdict, case.response.ended) == (Verdict.BREACHED, SEEN)

    def test_a_response_dated_after_the_export_that_told_it_was_not_known(self) -> None:
        one = replace(ticket("2026-10-10 07:50"), responded=SEEN + MINUTE)

        assert judged(one, lost=SEEN).response.ended == SEEN

    def test_only_the_last_taking_up_was_lost(self) -> None:
        one = replace(
            ticket("2026-10-01 08:00", responded="2026-10-01 08:10"),
            reopenings=again(("2026-10-01 09:00", "2026-10-08 08:00")),
        )

        first, second = judged(one, lost=SEEN).resolutions

        assert (first.verdict, first.notes, first.ended) == (Verdict.MET, (), None)
        assert ("lost" in second.notes, second.ended, second.start) == (True, SEEN, paris("2026-10-08 08:00"))

    def test_it_is_not_lost_before_an_export_without_it(self) -> None:
        one = ticket("2026-10-10 07:50")

        assert judged(one, lost=SEEN, as_of=SEEN).lost is None
        assert judged(one, lost=SEEN, as_of=SEEN + 1).lost == SEEN

    def test_one_that_was_done_is_not_lost(self) -> None:
        assert judged(ticket("2026-10-10 07:00", "2026-10-10 07:30"), lost=SEEN).lost is None


class TestMerged:
    """One incident, one breach: that of the ticket that goes on."""

    MERGED = ticket("2026-10-05 08:00", closed="2026-10-06 08:00", state=State.CANCELLED, responded="2026-10-05 08:10")

    def verdict(self, into: Ticket, **changes: Any) -> Verdict:
        return judged(replace(self.MERGED, **changes), into=into).resolutions[-1].verdict

    def test_a_breach_that_the_other_has_by_then_is_the_others(self) -> None:
        assert self.verdict(ticket("2026-10-05 08:00", "2026-10-05 13:00", id="ON")) is Verdict.NOT_JUDGED

    def test_one_that_the_other_has_only_later_stays(self) -> None:
        assert self.verdict(ticket("2026-10-05 08:01", "2026-10-05 13:00", id="ON")) is Verdict.BREACHED

    def test_one_that_the_other_has_not_stays(self) -> None:
        assert self.verdict(ticket("2026-10-05 08:00", "2026-10-05 11:00", id="ON")) is Verdict.BREACHED
        assert self.verdict(ticket("2026-10-05 08:00", "2026-10-07 11:00", id="ON", priority="P3")) is Verdict.BREACHED

    @pytest.mark.parametrize("other", [{"kind": Kind.REQUEST}, {"entity": "Globex"}])
    def test_one_merged_into_what_is_not_the_same_contracts_stays(self, other: dict[str, Any]) -> None:
        on = replace(ticket("2026-10-05 08:00", "2026-10-05 13:00", id="ON"), **other)
        one = replace(self.MERGED, entity="ACME")
        scope = TicketScope("desk", where={"entity": "ACME"})

        case = case_of(Promised(one, replace(on, entity=other.get("entity", "ACME"))), DEAL, scope, {}, as_of=LATER)

        assert case.resolutions[-1].verdict is Verdict.BREACHED

    def test_an_earlier_taking_up_is_its_own(self) -> None:
        """Late in September, reopened in October, merged then: September's breach was not the other's."""
        one = replace(
            self.MERGED,
            opened=paris("2026-09-01 08:00"),
            reopenings=again(("2026-09-01 18:00", "2026-10-05 08:00")),
        )

        first, second = judged(one, into=ticket("2026-09-01 08:00", "2026-10-05 13:00", id="ON")).resolutions

        assert (first.verdict, second.verdict) == (Verdict.BREACHED, Verdict.NOT_JUDGED)
        assert second.start == paris("2026-10-05 08:00")

    def test_a_met_stays_met(self) -> None:
        one = ticket("2026-10-05 08:00", "2026-10-05 09:00")
        late = ticket("2026-10-05 07:00", "2026-10-05 13:00", id="ON")

        assert judged(one, into=late).resolutions[0].verdict is Verdict.MET


class TestOverBefore:
    """Tickets of years are left out of a month, unless something of theirs is decided in it."""

    def counted(self, one: Ticket, name: str = "respond_in_time", deal: Contract = DEAL) -> int:
        return measured(name, desk(one), request(deal)).n

    def test_a_response_entered_after_the_resolution_is_counted_in_its_month(self) -> None:
        one = ticket("2026-09-30 23:50", "2026-09-30 23:55", responded="2026-10-01 00:05")

        assert self.counted(one) == 1

    def test_a_duration_is_counted_where_it_ends(self) -> None:
        one = replace(ticket("2026-01-01 08:00", "2026-01-01 09:00", priority="P2"), response_duration=280 * DAY)
        scope = TicketScope("desk", desk_calendars=frozenset({"24x7"}))
        deal = contract(priorities={"P2": terms("300d", "310d")}, tickets=scope)

        assert self.counted(one, deal=deal) == 1

    def test_a_duration_is_counted_where_it_ends_on_the_service_hours(self) -> None:
        hours = calendar("08:00-18:00")
        one = replace(ticket("2026-09-30 17:00", "2026-09-30 17:30", priority="P2"), response_duration=2 * HOUR)
        scope = TicketScope("desk", desk_calendars=frozenset({hours.name}))
        deal = contract(priorities={"P2": terms("4h", "8h", hours)}, tickets=scope)

        assert self.counted(one, deal=deal) == 1

    def test_a_closing_long_after_a_reopening_counts_from_the_reopening_on(self) -> None:
        """The closing of the first time lies before its last reopening, and ends nothing."""
        first = Reopening(paris("2026-09-01 09:00"), paris("2026-09-30 22:00"))
        one = replace(ticket("2026-09-01 08:00", "2026-10-01 01:00"), closed=first.resolved, reopenings=(first,))

        assert self.counted(one, "resolve_in_time") == 1


def test_a_resolution_left_over_from_between_two_reopenings_ends_nothing() -> None:
    one = replace(
        ticket("2026-09-01 08:00", "2026-09-05 09:00", updated="2026-10-01 01:00"),
        reopenings=again(("2026-09-01 09:00", "2026-09-05 08:00"), ("2026-09-05 09:00", "2026-09-30 22:00")),
    )

    assert measured("resolve_in_time", desk(one), request(DEAL)).bounded == 1


def test_incidents_are_what_is_asked_where_no_kind_is() -> None:
    told = desk(ticket("2026-10-05 08:00", "2026-10-05 09:00"))
    facts = Facts(tickets=replace(told.tickets, known_until={"incident": paris("2026-10-16 12:00")}))

    assert measured("volume", facts, request(DEAL, now="2026-11-03 07:00")).as_of == paris("2026-10-16 12:00")


def test_what_exports_cover_is_asked_by_kind() -> None:
    told = desk(ticket("2026-10-05 08:00", "2026-10-05 09:00"))
    facts = Facts(tickets=replace(told.tickets, known_until={"request": paris("2026-10-16 12:00")}))
    asked = request(DEAL, now="2026-11-03 07:00")

    assert measured("volume", facts, asked).coverage == 1
    requests = measured("volume", facts, request(DEAL, now="2026-11-03 07:00", scope=Scope(kind="request")))
    assert requests.as_of == paris("2026-10-16 12:00")
    assert requests.coverage < 1


def test_recurrence_is_asked_of_the_scope_alone() -> None:
    def alike(day: int, service: str, name: str) -> Ticket:
        at = f"2026-10-{day:02} 08:00"
        return ticket(at, f"2026-10-{day:02} 09:00", id=name, title="Queue full", category="Mail", service=service)

    facts = desk(alike(1, "mail", "A"), alike(5, "mail", "B"), alike(6, "web", "C"), alike(9, "web", "D"))

    assert measured("recurrence_rate", facts, request(DEAL)).n == 4
    assert measured("recurrence_rate", facts, request(DEAL, scope=Scope(service="web"))).n == 2


def test_a_ticket_without_an_end_takes_no_time() -> None:
    case = judged(ticket("2026-10-05 08:00", state=State.CLOSED))

    assert [i.seconds for i in case.open] == [0]
    assert judged(ticket("2026-10-05 08:00", "2026-10-05 09:00")).open[0].seconds == HOUR
