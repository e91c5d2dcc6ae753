"""Families, occurrences, and what came back (indicators.md §4)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from builders import (
    at_least,
    at_most,
    contract,
    decided,
    desk,
    instant,
    measured,
    objective,
    paris,
    request,
    span,
    ticket,
)
from kpi_agent.domain.evaluation import Outcome, Treatment
from kpi_agent.domain.indicators.recurrence import families, family_lines, occurrences
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Kind, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE

LOOKBACK = 90 * DAY
STORM = 4 * HOUR


def disk(opened: str | int, lasted: int = HOUR, *, id: str = "T1", **parts: Any) -> Ticket:  # noqa: A002
    """An incident of a full disk, resolved after a while."""
    given = {"category": "storage", "host": "db1", "title": "disk full database"} | parts
    return ticket(opened, instant(opened) + lasted, id=id, **given)


def kin(*tickets: Ticket, lookback: int = LOOKBACK) -> list[list[str]]:
    return [[t.id for t in family.tickets] for family in families(tickets, lookback=lookback, language="en")]


def rate(*tickets: Ticket, period: str = "2026-10") -> Reading:
    return measured("recurrence_rate", desk(*tickets), request(contract(language="en"), period))


def test_two_with_the_same_title_category_and_host_are_a_family() -> None:
    assert kin(disk("2026-10-01 08:00", id="A"), disk("2026-10-05 08:00", id="B")) == [["A", "B"]]


def test_the_same_problem_makes_a_family_whatever_else_differs() -> None:
    a = disk("2026-10-01 08:00", id="A", problem="PRB1")
    b = ticket("2026-10-05 08:00", id="B", problem="PRB1", title="mail is slow")

    assert kin(a, b) == [["A", "B"]]


@pytest.mark.parametrize(
    "other",
    [
        {"category": "network"},
        {"category": None},
        {"host": "db2"},
        {"host": None},
        {"host": None, "service": "db1"},
        {"title": "cooling broken rack"},
    ],
)
def test_without_the_same_category_place_and_words_there_is_no_family(other: dict[str, Any]) -> None:
    assert kin(disk("2026-10-01 08:00", id="A"), disk("2026-10-05 08:00", id="B", **other)) == [["A"], ["B"]]


def test_absent_never_equals_absent() -> None:
    bare = {"category": None, "host": None, "title": ""}
    no_title = {"title": ""}

    assert kin(disk("2026-10-01 08:00", id="A", **bare), disk("2026-10-02 08:00", id="B", **bare)) == [["A"], ["B"]]
    assert kin(disk("2026-10-01 08:00", id="A", **no_title), disk("2026-10-02 08:00", id="B", **no_title)) == [
        ["A"],
        ["B"],
    ]


def test_the_same_service_is_enough_when_hosts_differ() -> None:
    a = disk("2026-10-01 08:00", id="A", service="portal", host="web1")
    b = disk("2026-10-05 08:00", id="B", service="portal", host="web2")

    assert kin(a, b) == [["A", "B"]]


@pytest.mark.parametrize(
    ("title", "is_alike"),
    [
        ("disk full backup", True),  # 2 shared of 4
        ("disk full", True),  # 2 shared of 3
        ("disk full backup server", False),  # 2 shared of 5
        ("disk", False),  # 1 shared
    ],
)
def test_titles_are_alike_from_half_their_words_and_two_shared_on(title: str, *, is_alike: bool) -> None:
    found = kin(disk("2026-10-01 08:00", id="A"), disk("2026-10-05 08:00", id="B", title=title))

    assert (found == [["A", "B"]]) is is_alike


def test_a_family_reaches_back_exactly_the_lookback() -> None:
    first, edge = disk(1_000_000_000, id="A"), disk(1_000_000_000 + LOOKBACK, id="B")
    beyond = disk(1_000_000_000 + LOOKBACK + 1, id="B")

    assert kin(first, edge) == [["A", "B"]]
    assert kin(first, beyond) == [["A"], ["B"]]


def test_each_joins_the_family_of_the_latest_alike_one() -> None:
    a = disk("2026-10-01 08:00", id="A", title="alpha beta gamma delta")
    b = disk("2026-10-02 08:00", id="B", title="gamma delta epsilon zeta")
    both = disk("2026-10-03 08:00", id="C", title="alpha beta gamma delta epsilon zeta")

    assert kin(both, b, a) == [["A"], ["B", "C"]]


def test_a_chain_of_look_alikes_is_one_family_beyond_the_lookback() -> None:
    chain = [disk(1_000_000_000 + n * 60 * DAY, id=f"T{n}") for n in range(4)]

    assert kin(*chain) == [["T0", "T1", "T2", "T3"]]


def test_a_storm_of_callers_is_one_occurrence() -> None:
    storm = [disk(paris("2026-10-01 08:00") + n * MINUTE, id=f"T{n:02}") for n in range(30)]

    (one,) = occurrences(storm, same_occurrence=STORM)

    assert len(one.tickets) == 30
    assert rate(*storm).value == 0


def test_exactly_four_hours_after_the_restoration_it_is_still_the_same_occurrence() -> None:
    first = disk("2026-10-01 08:00", id="A")
    edge = disk("2026-10-01 13:00", id="B")
    beyond = disk(paris("2026-10-01 13:00") + 1, id="B")

    assert len(occurrences([first, edge], same_occurrence=STORM)) == 1
    assert len(occurrences([first, beyond], same_occurrence=STORM)) == 2


def test_while_one_of_a_family_is_unresolved_all_belong_to_its_occurrence() -> None:
    long_one = disk("2026-10-01 08:00", 10 * DAY, id="A")
    short = disk("2026-10-03 08:00", id="B")
    late = disk("2026-10-11 11:00", id="C")
    still_open = ticket("2026-10-01 08:00", id="D", state=State.WAITING)

    assert [o.tickets for o in occurrences([long_one, short, late], same_occurrence=STORM)] == [["A", "B", "C"]]
    assert len(occurrences([still_open, disk("2026-12-01 08:00", id="E")], same_occurrence=STORM)) == 1


def test_what_comes_back_is_recurrent_and_the_first_is_not() -> None:
    reading = rate(disk("2026-10-01 08:00", id="A"), disk("2026-10-05 08:00", id="B"), disk("2026-10-09 08:00", id="C"))

    assert (reading.numerator, reading.denominator) == (2, 3)
    assert reading.evidence == ("B", "C")


def test_what_came_back_is_counted_in_the_month_in_which_it_began() -> None:
    tickets = disk("2026-09-28 08:00", id="A"), disk("2026-10-05 08:00", id="B")

    assert rate(*tickets).value == 1
    assert rate(*tickets, period="2026-09").value == 0


@pytest.mark.parametrize(("ago", "recurrent"), [(LOOKBACK, 1), (LOOKBACK + 1, 0)])
def test_what_came_back_exactly_after_the_lookback_is_recurrent_and_a_second_later_not(
    ago: int, recurrent: int
) -> None:
    again = paris("2026-10-20 08:00")

    assert rate(disk(again - ago, id="A"), disk(again, id="B")).numerator == recurrent


def test_tickets_stand_beside_occurrences() -> None:
    reading = rate(disk("2026-10-01 08:00", id="A"), disk("2026-10-01 08:30", id="B"), disk("2026-10-05 08:00", id="C"))

    assert (reading.denominator, reading.details["tickets"]) == (2, 3)


def test_withdrawn_incidents_are_no_occurrence() -> None:
    reading = rate(disk("2026-10-01 08:00", id="A"), disk("2026-10-05 08:00", id="B", state=State.CANCELLED))

    assert reading.denominator == 1


def test_under_half_comparable_it_is_no_data() -> None:
    told, untold = disk("2026-10-01 08:00", id="A"), [ticket("2026-10-02 08:00", id=f"U{n}") for n in range(2)]
    promise = objective("recurrence_rate", at_most("15%"))

    assert decided(rate(told, untold[0]), promise).outcome is Outcome.MET
    short = rate(told, *untold)
    assert decided(short, promise).outcome is Outcome.NO_DATA
    assert "not_comparable" in short.reasons


def test_with_a_lookback_that_was_not_observed_it_is_no_data() -> None:
    facts = desk(disk("2026-10-01 08:00"), observed=[span("2026-09-01 00:00", "2026-11-01 00:00")])

    reading = measured("recurrence_rate", facts, request(contract(language="en")))

    assert reading.coverage == Fraction(
        paris("2026-11-01 00:00") - paris("2026-09-01 00:00"),
        paris("2026-11-01 00:00") - paris("2026-10-01 00:00") + LOOKBACK,
    )
    assert "lookback_short" in reading.reasons
    assert decided(reading, objective("recurrence_rate", at_most("15%"))).outcome is Outcome.NO_DATA


def test_the_report_names_the_words_that_a_family_shares() -> None:
    facts = desk(
        disk("2026-10-01 08:00", id="A", time_spent=HOUR),
        disk("2026-10-05 08:00", id="B", title="disk full backup", time_spent=2 * HOUR),
        disk("2026-10-09 08:00", id="C", host="db9"),
    )

    (family,) = family_lines(request(contract(language="en")), facts)

    assert (family.words, family.tickets) == (("disk", "full"), ("A", "B"))
    assert (family.occurrences, family.recurrent_in_period, family.time_spent) == (2, 1, 3 * HOUR)


def problem(resolved: str | None = None, *, id: str = "PRB1", **parts: Any) -> Ticket:  # noqa: A002
    return ticket("2026-08-01 08:00", resolved, id=id, kind=Kind.PROBLEM, priority=None, **parts)


def treated(*tickets: Ticket, **parts: Any) -> Reading:
    return measured("root_cause_treated", desk(*tickets, **parts), request(contract(language="en")))


def twice(
    linked: str | None = "PRB1", *, first: str = "2026-09-01 08:00", again: str = "2026-09-10 08:00"
) -> list[Ticket]:
    return [disk(first, id="A"), disk(again, id="B", problem=linked)]


def test_a_family_whose_problem_is_resolved_and_that_is_quiet_for_thirty_days_is_treated() -> None:
    reading = treated(*twice(), problem("2026-09-12 08:00"))

    assert (reading.numerator, reading.denominator, reading.details["treated"]) == (1, 1, 1)
    assert reading.evidence == ()


@pytest.mark.parametrize(
    ("tickets", "why"),
    [
        ([*twice(), problem()], "problem_open"),
        ([*twice(), problem(state=State.CANCELLED, closed="2026-09-12 08:00")], "problem_open"),
        ([*twice(), problem("2026-11-01 00:00")], "problem_open"),
        ([*twice(again="2026-10-03 08:00"), problem("2026-09-12 08:00")], "came_back"),
        ([*twice(None), problem("2026-09-12 08:00")], "no_problem"),
    ],
)
def test_what_is_not_treated_says_why_and_stays_in_the_denominator(tickets: list[Ticket], why: str) -> None:
    reading = treated(*tickets)

    assert (reading.value, reading.denominator, reading.details[why]) == (0, 1, 1)
    assert reading.evidence == ("A",)


def test_thirty_days_are_counted_to_the_second() -> None:
    end = paris("2026-11-01 00:00")
    quiet = [
        disk(end - 40 * DAY, id="A"),
        disk(end - 30 * DAY - 1, id="B", problem="PRB1"),
        problem("2026-10-02 08:00"),
    ]
    late = [disk(end - 40 * DAY, id="A"), disk(end - 30 * DAY, id="B", problem="PRB1"), problem("2026-10-02 08:00")]

    assert (treated(*quiet).value, treated(*late).value) == (1, 0)


def test_a_storm_is_no_family_to_treat() -> None:
    reading = treated(disk("2026-09-01 08:00", id="A"), disk("2026-09-01 08:30", id="B", problem="PRB1"), problem())

    assert (reading.value, reading.n, reading.coverage) == (None, 0, 1)
    assert decided(reading, objective("root_cause_treated", at_least("80%"))).outcome is Outcome.NOTHING_TO_JUDGE


def test_a_desk_that_tells_no_problems_measures_nothing() -> None:
    reading = treated(disk("2026-09-01 08:00", id="A"), disk("2026-09-10 08:00", id="B"))

    assert (reading.value, reading.undetermined, reading.coverage) == (None, 1, 0)
    assert "problems_untold" in reading.reasons
    assert decided(reading, objective("root_cause_treated", at_least("80%"))).outcome is Outcome.NO_DATA


def test_a_problem_that_no_export_holds_is_unknown_and_bounds_the_share() -> None:
    known = [disk("2026-09-01 08:00", id=f"K{n}", host="db2") for n in range(1)]
    known.append(disk("2026-09-08 08:00", id="K9", host="db2", problem="PRB2"))

    reading = treated(*twice("PRB-ELSEWHERE"), *known, problem("2026-09-12 08:00", id="PRB2"))

    assert (reading.value, reading.undetermined, reading.coverage) == (1, 1, Fraction(1, 2))
    assert (reading.lowest, reading.highest) == (Fraction(1, 2), 1)


def test_a_family_tells_its_occurrences_its_place_and_what_became_of_its_cause() -> None:
    storm = disk("2026-10-05 08:20", id="C", time_spent=2 * HOUR)
    facts = desk(*twice(again="2026-10-05 08:00"), storm, problem())

    (family,) = family_lines(request(contract(language="en")), facts)

    assert [(o.tickets, o.is_recurrent) for o in family.told] == [(("A",), False), (("B", "C"), True)]
    assert (family.told[1].start, family.told[1].restored) == (paris("2026-10-05 08:00"), paris("2026-10-05 09:20"))
    assert (family.category, family.where, family.problems) == ("storage", "db1", ("PRB1",))
    assert (family.time_spent, family.time_told, family.treatment) == (2 * HOUR, 1, Treatment.PROBLEM_OPEN)


def test_a_family_that_a_problem_alone_joined_names_no_words_and_no_place() -> None:
    a = disk("2026-10-01 08:00", id="A", problem="PRB1")
    b = ticket("2026-10-05 08:00", id="B", problem="PRB1", title="mail is slow", category="mail", service="smtp")

    (family,) = family_lines(request(contract(language="en")), desk(a, b))

    assert (family.words, family.category, family.where, family.problems) == ((), None, None, ("PRB1",))
    assert family.treatment is Treatment.UNKNOWN
