"""From a reading to an outcome (indicators.md §3): only exact values are compared, and no data has a name."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import at_least, at_most, decided, objective, quick
from kpi_agent.domain.contract import Scope
from kpi_agent.domain.evaluation import Outcome, Reserve
from kpi_agent.domain.outcome import Decision
from kpi_agent.domain.reading import Reading, Unit, share

PROMISE = objective("resolve_in_time", at_least("95%"))
UPTIME = objective("availability", at_least("99.9%"))


def attained(met: int, n: int, **parts: Any) -> Reading:
    return Reading(
        "resolve_in_time", Scope(), Unit.RATIO, share(met, n), n, numerator=met, denominator=n, as_of=0,
        **{"coverage": Fraction(1)} | parts,
    )  # fmt: skip


def up(numerator: int, denominator: int, remaining: int = 0, *, granted_ahead: int = 0, **parts: Any) -> Reading:
    return Reading(
        "availability", Scope(), Unit.RATIO, share(numerator, denominator), denominator,
        numerator=numerator, denominator=denominator, as_of=0,
        details={"remaining": remaining, "granted_ahead": granted_ahead},
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


def test_no_data_says_that_too_little_was_observed_after_what_else_there_is_to_say() -> None:
    half = Fraction(1, 2)

    assert decided(attained(9, 10, coverage=half), PROMISE).why == ("coverage_short",)
    assert decided(attained(9, 10, coverage=half, reasons=("holds_unknown",)), PROMISE).why == (
        "holds_unknown",
        "coverage_short",
    )


def test_a_figure_that_may_not_be_told_of_things_that_there_are_is_no_data() -> None:
    untold = replace(attained(3, 3, reasons=("few_resolvers",)), value=None)

    decision = decided(untold, PROMISE)

    assert (decision.outcome, decision.why) == (Outcome.NO_DATA, ("few_resolvers",))


@pytest.mark.parametrize(
    ("lowest", "outcome"), [(Fraction(0), Outcome.NO_DATA), (Fraction(1), Outcome.NOTHING_TO_JUDGE)]
)
def test_without_a_figure_there_is_nothing_to_judge_only_where_nothing_is_unknown(
    lowest: Fraction, outcome: Outcome
) -> None:
    reading = attained(0, 0, lowest=lowest, highest=Fraction(1), reasons=("rows_rejected",))

    decision = decided(reading, PROMISE)

    assert decision.outcome is outcome
    assert decision.why == (("rows_rejected", "coverage_short") if outcome is Outcome.NO_DATA else ())


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


def test_a_source_observed_exactly_enough_is_missed_at_best() -> None:
    reading = attained(
        5, 10, coverage=Fraction(1, 2), source_coverage=Fraction(95, 100), highest=Fraction(15, 20), lowest=Fraction(0)
    )

    assert decided(reading, PROMISE).outcome is Outcome.MISSED


@pytest.mark.parametrize("known", ["lowest", "highest"])
def test_a_bound_on_one_side_alone_decides_nothing(known: str) -> None:
    # 94 % would neither keep the promise nor, of a kept one, leave it without a reserve.
    short = attained(5, 10, coverage=Fraction(1, 2), **{known: Fraction(94, 100)})
    enough = attained(96, 100, **{known: Fraction(94, 100)})

    assert decided(short, PROMISE).outcome is Outcome.NO_DATA
    assert decided(enough, PROMISE) == Decision(Outcome.MET)


def test_where_less_is_better_a_met_has_a_reserve_when_it_would_not_stand_at_highest() -> None:
    promise = objective("recurrence_rate", at_most("15%"))
    bounds = {"lowest": Fraction(10, 100), "highest": Fraction(16, 100)}
    reading = Reading(
        "recurrence_rate", Scope(), Unit.RATIO, Fraction(12, 100), 20, coverage=Fraction(1), as_of=0, **bounds
    )

    assert decided(reading, promise) == Decision(Outcome.MET, Reserve(Fraction(10, 100), Fraction(16, 100)))
    assert decided(replace(reading, highest=Fraction(15, 100)), promise) == Decision(Outcome.MET)


def test_what_is_missed_or_at_risk_has_no_reserve() -> None:
    bounds = {"lowest": Fraction(90, 100), "highest": Fraction(97, 100)}

    assert decided(attained(94, 100, **bounds), PROMISE).reserve is None
    assert decided(attained(94, 100, **bounds), PROMISE, elapsed=1, remaining=1).reserve is None
    # 95 of 100 is kept, and lost with one breach more.
    thin = decided(attained(95, 100, **bounds), PROMISE, elapsed=1, remaining=1)
    assert (thin.outcome, thin.reserve) == (Outcome.AT_RISK, None)


def test_a_running_met_that_would_not_stand_at_lowest_has_a_reserve_too() -> None:
    bounds = {"lowest": Fraction(90, 100), "highest": Fraction(99, 100)}

    decision = decided(attained(97, 100, **bounds), PROMISE, elapsed=1, remaining=1)

    assert (decision.outcome, decision.reserve) == (Outcome.MET, Reserve(Fraction(90, 100), Fraction(99, 100)))


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

    assert decision == Decision(Outcome.MISSED, why=("cannot_be_reached",), left=20)


def test_running_with_a_breach_of_a_perfect_target_it_is_missed_and_no_number_of_successes_is_left() -> None:
    perfect = objective("resolve_in_time", at_least("100%"))

    decision = decided(attained(19, 20), perfect, elapsed=1, remaining=1000)

    assert decision == Decision(Outcome.MISSED, why=("cannot_be_reached",), left=None)


def test_running_towards_a_target_of_0_percent_each_one_may_be_breached() -> None:
    none = objective("resolve_in_time", at_least("0%"))

    assert decided(attained(0, 2), none, elapsed=1, remaining=1) == Decision(Outcome.MET, left=2)


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
    lost = decided(up(498_999, 500_000, 500_000), UPTIME, elapsed=1, remaining=1)

    assert lost == Decision(Outcome.MISSED, why=("cannot_be_reached",), left=-1)
    assert decided(up(499_000, 500_000, 500_000), UPTIME, elapsed=1, remaining=1) == Decision(Outcome.AT_RISK, left=0)


def test_planned_hours_to_come_that_count_as_up_allow_their_part_of_downtime() -> None:
    # 0.1 % of 500,000 s known, 400,000 s to observe and 100,000 s granted are 1,000 s; 750 s are three quarters.
    reading = up(499_250, 500_000, 400_000, granted_ahead=100_000)

    assert decided(reading, objective("availability", at_least("99.8%")), elapsed=1, remaining=1) == Decision(
        Outcome.MET, left=1_250
    )
    assert decided(reading, UPTIME, elapsed=1, remaining=1) == Decision(Outcome.AT_RISK, left=250)


def test_half_a_second_of_downtime_too_much_is_one_second_more_than_allowed() -> None:
    # 0.1 % of 500 s is half a second.
    assert decided(up(499, 500), UPTIME, elapsed=1, remaining=1).left == -1
    assert decided(up(500, 500), UPTIME, elapsed=1, remaining=1).left == 0


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


def test_under_short_coverage_at_the_pace_so_far_the_unknown_count_as_kept_ones() -> None:
    # At best 17 of 20: 40 more are needed for 95 %, and the 20 in half the time would have to bring 40 in the rest.
    bounds = {"lowest": Fraction(7, 20), "highest": Fraction(17, 20)}
    reading = attained(7, 10, coverage=Fraction(1, 2), undetermined=10, **bounds)

    assert decided(reading, PROMISE, elapsed=1, remaining=2).outcome is Outcome.NO_DATA
    assert decided(reading, PROMISE, elapsed=101, remaining=200).outcome is Outcome.MISSED


@pytest.mark.parametrize("indicator", ["availability", "patched_hosts"])
def test_a_running_figure_that_is_no_attainment_may_get_better_under_short_coverage(indicator: str) -> None:
    half = Fraction(1, 2)
    reading = replace(up(5, 10, 1, coverage=half, lowest=half, highest=Fraction(3, 4)), indicator=indicator)
    promise = objective(indicator, at_least("95%"))

    assert decided(reading, promise, elapsed=99, remaining=1).outcome is Outcome.NO_DATA
    assert decided(reading, promise).outcome is Outcome.MISSED


def test_a_running_period_of_a_desk_that_was_not_observed_enough_is_no_data_even_so() -> None:
    half = Fraction(1, 2)
    reading = attained(3, 10, coverage=half, source_coverage=half, highest=Fraction(3, 10), lowest=Fraction(1, 10))

    assert decided(reading, PROMISE, elapsed=1, remaining=1).outcome is Outcome.NO_DATA
