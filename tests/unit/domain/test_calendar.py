"""Service hours, elapsed time and deadlines: the rules of the clock, one by one."""

from __future__ import annotations

from datetime import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import OFFICE, calendar, local, paris, quick, span
from kpi_agent.domain.calendar import ALWAYS, FOREVER, ServiceCalendar, ServiceHours
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, to_utc_text


def test_a_hold_stops_the_clock_and_so_does_the_weekend() -> None:
    holds = [span("2026-07-06 12:00", "2026-07-06 14:00")]

    elapsed = OFFICE.elapsed(paris("2026-07-03 17:00"), paris("2026-07-07 09:30"), holds)

    assert elapsed == 10 * HOUR + 30 * MINUTE


def test_the_deadline_is_moved_by_the_weekend_and_the_hold() -> None:
    holds = [span("2026-07-06 12:00", "2026-07-06 14:00")]

    assert OFFICE.deadline(paris("2026-07-03 17:00"), 8 * HOUR, holds) == paris("2026-07-06 17:00")


def test_overlapping_holds_count_once() -> None:
    holds = [span("2026-07-06 12:00", "2026-07-06 14:00"), span("2026-07-06 13:00", "2026-07-06 15:00")]

    assert OFFICE.elapsed(paris("2026-07-06 08:00"), paris("2026-07-06 18:00"), holds) == 7 * HOUR


def test_a_hold_outside_service_hours_changes_nothing() -> None:
    holds = [span("2026-07-06 18:00", "2026-07-07 08:00")]

    assert OFFICE.elapsed(paris("2026-07-06 17:00"), paris("2026-07-07 09:00"), holds) == 2 * HOUR


def test_a_hold_before_the_start_or_after_the_end_changes_nothing() -> None:
    holds = [span("2026-07-06 08:00", "2026-07-06 10:00"), span("2026-07-06 16:00", "2026-07-06 18:00")]

    assert OFFICE.elapsed(paris("2026-07-06 10:00"), paris("2026-07-06 16:00"), holds) == 6 * HOUR


def test_a_limit_reached_as_service_closes_is_due_at_the_next_opening() -> None:
    assert OFFICE.deadline(paris("2026-07-06 08:00"), 10 * HOUR) == paris("2026-07-07 08:00")
    assert OFFICE.deadline(paris("2026-07-03 08:00"), 10 * HOUR) == paris("2026-07-06 08:00")


def test_a_limit_reached_as_a_hold_begins_is_due_at_its_end() -> None:
    holds = [span("2026-07-06 12:00", "2026-07-06 14:00")]

    assert OFFICE.deadline(paris("2026-07-06 08:00"), 4 * HOUR, holds) == paris("2026-07-06 14:00")


def test_a_limit_reached_as_a_hold_begins_that_lasts_into_the_night_is_due_at_the_next_opening() -> None:
    holds = [span("2026-07-06 12:00", "2026-07-06 20:00")]

    assert OFFICE.deadline(paris("2026-07-06 08:00"), 4 * HOUR, holds) == paris("2026-07-07 08:00")


def test_a_limit_reached_just_before_a_hold_is_not_moved_by_it() -> None:
    holds = [span("2026-07-06 12:00", "2026-07-06 14:00")]

    assert OFFICE.deadline(paris("2026-07-06 08:00"), 4 * HOUR - 1, holds) == paris("2026-07-06 12:00") - 1


def test_of_a_hold_that_began_before_the_start_the_rest_moves_the_deadline() -> None:
    holds = [span("2026-07-06 08:00", "2026-07-06 12:00")]

    assert OFFICE.deadline(paris("2026-07-06 10:00"), HOUR, holds) == paris("2026-07-06 13:00")


def test_a_hold_that_is_over_before_the_start_does_not_hide_the_next_one() -> None:
    holds = [span("2026-07-06 08:00", "2026-07-06 09:00"), span("2026-07-06 12:00", "2026-07-06 14:00")]

    assert OFFICE.deadline(paris("2026-07-06 10:00"), 3 * HOUR, holds) == paris("2026-07-06 15:00")


def test_an_endless_hold_leaves_no_deadline() -> None:
    start = paris("2026-07-06 08:00")

    assert OFFICE.deadline(start, HOUR, [Interval(start + HOUR, FOREVER)]) is None
    assert ALWAYS.deadline(start, HOUR, [Interval(start + HOUR, FOREVER)]) is None


def test_an_endless_hold_that_begins_after_the_limit_does_not_touch_the_deadline() -> None:
    start = paris("2026-07-06 08:00")

    assert OFFICE.deadline(start, HOUR, [Interval(start + HOUR + 1, FOREVER)]) == start + HOUR


def test_a_calendar_that_never_opens_has_no_deadline() -> None:
    never = calendar(days=())

    assert never.deadline(paris("2026-07-06 08:00"), 0) is None
    assert never.elapsed(paris("2026-07-06 08:00"), paris("2026-08-06 08:00")) == 0


def test_a_calendar_that_opens_once_reaches_its_only_hours() -> None:
    once = calendar(days=(), extra={"2027-11-02": "09:00-10:00"})

    assert once.deadline(paris("2026-07-06 08:00"), HOUR - 1) == paris("2027-11-02 10:00") - 1
    assert once.deadline(paris("2026-07-06 08:00"), HOUR) is None


def test_outside_service_hours_the_clock_stands() -> None:
    assert OFFICE.elapsed(paris("2026-07-04 00:00"), paris("2026-07-06 08:00")) == 0
    assert OFFICE.deadline(paris("2026-07-04 12:00"), 0) == paris("2026-07-06 08:00")


def test_around_the_clock_the_autumn_day_of_paris_has_25_hours() -> None:
    assert ALWAYS.elapsed(paris("2026-10-25 00:00"), paris("2026-10-26 00:00")) == 25 * HOUR


def test_around_the_clock_the_deadline_is_as_far_away_as_the_limit() -> None:
    assert ALWAYS.deadline(paris("2026-10-25 00:00"), 25 * HOUR) == paris("2026-10-26 00:00")


def test_an_instant_told_backwards_elapses_nothing() -> None:
    assert OFFICE.elapsed(paris("2026-07-06 12:00"), paris("2026-07-06 09:00")) == 0
    assert ALWAYS.elapsed(paris("2026-07-06 12:00"), paris("2026-07-06 09:00")) == 0


def test_several_ranges_of_a_day_are_all_open() -> None:
    shop = calendar("08:00-12:00, 14:00-18:00")

    assert shop.elapsed(paris("2026-07-06 00:00"), paris("2026-07-07 00:00")) == 8 * HOUR
    assert shop.deadline(paris("2026-07-06 11:00"), 2 * HOUR) == paris("2026-07-06 15:00")


def test_overlapping_ranges_are_open_once() -> None:
    shop = calendar("08:00-12:00, 10:00-13:00")

    assert shop.elapsed(paris("2026-07-06 00:00"), paris("2026-07-07 00:00")) == 5 * HOUR


def test_a_range_past_midnight_belongs_to_its_first_day() -> None:
    friday_night = calendar("22:00-06:00", days=[4])

    assert friday_night.open_spans(span("2026-07-01 00:00", "2026-07-08 00:00")) == (
        span("2026-07-03 22:00", "2026-07-04 06:00"),
    )


def test_a_range_past_midnight_is_closed_with_its_first_day_alone() -> None:
    nights = calendar("22:00-06:00", days=range(7), closed=["2026-07-03"])

    assert nights.open_spans(span("2026-07-03 00:00", "2026-07-05 00:00")) == (
        span("2026-07-03 00:00", "2026-07-03 06:00"),
        span("2026-07-04 22:00", "2026-07-05 00:00"),
    )


def test_a_night_over_new_year_is_whole_whatever_was_asked_before() -> None:
    nights = calendar("22:00-06:00", days=range(7))
    night = span("2026-12-31 12:00", "2027-01-01 12:00")

    assert nights.open_spans(span("2027-01-01 00:00", "2027-01-01 12:00")) == (
        span("2027-01-01 00:00", "2027-01-01 06:00"),
    )
    assert nights.elapsed(night.start, night.end) == 8 * HOUR


def test_midnight_to_midnight_is_a_whole_day() -> None:
    whole = calendar("00:00-00:00", days=range(7))

    assert whole.elapsed(paris("2026-10-25 00:00"), paris("2026-10-26 00:00")) == 25 * HOUR
    assert whole.open_spans(span("2026-07-01 00:00", "2026-08-01 00:00")) == (
        span("2026-07-01 00:00", "2026-08-01 00:00"),
    )


def test_holidays_and_closed_days_are_closed() -> None:
    rested = calendar(holidays={"2026-07-14": "Fête nationale"}, closed=["2026-07-15"])

    assert rested.elapsed(paris("2026-07-13 08:00"), paris("2026-07-16 18:00")) == 20 * HOUR


def test_an_extra_opening_holds_on_a_holiday_and_on_a_weekend() -> None:
    open_late = calendar(
        holidays={"2026-07-14": "Fête nationale"}, extra={"2026-07-14": "09:00-11:00", "2026-07-18": "09:00-10:00"}
    )

    assert open_late.elapsed(paris("2026-07-14 00:00"), paris("2026-07-15 00:00")) == 2 * HOUR
    assert open_late.elapsed(paris("2026-07-18 00:00"), paris("2026-07-19 00:00")) == HOUR


def test_an_extra_opening_is_added_to_the_usual_hours() -> None:
    longer = calendar(extra={"2026-07-06": "17:00-20:00"})

    assert longer.elapsed(paris("2026-07-06 00:00"), paris("2026-07-07 00:00")) == 12 * HOUR


def test_a_range_that_begins_in_the_spring_gap_opens_when_it_ends() -> None:
    early = calendar("02:30-04:00", days=range(7))

    assert early.open_spans(span("2026-03-29 00:00", "2026-03-29 12:00")) == (
        span("2026-03-29 03:00", "2026-03-29 04:00"),
    )


def test_a_range_that_lies_in_the_spring_gap_does_not_open() -> None:
    early = calendar("02:00-03:00", days=range(7))

    assert early.open_spans(span("2026-03-29 00:00", "2026-03-29 12:00")) == ()


def test_a_range_that_ends_in_the_repeated_hour_closes_the_first_time() -> None:
    early = calendar("01:00-02:30", days=range(7))

    assert early.elapsed(paris("2026-10-25 00:00"), paris("2026-10-25 12:00")) == HOUR + 30 * MINUTE


def test_a_range_over_the_repeated_hour_is_an_hour_longer() -> None:
    early = calendar("01:00-04:00", days=range(7))

    assert early.elapsed(paris("2026-10-25 00:00"), paris("2026-10-25 12:00")) == 4 * HOUR


def test_the_skipped_day_of_apia_has_no_service_hours() -> None:
    shop = calendar(days=range(7), zone="Pacific/Apia")
    zone = "Pacific/Apia"

    assert shop.elapsed(local("2011-12-29 00:00", zone), local("2012-01-01 00:00", zone)) == 20 * HOUR


def test_the_clock_is_that_of_the_calendars_zone() -> None:
    lord_howe = calendar(days=range(7), zone="Australia/Lord_Howe")

    assert lord_howe.open_spans(
        Interval(local("2026-04-04 12:00", "Australia/Lord_Howe"), local("2026-04-05 12:00", "Australia/Lord_Howe"))
    ) == (
        Interval(local("2026-04-04 01:00", "UTC"), local("2026-04-04 07:00", "UTC")),
        Interval(local("2026-04-04 21:30", "UTC"), local("2026-04-05 01:30", "UTC")),
    )


@pytest.mark.parametrize(
    ("hours", "lengths"),
    [
        ("08:00-18:00", {10 * HOUR}),
        ("08:00-12:00, 14:00-18:00", {8 * HOUR}),
        ("22:00-06:00", {8 * HOUR}),
        ("00:00-00:00", {DAY}),
        ("08:30-12:15, 13:45:10-17:00:30", {7 * HOUR + 20}),
    ],
)
def test_working_days_are_allowed_when_all_are_equally_long(hours: str, lengths: set[int]) -> None:
    assert calendar(hours).weekday_seconds() == lengths


def test_a_short_friday_leaves_working_days_without_a_length() -> None:
    uneven = ServiceHours("UTC", {0: ((time(8), time(18)),), 4: ((time(8), time(16)),)})

    assert ServiceCalendar("uneven", uneven).weekday_seconds() == {10 * HOUR, 8 * HOUR}


def test_around_the_clock_a_day_has_24_hours() -> None:
    assert ALWAYS.weekday_seconds() == {DAY}


instants = st.builds(
    lambda year, ahead: paris(f"{year}-12-30 00:00") + ahead, st.integers(2024, 2028), st.integers(0, 3 * DAY)
)


@settings(quick, max_examples=15)
@given(instants, instants, instants)
def test_an_answer_does_not_depend_on_what_was_asked_before(before: int, start: int, end: int) -> None:
    used, fresh = calendar("22:00-06:00", days=range(7)), calendar("22:00-06:00", days=range(7))

    used.elapsed(before, before + DAY)

    assert used.elapsed(start, end) == fresh.elapsed(start, end)
    assert used.deadline(start, DAY) == fresh.deadline(start, DAY)


def test_no_open_stretch_is_empty() -> None:
    assert OFFICE.open_spans(span("2026-07-06 06:00", "2026-07-06 08:00")) == ()
    assert OFFICE.open_spans(span("2026-07-06 18:00", "2026-07-06 20:00")) == ()
    assert OFFICE.open_spans(span("2026-07-06 09:00", "2026-07-06 09:00")) == ()
    assert ALWAYS.open_spans(span("2026-07-06 09:00", "2026-07-06 09:00")) == ()


def test_open_stretches_are_found_over_years_that_were_never_asked_for_before() -> None:
    years = span("2023-12-30 00:00", "2027-01-04 00:00")

    found = calendar().open_spans(years)

    assert (found[0], found[-1]) == (
        span("2024-01-01 08:00", "2024-01-01 18:00"),
        span("2027-01-01 08:00", "2027-01-01 18:00"),
    )
    assert sum(part.seconds for part in found) == calendar().elapsed(years.start, years.end) == 785 * 10 * HOUR


def test_a_desk_that_opens_on_a_few_days_only_is_open_on_each_of_them() -> None:
    rare = calendar(days=(), extra={"2026-07-06": "10:00-12:00", "2026-07-08": "10:00-12:00"})

    assert rare.open_spans(span("2026-07-01", "2026-08-01")) == (
        span("2026-07-06 10:00", "2026-07-06 12:00"),
        span("2026-07-08 10:00", "2026-07-08 12:00"),
    )


def test_a_deadline_is_looked_for_thirty_years_ahead() -> None:
    inside, beyond = (calendar(days=(), extra={day: "10:00-12:00"}) for day in ("2056-12-30", "2057-01-05"))

    assert inside.deadline(paris("2026-07-06 08:00"), HOUR) == paris("2056-12-30 11:00")
    assert beyond.deadline(paris("2026-07-06 08:00"), HOUR) is None


def test_only_24x7_is_always_open() -> None:
    assert (ALWAYS.name, ALWAYS.is_always_open) == ("24x7", True)
    assert not calendar("00:00-00:00", days=range(7)).is_always_open


def test_a_day_without_ranges_is_no_open_day_of_length_zero() -> None:
    hours = ServiceHours("Europe/Paris", {0: ((time(8), time(18)),), 5: ()})

    assert ServiceCalendar("monday", hours).weekday_seconds() == frozenset({10 * HOUR})


def test_service_hours_are_known_from_1971_on() -> None:
    assert OFFICE.elapsed(paris("1971-02-01 00:00"), paris("1971-02-02 00:00")) == 10 * HOUR


def test_an_end_without_an_end_is_the_year_2400() -> None:
    assert to_utc_text(FOREVER) == "2400-01-01T00:00:00Z"


def test_an_instant_beyond_every_calendar_is_taken_as_the_year_2400() -> None:
    once = calendar(days=(), extra={"2026-07-06": "10:00-12:00"})

    assert once.elapsed(paris("2026-07-06 11:00"), 10**15) == HOUR


NEW_YEAR = ("2026-12-30 23:00", "2026-12-31 12:00", "2026-12-31 23:00", "2027-01-01 00:00", "2027-01-02 12:00")
BEFORE = (
    ("2026-07-01", "2026-07-02"),
    ("2027-07-01", "2027-07-02"),
    ("2025-12-31", "2026-01-01"),
    ("2029-01-01", "2029-01-02"),
)


@pytest.mark.parametrize("asked", BEFORE)
@pytest.mark.parametrize(("start", "end"), list(combinations(NEW_YEAR, 2)))
def test_around_new_year_each_night_is_known_whatever_year_was_asked_for_before(
    asked: tuple[str, str], start: str, end: str
) -> None:
    nights = calendar("22:00-06:00", days=range(7))
    nights.elapsed(*map(paris, asked))

    opened = [
        span("2026-12-30 22:00", "2026-12-31 06:00"),
        span("2026-12-31 22:00", "2027-01-01 06:00"),
        span("2027-01-01 22:00", "2027-01-02 06:00"),
    ]
    wanted = tuple(part for night in opened if (part := night.clip(span(start, end))).seconds)
    assert nights.open_spans(span(start, end)) == wanted
    assert nights.elapsed(paris(start), paris(end)) == sum(part.seconds for part in wanted)


def test_a_deadline_is_the_next_opening_though_only_the_year_before_was_asked_for() -> None:
    used = calendar(days=(), extra={"2026-12-31": "08:00-18:00", "2027-01-01": "08:00-18:00"})

    assert used.elapsed(paris("2026-12-31 00:00"), paris("2026-12-31 18:00")) == 10 * HOUR
    assert used.deadline(paris("2026-12-31 08:00"), 10 * HOUR) == paris("2027-01-01 08:00")
    assert used.elapsed(paris("2027-01-01 00:00"), paris("2027-01-01 18:00")) == 10 * HOUR
