"""Families, occurrences, and what came back (indicators.md §4)."""

from __future__ import annotations

from dataclasses import replace
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
from kpi_agent.domain.evaluation import Family, Outcome, Treatment
from kpi_agent.domain.indicators.recurrence import families, family_lines, occurrences
from kpi_agent.domain.indicators.registry import INDICATORS
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


def test_one_shared_word_is_not_enough_however_short_the_titles() -> None:
    assert kin(disk("2026-10-01 08:00", id="A", title="disk full"), disk("2026-10-05 08:00", id="B", title="disk")) == [
        ["A"], ["B"],
    ]  # fmt: skip


def test_of_several_alike_the_latest_counts_whatever_both_share() -> None:
    by_host = disk("2026-10-02 08:00", id="HOST", service="mail", host="db1")
    by_service = disk("2026-10-01 08:00", id="SERVICE", service="portal", host="web1")
    by_problem = disk("2026-10-03 08:00", id="PROBLEM", service=None, host="x", category="y", problem="PRB1")
    told = {"service": "portal", "host": "db1", "problem": "PRB1"}

    assert kin(by_host, by_service, disk("2026-10-04 08:00", id="A", **told, title="disk full database")) == [
        ["SERVICE"], ["HOST", "A"],
    ]  # fmt: skip
    earlier, later = (disk(f"2026-10-0{day} 08:00", id="A", **told) for day in (4, 2))
    assert kin(by_host, by_service, by_problem, earlier) == [["SERVICE"], ["HOST"], ["PROBLEM", "A"]]
    assert kin(by_service, later) == [["SERVICE", "A"]]


def test_of_two_opened_at_once_the_one_with_the_later_id_counts() -> None:
    at = "2026-10-01 08:00"
    host, service = disk(at, id="B", host="db1"), disk(at, id="A", service="portal", host="web1")
    both = disk("2026-10-02 08:00", id="C", service="portal", host="db1")

    assert kin(host, service, both) == [["A"], ["B", "C"]]
    assert kin(replace(host, id="A"), replace(service, id="B"), both) == [["A"], ["B", "C"]]


def test_an_earlier_one_of_another_kind_in_between_hides_none() -> None:
    fan = disk("2026-10-02 08:00", id="FAN", title="cooling broken rack")

    assert kin(disk("2026-10-01 08:00", id="A"), fan, disk("2026-10-03 08:00", id="B")) == [["A", "B"], ["FAN"]]


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


def test_a_later_occurrence_lasts_as_long_as_the_longest_of_its_own() -> None:
    first, long_one = disk("2026-10-01 08:00", id="A"), disk("2026-10-03 08:00", 10 * DAY, id="B")
    short, late = disk("2026-10-05 08:00", id="C"), disk("2026-10-13 08:00", id="D")

    assert [o.tickets for o in occurrences([first, long_one, short, late], same_occurrence=STORM)] == [
        ["A"], ["B", "C", "D"],
    ]  # fmt: skip


def test_an_incident_that_is_only_closed_was_restored_by_then() -> None:
    closed = ticket("2026-10-01 08:00", id="A", state=State.CLOSED, closed="2026-10-01 09:00")
    dated = ticket("2026-10-01 08:00", id="A", state=State.CLOSED, updated="2026-10-01 09:00")
    undated = ticket("2026-10-01 08:00", id="A", state=State.CLOSED)
    again = disk("2026-10-01 13:00:01", id="B")

    assert [len(occurrences([one, again], same_occurrence=STORM)) for one in (closed, dated, undated)] == [2, 2, 1]


def test_the_first_second_of_the_epoch_is_an_opening_like_any_other() -> None:
    first, again = disk(0, 1, id="A"), disk(2, id="B")

    assert len(occurrences([first, again], same_occurrence=0)) == 2
    assert len(occurrences([first, replace(again, opened=1)], same_occurrence=0)) == 1


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


@pytest.mark.parametrize(
    ("told", "comparable"),
    [
        ({}, True),
        ({"host": None, "service": "portal"}, True),
        ({"host": None}, False),
        ({"category": None}, False),
        ({"title": ""}, False),
        ({"title": "1234"}, True),  # no word, and the same title may come again
        ({"category": None, "host": None, "title": "", "problem": "PRB1"}, True),
        ({"state": State.CANCELLED}, None),
    ],
)
def test_an_incident_is_comparable_by_its_problem_or_by_category_place_and_title(
    told: dict[str, Any], *, comparable: bool | None
) -> None:
    before, after = disk("2026-09-30 23:59:59", id="BEFORE"), disk("2026-11-01 00:00", id="AFTER", host="db3")

    found = rate(before, disk("2026-10-01 00:00", id="A", **told), after).details

    assert (found["comparable"], found["incidents"]) == (int(bool(comparable)), 0 if comparable is None else 1)


@pytest.mark.parametrize("indicator", ["recurrence_rate", "root_cause_treated"])
@pytest.mark.parametrize(("untold", "is_known"), [(1, True), (2, False)])
def test_half_of_the_incidents_must_be_comparable(indicator: str, untold: int, *, is_known: bool) -> None:
    tickets = [disk("2026-10-01 08:00"), *(ticket("2026-10-02 08:00", id=f"U{n}") for n in range(untold))]

    found = measured(indicator, desk(*tickets), request(contract(language="en")))

    assert (found.coverage, "not_comparable" in found.reasons) == (int(is_known), not is_known)


def test_a_lookback_observed_just_as_much_as_is_asked_is_not_short() -> None:
    end, start = paris("2026-11-01 00:00"), paris("2026-10-01 00:00") - LOOKBACK
    whole = end - start
    asked = replace(request(contract(language="en")), min_coverage=Fraction(1, 2))

    enough, short = (
        measured("recurrence_rate", desk(observed=[span(end - whole // 2 + less, end)]), asked) for less in (0, 1)
    )

    assert "lookback_short" not in enough.reasons
    assert "lookback_short" in short.reasons


def test_what_was_opened_after_the_instant_asked_for_does_not_exist_then() -> None:
    at = "2026-10-05 08:00"

    def known(now: str) -> Reading:
        facts = desk(disk("2026-10-01 08:00", id="A"), disk(at, id="B"), newest=now)
        return measured("recurrence_rate", facts, request(contract(language="en"), now=now))

    assert (known("2026-10-05 07:59:59").denominator, known(at).denominator) == (1, 2)


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


def lines(*tickets: Ticket, rate: str | None = None) -> tuple[Family, ...]:
    deal = contract(language="en", hourly_rate=None if rate is None else Fraction(rate))
    return family_lines(request(deal), desk(*tickets))


def test_families_with_most_occurrences_stand_first_then_those_with_most_incidents() -> None:
    def family(host: str, *days: str) -> list[Ticket]:
        return [disk(f"2026-{day} 08:00", id=f"{host}-{n}", host=host) for n, day in enumerate(days)]

    tickets = [
        *family("c", "10-01", "10-05"), *family("b", "10-01", "10-05", "10-05"),
        *family("a", "10-01", "10-05", "10-09"), *family("d", "10-02", "10-06"),
    ]  # fmt: skip

    assert [one.tickets[0] for one in lines(*tickets)] == ["a-0", "b-0", "c-0", "d-0"]


def test_a_line_tells_of_the_lookback_and_counts_what_began_in_the_month() -> None:
    found = lines(
        disk("2026-06-20 08:00", id="LONG-AGO", problem="OLD", time_spent=1),
        disk("2026-07-10 08:00", id="BEFORE", time_spent=10),
        disk("2026-10-05 08:00", id="IN", time_spent=100),
        disk("2026-10-20 08:00", id="AGAIN"),
        disk("2026-11-02 08:00", id="LATER", problem="NEW", time_spent=1_000),
        disk("2026-06-01 08:00", id="ONCE", host="db7"),
        rate="3600",
    )

    (one,) = found
    assert one.tickets == ("BEFORE", "IN", "AGAIN")
    assert [(o.tickets[0], o.is_recurrent) for o in one.told] == [("BEFORE", True), ("IN", True), ("AGAIN", True)]
    assert (one.occurrences, one.occurrences_in_period, one.recurrent_in_period) == (3, 2, 2)
    assert (one.time_spent, one.time_told, one.cost, one.problems) == (110, 2, 110, ())


def test_without_time_told_a_family_has_no_cost() -> None:
    (one,) = lines(disk("2026-10-01 08:00", id="A"), disk("2026-10-05 08:00", id="B"), rate="100")

    assert (one.time_spent, one.time_told, one.cost) == (None, 0, None)


def test_what_is_not_restored_has_no_end() -> None:
    still_open = replace(disk("2026-10-05 08:00", id="B"), state=State.WAITING, resolved=None)

    (one,) = lines(disk("2026-10-01 08:00", id="A"), still_open)

    assert [o.restored for o in one.told] == [paris("2026-10-01 09:00"), None]


def test_the_six_commonest_words_are_shown_and_the_commonest_place() -> None:
    title = "alpha bravo charlie delta echo foxtrot golf"

    (one,) = lines(
        disk("2026-10-01 08:00", id="A", title=title, service="portal", host="db1"),
        disk("2026-10-05 08:00", id="B", title=title, service="portal", host="db2"),
        disk("2026-10-09 08:00", id="C", title="golf foxtrot echo delta charlie zulu", service="mail", host="db2"),
        disk("2026-10-13 08:00", id="D", title="golf foxtrot echo delta charlie zulu", service="shop", host="db2"),
    )

    assert one.words == ("charlie", "delta", "echo", "foxtrot", "golf", "alpha")
    assert (one.category, one.where) == ("storage", "db2")


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


def test_what_is_unknown_of_some_families_says_nothing_of_how_much_was_observed() -> None:
    known = [disk("2026-09-01 08:00", id="K1", host="db2"), disk("2026-09-08 08:00", id="K2", host="db2")]

    found = treated(*twice("PRB-ELSEWHERE"), *known, problem("2026-09-12 08:00", id="PRB2"))

    assert (found.coverage, found.source_coverage, found.n, found.denominator) == (Fraction(1, 2), 1, 1, 1)
    assert found.details["families"] == 2
    assert (found.indicator, treated(*twice()).indicator) == ("root_cause_treated", "root_cause_treated")


def test_only_what_began_within_the_lookback_makes_a_family_to_treat() -> None:
    end = paris("2026-11-01 00:00")
    old = [disk(end - LOOKBACK - 1, id="A"), disk(end - 40 * DAY, id="B", problem="PRB1")]
    once = disk("2026-07-01 08:00", id="ONCE", host="db0")

    assert treated(*old, problem()).n == 0
    assert treated(once, replace(old[0], opened=end - LOOKBACK), old[1], problem()).n == 1


def test_root_causes_are_better_treated_and_recurrences_better_rare() -> None:
    rate_, cause = INDICATORS["recurrence_rate"], INDICATORS["root_cause_treated"]

    assert (rate_.is_more_better, cause.is_more_better) == (False, True)
    assert rate_.topic == cause.topic == "recurrence"
    assert rate(disk("2026-10-01 08:00")).indicator == "recurrence_rate"


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
