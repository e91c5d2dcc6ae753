"""Objectives over a quarter or rolling months: counts are added, and no window reaches into another promise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    OFFICE,
    at_least,
    at_most,
    contract,
    desk,
    line,
    measured,
    month,
    objective,
    paris,
    quick,
    request,
    span,
    ticket,
    version,
)
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Contract, ContractVersion, Objective, ObjectiveWindow, Scope, ServiceTerms
from kpi_agent.domain.evaluation import Commitment, Outcome
from kpi_agent.domain.facts import Facts, ServiceFacts
from kpi_agent.domain.measure import measure
from kpi_agent.domain.objective_window import window_starts, windowed
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import DAY, HOUR, Interval, Period

LATER = paris("2027-01-01 00:00")


def promise(window: ObjectiveWindow, target: str = "90%", **parts: Any) -> Objective:
    return objective("resolve_in_time", at_least(target), window=window, **parts)


def solved(day: str, *, late: int = 0, kept: int = 0) -> list[Ticket]:
    """Return incidents opened on a day at ten, *kept* of them in time."""
    return [
        ticket(f"2026-{day} 10:00", f"2026-{day} {'20' if n < late else '11'}:00", id=f"{day}-{n}")
        for n in range(late + kept)
    ]


def judged(deal: Contract, period: str, *tickets: Ticket, now: int = LATER) -> Commitment:
    facts = desk(*tickets, newest=now)
    return measure(deal, month(period), facts, now=now).commitments[0]


def test_counts_of_three_months_are_added_and_percentages_not_averaged() -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.ROLLING_3),)))
    # 0 of 1, 2 of 2, 18 of 18: a mean of percentages would be 66.7 %.
    tickets = [*solved("08-10", late=1), *solved("09-10", kept=2), *solved("10-10", kept=18)]

    found = judged(deal, "2026-10", *tickets, *solved("07-31", late=5), *solved("11-01", late=5))

    assert (found.reading.numerator, found.reading.denominator) == (20, 21)
    assert (found.outcome, found.reading.span) == (Outcome.MET, span("2026-08-01", "2026-11-01"))


moments = st.integers(paris("2026-07-20"), paris("2026-11-10")) | st.sampled_from(
    [paris("2026-08-01"), paris("2026-09-01") - 1, paris("2026-11-01"), paris("2026-11-01") - 1]
)


@quick
@given(st.lists(st.tuples(moments, st.none() | st.integers(0, 9 * HOUR)), max_size=8))
def test_a_window_is_the_sum_of_its_months(told: list[tuple[int, int | None]]) -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.ROLLING_3),)))
    tickets = [ticket(at, None if took is None else at + took, id=f"T{n}") for n, (at, took) in enumerate(told)]

    window = judged(deal, "2026-10", *tickets).reading
    months = [measured("resolve_in_time", desk(*tickets), request(deal, f"2026-{m:02}")) for m in (8, 9, 10)]

    assert window.numerator == sum(m.numerator or 0 for m in months)
    assert window.denominator == sum(m.denominator or 0 for m in months)
    assert window.details["running"] == months[-1].details["running"]


def test_twelve_months_begin_with_the_contract_where_it_is_younger() -> None:
    deal = contract(version("2026-03-15", objectives=(promise(ObjectiveWindow.ROLLING_12),)))

    assert judged(deal, "2026-10").reading.span == span("2026-03-15", "2026-11-01")


def test_the_month_stands_beside_the_window() -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.ROLLING_3, scope=Scope(priority="P1")),)))
    facts = desk(*solved("09-10", kept=2), *solved("10-10", late=1))

    found = measure(deal, month(), facts, now=LATER).readings

    mine = [r for r in found if (r.indicator, r.scope) == ("resolve_in_time", Scope(priority="P1"))]
    assert [(r.numerator, r.denominator, r.span is None) for r in mine] == [(2, 3, False), (0, 1, True)]


@pytest.mark.parametrize(
    ("period", "outcome", "counts"),
    [
        ("2026-07", Outcome.AT_RISK, (1, 2)),
        ("2026-08", Outcome.AT_RISK, (5, 6)),
        ("2026-09", Outcome.MET, (9, 10)),
        ("2026-10", Outcome.NOTHING_TO_JUDGE, (0, 0)),
    ],
)
def test_a_quarter_is_running_until_its_last_month_is_over(
    period: str, outcome: Outcome, counts: tuple[int, int]
) -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.QUARTER),)))
    tickets = [*solved("07-10", late=1, kept=1), *solved("08-10", kept=4), *solved("09-10", kept=4)]

    found = judged(deal, period, *tickets, *solved("06-30", late=1))

    assert (found.reading.numerator, found.reading.denominator) == counts
    assert found.outcome is outcome


def test_a_quarter_to_date_knows_nothing_of_the_months_to_come() -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.QUARTER),)))
    running = ticket("2026-07-31 23:00", "2026-08-01 01:00", id="OVER_THE_EDGE")

    found = judged(deal, "2026-07", running, *solved("08-10", late=3))

    assert (found.reading.n, found.reading.details["running"]) == (0, 1)


def versions(*parts: tuple[str, str]) -> Contract:
    made: list[ContractVersion] = [
        version(start, objectives=(promise(ObjectiveWindow.ROLLING_3, target),)) for start, target in parts
    ]
    return contract(*made)


def test_a_window_goes_back_over_versions_that_promise_the_same() -> None:
    deal = versions(("2026-01-01", "90%"), ("2026-09-15", "90%"))

    assert judged(deal, "2026-10", *solved("08-10", late=1)).reading.n == 1


def test_a_window_never_reaches_into_a_time_of_another_promise() -> None:
    deal = versions(("2026-01-01", "80%"), ("2026-09-15", "90%"))

    found = judged(deal, "2026-10", *solved("09-14", late=1), *solved("09-15", late=2))

    assert (found.reading.n, found.reading.span) == (2, span("2026-09-15", "2026-11-01"))


def test_a_promise_that_changed_within_the_month_has_two_windows() -> None:
    deal = versions(("2026-01-01", "80%"), ("2026-10-15", "90%"))
    facts = desk(*solved("08-10", late=1), *solved("10-20", late=2))

    found = measure(deal, month(), facts, now=LATER).commitments

    assert [(c.reading.span, c.reading.n) for c in found] == [
        (span("2026-08-01", "2026-10-15"), 1),
        (span("2026-10-15", "2026-11-01"), 2),
    ]


def portal(window: ObjectiveWindow, **parts: Any) -> Contract:
    terms = ServiceTerms("portal", "main", "up", ALWAYS)
    kept = objective("availability", at_least("99.9%"), scope=Scope(service="portal"), window=window)
    return contract(version(services={"portal": terms}, objectives=(kept,), **parts))


def up_but(*down: tuple[str, str]) -> Facts:
    runs: list[tuple[str | int, str | int, int]] = []
    cursor = "2026-01-01"
    for start, end in down:
        runs += [(cursor, start, 1), (start, end, 0)]
        cursor = end
    return Facts(services={"portal": ServiceFacts(line(*runs, (cursor, "2027-01-01", 1)), LATER, HOUR)})


def test_seconds_of_availability_are_added_over_the_months() -> None:
    facts = up_but(("2026-08-05 10:00", "2026-08-05 11:00"), ("2026-10-05 10:00", "2026-10-05 11:00"))

    found = measure(portal(ObjectiveWindow.ROLLING_3), month(), facts, now=LATER).commitments[0].reading

    whole = span("2026-08-01", "2026-11-01")
    assert (found.numerator, found.denominator) == (whole.seconds - 2 * HOUR, whole.seconds)
    assert (found.coverage, found.span) == (1, whole)


def test_an_unfinished_quarter_of_availability_may_still_be_saved() -> None:
    facts = up_but(("2026-07-05 10:00", "2026-07-05 11:30"))

    found = measure(portal(ObjectiveWindow.QUARTER), month("2026-07"), facts, now=LATER).commitments[0]

    # 1 h 30 of the 2 h 12 that the quarter allows, more than July's 44 min.
    assert (found.outcome, found.left) == (Outcome.AT_RISK, 92 * DAY // 1000 - 3 * HOUR // 2)
    assert found.reading.value == Fraction(31 * DAY - 3 * HOUR // 2, 31 * DAY)
    assert "too_early" not in found.reading.reasons


def test_rejected_rows_of_the_months_before_count_against_a_window() -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.ROLLING_3),)))
    facts = desk(*solved("10-10", kept=1))
    told = replace(facts.tickets, told_since={paris("2026-08-01"): Fraction(1, 2)})

    found = measure(deal, month(), Facts(tickets=told), now=LATER).commitments[0]

    assert found.reading.coverage == Fraction(1, 2)
    assert window_starts(deal, deal.latest, month()) == {paris("2026-08-01")}


def test_a_month_is_the_reports_own_period() -> None:
    deal = contract(version(objectives=(promise(ObjectiveWindow.MONTH),), calendars={"office": OFFICE}))

    assert judged(deal, "2026-10").reading.span is None
    assert window_starts(deal, deal.latest, request(deal).period) == frozenset()


# --- where a window begins and ends ---


def window(deal: Contract, period: str = "2026-10", *, at: int = 0) -> Interval:
    base = request(deal, period)
    return windowed(replace(base, version=deal.versions[at]), deal.versions[at].objectives[0]).span


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (ObjectiveWindow.MONTH, "2026-08-01", "2026-09-01"),
        (ObjectiveWindow.QUARTER, "2026-07-01", "2026-10-01"),
        (ObjectiveWindow.ROLLING_3, "2026-06-01", "2026-09-01"),
        (ObjectiveWindow.ROLLING_12, "2025-09-01", "2026-09-01"),
    ],
)
def test_a_window_is_made_of_whole_months(kind: ObjectiveWindow, start: str, end: str) -> None:
    assert window(contract(version(objectives=(promise(kind),))), "2026-08") == span(start, end)


@pytest.mark.parametrize(
    ("week", "kind", "expected"),
    [
        # The month of a week is that of its last day: Sunday 1 November, Sunday 4 October.
        ("2026-W44", ObjectiveWindow.ROLLING_3, ("2026-09-01", "2026-11-02")),
        ("2026-W40", ObjectiveWindow.ROLLING_3, ("2026-08-01", "2026-10-05")),
        ("2026-W40", ObjectiveWindow.QUARTER, ("2026-09-28", "2027-01-01")),
    ],
)
def test_the_window_of_a_week_is_that_of_its_last_day_and_holds_all_of_it(
    week: str, kind: ObjectiveWindow, expected: tuple[str, str]
) -> None:
    deal = contract(version(objectives=(promise(kind),)))
    period = Period.parse(week, "Europe/Paris")
    base = replace(request(deal), period=period, span=period.interval)

    assert windowed(base, deal.latest.objectives[0]).span == span(*expected)


def test_a_window_that_is_over_is_asked_for_as_of_now_and_one_that_goes_on_as_of_the_reports_end() -> None:
    def asked(kind: ObjectiveWindow, period: str, now: str = "2027-01-01") -> int:
        deal = contract(version(objectives=(promise(kind),)))
        return windowed(request(deal, period, now=now), deal.latest.objectives[0]).now

    assert asked(ObjectiveWindow.ROLLING_3, "2026-09") == LATER
    assert asked(ObjectiveWindow.QUARTER, "2026-09") == LATER
    assert asked(ObjectiveWindow.QUARTER, "2026-08") == paris("2026-09-01")
    assert asked(ObjectiveWindow.QUARTER, "2026-08", "2026-08-10") == paris("2026-08-10")


@pytest.mark.parametrize(
    ("promised", "end"),
    [
        (("80%", "80%", "80%", "80%"), "2026-10-01"),
        (("80%", "80%", "90%", "80%"), "2026-09-01"),
        (("80%", "90%", "90%", "80%"), "2026-08-01"),
    ],
)
def test_a_quarter_goes_on_over_later_versions_as_long_as_they_promise_the_same(
    promised: tuple[str, ...], end: str
) -> None:
    starts = ("2026-01-01", "2026-08-01", "2026-09-01", "2026-09-15")
    deal = contract(*(version(start, objectives=(promise(ObjectiveWindow.QUARTER, target),))
                      for start, target in zip(starts, promised, strict=True)))  # fmt: skip

    assert window(deal, "2026-07") == span("2026-07-01", end)


@pytest.mark.parametrize(
    ("before", "is_same"),
    [
        ({"name": {"en": "Repairs"}}, True),
        ({"weight": 7}, True),
        ({"target": replace(at_least("90%"), text="≥ 90 %")}, True),
        ({"target": at_least("91%")}, False),
        ({"target": at_most("90%")}, False),
        ({"id": "another"}, False),
        ({"scope": Scope(priority="P1")}, False),
        ({"min_coverage": Fraction(1, 2)}, False),
    ],
)
def test_numbers_are_added_only_under_the_same_promise(before: dict[str, Any], *, is_same: bool) -> None:
    now = promise(ObjectiveWindow.ROLLING_3)
    beside = objective("respond_in_time", at_least("90%"))
    deal = contract(
        version("2026-01-01", objectives=(beside, replace(now, **before))), version("2026-10-01", objectives=(now,))
    )

    assert window(deal, at=1) == span("2026-08-01" if is_same else "2026-10-01", "2026-11-01")


def test_a_window_that_has_hardly_begun_is_too_early_to_judge() -> None:
    facts, deal = up_but(), portal(ObjectiveWindow.QUARTER)

    early, later = (
        measure(deal, month(period), facts, now=paris(now)).commitments[0].reading.reasons
        for period, now in (("2026-07", "2026-07-01 00:30"), ("2026-08", "2026-08-01 00:30"))
    )

    assert ("too_early" in early, "too_early" in later) == (True, False)
