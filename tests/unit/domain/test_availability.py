"""Availability over service hours (indicators.md §8), also counted second by second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    OFFICE,
    Maintenance,
    at_least,
    contract,
    decided,
    line,
    local,
    measured,
    objective,
    paris,
    quick,
    request,
    span,
    version,
)
from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar, ServiceHours
from kpi_agent.domain.contract import Contract, Planned, Scope, ServiceTerms, UnknownPolicy
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts, ServiceFacts
from kpi_agent.domain.indicators.availability import Shares, service_days, shares
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, difference, total
from kpi_agent.domain.timeline import Run, Timeline

PORTAL = Scope(service="portal")
MONTH = 745 * HOUR
LENGTH = 240
START = local("2026-07-01 00:00", "UTC")
WINDOW = Interval(START, START + LENGTH)


def deal(*planned: Interval, cap: int | None = None, services: tuple[str, ...] = (), **parts: Any) -> Contract:
    return contract(
        services={"portal": ServiceTerms("portal", "main", "up", **{"calendar": ALWAYS} | parts)},
        maintenance=(Maintenance(planned, services),),
        maintenance_cap=cap,
    )


def observed(*runs: tuple[str, str, int], newest: str = "2026-11-01 00:00") -> Facts:
    return Facts(services={"portal": ServiceFacts(line(*runs), paris(newest), HOUR)})


def october(*downs: tuple[str, str], unknown: tuple[tuple[str, str], ...] = ()) -> Facts:
    """The whole month up, less what was down or not observed."""
    lost = [span(*part) for part in (*downs, *unknown)]
    up = difference([span("2026-10-01 00:00", "2026-11-01 00:00")], lost)
    runs = [Run(i.start, i.end, Fraction(1)) for i in up] + [
        Run(paris(start), paris(end), Fraction(0)) for start, end in downs
    ]
    return Facts(services={"portal": ServiceFacts(Timeline.of(runs), paris("2026-11-01 00:00"), HOUR)})


def portal(promised: Contract, facts: Facts, **parts: Any) -> Reading:
    return measured("availability", facts, request(promised, scope=PORTAL, **parts))


@dataclass(frozen=True)
class Truth:
    """T, P, U, D and the downtime inside P, each second asked alone."""

    open: int
    planned: int
    unknown: int
    unknown_in_open: int
    down: int
    down_in_planned: int


def counted(told: list[int | None], opened: set[int], planned: set[int], min_outage: int) -> Truth:
    long_enough: set[int] = set()
    second = 0
    while second < LENGTH:
        last = second
        while last < LENGTH and told[last] == 0:
            last += 1
        if last - second >= max(1, min_outage):
            long_enough |= set(range(second, last))
        second = max(last, second + 1)
    unknown = {s for s, value in enumerate(told) if value is None}
    inside = opened & planned
    rest = opened - planned
    return Truth(
        len(opened),
        len(inside),
        len(rest & unknown),
        len(opened & unknown),
        len(rest & long_enough),
        len(inside & long_enough),
    )


told_by_second = st.lists(
    st.tuples(st.sampled_from([None, 0, 0, 1, 1]), st.integers(1, 60)), min_size=1, max_size=12
).map(lambda parts: ([value for value, length in parts for _ in range(length)] + [1] * LENGTH)[:LENGTH])
stretches = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=3)


def wall(second: int) -> time:
    return time(second // 3600, second // 60 % 60, second % 60)


@quick
@given(told_by_second, stretches, stretches, st.integers(0, 40), st.sampled_from(Planned))
def test_shares_are_the_seconds_counted_one_by_one(
    told: list[int | None],
    hours: list[tuple[int, int]],
    windows: list[tuple[int, int]],
    min_outage: int,
    planned: Planned,
) -> None:
    ranges = tuple((wall(a), wall(b)) for a, b in hours if a < b)
    calendar = ServiceCalendar("drawn", ServiceHours("UTC", {2: ranges}))  # 1 July 2026 is a Wednesday
    terms = ServiceTerms("portal", "main", "up", calendar, min_outage=min_outage, planned=planned)
    up = Timeline.of(Run(START + s, START + s + 1, Fraction(v)) for s, v in enumerate(told) if v is not None)
    truth = counted(
        told,
        {s for a, b in hours for s in range(a, b)},
        {s for a, b in windows for s in range(a, b)},
        min_outage,
    )

    found = shares(terms, up, tuple(Interval(START + a, START + b) for a, b in windows), WINDOW)

    in_all = planned is Planned.COUNTED
    assert [total(part) for part in (found.open, found.planned, found.unknown, found.down)] == [
        truth.open,
        truth.planned,
        truth.unknown_in_open if in_all else truth.unknown,
        truth.down + truth.down_in_planned if in_all else truth.down,
    ]


@quick
@given(told_by_second, st.sampled_from(Planned), st.sampled_from(UnknownPolicy))
def test_the_value_is_the_formula_of_its_mode(told: list[int | None], planned: Planned, policy: UnknownPolicy) -> None:
    base = paris("2026-10-10 00:00")
    runs = [Run(base + s * HOUR, base + (s + 1) * HOUR, Fraction(v)) for s, v in enumerate(told) if v is not None]
    window = Interval(base + 20 * HOUR, base + 60 * HOUR)
    facts = Facts(services={"portal": ServiceFacts(Timeline.of(runs), paris("2026-11-01 00:00"), HOUR)})
    truth = counted(told, set(range(LENGTH)), set(range(20, 60)), 0)
    t, p, d = 745, 40, truth.down
    u = truth.unknown + 745 - LENGTH
    if planned is Planned.COUNTED:
        d, u = d + truth.down_in_planned, truth.unknown_in_open + 745 - LENGTH
    u_bad = u if policy is UnknownPolicy.DOWN else 0
    above, below = {
        Planned.EXCLUDED: (t - p - u - d, t - p - u + u_bad),
        Planned.AS_UP: (t - u - d, t - u + u_bad),
        Planned.COUNTED: (t - u - d, t - u + u_bad),
    }[planned]

    reading = portal(deal(window, planned=planned, unknown=policy), facts)

    nothing_seen = planned is not Planned.COUNTED and u == t - p and policy is UnknownPolicy.EXCLUDED
    expected = None if nothing_seen or below == 0 else Fraction(above, below)
    assert reading.value == expected
    assert reading.coverage == 1 - Fraction(u, t if planned is Planned.COUNTED else t - p)
    if reading.value is not None and reading.lowest is not None and reading.highest is not None:
        assert reading.lowest <= reading.value <= reading.highest


def test_an_outage_shorter_than_the_minimum_is_no_downtime() -> None:
    facts = october(("2026-10-10 10:00", "2026-10-10 10:02"), ("2026-10-11 10:00", "2026-10-11 10:03"))

    reading = portal(deal(min_outage=3 * MINUTE), facts)

    assert (reading.details["D"], reading.details["outages"]) == (3 * MINUTE, 1)
    assert reading.evidence == (f"{paris('2026-10-11 10:00')}-{paris('2026-10-11 10:03')}",)


def test_an_outage_is_measured_whole_before_it_is_cut_by_the_calendar() -> None:
    facts = october(("2026-10-12 17:59", "2026-10-12 18:30"))

    reading = portal(deal(calendar=OFFICE, min_outage=10 * MINUTE), facts)

    assert reading.details["D"] == MINUTE


def test_an_outage_is_measured_whole_before_it_is_cut_by_the_month() -> None:
    facts = observed(
        ("2026-09-01 00:00", "2026-09-30 23:00", 1),
        ("2026-09-30 23:00", "2026-10-01 00:01", 0),
        ("2026-10-01 00:01", "2026-11-01 00:00", 1),
    )

    assert portal(deal(min_outage=10 * MINUTE), facts).details["D"] == MINUTE


def test_an_outage_is_measured_whole_before_it_is_cut_by_maintenance() -> None:
    facts = october(("2026-10-10 23:00", "2026-10-11 02:01"))
    night = span("2026-10-10 22:00", "2026-10-11 02:00")

    assert portal(deal(night, min_outage=10 * MINUTE), facts).details["D"] == MINUTE


def test_unknown_ends_an_outage() -> None:
    facts = october(
        ("2026-10-10 10:00", "2026-10-10 10:04"),
        ("2026-10-10 10:05", "2026-10-10 10:09"),
        unknown=(("2026-10-10 10:04", "2026-10-10 10:05"),),
    )

    assert portal(deal(min_outage=5 * MINUTE), facts).details["D"] == 0


def test_half_up_is_down_and_belongs_to_the_same_outage() -> None:
    runs = Timeline.of(
        [Run(0, 10, Fraction(1)), Run(10, 20, Fraction(0)), Run(20, 30, Fraction(1, 2)), Run(30, 40, Fraction(3))]
    )

    found = shares(ServiceTerms("portal", "main", "up", ALWAYS, min_outage=20), runs, (), Interval(0, 40))

    assert found == Shares((Interval(0, 40),), (), (), (Interval(10, 30),))


def test_downtime_outside_service_hours_is_in_the_raw_figure_alone() -> None:
    reading = portal(deal(calendar=OFFICE), october(("2026-10-10 10:00", "2026-10-10 12:00")))

    assert reading.value == 1
    assert (reading.details["raw_up"], reading.details["raw_known"]) == (MONTH - 2 * HOUR, MONTH)


def test_maintenance_of_another_service_is_no_excuse() -> None:
    night, down = span("2026-10-10 22:00", "2026-10-11 02:00"), ("2026-10-10 23:00", "2026-10-11 00:00")

    assert portal(deal(night, services=("api",)), october(down)).details["D"] == HOUR
    assert portal(deal(night, services=("api", "portal")), october(down)).details["D"] == 0


def test_hours_of_maintenance_beyond_the_monthly_cap_count_as_downtime() -> None:
    nights = [span("2026-10-10 22:00", "2026-10-11 02:00"), span("2026-10-17 22:00", "2026-10-18 02:00")]
    facts = october(("2026-10-10 22:00", "2026-10-11 02:00"), ("2026-10-17 22:00", "2026-10-18 02:00"))

    reading = portal(deal(*nights, cap=5 * HOUR), facts)

    assert (reading.details["P"], reading.details["D"]) == (5 * HOUR, 3 * HOUR)


def test_the_cap_is_that_of_the_month_also_when_a_contract_version_begins_inside_it() -> None:
    nights = (span("2026-10-10 22:00", "2026-10-11 02:00"), span("2026-10-17 22:00", "2026-10-18 02:00"))
    parts: dict[str, Any] = {
        "services": {"portal": ServiceTerms("portal", "main", "up", ALWAYS)},
        "maintenance": (Maintenance(nights),),
        "maintenance_cap": 4 * HOUR,
    }
    two = contract(version("2026-01-01", **parts), version("2026-10-15", **parts))

    reading = portal(two, october(("2026-10-17 22:00", "2026-10-18 02:00")))

    assert (reading.details["P"], reading.details["D"]) == (0, 4 * HOUR)


def test_windows_that_overlap_are_planned_once() -> None:
    windows = [span("2026-10-10 22:00", "2026-10-11 02:00"), span("2026-10-11 00:00", "2026-10-11 03:00")]

    assert portal(deal(*windows), october()).details["P"] == 5 * HOUR


def test_of_a_window_over_the_end_of_the_month_only_its_part_is_planned() -> None:
    assert portal(deal(span("2026-10-31 22:00", "2026-11-01 02:00")), october()).details["P"] == 2 * HOUR


@pytest.mark.parametrize("planned", [Planned.EXCLUDED, Planned.COUNTED])
def test_a_month_without_service_hours_has_nothing_to_judge(planned: Planned) -> None:
    never = ServiceCalendar("never", ServiceHours("UTC", {}))
    reading = portal(deal(calendar=never, planned=planned), october())

    assert reading.value is None
    assert decided(reading, objective("availability", at_least("99.9%"))).outcome is Outcome.NOTHING_TO_JUDGE


def test_a_month_wholly_planned_has_nothing_to_judge() -> None:
    whole = span("2026-09-30 00:00", "2026-11-02 00:00")
    reading = portal(deal(whole), october(("2026-10-10 10:00", "2026-10-11 10:00")))

    assert reading.value is None
    assert decided(reading, objective("availability", at_least("99.9%"))).outcome is Outcome.NOTHING_TO_JUDGE


@pytest.mark.parametrize("planned", list(Planned))
def test_a_month_that_nobody_observed_is_no_data(planned: Planned) -> None:
    reading = portal(deal(planned=planned), Facts())

    assert (reading.value, reading.coverage) == (None, 0)
    assert decided(reading, objective("availability", at_least("99.9%"))).outcome is Outcome.NO_DATA


def test_a_month_that_nobody_observed_is_down_where_the_contract_says_so() -> None:
    reading = portal(deal(unknown=UnknownPolicy.DOWN), Facts())

    assert (reading.value, reading.coverage) == (0, 0)
    assert decided(reading, objective("availability", at_least("99.9%"))).outcome is Outcome.MISSED


def test_hours_not_observed_leave_a_met_with_a_reserve_between_two_figures() -> None:
    # 3 h unknown and 26 min 20 s down of 745 h: met on what was seen, not if all 3 h were down.
    facts = october(("2026-10-10 10:00", "2026-10-10 10:26:20"), unknown=(("2026-10-20 10:00", "2026-10-20 13:00"),))

    decision = decided(portal(deal(), facts), objective("availability", at_least("99.9%")))

    assert decision.outcome is Outcome.MET
    assert decision.reserve is not None
    assert decision.reserve.lowest == Fraction(MONTH - 3 * HOUR - 1580, MONTH)
    assert decision.reserve.highest == Fraction(MONTH - 1580, MONTH)


def test_a_miss_that_stands_if_all_the_unknown_was_up_is_missed_whatever_the_coverage() -> None:
    facts = october(("2026-10-10 10:00", "2026-10-10 16:00"), unknown=(("2026-10-12 00:00", "2026-10-30 00:00"),))

    decision = decided(portal(deal(), facts), objective("availability", at_least("99.9%")))

    assert (decision.outcome, decision.why) == (Outcome.MISSED, ("missed_at_best",))


def test_a_running_month_is_counted_to_the_newest_observation_and_the_rest_lies_ahead() -> None:
    facts = observed(
        ("2026-10-01 00:00", "2026-10-10 00:00", 1),
        ("2026-10-10 00:00", "2026-10-11 00:00", 0),
        newest="2026-10-11 00:00",
    )
    night = span("2026-10-20 22:00", "2026-10-21 02:00")

    reading = portal(deal(night, planned=Planned.AS_UP), facts, now="2026-10-11 00:10")

    assert reading.value == Fraction(9, 10)
    assert reading.coverage == 1
    assert reading.details["remaining"] == MONTH - 10 * DAY - 4 * HOUR
    assert reading.details["granted_ahead"] == 4 * HOUR


def test_each_day_has_its_seconds_and_together_they_are_the_month() -> None:
    night = span("2026-10-24 22:00", "2026-10-25 06:00")
    facts = october(("2026-10-25 05:00", "2026-10-25 09:00"), unknown=(("2026-10-26 00:00", "2026-10-26 03:00"),))
    promised = deal(night)
    asked = request(promised, scope=PORTAL)

    days, outages = service_days(asked, promised.latest.services["portal"], facts.services["portal"])

    by_day = {d.day.day: (d.open, d.planned, d.unknown, d.down) for d in days}
    assert len(by_day) == 31
    assert by_day[24] == (DAY, 2 * HOUR, 0, 0)
    assert by_day[25] == (25 * HOUR, 7 * HOUR, 0, 3 * HOUR)
    assert by_day[26] == (DAY, 0, 3 * HOUR, 0)
    reading = measured("availability", facts, asked)
    assert [sum(of_day[n] for of_day in by_day.values()) for n in range(4)] == [reading.details[n] for n in "TPUD"]
    assert [(o.span, o.is_planned) for o in outages] == [(span("2026-10-25 05:00", "2026-10-25 09:00"), False)]


def test_an_outage_wholly_inside_maintenance_is_planned() -> None:
    night = span("2026-10-24 22:00", "2026-10-25 06:00")
    promised = deal(night)
    facts = october(("2026-10-24 23:00", "2026-10-25 01:00"))

    _, (outage,) = service_days(
        request(promised), promised.latest.services["portal"], facts.services["portal"]
    )  # fmt: skip

    assert outage.is_planned


def test_a_service_that_the_contract_does_not_name_is_refused() -> None:
    asked = request(deal(), scope=PORTAL)

    with pytest.raises(NotFound, match="'api' is none"):
        measured("availability", Facts(), replace(asked, scope=Scope(service="api")))
