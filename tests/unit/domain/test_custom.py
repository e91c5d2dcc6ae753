"""Figures of a contract's own: the days of an expression as one value (indicators.md §9)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from builders import at_least, contract, decided, measured, month, objective, paris, request, version
from kpi_agent.domain.contract import Aggregate, Comparison, Objective, ObjectiveWindow, Scope, Target, TargetUnit
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import CustomFacts, Facts
from kpi_agent.domain.indicators.custom import figure_days
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.measure import measure
from kpi_agent.domain.reading import Origin, Reading, Unit
from kpi_agent.domain.time import DAY, HOUR
from kpi_agent.domain.timeline import Run, Timeline

QUEUE = Scope(figure="queue")
AT_MOST_20 = Target(Comparison.AT_MOST, Fraction(20), TargetUnit.COUNT, "<= 20")
DAYS = [paris(f"2026-10-{day:02} 00:00") for day in range(1, 32)] + [paris("2026-11-01 00:00")]


def own(
    aggregate: Aggregate = Aggregate.MEAN, target: Target = AT_MOST_20, *, name: str = "queue", **parts: Any
) -> Objective:
    given = {"scope": Scope(figure=name), "query": f"sum({name})", "aggregate": aggregate} | parts
    return replace(objective("custom", target, **given), id=name)


def daily(values: dict[int, str], *, line: str, newest: str = "2026-11-03 00:00") -> Facts:
    """October's days by number; what is not named was not observed."""
    runs = [Run(DAYS[day - 1], DAYS[day], Fraction(value)) for day, value in values.items()]
    return Facts(custom={line: CustomFacts(Timeline.of(runs), paris(newest), HOUR)})


def read(
    promise: Objective, values: dict[int, str], *, now: str = "2026-11-03 07:00", newest: str | None = None
) -> Reading:
    facts = daily(values, line=promise.line, newest=newest or "2026-11-03 00:00")
    return measured("custom", facts, request(contract(version(objectives=(promise,))), scope=QUEUE, now=now))


WHOLE = {day: str(day) for day in range(1, 32)}


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        (Aggregate.MEAN, Fraction(16)),
        (Aggregate.MIN, Fraction(1)),
        (Aggregate.MAX, Fraction(31)),
        (Aggregate.SUM, Fraction(496)),
        (Aggregate.LAST, Fraction(31)),
    ],
)
def test_days_become_one_value(aggregate: Aggregate, value: Fraction) -> None:
    reading = read(own(aggregate), WHOLE)

    assert (reading.value, reading.n, reading.coverage, reading.unit) == (value, 31, 1, Unit.COUNT)
    assert (reading.details, reading.reasons, reading.numerator) == ({"days": 31}, (), None)
    assert (reading.indicator, reading.scope, reading.origin) == ("custom", QUEUE, Origin.MEASURED)
    assert (INDICATORS["custom"].topic, INDICATORS["custom"].is_more_better) == ("figures", True)


def test_the_mean_is_exact() -> None:
    assert read(own(), {1: "0.1", 2: "0.2", 3: "0.2"}).value == Fraction(1, 6)


def test_equal_days_are_as_many_days() -> None:
    """Neighbours with one value are one run, and still so many days, 25 October with its 25 hours among them."""
    reading = read(own(Aggregate.SUM), dict.fromkeys(range(20, 30), "2"))

    assert (reading.value, reading.n, reading.coverage) == (20, 10, Fraction(10, 31))


def test_a_day_without_a_value_is_not_observed_and_never_zero() -> None:
    promise = own()
    enough, short = read(promise, WHOLE | {}), read(promise, dict.fromkeys(range(1, 30), "40"))

    assert (short.value, short.coverage) == (40, Fraction(29, 31))
    assert decided(enough, promise).outcome is Outcome.MET
    assert decided(short, promise).outcome is Outcome.NO_DATA
    assert decided(read(promise, {}), promise).outcome is Outcome.NO_DATA
    assert read(promise, {}).value is None


def test_the_last_day_is_unknown_where_nothing_was_observed_of_it() -> None:
    promise = own(Aggregate.LAST, min_coverage=Fraction(1, 2))
    reading = read(promise, dict.fromkeys(range(1, 31), "1"))

    assert (reading.value, reading.n) == (None, 30)
    assert decided(reading, promise).outcome is Outcome.NO_DATA


@pytest.mark.parametrize(
    ("target", "unit"),
    [
        (at_least("95%"), Unit.RATIO),
        (Target(Comparison.AT_MOST, Fraction(4 * HOUR), TargetUnit.SECONDS, "<= 4h"), Unit.SECONDS),
        (Target(Comparison.AT_MOST, Fraction(900), TargetUnit.MONEY, "<= 900"), Unit.MONEY),
    ],
)
def test_the_unit_is_that_of_the_target(target: Target, unit: Unit) -> None:
    assert read(own(target=target), WHOLE).unit is unit


def test_a_running_month_counts_the_days_that_have_ended_and_could_be_read() -> None:
    promise = own(Aggregate.SUM)
    values = {1: "1", 2: "2", 3: "4"}

    noon = read(promise, values, now="2026-10-04 12:00", newest="2026-10-04 11:59")
    late = read(promise, values, now="2026-10-05 12:00", newest="2026-10-04 11:59")
    midnight = read(promise, values, now="2026-10-04 00:00", newest="2026-10-04 00:00")

    assert (noon.value, noon.n, noon.coverage) == (7, 3, 1)
    assert (late.n, late.coverage) == (3, Fraction(3, 4))  # a server that is silent for longer than its max_age
    assert (midnight.n, midnight.coverage) == (3, 1)


def test_before_the_first_day_has_ended_it_is_too_early() -> None:
    promise = own(Aggregate.LAST)

    reading = read(promise, {}, now="2026-10-01 23:59", newest="2026-10-01 23:59")

    assert (reading.reasons, reading.value, reading.coverage) == (("too_early",), None, 0)
    assert decided(reading, promise).why == ("too_early",)


def test_two_figures_of_one_contract_are_two_readings() -> None:
    queue, disk = own(), own(name="disk")
    facts = Facts(custom={**daily(WHOLE, line=queue.line).custom, **daily({1: "5"}, line=disk.line).custom})

    evaluation = measure(contract(version(objectives=(queue, disk))), month(), facts, now=paris("2026-11-03 07:00"))

    assert [(c.objective.id, c.reading.value, c.outcome) for c in evaluation.commitments] == [
        ("queue", 16, Outcome.MET),
        ("disk", 5, Outcome.NO_DATA),
    ]
    assert [(f.objective.id, len(f.days), f.days[0][1], f.days[1][1]) for f in evaluation.figures] == [
        ("queue", 31, 1, 2),
        ("disk", 31, 5, None),
    ]


def test_a_new_version_that_asks_the_same_goes_on_and_one_that_asks_otherwise_is_judged_apart() -> None:
    first, other = own(), own(query="sum(other)")
    facts = Facts(custom={**daily(WHOLE, line=first.line).custom, **daily({31: "30"}, line=other.line).custom})
    now = paris("2026-11-03 07:00")

    same = measure(
        contract(version(objectives=(first,)), version("2026-10-11", objectives=(first,))), month(), facts, now=now
    )
    apart = measure(
        contract(version(objectives=(first,)), version("2026-10-31", objectives=(other,))), month(), facts, now=now
    )

    assert [(c.reading.value, c.segment) for c in same.commitments] == [(16, 1)]
    assert [(len(f.days), f.segment) for f in same.figures] == [(31, 1)]
    assert [(c.reading.value, c.outcome, c.segment) for c in apart.commitments] == [
        (Fraction(31, 2), Outcome.MET, 0),
        (30, Outcome.MISSED, 1),
    ]
    assert [(len(f.days), f.segment) for f in apart.figures] == [(30, 0), (1, 1)]


def test_a_window_of_several_months_takes_the_days_of_all() -> None:
    promise = own(Aggregate.SUM, window=ObjectiveWindow.QUARTER)
    runs = [Run(paris("2026-10-01 00:00"), paris("2027-01-01 00:00"), Fraction(1))]
    facts = Facts(custom={promise.line: CustomFacts(Timeline.of(runs), paris("2027-01-03 00:00"), HOUR)})

    evaluation = measure(
        contract(version(objectives=(promise,))), month("2026-12"), facts, now=paris("2027-01-03 00:00")
    )

    assert [c.reading.value for c in evaluation.commitments] == [92]
    assert [len(f.days) for f in evaluation.figures] == [31]


def test_a_figure_that_no_objective_states_is_an_error() -> None:
    with pytest.raises(NotFound, match="'queue' is none of this contract version"):
        figure_days(request(contract(version()), scope=QUEUE), Facts())


def test_a_contract_that_begins_within_the_month_has_fewer_days() -> None:
    promise = own()
    asked = request(contract(version("2026-10-25", objectives=(promise,))), scope=QUEUE, now="2026-11-03 07:00")

    days = figure_days(asked, daily(WHOLE, line=promise.line)).days

    assert [str(day) for day, _ in days][:2] == ["2026-10-25", "2026-10-26"]
    assert len(days) == 7
    assert measured("custom", daily(WHOLE, line=promise.line), asked).coverage == 1
    assert asked.span.seconds == 7 * DAY + HOUR
