"""Statistics of durations, in exact arithmetic (indicators.md §3)."""

from __future__ import annotations

import statistics
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from builders import desk, measured, quick, ticket
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.reading import Origin, Statistics, quantile, share, statistics_of

durations = st.lists(st.integers(0, 10**7), min_size=1, max_size=30)


def test_the_quantile_lies_between_its_neighbours_by_the_rule_of_n_minus_one() -> None:
    # h = (5 - 1) x 0.9 = 3.6: six tenths of the way from the fourth to the fifth.
    assert quantile([10, 20, 30, 40, 50], Fraction(9, 10)) == 46


def test_the_quantile_of_one_duration_is_that_duration() -> None:
    assert quantile([7], Fraction(9, 10)) == 7


def test_a_median_may_be_a_half_second() -> None:
    assert quantile([1, 2], Fraction(1, 2)) == Fraction(3, 2)


@quick
@given(durations)
def test_the_median_is_the_middle_one_or_the_mean_of_the_middle_two(told: list[int]) -> None:
    ordered = sorted(told)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]

    assert quantile(ordered, Fraction(1, 2)) == Fraction(low + high, 2)


@quick
@given(durations.filter(lambda told: len(told) > 1))
def test_deciles_agree_with_the_inclusive_method_of_the_standard_library(told: list[int]) -> None:
    tenths = statistics.quantiles([Fraction(d) for d in told], n=10, method="inclusive")

    assert [quantile(sorted(told), Fraction(n, 10)) for n in range(1, 10)] == tenths


@quick
@given(durations)
def test_statistics_do_not_depend_on_the_order(told: list[int]) -> None:
    found = statistics_of(told)

    assert found == statistics_of(sorted(told, reverse=True))
    assert found is not None
    assert (found.n, found.max, found.mean) == (len(told), max(told), Fraction(sum(told), len(told)))


def test_statistics_are_exact() -> None:
    # h = (4 - 1) x 0.9 = 2.7: seven tenths of the way from 4 to 11.
    assert statistics_of([11, 1, 4, 2]) == Statistics(
        n=4, mean=Fraction(9, 2), median=Fraction(3), p90=Fraction(89, 10), max=11
    )


def test_a_reading_claims_nothing_that_was_not_told_of_it() -> None:
    volume = measured("volume", desk(ticket("2026-10-05 09:00")))

    assert (volume.n, volume.origin) == (1, Origin.EXPORTED)
    assert measured("patched_hosts", Facts()).source_coverage == 1  # its coverage says all
    assert (volume.undetermined, volume.bounded, volume.holds_unplaced, volume.overdue) == (0, 0, 0, 0)
    assert (volume.lowest, volume.highest, volume.overdue_oldest, volume.span) == (None, None, None, None)


def test_no_durations_have_no_statistics_and_no_whole_has_no_share() -> None:
    assert statistics_of([]) is None
    assert share(0, 0) is None
    assert share(0, 5) == 0
