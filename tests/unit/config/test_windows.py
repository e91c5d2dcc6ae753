from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_agent.config.windows import RecurringWindow, SingleWindow, read_rule
from kpi_agent.domain.time import HOUR, Interval

PARIS = ZoneInfo("Europe/Paris")


def paris(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp())


def window(rule: str, starts: str, seconds: int = 4 * HOUR, zone: str = "Europe/Paris") -> RecurringWindow:
    first = datetime.fromisoformat(starts)
    return RecurringWindow("patch night", ("portal",), read_rule(rule, first, zone), zone, seconds)


def starts_in(found: RecurringWindow, first: str, last: str) -> list[int]:
    return [i.start for i in found.occurrences(Interval(paris(first), paris(last)))]


def test_the_second_tuesday_of_each_month_at_the_same_wall_time() -> None:
    nights = window("FREQ=MONTHLY;BYDAY=2TU", "2026-01-13 22:00")

    assert starts_in(nights, "2026-10-01", "2026-12-01") == [paris("2026-10-13 22:00"), paris("2026-11-10 22:00")]


def test_a_window_lasts_absolute_time_across_a_change_of_the_clock() -> None:
    nights = window("FREQ=WEEKLY;BYDAY=SA", "2026-01-03 23:00", seconds=6 * HOUR)

    (found,) = nights.occurrences(Interval(paris("2026-10-25 00:00"), paris("2026-10-25 01:00")))

    assert found == Interval(paris("2026-10-24 23:00"), paris("2026-10-25 04:00"))
    assert found.seconds == 6 * HOUR


def test_a_start_in_the_hour_that_does_not_exist_is_the_first_instant_after_it() -> None:
    (found,) = window("FREQ=DAILY", "2026-03-01 02:30", seconds=60).occurrences(
        Interval(paris("2026-03-29 00:00"), paris("2026-03-29 23:00"))
    )

    assert found.start == paris("2026-03-29 03:00")


def test_a_start_in_the_doubled_hour_is_the_first_one() -> None:
    (found,) = window("FREQ=DAILY", "2026-10-01 02:30", seconds=60).occurrences(
        Interval(paris("2026-10-25 00:00"), paris("2026-10-25 23:00"))
    )

    assert found.start == paris("2026-10-25 02:30")


def test_a_window_that_began_before_the_span_is_given_whole() -> None:
    nights = window("FREQ=MONTHLY;BYDAY=2TU", "2026-01-13 22:00")

    assert starts_in(nights, "2026-10-14 01:59", "2026-10-20") == [paris("2026-10-13 22:00")]
    assert starts_in(nights, "2026-10-14 02:00", "2026-10-20") == []
    assert starts_in(nights, "2026-10-01", "2026-10-13 22:00") == []


def test_nothing_recurs_before_its_first_start() -> None:
    assert starts_in(window("FREQ=DAILY", "2026-06-01 22:00"), "2026-05-01", "2026-06-01") == []


def test_until_in_utc_is_converted_to_local_time() -> None:
    rule = "FREQ=DAILY;UNTIL=20260703T200000Z"  # 22:00 in Paris: the last night included

    assert len(starts_in(window(rule, "2026-07-01 22:00"), "2026-07-01", "2026-08-01")) == 3
    assert len(starts_in(window(rule, "2026-07-01 22:01"), "2026-07-01", "2026-08-01")) == 2


def test_until_a_day_includes_that_day() -> None:
    assert len(starts_in(window("FREQ=DAILY;UNTIL=20260703", "2026-07-01 22:00"), "2026-07-01", "2026-08-01")) == 3


def test_count_ends_the_recurrence() -> None:
    assert len(starts_in(window("RRULE:FREQ=DAILY;COUNT=5", "2026-07-01 22:00"), "2026-01-01", "2027-01-01")) == 5


@settings(max_examples=25, deadline=None, database=None)
@given(
    st.integers(0, 360),
    st.integers(1, 40),
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=TU,SU", "FREQ=MONTHLY;BYMONTHDAY=-1"]),
)
def test_neighbouring_spans_give_each_window_that_one_span_gives(day: int, days: int, rule: str) -> None:
    nights = window(rule, "2026-01-01 23:00")
    start = paris("2026-01-01") + day * 24 * HOUR
    middle, end = start + days * 12 * HOUR, start + days * 24 * HOUR

    parts = nights.occurrences(Interval(start, middle)) + nights.occurrences(Interval(middle, end))

    assert sorted(set(parts)) == list(nights.occurrences(Interval(start, end)))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=HOURLY", "FREQ=HOURLY is not possible"),
        ("FREQ=SECONDLY;INTERVAL=1", "not possible"),
        ("INTERVAL=2", "FREQ= is not possible"),
        ("FREQ=DAILY;BYHOUR=1,2", "BYHOUR is refused"),
        ("FREQ=DAILY;INTERVAL=0", "number from 1"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "exclude each other"),
        ("FREQ=DAILY;UNTIL=tomorrow", "no instant"),
        ("FREQ=DAILY;UNTIL=20261331", "no instant"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "no instant"),
        ("FREQ=DAILY;UNTIL=20251231", "never happens"),
        ("FREQ=WEEKLY;BYDAY=XX", "cannot be read|can be read"),
        ("FREQ=WEEKLY;FREQ=DAILY", "twice"),
        ("FREQ=WEEKLY\nRDATE:20260101T000000", "cannot be read|can be read|never happens|not possible"),
        ("", "no part"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rule: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_rule(rule, datetime.fromisoformat("2026-01-13 22:00"), "Europe/Paris")


def test_a_single_window_is_given_when_it_meets_the_span() -> None:
    once = SingleWindow("move", ("portal",), Interval(100, 200))

    assert once.occurrences(Interval(150, 160)) == (Interval(100, 200),)
    assert once.occurrences(Interval(0, 100)) == once.occurrences(Interval(200, 300)) == ()
