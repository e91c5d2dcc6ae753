"""What incidents cost those who work on them: what a desk cannot tell is never counted as none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from builders import (
    OFFICE,
    at_most,
    contract,
    decided,
    desk,
    measured,
    month,
    objective,
    paris,
    reopening,
    request,
    ticket,
    version,
)
from kpi_agent.domain.contract import Contract, Scope, Target, TicketScope
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.indicators.workload import costs_by_service
from kpi_agent.domain.measure import measure
from kpi_agent.domain.reading import Reading, money
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import HOUR, MINUTE, Period

UNTOLD = frozenset({"responded"})


def solved(at: str = "2026-10-06 11:00", *, id: str = "T1", opened: str = "2026-10-06 10:00", **parts: Any) -> Ticket:  # noqa: A002
    """Return an incident that was never reopened, as its desk tells."""
    return ticket(opened, at, id=id, **{"reopen_count": 0} | parts)


def reopened(*tickets: Ticket, now: str = "2027-01-01 00:00") -> Reading:
    return measured("reopen_rate", desk(*tickets, newest=now), request(now=now))


def test_an_incident_reopened_within_the_window_counts_in_the_month_of_its_first_resolution() -> None:
    back = solved("2026-11-04 09:00", id="BACK", reopenings=(reopening("2026-10-31 18:00", "2026-11-02 09:00"),))

    october = reopened(solved(), back)
    november = measured("reopen_rate", desk(solved(), back), request(period="2026-11"))

    assert (october.numerator, october.denominator, october.evidence) == (1, 2, ("BACK",))
    assert november.denominator == 0


def test_a_reopening_after_the_window_is_a_new_incident_and_no_reopening() -> None:
    late = solved("2026-10-20 09:00", reopenings=(reopening("2026-10-06 11:00", "2026-10-09 11:00:01"),))
    just = solved("2026-10-20 09:00", id="T2", reopenings=(reopening("2026-10-06 11:00", "2026-10-09 11:00"),))

    found = reopened(late, just)

    assert (found.numerator, found.denominator) == (1, 2)


@pytest.mark.parametrize("count", [None, 2])
def test_where_the_desk_tells_no_history_a_reopening_is_unknown_and_never_none(count: int | None) -> None:
    found = reopened(solved(), solved(id="T2", reopen_count=count))

    assert (found.numerator, found.denominator, found.undetermined) == (0, 1, 1)
    assert (found.lowest, found.highest, found.coverage) == (0, Fraction(1, 2), Fraction(1, 2))
    assert "reopenings_unknown" in found.reasons


def test_a_desk_that_tells_no_reopening_at_all_is_no_data() -> None:
    found = reopened(solved(reopen_count=None))

    assert found.value is None
    assert decided(found, objective("reopen_rate", at_most("5%"))).outcome is Outcome.NO_DATA


def test_what_may_still_be_reopened_is_counted_as_pending() -> None:
    found = reopened(solved("2026-10-31 11:00", opened="2026-10-31 10:00"), solved(id="T2"), now="2026-11-03 07:00")

    assert (found.denominator, found.details["pending"]) == (2, 1)


@pytest.mark.parametrize(
    ("now", "again", "pending"),
    [
        ("2026-10-09 10:59:59", 0, 1),  # 72 h are not over
        ("2026-10-09 11:00", 0, 0),
        ("2026-10-07 08:59:59", 0, 1),
        ("2026-10-07 09:00", 1, 0),  # taken up again at that very instant
    ],
)
def test_an_incident_waits_for_its_window_until_it_is_over_or_it_came_back(now: str, again: int, pending: int) -> None:
    back = (reopening("2026-10-06 11:00", "2026-10-07 09:00"),)
    one = solved("2026-10-08 09:00", reopenings=back) if now < "2026-10-08" else solved()

    found = reopened(one, now=now)

    assert (found.numerator, found.denominator, found.details["pending"]) == (again, 1, pending)


def test_a_history_tells_of_a_reopening_whatever_the_desk_counts() -> None:
    back = (reopening("2026-10-06 11:00", "2026-10-07 09:00"),)

    found = reopened(solved(id="U", reopen_count=None), solved("2026-10-08 09:00", reopen_count=None, reopenings=back))

    assert (found.numerator, found.denominator, found.undetermined) == (1, 1, 1)


def test_where_all_is_told_coverage_is_that_of_the_exports() -> None:
    found = reopened(solved())

    assert (found.coverage, found.lowest, found.highest, found.reasons) == (1, None, None, ())


def test_withdrawn_and_open_incidents_are_resolved_in_no_month() -> None:
    gone = ticket("2026-10-06 10:00", state=State.CANCELLED, closed="2026-10-06 12:00", reopen_count=0)

    still_open = ticket("2026-10-06 10:00", id="OPEN", reopen_count=0)

    assert reopened(gone, still_open).denominator == 0
    assert reopened(gone, still_open, solved()).denominator == 1


def office(**parts: Any) -> Contract:
    return contract(version(calendars={"office": OFFICE}, **parts))


def nights(*tickets: Ticket, period: str = "2026-10") -> Reading:
    return measured("out_of_hours_share", desk(*tickets), request(office(), period))


def test_an_incident_is_worked_out_of_hours_when_somebody_acts_outside_them() -> None:
    inside = solved(responded="2026-10-06 10:05")
    at_night = solved("2026-10-07 09:00", id="NIGHT", responded="2026-10-06 18:00")

    found = nights(inside, at_night)

    assert (found.numerator, found.denominator, found.evidence) == (1, 2, ("NIGHT",))


def test_an_incident_left_open_overnight_was_not_worked_on_at_night() -> None:
    assert nights(solved("2026-10-07 09:00", responded="2026-10-06 10:05")).numerator == 0


def test_work_counts_in_the_month_in_which_it_was_done() -> None:
    one = solved("2026-11-02 09:00", opened="2026-10-31 22:00", responded="2026-10-31 22:10")

    assert nights(one).numerator == 1
    assert (nights(one, period="2026-11").numerator, nights(one, period="2026-11").denominator) == (0, 1)


def test_a_response_that_the_desk_does_not_tell_is_unknown_where_it_may_lie_outside() -> None:
    through_the_night = solved("2026-10-07 09:00", cannot_tell=UNTOLD)
    within_an_hour = solved(id="T2", cannot_tell=UNTOLD)
    resolved_at_night = solved("2026-10-06 23:00", id="T3", cannot_tell=UNTOLD)

    found = nights(through_the_night, within_an_hour, resolved_at_night)

    assert (found.numerator, found.denominator, found.undetermined) == (1, 2, 1)
    assert (found.lowest, found.highest) == (Fraction(1, 3), Fraction(2, 3))


def test_a_response_may_be_hidden_only_where_the_desk_does_not_tell_when_it_was() -> None:
    overnight = solved("2026-10-07 09:00", opened="2026-10-06 17:00")
    deal = office(tickets=TicketScope("desk", desk_calendars=("24x7",)))
    timed = replace(overnight, response_duration=600)

    assert (nights(overnight).denominator, nights(overnight).undetermined) == (1, 0)  # never answered, as it tells
    assert (nights(timed).denominator, nights(timed).undetermined) == (0, 1)
    placed = measured("out_of_hours_share", desk(timed), request(deal))
    assert (placed.numerator, placed.denominator, placed.undetermined) == (0, 1, 0)


def test_an_incident_handled_within_office_hours_hides_nothing() -> None:
    within, overnight = solved(cannot_tell=UNTOLD), solved("2026-10-07 09:00", cannot_tell=UNTOLD)

    assert (nights(within).denominator, nights(within).undetermined) == (1, 0)
    assert (nights(overnight).denominator, nights(overnight).undetermined) == (0, 1)
    assert nights(overnight).reasons == ("responses_unknown",)


@pytest.mark.parametrize(
    ("at", "is_outside"), [("07:59:59", True), ("08:00", False), ("17:59:59", False), ("18:00", True)]
)
def test_office_hours_begin_with_their_first_second_and_end_before_the_closing(at: str, *, is_outside: bool) -> None:
    found = nights(solved(f"2026-10-07 {at}", responded="2026-10-06 10:05"))

    assert found.numerator == int(is_outside)


def test_an_incident_that_nobody_touched_in_the_month_is_not_counted_and_stops_no_count() -> None:
    untouched = ticket("2026-10-05 10:00", id="OPEN")

    assert nights(untouched, solved(responded="2026-10-06 10:05")).denominator == 1


def test_without_office_hours_each_incident_is_unknown() -> None:
    found = measured("out_of_hours_share", desk(solved(), solved(id="T2")))

    assert (found.undetermined, found.reasons) == (2, ("no_office_calendar",))


def test_without_office_hours_nothing_is_measured() -> None:
    found = measured("out_of_hours_share", desk(solved()))

    assert (found.value, found.coverage) == (None, 0)


def teams(*tickets: Ticket) -> Reading:
    deal = contract(version(tickets=TicketScope("desk", product_teams=("dev-*",))))
    return measured("product_team_share", desk(*tickets), request(deal))


def test_product_teams_are_weighed_by_hours_where_every_incident_tells_its_time() -> None:
    found = teams(solved(group="Dev-Shop", time_spent=HOUR), solved(id="T2", group="Unix", time_spent=3 * HOUR))

    assert (found.numerator, found.denominator, found.n) == (HOUR, 4 * HOUR, 2)


def test_product_teams_are_weighed_by_incidents_where_one_tells_no_time() -> None:
    found = teams(solved(group="dev-shop", time_spent=HOUR), solved(id="T2", group="Unix"))

    assert (found.numerator, found.denominator, found.details["is_timed"]) == (1, 2, 0)
    assert found.details["seconds_of_teams"] == HOUR


def test_an_incident_without_a_group_belongs_to_no_side() -> None:
    found = teams(solved(group="dev-shop"), solved(id="T2"))

    assert (found.numerator, found.denominator, found.undetermined) == (1, 1, 1)
    assert (found.lowest, found.coverage) == (Fraction(1, 2), Fraction(1, 2))


def test_any_of_the_patterns_names_a_product_team() -> None:
    deal = contract(version(tickets=TicketScope("desk", product_teams=("dev-*", "shop"))))
    facts = desk(solved(group="shop"), solved(id="T2", group="unix"))

    found = measured("product_team_share", facts, request(deal))

    assert (found.numerator, found.denominator, found.reasons) == (1, 2, ())
    assert found.details == {"incidents": 2, "of_teams": 1, "seconds": 0, "seconds_of_teams": 0, "is_timed": 0}


def test_hours_of_incidents_without_a_group_are_unknown() -> None:
    found = teams(solved(group="dev-shop", time_spent=HOUR), solved(id="T2", time_spent=3 * HOUR))

    assert (found.numerator, found.denominator, found.undetermined) == (HOUR, HOUR, 3 * HOUR)
    assert (found.details["seconds"], found.reasons) == (4 * HOUR, ("groups_unknown",))


def test_where_no_time_was_spent_incidents_are_counted_and_the_details_say_so() -> None:
    found = teams(solved(group="dev-shop", time_spent=0), solved(id="T2", group="unix", time_spent=0))

    assert (found.numerator, found.denominator, found.details["is_timed"]) == (1, 2, 0)
    assert teams().details["is_timed"] == 0


def test_without_product_teams_in_the_contract_nothing_is_theirs_or_another_teams() -> None:
    found = measured("product_team_share", desk(solved(group="dev-shop")))

    assert (found.value, found.undetermined, found.reasons) == (None, 1, ("no_product_teams",))


def test_incidents_opened_before_the_contract_named_its_teams_are_unknown() -> None:
    named = TicketScope("desk", product_teams=("dev",))
    deal = contract(version(), version("2026-10-15", tickets=named))
    facts = desk(solved(group="dev"), solved("2026-10-20 11:00", id="T2", opened="2026-10-20 10:00", group="dev"))
    asked = replace(request(deal), span=month().interval)

    found = measured("product_team_share", facts, asked)

    assert (found.numerator, found.denominator, found.undetermined) == (1, 1, 1)
    assert found.reasons == ("groups_unknown",)


def costs(*tickets: Ticket, rate: str | None = "85.00") -> Reading:
    deal = contract(version(hourly_rate=None if rate is None else Fraction(rate)))
    return measured("interruption_cost", desk(*tickets), request(deal))


def test_hours_worked_cost_the_rate_of_the_contract_rounded_to_the_cent() -> None:
    found = costs(solved(time_spent=100 * MINUTE), solved(id="T2", time_spent=0))

    assert (found.value, found.details["seconds"], found.n) == (Fraction("141.67"), 100 * MINUTE, 2)
    assert money(1, Fraction(18)) == Fraction("0.01")  # half a cent is rounded up


def test_time_that_is_not_told_costs_an_unknown_sum_and_never_nothing() -> None:
    partly, none = costs(solved(time_spent=HOUR), solved(id="T2")), costs(solved())

    assert (partly.value, partly.coverage, partly.undetermined) == (85, Fraction(1, 2), 1)
    assert (none.value, none.coverage) == (None, 0)


def test_that_some_tell_no_time_is_said_and_of_how_many() -> None:
    some, every = costs(solved(time_spent=HOUR), solved(id="T2")), costs(solved(time_spent=HOUR))

    assert (some.reasons, some.details["incidents"]) == (("time_untold",), 2)
    assert every.reasons == ()


def test_only_what_was_resolved_in_the_month_for_the_last_time_costs() -> None:
    again = (reopening("2026-10-06 11:00", "2026-11-03 10:00"),)
    facts = desk(
        solved("2026-10-02 10:00", opened="2026-09-02 10:00", time_spent=1, id="SINCE-SEPTEMBER"),
        solved("2026-11-02 10:00", opened="2026-10-02 10:00", time_spent=10, id="DONE-LATER"),
        solved("2026-11-04 10:00", reopenings=again, time_spent=100, id="AGAIN-LATER"),
        ticket("2026-10-05 10:00", time_spent=1_000, id="OPEN"),
        ticket("2026-10-05 10:00", time_spent=10_000, id="LOST"),
        ticket("2026-10-05 10:00", state=State.CANCELLED, closed="2026-10-06 10:00", time_spent=100_000, id="GONE"),
    )
    facts = Facts(tickets=replace(facts.tickets, lost={"LOST": paris("2026-10-07 10:00")}))

    found = [measured("interruption_cost", facts, request(period=p)).details for p in ("2026-10", "2026-11")]

    assert found == [{"seconds": 1, "incidents": 1}, {"seconds": 110, "incidents": 2}]


@pytest.mark.parametrize("name", ["reopen_rate", "out_of_hours_share", "product_team_share", "interruption_cost"])
def test_less_of_it_is_better_and_it_stands_with_the_incidents(name: str) -> None:
    assert (INDICATORS[name].is_more_better, INDICATORS[name].topic) == (False, INDICATORS["volume"].topic)


def test_without_a_rate_the_hours_are_told_and_no_money() -> None:
    found = costs(solved(time_spent=HOUR), rate=None)

    assert (found.value, found.details["seconds"]) == (None, HOUR)
    assert "no_rate" in found.reasons


def test_a_month_without_incidents_costs_nothing() -> None:
    assert costs().value == 0


def test_costs_are_told_by_service_where_time_is() -> None:
    facts = desk(
        solved(service="portal", time_spent=HOUR),
        solved(id="T2", service="portal"),
        solved(id="T3", service="mail"),
        solved(id="T4", time_spent=HOUR),
    )

    found = list(costs_by_service(request(contract(version(hourly_rate=Fraction(85)))), facts))

    assert [(r.scope, r.value, r.undetermined) for r in found] == [(Scope(service="portal"), 85, 1)]


def people(counts: Iterable[int], *, unknown: int = 0, is_on: bool = True) -> Reading:
    names = [f"p{person}" for person, count in enumerate(counts) for _ in range(count)]
    tickets = [solved(id=f"T{n}", assignee=name) for n, name in enumerate(names + [None] * unknown)]
    facts = desk(*tickets)
    return measured("single_person_share", Facts(tickets=replace(facts.tickets, people=is_on)))


def test_the_share_of_the_busiest_resolver_and_how_many_carry_four_fifths() -> None:
    found = people([5, 3, 1, 1])

    assert (found.numerator, found.denominator) == (5, 10)
    assert found.details == {"high": 0, "resolvers": 4, "carry_80": 2}


@pytest.mark.parametrize(("counts", "is_high"), [([6, 4], 1), ([5, 5], 0), ([3], 1)])
def test_under_four_resolvers_only_high_or_not_is_told(counts: list[int], is_high: int) -> None:
    found = people(counts)

    assert (found.value, found.numerator, found.denominator, found.statistics) == (None, None, None, None)
    assert (found.details, found.evidence) == ({"high": is_high}, ())
    assert decided(found, objective("single_person_share", at_most("50%"))).outcome is Outcome.NO_DATA


def test_incidents_whose_resolver_is_not_known_lower_the_coverage() -> None:
    found = people([2, 1, 1, 1], unknown=5)

    assert (found.denominator, found.undetermined, found.coverage) == (5, 5, Fraction(1, 2))


def test_without_pseudonyms_nothing_is_known() -> None:
    found = people([], unknown=3)

    assert (found.value, found.coverage, found.details) == (None, 0, {})


TEAM = [
    ticket(f"2026-12-30 {hour:02}:00", "2026-12-30 20:00", id=f"T{hour}", assignee=f"p{hour % 5}") for hour in range(10)
]


def test_the_same_resolvers_after_new_year_are_not_counted_as_others() -> None:
    """In a week over New Year each stands under two pseudonyms."""
    later = ticket("2026-12-30 09:00", "2027-01-02 10:00", id="LATE", assignee="p9")
    week = Period.parse("2026-W53", "Europe/Paris")
    asked = replace(request(), period=week, span=week.interval, now=paris("2027-02-01 00:00"))

    before, after = (
        measured("single_person_share", desk(*t, newest="2027-02-01"), asked) for t in (TEAM, [*TEAM, later])
    )

    assert (before.numerator, before.denominator) == (2, 10)
    assert (after.value, after.n, after.coverage, after.details) == (None, 0, 0, {})
    assert "resolvers_unlinked" in after.reasons


def test_the_same_resolvers_in_the_next_desk_are_not_counted_as_others() -> None:
    deal = contract(version(tickets=TicketScope("old")), version("2026-12-30"))
    earlier = replace(ticket("2026-12-29 10:00", "2026-12-29 11:00", id="T1", assignee="q1"), source="old")
    facts = replace(desk(*TEAM).tickets, former=(desk(earlier).tickets,))
    december = replace(request(deal, "2026-12"), span=month("2026-12").interval)

    found = measured("single_person_share", Facts(tickets=facts), december)

    assert (found.value, found.coverage, found.reasons) == (None, 0, ("resolvers_unlinked",))


def test_switched_off_no_figure_about_persons_exists() -> None:
    found = people([5, 3, 1, 1], is_on=False)

    assert (found.value, found.n, found.coverage, found.details) == (None, 0, 0, {})
    assert "people_off" in found.reasons


def told(deal: Contract, facts: Facts) -> set[str]:
    asked = request(deal)
    return {r.indicator for r in measure(deal, asked.period, facts, now=asked.now).readings}


def test_a_report_tells_what_its_contract_names_and_persons_only_where_they_may_be() -> None:
    facts = desk(solved())
    off = Facts(tickets=replace(facts.tickets, people=False))
    named = {"out_of_hours_share", "product_team_share"}

    plain, full = told(contract(), facts), told(office(tickets=TicketScope("desk", product_teams=("dev",))), facts)

    assert named & plain == set()
    assert named <= full
    assert {"reopen_rate", "interruption_cost", "single_person_share"} <= plain
    assert "single_person_share" not in told(contract(), off)


def test_a_target_in_money_is_compared_exactly() -> None:
    target: Target = replace(at_most("100%"), value=Fraction("85.00"))
    promise = objective("interruption_cost", target)

    assert decided(costs(solved(time_spent=HOUR)), promise).outcome is Outcome.MET
    assert decided(costs(solved(time_spent=HOUR + 1)), promise).outcome is Outcome.MISSED


def test_where_less_is_better_what_is_unknown_is_at_best_none_of_them() -> None:
    promise = objective("reopen_rate", at_most("40%"), min_coverage=Fraction(1, 2))
    back = [
        solved("2026-10-20 09:00", id=f"B{n}", reopenings=(reopening("2026-10-06 11:00", "2026-10-07 11:00"),))
        for n in range(3)
    ]
    untold = [solved(id=f"U{n}", reopen_count=None) for n in range(4)]

    missed = decided(reopened(*back, solved(), *untold[:1]), replace(promise, min_coverage=Fraction(1)))
    unknown = decided(reopened(*back, solved(), *untold), replace(promise, min_coverage=Fraction(1)))
    kept = decided(reopened(back[0], *(solved(id=f"K{n}") for n in range(3)), *untold), promise)

    assert (missed.outcome, missed.why) == (Outcome.MISSED, ("missed_at_best",))  # 3 of 5 at best
    assert unknown.outcome is Outcome.NO_DATA  # 3 of 8 at best
    assert kept.outcome is Outcome.MET
    assert kept.reserve is not None  # 5 of 8 at worst
