from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from kpi_agent.domain.time import DAY, HOUR, MINUTE, Period
from kpi_agent_reports.catalogue import with_no_breaks
from kpi_agent_reports.durations import duration_text
from kpi_agent_reports.words import Words, capitalised
from sample_contract import paris

FR = Words("fr", "Europe/Paris")
EN = Words("en", "Europe/Paris")
NB, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (0, "0 s", "0 s"),
        (45, "45 s", "45 s"),
        (270, "4 min 30 s", "4 min 30 s"),
        (26 * MINUTE, "26 min", "26 min"),
        (2 * HOUR + 41 * MINUTE, "2 h 41", "2 h 41 min"),
        (9 * HOUR + 5 * MINUTE, "9 h 05", "9 h 5 min"),
        (4 * HOUR, "4 h", "4 h"),
        (26 * HOUR + 10 * MINUTE, "26 h 10", "26 h 10 min"),
        (120 * HOUR, "120 h", "120 h"),
        (69_548 * HOUR + 5 * MINUTE, "69\u202f548 h 05", "69,548 h 5 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: int, french: str, english: str) -> None:
    assert duration_text(seconds, "fr").replace(NB, " ") == french
    assert duration_text(seconds, "en").replace(NB, " ") == english


def test_service_hours_never_become_days_but_ages_do() -> None:
    assert FR.duration(76 * HOUR) == f"76{NB}h"
    assert FR.duration(76 * HOUR, has_days=True) == f"3{NB}j{NB}4{NB}h"
    assert EN.duration(76 * HOUR, has_days=True) == f"3{NB}d{NB}4{NB}h"
    assert EN.duration(118 * DAY, has_days=True) == f"118{NB}d"


def test_what_is_cut_from_a_duration_makes_it_longer_unless_less_is_worse() -> None:
    assert EN.duration(26 * MINUTE + 1) == f"27{NB}min"
    assert EN.duration(26 * MINUTE + 59, is_rounded_up=False) == f"26{NB}min"
    assert EN.duration(Fraction(7261, 2)) == f"1{NB}h{NB}1{NB}min"


@pytest.mark.parametrize(
    ("ratio", "cut", "digits", "text"),
    [
        (Fraction(9496, 10000), "down", 1, "94,9"),
        (Fraction(77, 81), "down", 1, "95,0"),
        (Fraction(46, 49), "down", 1, "93,8"),
        (Fraction(19, 138), "up", 1, "13,8"),
        (Fraction(15001, 100000), "up", 1, "15,1"),
        (Fraction(1), "down", 1, "100"),
        (Fraction(3, 4), "down", 1, "75"),
        (Fraction(945, 1000), "down", 1, "94,5"),
        (Fraction(2640840, 2642400), "down", 3, "99,940"),
        (Fraction(999999, 1000000), "down", 1, "99,9"),
        (Fraction(0), "down", 1, "0"),
    ],
)
def test_a_share_is_cut_to_the_side_that_is_worse_and_an_exact_one_is_short(
    ratio: Fraction, cut: str, digits: int, text: str
) -> None:
    assert FR.percent(ratio, digits=digits, is_floored=cut == "down") == f"{text}{NB}%"


def test_thousands_stand_apart() -> None:
    assert FR.number(1204567) == f"1{NARROW}204{NARROW}567"
    assert EN.number(1204567) == "1,204,567"


def test_english_percentages_carry_no_space() -> None:
    assert EN.percent(Fraction(862, 1000)) == "86.2%"


def test_differences_in_points_are_cut_toward_zero_and_signed() -> None:
    assert FR.points(Fraction(-478, 10000)) == "−4,7"
    assert FR.points(Fraction(24, 100000), digits=2) == "+0,02"


def test_contractual_limits_keep_their_own_unit() -> None:
    assert FR.limit("3wd", 30 * HOUR).replace(NB, " ") == "3 jours ouvrés"
    assert EN.limit("1wd", 10 * HOUR) == "1 working day"
    assert FR.limit("14d", 14 * DAY).replace(NB, " ") == "14 jours"
    assert FR.limit("30m", 30 * MINUTE) == f"30{NB}min"
    assert FR.limit("PT1H", HOUR) == f"1{NB}h"


def test_dates_and_hours_are_those_of_the_zone() -> None:
    assert FR.day(date(2026, 10, 1)) == f"1er{NB}octobre"
    assert FR.moment(paris("2026-11-03 07:00")) == f"3{NB}novembre à 7{NB}h{NB}00"
    assert EN.moment(paris("2026-11-03 07:00")) == f"3{NB}November at 07:00"
    assert FR.short_moment(paris("2026-10-14 09:12")).replace(NB, " ") == "14 oct. 9 h 12"


@pytest.mark.parametrize(
    ("period", "french", "english"),
    [
        ("2026-10", "octobre 2026", "October 2026"),
        ("2026-W44", "semaine 44 de 2026", "week 44 of 2026"),
        ("2026-Q1", "1er trimestre 2026", "quarter 1 of 2026"),
        ("2026-Q4", "4e trimestre 2026", "quarter 4 of 2026"),
    ],
)
def test_periods_have_names(period: str, french: str, english: str) -> None:
    parsed = Period.parse(period, "Europe/Paris")

    assert (FR.period(parsed), EN.period(parsed)) == (french, english)


def test_french_takes_no_break_spaces_before_its_marks_and_units() -> None:
    assert with_no_breaks("« a » : b ; c ! d ? 5 % {n} h") == (
        f"«{NB}a{NB}»{NB}: b{NB}; c{NB}! d{NB}? 5{NB}% {{n}}{NB}h"
    )


def test_zero_is_singular_in_french_and_plural_in_english() -> None:
    assert FR.count("{n} breach", "{n} breaches", 0) == "0 dépassement"
    assert EN.count("{n} breach", "{n} breaches", 0) == "0 breaches"


def test_a_language_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(KeyError):
        Words("de", "Europe/Berlin")


def test_only_the_first_letter_is_raised() -> None:
    assert capitalised("octobre 2026, Opsline") == "Octobre 2026, Opsline"
    assert capitalised("") == ""
