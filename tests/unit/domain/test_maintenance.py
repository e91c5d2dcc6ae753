"""Which maintenance counts as planned: announced in time, up to the monthly cap (indicators.md §8)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import OFFICE, Maintenance, contract, line, measured, paris, request, span
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Contract, Limit, Notice, Planned, Scope, ServiceTerms
from kpi_agent.domain.facts import Facts, ServiceFacts
from kpi_agent.domain.indicators.maintenance import maintenance_of
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.time import HOUR, MINUTE, Interval, Period, total

PORTAL = Scope(service="portal")
OCTOBER = Period.parse("2026-10", "Europe/Paris")
NIGHT = span("2026-10-13 22:00", "2026-10-14 02:00")
DAY_OF_CLOCK = Notice(Limit(24 * HOUR, "24h"), ALWAYS)
THREE_DAYS = Notice(Limit(30 * HOUR, "3wd"), OFFICE)


def announced(at: str | int | None, *spans: Interval, services: tuple[str, ...] = ()) -> Maintenance:
    declared = paris(at) if isinstance(at, str) else at
    return Maintenance(spans or (NIGHT,), services, declared=declared)


def deal(*windows: Maintenance, planned: Planned = Planned.EXCLUDED, **rules: Any) -> Contract:
    terms = ServiceTerms("portal", "main", "up", ALWAYS, planned=planned)
    return contract(services={"portal": terms}, maintenance=windows, **rules)


def up_but(*downs: tuple[str, str]) -> Facts:
    runs: list[tuple[str, str, int]] = []
    since = "2026-10-01 00:00"
    for start, end in downs:
        runs += [(since, start, 1), (start, end, 0)]
        since = end
    whole = line(*runs, (since, "2026-11-01 00:00", 1))
    return Facts(services={"portal": ServiceFacts(whole, paris("2026-11-01 00:00"), HOUR)})


def portal(promised: Contract, facts: Facts | None = None) -> Reading:
    return measured("availability", facts or up_but(), request(promised, scope=PORTAL))


def hours(promised: Contract) -> Mapping[str, float]:
    return {name: portal(promised).details[name] / HOUR for name in ("P", "over_cap", "late")}


def split(promised: Contract, whole: Interval = OCTOBER.interval) -> tuple[tuple[Interval, ...], ...]:
    found = maintenance_of(promised.latest, "portal", OCTOBER, whole)
    return found.planned, found.over_cap, found.late


@pytest.mark.parametrize(
    ("declared", "notice", "is_planned"),
    [
        ("2026-10-12 22:00", DAY_OF_CLOCK, True),  # exactly the notice
        ("2026-10-12 22:01", DAY_OF_CLOCK, False),
        ("2026-10-09 08:00", THREE_DAYS, True),  # open on Friday, Monday and Tuesday
        ("2026-10-09 08:01", THREE_DAYS, False),
        ("2026-10-08 18:00", THREE_DAYS, True),
        ("2026-10-13 22:00", None, True),  # as it begins
        ("2026-10-13 22:01", None, False),
        (None, DAY_OF_CLOCK, True),  # agreed with the contract
        (None, None, True),
    ],
)  # fmt: skip
def test_a_window_counts_as_planned_when_it_was_announced_in_time(
    declared: str | None, notice: Notice | None, *, is_planned: bool
) -> None:
    promised = deal(announced(declared), maintenance_notice=notice)

    assert split(promised) == (((NIGHT,), (), ()) if is_planned else ((), (), (NIGHT,)))


def test_a_second_short_of_the_notice_is_too_late() -> None:
    at = NIGHT.start - 24 * HOUR

    assert hours(deal(announced(at), maintenance_notice=DAY_OF_CLOCK))["late"] == 0
    assert hours(deal(announced(at + 1), maintenance_notice=DAY_OF_CLOCK))["late"] == 4


def test_the_notice_counts_hours_that_passed_over_a_change_of_the_clock() -> None:
    night = span("2026-10-25 22:00", "2026-10-25 23:00")  # the day lasts 25 h
    eve = paris("2026-10-24 22:00")

    assert hours(deal(announced(eve + HOUR, night), maintenance_notice=DAY_OF_CLOCK))["late"] == 0
    assert hours(deal(announced(eve + HOUR + 1, night), maintenance_notice=DAY_OF_CLOCK))["late"] == 1


@pytest.mark.parametrize(
    ("planned", "numerator", "denominator"),
    [(Planned.EXCLUDED, 742, 743), (Planned.AS_UP, 744, 745), (Planned.COUNTED, 743, 745)],
)
def test_what_was_announced_too_late_is_downtime_like_any_other(
    planned: Planned, numerator: int, denominator: int
) -> None:
    """Two windows of which one was late: 2 h planned with 1 h down, 2 h late with 1 h down, of 745 h."""
    early = announced("2026-10-01 09:00", span("2026-10-06 22:00", "2026-10-07 00:00"))
    late = announced("2026-10-20 21:00", span("2026-10-20 22:00", "2026-10-21 00:00"))
    facts = up_but(("2026-10-06 22:30", "2026-10-06 23:30"), ("2026-10-20 22:30", "2026-10-20 23:30"))

    reading = portal(deal(early, late, planned=planned, maintenance_notice=DAY_OF_CLOCK), facts)

    assert reading.value == Fraction(numerator, denominator)
    assert {n: reading.details[n] // HOUR for n in ("T", "P", "late", "over_cap", "planned_down")} == {
        "T": 745, "P": 2, "late": 2, "over_cap": 0, "planned_down": 1,
    }  # fmt: skip


def test_a_late_window_uses_up_nothing_of_the_cap() -> None:
    late = announced("2026-10-06 21:00", span("2026-10-06 22:00", "2026-10-07 02:00"))

    promised = deal(late, announced("2026-10-01 09:00"), maintenance_cap=4 * HOUR, maintenance_notice=DAY_OF_CLOCK)

    assert hours(promised) == {"P": 4, "over_cap": 0, "late": 4}


def test_what_exceeds_the_cap_is_told() -> None:
    promised = deal(announced(None, NIGHT, span("2026-10-20 22:00", "2026-10-21 02:00")), maintenance_cap=5 * HOUR)

    assert hours(promised) == {"P": 5, "over_cap": 3, "late": 0}
    assert split(promised)[1] == (span("2026-10-20 23:00", "2026-10-21 02:00"),)


def test_the_last_second_of_the_cap_is_planned() -> None:
    second = span("2026-10-20 22:00", "2026-10-21 02:00")

    assert split(deal(announced(None, NIGHT, second), maintenance_cap=4 * HOUR + 1))[0] == (
        NIGHT,
        Interval(second.start, second.start + 1),
    )


def test_a_stretch_in_two_windows_is_planned_where_one_was_announced_in_time() -> None:
    early = announced("2026-10-01 09:00", span("2026-10-13 22:00", "2026-10-14 00:00"))
    late = announced("2026-10-13 21:00", span("2026-10-13 23:00", "2026-10-14 02:00"))

    assert hours(deal(early, late, maintenance_notice=DAY_OF_CLOCK)) == {"P": 2, "over_cap": 0, "late": 2}


def test_a_late_window_does_not_bring_back_what_exceeds_the_cap_nor_count_it_twice() -> None:
    early = announced("2026-10-01 09:00", span("2026-10-13 22:00", "2026-10-14 00:00"))
    late = announced("2026-10-13 21:00", span("2026-10-13 22:00", "2026-10-14 01:00"))

    found = hours(deal(early, late, maintenance_cap=HOUR, maintenance_notice=DAY_OF_CLOCK))

    assert found == {"P": 1, "over_cap": 1, "late": 1}


def test_a_window_over_midnight_of_the_first_is_judged_by_its_own_start() -> None:
    """Announced in time for 30 September 23:00; its part in October is planned and takes its hour of October's cap."""
    eve = span("2026-09-30 23:00", "2026-10-01 01:00")
    start = paris("2026-09-30 23:00")

    on_time = deal(announced(start - 24 * HOUR, eve), maintenance_notice=DAY_OF_CLOCK, maintenance_cap=HOUR)
    too_late = deal(announced(start - 24 * HOUR + 1, eve), maintenance_notice=DAY_OF_CLOCK)

    assert hours(on_time) == {"P": 1, "over_cap": 0, "late": 0}
    assert hours(too_late) == {"P": 0, "over_cap": 0, "late": 1}


def test_a_recurring_window_is_late_only_where_it_recurs_too_soon() -> None:
    second = span("2026-10-20 22:00", "2026-10-21 02:00")
    promised = deal(announced("2026-10-13 09:00", NIGHT, second), maintenance_notice=DAY_OF_CLOCK)

    assert split(promised) == ((second,), (), (NIGHT,))


def test_windows_of_other_services_and_hours_without_service_do_not_count() -> None:
    other = announced("2026-10-13 21:00", services=("mail",))
    at_night = ServiceTerms("portal", "main", "up", OFFICE)
    nightly = contract(services={"portal": at_night}, maintenance=(announced("2026-10-14 00:00"),))

    assert hours(deal(other, maintenance_notice=DAY_OF_CLOCK)) == {"P": 0, "over_cap": 0, "late": 0}
    assert hours(nightly) == {"P": 0, "over_cap": 0, "late": 0}


SPANS = st.tuples(st.integers(0, 600), st.integers(1, 90)).map(
    lambda p: Interval(OCTOBER.start + p[0] * MINUTE, OCTOBER.start + (p[0] + p[1]) * MINUTE)
)


@given(
    windows=st.lists(st.tuples(SPANS, st.one_of(st.none(), st.integers(-200, 600))), max_size=5),
    notice=st.one_of(st.none(), st.integers(1, 200)),
    cap=st.one_of(st.none(), st.integers(1, 300)),
)
def test_every_minute_of_a_window_is_planned_over_the_cap_or_late(
    windows: list[tuple[Interval, int | None]], notice: int | None, cap: int | None
) -> None:
    """Counted minute by minute, each asked alone."""
    made = [Maintenance((i,), declared=None if at is None else OCTOBER.start + at * MINUTE) for i, at in windows]
    rule = None if notice is None else Notice(Limit(notice * MINUTE, f"{notice}m"), ALWAYS)
    promised = deal(*made, maintenance_notice=rule, maintenance_cap=None if cap is None else cap * MINUTE)
    expected = {"planned": 0, "over_cap": 0, "late": 0}
    for minute in range(700):
        instant = OCTOBER.start + minute * MINUTE
        found = [(i, at) for i, at in windows if i.start <= instant < i.end]
        in_time = [at is None or (i.start - OCTOBER.start) // MINUTE - at >= (notice or 0) for i, at in found]
        if any(in_time):
            expected["planned" if cap is None or expected["planned"] < cap else "over_cap"] += 1
        elif found:
            expected["late"] += 1

    planned, over_cap, late = split(promised)

    assert {"planned": total(planned), "over_cap": total(over_cap), "late": total(late)} == {
        name: minutes * MINUTE for name, minutes in expected.items()
    }
