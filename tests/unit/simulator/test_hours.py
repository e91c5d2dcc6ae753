from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from kpi_agent_simulator.hours import (
    DAY,
    HOUR,
    MINUTE,
    Clock,
    easter_sunday,
    french_holidays,
    office_hours,
    round_the_clock,
    wall_clock,
)

PARIS = ZoneInfo("Europe/Paris")


def paris(text: str, *, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).timestamp())


@pytest.fixture(scope="module")
def office() -> Clock:
    return wall_clock(paris("2026-06-29"), paris("2026-09-28"), PARIS, office_hours)


def test_a_hold_stops_the_resolution_clock(office: Clock) -> None:
    opened, resolved = paris("2026-07-03 17:00"), paris("2026-07-07 09:30")
    hold = (paris("2026-07-06 12:00"), paris("2026-07-06 14:00"))

    assert office.elapsed(opened, resolved, [hold]) == 10 * HOUR + 30 * MINUTE
    assert office.deadline(opened, 8 * HOUR, [hold]) == paris("2026-07-06 17:00")


def test_a_limit_reached_as_service_closes_is_kept_until_the_next_opening(office: Clock) -> None:
    assert office.deadline(paris("2026-07-06 08:00"), 10 * HOUR) == paris("2026-07-07 08:00")


def test_a_limit_reached_as_a_hold_begins_is_kept_until_the_hold_ends(office: Clock) -> None:
    hold = (paris("2026-07-06 10:00"), paris("2026-07-06 15:20"))

    assert office.deadline(paris("2026-07-06 08:00"), 2 * HOUR, [hold]) == paris("2026-07-06 15:20")


def test_a_hold_without_end_leaves_no_deadline(office: Clock) -> None:
    assert office.deadline(paris("2026-07-06 08:00"), 2 * HOUR, [(paris("2026-07-06 09:00"), None)]) is None


def test_a_hold_without_end_does_not_move_a_deadline_before_it(office: Clock) -> None:
    hold = (paris("2026-07-06 12:00"), None)

    assert office.deadline(paris("2026-07-06 08:00"), 2 * HOUR, [hold]) == paris("2026-07-06 10:00")


def test_overlapping_holds_count_once(office: Clock) -> None:
    holds = [
        (paris("2026-07-06 09:00"), paris("2026-07-06 11:00")),
        (paris("2026-07-06 10:00"), paris("2026-07-06 12:00")),
    ]

    assert office.elapsed(paris("2026-07-06 08:00"), paris("2026-07-06 18:00"), holds) == 7 * HOUR


def test_work_is_done_at_an_open_second(office: Clock) -> None:
    friday_evening = paris("2026-07-10 17:30")

    done = office.after(friday_evening, HOUR)

    assert done == paris("2026-07-13 08:30")
    assert office.is_open(done)
    assert office.elapsed(friday_evening, done) == HOUR


def test_an_office_is_shut_on_bastille_day_and_at_weekends(office: Clock) -> None:
    assert office.elapsed(paris("2026-07-13"), paris("2026-07-20")) == 4 * 10 * HOUR


def test_the_night_the_clocks_go_back_has_an_hour_more() -> None:
    clock = round_the_clock(paris("2026-10-24"), paris("2026-10-27"))

    assert clock.elapsed(paris("2026-10-25 02:30"), paris("2026-10-25 03:15")) == HOUR + 45 * MINUTE
    assert clock.elapsed(paris("2026-10-25"), paris("2026-10-26")) == DAY + HOUR


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1954, date(1954, 4, 18)),
        (1981, date(1981, 4, 19)),
        (2024, date(2024, 3, 31)),
        (2026, date(2026, 4, 5)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_falls_on_its_known_sundays(year: int, sunday: date) -> None:
    assert easter_sunday(year) == sunday


def test_france_has_eleven_holidays_a_year() -> None:
    assert len(french_holidays(2026)) == 11
    assert {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2026, 7, 14)} <= french_holidays(2026)
