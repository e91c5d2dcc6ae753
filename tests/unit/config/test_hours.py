from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.config.hours import WEEKDAYS, read_ranges, read_week, read_weekdays

DAY = 24 * 60


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat", (5,)),
        ("mon,wed", (0, 2)),
        ("mon-tue, fri", (0, 1, 4)),
        ("sat-mon", (5, 6, 0)),
        ("Mon-Fri", (0, 1, 2, 3, 4)),
    ],
)
def test_weekdays(text: str, days: tuple[int, ...]) -> None:
    assert read_weekdays(text) == days


@pytest.mark.parametrize("text", ["lun-ven", "mon-", "", "monday", "mon-fri,wed", "mon,,tue"])
def test_no_weekdays(text: str) -> None:
    with pytest.raises(ValueError, match=r"weekday|twice"):
        read_weekdays(text)


def test_ranges_come_in_order() -> None:
    assert read_ranges("14:00-18:00, 08:00-12:00") == ((time(8), time(12)), (time(14), time(18)))


def test_a_whole_day_and_a_night() -> None:
    assert read_ranges("00:00-24:00") == ((time(0), time(0)),)
    assert read_ranges("22:00-06:00") == ((time(22), time(6)),)


@pytest.mark.parametrize(
    "text",
    [
        "8-18",
        "08:00",
        "08:00-25:00",
        "24:00-08:00",
        "08:00-08:00",
        "08:00-12:00, 11:59-18:00",
        "20:00-09:00, 08:00-12:00",
    ],
)
def test_no_ranges(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|overlap|time of day"):
        read_ranges(text)


def test_a_night_that_runs_into_the_next_morning_is_named() -> None:
    week, wrong = read_week({"sun": "20:00-06:00", "mon": "05:00-12:00"})

    assert wrong == [("sun", "the hours of 'sun' run past midnight into those of 'mon'")]
    assert set(week) == {0, 6}


def test_every_key_with_a_mistake_is_named() -> None:
    _, wrong = read_week({"mon": "8-18", "tu": "08:00-12:00", "wed": "08:00-12:00", "mon-wed": "13:00-14:00"})

    assert [days for days, _ in wrong] == ["mon", "tu", "mon-wed"]


@given(st.lists(st.integers(0, DAY), min_size=2, max_size=8, unique=True).filter(lambda edges: len(edges) % 2 == 0))
def test_ranges_read_back_what_was_written(edges: list[int]) -> None:
    ordered = sorted(edges)
    pairs = list(zip(ordered[::2], ordered[1::2], strict=True))
    text = ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in pairs)

    found = [(a.hour * 60 + a.minute, b.hour * 60 + b.minute or DAY) for a, b in read_ranges(text)]

    assert found == pairs


@given(st.text(alphabet="0123456789:-, ", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_ranges(text)
    except ValueError:
        return
    assert found == tuple(sorted(found))


@given(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True))
def test_listed_days_are_those_days(days: list[str]) -> None:
    assert [WEEKDAYS[n] for n in read_weekdays(",".join(days))] == days
