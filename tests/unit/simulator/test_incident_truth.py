from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_agent_simulator.estate import ACME, GLOBEX, Contract
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE, office_hours, round_the_clock, wall_clock
from kpi_agent_simulator.months import Month, last_three_months
from kpi_agent_simulator.tickets import Deed, Event, Ticket
from kpi_agent_simulator.truth_incidents import (
    incident_figures,
    resolve_rulings,
    respond_rulings,
)
from kpi_agent_simulator.truth_recurrence import recurrence_figure

PARIS = ZoneInfo("Europe/Paris")


def paris(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp())


START, LATER = paris("2026-08-01"), paris("2027-01-15")
CLOCKS = {"24x7": round_the_clock(START, LATER), "office": wall_clock(START, LATER, PARIS, office_hours)}
AS_OF = paris("2026-11-20 12:00")
SEPTEMBER, OCTOBER, NOVEMBER = last_three_months(AS_OF, PARIS)


def ticket(opened: str, *events: Event, priority: str = "P1", family: str = "x", number: int = 1) -> Ticket:
    return Ticket(number, True, "title", "category", "host", "", family, priority, paris(opened), events)


def at(when: str, deed: Deed, detail: str = "") -> Event:
    return Event(paris(when), deed, detail)


def resolved(found: Ticket, contract: Contract = ACME) -> list[tuple[str, str, int]]:
    rulings = resolve_rulings(found.known(AS_OF), contract, CLOCKS, AS_OF)
    return [(ruling.priority, ruling.decision, ruling.decided) for ruling in rulings]


def responded(found: Ticket) -> list[tuple[str, int]]:
    return [(ruling.decision, ruling.decided) for ruling in respond_rulings(found.known(AS_OF), ACME, CLOCKS, AS_OF)]


def extra(tickets: list[Ticket], indicator: str, month: Month, contract: Contract = GLOBEX) -> dict[str, object]:
    figures = incident_figures(tickets, contract, CLOCKS, month, AS_OF)
    (found,) = (figure for figure in figures if figure.indicator == indicator)
    return dict(found.extra)


def test_a_breach_belongs_to_the_month_of_its_deadline_and_its_duration_to_that_of_its_resolution() -> None:
    late = ticket("2026-10-30 23:50", at("2026-11-01 02:00", Deed.RESOLVE))

    assert resolved(late) == [("P1", "breached", paris("2026-10-31 03:50"))]
    november = incident_figures([late], ACME, CLOCKS, NOVEMBER, AS_OF)
    (duration,) = (f for f in november if f.indicator == "time_to_resolve" and not f.scope)
    assert list(duration.durations) == [26 * HOUR + 10 * MINUTE]


def test_a_met_belongs_to_the_month_in_which_it_was_done() -> None:
    in_time = ticket("2026-10-31 22:00", at("2026-11-01 00:30", Deed.RESOLVE))

    assert resolved(in_time) == [("P1", "met", paris("2026-11-01 00:30"))]


def test_done_on_the_very_limit_is_met_and_a_minute_later_is_not() -> None:
    opened = "2026-10-05 08:00"

    assert resolved(ticket(opened, at("2026-10-05 12:00", Deed.RESOLVE)))[0][1] == "met"
    assert resolved(ticket(opened, at("2026-10-05 12:01", Deed.RESOLVE)))[0][1] == "breached"


def test_an_open_ticket_is_breached_once_the_deadline_has_passed_and_running_before() -> None:
    assert resolved(ticket("2026-11-20 07:59")) == [("P1", "breached", paris("2026-11-20 11:59"))]
    assert resolved(ticket("2026-11-20 08:00")) == []


def test_a_resolution_is_an_upper_bound_for_a_response_nobody_recorded() -> None:
    quick = ticket("2026-10-05 09:00", at("2026-10-05 09:20", Deed.RESOLVE))
    slow = ticket("2026-10-05 09:00", at("2026-10-05 11:00", Deed.RESOLVE))

    assert responded(quick) == [("bounded", paris("2026-10-05 09:20"))]
    assert responded(slow) == [("undetermined", paris("2026-10-05 09:30"))]


def test_waiting_for_the_customer_stops_the_clock_and_waiting_for_a_vendor_does_not() -> None:
    def course(reason: str) -> Ticket:
        return ticket(
            "2026-10-05 08:00",
            at("2026-10-05 08:10", Deed.RESPOND),
            at("2026-10-05 09:00", Deed.HOLD, reason),
            at("2026-10-05 12:00", Deed.RESUME),
            at("2026-10-05 13:00", Deed.RESOLVE),
        )

    assert resolved(course("customer")) == [("P1", "met", paris("2026-10-05 13:00"))]
    assert resolved(course("vendor")) == [("P1", "breached", paris("2026-10-05 12:00"))]


def test_a_ticket_on_hold_with_time_left_cannot_be_breached() -> None:
    waiting = ticket(
        "2026-10-05 08:00", at("2026-10-05 08:10", Deed.RESPOND), at("2026-10-05 09:00", Deed.HOLD, "customer")
    )

    assert resolved(waiting) == []


def test_reopening_within_72_hours_withdraws_the_met_and_the_pause_is_a_hold() -> None:
    reopened = ticket(
        "2026-10-05 08:00",
        at("2026-10-05 09:00", Deed.RESOLVE),
        at("2026-10-06 09:00", Deed.REOPEN),
        at("2026-10-06 11:00", Deed.RESOLVE),
    )

    assert resolved(reopened) == [("P1", "met", paris("2026-10-06 11:00"))]
    (duration,) = (
        f
        for f in incident_figures([reopened], ACME, CLOCKS, OCTOBER, AS_OF)
        if f.indicator == "time_to_resolve" and not f.scope
    )
    assert list(duration.durations) == [3 * HOUR]


def test_reopening_later_is_judged_as_a_new_incident_with_its_own_limit() -> None:
    reopened = ticket(
        "2026-10-05 08:00",
        at("2026-10-05 09:00", Deed.RESOLVE),
        at("2026-10-08 09:01", Deed.REOPEN),
        at("2026-10-08 15:00", Deed.RESOLVE),
    )

    assert resolved(reopened) == [
        ("P1", "met", paris("2026-10-05 09:00")),
        ("P1", "breached", paris("2026-10-08 13:01")),
    ]
    assert extra([reopened], "volume", OCTOBER) == {"opened": 1, "reopened": 1, "resolved": 2, "withdrawn": 0}


def test_a_raise_never_gives_more_time_than_the_first_priority_did() -> None:
    # P3 of this contract: two days. Raised to P2 (8 h) one hour before they end: the old deadline stands.
    late_raise = ticket(
        "2026-10-05 08:00",
        at("2026-10-07 07:00", Deed.RAISE, "P2"),
        at("2026-10-07 10:00", Deed.RESOLVE),
        priority="P3",
    )
    early_raise = ticket(
        "2026-10-05 08:00",
        at("2026-10-05 10:00", Deed.RAISE, "P2"),
        at("2026-10-05 19:00", Deed.RESOLVE),
        priority="P3",
    )

    assert resolved(late_raise, GLOBEX) == [("P2", "breached", paris("2026-10-07 08:00"))]
    assert resolved(early_raise, GLOBEX) == [("P2", "breached", paris("2026-10-05 18:00"))]


def test_only_a_breach_survives_a_cancellation() -> None:
    before = ticket("2026-10-05 08:00", at("2026-10-05 08:20", Deed.CANCEL))
    after = ticket("2026-10-05 08:00", at("2026-10-05 14:00", Deed.CANCEL))

    assert (responded(before), resolved(before)) == ([], [])
    assert responded(after) == [("breached", paris("2026-10-05 08:30"))]
    assert resolved(after) == [("P1", "breached", paris("2026-10-05 12:00"))]


def test_what_was_open_and_came_equals_what_went_and_is_open() -> None:
    tickets = [
        ticket("2026-09-29 08:00", at("2026-10-02 08:00", Deed.RESOLVE)),
        ticket("2026-10-05 08:00", at("2026-10-05 08:20", Deed.CANCEL)),
        ticket("2026-10-30 08:00", at("2026-11-02 08:00", Deed.RESOLVE)),
        ticket("2026-10-07 08:00", at("2026-10-07 09:00", Deed.RESOLVE)),
    ]

    assert extra(tickets, "volume", OCTOBER) == {"opened": 3, "reopened": 0, "resolved": 2, "withdrawn": 1}
    assert extra(tickets, "backlog", OCTOBER) == {"start": 1, "end": 1}


def test_a_storm_of_callers_is_one_occurrence_and_no_recurrence() -> None:
    storm = [
        ticket("2026-10-05 08:00", at("2026-10-05 10:00", Deed.RESOLVE)),
        ticket("2026-10-05 09:00", at("2026-10-05 10:00", Deed.RESOLVE)),
        ticket("2026-10-05 13:30", at("2026-10-05 14:00", Deed.RESOLVE)),
    ]

    figure = recurrence_figure(storm, OCTOBER, AS_OF)

    assert (figure.numerator, figure.denominator, figure.extra["tickets"]) == (0, 1, 3)


def test_an_occurrence_is_recurrent_when_an_earlier_one_was_restored_within_90_days() -> None:
    def again(when: int) -> Ticket:
        return Ticket(2, True, "title", "c", "h", "", "x", "P1", when, (Event(when + HOUR, Deed.RESOLVE),))

    first = ticket("2026-08-03 08:00", at("2026-08-03 10:00", Deed.RESOLVE))
    restored = paris("2026-08-03 10:00")

    assert recurrence_figure([first, again(restored + 60 * DAY)], OCTOBER, AS_OF).numerator == 1
    assert recurrence_figure([first, again(restored + 90 * DAY + 1)], NOVEMBER, AS_OF).numerator == 0


def test_other_families_make_no_recurrence() -> None:
    one = ticket("2026-10-05 08:00", at("2026-10-05 10:00", Deed.RESOLVE))
    other = ticket("2026-10-09 08:00", at("2026-10-09 10:00", Deed.RESOLVE), family="y")

    assert recurrence_figure([one, other], OCTOBER, AS_OF).numerator == 0
    assert recurrence_figure([one, other], SEPTEMBER, AS_OF).denominator == 0
