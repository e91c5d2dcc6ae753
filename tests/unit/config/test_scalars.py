from collections.abc import Callable
from fractions import Fraction

import pytest

from kpi_agent.config.patterns import check_date_format, check_name_pattern
from kpi_agent.config.scalars import (
    did_you_mean,
    read_address,
    read_count,
    read_day_or_time,
    read_duration,
    read_endpoint,
    read_percentage,
    read_span,
    read_text,
    read_time,
)
from kpi_agent.config.targets import read_target


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("15m", 900), ("4h", 14_400), ("2d", 172_800)])
def test_a_duration_has_seconds(text: str, seconds: int) -> None:
    assert read_duration(text).seconds == seconds


def test_a_working_day_has_no_length_without_a_calendar() -> None:
    with pytest.raises(ValueError, match="counts working days"):
        _ = read_duration("3wd").seconds


@pytest.mark.parametrize("text", ["1 wd", "4H", "-1h", "1.5h", "1e3s", "٣h", "1_000m", "010m", "", "h", "nan"])
def test_a_duration_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r"no duration|is empty"):
        read_duration(text)


def test_where_working_days_have_no_meaning_they_are_refused() -> None:
    with pytest.raises(ValueError, match="write a number and s, m, h or d"):
        read_span("3wd")


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("95%", Fraction(19, 20)),
        ("99.95 %", Fraction(1999, 2000)),
        ("0.9", Fraction(9, 10)),
        ("1", Fraction(1)),
        ("0%", 0),
    ],
)
def test_a_percentage_is_exact(text: str, share: Fraction) -> None:
    assert read_percentage(text) == share


@pytest.mark.parametrize("text", ["95", "101%", "-1%", "nan", "inf", "0x1%", "٩%", "9_5%", "%"])
def test_no_percentage(text: str) -> None:
    with pytest.raises(ValueError, match=r"percentage|everything"):
        read_percentage(text)


@pytest.mark.parametrize("text", ["24:00", "7h", "12:60", "1230", "12:3"])
def test_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        read_time(text)


def test_a_day_alone_means_its_first_minute() -> None:
    assert read_day_or_time("2026-01-13").isoformat() == "2026-01-13T00:00:00"
    assert read_day_or_time("2026-01-13 22:00").isoformat() == "2026-01-13T22:00:00"


@pytest.mark.parametrize("text", ["0001-01-01", "1970-12-31", "9999-12-31"])
def test_a_day_beyond_the_rules_of_time_zones_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="out of reach; write a year from 1971 to 2399"):
        read_day_or_time(text)


@pytest.mark.parametrize("text", ["3661d", "999999999s", "4000wd"])
def test_a_duration_beyond_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than ten years"):
        read_duration(text)


def test_a_target_is_exact_and_keeps_its_text() -> None:
    assert read_target(">= 99.95%").share == Fraction(1999, 2000)
    assert read_target("<=20").count == 20
    limit = read_target("<= 4h")
    assert limit.duration is not None
    assert (limit.duration.seconds, limit.text) == (14_400, "<= 4h")


@pytest.mark.parametrize("text", ["95%", "> 95%", "=> 95%", ">=", ">= many", "<= 1e3", "<= nan"])
def test_no_target(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        read_target(text)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_count, "012"),
        (read_count, "1_000"),
        (read_count, "٣"),
        (read_address, "direction"),
        (read_address, "a@b.example\nBcc: c@d.example"),
        (read_endpoint, "9469"),
        (read_endpoint, "127.0.0.1:99999"),
        (read_text, "   "),
        (read_text, None),
        (read_text, ["a"]),
    ],
)
def test_a_value_that_is_none_says_what_to_write(reader: Callable[[object], object], text: object) -> None:
    with pytest.raises(ValueError, match=r"write|must be"):
        reader(text)


def test_a_near_miss_is_offered_whatever_its_case() -> None:
    assert did_you_mean("offce", ["office", "night"]) == "; did you mean 'office'?"
    assert did_you_mean("no", ["NO", "SE"]) == "; did you mean 'NO'?"
    assert did_you_mean("zzz", ["b", "a"]) == "; known: a, b"
    assert did_you_mean("zzz", []) == "; none is declared"


@pytest.mark.parametrize("pattern", ["%d/%m/%Y %H:%M", "%m-%d-%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S%z", "%d/%m/%y %H:%M:%S"])
def test_a_date_format_that_reads_what_it_writes(pattern: str) -> None:
    check_date_format(pattern)


@pytest.mark.parametrize(
    "pattern", ["%d/%m %H:%M", "%Y-%m-%d", "%d/%m/%Y %I:%M", "%d/%B/%Y %H:%M", "%Y%m%d%H%", "x", "%Y %Y %m %d %H"]
)
def test_a_date_format_that_loses_something(pattern: str) -> None:
    with pytest.raises(ValueError, match="write"):
        check_date_format(pattern)


def test_a_file_name_may_tell_the_day_alone_but_never_a_folder() -> None:
    check_name_pattern("desk-%Y%m%d.csv")
    with pytest.raises(ValueError, match="folder"):
        check_name_pattern("inbox/%Y-%m-%d.csv")
