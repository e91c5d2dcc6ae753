"""From a reading to an outcome (indicators.md §3): only exact values are compared, and no data has a name."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import at_least, at_most, decided, objective, quick
from kpi_agent.domain.contract import Scope
from kpi_agent.domain.evaluation import Outcome, Reserve
from kpi_agent.domain.reading import Reading, Unit, share

PROMISE = objective("resolve_in_time", at_least("95%"))
UPTIME = objective("availability", at_least("99.9%"))


def attained(met: int, n: int, **parts: Any) -> Reading:
    return Reading(
        "resolve_in_time", Scope(), Unit.RATIO, share(met, n), n, numerator=met, denominator=n, as_of=0,
        **{"coverage": Fraction(1)} | parts,
    )  # fmt: skip


def up(numerator: int, denominator: int, remaining: int = 0, **parts: Any) -> Reading:
    return Reading(
        "availability", Scope(), Unit.RATIO, share(numerator, denominator), denominator,
        numerator=numerator, denominator=denominator, as_of=0, details={"remaining": remaining},
        **{"coverage": Fraction(1)} | parts,
    )  # fmt: skip


def test_the_target_itself_keeps_the_promise() -> None:
    assert decided(attained(95, 100), PROMISE).outcome is Outcome.MET


def test_a_value_that_only_rounds_to_the_target_misses_it() -> None:
    assert decided(attained(9_496, 10_000), PROMISE).outcome is Outcome.MISSED


def test_without_enough_coverage_there_is_no_data_whatever_the_value() -> None:
    assert decided(attained(100, 100, coverage=Fraction(94, 100)), PROMISE).outcome is Outcome.NO_DATA


def test_coverage_exactly_at_the_minimum_is_enough() -> None:
    assert decided(attained(100, 100, coverage=Fraction(95, 100)), PROMISE).outcome is Outcome.MET


def test_nothing_to_judge_is_neither_met_nor_missed() -> None:
    assert decided(attained(0, 0), PROMISE).outcome is Outcome.NOTHING_TO_JUDGE


def test_nothing_judged_without_enough_coverage_is_no_data() -> None:
    assert decided(attained(0, 0, coverage=Fraction(1, 2)), PROMISE).outcome is Outcome.NO_DATA


def test_what_was_never_observed_is_no_data_even_where_any_coverage_would_do() -> None:
    careless = objective("resolve_in_time", at_least("95%"), min_coverage=Fraction(0))

    assert decided(attained(0, 0, coverage=Fraction(0)), careless).outcome is Outcome.NO_DATA
    assert decided(attained(0, 0), careless).outcome is Outcome.NOTHING_TO_JUDGE


def test_a_miss_that_stands_at_highest_is_missed_whatever_the_coverage() -> None:
    reading = attained(5, 10, coverage=Fraction(1, 2), highest=Fraction(15, 20), lowest=Fraction(5, 20))

    decision = decided(reading, PROMISE)

    assert (decision.outcome, decision.why) == (Outcome.MISSED, ("missed_at_best",))


def test_a_miss_that_might_be_none_is_no_data() -> None:
    reading = attained(5, 10, coverage=Fraction(1, 2), highest=Fraction(19, 20), lowest=Fraction(5, 20))

    assert decided(reading, PROMISE).outcome is Outcome.NO_DATA


def test_a_miss_at_highest_is_no_data_while_the_source_itself_was_not_observed() -> None:
    reading = attained(
        5, 10, coverage=Fraction(1, 2), source_coverage=Fraction(1, 2), highest=Fraction(15, 20), lowest=Fraction(0)
    )

    assert decided(reading, PROMISE).outcome is Outcome.NO_DATA


def test_a_met_that_would_not_stand_at_lowest_is_met_with_a_reserve() -> None:
    reading = attained(96, 100, coverage=Fraction(98, 100), lowest=Fraction(94, 100), highest=Fraction(97, 100))

    decision = decided(reading, PROMISE)

    assert decision.outcome is Outcome.MET
    assert decision.reserve == Reserve(Fraction(94, 100), Fraction(97, 100))


def test_a_met_that_stands_at_lowest_has_no_reserve() -> None:
    reading = attained(96, 100, coverage=Fraction(98, 100), lowest=Fraction(95, 100), highest=Fraction(97, 100))

    assert decided(reading, PROMISE).reserve is None


def test_unknown_time_that_counts_as_down_does_not_block() -> None:
    reading = up(500, 1000, coverage=Fraction(1, 2), reasons=("unknown_counts_down",))

    assert decided(reading, UPTIME).outcome is Outcome.MISSED


def test_too_early_in_a_period_there_is_no_verdict() -> None:
    decision = decided(attained(0, 3, reasons=("too_early",)), PROMISE, elapsed=60, remaining=86_340)

    assert (decision.outcome, decision.why) == (Outcome.NO_DATA, ("too_early",))


def test_running_below_target_it_is_at_risk_while_it_can_be_reached() -> None:
    # (18 + x) / (20 + x) >= 95 % needs 20 more; at the pace so far, 20 more will come.
    decision = decided(attained(18, 20), PROMISE, elapsed=100, remaining=100)

    assert (decision.outcome, decision.left) == (Outcome.AT_RISK, 20)


def test_running_below_target_it_is_missed_when_it_cannot_be_reached_any_more() -> None:
    decision = decided(attained(18, 20), PROMISE, elapsed=101, remaining=100)

    assert (decision.outcome, decision.left) == (Outcome.MISSED, 20)


def test_running_with_a_breach_of_a_perfect_target_it_is_missed() -> None:
    perfect = objective("resolve_in_time", at_least("100%"))

    assert decided(attained(19, 20), perfect, elapsed=1, remaining=1000).outcome is Outcome.MISSED


def test_running_above_target_it_is_at_risk_when_one_more_breach_would_lose_it() -> None:
    # 20 of 21 is 95.2 %, 20 of 22 would be 90.9 %.
    decision = decided(attained(20, 21), PROMISE, elapsed=100, remaining=100)

    assert (decision.outcome, decision.left) == (Outcome.AT_RISK, 0)


def test_running_above_target_without_a_breach_it_is_met_even_if_one_would_lose_it() -> None:
    assert decided(attained(3, 3), PROMISE, elapsed=100, remaining=100).outcome is Outcome.MET


def test_running_above_target_with_room_for_one_more_breach_it_is_met() -> None:
    # 40 of 41 kept; 40 of 42 is 95.2 % still.
    decision = decided(attained(40, 41), PROMISE, elapsed=100, remaining=100)

    assert (decision.outcome, decision.left) == (Outcome.MET, 1)


@quick
@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 99), st.integers(1, 50), st.integers(1, 50))
def test_a_running_attainment_is_lost_exactly_when_the_pace_so_far_cannot_bring_it_back(
    met: int, breached: int, percent: int, elapsed: int, remaining: int
) -> None:
    promise = objective("resolve_in_time", at_least(f"{percent}%"))
    n = met + breached
    if n == 0:
        return
    target = promise.target.value
    needed = next(x for x in range(10_000) if Fraction(met + x, n + x) >= target)
    is_lost_by_one_more = Fraction(met, n + 1) < target

    outcome = decided(attained(met, n), promise, elapsed=elapsed, remaining=remaining).outcome

    if needed:
        expected = Outcome.MISSED if needed > Fraction(n * remaining, elapsed) else Outcome.AT_RISK
    else:
        expected = Outcome.AT_RISK if breached and is_lost_by_one_more else Outcome.MET
    assert outcome is expected


def test_running_availability_is_missed_when_perfect_service_cannot_reach_the_target() -> None:
    # 0.1 % of 1,000,000 s are 1,000 s.
    assert decided(up(498_999, 500_000, 500_000), UPTIME, elapsed=1, remaining=1).outcome is Outcome.MISSED
    assert decided(up(499_000, 500_000, 500_000), UPTIME, elapsed=1, remaining=1).outcome is Outcome.AT_RISK


def test_running_availability_is_at_risk_over_three_quarters_of_the_allowed_downtime() -> None:
    at_the_edge = decided(up(899_250, 900_000, 100_000), UPTIME, elapsed=9, remaining=1)
    beyond = decided(up(899_249, 900_000, 100_000), UPTIME, elapsed=9, remaining=1)

    assert (at_the_edge.outcome, at_the_edge.left) == (Outcome.MET, 250)
    assert (beyond.outcome, beyond.left) == (Outcome.AT_RISK, 249)


def test_running_availability_of_100_percent_is_missed_with_the_first_second() -> None:
    perfect = objective("availability", at_least("100%"))

    assert decided(up(1000, 1000, 1000), perfect, elapsed=1, remaining=1).outcome is Outcome.MET
    assert decided(up(999, 1000, 1000), perfect, elapsed=1, remaining=1).outcome is Outcome.MISSED


@pytest.mark.parametrize(
    ("hours", "running", "closed"), [(5, Outcome.AT_RISK, Outcome.MISSED), (4, Outcome.MET, Outcome.MET)]
)
def test_other_running_objectives_are_at_risk_while_they_are_not_kept(
    hours: int, running: Outcome, closed: Outcome
) -> None:
    promise = objective("time_to_resolve", at_most("4h"))
    reading = Reading(
        "time_to_resolve", Scope(), Unit.SECONDS, Fraction(hours * 3600), 3, coverage=Fraction(1), as_of=0
    )  # fmt: skip

    assert decided(reading, promise, elapsed=1, remaining=1).outcome is running
    assert decided(reading, promise).outcome is closed


def test_at_most_is_kept_by_its_limit_and_lost_by_a_fraction_more() -> None:
    promise = objective("recurrence_rate", at_most("15%"))
    reading = Reading("recurrence_rate", Scope(), Unit.RATIO, Fraction(15, 100), 20, coverage=Fraction(1), as_of=0)

    assert promise.target.is_kept_by(Fraction(15, 100))
    assert not promise.target.is_kept_by(Fraction(151, 1000))
    assert decided(reading, promise).outcome is Outcome.MET


def test_a_running_period_without_enough_coverage_is_no_data_while_the_target_can_be_reached() -> None:
    reading = attained(3, 4, coverage=Fraction(1, 2), highest=Fraction(7, 8), lowest=Fraction(3, 8), undetermined=4)

    assert decided(reading, PROMISE, elapsed=1, remaining=9).outcome is Outcome.NO_DATA


def test_a_running_period_is_missed_under_short_coverage_when_it_is_out_of_reach_even_at_best() -> None:
    reading = attained(3, 10, coverage=Fraction(1, 2), highest=Fraction(4, 11), lowest=Fraction(3, 11), undetermined=1)

    assert decided(reading, PROMISE, elapsed=1, remaining=1).outcome is Outcome.MISSED


def test_a_running_period_of_a_desk_that_was_not_observed_enough_is_no_data_even_so() -> None:
    half = Fraction(1, 2)
    reading = attained(3, 10, coverage=half, source_coverage=half, highest=Fraction(3, 10), lowest=Fraction(1, 10))

    assert decided(reading, PROMISE, elapsed=1, remaining=1).outcome is Outcome.NO_DATA
