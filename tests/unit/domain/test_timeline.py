"""From samples to timelines, second by second (indicators.md §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from builders import line, quick
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Run, Sample, Timeline, combine, from_samples, gaps

LENGTH = 60

values = st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 2)])
seconds_told = st.lists(st.none() | values, min_size=LENGTH, max_size=LENGTH)
samples = st.dictionaries(st.integers(0, LENGTH), st.none() | values, max_size=12).map(
    lambda told: [Sample(at, told[at]) for at in sorted(told)]
)


def built(told: Sequence[Fraction | None]) -> Timeline:
    return Timeline.of(Run(at, at + 1, value) for at, value in enumerate(told) if value is not None)


def told_by(timeline: Timeline, length: int = LENGTH) -> list[Fraction | None]:
    return [timeline.at(second) for second in range(length)]


def is_canonical(timeline: Timeline) -> bool:
    return all(run.start < run.end for run in timeline.runs) and all(
        a.end < b.start or (a.end == b.start and a.value != b.value) for a, b in pairwise(timeline.runs)
    )


def test_a_sample_holds_until_the_next_one() -> None:
    timeline = from_samples(
        [Sample(0, Fraction(1)), Sample(10, Fraction(0)), Sample(20, Fraction(1))], interval=10, until=99
    )

    assert timeline == line((0, 10, 1), (10, 20, 0), (20, 30, 1))


def test_one_missed_scrape_is_bridged() -> None:
    timeline = from_samples([Sample(0, Fraction(1)), Sample(20, Fraction(1))], interval=10, until=99)

    assert timeline.known() == (Interval(0, 30),)


def test_a_gap_longer_than_two_intervals_is_unknown_after_the_first() -> None:
    timeline = from_samples([Sample(0, Fraction(1)), Sample(21, Fraction(1))], interval=10, until=99)

    assert timeline.known() == (Interval(0, 10), Interval(21, 31))


def test_a_value_that_is_no_number_is_unknown_until_the_next_sample() -> None:
    timeline = from_samples([Sample(0, Fraction(1)), Sample(10, None), Sample(20, Fraction(1))], interval=10, until=99)

    assert timeline.known() == (Interval(0, 10), Interval(20, 30))


def test_nothing_is_known_after_the_end_of_the_question() -> None:
    assert from_samples([Sample(0, Fraction(1))], interval=10, until=4) == line((0, 4, 1))


def test_of_two_samples_in_one_second_the_last_stands() -> None:
    assert from_samples([Sample(0, Fraction(1)), Sample(0, Fraction(0))], interval=5, until=99) == line((0, 5, 0))


def test_without_samples_nothing_is_known() -> None:
    assert not from_samples([], interval=10, until=99)


@quick
@given(samples, st.integers(1, 20), st.integers(0, LENGTH))
def test_samples_tell_each_second_what_the_rule_of_two_intervals_says(
    told: list[Sample], interval: int, until: int
) -> None:
    def expected(second: int) -> Fraction | None:
        earlier = [s for s in told if s.instant <= second]
        later = [s for s in told if s.instant > second]
        if not earlier or second >= until:
            return None
        is_bridged = bool(later) and later[0].instant - earlier[-1].instant <= 2 * interval
        return earlier[-1].value if is_bridged or second - earlier[-1].instant < interval else None

    timeline = from_samples(told, interval=interval, until=until)

    assert told_by(timeline) == [expected(second) for second in range(LENGTH)]
    assert is_canonical(timeline)


@quick
@given(seconds_told)
def test_a_timeline_tells_back_what_it_was_told_in_the_fewest_runs(told: list[Fraction | None]) -> None:
    timeline = built(told)

    assert told_by(timeline) == told
    assert is_canonical(timeline)
    assert bool(timeline) == any(value is not None for value in told)


@quick
@given(seconds_told)
def test_known_and_where_are_the_seconds_that_pass(told: list[Fraction | None]) -> None:
    timeline = built(told)

    assert {s for i in timeline.known() for s in range(i.start, i.end)} == {
        s for s, value in enumerate(told) if value is not None
    }
    assert {s for i in timeline.where(lambda v: v < 1) for s in range(i.start, i.end)} == {
        s for s, value in enumerate(told) if value is not None and value < 1
    }


@quick
@given(seconds_told, st.integers(0, LENGTH), st.integers(0, LENGTH))
def test_clipping_forgets_what_lies_outside(told: list[Fraction | None], start: int, end: int) -> None:
    clipped = built(told).clip(Interval(start, end))

    assert told_by(clipped) == [value if start <= s < end else None for s, value in enumerate(told)]
    assert is_canonical(clipped)


@quick
@given(seconds_told, seconds_told)
def test_a_newer_reading_replaces_all_from_its_first_run_on(
    old: list[Fraction | None], new: list[Fraction | None]
) -> None:
    first = next((s for s, value in enumerate(new) if value is not None), LENGTH)

    joined = built(old).followed_by(built(new))

    assert told_by(joined) == old[:first] + new[first:]
    assert is_canonical(joined)


@quick
@given(seconds_told, seconds_told, seconds_told)
def test_combined_lines_show_at_each_second_the_worst_that_is_known(
    a: list[Fraction | None], b: list[Fraction | None], c: list[Fraction | None]
) -> None:
    together = combine([built(told) for told in (a, b, c)], min)

    known = [[value for value in at if value is not None] for at in zip(a, b, c, strict=True)]
    assert told_by(together) == [min(at) if at else None for at in known]
    assert is_canonical(together)


def test_one_line_alone_or_none_combines_to_itself() -> None:
    assert combine([line((0, 10, 1))], max) == line((0, 10, 1))
    assert combine([], max) == Timeline()


def test_known_beats_unknown_and_of_two_that_disagree_the_worse_holds() -> None:
    first, second = line((0, 10, 1), (10, 20, 1)), line((5, 15, 0))

    assert combine([first, second], min) == line((0, 5, 1), (5, 15, 0), (15, 20, 1))


@quick
@given(seconds_told, st.integers(0, LENGTH), st.integers(0, LENGTH))
def test_gaps_are_the_seconds_of_the_span_that_are_not_known(told: list[Fraction | None], start: int, end: int) -> None:
    found: Mapping[int, Interval] = {
        s: i for i in gaps(built(told).known(), Interval(start, end)) for s in range(i.start, i.end)
    }

    assert set(found) == {s for s in range(start, end) if told[s] is None}


def test_the_edges_of_a_run_are_its_start_and_not_its_end() -> None:
    timeline = line((10, 20, 1))

    assert [timeline.at(s) for s in (9, 10, 19, 20)] == [None, Fraction(1), Fraction(1), None]
