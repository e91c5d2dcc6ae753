"""The algebra of intervals against sets of single seconds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from builders import quick
from kpi_agent.domain.time import Interval, difference, intersection, total, union

# So few seconds that intervals touch, meet and hold each other all the time.
some = st.lists(st.builds(Interval, st.integers(0, 12), st.integers(0, 12)), max_size=6)


def seconds_of(intervals: Iterable[Interval]) -> set[int]:
    return {second for i in intervals for second in range(i.start, i.end)}


def is_canonical(intervals: tuple[Interval, ...]) -> bool:
    return all(i.start < i.end for i in intervals) and all(a.end < b.start for a, b in pairwise(intervals))


@quick
@given(some)
def test_a_union_covers_the_same_seconds_in_the_fewest_intervals(items: list[Interval]) -> None:
    assert seconds_of(union(items)) == seconds_of(items)
    assert is_canonical(union(items))
    assert total(items) == len(seconds_of(items))


@quick
@given(some, some)
def test_an_intersection_covers_the_seconds_that_lie_in_both(left: list[Interval], right: list[Interval]) -> None:
    assert seconds_of(intersection(left, right)) == seconds_of(left) & seconds_of(right)
    assert is_canonical(intersection(left, right))


@quick
@given(some, some)
def test_a_difference_covers_the_seconds_of_the_first_alone(left: list[Interval], right: list[Interval]) -> None:
    assert seconds_of(difference(left, right)) == seconds_of(left) - seconds_of(right)
    assert is_canonical(difference(left, right))


@quick
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_clipping_keeps_the_common_seconds_and_never_turns_around(a: int, b: int, c: int, d: int) -> None:
    clipped = Interval(a, b).clip(Interval(c, d))

    assert seconds_of([clipped]) == seconds_of([Interval(a, b)]) & seconds_of([Interval(c, d)])
    assert clipped.start <= clipped.end


def test_touching_intervals_become_one() -> None:
    assert union([Interval(10, 20), Interval(0, 10)]) == (Interval(0, 20),)


def test_the_end_of_an_interval_is_outside_it() -> None:
    assert 10 in Interval(10, 20)
    assert 20 not in Interval(10, 20)


def test_an_interval_that_ends_before_it_starts_has_no_seconds() -> None:
    assert Interval(20, 10).seconds == 0
    assert total([Interval(20, 10)]) == 0
