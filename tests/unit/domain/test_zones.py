"""Local times and instants, where clocks are turned and days are skipped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import PARIS, local, paris, quick
from kpi_agent.domain.errors import InvalidPeriod
from kpi_agent.domain.time import (
    DAY,
    HOUR,
    MINUTE,
    Interval,
    Period,
    local_days,
    midnight,
    offset_text,
    to_instant,
    to_local,
    to_utc_text,
)
from wall_clock import HORIZONS, wall_clock

horizons = st.integers(0, len(HORIZONS) - 1)
zones = st.sampled_from(sorted({name for name, _, _ in HORIZONS}))


@quick
@given(horizons, st.integers(0, 40 * HOUR))
def test_a_local_time_is_the_first_second_at_which_the_wall_shows_it_or_has_passed_it(index: int, ahead: int) -> None:
    clock = wall_clock(index)
    wall = datetime.fromtimestamp(clock.shown[0] + ahead % (clock.furthest[-1] - clock.shown[0]), UTC)

    found = to_instant(wall.replace(tzinfo=None), ZoneInfo(clock.zone))

    assert found == clock.start + clock.first_second_at(wall)


def test_a_time_in_the_spring_gap_means_the_first_instant_after_it() -> None:
    assert paris("2026-03-29 02:30") == local("2026-03-29 01:00", "UTC")
    assert paris("2026-03-29 02:30") == paris("2026-03-29 03:00")


def test_a_time_that_exists_twice_means_the_first() -> None:
    assert paris("2026-10-25 02:30") == local("2026-10-25 00:30", "UTC")


def test_a_time_that_exists_twice_means_the_second_when_the_first_precedes_the_previous_milestone() -> None:
    previous = local("2026-10-25 00:40", "UTC")

    found = to_instant(datetime.fromisoformat("2026-10-25 02:30"), ZoneInfo(PARIS), not_before=previous)

    assert found == local("2026-10-25 01:30", "UTC")


def test_a_time_that_exists_twice_stays_the_first_when_that_is_the_previous_milestone_itself() -> None:
    previous = local("2026-10-25 00:30", "UTC")

    found = to_instant(datetime.fromisoformat("2026-10-25 02:30"), ZoneInfo(PARIS), not_before=previous)

    assert found == previous


def test_lord_howe_turns_its_clock_by_half_an_hour() -> None:
    before, after = local("2026-10-04 01:59", "Australia/Lord_Howe"), local("2026-10-04 02:30", "Australia/Lord_Howe")

    assert after - before == MINUTE


def test_any_time_of_the_day_that_apia_skipped_means_the_start_of_the_next_day() -> None:
    for text in ("2011-12-30 00:00", "2011-12-30 12:00", "2011-12-30 23:59", "2011-12-31 00:00"):
        assert local(text, "Pacific/Apia") == local("2011-12-30 10:00", "UTC")


def test_a_skipped_day_is_no_day() -> None:
    zone = ZoneInfo("Pacific/Apia")
    span = Interval(midnight(date(2011, 12, 29), zone), midnight(date(2012, 1, 1), zone))

    assert [(day.day, part.seconds) for day, part in local_days(span, zone)] == [(29, DAY), (31, DAY)]


@quick
@given(horizons, st.integers(0, 30 * HOUR), st.integers(0, 30 * HOUR))
def test_local_days_cut_a_span_where_the_date_changes_and_lose_no_second(index: int, a: int, b: int) -> None:
    clock = wall_clock(index)
    span = Interval(clock.start + min(a, b), clock.start + max(a, b))

    parts = list(local_days(span, ZoneInfo(clock.zone)))

    assert [second for _, part in parts for second in (part.start, part.end)][1:-1:2] == [
        part.start for _, part in parts[1:]
    ]
    assert sum(part.seconds for _, part in parts) == span.seconds
    for day, part in parts:
        shown = {clock.shown_at(s - clock.start) // DAY for s in (part.start, part.end - 1)}
        assert shown == {(day - date(1970, 1, 1)).days}


@pytest.mark.parametrize(
    ("name", "zone", "hours"),
    [
        ("2026-10", "Europe/Paris", 745),
        ("2026-03", "Europe/Paris", 743),
        ("2026-02", "Europe/Paris", 672),
        ("2026-11", "America/New_York", 721),
        ("2011-12", "Pacific/Apia", 720),
        ("2026-W43", "Europe/Paris", 169),
        ("2026-Q1", "Europe/Paris", 90 * 24 - 1),
    ],
)
def test_a_period_lasts_as_long_as_its_local_days(name: str, zone: str, hours: int) -> None:
    assert Period.parse(name, zone).hours == hours


def test_the_edges_of_a_period_are_local_midnights() -> None:
    october = Period.parse("2026-10", PARIS)

    assert to_utc_text(october.start) == "2026-09-30T22:00:00Z"
    assert to_utc_text(october.end) == "2026-10-31T23:00:00Z"
    assert october.interval == Interval(october.start, october.end)


def test_a_week_begins_on_monday() -> None:
    week = Period.parse("2026-W44", PARIS)

    assert (week.first_day, week.end_day) == (date(2026, 10, 26), date(2026, 11, 2))
    assert week.first_day.weekday() == 0


kinds = st.sampled_from(("%Y-%m", "%G-W%V", "quarter"))


@quick
@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    kinds,
    st.sampled_from(("Europe/Paris", "America/Havana", "Pacific/Apia")),
)
def test_periods_follow_each_other_without_gap_or_overlap(day: date, kind: str, zone: str) -> None:
    name = f"{day.year}-Q{(day.month + 2) // 3}" if kind == "quarter" else day.strftime(kind)
    period = Period.parse(name, zone)

    assert period.first_day <= day < period.end_day
    assert period.following().start == period.end
    assert period.previous().end == period.start
    assert period.following().previous() == period


def test_a_month_is_named_by_its_local_date() -> None:
    assert Period.month_of(paris("2026-11-01 00:30"), PARIS).id == "2026-11"
    assert Period.month_of(paris("2026-11-01 00:30"), "UTC").id == "2026-10"


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "2026-Q5", "2026-W54", "2026-10\n", "٢٠٢٦-10", ""])
def test_what_names_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidPeriod, match="is no period"):
        Period.parse(text, PARIS)


@quick
@given(st.integers(local("1975-01-01", "UTC"), local("2035-01-01", "UTC")), zones)
def test_the_wall_time_of_an_instant_is_read_back_as_the_first_instant_that_shows_it(at: int, name: str) -> None:
    zone = ZoneInfo(name)
    wall = to_local(at, zone).replace(tzinfo=None)

    again = to_instant(wall, zone)

    assert to_local(again, zone).replace(tzinfo=None) == wall
    assert again <= at
    assert to_instant(wall, zone, not_before=at) == at


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-10-24T23:59:59Z", ""),
        ("2026-10-25T00:00:00Z", "+02:00"),
        ("2026-10-25T00:59:59Z", "+02:00"),
        ("2026-10-25T01:00:00Z", "+01:00"),
        ("2026-10-25T01:59:59Z", "+01:00"),
        ("2026-10-25T02:00:00Z", ""),
        ("2026-03-29T01:00:00Z", ""),
    ],
)
def test_only_a_time_that_exists_twice_bears_its_offset(instant: str, text: str) -> None:
    moment = to_local(int(datetime.fromisoformat(instant).timestamp()), ZoneInfo("Europe/Paris"))

    assert offset_text(moment) == text
