from datetime import date

import pytest

from kpi_agent.config.holidays import public_holidays


def test_french_holidays_are_named_in_french() -> None:
    assert public_holidays("FR", "fr")[date(2026, 7, 14)] == "Fête nationale"


def test_french_holidays_are_named_in_english_for_an_english_report() -> None:
    assert public_holidays("FR", "en")[date(2026, 7, 14)] == "National Day"


def test_a_country_without_the_language_keeps_its_own_names() -> None:
    assert date(2026, 1, 26) in public_holidays("AU", "fr")


def test_alsace_has_good_friday_under_each_of_its_numbers() -> None:
    good_friday = date(2026, 4, 3)

    assert good_friday not in public_holidays("FR", "fr")
    for code in ("FR-57", "FR-67", "FR-68", "FR-6AE"):
        assert good_friday in public_holidays(code, "fr")


def test_years_are_worked_out_when_asked_for() -> None:
    found = public_holidays("FR", "fr")
    assert len(found) == 0

    assert date(2031, 12, 25) in found
    assert date(2026, 12, 25) in found

    assert [day.year for day in found] == [2026] * 11 + [2031] * 11


@pytest.mark.parametrize(
    ("code", "words"), [("FRA", "did you mean 'FR'"), ("FR-75", "write FR"), ("fr", "did you mean 'FR'")]
)
def test_unknown_places_are_refused(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        public_holidays(code, "fr")
